"""The practices that meet most, and which region has a practice for which gap."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.compare._profiles import ROW_HEIGHT, _rows
from eis_lib.charts.parts import PLACE_WIDTH, _column_axis


def top_practices(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the practices that meet most, each with whose it is, its evidence and how alike the regions are.

    Parameters
    ----------
    frame
        ``practice`` (label, in order), ``met`` (share of the weight of tested gaps, 0–1), ``note`` (text at the bar's end).
    """
    y = _rows("practice", frame["practice"], limit=300)
    most = float(frame["met"].max()) or 1.0
    x = alt.X(
        "met:Q", title="weight of tested gaps it speaks to", axis=alt.Axis(format=".0%", tickCount=4), scale=alt.Scale(domain=[0, most * 1.9])
    )  # fmt: skip
    drawn = frame[["practice", "met", "note"]]
    bars = alt.Chart(drawn).mark_bar(height=15, color=theme.COLOURS["support"]).encode(
        y=y, x=x, tooltip=[alt.Tooltip("practice:N", title="Practice"), alt.Tooltip("note:N", title="What is known")]
    )  # fmt: skip
    text = alt.Chart(drawn).mark_text(align="left", dx=5, fontSize=11).encode(y=y, x=x, text="note:N")
    chart = (bars + text).properties(width=400, height=ROW_HEIGHT * len(frame))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def practice_matches(
    cells: pd.DataFrame,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return which region has a practice for which gap: gaps down, heaviest first; regions across, most alike first.

    Parameters
    ----------
    cells
        One row per gap and region with a practice: ``gap``, ``region`` (labels), ``practices`` (number), ``grade`` (best
        evidence, 0–4) and ``fit`` (``same stage`` or ``other stage``).
    rows, columns
        All gaps and regions to draw, in order; a gap nobody answers keeps its empty row.
    """
    frame = pd.DataFrame([{"gap": gap, "region": region} for gap in rows for region in columns])
    x = alt.X("region:N", sort=list(columns), title=None, axis=_column_axis())
    y = _rows("gap", pd.Series(list(rows)), limit=300)
    grid = (
        alt.Chart(frame)
        .mark_rect(color=theme.COLOURS["none"], stroke="white", strokeWidth=2)
        .encode(x=x, y=y)
    )
    base = alt.Chart(cells[["gap", "region", "practices", "grade", "fit"]]).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("gap:N", title="Gap"),
            alt.Tooltip("region:N", title="Region"),
            alt.Tooltip("practices:Q", title="Practices"),
            alt.Tooltip("grade:Q", title="Best evidence grade (0–4)"),
            alt.Tooltip("fit:N", title="Fit"),
        ],
    )
    marks = base.mark_point(filled=True, opacity=1, size=330).encode(
        color=alt.Color(
            "fit:N",
            scale=alt.Scale(
                domain=["same stage", "other stage"],
                range=[theme.COLOURS["support"], theme.COLOURS["others"]],
            ),
            legend=alt.Legend(title="practice for the need at"),
        ),
        shape=alt.Shape(
            "fit:N",
            scale=alt.Scale(domain=["same stage", "other stage"], range=["circle", "diamond"]),
            legend=alt.Legend(title="practice for the need at"),
        ),
    )
    text = base.mark_text(fontWeight="bold").encode(
        text="practices:Q",
        color=alt.condition("datum.fit == 'same stage'", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (grid + marks + text).properties(width=PLACE_WIDTH * len(columns), height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
