"""What published actions and our proposals take up, side by side."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import _rows


def both_sides(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return, need by need, how many actions the region published and how many the review proposes.

    Parameters
    ----------
    rows
        ``label``, ``side`` (``published`` or ``proposed``), ``actions`` (number), in order.
    """
    order = distinct(rows["label"])
    data = rows.assign(signed=rows["actions"].where(rows["side"] == "proposed", -rows["actions"]))
    most = max(int(rows["actions"].max()), 1)
    base = alt.Chart(data[["label", "side", "actions", "signed"]]).encode(y=_rows("label", order))
    bars = base.mark_bar(height=14).encode(
        x=alt.X("signed:Q", title="actions published  ←  →  recommendations", scale=alt.Scale(domain=[-most * 1.2, most * 1.2]),
                axis=alt.Axis(labelExpr="abs(datum.value)", tickMinStep=1, tickCount=6)),
        color=alt.Color("side:N", title=None, scale=alt.Scale(
            domain=["published", "proposed"], range=[theme.COLOURS["level_local"], theme.COLOURS["support"]])),
    )  # fmt: skip
    left = (
        base.transform_filter("datum.signed < 0")
        .mark_text(align="right", dx=-4)
        .encode(x="signed:Q", text="actions:Q")
    )
    right = (
        base.transform_filter("datum.signed > 0")
        .mark_text(align="left", dx=4)
        .encode(x="signed:Q", text="actions:Q")
    )
    chart = (bars + left + right).properties(width=400, height=24 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
