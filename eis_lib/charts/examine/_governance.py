"""How many bodies hold each role in each need area, and which bodies they are."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, _height, _y


def chart_roles(
    frame: pd.DataFrame,
    areas: list[str],
    roles: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return how many bodies hold each role in each need area; nobody and "not recorded" are told apart.

    ``frame``: need_area, role (labels), bodies, state (of `eis_lib.methods.policy.area_roles`); every cell.
    """
    frame = frame.assign(
        text=[
            {"not recorded": "?", "nobody recorded": "missing", "no policy": ""}.get(state, f"{bodies}")
            for bodies, state in zip(frame["bodies"], frame["state"], strict=True)
        ]
    )
    states = ["one body", "several bodies", "nobody recorded", "not recorded", "no policy"]
    base = alt.Chart(frame).encode(
        y=_y("need_area", areas),
        x=alt.X(
            "role:N",
            sort=roles,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        tooltip=["need_area", "role", "bodies", "state"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states, range=[_C["others"], _C["support"], _C["gap"], _C["unknown"], _C["none"]]
            ),
            legend=alt.Legend(title=None, orient="bottom"),
        )
    )
    words = base.mark_text().encode(
        text="text:N",
        color=alt.condition(
            "datum.state == 'several bodies' || datum.state == 'nobody recorded'",
            alt.value("white"),
            alt.value(_C["ink"]),
        ),
    )
    chart = alt.layer(tiles, words).properties(width=92 * len(roles), height=_height(len(areas)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_bodies(
    frame: pd.DataFrame,
    bodies: list[str],
    areas: list[str],
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return which body holds which roles in which need area, by letters.

    ``frame``: body, need_area (labels), letters, decides (bool); one row per filled cell.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "body:N",
            sort=bodies,
            scale=alt.Scale(domain=bodies),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=230),
        ),
        x=alt.X(
            "need_area:N",
            sort=areas,
            scale=alt.Scale(domain=areas),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-50, ticks=False, domain=False, labelLimit=180),
        ),
        tooltip=["body", "need_area", "letters"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "decides:N",
            scale=alt.Scale(domain=[True, False], range=[_C["support"], _C["faint"]]),
            legend=None,
        )
    )
    words = base.mark_text(fontSize=11).encode(
        text="letters:N", color=alt.condition(alt.datum.decides, alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, words).properties(width=max(28 * len(areas), 150), height=_height(len(bodies)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
