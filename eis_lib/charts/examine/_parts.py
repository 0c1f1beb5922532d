"""What the charts of step 2 share: row heights, axis, legend, and words for how a policy stands."""

from __future__ import annotations

from typing import Any

import altair as alt

from eis_lib.charts import theme

_C = theme.COLOURS
ROW = 22  # pixels a labelled row needs

STANDING_LABELS = {
    "in-force": "in force",
    "undated": "no end year",
    "ended": "ended",
    "not-started": "not begun",
}


def _height(rows: int) -> int:
    return max(2, rows) * ROW


def _y(field: str, order: list[str], **options: Any) -> alt.Y:
    return alt.Y(f"{field}:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, **options))


def _legend(columns: int | None = None) -> alt.Legend:
    """Return a legend at the top whose columns stay beside one another."""
    return alt.Legend(title=None, columns=columns or alt.Undefined)
