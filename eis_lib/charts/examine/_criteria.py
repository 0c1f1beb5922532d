"""The level of each policy on each criterion, and how far the raters agree."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, _height, _legend


def chart_criteria(
    frame: pd.DataFrame,
    policies: list[str],
    criteria: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return the level of each policy on each criterion; not assessable and not assessed are told apart.

    ``frame``: policy, criterion (labels), level (NaN), status, text; one row per cell that is drawn.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "policy:N",
            sort=policies,
            scale=alt.Scale(domain=policies),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=250),
        ),
        x=alt.X(
            "criterion:N",
            sort=criteria,
            scale=alt.Scale(domain=criteria),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["policy", "criterion", "text", "status"],
    )
    tiles = (
        base.transform_filter(alt.datum.status == "scored")
        .mark_rect(stroke="white")
        .encode(
            color=alt.Color(
                "level:Q",
                scale=alt.Scale(domain=[1, 2, 3, 4, 5], range=list(theme.SEQUENTIAL[:5])),
                legend=None,
            )
        )
    )
    unknown = base.transform_filter(alt.datum.status == "not assessable").mark_rect(
        stroke="white", color=_C["unknown"]
    )
    words = base.mark_text(fontSize=11).encode(
        text="text:N", color=alt.condition("datum.level >= 4", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, unknown, words).properties(
        width=max(92 * len(criteria), 180), height=_height(len(policies))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_agreement(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return Krippendorff's alpha with its interval against the customary marks .667 and .800.

    ``frame``: subject (label with the figure), alpha, low, high (NaN = undefined), reading; in the order drawn.
    """
    order = list(frame["subject"])
    known = frame[frame["alpha"].notna()]
    y = alt.Y(
        "subject:N",
        sort=order,
        scale=alt.Scale(domain=order),
        title=None,
        axis=alt.Axis(ticks=False, domain=False),
    )
    lowest = min([-0.2, *known["low"].dropna(), *known["alpha"]])
    scale = alt.Scale(domain=[max(lowest, -1), 1], nice=True, clamp=True)
    x = alt.X("alpha:Q", scale=scale, title="Krippendorff's alpha (ordinal)")
    readings = ["reliable", "tentative only", "do not use", "too few units"]
    dots = alt.Chart(known).encode(
        y=y,
        color=alt.Color(
            "reading:N",
            scale=alt.Scale(domain=readings, range=[_C["good"], _C["warning"], _C["bad"], _C["neutral"]]),
            legend=_legend(),
        ),
    )
    marks = (
        alt.Chart(pd.DataFrame({"alpha": [0.667, 0.8]}))
        .mark_rule(strokeDash=[4, 3], color=_C["neutral"])
        .encode(x=x)
    )
    blank = (
        alt.Chart(frame[frame["alpha"].isna()][["subject"]].assign(mark="undefined"))
        .mark_text(align="left", dx=4, fontStyle="italic", color=_C["neutral"])
        .encode(y=y, x=alt.value(0), text="mark:N")
    )
    chart = alt.layer(
        marks,
        dots.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", scale=scale, title="Krippendorff's alpha (ordinal)"), x2="high:Q"),
        dots.mark_point(filled=True, size=90, opacity=1).encode(
            x=x,
            shape=alt.Shape(
                "reading:N",
                scale=alt.Scale(domain=readings, range=["circle", "triangle-up", "diamond", "cross"]),
                legend=_legend(),
            ),
        ),
        blank,
    ).properties(width=400, height=max(1, len(order)) * 34)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
