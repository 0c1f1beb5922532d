"""What charts of several steps share: axes beside and above a matrix, labels, and a picture of nothing."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme

PLACE_WIDTH = 76
"""Width in pixels of a column that stands for one region."""


def _column_axis(height: int = 48) -> alt.Axis:
    """Return the axis above a matrix for labels of up to three lines, split at line breaks."""
    return alt.Axis(
        orient="top", labelAngle=0, labelBaseline="top", labelPadding=height, labelLineHeight=14, domain=False, ticks=False,
        labelExpr="split(datum.label, '\\n')", labelLimit=PLACE_WIDTH + 20,
    )  # fmt: skip


def _euros(value: float) -> str:
    """Return an amount as words short enough for a label.

    >>> _euros(28_000_000), _euros(8627), _euros(1.2e9)
    ('28 m', '9 k', '1.2 bn')
    """
    for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {word}" if size > 1e3 else f"{value / size:.0f} {word}"
    return f"{value:.0f}"


def _two_lines(label: str) -> str:
    """Return a label broken at the space nearest its middle; one word stands on the second line."""
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return f"\n{label}"
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"


def _matrix_axis() -> alt.Axis:
    """Return the axis above a matrix, for labels of two lines."""
    return alt.Axis(
        orient="top",
        labelAngle=0,
        labelBaseline="top",
        labelPadding=34,
        labelLineHeight=14,
        domain=False,
        ticks=False,
        labelExpr="split(datum.label, '\\n')",
    )


def distinct(values: pd.Series) -> list[Any]:
    """Return the values once each, in the order they first come."""
    return list(dict.fromkeys(values))


def _rows_axis(limit: int = 280, *, lines: int = 1) -> alt.Axis:
    """Return the axis beside a matrix; labels of several lines are set around the middle of their row."""
    return alt.Axis(
        domain=False,
        ticks=False,
        labelLimit=limit,
        labelPadding=8,
        labelLineHeight=14,
        labelOffset=-7 * (lines - 1),
        labelExpr="split(datum.label, '\\n')",
    )


def nothing_to_show(title: str, subtitle: str) -> alt.TopLevelMixin:
    """Return a picture that says that there is nothing to draw, so that its place is not simply empty."""
    chart = (
        alt.Chart(pd.DataFrame({"text": [subtitle]}))
        .mark_text(align="left")
        .encode(x=alt.value(0), text="text:N")
    )
    return theme.finish(
        chart.properties(width=theme.WIDTH, height=30), title=title, description=f"{title}. {subtitle}"
    )
