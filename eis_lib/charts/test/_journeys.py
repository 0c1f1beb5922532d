"""The best path of every persona across the stages, and one persona's paths node below node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import ROW_HEIGHT, _rows_axis

STEP_HEIGHT = 60


def journey_map(
    nodes: pd.DataFrame,
    links: pd.DataFrame,
    ends: pd.DataFrame,
    stages: Sequence[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return the best path of every persona across the stages, with hand-offs marked.

    Parameters
    ----------
    nodes
        ``persona`` (label, in order), ``x`` (position of the stage), ``changes`` (``new service``, ``same service``).
    links
        ``persona``, ``x``, ``x2``, ``way``: ``same service``, ``same organisation``, ``warm hand-over``, ``cold hand-off``.
    ends
        ``persona``, ``x``, ``mark`` (text at the end of the row), ``reached`` (bool).
    stages
        Labels of the stages; position 0 is the first.
    """
    rows = distinct(ends["persona"])
    scale = alt.Scale(domain=[-0.35, len(stages) + 1.2], nice=False)
    x = alt.X("x:Q", scale=scale, axis=_stages_axis(stages))
    y = alt.Y("persona:N", sort=rows, title=None, axis=_rows_axis())
    points = (
        alt.Chart(nodes[["persona", "x", "changes"]])
        .mark_point(filled=True, opacity=1, stroke="white", strokeWidth=1)
        .encode(
            x=x,
            y=y,
            size=alt.condition("datum.changes == 'new service'", alt.value(130), alt.value(40)),
            color=alt.value(theme.COLOURS["support"]),
        )
    )
    text = (
        alt.Chart(ends[["persona", "x", "mark", "reached"]])
        .mark_text(align="left", dx=12, fontSize=11, limit=230)
        .encode(
            x=x,
            y=y,
            text="mark:N",
            color=alt.condition(
                "datum.reached", alt.value(theme.COLOURS["ink"]), alt.value(theme.COLOURS["gap"])
            ),
        )
    )
    layers = [text] if links.empty and nodes.empty else [_ways(links, x, y), points, text]
    chart = alt.layer(*layers).properties(width=500, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _stages_axis(stages: Sequence[str]) -> alt.Axis:
    labels = " : ".join(f"datum.value == {n} ? {stage!r}" for n, stage in enumerate(stages))
    return alt.Axis(
        orient="top",
        values=list(range(len(stages))),
        labelExpr=f"split({labels} : '', '\\n')",
        labelAngle=0,
        labelBaseline="top",
        labelPadding=32,
        labelLineHeight=14,
        domain=False,
        ticks=False,
        grid=True,
        title=None,
    )


def _ways(links: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    """Return how a persona gets from one stage to the next, told apart by dash, width and colour."""
    looks = {
        "same service": ([1, 0], 8, "others"),
        "same organisation": ([1, 0], 2, "support"),
        "warm hand-over": ([8, 2], 2, "good"),
        "cold hand-off": ([3, 4], 2, "gap"),
    }
    dashes, widths, colours = zip(*looks.values(), strict=True)

    def scale(values: Iterable[Any]) -> alt.Scale:
        return alt.Scale(domain=list(looks), range=list(values))

    return (
        alt.Chart(links[["persona", "x", "x2", "way"]])
        .mark_rule()
        .encode(
            x=x,
            x2="x2:Q",
            y=y,
            strokeDash=alt.StrokeDash("way:N", scale=scale(dashes), legend=None),
            strokeWidth=alt.StrokeWidth("way:N", scale=scale(widths), legend=None),
            color=alt.Color(
                "way:N",
                scale=scale(theme.COLOURS[name] for name in colours),
                legend=alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=4, symbolSize=300),
            ),
        )
    )


def _path(steps: pd.DataFrame, lowest: float) -> alt.LayerChart:
    """Return one path from the top down, on an axis that ends where the longest does."""
    marks = {"start": "diamond", "service": "circle", "outcome": "square", "lost": "cross"}
    data = steps.assign(x=0, y_before=steps["y"] - 1)
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-0.4, lowest + 0.6], reverse=True, nice=False),
        axis=None,
    )
    x = alt.X("x:Q", scale=alt.Scale(domain=[-0.05, 1]), axis=None)
    base = alt.Chart(data[["x", "y", "y_before", "label", "detail", "node", "way", "cold"]]).encode(x=x, y=y)
    rules = (
        base.transform_filter("datum.y > 0")
        .mark_rule(strokeWidth=2)
        .encode(
            y2="y_before:Q",
            strokeDash=alt.condition("datum.cold", alt.value([3, 4]), alt.value([1, 0])),
            color=alt.condition(
                "datum.cold", alt.value(theme.COLOURS["gap"]), alt.value(theme.COLOURS["others"])
            ),
        )
    )
    points = base.mark_point(filled=True, size=150, opacity=1).encode(
        shape=alt.Shape(
            "node:N", scale=alt.Scale(domain=list(marks), range=list(marks.values())), legend=None
        ),
        color=alt.condition(
            "datum.node == 'lost'", alt.value(theme.COLOURS["gap"]), alt.value(theme.COLOURS["support"])
        ),
    )
    label = base.mark_text(align="left", dx=14, dy=-6, limit=288).encode(text="label:N")
    detail = base.mark_text(
        align="left", baseline="top", dx=14, dy=2, fontSize=11, limit=288, lineBreak="\n", lineHeight=13
    ).encode(
        text="detail:N",
        color=alt.value(theme.COLOURS["neutral"]),
    )
    return rules + points + label + detail
