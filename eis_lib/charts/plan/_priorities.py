"""The rank of each recommendation under each method, and how far a weight can move before the first changes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import ROW, _rows, two_lines


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
    order, methods = distinct(data["label"]), distinct(data["method"])
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
    order = distinct(rows["label"])
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
