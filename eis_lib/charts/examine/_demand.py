"""Need beside policy: which barriers firms name, in which survey, and which policies name them."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, ROW, STANDING_LABELS, _height, _legend, _y


def chart_need_and_policy(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str, weighted: bool
) -> alt.TopLevelMixin:
    """Return need beside policy: per barrier the share of firms that name it, and how many policies do.

    Parameters
    ----------
    frame
        barrier (label), share_percent (NaN = not asked), in_force, undated; one row per barrier, in the order drawn.
    weighted
        False leaves out the left panel: equal weights say nothing about need.
    """
    order = list(frame["barrier"])
    height = _height(len(order))
    labels = alt.Axis(ticks=False, domain=False)
    right = _policies_that_name(frame, order, None if weighted else labels).properties(
        width=250 if weighted else 400, height=height
    )
    if not weighted:
        return theme.finish(right, title=title, subtitle=subtitle, source=source, description=description)
    left = _firms_that_name(frame, order, labels).properties(width=170, height=height)
    both = alt.hconcat(left, right, spacing=16)
    return theme.finish(both, title=title, subtitle=subtitle, source=source, description=description)


def _policies_that_name(frame: pd.DataFrame, order: list[str], axis: alt.Axis | None) -> alt.LayerChart:
    """Return how many policies name each barrier, those with an end year apart."""
    long = frame.melt(["barrier"], ["in_force", "undated"], "state", "policies")
    long["state"] = long["state"].map({"in_force": "policy in force", "undated": "policy without end year"})
    states = ["policy in force", "policy without end year"]
    bare = frame[frame["in_force"] + frame["undated"] == 0][["barrier"]].assign(mark="no policy names it")
    counts = (
        alt.Chart(long[long["policies"] > 0])
        .mark_bar(height=ROW * 0.6)
        .encode(
            y=alt.Y(
                "barrier:N",
                sort=order,
                title=None,
                axis=axis,
                scale=alt.Scale(domain=order),
            ),
            x=alt.X(
                "policies:Q",
                title="Policies that name it",
                axis=alt.Axis(tickMinStep=1, format="d", tickCount=5, grid=False),
            ),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=states, range=[_C["support"], _C["others"]]),
                legend=_legend(),
            ),
            order=alt.Order("state:N"),
            tooltip=["barrier", "state", "policies"],
        )
    )
    none = (
        alt.Chart(bare)
        .mark_text(align="left", dx=4, color=_C["gap"], fontWeight="bold")
        .encode(
            y=alt.Y("barrier:N", sort=order, scale=alt.Scale(domain=order)), x=alt.datum(0), text="mark:N"
        )
    )
    return alt.layer(counts, none)


def _firms_that_name(frame: pd.DataFrame, order: list[str], labels: alt.Axis) -> alt.LayerChart:
    """Return the share of firms that name each barrier; one that no survey asked for is said to be."""
    asked = frame[frame["share_percent"].notna()][["barrier", "share_percent"]]
    unasked = frame[frame["share_percent"].isna()][["barrier"]].assign(mark="not asked")
    need = alt.Chart(asked).encode(
        y=alt.Y("barrier:N", sort=order, title=None, axis=labels, scale=alt.Scale(domain=order)),
        x=alt.X("share_percent:Q", title="Firms that name it, %", axis=alt.Axis(tickCount=4, grid=False)),
        tooltip=["barrier", "share_percent"],
    )
    return alt.layer(
        need.mark_bar(height=ROW * 0.6, color=_C["neutral"]),
        need.mark_text(align="left", dx=3).encode(text=alt.Text("share_percent:Q", format=".0f")),
        alt.Chart(unasked)
        .mark_text(align="left", dx=4, color=_C["neutral"], fontStyle="italic")
        .encode(y=alt.Y("barrier:N", sort=order), x=alt.datum(0), text="mark:N"),
    )


def chart_surveys(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the rank of each barrier in each survey: a number where it was asked, a dot where it was not.

    ``frame``: barrier (label, with a mark where no policy names it), survey (label), rank (NaN = not asked),
    place_share (0 first … 1 last). In the order drawn.
    """
    order, surveys = list(dict.fromkeys(frame["barrier"])), list(dict.fromkeys(frame["survey"]))
    frame = frame.assign(
        strength=1 - frame["place_share"], text=frame["rank"].map(lambda r: "" if pd.isna(r) else f"{r:.0f}")
    )
    base = alt.Chart(frame).encode(
        y=_y("barrier", order),
        x=alt.X(
            "survey:N",
            sort=surveys,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["barrier", "survey", "rank"],
    )
    asked = alt.datum.text != ""
    tiles = (
        base.transform_filter(asked)
        .mark_rect(stroke="white")
        .encode(
            color=alt.Color(
                "strength:Q", scale=alt.Scale(domain=[0, 1], range=list(theme.SEQUENTIAL[:4])), legend=None
            )
        )
    )
    numbers = base.transform_filter(asked).mark_text(fontWeight="bold").encode(text="text:N")
    dots = base.transform_filter(alt.datum.text == "").mark_text(text="·", color=_C["neutral"])
    chart = alt.layer(tiles, numbers, dots).properties(
        width=min(max(104 * len(surveys), 160), 456), height=_height(len(order))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_policy_barriers(
    frame: pd.DataFrame,
    barriers: list[str],
    policies: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return which policy names which barrier: a square per link, its fill telling how the policy stands.

    ``frame``: policy (label), barrier (label), standing (label). ``barriers`` and ``policies`` set the order; both are
    drawn whole, so that an empty row or column can be seen.
    """
    states = list(STANDING_LABELS.values())
    chart = (
        alt.Chart(frame)
        .mark_point(size=150, filled=True, opacity=1)
        .encode(
            y=alt.Y(
                "policy:N",
                sort=policies,
                title=None,
                scale=alt.Scale(domain=policies),
                axis=alt.Axis(grid=True, ticks=False, domain=False, labelLimit=250),
            ),
            x=alt.X(
                "barrier:N",
                sort=barriers,
                title=None,
                scale=alt.Scale(domain=barriers),
                axis=alt.Axis(
                    orient="top", labelAngle=-50, grid=True, ticks=False, domain=False, labelLimit=180
                ),
            ),
            color=alt.Color(
                "standing:N",
                scale=alt.Scale(
                    domain=states, range=[_C["support"], _C["others"], _C["unknown"], _C["level_local"]]
                ),
                legend=alt.Legend(title="Policy at that year", orient="bottom"),
            ),
            shape=alt.Shape(
                "standing:N",
                scale=alt.Scale(domain=states, range=["square", "circle", "cross", "triangle-up"]),
                legend=alt.Legend(title="Policy at that year", orient="bottom"),
            ),
            tooltip=["policy", "barrier", "standing"],
        )
        .properties(width=min(22 * len(barriers), 352), height=_height(len(policies)))
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
