"""The providers, the stages at which they give services, and how they pass firms on."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.map._coverage import LEVEL_COLOURS, ROW_HEIGHT
from eis_lib.charts.parts import _matrix_axis, _two_lines, distinct


def providers(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the providers by their number of services, with level and role beside each bar.

    Parameters
    ----------
    counts
        ``provider`` (labels, in order), ``level`` (code or ``several``), ``services``, ``note``.
    """
    names = distinct(counts["provider"])
    codes = distinct(counts["level"])
    base = alt.Chart(counts[["provider", "level", "services", "note"]]).encode(
        y=alt.Y(
            "provider:N", sort=names, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=250)
        ),
        x=alt.X("services:Q", title="services", axis=alt.Axis(tickMinStep=1, format="d", grid=False)),
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "level:N",
            scale=alt.Scale(
                domain=codes, range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes]
            ),
            legend=None,
        )
    )
    words = base.mark_text(align="left", dx=5, fontSize=11).encode(text="note:N")
    chart = (bars + words).properties(width=300, height=ROW_HEIGHT * len(names))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def provider_stages(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the provider–service network folded into a matrix: providers down, stages across, services as discs.

    Parameters
    ----------
    cells
        ``provider`` (labels, in order, grouped by level), ``level`` (code or ``several``) and
        ``level_label``, ``stage`` (labels, in order),
        ``services``.
    """
    cells = cells.assign(stage=cells["stage"].map(_two_lines))
    names, stages, codes = distinct(cells["provider"]), distinct(cells["stage"]), distinct(cells["level"])
    most = max(int(cells["services"].max()), 1)
    drawn = cells.loc[cells["services"] > 0, ["provider", "level_label", "stage", "services"]]
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "stage:N",
            sort=stages,
            scale=alt.Scale(domain=stages),
            title=None,
            axis=_matrix_axis(),
        ),
        y=alt.Y(
            "provider:N",
            sort=names,
            scale=alt.Scale(domain=names),
            title=None,
            axis=alt.Axis(domain=False, ticks=False, grid=True, labelLimit=250),
        ),
    )
    discs = base.mark_circle(opacity=1).encode(
        size=alt.Size("services:Q", scale=alt.Scale(range=[200, 430], domain=[1, max(most, 2)]), legend=None),
        color=alt.Color(
            "level_label:N",
            scale=alt.Scale(
                domain=distinct(cells["level_label"]),
                range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes],
            ),
            legend=alt.Legend(title=None),
        ),
        tooltip=[
            alt.Tooltip("provider:N", title="Provider"),
            alt.Tooltip("stage:N", title="Stage"),
            alt.Tooltip("services:Q", title="Services"),
        ],
    )
    numbers = base.mark_text(fontSize=11).encode(text="services:Q")
    chart = (discs + numbers).properties(width=360, height=ROW_HEIGHT * len(names))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def handoffs(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return how firms are passed from provider to provider: from down, to across, number of referrals in the cell.

    Parameters
    ----------
    cells
        ``from_provider``, ``to_provider`` (labels), ``referrals``, ``warm`` (numbers), ``mark`` (text of the cell).
    """
    rows, columns = sorted(set(cells["from_provider"])), sorted(set(cells["to_provider"]))
    base = alt.Chart(cells[["from_provider", "to_provider", "referrals", "warm", "mark"]]).encode(
        x=alt.X(
            "to_provider:N",
            sort=columns,
            title="to",
            axis=alt.Axis(orient="top", labelAngle=-35, labelLimit=200, domain=False, grid=True),
        ),
        y=alt.Y("from_provider:N", sort=rows, title="from", axis=alt.Axis(domain=False, grid=True)),
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color("referrals:Q", scale=alt.Scale(range=list(theme.SEQUENTIAL[:4])), legend=None),
        tooltip=[
            alt.Tooltip("from_provider:N", title="From"),
            alt.Tooltip("to_provider:N", title="To"),
            alt.Tooltip("referrals:Q", title="Referrals"),
            alt.Tooltip("warm:Q", title="of these warm"),
        ],
    )
    words = base.mark_text().encode(text="mark:N")
    chart = (boxes + words).properties(width=36 * max(len(columns), 4), height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
