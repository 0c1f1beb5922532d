"""How policies act on one another, and the pairs that meet and nobody has judged."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.examine._parts import _C, _height


def chart_coherence(
    frame: pd.DataFrame, order: list[str], *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the directed coherence matrix: the row acts on the column; what nobody scored stays blank.

    ``frame``: policy_from, policy_to (labels), score (−3…3), only the scored cells. ``order`` holds the labels.
    """
    short = [label.split(" ")[0] for label in order]
    frame = frame.assign(
        column=frame["policy_to"].map(dict(zip(order, short, strict=True))),
        text=frame["score"].map(lambda s: f"{s:+.3g}" if s else "0"),
    )
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "policy_from:N",
            sort=order,
            scale=alt.Scale(domain=order),
            title=None,
            axis=alt.Axis(ticks=False, labelLimit=300),
        ),
        x=alt.X(
            "column:N",
            sort=short,
            scale=alt.Scale(domain=short),
            title="Policy acted on, by number",
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False),
        ),
        tooltip=["policy_from", "policy_to", "score"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "score:Q",
            scale=alt.Scale(domain=[-3, -2, -1, 0, 1, 2, 3], range=list(theme.DIVERGING)),
            legend=alt.Legend(
                title="−3 cancelling … +3 indivisible",
                orient="bottom",
                gradientLength=240,
                values=[-3, -2, -1, 0, 1, 2, 3],
            ),
        )
    )
    numbers = base.mark_text().encode(
        text="text:N", color=alt.condition("abs(datum.score) >= 2", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, numbers).properties(width=max(30 * len(order), 150), height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def chart_candidates(
    frame: pd.DataFrame, order: list[str], *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the policies that meet and nobody has judged: a number of shared barriers per pair.

    ``frame``: policy_a, policy_b (labels), shared, same_owner (bool). ``order`` holds the labels, numbered.
    """
    short = [label.split(" ")[0] for label in order]
    place = {label: i for i, label in enumerate(order)}
    rows = frame.copy()
    numbers = dict(zip(order, short, strict=True))
    pairs = [
        sorted(pair, key=place.__getitem__) for pair in zip(rows["policy_a"], rows["policy_b"], strict=True)
    ]
    rows["row"] = [later for _, later in pairs]
    rows["column"] = [numbers[earlier] for earlier, _ in pairs]
    base = alt.Chart(rows[["row", "column", "shared"]]).encode(
        y=alt.Y(
            "row:N",
            sort=order,
            scale=alt.Scale(domain=order),
            title=None,
            axis=alt.Axis(ticks=False, labelLimit=300),
        ),
        x=alt.X(
            "column:N",
            sort=short,
            scale=alt.Scale(domain=short),
            title="Policy number",
            axis=alt.Axis(orient="bottom", labelAngle=0, ticks=False),
        ),
        tooltip=["row", "column", "shared"],
    )
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "shared:Q",
            scale=alt.Scale(domain=[0, 6], clamp=True, range=list(theme.SEQUENTIAL[:5])),
            legend=None,
        )
    )
    words = base.mark_text().encode(
        text="shared:Q", color=alt.condition("datum.shared >= 4", alt.value("white"), alt.value(_C["ink"]))
    )
    chart = alt.layer(tiles, words).properties(width=max(22 * len(order), 130), height=_height(len(order)))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
