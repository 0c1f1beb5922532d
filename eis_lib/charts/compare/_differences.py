"""What the other regions have on record and this one lacks, and the other way round, as a heat map."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.compare._profiles import DARK, _rows
from eis_lib.charts.parts import _column_axis, distinct

DIFFERENCE_COLOURS = {
    "missing here": theme.COLOURS["gap"],
    "rarer here": theme.DIVERGING[2],
    "alike": theme.COLOURS["none"],
    "only here": theme.COLOURS["support"],
    "unknown": theme.COLOURS["unknown"],
}


def coverage_difference(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return a heat map of what the other regions have and this one lacks, and the other way round.

    Parameters
    ----------
    cells
        ``row``, ``column`` (labels, in order; a column of two lines by a line break), ``standing`` (see
        :func:`eis_lib.methods.transfer.coverage_differences`) and ``mark``, the text of the cell.
    """
    drawn = cells[["row", "column", "standing", "mark"]].assign(is_dark=cells["standing"].isin(DARK))
    kinds = [kind for kind in DIFFERENCE_COLOURS if kind in set(cells["standing"])]
    base = alt.Chart(drawn).encode(
        x=alt.X("column:N", sort=distinct(cells["column"]), title=None, axis=_column_axis(34)),
        y=_rows("row", cells["row"]),
        tooltip=[
            alt.Tooltip("row:N", title="Kind of support"),
            alt.Tooltip("column:N", title="For"),
            alt.Tooltip("mark:N", title="Services here | other regions that have one"),
            alt.Tooltip("standing:N", title="Standing"),
        ],
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "standing:N",
            scale=alt.Scale(domain=kinds, range=[DIFFERENCE_COLOURS[kind] for kind in kinds]),
            legend=alt.Legend(title=None, symbolType="square", columns=5),
        )
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    width = min(480, 92 * cells["column"].nunique())
    chart = (boxes + text).properties(width=width, height=24 * cells["row"].nunique())
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
