"""The governance scorecard: measures down, years across."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _rows_axis, distinct


def scorecard(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the governance scorecard: measures down, years across, "so many of so many" in each cell.

    Parameters
    ----------
    cells
        ``label`` (measure, in order), ``year``, ``share`` (0–1, missing where it cannot be told), ``mark`` (text).
    """
    rows, columns = distinct(cells["label"]), [str(y) for y in dict.fromkeys(cells["year"])]
    base = alt.Chart(
        cells[["label", "share", "mark"]].assign(
            year=cells["year"].astype(str),
            is_dark=theme.is_dark(cells["share"], (0, 1), [theme.SEQUENTIAL[0], theme.SEQUENTIAL[-2]]),
        )
    ).encode(
        x=alt.X(
            "year:N",
            sort=columns,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y("label:N", sort=rows, title=None, axis=_rows_axis(340)),
    )
    box = (
        base.transform_filter("isValid(datum.share)")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            color=alt.Color(
                "share:Q",
                scale=alt.Scale(domain=[0, 1], range=[theme.SEQUENTIAL[0], theme.SEQUENTIAL[-2]]),
                legend=alt.Legend(title="Share", format="%", gradientLength=160),
            )
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (box + text).properties(width=66 * len(columns), height=28 * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
