"""The alerts in time, from opening to closing."""

from __future__ import annotations

from types import MappingProxyType

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _rows_axis, distinct
from eis_lib.charts.review._control import _time

STATE_SHAPES = MappingProxyType({"open": "triangle-up", "decided": "square", "closed": "circle"})


def alerts_timeline(
    alerts: pd.DataFrame,
    shocks: pd.DataFrame,
    *,
    until: str,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return alerts as bars in time, from opening to closing; what is still open ends at the review.

    Parameters
    ----------
    alerts
        ``row`` (label of its line), ``start`` and ``end`` (ISO days), ``state`` (open, decided, closed) and ``words`` (text beside the
        opening; may be empty).
    shocks
        ``date`` (ISO), ``name``: vertical marks.
    until
        Review date (ISO).
    """
    order = distinct(alerts["row"])
    first = min([*alerts["start"], *shocks["date"]])
    span = (f"{int(first[:4]) - 1}-10-01", f"{int(until[:4]) + 1}-01-01")
    lines = max(row.count("\n") for row in order) + 1
    y = alt.Y("row:N", sort=order, title=None, axis=_rows_axis(260, lines=lines))
    late = f"{(int(first[:4]) + int(until[:4])) // 2 + 1}"
    data = alerts[["row", "start", "end", "state", "words"]].assign(is_late=alerts["start"] >= late)
    base = alt.Chart(data).encode(y=y)
    bars = base.mark_bar(height=6, opacity=0.55).encode(
        x=_time("start:T", domain=span),
        x2="end:T",
        color=alt.condition(
            "datum.state == 'open'", alt.value(theme.COLOURS["gap"]), alt.value(theme.COLOURS["neutral"])
        ),
    )
    states = [s for s in STATE_SHAPES if s in set(alerts["state"])]
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=_time("start:T", domain=span),
        shape=alt.Shape(
            "state:N",
            scale=alt.Scale(domain=states, range=[STATE_SHAPES[s] for s in states]),
            legend=alt.Legend(title="Alert is now"),
        ),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states, range=[theme.COLOURS["gap" if s == "open" else "neutral"] for s in states]
            ),
            legend=alt.Legend(title="Alert is now"),
        ),
    )
    words = base.encode(x=_time("start:T", domain=span), text="words:N")
    right = words.transform_filter("!datum.is_late").mark_text(align="left", dx=8, dy=-9, fontSize=11)
    left = words.transform_filter("datum.is_late").mark_text(align="right", dx=-8, dy=-9, fontSize=11)
    chart = (_shocks(shocks, span) + bars + marks + right + left).properties(
        width=500, height=38 * len(order)
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _shocks(shocks: pd.DataFrame, span: tuple[str, str]) -> alt.LayerChart:
    """Return a dashed line with its name for each shock."""
    dashes = (
        alt.Chart(shocks)
        .mark_rule(strokeDash=[4, 3], color=theme.COLOURS["neutral"])
        .encode(x=_time("date:T", domain=span))
    )
    names = (
        alt.Chart(shocks)
        .mark_text(align="left", dx=4, fontSize=11, color=theme.COLOURS["neutral"], baseline="bottom")
        .encode(x=_time("date:T", domain=span), y=alt.value(-4), text="name:N")
    )
    return dashes + names
