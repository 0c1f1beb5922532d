"""The rank of each region with its interval, and which choice moves the ranks."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.compare._profiles import ROW_HEIGHT, _rows


def rank_intervals(
    frame: pd.DataFrame, *, units: int, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the rank of each region with the interval it takes when all choices are drawn at random.

    Parameters
    ----------
    frame
        ``region`` (label, in order), ``nominal``, ``median``, ``low``, ``high`` (ranks, 1 = best), ``is_own``.
    units
        Number of units ranked.
    """
    y = _rows("region", frame["region"])
    drawn = frame[["region", "nominal", "median", "low", "high", "is_own"]]
    scale = alt.Scale(domain=[1, units], nice=False)
    colour = alt.condition(
        "datum.is_own", alt.value(theme.COLOURS["highlight"]), alt.value(theme.COLOURS["others"])
    )
    x = alt.X("low:Q", title=f"rank among {units} regions (1 = best)", scale=scale)
    bars = alt.Chart(drawn).mark_bar(height=12, cornerRadius=3).encode(y=y, x=x, x2="high:Q", color=colour)
    median = alt.Chart(drawn).mark_tick(thickness=2, size=18, color=theme.COLOURS["ink"]).encode(
        y=y, x=alt.X("median:Q", scale=scale)
    )  # fmt: skip
    nominal = alt.Chart(drawn).mark_point(
        shape="diamond", filled=True, size=90, color=theme.COLOURS["gap"], stroke="white", opacity=1
    ).encode(
        y=y,
        x=alt.X("nominal:Q", scale=scale),
        tooltip=[
            alt.Tooltip("region:N", title="Region"),
            alt.Tooltip("nominal:Q", title="Rank as chosen"),
            alt.Tooltip("low:Q", title="5th percentile"),
            alt.Tooltip("median:Q", title="Median"),
            alt.Tooltip("high:Q", title="95th percentile"),
        ],
    )  # fmt: skip
    text = alt.Chart(drawn.assign(text=[f"{r.low:.0f}–{r.high:.0f}" for r in frame.itertuples()])).mark_text(
        align="left"
    ).encode(y=y, x=alt.value(400 + 10), text="text:N")  # fmt: skip
    chart = (bars + median + nominal + text).properties(width=400, height=30 * len(frame))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def sensitivity(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return which choice moves the ranks: total order as a bar with its interval, first order as a tick.

    Parameters
    ----------
    frame
        ``input`` (label, largest first), ``first_order``, ``total_order``, ``total_low``, ``total_high``.
    """
    y = _rows("input", frame["input"])
    drawn = frame[["input", "first_order", "total_order", "total_low", "total_high"]]
    x = alt.X(
        "total_order:Q",
        title="share of the variance of the mean rank shift",
        axis=alt.Axis(format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    bars = alt.Chart(drawn).mark_bar(height=14, color=theme.COLOURS["others"]).encode(
        y=y,
        x=x,
        tooltip=[
            alt.Tooltip("input:N", title="Choice"),
            alt.Tooltip("first_order:Q", title="Alone (first order)", format=".1%"),
            alt.Tooltip("total_order:Q", title="With all it works through (total)", format=".1%"),
        ],
    )  # fmt: skip
    interval = alt.Chart(drawn).mark_rule(strokeWidth=2, color=theme.COLOURS["neutral"]).encode(
        y=y, x=alt.X("total_low:Q"), x2="total_high:Q"
    )  # fmt: skip
    alone = alt.Chart(drawn).mark_tick(thickness=3, size=16, color=theme.COLOURS["highlight"]).encode(
        y=y, x=alt.X("first_order:Q")
    )  # fmt: skip
    chart = (bars + interval + alone).properties(width=380, height=ROW_HEIGHT * len(frame))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
