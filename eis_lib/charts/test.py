"""Charts of step 3, test: overlap candidates, fragmentation, gaps, journeys.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW_HEIGHT = 26
PAIR_HEIGHT = 40
STEP_HEIGHT = 60

_SPLIT = "split(datum.label, '\\n')"


def _order(values: pd.Series) -> list[str]:
    return list(dict.fromkeys(values))


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
    rows, columns = _order(cells["persona"]), _order(cells["stage"])
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
    rows = _order(gaps["gap"])
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


def candidates(
    limbs: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return pairs down, the limbs of the overlap test across; what matches is a filled square, with J and K beside it.

    Parameters
    ----------
    limbs
        One row per pair and limb, in reading order: ``pair`` (label of two lines), ``limb`` (label), ``state`` (``matches``,
        ``differs``, ``cannot be compared``), ``numbers`` (text: J and K); ``pair_id``, by which a click finds the pair.
    """
    rows, columns = _order(limbs["pair"]), _order(limbs["limb"])
    states = ["matches", "differs", "cannot be compared"]
    base = alt.Chart(limbs.filter(["pair", "pair_id", "limb", "state", "numbers"])).encode(
        x=alt.X("limb:N", sort=columns, title=None, axis=_columns_axis()),
        y=alt.Y("pair:N", sort=rows, title=None, axis=_rows_axis(310, lines=2)),
    )
    marks = base.mark_point(size=150, filled=True, opacity=1, xOffset=-44).encode(
        shape=alt.Shape(
            "state:N",
            scale=alt.Scale(domain=states, range=["square", "circle", "cross"]),
            legend=alt.Legend(title=None),
        ),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states,
                range=[theme.COLOURS["support"], theme.COLOURS["faint"], theme.COLOURS["unknown"]],
            ),
            legend=alt.Legend(title=None),
        ),
    )
    text = base.mark_text(align="left", xOffset=-32, fontSize=11).encode(text="numbers:N")
    chart = (marks + text).properties(width=105 * len(columns), height=PAIR_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def fragmentation(
    areas: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return need areas with the number of providers (bar) and the effective number (tick).

    Parameters
    ----------
    areas
        ``area`` (label), ``providers`` (number), ``effective_providers`` (number, missing where nobody provides), ``note``.
    """
    rows = _order(areas["area"])
    base = alt.Chart(areas[["area", "providers", "effective_providers", "note"]]).encode(
        y=alt.Y("area:N", sort=rows, title=None, axis=_rows_axis())
    )
    scale = alt.Scale(domain=[0, max(float(areas["providers"].max()) * 1.6, 1)])
    axis = alt.Axis(tickMinStep=1, format="d", title="providers")
    bars = base.mark_bar(height=14, color=theme.COLOURS["others"]).encode(
        x=alt.X("providers:Q", scale=scale, axis=axis)
    )
    ticks = (
        base.transform_filter("isValid(datum.effective_providers)")
        .mark_tick(thickness=4, size=22, color=theme.COLOURS["support"])
        .encode(x=alt.X("effective_providers:Q", scale=scale, axis=axis))
    )
    text = base.mark_text(align="left", dx=8, fontSize=11).encode(
        x=alt.X("providers:Q", scale=scale, axis=axis), text="note:N"
    )
    chart = (bars + ticks + text).properties(width=440, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


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
    rows = _order(ends["persona"])
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
    headings = _order(steps["path"])
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


def sensitivity(
    ranks: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the place of gaps under several sets of demand weights, as lines.

    Parameters
    ----------
    ranks
        One row per gap and scheme: ``gap`` (label), ``scheme`` (label, in order), ``place`` (1 = heaviest; no two gaps share
        one), ``moves`` (bool: its place changes by more than three).
    """
    schemes = _order(ranks["scheme"])
    drawn = ranks[["gap", "scheme", "place", "moves"]]
    last = drawn[drawn["scheme"] == schemes[-1]]
    colour = alt.condition(
        "datum.moves", alt.value(theme.COLOURS["gap"]), alt.value(theme.COLOURS["neutral"])
    )
    x = alt.X("scheme:N", sort=schemes, title=None, axis=_columns_axis(), scale=alt.Scale(padding=0.25))
    lowest = float(ranks["place"].max())
    y = alt.Y(
        "place:Q",
        title="place in the order of all gaps",
        scale=alt.Scale(reverse=True, zero=False, nice=False, domain=[0.4, lowest + 0.6]),
        axis=alt.Axis(values=list(range(1, int(lowest) + 1)), format="d", grid=False, labelOverlap=True),
    )
    base = alt.Chart(drawn).encode(x=x, y=y, detail="gap:N", color=colour)
    lines = base.mark_line(strokeWidth=2)
    points = base.mark_point(filled=True, size=60, opacity=1)
    names = (
        alt.Chart(last)
        .mark_text(align="left", dx=10, fontSize=11, limit=330)
        .encode(x=x, y=y, text="gap:N", color=colour)
    )
    chart = (lines + points + names).properties(width=110 * len(schemes), height=max(20 * int(lowest), 180))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def demand_served(
    parts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the demand of each need as a bar in three parts.

    Parameters
    ----------
    parts
        ``area`` (label, in order), ``state`` (``served``, ``records can not tell``, ``no service open``), ``weight`` (share of all
        demand, 0–1).
    """
    states = ["served", "records can not tell", "no service open"]
    data = parts.assign(place=parts["state"].map({s: n for n, s in enumerate(states)}))
    chart = (
        alt.Chart(data[["area", "state", "weight", "place"]])
        .mark_bar(height=17, stroke="white", strokeWidth=1)
        .encode(
            y=alt.Y("area:N", sort=_order(parts["area"]), title=None, axis=_rows_axis()),
            x=alt.X(
                "weight:Q", title="share of all weighted demand (%)", axis=alt.Axis(format="%", tickCount=6)
            ),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(
                    domain=states,
                    range=[theme.COLOURS["support"], theme.COLOURS["unknown"], theme.COLOURS["gap"]],
                ),
                legend=alt.Legend(title=None),
            ),
            order=alt.Order("place:Q"),
        )
        .properties(width=440, height=ROW_HEIGHT * parts["area"].nunique())
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
