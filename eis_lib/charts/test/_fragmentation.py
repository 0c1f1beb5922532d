"""How many providers work in each need area, and how many it would be if all gave the same."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import ROW_HEIGHT, _rows_axis


def fragmentation(
    areas: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return need areas with the number of providers (bar) and the effective number (tick).

    Parameters
    ----------
    areas
        ``area`` (label), ``providers`` (number), ``effective_providers`` (number, missing where nobody provides), ``note``.
    """
    rows = distinct(areas["area"])
    base = alt.Chart(areas[["area", "providers", "effective_providers", "note"]]).encode(
        y=alt.Y("area:N", sort=rows, title=None, axis=_rows_axis())
    )
    scale = alt.Scale(domain=[0, max(float(areas["providers"].max()) * 1.6, 1)])
    axis = alt.Axis(tickMinStep=1, format="d", title="providers")
    bars = base.mark_bar(height=14, color=theme.COLOURS["others"]).encode(
        x=alt.X("providers:Q", scale=scale, axis=axis)
    )
    ticks = (
        base.transform_filter("isValid(datum.effective_providers)")
        .mark_tick(thickness=4, size=22, color=theme.COLOURS["support"])
        .encode(x=alt.X("effective_providers:Q", scale=scale, axis=axis))
    )
    text = base.mark_text(align="left", dx=8, fontSize=11).encode(
        x=alt.X("providers:Q", scale=scale, axis=axis), text="note:N"
    )
    chart = (bars + ticks + text).properties(width=440, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
