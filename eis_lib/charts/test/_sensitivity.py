"""How the rank of the heaviest gaps moves with the weights of needs."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import _columns_axis


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
    schemes = distinct(ranks["scheme"])
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
