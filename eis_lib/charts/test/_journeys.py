"""The best path of every persona across the stages, and one persona's paths node below node."""

from __future__ import annotations

from collections.abc import Sequence

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
    ways = ["same service", "same organisation", "warm hand-over", "cold hand-off"]
    labels = " : ".join(f"datum.value == {n} ? {stage!r}" for n, stage in enumerate(stages))
    x_axis = alt.Axis(
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
    scale = alt.Scale(domain=[-0.35, len(stages) + 1.2], nice=False)
    y = alt.Y("persona:N", sort=rows, title=None, axis=_rows_axis())
    lines = (
        alt.Chart(links[["persona", "x", "x2", "way"]])
        .mark_rule()
        .encode(
            x=alt.X("x:Q", scale=scale, axis=x_axis),
            x2="x2:Q",
            y=y,
            strokeDash=alt.StrokeDash(
                "way:N", scale=alt.Scale(domain=ways, range=[[1, 0], [1, 0], [8, 2], [3, 4]]), legend=None
            ),
            strokeWidth=alt.StrokeWidth(
                "way:N", scale=alt.Scale(domain=ways, range=[8, 2, 2, 2]), legend=None
            ),
            color=alt.Color(
                "way:N",
                scale=alt.Scale(
                    domain=ways,
                    range=[
                        theme.COLOURS["others"],
                        theme.COLOURS["support"],
                        theme.COLOURS["good"],
                        theme.COLOURS["gap"],
                    ],
                ),
                legend=alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=4, symbolSize=300),
            ),
        )
    )
    points = (
        alt.Chart(nodes[["persona", "x", "changes"]])
        .mark_point(filled=True, opacity=1, stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("x:Q", scale=scale, axis=x_axis),
            y=y,
            size=alt.condition("datum.changes == 'new service'", alt.value(130), alt.value(40)),
            color=alt.value(theme.COLOURS["support"]),
        )
    )
    text = (
        alt.Chart(ends[["persona", "x", "mark", "reached"]])
        .mark_text(align="left", dx=12, fontSize=11, limit=230)
        .encode(
            x=alt.X("x:Q", scale=scale, axis=x_axis),
            y=y,
            text="mark:N",
            color=alt.condition(
                "datum.reached", alt.value(theme.COLOURS["ink"]), alt.value(theme.COLOURS["gap"])
            ),
        )
    )
    layers = [text] if links.empty and nodes.empty else [lines, points, text]
    chart = alt.layer(*layers).properties(width=500, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def journey_of(
    steps: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return one persona's best and typical path, node below node.

    Parameters
    ----------
    steps
        ``path`` (heading of the column), ``y`` (position from the top), ``label`` (first line: the stage and service),
        ``detail`` (below it, one line each: stages, who gives it, how the firm gets there), ``node`` (``start``, ``service``, ``outcome``, ``lost``), ``way`` (how it was
        reached, text), ``cold`` (bool).
    """
    headings = distinct(steps["path"])
    marks = {"start": "diamond", "service": "circle", "outcome": "square", "lost": "cross"}
    height = STEP_HEIGHT * int(steps["y"].max() + 1)
    panels = []
    for heading in headings:
        data = steps[steps["path"] == heading].assign(x=0, y_before=lambda d: d["y"] - 1)
        y = alt.Y(
            "y:Q",
            scale=alt.Scale(domain=[-0.4, float(steps["y"].max()) + 0.6], reverse=True, nice=False),
            axis=None,
        )
        x = alt.X("x:Q", scale=alt.Scale(domain=[-0.05, 1]), axis=None)
        base = alt.Chart(data[["x", "y", "y_before", "label", "detail", "node", "way", "cold"]]).encode(
            x=x, y=y
        )
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
        panels.append(
            (rules + points + label + detail).properties(
                width=305,
                height=height,
                title=alt.TitleParams(heading, fontSize=12, fontWeight="bold", anchor="start", offset=4),
            )
        )
    chart = alt.hconcat(*panels, spacing=14)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
