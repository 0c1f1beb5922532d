"""The structural distance to every other region, and what each dimension adds to it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.compare._profiles import _rows
from eis_lib.charts.parts import distinct


def structural_peers(
    parts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the structural distance to every other region, as a bar of what each dimension adds.

    Parameters
    ----------
    parts
        ``other`` (label, nearest first), ``dimension`` (label), ``part``, ``distance``, ``note`` (text at the bar's end).
    """
    dimensions = distinct(parts["dimension"].sort_values())
    most = float(parts["distance"].max()) or 1.0
    y = _rows("other", parts["other"])
    bars = (
        alt.Chart(parts[["other", "dimension", "part"]])
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            y=y,
            x=alt.X(
                "part:Q",
                stack="zero",
                title="structural distance (squared, standardised)",
                scale=alt.Scale(domain=[0, most * 1.3]),
            ),
            color=alt.Color(
                "dimension:N",
                sort=dimensions,
                scale=alt.Scale(domain=dimensions, range=list(theme.CATEGORICAL[: len(dimensions)])),
                legend=alt.Legend(title="what sets them apart"),
            ),
            order=alt.Order("dimension:N"),
            tooltip=[
                alt.Tooltip("other:N", title="Region"),
                alt.Tooltip("dimension:N", title="Dimension"),
                alt.Tooltip("part:Q", title="Adds", format=".2f"),
            ],
        )
    )
    text = (
        alt.Chart(parts.drop_duplicates("other")[["other", "distance", "note"]])
        .mark_text(align="left", dx=6)
        .encode(y=y, x=alt.X("distance:Q"), text="note:N")
    )
    chart = (bars + text).properties(width=400, height=30 * parts["other"].nunique())
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
