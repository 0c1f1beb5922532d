"""Who answers for, does, is asked about and hears of each action."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.plan._recommendations import _rows


def raci_matrix(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return who has which role in which action: bodies down, actions across, letters in the cells.

    Parameters
    ----------
    rows
        ``body``, ``action`` (short labels, in order), ``letters`` (e.g. ``A R``), ``is_accountable`` (bool).
    """
    bodies, actions = distinct(rows["body"]), distinct(rows["action"])
    base = alt.Chart(rows[["body", "action", "letters", "is_accountable"]]).encode(
        x=alt.X("action:N", sort=actions, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)),
        y=_rows("body", bodies, limit=320),
    )  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.condition(
            "datum.is_accountable", alt.value(theme.COLOURS["support"]), alt.value(theme.SEQUENTIAL[1])
        )
    )
    text = base.mark_text(fontWeight="bold").encode(
        text="letters:N",
        color=alt.condition("datum.is_accountable", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (cells + text).properties(width=min(380, 64 * len(actions)), height=26 * len(bodies))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
