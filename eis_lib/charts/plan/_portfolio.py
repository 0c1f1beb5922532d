"""The best value for each budget, and how many actions have a known cost."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import _rows


def budget_curve(
    curve: pd.DataFrame, marks: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the best value for each budget as steps, with the answers at the budget marked.

    Parameters
    ----------
    curve
        ``budget_eur``, ``value``.
    marks
        ``label``, ``cost_eur``, ``value``.
    """
    x = alt.X(
        "budget_eur:Q",
        title="budget, million euros",
        axis=alt.Axis(labelExpr="format(datum.value / 1e6, ',.3~f')", tickCount=6),
    )
    steps = (
        alt.Chart(curve[["budget_eur", "value"]])
        .mark_line(interpolate="step-after", color=theme.COLOURS["support"], strokeWidth=2.5)
        .encode(
            x=x,
            y=alt.Y(
                "value:Q",
                title="demand addressed (weight × severity)",
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
        )
    )
    shown = marks["label"].tolist()
    colours = [theme.COLOURS["gap"], theme.COLOURS["level_regional"], theme.COLOURS["level_eu"]]
    shapes = ["circle", "diamond", "cross"]
    # rings of falling size, so that answers that coincide can all be seen
    points = (
        alt.Chart(
            marks[["label", "cost_eur", "value"]].assign(size=[420 // (n + 1) for n in range(len(marks))])
        )
        .mark_point(filled=False, strokeWidth=3, opacity=1)
        .encode(
            x="cost_eur:Q",
            y="value:Q",
            size=alt.Size("size:Q", scale=None, legend=None),
            color=alt.Color(
                "label:N", title=None, scale=alt.Scale(domain=shown, range=colours[: len(shown)])
            ),
            shape=alt.Shape("label:N", title=None, scale=alt.Scale(domain=shown, range=shapes[: len(shown)])),
        )
    )
    chart = (steps + points).properties(width=theme.WIDTH, height=260)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def known_costs(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how many actions have a cost, a source of money and amounts that add up, published and proposed apart.

    Parameters
    ----------
    rows
        ``group`` (rows, in order), ``state`` (legend, in order), ``actions`` (number).
    """
    groups, states = distinct(rows["group"]), distinct(rows["state"])
    colours = [theme.COLOURS["support"], theme.COLOURS["others"], theme.COLOURS["unknown"]]
    drawn = rows[rows["actions"] > 0].assign(place=rows["state"].map(states.index))
    base = alt.Chart(drawn[["group", "state", "actions", "place"]]).encode(y=_rows("group", groups))
    bars = base.mark_bar(height=26, stroke="white").encode(
        x=alt.X("actions:Q", stack="zero", title="actions", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color("state:N", title=None, scale=alt.Scale(domain=states, range=colours[: len(states)])),
        order="place:Q",
    )
    middle = (
        base.transform_stack(
            stack="actions", as_=["from", "to"], groupby=["group"], sort=[alt.SortField("place")]
        )
        .transform_calculate(mid="(datum.from + datum.to) / 2")
        .mark_text(fontWeight="bold")
        .encode(
            x="mid:Q",
            text="actions:Q",
            color=alt.condition("datum.place == 0", alt.value("white"), alt.value(theme.COLOURS["ink"])),
        )
    )
    chart = (bars + middle).properties(width=420, height=46 * len(groups))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
