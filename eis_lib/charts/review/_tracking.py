"""How much of the way to each target is done, against what the path expects."""

from __future__ import annotations

from types import MappingProxyType

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _rows_axis, distinct
from eis_lib.charts.review._control import ROW_HEIGHT

LIGHT_COLOURS = MappingProxyType(
    {
        "green": theme.COLOURS["good"],
        "amber": theme.COLOURS["warning"],
        "red": theme.COLOURS["bad"],
        "grey": theme.COLOURS["unknown"],
    }
)


def target_tracking(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return a bullet chart: how much of the way to each target is done, against what the path expects.

    Parameters
    ----------
    rows
        ``indicator`` (label), ``attainment`` and ``expected`` (shares of the way; missing where undefined), ``light`` (green, amber,
        red, grey) and ``words`` (text that says state and values).
    """
    order = distinct(rows["indicator"])
    shown = rows["attainment"].dropna()
    low = min(0.0, float(shown.min()) if len(shown) else 0.0)
    high = max(1.0, float(shown.max()) if len(shown) else 1.0)
    y = alt.Y("indicator:N", sort=order, title=None, axis=_rows_axis(220, lines=2))
    scale = alt.Scale(domain=[low, high * 1.0 + 0.9])
    axis = alt.Axis(format="%", values=[v / 4 for v in range(int(low * 4) - 1, int(high * 4) + 1)])
    base = alt.Chart(rows[["indicator", "attainment", "expected", "light", "words"]]).encode(y=y)
    bars = base.mark_bar(height=16).encode(
        x=alt.X("attainment:Q", title="share of the way from baseline to target", scale=scale, axis=axis),
        color=alt.Color(
            "light:N",
            scale=alt.Scale(domain=list(LIGHT_COLOURS), range=list(LIGHT_COLOURS.values())),
            legend=None,
        ),
    )
    ticks = base.mark_tick(thickness=3, size=24, color=theme.COLOURS["ink"]).encode(x="expected:Q")
    text = base.mark_text(align="left", fontSize=11).encode(
        x=alt.datum(high + 0.04), text="words:N"
    )  # beyond every bar, so that nothing is written on one
    target = (
        alt.Chart(pd.DataFrame({"x": [1.0]}))
        .mark_rule(strokeDash=[4, 3], color=theme.COLOURS["neutral"])
        .encode(x="x:Q")
    )
    chart = (bars + ticks + target + text).properties(width=520, height=ROW_HEIGHT * len(order) + 10)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
