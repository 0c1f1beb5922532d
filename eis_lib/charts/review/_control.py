"""A series as a control chart: values, centre and limits of each phase, and the points that signal."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW_HEIGHT = 30

SIGNAL_SHAPES = MappingProxyType(
    {
        "no signal": "circle",
        "outside the limits": "triangle-up",
        "eight in a row on one side": "square",
        "three of four beyond half-way": "diamond",
    }
)
"""Signal → shape of its point, in the order of the legend."""


def _time(field: str, title: str | None = None, domain: Sequence[str] = (), *, years: float = 8) -> alt.X:
    """Return a time axis that reads days as UTC, with a mark a year, or with months where it spans few years."""
    scale = alt.Scale(type="utc", domain=[_day(d) for d in domain]) if domain else alt.Scale(type="utc")
    axis = (
        alt.Axis(format="%b %Y", tickCount=6, labelFlush=False)
        if years < 4
        else alt.Axis(
            format="%Y", tickCount={"interval": "year", "step": 1}, labelFlush=False, labelOverlap=True
        )
    )
    return alt.X(field, title=title, scale=scale, axis=axis)


def _day(iso: str) -> alt.DateTime:
    year, month, day = map(int, iso.split("-"))
    return alt.DateTime(year=year, month=month, date=day, utc=True)


def control_chart(
    points: pd.DataFrame, *, unit: str, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return an XmR chart: the values, centre and limits of each phase, the points that signal by shape.

    Parameters
    ----------
    points
        ``date`` (ISO), ``value``, ``phase``, ``is_baseline``, ``centre``, ``lower``, ``upper``, ``signal`` (empty: none) and
        ``label`` (text beside the point; empty for most).
    """
    data = points[["date", "value", "signal", "label"]].assign(
        signal=points["signal"].where(points["signal"] != "", "no signal")
    )
    years = int(points["date"].iloc[-1][:4]) - int(points["date"].iloc[0][:4])
    base = alt.Chart(data).encode(
        x=_time("date:T", years=years), y=alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False))
    )
    path = base.mark_line(color=theme.COLOURS["others"], strokeWidth=1.5)
    shapes = {k: v for k, v in SIGNAL_SHAPES.items() if k in set(data["signal"])}
    colours = [theme.COLOURS["support"] if name == "no signal" else theme.COLOURS["gap"] for name in shapes]
    marks = base.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape(
            "signal:N",
            scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
            legend=alt.Legend(title=None, columns=2),
        ),
        color=alt.Color("signal:N", scale=alt.Scale(domain=list(shapes), range=colours), legend=alt.Legend(title=None, columns=2)),
        size=alt.condition("datum.signal == 'no signal'", alt.value(28), alt.value(90)),
    )  # fmt: skip
    words = (
        alt.Chart(data[data["label"] != ""])
        .mark_text(align="right", dx=-8, dy=-4, fontSize=11)
        .encode(x=_time("date:T", years=years), y="value:Q", text="label:N")
    )
    shaded, rules, named = _limits(points, years)
    chart = (shaded + path + rules + named + marks + words).properties(width=theme.WIDTH, height=280)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _limits(points: pd.DataFrame, years: int) -> tuple[alt.Chart, alt.Chart, alt.Chart]:
    """Return the ground of the baselines, centre and limits of each phase, and what these lines are called."""
    phases = (
        points.groupby("phase")
        .agg(
            start=("date", "first"), end=("date", "last"), centre=("centre", "first"), lower=("lower", "first"),
            upper=("upper", "first"),
        )
        .reset_index(drop=True)
    )  # fmt: skip
    frozen = points[points["is_baseline"]].groupby("phase").agg(start=("date", "first"), end=("date", "last"))
    lines = phases.melt(["start", "end"], ["upper", "centre", "lower"], "line", "value").assign(
        name=lambda f: f["line"].map({"upper": "upper limit", "centre": "centre", "lower": "lower limit"})
    )
    shaded = (
        alt.Chart(frozen.reset_index(drop=True))
        .mark_rect(color=theme.COLOURS["none"])
        .encode(x=_time("start:T", years=years), x2="end:T")
    )
    rules = (
        alt.Chart(lines)
        .mark_rule(color=theme.COLOURS["neutral"])
        .encode(
            x=_time("start:T", years=years),
            x2="end:T",
            y="value:Q",
            strokeDash=alt.condition("datum.line == 'centre'", alt.value([1, 0]), alt.value([5, 4])),
        )
    )
    named = (
        alt.Chart(lines.groupby("line", sort=False).tail(1))
        .mark_text(align="left", dx=5, fontSize=11, color=theme.COLOURS["neutral"])
        .encode(x=_time("end:T", years=years), y="value:Q", text="name:N")
    )
    return shaded, rules, named
