"""The landscapes side by side: one line per measure with every region on it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct

ROW_HEIGHT = 26
DARK = ("strong", "weak", "missing here", "only here")


def _rows(name: str, values: pd.Series, limit: int = 260) -> alt.Y:
    axis = alt.Axis(domain=False, ticks=False, grid=False, labelLimit=limit)
    return alt.Y(f"{name}:N", sort=distinct(values), title=None, axis=axis)


def profile_strips(
    frame: pd.DataFrame,
    *,
    own: str,
    title: str,
    subtitle: str,
    source: str,
    description: str,
    percent: bool = True,
) -> alt.TopLevelMixin:
    """Return one line per measure with every region on it, this one picked out and its value written beside.

    Parameters
    ----------
    frame
        ``measure``, ``region`` (labels, in order), ``position`` (0–1), ``is_own`` (bool), ``of`` (``the region itself`` or
        ``a wider area``: what the figure is about), ``text`` (value with unit), ``low_text`` and ``high_text`` (ends of the line).
    own
        Name of the region picked out.
    percent
        Whether positions are shares to be read on a common axis; otherwise each line runs from its lowest to its highest.
    """
    spans = frame.groupby("measure", sort=False)["position"].agg(["min", "max", "median"]).reset_index()
    y = _rows("measure", frame["measure"], limit=230)
    width = 300
    line = (
        alt.Chart(spans)
        .mark_rule(color=theme.COLOURS["faint"], strokeWidth=5, strokeCap="round")
        .encode(y=y, x=alt.X("min:Q", title=None), x2="max:Q")
    )
    middle = (
        alt.Chart(spans)
        .mark_tick(color=theme.COLOURS["neutral"], thickness=2, size=16)
        .encode(y=y, x=alt.X("median:Q", title=None))
    )
    others, picked = _points(frame, y, percent=percent)
    value, rest, heads = _figures(frame, own, y, width)
    chart = (line + middle + others + picked + value + rest + heads).properties(
        width=width, height=ROW_HEIGHT * len(spans)
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _points(frame: pd.DataFrame, y: alt.Y, *, percent: bool) -> tuple[alt.Chart, alt.Chart]:
    """Return the points of the other regions, and those of the one picked out."""
    axis = (
        alt.Axis(format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True)
        if percent
        else alt.Axis(values=[0, 1], labelExpr="datum.value ? 'highest' : 'lowest'", grid=False, domain=False)
    )
    shape = alt.Shape(
        "of:N",
        scale=alt.Scale(domain=["the region itself", "a wider area"], range=["circle", "diamond"]),
        legend=alt.Legend(title="figure of", symbolFillColor=theme.COLOURS["others"], symbolStrokeWidth=0)
        if len(set(frame["of"])) > 1
        else None,
    )

    def points(rows: pd.DataFrame, size: int, colour: str, edge: float) -> alt.Chart:
        return (
            alt.Chart(rows[["measure", "region", "position", "of", "text"]])
            .mark_point(filled=True, size=size, color=colour, stroke="white", strokeWidth=edge, opacity=1)
            .encode(
                y=y,
                x=alt.X(
                    "position:Q", title=None, axis=axis, scale=alt.Scale(domain=[-0.03, 1.03], nice=False)
                ),
                shape=shape,
                tooltip=[
                    alt.Tooltip("measure:N", title="Measure"),
                    alt.Tooltip("region:N", title="Region"),
                    alt.Tooltip("text:N", title="Value"),
                    alt.Tooltip("of:N", title="Figure of"),
                ],
            )
        )

    return (
        points(frame[~frame["is_own"]], 70, theme.COLOURS["others"], 0.6),
        points(frame[frame["is_own"]], 170, theme.COLOURS["highlight"], 1),
    )


def _figures(
    frame: pd.DataFrame, own: str, y: alt.Y, width: int
) -> tuple[alt.Chart, alt.Chart, alt.LayerChart]:
    """Return the figures beside the lines: the region's own, the ends of each line, and the headings of both."""
    # the name of the region must not run into the heading beside it
    beside = max(92, 24 + round(6.2 * len(own)))
    value = alt.Chart(frame[frame["is_own"]][["measure", "text"]]).mark_text(
        align="left", fontWeight="bold", color=theme.COLOURS["highlight"]
    ).encode(y=y, x=alt.value(width + 10), text="text:N")  # fmt: skip
    ends = frame.drop_duplicates("measure")
    rest = alt.Chart(ends[["measure", "high_text"]]).mark_text(align="left", fontSize=11, color=theme.COLOURS["neutral"]).encode(
        y=y, x=alt.value(width + beside), text="high_text:N"
    )  # fmt: skip
    head = alt.Chart(pd.DataFrame({"own": [own], "range": ["lowest – highest"]}))
    heads = head.mark_text(align="left", color=theme.COLOURS["highlight"], fontSize=11).encode(
        x=alt.value(width + 10), y=alt.value(-8), text="own:N"
    ) + head.mark_text(align="left", color=theme.COLOURS["neutral"], fontSize=11).encode(
        x=alt.value(width + beside), y=alt.value(-8), text="range:N"
    )
    return value, rest, heads
