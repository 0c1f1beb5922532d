"""The actions as bars over years, and who has which role in which action."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import ROW, _rows, two_lines


def timetable(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return actions as bars over years, with who answers for each.

    Parameters
    ----------
    rows
        ``label``, ``start`` and ``end`` (years, both included), ``owner``, ``kind`` (legend), in order.
    """
    data = rows.assign(label=rows["label"].map(two_lines), until=rows["end"] + 1)
    order, kinds = distinct(data["label"]), distinct(data["kind"])
    first, last = int(data["start"].min()), int(data["until"].max())
    colours = [theme.COLOURS["support"], theme.COLOURS["level_local"]]
    base = alt.Chart(data[["label", "start", "until", "owner", "kind"]]).encode(y=_rows("label", order))
    axis = alt.Axis(
        values=list(range(first, last + 1)), format="d", labelAlign="left", labelOffset=6, orient="top", gridColor=theme.COLOURS["faint"], domain=False,
        labelExpr=f"datum.value < {last} ? format(datum.value, 'd') : ''",
    )  # fmt: skip
    # the owner's name stands behind the bar: room for it is added to the years
    x = alt.X(
        "start:Q",
        title=None,
        scale=alt.Scale(domain=[first, last + 0.6 * (last - first)], nice=False),
        axis=axis,
    )
    bars = base.mark_bar(height=22).encode(
        x=x,
        x2="until:Q",
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=colours[: len(kinds)])),
    )
    text = base.mark_text(align="left", dx=6, fontSize=11).encode(x="until:Q", text="owner:N")
    chart = (bars + text).properties(width=420, height=ROW * 1.3 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
