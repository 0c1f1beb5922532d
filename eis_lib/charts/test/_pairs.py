"""Pairs of services that look alike, with what matches in each."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import _columns_axis, _rows_axis

PAIR_HEIGHT = 40


def candidates(
    limbs: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return pairs down, the limbs of the overlap test across; what matches is a filled square, with J and K beside it.

    Parameters
    ----------
    limbs
        One row per pair and limb, in reading order: ``pair`` (label of two lines), ``limb`` (label), ``state`` (``matches``,
        ``differs``, ``cannot be compared``), ``numbers`` (text: J and K); ``pair_id``, by which a click finds the pair.
    """
    rows, columns = distinct(limbs["pair"]), distinct(limbs["limb"])
    states = ["matches", "differs", "cannot be compared"]
    base = alt.Chart(limbs.filter(["pair", "pair_id", "limb", "state", "numbers"])).encode(
        x=alt.X("limb:N", sort=columns, title=None, axis=_columns_axis()),
        y=alt.Y("pair:N", sort=rows, title=None, axis=_rows_axis(310, lines=2)),
    )
    marks = base.mark_point(size=150, filled=True, opacity=1, xOffset=-44).encode(
        shape=alt.Shape(
            "state:N",
            scale=alt.Scale(domain=states, range=["square", "circle", "cross"]),
            legend=alt.Legend(title=None),
        ),
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=states,
                range=[theme.COLOURS["support"], theme.COLOURS["faint"], theme.COLOURS["unknown"]],
            ),
            legend=alt.Legend(title=None),
        ),
    )
    text = base.mark_text(align="left", xOffset=-32, fontSize=11).encode(text="numbers:N")
    chart = (marks + text).properties(width=105 * len(columns), height=PAIR_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
