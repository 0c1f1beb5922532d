"""Who could give what to whom, who should visit whom, and who is strong where."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.compare._profiles import DARK, ROW_HEIGHT, _rows
from eis_lib.charts.parts import PLACE_WIDTH, _column_axis, distinct

STANDING_COLOURS = {
    "strong": theme.COLOURS["support"],
    "between": theme.SEQUENTIAL[1],
    "weak": theme.COLOURS["gap"],
    "cannot tell": theme.COLOURS["unknown"],
    "no demand": theme.COLOURS["none"],
}


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
            y
            if side == "take"
            else alt.Y("partner:N", sort=distinct(frame["partner"]), title=None, axis=None)
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
            sort=distinct(cells.sort_values("column_place")["host"]),
            title="host: has practices for it",
            axis=_column_axis(),
        ),
        y=alt.Y(
            "visitor:N",
            sort=distinct(cells["visitor"]),
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
        ``need``, ``region`` (labels, in order), ``standing`` (see :func:`eis_lib.methods.transfer.strong_where`) and ``mark``.
    """
    drawn = cells[["need", "region", "standing", "mark"]].assign(is_dark=cells["standing"].isin(DARK))
    kinds = [kind for kind in STANDING_COLOURS if kind in set(cells["standing"])]
    base = alt.Chart(drawn).encode(
        x=alt.X("region:N", sort=distinct(cells["region"]), title=None, axis=_column_axis()),
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
