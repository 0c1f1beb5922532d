"""How many services stand in each cell of two facets, and which level stands where on the journey."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import _matrix_axis, _two_lines, distinct

ROW_HEIGHT = 24
LEVEL_COLOURS = {level: theme.COLOURS[f"level_{level}"] for level in ("local", "regional", "national", "eu")}


def coverage_map(
    cells: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
    row_title: str = "",
    column_title: str = "",
) -> alt.TopLevelMixin:
    """Return a heat map with the number of services in each cell.

    Parameters
    ----------
    cells
        ``row``, ``column`` (labels, in order), ``services``, ``providers`` (numbers), ``status`` (``covered``, ``general``,
        ``unknown``, ``none``) and ``mark``, the text of the cell, which tells the four apart without colour.
    """
    narrow = cells["column"].nunique() > 7
    written = cells["column"] if narrow else cells["column"].map(_two_lines)
    slanted = alt.Axis(orient="top", labelAngle=-40, labelLimit=160, domain=False, ticks=False)
    rows, columns = distinct(cells["row"]), distinct(written)
    most = max(int(cells["services"].max()), 1)
    data = cells[["row", "column", "services", "providers", "status", "mark"]].assign(
        column=written,
        is_dark=theme.is_dark(cells["services"], (1, max(most, 2)), theme.SEQUENTIAL)
        & (cells["status"] == "covered"),
    )
    base = alt.Chart(data).encode(
        x=alt.X(
            "column:N",
            sort=columns,
            title=column_title or None,
            axis=slanted if narrow else _matrix_axis(),
        ),
        y=alt.Y("row:N", sort=rows, title=row_title or None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("row:N", title=row_title or "Row"),
            alt.Tooltip("column:N", title=column_title or "Column"),
            alt.Tooltip("services:Q", title="Services"),
            alt.Tooltip("providers:Q", title="Providers"),
            alt.Tooltip("status:N", title="Status"),
        ],
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    width = min(theme.WIDTH, 92 * len(columns))
    chart = (_ground(base, most) + text).properties(width=width, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _ground(base: alt.Chart, most: int) -> alt.LayerChart:
    """Return the ground of the cells: the darker, the more services; grey where there is none."""
    covered = (
        base.transform_filter("datum.status == 'covered'")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            color=alt.Color(
                "services:Q",
                scale=alt.Scale(range=list(theme.SEQUENTIAL), domain=[1, max(most, 2)]),
                legend=None,
            )
        )
    )
    bare = (
        base.transform_filter("datum.status != 'covered'")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(color=alt.value(theme.COLOURS["none"]))
    )
    return bare + covered


def level_by_stage(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return who stands where on the journey: levels of government down, stages across, services as sized discs.

    Parameters
    ----------
    cells
        ``level`` (code), ``level_label``, ``stage`` (labels, in order), ``services``.
    """
    cells = cells.assign(stage=cells["stage"].map(_two_lines))
    levels, stages = distinct(cells["level_label"]), distinct(cells["stage"])
    codes = distinct(cells["level"])
    most = max(int(cells["services"].max()), 1)
    base = alt.Chart(cells[["level", "level_label", "stage", "services"]]).encode(
        x=alt.X(
            "stage:N",
            sort=stages,
            title=None,
            axis=_matrix_axis(),
        ),
        y=alt.Y(
            "level_label:N", sort=levels, title=None, axis=alt.Axis(domain=False, ticks=False, grid=True)
        ),
    )
    discs = (
        base.transform_filter("datum.services > 0")
        .mark_circle(opacity=1)
        .encode(
            size=alt.Size(
                "services:Q", scale=alt.Scale(range=[260, 2000], domain=[1, max(most, 2)]), legend=None
            ),
            color=alt.Color(
                "level:N",
                scale=alt.Scale(
                    domain=codes, range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes]
                ),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("level_label:N", title="Level"),
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("services:Q", title="Services"),
            ],
        )
    )
    numbers = base.mark_text(fontWeight="bold").encode(
        text=alt.condition("datum.services > 0", alt.Text("services:Q"), alt.value("–"))
    )
    chart = (discs + numbers).properties(width=theme.WIDTH - 60, height=58 * len(levels))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
