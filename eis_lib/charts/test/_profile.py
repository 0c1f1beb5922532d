"""The demand of each need in three parts, by how far it is met."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._gaps import ROW_HEIGHT, _rows_axis


def demand_served(
    parts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the demand of each need as a bar in three parts.

    Parameters
    ----------
    parts
        ``area`` (label, in order), ``state`` (``served``, ``records can not tell``, ``no service open``), ``weight`` (share of all
        demand, 0–1).
    """
    states = ["served", "records can not tell", "no service open"]
    data = parts.assign(place=parts["state"].map({s: n for n, s in enumerate(states)}))
    chart = (
        alt.Chart(data[["area", "state", "weight", "place"]])
        .mark_bar(height=17, stroke="white", strokeWidth=1)
        .encode(
            y=alt.Y("area:N", sort=distinct(parts["area"]), title=None, axis=_rows_axis()),
            x=alt.X(
                "weight:Q", title="share of all weighted demand (%)", axis=alt.Axis(format="%", tickCount=6)
            ),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(
                    domain=states,
                    range=[theme.COLOURS["support"], theme.COLOURS["unknown"], theme.COLOURS["gap"]],
                ),
                legend=alt.Legend(title=None),
            ),
            order=alt.Order("place:Q"),
        )
        .properties(width=440, height=ROW_HEIGHT * parts["area"].nunique())
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
