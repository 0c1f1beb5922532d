"""What each series said at each event of the past, and how often it cried out in calm times."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _rows_axis, distinct

VERDICTS = ("signalled", "already open", "silent", "too few points yet", "no data")


def hindsight(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return what each series said at each event, as words in a matrix, and how often it cried out in calm times.

    Parameters
    ----------
    cells
        ``series`` and ``shock`` (labels, in order; the last column is calm times), ``verdict`` (one of :data:`VERDICTS`, or *calm* and
        *noise* in the last column) and ``mark`` (text of the cell, up to two lines).
    """
    rows, columns = distinct(cells["series"]), distinct(cells["shock"])
    colours = {
        "signalled": theme.COLOURS["support"],
        "already open": theme.COLOURS["others"],
        "silent": theme.COLOURS["level_local"],
        "too few points yet": theme.COLOURS["faint"],
        "no data": theme.COLOURS["none"],
        "calm": theme.COLOURS["none"],
        "noise": theme.DIVERGING[2],
    }
    base = alt.Chart(
        cells[["series", "shock", "verdict"]].assign(
            mark=[m.split("\n") for m in cells["mark"]],
            lines=[m.count("\n") + 1 for m in cells["mark"]],
            is_dark=cells["verdict"] == "signalled",
        )
    ).encode(
        x=alt.X(
            "shock:N",
            sort=columns,
            title=None,
            axis=alt.Axis(
                orient="top", labelAngle=0, domain=False, ticks=False, labelExpr="split(datum.label, '\\n')",
                labelLineHeight=14, labelBaseline="top", labelPadding=32,
            ),
        ),
        y=alt.Y("series:N", sort=rows, title=None, axis=_rows_axis(250, lines=2)),
    )  # fmt: skip
    box = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "verdict:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
        )
    )
    words = base.encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    one = words.transform_filter("datum.lines == 1").mark_text(fontSize=11)
    two = words.transform_filter("datum.lines == 2").mark_text(fontSize=11, lineHeight=14, dy=-7)
    chart = (box + one + two).properties(width=118 * len(columns), height=40 * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
