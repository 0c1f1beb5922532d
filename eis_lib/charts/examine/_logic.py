"""How often each link of the intervention logic breaks, and the chain from need to delivering body."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, ROW, _height, _legend


def chart_logic_faults(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how often each link of the intervention logic is broken, sound, or cannot be judged.

    ``frame``: label, judged, faults, unjudged; in the order drawn.
    """
    order = list(frame["label"])
    judged = frame[frame["judged"] > 0].copy()
    judged["broken"] = judged["faults"] / judged["judged"]
    judged["sound"] = 1 - judged["broken"]
    long = judged.melt(["label"], ["broken", "sound"], "state", "share")
    long = long[long["share"] > 0]
    judged["text"] = judged["faults"].astype(str) + " of " + judged["judged"].astype(str)
    blank = frame[frame["judged"] == 0][["label"]].assign(mark="cannot be judged: the tables do not say")
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(ticks=False, domain=False),
    )
    x = alt.X(
        "share:Q",
        title="Share of those judged",
        axis=alt.Axis(format=".0%", tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )
    bars = (
        alt.Chart(long)
        .mark_bar(height=ROW * 0.65)
        .encode(
            y=y,
            x=x,
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=["broken", "sound"], range=[_C["gap"], _C["others"]]),
                legend=_legend(),
            ),
            order=alt.Order("state:N"),
        )
    )
    numbers = alt.Chart(judged).mark_text(align="left", dx=6).encode(y=y, x=alt.value(330), text="text:N")
    gaps = (
        alt.Chart(blank)
        .mark_text(align="left", dx=4, color=_C["neutral"], fontStyle="italic")
        .encode(y=y, x=alt.value(0), text="mark:N")
    )
    chart = alt.layer(bars, numbers, gaps).properties(width=330, height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


COLUMNS = {0: 144, 1: 216, 2: 486}
"""Layer of the chain → where it stands, in pixels."""


def chart_logic_chain(
    nodes: pd.DataFrame, edges: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the chain need → policy → delivering body, with what stands alone marked.

    Parameters
    ----------
    nodes
        node, layer (0 need, 1 policy, 2 body), label, place (vertical, 0–1 from the top), broken (bool).
    edges
        x, y, x2, y2 (layer and place of both ends).
    """
    deepest = int(nodes.groupby("layer").size().max())
    nodes = nodes.assign(
        x=nodes["layer"].map(COLUMNS),
        state=nodes["broken"].map({True: "no link on one side", False: "linked"}),
    )
    shown = _drawn(nodes, edges)
    xs = alt.Scale(domain=[0, 640], nice=False)
    ys = alt.Scale(domain=[1, 0], nice=False)
    lines = (
        alt.Chart(shown)
        .mark_rule(color=_C["unknown"], strokeWidth=1)
        .encode(
            x=alt.X("x:Q", scale=xs, axis=None), x2="x2:Q", y=alt.Y("y:Q", scale=ys, axis=None), y2="y2:Q"
        )
    )
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=["linked", "no link on one side"], range=[_C["ink"], _C["gap"]]),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    layers = [lines]
    for layer, align, shift in ((0, "right", -6), (1, "left", 8), (2, "left", 8)):
        part = alt.Chart(nodes[nodes["layer"] == layer][["x", "place", "label", "state"]]).encode(
            x=alt.X("x:Q", scale=xs), y=alt.Y("place:Q", scale=ys), color=colour
        )
        layers.append(
            part.mark_point(filled=True, size=40, opacity=1).encode(
                shape=alt.Shape(
                    "state:N",
                    scale=alt.Scale(domain=["linked", "no link on one side"], range=["circle", "diamond"]),
                )
            )
        )
        layers.append(part.mark_text(align=align, dx=shift, fontSize=11).encode(text="label:N"))
    heads = pd.DataFrame({"x": list(COLUMNS.values()), "label": ["Need", "Policy", "Delivered by"]})
    layers += [
        alt.Chart(part)
        .mark_text(align=align, fontWeight="bold", dy=-16, baseline="bottom")
        .encode(x=alt.X("x:Q", scale=xs), y=alt.value(0), text="label:N")
        for part, align in ((heads.iloc[[0]], "right"), (heads.iloc[1:], "left"))
    ]
    chart = alt.layer(*layers).properties(width=640, height=max(260, deepest * 24))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _drawn(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges with the places between which they are drawn, so that none crosses a label."""
    # an edge leaves a policy where its label ends: about 5.7 px a letter at size 11
    policies = nodes[nodes["layer"] == 1]
    ends = {
        round(place, 9): min(COLUMNS[1] + 12 + 5.7 * len(label), COLUMNS[2] - 30)
        for place, label in zip(policies["place"], policies["label"], strict=True)
    }
    leaves = [
        COLUMNS[0] + 6 if x == 0 else ends[round(y, 9)] for x, y in zip(edges["x"], edges["y"], strict=True)
    ]
    return edges.assign(x=leaves, x2=edges["x2"].map({1: COLUMNS[1] - 7, 2: COLUMNS[2] - 7}))
