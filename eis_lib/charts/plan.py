"""Charts of step 5, plan: what to do, in which order, for how much, and who answers for it.

Every function takes a tidy frame whose labels are words a reader knows and whose rows are in reading order, and returns a
finished chart; only the rows drawn go into it.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW = 30
OPTION_COLOURS = {
    "add": theme.COLOURS["gap"],
    "redesign": theme.COLOURS["level_local"],
    "coordinate": theme.COLOURS["support"],
    "merge": theme.COLOURS["level_eu"],
    "transfer": theme.COLOURS["level_national"],
    "close": theme.COLOURS["neutral"],
    "keep": theme.COLOURS["unknown"],
}
AS_IS, TO_BE, PROPOSED = "as it is", "slimmed", "slimmed, with the proposals"
_LANDSCAPE_COLOURS = {
    AS_IS: theme.COLOURS["neutral"],
    TO_BE: theme.COLOURS["level_local"],
    PROPOSED: theme.COLOURS["support"],
}
_SHAPES = {AS_IS: "circle", TO_BE: "diamond", PROPOSED: "triangle-up"}


def _order(values: pd.Series) -> list[Any]:
    return list(dict.fromkeys(values))


def _rows(field: str, order: list[Any], *, limit: int = 300) -> alt.Y:
    return alt.Y(
        f"{field}:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            domain=False,
            ticks=False,
            labelLimit=limit,
            labelExpr="split(datum.label, '\\n')",
            labelLineHeight=14,
            # a label of two lines is raised by half a line, so that it stays level with its row
            labelOffset={"condition": {"test": "indexof(datum.label, '\\n') >= 0", "value": -7}, "value": 0},
        ),
    )


def two_lines(label: str, most: int = 42) -> str:
    """Return a label of at most two lines of so many characters, cut between words."""
    lines = theme.wrap(label, most)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1].rstrip(' ,;')} …"])


def recommendation_bars(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the recommendations as bars of the demand they bear on, weighed by severity.

    Parameters
    ----------
    rows
        ``label``, ``value`` (0–1), ``option`` (code), ``option_label``, ``note`` (text beside the bar), in order.
    """
    data = rows.assign(label=rows["label"].map(two_lines))
    order, options = _order(data["label"]), _order(data["option"])
    labels = dict(zip(data["option"], data["option_label"], strict=True))
    most = max(float(data["value"].max()), 0.01)
    base = alt.Chart(data[["label", "value", "option_label", "note"]]).encode(y=_rows("label", order))
    bars = base.mark_bar(height=16).encode(
        x=alt.X("value:Q", title="share of weighted demand × severity", scale=alt.Scale(domain=[0, most * 1.75]),
                axis=alt.Axis(format="%", tickCount=4)),
        color=alt.Color(
            "option_label:N",
            title="Option",
            scale=alt.Scale(domain=[labels[o] for o in options], range=[OPTION_COLOURS[o] for o in options]),
        ),
        tooltip=[alt.Tooltip("label:N", title="Recommendation"), alt.Tooltip("value:Q", format=".1%"), alt.Tooltip("note:N")],
    )  # fmt: skip
    text = base.mark_text(align="left", dx=5).encode(x="value:Q", text="note:N")
    chart = (bars + text).properties(width=320, height=ROW * 1.25 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def doors(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how many open services a served firm has per need, in both landscapes, joined by a line.

    Parameters
    ----------
    rows
        ``label``, ``landscape`` (:data:`AS_IS`, :data:`TO_BE`), ``doors`` (weighted mean), in order.
    """
    order = _order(rows["label"])
    base = alt.Chart(rows[["label", "landscape", "doors"]]).encode(y=_rows("label", order))
    line = base.mark_line(color=theme.COLOURS["faint"], strokeWidth=3).encode(
        x=alt.X("doors:Q", title="services open to a firm that has the need (weighted mean)", scale=alt.Scale(domainMin=0, nice=True)),
        detail="label:N",
    )  # fmt: skip
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        x="doors:Q",
        **_landscape_codes(rows),
        tooltip=["label:N", "landscape:N", alt.Tooltip("doors:Q", format=".1f")],
    )
    chart = (line + points).properties(width=380, height=26 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _landscape_codes(rows: pd.DataFrame) -> dict[str, Any]:
    shown = [name for name in _LANDSCAPE_COLOURS if name in set(rows["landscape"])]
    return {
        "color": alt.Color("landscape:N", title="Landscape", scale=alt.Scale(domain=shown, range=[_LANDSCAPE_COLOURS[s] for s in shown])),
        "shape": alt.Shape("landscape:N", title="Landscape", scale=alt.Scale(domain=shown, range=[_SHAPES[s] for s in shown])),
    }  # fmt: skip


def journeys_side_by_side(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the needs met and the hand-offs of every persona in each landscape, as a matrix of words.

    Parameters
    ----------
    rows
        ``persona``, ``landscape`` (columns, in order), ``mark`` (text), ``state`` ∈ ``same``, ``better``, ``mixed``, ``worse``, ``lost``.
    """
    order, columns = _order(rows["persona"]), _order(rows["landscape"])
    colours = {
        "same": theme.COLOURS["none"],
        "better": theme.COLOURS["good"],
        "mixed": theme.SEQUENTIAL[1],
        "worse": theme.COLOURS["warning"],
        "lost": theme.COLOURS["bad"],
    }
    base = alt.Chart(rows[["persona", "landscape", "mark", "state"]]).encode(
        x=alt.X("landscape:N", sort=columns, title=None,
                axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelLimit=200)),
        y=_rows("persona", order, limit=240),
    )  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2, opacity=0.75).encode(
        color=alt.Color(
            "state:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
        )
    )
    text = base.mark_text().encode(text="mark:N")
    chart = (cells + text).properties(width=170 * len(columns), height=24 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def method_ranks(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the rank of every recommendation under each method, as numbers on a scale of blue.

    Parameters
    ----------
    rows
        ``label``, ``method`` (columns, in order), ``rank`` (1 = first), in order.
    """
    data = rows.assign(label=rows["label"].map(two_lines))
    order, methods = _order(data["label"]), _order(data["method"])
    last = max(int(data["rank"].max()), 2)
    scale = theme.SEQUENTIAL[::-1]
    base = alt.Chart(data.assign(is_dark=theme.is_dark(data["rank"], (1, last), scale))).encode(
        x=alt.X("method:N", sort=methods, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)),
        y=_rows("label", order),
    )  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color("rank:Q", scale=alt.Scale(range=list(scale), domain=[1, last]), legend=None)
    )
    text = base.mark_text(fontWeight="bold").encode(
        text="rank:Q",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (cells + text).properties(width=100 * len(methods), height=ROW * 1.25 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def weight_moves(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return each criterion's weight and the nearest weight at which another recommendation comes first.

    Parameters
    ----------
    rows
        ``label``, ``weight``, ``weight_at_change`` (missing: no weight does it), ``note``, in order.
    """
    order = _order(rows["label"])
    data = rows[["label", "weight", "weight_at_change", "note"]]
    base = alt.Chart(data).encode(y=_rows("label", order))
    x = alt.X(
        "weight:Q",
        title="weight of the criterion",
        scale=alt.Scale(domain=[0, 1.0]),
        axis=alt.Axis(format="%"),
    )
    moved = base.transform_filter("isValid(datum.weight_at_change)")
    line = moved.mark_rule(color=theme.COLOURS["unknown"], strokeWidth=3).encode(x=x, x2="weight_at_change:Q")
    now = base.mark_point(size=120, filled=True, color=theme.COLOURS["support"], opacity=1).encode(x=x)
    then = moved.mark_point(
        size=120, shape="triangle-up", filled=True, color=theme.COLOURS["gap"], opacity=1
    ).encode(x="weight_at_change:Q")
    notes = base.transform_calculate(
        at="isValid(datum.weight_at_change) ? max(datum.weight, datum.weight_at_change) : datum.weight"
    )
    text = notes.mark_text(align="left", dx=10).encode(x="at:Q", text="note:N")
    chart = (line + now + then + text).properties(width=460, height=38 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


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


def timetable(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return actions as bars over years, with who answers for each.

    Parameters
    ----------
    rows
        ``label``, ``start`` and ``end`` (years, both included), ``owner``, ``kind`` (legend), in order.
    """
    data = rows.assign(label=rows["label"].map(two_lines), until=rows["end"] + 1)
    order, kinds = _order(data["label"]), _order(data["kind"])
    first, last = int(data["start"].min()), int(data["until"].max())
    colours = [theme.COLOURS["support"], theme.COLOURS["level_local"]]
    base = alt.Chart(data[["label", "start", "until", "owner", "kind"]]).encode(y=_rows("label", order))
    axis = alt.Axis(
        values=list(range(first, last + 1)), format="d", labelAlign="left", labelOffset=6, orient="top", gridColor=theme.COLOURS["faint"], domain=False,
        labelExpr=f"datum.value < {last} ? format(datum.value, 'd') : ''",
    )  # fmt: skip
    # the owner's name stands behind the bar: room for it is added to the years
    x = alt.X(
        "start:Q",
        title=None,
        scale=alt.Scale(domain=[first, last + 0.6 * (last - first)], nice=False),
        axis=axis,
    )
    bars = base.mark_bar(height=22).encode(
        x=x,
        x2="until:Q",
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=colours[: len(kinds)])),
    )
    text = base.mark_text(align="left", dx=6, fontSize=11).encode(x="until:Q", text="owner:N")
    chart = (bars + text).properties(width=420, height=ROW * 1.3 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def raci_matrix(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return who has which role in which action: bodies down, actions across, letters in the cells.

    Parameters
    ----------
    rows
        ``body``, ``action`` (short labels, in order), ``letters`` (e.g. ``A R``), ``is_accountable`` (bool).
    """
    bodies, actions = _order(rows["body"]), _order(rows["action"])
    base = alt.Chart(rows[["body", "action", "letters", "is_accountable"]]).encode(
        x=alt.X("action:N", sort=actions, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)),
        y=_rows("body", bodies, limit=320),
    )  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.condition(
            "datum.is_accountable", alt.value(theme.COLOURS["support"]), alt.value(theme.SEQUENTIAL[1])
        )
    )
    text = base.mark_text(fontWeight="bold").encode(
        text="letters:N",
        color=alt.condition("datum.is_accountable", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (cells + text).properties(width=min(380, 64 * len(actions)), height=26 * len(bodies))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def both_sides(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return, need by need, how many actions the region published and how many the review proposes.

    Parameters
    ----------
    rows
        ``label``, ``side`` (``published`` or ``proposed``), ``actions`` (number), in order.
    """
    order = _order(rows["label"])
    data = rows.assign(signed=rows["actions"].where(rows["side"] == "proposed", -rows["actions"]))
    most = max(int(rows["actions"].max()), 1)
    base = alt.Chart(data[["label", "side", "actions", "signed"]]).encode(y=_rows("label", order))
    bars = base.mark_bar(height=14).encode(
        x=alt.X("signed:Q", title="actions published  ←  →  recommendations", scale=alt.Scale(domain=[-most * 1.2, most * 1.2]),
                axis=alt.Axis(labelExpr="abs(datum.value)", tickMinStep=1, tickCount=6)),
        color=alt.Color("side:N", title=None, scale=alt.Scale(
            domain=["published", "proposed"], range=[theme.COLOURS["level_local"], theme.COLOURS["support"]])),
    )  # fmt: skip
    left = (
        base.transform_filter("datum.signed < 0")
        .mark_text(align="right", dx=-4)
        .encode(x="signed:Q", text="actions:Q")
    )
    right = (
        base.transform_filter("datum.signed > 0")
        .mark_text(align="left", dx=4)
        .encode(x="signed:Q", text="actions:Q")
    )
    chart = (bars + left + right).properties(width=400, height=24 * len(order))
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
    groups, states = _order(rows["group"]), _order(rows["state"])
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
