"""The landscape of two years by how well it is dated, and how complete its records are."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct

DATING_COLOURS = {
    "dated": theme.COLOURS["support"],
    "no end recorded": theme.COLOURS["others"],
    "no start recorded": theme.COLOURS["unknown"],
}


def dated_years(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the landscape of two years side by side, with what is dated apart from what is assumed.

    Parameters
    ----------
    counts
        ``label`` (in order), ``year``, ``dating`` (see :data:`eis_lib.methods.landscape.DATINGS`), ``services``.
    """
    labels, years = distinct(counts["label"]), sorted(set(counts["year"]))
    total = counts.groupby(["label", "year"], sort=False)["services"].sum().reset_index()
    most = max(int(total["services"].max()), 1)
    panels = []
    for n, year in enumerate(years):
        numbers = (
            alt.Chart(total.loc[total["year"] == year, ["label", "services"]])
            .mark_text(align="left", dx=4)
            .encode(
                y=alt.Y("label:N", sort=labels),
                x="services:Q",
                text=alt.condition("datum.services > 0", alt.Text("services:Q"), alt.value("–")),
            )
        )
        axis = alt.Axis(domain=False, ticks=False) if n == 0 else None
        bars = _by_dating(counts[counts["year"] == year], most).encode(
            y=alt.Y("label:N", sort=labels, title=None, axis=axis)
        )
        panels.append(
            (bars + numbers).properties(
                width=225,
                height=21 * len(labels),
                title=alt.TitleParams(str(year), fontSize=13, anchor="middle", offset=4),
            )
        )
    chart = alt.hconcat(*panels, spacing=18).resolve_scale(color="shared")
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _by_dating(counts: pd.DataFrame, most: int) -> alt.Chart:
    """Return the services of a year as bars, by how well they are dated."""
    datings = list(DATING_COLOURS)
    drawn = counts.loc[counts["services"] > 0, ["label", "dating", "services"]]
    return (
        alt.Chart(drawn.assign(rank=drawn["dating"].map(datings.index)))
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X(
                "services:Q",
                title="services",
                scale=alt.Scale(domain=[0, most * 1.12]),
                axis=alt.Axis(tickMinStep=1, tickCount=5, format="d"),
            ),
            order=alt.Order("rank:Q"),
            color=alt.Color(
                "dating:N",
                scale=alt.Scale(domain=datings, range=list(DATING_COLOURS.values())),
                legend=alt.Legend(
                    title=None,
                    orient="top",
                    labelExpr="{'dated': 'both years recorded', 'no end recorded': 'no last year recorded', 'no start recorded': 'no first year recorded'}[datum.label]",
                ),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="Support"),
                alt.Tooltip("dating:N", title="Dating"),
                alt.Tooltip("services:Q", title="Services"),
            ],
        )
    )


def completeness(
    measures: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str, order: Sequence[str]
) -> alt.TopLevelMixin:
    """Return how much of the inventory is filled and sourced, as shares of its records.

    Parameters
    ----------
    measures
        ``table``, ``label``, ``share`` (0–1), ``note`` (words beside the bar).
    order
        The tables, in order.
    """
    panels = []
    for n, name in enumerate(order):
        rows = measures.loc[measures["table"] == name, ["label", "share", "note"]]
        base = alt.Chart(rows).encode(
            y=alt.Y(
                "label:N",
                sort=distinct(rows["label"]),
                title=None,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=240, minExtent=205),
            ),
            x=alt.X(
                "share:Q",
                scale=alt.Scale(domain=[0, 1]),
                title="share of records" if n == len(order) - 1 else None,
                axis=alt.Axis(format="%", tickCount=5, labels=n == len(order) - 1, ticks=n == len(order) - 1),
            ),
        )
        bars = base.mark_bar(color=theme.COLOURS["support"])
        words = base.mark_text(align="left", fontSize=11).encode(x=alt.value(307), text="note:N")
        panels.append(
            (bars + words).properties(
                width=300,
                height=22 * len(rows),
                title=alt.TitleParams(name, fontSize=13, anchor="start", offset=4),
            )
        )
    chart = alt.vconcat(*panels, spacing=10)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
