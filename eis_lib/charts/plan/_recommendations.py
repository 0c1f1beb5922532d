"""The recommendations by the demand they bear on, and what is published beside what is proposed."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct

ROW = 30

OPTION_COLOURS = {
    "add": theme.COLOURS["gap"],
    "redesign": theme.COLOURS["level_local"],
    "coordinate": theme.COLOURS["support"],
    "merge": theme.COLOURS["level_eu"],
    "transfer": theme.COLOURS["level_national"],
    "close": theme.COLOURS["neutral"],
    "keep": theme.COLOURS["unknown"],
}


def _rows(field: str, order: list[Any], *, limit: int = 300) -> alt.Y:
    return alt.Y(
        f"{field}:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            domain=False,
            ticks=False,
            labelLimit=limit,
            labelExpr="split(datum.label, '\\n')",
            labelLineHeight=14,
            # a label of two lines is raised by half a line, so that it stays level with its row
            labelOffset={"condition": {"test": "indexof(datum.label, '\\n') >= 0", "value": -7}, "value": 0},
        ),
    )


def two_lines(label: str, most: int = 42) -> str:
    """Return a label of at most two lines of so many characters, cut between words."""
    lines = theme.wrap(label, most)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1].rstrip(' ,;')} …"])


def recommendation_bars(
    rows: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the recommendations as bars of the demand they bear on, weighed by severity.

    Parameters
    ----------
    rows
        ``label``, ``value`` (0–1), ``option`` (code), ``option_label``, ``note`` (text beside the bar), in order.
    """
    data = rows.assign(label=rows["label"].map(two_lines))
    order, options = distinct(data["label"]), distinct(data["option"])
    labels = dict(zip(data["option"], data["option_label"], strict=True))
    most = max(float(data["value"].max()), 0.01)
    base = alt.Chart(data[["label", "value", "option_label", "note"]]).encode(y=_rows("label", order))
    bars = base.mark_bar(height=16).encode(
        x=alt.X("value:Q", title="share of weighted demand × severity", scale=alt.Scale(domain=[0, most * 1.75]),
                axis=alt.Axis(format="%", tickCount=4)),
        color=alt.Color(
            "option_label:N",
            title="Option",
            scale=alt.Scale(domain=[labels[o] for o in options], range=[OPTION_COLOURS[o] for o in options]),
        ),
        tooltip=[alt.Tooltip("label:N", title="Recommendation"), alt.Tooltip("value:Q", format=".1%"), alt.Tooltip("note:N")],
    )  # fmt: skip
    text = base.mark_text(align="left", dx=5).encode(x="value:Q", text="note:N")
    chart = (bars + text).properties(width=320, height=ROW * 1.25 * len(order))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
