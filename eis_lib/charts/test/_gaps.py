"""Where the needs of each persona are met, the gaps by weight, and how their order hangs on the weights."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct

ROW_HEIGHT = 26
_SPLIT = "split(datum.label, '\\n')"


def _rows_axis(limit: int = 280, *, lines: int = 1) -> alt.Axis:
    """Return the axis beside a matrix; labels of several lines are set around the middle of their row."""
    return alt.Axis(
        domain=False,
        ticks=False,
        labelExpr=_SPLIT,
        labelLimit=limit,
        labelPadding=8,
        labelLineHeight=14,
        labelOffset=-7 * (lines - 1),
    )


def _columns_axis() -> alt.Axis:
    """Return the axis above a matrix, for labels of up to two lines."""
    return alt.Axis(
        orient="top",
        labelAngle=0,
        labelBaseline="top",
        labelPadding=32,
        labelLineHeight=14,
        domain=False,
        ticks=False,
        labelExpr=_SPLIT,
    )


def gap_map(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return where each persona's needs are met: personas down, stages across.

    Parameters
    ----------
    cells
        ``persona`` and ``stage`` (labels, in order), ``unmet_share`` (0–1: share of the persona's demand at the stage that no
        service on record meets; missing where the persona needs nothing there and where nothing can be told), ``mark`` (text of
        the cell; empty where nothing is needed).
    """
    rows, columns = distinct(cells["persona"]), distinct(cells["stage"])
    data = cells[["persona", "stage", "unmet_share", "mark"]].assign(
        is_dark=theme.is_dark(cells["unmet_share"], (0, 1), [theme.COLOURS["none"], theme.COLOURS["gap"]])
    )
    base = alt.Chart(data).encode(
        x=alt.X("stage:N", sort=columns, title=None, axis=_columns_axis()),
        y=alt.Y("persona:N", sort=rows, title=None, axis=_rows_axis()),
    )
    needed = (
        base.transform_filter("isValid(datum.unmet_share)")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            color=alt.Color(
                "unmet_share:Q",
                scale=alt.Scale(domain=[0, 1], range=[theme.COLOURS["none"], theme.COLOURS["gap"]]),
                legend=alt.Legend(
                    title="Share of the needs at a stage that no service meets",
                    titleLimit=400,
                    format="%",
                    gradientLength=180,
                ),
            )
        )
    )
    untold = base.transform_filter("!isValid(datum.unmet_share) && datum.mark != ''").mark_rect(
        stroke="white", strokeWidth=2, color=theme.COLOURS["unknown"]
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (needed + untold + text).properties(width=78 * len(columns), height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def gaps_ranked(
    gaps: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return gaps as bars, heaviest first.

    Parameters
    ----------
    gaps
        ``gap`` (label), ``is_unknown`` (bool), ``score`` (weight × severity), ``note`` (text beside the bar).
    """
    rows = distinct(gaps["gap"])
    base = alt.Chart(gaps[["gap", "is_unknown", "score", "note"]]).encode(
        y=alt.Y("gap:N", sort=rows, title=None, axis=_rows_axis(320)),
        x=alt.X(
            "score:Q",
            title="share of weighted demand × severity of the kind of gap",
            axis=alt.Axis(format=".1%", tickCount=4),
            scale=alt.Scale(domain=[0, max(float(gaps["score"].max()) * 2.3, 0.001)]),
        ),
    )
    bars = base.mark_bar(height=16).encode(
        color=alt.condition(
            "datum.is_unknown", alt.value(theme.COLOURS["unknown"]), alt.value(theme.COLOURS["gap"])
        )
    )
    text = base.mark_text(align="left", dx=5, fontSize=11).encode(text="note:N")
    chart = (bars + text).properties(width=380, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
