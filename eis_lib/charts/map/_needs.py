"""The services behind each need area, and over how many providers they are spread."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.map._coverage import LEVEL_COLOURS, ROW_HEIGHT
from eis_lib.charts.parts import distinct


def need_areas(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the services behind each need area as bars, split by the level of the leading provider.

    Parameters
    ----------
    counts
        ``need`` (labels, in order), ``level`` (code), ``level_label`` (in order), ``services``, ``note`` (words beside a
        need without any).
    """
    needs, codes, labels = (distinct(counts[name]) for name in ("need", "level", "level_label"))
    drawn = counts.loc[counts["services"] > 0, ["need", "level", "level_label", "services"]]
    drawn = drawn.assign(rank=drawn["level"].map(codes.index))
    total = (
        counts.groupby("need", sort=False)
        .agg(services=("services", "sum"), note=("note", "first"))
        .reset_index()
    )
    total["mark"] = total["services"].astype(str).where(total["services"] > 0, total["note"])
    y = alt.Y("need:N", sort=needs, title=None, axis=alt.Axis(domain=False, ticks=False))
    bars = (
        alt.Chart(drawn)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            y=y,
            x=alt.X(
                "services:Q",
                stack="zero",
                title="services",
                axis=alt.Axis(tickMinStep=1, format="d", grid=False),
            ),
            order=alt.Order("rank:Q"),
            color=alt.Color(
                "level_label:N",
                scale=alt.Scale(
                    domain=labels, range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes]
                ),
                legend=alt.Legend(title="Level of the leading provider"),
            ),
            tooltip=[
                alt.Tooltip("need:N", title="Need area"),
                alt.Tooltip("level_label:N", title="Level"),
                alt.Tooltip("services:Q", title="Services"),
            ],
        )
    )
    inside = (
        alt.Chart(drawn)
        .mark_text(fontSize=11)
        .encode(
            y=y,
            x=alt.X("services:Q", stack="zero", bandPosition=0.5),
            order=alt.Order("rank:Q"),
            text="services:Q",
        )
    )
    ends = alt.Chart(total).mark_text(align="left", dx=5).encode(y=y, x="services:Q", text="mark:N")
    chart = (bars + inside + ends).properties(width=430, height=ROW_HEIGHT * len(needs))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def concentration(
    areas: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return, per need area, how many providers there are and how many it would be if all gave the same number of services.

    Parameters
    ----------
    areas
        ``need`` (labels, in order), ``providers``, ``effective_providers``, ``note`` (words at the end of each row).
    """
    needs = distinct(areas["need"])
    base = alt.Chart(areas[["need", "providers", "effective_providers", "note"]]).encode(
        y=alt.Y("need:N", sort=needs, title=None, axis=alt.Axis(domain=False, ticks=False))
    )
    far = max(float(areas["providers"].max()), 1.0)
    x = alt.Scale(domain=[0, far * 1.02])
    line = base.mark_rule(strokeWidth=2, color=theme.COLOURS["faint"]).encode(
        x=alt.X("effective_providers:Q", scale=x), x2="providers:Q"
    )
    points = areas.melt("need", ["providers", "effective_providers"], var_name="what", value_name="number")
    named = {"effective_providers": "effective number (1/HHI)", "providers": "providers with a service"}
    dots = (
        alt.Chart(points.assign(what=points["what"].map(named)))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            y=alt.Y("need:N", sort=needs),
            x=alt.X("number:Q", scale=x, title="providers", axis=alt.Axis(tickMinStep=1, format="d")),
            shape=alt.Shape(
                "what:N",
                scale=alt.Scale(domain=list(named.values()), range=["diamond", "circle"]),
                legend=alt.Legend(title=None),
            ),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(
                    domain=list(named.values()), range=[theme.COLOURS["highlight"], theme.COLOURS["others"]]
                ),
                legend=alt.Legend(title=None),
            ),
            tooltip=[
                alt.Tooltip("need:N", title="Need area"),
                alt.Tooltip("what:N", title="Measure"),
                alt.Tooltip("number:Q", title="Number", format=".1f"),
            ],
        )
    )
    words = base.mark_text(align="left", fontSize=11, color=theme.COLOURS["neutral"]).encode(
        x=alt.value(338), text="note:N"
    )
    chart = (line + dots + words).properties(width=330, height=ROW_HEIGHT * len(needs))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
