"""How many open services a served firm has per need, in the landscape as it is and slimmed."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import _rows

AS_IS, TO_BE, PROPOSED = "as it is", "slimmed", "slimmed, with the proposals"

_LANDSCAPE_COLOURS = {
    AS_IS: theme.COLOURS["neutral"],
    TO_BE: theme.COLOURS["level_local"],
    PROPOSED: theme.COLOURS["support"],
}

_SHAPES = {AS_IS: "circle", TO_BE: "diamond", PROPOSED: "triangle-up"}


def doors(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how many open services a served firm has per need, in both landscapes, joined by a line.

    Parameters
    ----------
    rows
        ``label``, ``landscape`` (:data:`AS_IS`, :data:`TO_BE`), ``doors`` (weighted mean), in order.
    """
    order = distinct(rows["label"])
    base = alt.Chart(rows[["label", "landscape", "doors"]]).encode(y=_rows("label", order))
    line = base.mark_line(color=theme.COLOURS["faint"], strokeWidth=3).encode(
        x=alt.X("doors:Q", title="services open to a firm that has the need (weighted mean)", scale=alt.Scale(domainMin=0, nice=True)),
        detail="label:N",
    )  # fmt: skip
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        x="doors:Q",
        **_landscape_codes(rows),
        tooltip=["label:N", "landscape:N", alt.Tooltip("doors:Q", format=".1f")],
    )
    chart = (line + points).properties(width=380, height=26 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def _landscape_codes(rows: pd.DataFrame) -> dict[str, Any]:
    shown = [name for name in _LANDSCAPE_COLOURS if name in set(rows["landscape"])]
    return {
        "color": alt.Color("landscape:N", title="Landscape", scale=alt.Scale(domain=shown, range=[_LANDSCAPE_COLOURS[s] for s in shown])),
        "shape": alt.Shape("landscape:N", title="Landscape", scale=alt.Scale(domain=shown, range=[_SHAPES[s] for s in shown])),
    }  # fmt: skip
