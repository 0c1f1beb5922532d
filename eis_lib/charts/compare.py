"""Charts of step 4, compare: regions side by side, structural peers, practices that meet gaps, who learns from whom.

Every function takes a tidy frame whose labels are words a reader knows and whose rows are in reading order, and returns a
finished chart. Labels of regions carry level and population, because the regions compared are not of one kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import theme

ROW_HEIGHT = 26
PLACE_WIDTH = 76
"""Width in pixels of a column that stands for one region."""

DIFFERENCE_COLOURS = {
    "missing here": theme.COLOURS["gap"],
    "rarer here": theme.DIVERGING[2],
    "alike": theme.COLOURS["none"],
    "only here": theme.COLOURS["support"],
    "unknown": theme.COLOURS["unknown"],
}
STANDING_COLOURS = {
    "strong": theme.COLOURS["support"],
    "between": theme.SEQUENTIAL[1],
    "weak": theme.COLOURS["gap"],
    "cannot tell": theme.COLOURS["unknown"],
    "no demand": theme.COLOURS["none"],
}
DARK = ("strong", "weak", "missing here", "only here")


def _order(values: pd.Series) -> list[Any]:
    return list(dict.fromkeys(values))


def _column_axis(height: int = 48) -> alt.Axis:
    """Return the axis above a matrix for labels of up to three lines, split at line breaks."""
    return alt.Axis(
        orient="top", labelAngle=0, labelBaseline="top", labelPadding=height, labelLineHeight=14, domain=False, ticks=False,
        labelExpr="split(datum.label, '\\n')", labelLimit=PLACE_WIDTH + 20,
    )  # fmt: skip


def _rows(name: str, values: pd.Series, limit: int = 260) -> alt.Y:
    axis = alt.Axis(domain=False, ticks=False, grid=False, labelLimit=limit)
    return alt.Y(f"{name}:N", sort=_order(values), title=None, axis=axis)


def profile_strips(
    frame: pd.DataFrame,
    *,
    own: str,
    title: str,
    subtitle: str,
    source: str,
    description: str,
    percent: bool = True,
) -> alt.TopLevelMixin:
    """Return one line per measure with every region on it, this one picked out and its value written beside.

    Parameters
    ----------
    frame
        ``measure``, ``region`` (labels, in order), ``position`` (0–1), ``is_own`` (bool), ``of`` (``the region itself`` or
        ``a wider area``: what the figure is about), ``text`` (value with unit), ``low_text`` and ``high_text`` (ends of the line).
    own
        Name of the region picked out.
    percent
        Whether positions are shares to be read on a common axis; otherwise each line runs from its lowest to its highest.
    """
    measures = _order(frame["measure"])
    spans = frame.groupby("measure", sort=False)["position"].agg(["min", "max", "median"]).reset_index()
    y = _rows("measure", frame["measure"], limit=230)
    width = 300
    axis = (
        alt.Axis(format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True)
        if percent
        else alt.Axis(values=[0, 1], labelExpr="datum.value ? 'highest' : 'lowest'", grid=False, domain=False)
    )
    x = alt.X("position:Q", title=None, axis=axis, scale=alt.Scale(domain=[-0.03, 1.03], nice=False))
    shape = alt.Shape(
        "of:N",
        scale=alt.Scale(domain=["the region itself", "a wider area"], range=["circle", "diamond"]),
        legend=alt.Legend(title="figure of", symbolFillColor=theme.COLOURS["others"], symbolStrokeWidth=0)
        if len(set(frame["of"])) > 1
        else None,
    )
    line = (
        alt.Chart(spans)
        .mark_rule(color=theme.COLOURS["faint"], strokeWidth=5, strokeCap="round")
        .encode(y=y, x=alt.X("min:Q", title=None), x2="max:Q")
    )
    middle = (
        alt.Chart(spans)
        .mark_tick(color=theme.COLOURS["neutral"], thickness=2, size=16)
        .encode(y=y, x=alt.X("median:Q", title=None))
    )
    tooltip = [
        alt.Tooltip("measure:N", title="Measure"),
        alt.Tooltip("region:N", title="Region"),
        alt.Tooltip("text:N", title="Value"),
        alt.Tooltip("of:N", title="Figure of"),
    ]
    others = (
        alt.Chart(frame[~frame["is_own"]][["measure", "region", "position", "of", "text"]])
        .mark_point(
            filled=True, size=70, color=theme.COLOURS["others"], stroke="white", strokeWidth=0.6, opacity=1
        )
        .encode(y=y, x=x, shape=shape, tooltip=tooltip)
    )
    mine = frame[frame["is_own"]]
    picked = (
        alt.Chart(mine[["measure", "region", "position", "of", "text"]])
        .mark_point(
            filled=True, size=170, color=theme.COLOURS["highlight"], stroke="white", strokeWidth=1, opacity=1
        )
        .encode(y=y, x=x, shape=shape, tooltip=tooltip)
    )
    # the name of the region must not run into the heading beside it
    beside = max(92, 24 + round(6.2 * len(own)))
    ends = frame.drop_duplicates("measure")
    value = alt.Chart(mine[["measure", "text"]]).mark_text(
        align="left", fontWeight="bold", color=theme.COLOURS["highlight"]
    ).encode(y=y, x=alt.value(width + 10), text="text:N")  # fmt: skip
    rest = alt.Chart(ends[["measure", "high_text"]]).mark_text(align="left", fontSize=11, color=theme.COLOURS["neutral"]).encode(
        y=y, x=alt.value(width + beside), text="high_text:N"
    )  # fmt: skip
    head = alt.Chart(pd.DataFrame({"own": [own], "range": ["lowest – highest"]}))
    heads = head.mark_text(align="left", color=theme.COLOURS["highlight"], fontSize=11).encode(
        x=alt.value(width + 10), y=alt.value(-8), text="own:N"
    ) + head.mark_text(align="left", color=theme.COLOURS["neutral"], fontSize=11).encode(
        x=alt.value(width + beside), y=alt.value(-8), text="range:N"
    )
    chart = (line + middle + others + picked + value + rest + heads).properties(
        width=width, height=ROW_HEIGHT * len(measures)
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def coverage_difference(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return a heat map of what the other regions have and this one lacks, and the other way round.

    Parameters
    ----------
    cells
        ``row``, ``column`` (labels, in order; a column of two lines by a line break), ``standing`` (see
        :func:`eis_lib.transfer.coverage_differences`) and ``mark``, the text of the cell.
    """
    drawn = cells[["row", "column", "standing", "mark"]].assign(is_dark=cells["standing"].isin(DARK))
    kinds = [kind for kind in DIFFERENCE_COLOURS if kind in set(cells["standing"])]
    base = alt.Chart(drawn).encode(
        x=alt.X("column:N", sort=_order(cells["column"]), title=None, axis=_column_axis(34)),
        y=_rows("row", cells["row"]),
        tooltip=[
            alt.Tooltip("row:N", title="Kind of support"),
            alt.Tooltip("column:N", title="For"),
            alt.Tooltip("mark:N", title="Services here | other regions that have one"),
            alt.Tooltip("standing:N", title="Standing"),
        ],
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "standing:N",
            scale=alt.Scale(domain=kinds, range=[DIFFERENCE_COLOURS[kind] for kind in kinds]),
            legend=alt.Legend(title=None, symbolType="square", columns=5),
        )
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    width = min(480, 92 * cells["column"].nunique())
    chart = (boxes + text).properties(width=width, height=24 * cells["row"].nunique())
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def structural_peers(
    parts: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the structural distance to every other region, as a bar of what each dimension adds.

    Parameters
    ----------
    parts
        ``other`` (label, nearest first), ``dimension`` (label), ``part``, ``distance``, ``note`` (text at the bar's end).
    """
    dimensions = _order(parts["dimension"].sort_values())
    most = float(parts["distance"].max()) or 1.0
    y = _rows("other", parts["other"])
    bars = (
        alt.Chart(parts[["other", "dimension", "part"]])
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            y=y,
            x=alt.X(
                "part:Q",
                stack="zero",
                title="structural distance (squared, standardised)",
                scale=alt.Scale(domain=[0, most * 1.3]),
            ),
            color=alt.Color(
                "dimension:N",
                sort=dimensions,
                scale=alt.Scale(domain=dimensions, range=list(theme.CATEGORICAL[: len(dimensions)])),
                legend=alt.Legend(title="what sets them apart"),
            ),
            order=alt.Order("dimension:N"),
            tooltip=[
                alt.Tooltip("other:N", title="Region"),
                alt.Tooltip("dimension:N", title="Dimension"),
                alt.Tooltip("part:Q", title="Adds", format=".2f"),
            ],
        )
    )
    text = (
        alt.Chart(parts.drop_duplicates("other")[["other", "distance", "note"]])
        .mark_text(align="left", dx=6)
        .encode(y=y, x=alt.X("distance:Q"), text="note:N")
    )
    chart = (bars + text).properties(width=400, height=30 * parts["other"].nunique())
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


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


def give_and_take(
    frame: pd.DataFrame, *, own: str, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return for every partner what it could give and what it could take, back to back.

    Parameters
    ----------
    frame
        ``partner`` (label, in order), ``take`` and ``give``: share of this region's gaps the partner's practices meet, and of
        the partner's gaps that this region's meet (0–1; missing where there is no tested gap).
    own
        Name of this region.
    """
    most = max(float(frame[["take", "give"]].max().max()), 0.05)
    y = _rows("partner", frame["partner"])
    panels = []
    for side, colour, heading in (
        ("take", theme.COLOURS["support"], f"could give to {own}"),
        ("give", theme.COLOURS["level_regional"], f"could take from {own}"),
    ):
        drawn = frame[["partner"]].assign(
            share=frame[side].fillna(0.0), text=["–" if pd.isna(v) else f"{v:.0%}" for v in frame[side]]
        )
        axis = alt.X(
            "share:Q", title="of the weight of tested gaps", axis=alt.Axis(format=".0%", tickCount=4),
            scale=alt.Scale(domain=[0, most * 1.2]),
        )  # fmt: skip
        place = (
            y if side == "take" else alt.Y("partner:N", sort=_order(frame["partner"]), title=None, axis=None)
        )
        bars = alt.Chart(drawn).mark_bar(color=colour, height=16).encode(
            x=axis, y=place, tooltip=[alt.Tooltip("partner:N", title="Region"), alt.Tooltip("text:N", title=heading)]
        )  # fmt: skip
        text = alt.Chart(drawn).mark_text(align="left", dx=4).encode(x=axis, y=place, text="text:N")
        panels.append(
            (bars + text).properties(
                width=205, height=ROW_HEIGHT * len(frame),
                title=alt.TitleParams(heading, fontSize=12, fontWeight="normal", anchor="start", frame="group", offset=6),
            )
        )  # fmt: skip
    chart = alt.hconcat(*panels, spacing=24)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def exchange_matrix(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return who could learn from whom: visitors down, hosts across, the best exchange framed.

    Parameters
    ----------
    cells
        ``visitor`` (label, in order), ``host`` (label of up to three lines), ``column_place`` (order of the hosts), ``share`` (0–1) and
        ``is_chosen`` (bool). A region and itself are not in it.
    """
    most = max(float(cells["share"].max()), 0.1)
    drawn = cells[["visitor", "host", "share", "is_chosen"]].assign(
        text=[f"{v:.0%}" if v > 0 else "·" for v in cells["share"].fillna(0)],
        is_dark=theme.is_dark(cells["share"], (0, most), theme.SEQUENTIAL[:5]),
    )
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "host:N",
            sort=_order(cells.sort_values("column_place")["host"]),
            title="host: has practices for it",
            axis=_column_axis(),
        ),
        y=alt.Y(
            "visitor:N",
            sort=_order(cells["visitor"]),
            title="visitor: has the gaps",
            axis=alt.Axis(domain=False, ticks=False, labelLimit=200),
        ),
        tooltip=[
            alt.Tooltip("visitor:N", title="Visitor"),
            alt.Tooltip("host:N", title="Host"),
            alt.Tooltip("share:Q", title="Share of the visitor's gaps met", format=".0%"),
        ],
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "share:Q",
            scale=alt.Scale(range=list(theme.SEQUENTIAL[:5]), domain=[0, most]),
            legend=None,
        )
    )
    frames = base.transform_filter("datum.is_chosen").mark_rect(
        filled=False, stroke=theme.COLOURS["gap"], strokeWidth=3
    )
    text = base.mark_text().encode(
        text="text:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    bold = base.transform_filter("datum.is_chosen").mark_text(fontWeight="bold", fontSize=13).encode(
        text="text:N", color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"]))
    )  # fmt: skip
    plain = text.transform_filter("!datum.is_chosen")
    places = cells["visitor"].nunique()
    chart = (boxes + frames + plain + bold).properties(width=PLACE_WIDTH * places, height=34 * places)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def strong_where(
    cells: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return for every need and region whether its demand is met: needs down, regions across.

    Parameters
    ----------
    cells
        ``need``, ``region`` (labels, in order), ``standing`` (see :func:`eis_lib.transfer.strong_where`) and ``mark``.
    """
    drawn = cells[["need", "region", "standing", "mark"]].assign(is_dark=cells["standing"].isin(DARK))
    kinds = [kind for kind in STANDING_COLOURS if kind in set(cells["standing"])]
    base = alt.Chart(drawn).encode(
        x=alt.X("region:N", sort=_order(cells["region"]), title=None, axis=_column_axis()),
        y=_rows("need", cells["need"]),
        tooltip=[
            alt.Tooltip("need:N", title="Need"),
            alt.Tooltip("region:N", title="Region"),
            alt.Tooltip("mark:N", title="Demand served"),
            alt.Tooltip("standing:N", title="Standing"),
        ],
    )
    boxes = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "standing:N",
            scale=alt.Scale(domain=kinds, range=[STANDING_COLOURS[kind] for kind in kinds]),
            legend=alt.Legend(title=None, symbolType="square", columns=5),
        )
    )
    text = base.mark_text().encode(
        text="mark:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(theme.COLOURS["ink"])),
    )
    chart = (boxes + text).properties(
        width=PLACE_WIDTH * cells["region"].nunique(), height=24 * cells["need"].nunique()
    )
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def rank_intervals(
    frame: pd.DataFrame, *, units: int, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return the rank of each region with the interval it takes when all choices are drawn at random.

    Parameters
    ----------
    frame
        ``region`` (label, in order), ``nominal``, ``median``, ``low``, ``high`` (ranks, 1 = best), ``is_own``.
    units
        Number of units ranked.
    """
    y = _rows("region", frame["region"])
    drawn = frame[["region", "nominal", "median", "low", "high", "is_own"]]
    scale = alt.Scale(domain=[1, units], nice=False)
    colour = alt.condition(
        "datum.is_own", alt.value(theme.COLOURS["highlight"]), alt.value(theme.COLOURS["others"])
    )
    x = alt.X("low:Q", title=f"rank among {units} regions (1 = best)", scale=scale)
    bars = alt.Chart(drawn).mark_bar(height=12, cornerRadius=3).encode(y=y, x=x, x2="high:Q", color=colour)
    median = alt.Chart(drawn).mark_tick(thickness=2, size=18, color=theme.COLOURS["ink"]).encode(
        y=y, x=alt.X("median:Q", scale=scale)
    )  # fmt: skip
    nominal = alt.Chart(drawn).mark_point(
        shape="diamond", filled=True, size=90, color=theme.COLOURS["gap"], stroke="white", opacity=1
    ).encode(
        y=y,
        x=alt.X("nominal:Q", scale=scale),
        tooltip=[
            alt.Tooltip("region:N", title="Region"),
            alt.Tooltip("nominal:Q", title="Rank as chosen"),
            alt.Tooltip("low:Q", title="5th percentile"),
            alt.Tooltip("median:Q", title="Median"),
            alt.Tooltip("high:Q", title="95th percentile"),
        ],
    )  # fmt: skip
    text = alt.Chart(drawn.assign(text=[f"{r.low:.0f}–{r.high:.0f}" for r in frame.itertuples()])).mark_text(
        align="left"
    ).encode(y=y, x=alt.value(400 + 10), text="text:N")  # fmt: skip
    chart = (bars + median + nominal + text).properties(width=400, height=30 * len(frame))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)


def sensitivity(
    frame: pd.DataFrame, *, title: str, subtitle: str, source: str, description: str
) -> alt.TopLevelMixin:
    """Return which choice moves the ranks: total order as a bar with its interval, first order as a tick.

    Parameters
    ----------
    frame
        ``input`` (label, largest first), ``first_order``, ``total_order``, ``total_low``, ``total_high``.
    """
    y = _rows("input", frame["input"])
    drawn = frame[["input", "first_order", "total_order", "total_low", "total_high"]]
    x = alt.X(
        "total_order:Q",
        title="share of the variance of the mean rank shift",
        axis=alt.Axis(format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    bars = alt.Chart(drawn).mark_bar(height=14, color=theme.COLOURS["others"]).encode(
        y=y,
        x=x,
        tooltip=[
            alt.Tooltip("input:N", title="Choice"),
            alt.Tooltip("first_order:Q", title="Alone (first order)", format=".1%"),
            alt.Tooltip("total_order:Q", title="With all it works through (total)", format=".1%"),
        ],
    )  # fmt: skip
    interval = alt.Chart(drawn).mark_rule(strokeWidth=2, color=theme.COLOURS["neutral"]).encode(
        y=y, x=alt.X("total_low:Q"), x2="total_high:Q"
    )  # fmt: skip
    alone = alt.Chart(drawn).mark_tick(thickness=3, size=16, color=theme.COLOURS["highlight"]).encode(
        y=y, x=alt.X("first_order:Q")
    )  # fmt: skip
    chart = (bars + interval + alone).properties(width=380, height=ROW_HEIGHT * len(frame))
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
