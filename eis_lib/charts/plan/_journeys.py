"""The needs met and the hand-offs of every persona in each landscape, side by side."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import _rows


def journeys_side_by_side(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the needs met and the hand-offs of every persona in each landscape, as a matrix of words.

    Parameters
    ----------
    rows
        ``persona``, ``landscape`` (columns, in order), ``mark`` (text), ``state`` ∈ ``same``, ``better``, ``mixed``, ``worse``, ``lost``.
    """
    order, columns = distinct(rows["persona"]), distinct(rows["landscape"])
    colours = {
        "same": theme.COLOURS["none"],
        "better": theme.COLOURS["good"],
        "mixed": theme.SEQUENTIAL[1],
        "worse": theme.COLOURS["warning"],
        "lost": theme.COLOURS["bad"],
    }
    base = alt.Chart(rows[["persona", "landscape", "mark", "state"]]).encode(
        x=alt.X("landscape:N", sort=columns, title=None,
                axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelLimit=200)),
        y=_rows("persona", order, limit=240),
    )  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2, opacity=0.75).encode(
        color=alt.Color(
            "state:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
        )
    )
    text = base.mark_text().encode(text="mark:N")
    chart = (cells + text).properties(width=170 * len(columns), height=24 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
