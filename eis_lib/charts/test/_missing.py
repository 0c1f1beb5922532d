"""Services by kind of support and by who gives them, with what an empty row means."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import ROW_HEIGHT, _rows_axis


def missing_support(
    services: pd.DataFrame,
    marks: pd.DataFrame,
    *,
    whose: Sequence[str],
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return kinds of support as stacked bars; what is not there says in words why.

    Parameters
    ----------
    services
        ``kind`` (label), ``whose`` (label), ``services`` (number).
    marks
        ``kind`` (label, in reading order), ``services`` (number in all), ``mark`` (text beside the bar).
    whose
        Labels of those who give them, in order.
    """
    rows = distinct(marks["kind"])
    y = alt.Y("kind:N", sort=rows, title=None, axis=_rows_axis(240))
    bars = (
        alt.Chart(services)
        .mark_bar(height=16)
        .encode(
            y=y,
            x=alt.X("sum(services):Q", title="services", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=alt.Color(
                "whose:N",
                title=None,
                sort=list(whose),
                scale=alt.Scale(
                    domain=list(whose),
                    range=[theme.COLOURS["support"], theme.COLOURS["others"], theme.COLOURS["unknown"]],
                ),
            ),
            order=alt.Order("place:Q"),
        )
        .transform_calculate(place=f"indexof({list(whose)!r}, datum.whose)")
    )
    text = (
        alt.Chart(marks)
        .mark_text(align="left", dx=5, fontSize=11, color=theme.COLOURS["ink"])
        .encode(y=y, x="services:Q", text="mark:N")
    )
    chart = (bars + text).properties(width=420, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
