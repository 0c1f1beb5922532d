"""Charts of step 1, map: who provides what, to whom, at which point of the journey.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW_HEIGHT = 24
LEVEL_COLOURS = {level: theme.COLOURS[f"level_{level}"] for level in ("local", "regional", "national", "eu")}
DATING_COLOURS = {
    "dated": theme.COLOURS["support"],
    "no end recorded": theme.COLOURS["others"],
    "no start recorded": theme.COLOURS["unknown"],
}


def _two_lines(label: str) -> str:
    """Return a label broken at the space nearest its middle; one word stands on the second line."""
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return f"\n{label}"
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"


def _matrix_axis() -> alt.Axis:
    """Return the axis above a matrix, for labels of two lines."""
    return alt.Axis(
        orient="top",
        labelAngle=0,
        labelBaseline="top",
        labelPadding=34,
        labelLineHeight=14,
        domain=False,
        ticks=False,
        labelExpr="split(datum.label, '\\n')",
    )


def _order(values: pd.Series) -> list[Any]:
    return list(dict.fromkeys(values))


def coverage_map(
    cells: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
    row_title: str = "",
    column_title: str = "",
) -> alt.TopLevelMixin:
    """Return a heat map with the number of services in each cell.

    Parameters
    ----------
    cells
        ``row``, ``column`` (labels, in order), ``services``, ``providers`` (numbers), ``status`` (``covered``, ``general``,
        ``unknown``, ``none``) and ``mark``, the text of the cell, which tells the four apart without colour.
    """
    narrow = cells["column"].nunique() > 7
    written = cells["column"] if narrow else cells["column"].map(_two_lines)
    slanted = alt.Axis(orient="top", labelAngle=-40, labelLimit=160, domain=False, ticks=False)
    rows, columns = _order(cells["row"]), _order(written)
    most = max(int(cells["services"].max()), 1)
    data = cells[["row", "column", "services", "providers", "status", "mark"]].assign(
        column=written,
        is_dark=theme.is_dark(cells["services"], (1, max(most, 2)), theme.SEQUENTIAL)
        & (cells["status"] == "covered"),
    )
    base = alt.Chart(data).encode(
        x=alt.X(
            "column:N",
            sort=columns,
            title=column_title or None,
            axis=slanted if narrow else _matrix_axis(),
        ),
        y=alt.Y("row:N", sort=rows, title=row_title or None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("row:N", title=row_title or "Row"),
            alt.Tooltip("column:N", title=column_title or "Column"),
            alt.Tooltip("services:Q", title="Services"),
            alt.Tooltip("providers:Q", title="Providers"),
            alt.Tooltip("status:N", title="Status"),
        ],
    )
    covered = (
        base.transform_filter("datum.status == 'covered'")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            color=alt.Color(
                "services:Q",
                scale=alt.Scale(range=list(theme.SEQUENTIAL), domain=[1, max(most, 2)]),
                legend=None,
            )
        )
    )
    bare = (
        base.transform_filter("datum.status != 'covered'")
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(color=alt.value(theme.COLOURS["none"]))
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    width = min(theme.WIDTH, 92 * len(columns))
    chart = (bare + covered + text).properties(width=width, height=ROW_HEIGHT * len(rows))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def level_by_stage(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return who stands where on the journey: levels of government down, stages across, services as sized discs.

    Parameters
    ----------
    cells
        ``level`` (code), ``level_label``, ``stage`` (labels, in order), ``services``.
    """
    cells = cells.assign(stage=cells["stage"].map(_two_lines))
    levels, stages = _order(cells["level_label"]), _order(cells["stage"])
    codes = _order(cells["level"])
    most = max(int(cells["services"].max()), 1)
    base = alt.Chart(cells[["level", "level_label", "stage", "services"]]).encode(
        x=alt.X(
            "stage:N",
            sort=stages,
            title=None,
            axis=_matrix_axis(),
        ),
        y=alt.Y(
            "level_label:N", sort=levels, title=None, axis=alt.Axis(domain=False, ticks=False, grid=True)
        ),
    )
    discs = (
        base.transform_filter("datum.services > 0")
        .mark_circle(opacity=1)
        .encode(
            size=alt.Size(
                "services:Q", scale=alt.Scale(range=[260, 2000], domain=[1, max(most, 2)]), legend=None
            ),
            color=alt.Color(
                "level:N",
                scale=alt.Scale(
                    domain=codes, range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes]
                ),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("level_label:N", title="Level"),
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("services:Q", title="Services"),
            ],
        )
    )
    numbers = base.mark_text(fontWeight="bold").encode(
        text=alt.condition("datum.services > 0", alt.Text("services:Q"), alt.value("–"))
    )
    chart = (discs + numbers).properties(width=theme.WIDTH - 60, height=58 * len(levels))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def dated_years(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the landscape of two years side by side, with what is dated apart from what is assumed.

    Parameters
    ----------
    counts
        ``label`` (in order), ``year``, ``dating`` (see :data:`eis_lib.landscape.DATINGS`), ``services``.
    """
    labels, years = _order(counts["label"]), sorted(set(counts["year"]))
    total = counts.groupby(["label", "year"], sort=False)["services"].sum().reset_index()
    datings = list(DATING_COLOURS)
    most = max(int(total["services"].max()), 1)
    y = alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(domain=False, ticks=False))
    panels = []
    for n, year in enumerate(years):
        axis = alt.Axis(domain=False, ticks=False) if n == 0 else None
        drawn = counts.loc[
            (counts["year"] == year) & (counts["services"] > 0), ["label", "dating", "services"]
        ]
        bars = (
            alt.Chart(drawn.assign(rank=drawn["dating"].map(datings.index)))
            .mark_bar(stroke="white", strokeWidth=1)
            .encode(
                y=y.copy() if n == 0 else alt.Y("label:N", sort=labels, title=None, axis=axis),
                x=alt.X(
                    "services:Q",
                    title="services",
                    scale=alt.Scale(domain=[0, most * 1.12]),
                    axis=alt.Axis(tickMinStep=1, tickCount=5, format="d"),
                ),
                order=alt.Order("rank:Q"),
                color=alt.Color(
                    "dating:N",
                    scale=alt.Scale(domain=datings, range=list(DATING_COLOURS.values())),
                    legend=alt.Legend(
                        title=None,
                        orient="top",
                        labelExpr="{'dated': 'both years recorded', 'no end recorded': 'no last year recorded', 'no start recorded': 'no first year recorded'}[datum.label]",
                    ),
                ),
                tooltip=[
                    alt.Tooltip("label:N", title="Support"),
                    alt.Tooltip("dating:N", title="Dating"),
                    alt.Tooltip("services:Q", title="Services"),
                ],
            )
        )
        numbers = (
            alt.Chart(total.loc[total["year"] == year, ["label", "services"]])
            .mark_text(align="left", dx=4)
            .encode(
                y=alt.Y("label:N", sort=labels),
                x="services:Q",
                text=alt.condition("datum.services > 0", alt.Text("services:Q"), alt.value("–")),
            )
        )
        panels.append(
            (bars + numbers).properties(
                width=225,
                height=21 * len(labels),
                title=alt.TitleParams(str(year), fontSize=13, anchor="middle", offset=4),
            )
        )
    chart = alt.hconcat(*panels, spacing=18).resolve_scale(color="shared")
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def need_areas(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the services behind each need area as bars, split by the level of the leading provider.

    Parameters
    ----------
    counts
        ``need`` (labels, in order), ``level`` (code), ``level_label`` (in order), ``services``, ``note`` (words beside a
        need without any).
    """
    needs, codes, labels = _order(counts["need"]), _order(counts["level"]), _order(counts["level_label"])
    drawn = counts.loc[counts["services"] > 0, ["need", "level", "level_label", "services"]]
    drawn = drawn.assign(rank=drawn["level"].map(codes.index))
    total = (
        counts.groupby("need", sort=False)
        .agg(services=("services", "sum"), note=("note", "first"))
        .reset_index()
    )
    total["mark"] = total["services"].astype(str).where(total["services"] > 0, total["note"])
    y = alt.Y("need:N", sort=needs, title=None, axis=alt.Axis(domain=False, ticks=False))
    bars = (
        alt.Chart(drawn)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            y=y,
            x=alt.X(
                "services:Q",
                stack="zero",
                title="services",
                axis=alt.Axis(tickMinStep=1, format="d", grid=False),
            ),
            order=alt.Order("rank:Q"),
            color=alt.Color(
                "level_label:N",
                scale=alt.Scale(
                    domain=labels, range=[LEVEL_COLOURS.get(c, theme.COLOURS["unknown"]) for c in codes]
                ),
                legend=alt.Legend(title="Level of the leading provider"),
            ),
            tooltip=[
                alt.Tooltip("need:N", title="Need area"),
                alt.Tooltip("level_label:N", title="Level"),
                alt.Tooltip("services:Q", title="Services"),
            ],
        )
    )
    inside = (
        alt.Chart(drawn)
        .mark_text(fontSize=11)
        .encode(
            y=y,
            x=alt.X("services:Q", stack="zero", bandPosition=0.5),
            order=alt.Order("rank:Q"),
            text="services:Q",
        )
    )
    ends = alt.Chart(total).mark_text(align="left", dx=5).encode(y=y, x="services:Q", text="mark:N")
    chart = (bars + inside + ends).properties(width=430, height=ROW_HEIGHT * len(needs))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def concentration(
    areas: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return, per need area, how many providers there are and how many it would be if all gave the same number of services.

    Parameters
    ----------
    areas
        ``need`` (labels, in order), ``providers``, ``effective_providers``, ``note`` (words at the end of each row).
    """
    needs = _order(areas["need"])
    base = alt.Chart(areas[["need", "providers", "effective_providers", "note"]]).encode(
        y=alt.Y("need:N", sort=needs, title=None, axis=alt.Axis(domain=False, ticks=False))
    )
    far = max(float(areas["providers"].max()), 1.0)
    x = alt.Scale(domain=[0, far * 1.02])
    line = base.mark_rule(strokeWidth=2, color=theme.COLOURS["faint"]).encode(
        x=alt.X("effective_providers:Q", scale=x), x2="providers:Q"
    )
    points = areas.melt("need", ["providers", "effective_providers"], var_name="what", value_name="number")
    named = {"effective_providers": "effective number (1/HHI)", "providers": "providers with a service"}
    dots = (
        alt.Chart(points.assign(what=points["what"].map(named)))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            y=alt.Y("need:N", sort=needs),
            x=alt.X("number:Q", scale=x, title="providers", axis=alt.Axis(tickMinStep=1, format="d")),
            shape=alt.Shape(
                "what:N",
                scale=alt.Scale(domain=list(named.values()), range=["diamond", "circle"]),
                legend=alt.Legend(title=None),
            ),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(
                    domain=list(named.values()), range=[theme.COLOURS["highlight"], theme.COLOURS["others"]]
                ),
                legend=alt.Legend(title=None),
            ),
            tooltip=[
                alt.Tooltip("need:N", title="Need area"),
                alt.Tooltip("what:N", title="Measure"),
                alt.Tooltip("number:Q", title="Number", format=".1f"),
            ],
        )
    )
    words = base.mark_text(align="left", fontSize=11, color=theme.COLOURS["neutral"]).encode(
        x=alt.value(338), text="note:N"
    )
    chart = (line + dots + words).properties(width=330, height=ROW_HEIGHT * len(needs))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def providers(
    counts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the providers by their number of services, with level and role beside each bar.

    Parameters
    ----------
    counts
        ``provider`` (labels, in order), ``level`` (code or ``several``), ``services``, ``note``.
    """
    names = _order(counts["provider"])
    codes = _order(counts["level"])
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
    names, stages, codes = _order(cells["provider"]), _order(cells["stage"]), _order(cells["level"])
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
                domain=_order(cells["level_label"]),
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


def completeness(
    measures: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str, order: Sequence[str]
) -> alt.TopLevelMixin:
    """Return how much of the inventory is filled and sourced, as shares of its records.

    Parameters
    ----------
    measures
        ``table``, ``label``, ``share`` (0–1), ``note`` (words beside the bar).
    order
        The tables, in order.
    """
    panels = []
    for n, name in enumerate(order):
        rows = measures.loc[measures["table"] == name, ["label", "share", "note"]]
        base = alt.Chart(rows).encode(
            y=alt.Y(
                "label:N",
                sort=_order(rows["label"]),
                title=None,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=240, minExtent=205),
            ),
            x=alt.X(
                "share:Q",
                scale=alt.Scale(domain=[0, 1]),
                title="share of records" if n == len(order) - 1 else None,
                axis=alt.Axis(format="%", tickCount=5, labels=n == len(order) - 1, ticks=n == len(order) - 1),
            ),
        )
        bars = base.mark_bar(color=theme.COLOURS["support"])
        words = base.mark_text(align="left", fontSize=11).encode(x=alt.value(307), text="note:N")
        panels.append(
            (bars + words).properties(
                width=300,
                height=22 * len(rows),
                title=alt.TitleParams(name, fontSize=13, anchor="start", offset=4),
            )
        )
    chart = alt.vconcat(*panels, spacing=10)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
