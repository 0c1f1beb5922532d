"""Whether the work in each need area is spread over many bodies, and whether anyone coordinates it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count
from eis_lib.methods import landscape, overlap, policy
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _be, _label
from eis_lib.steps.test._pairs import _pairs
from eis_lib.steps.test._view import _source


def _areas(review: Review, now: View, pairs: pd.DataFrame) -> pd.DataFrame:
    codes = review.vocabulary.codes("barrier")
    areas = overlap.fragmentation(now.counted, review.pack.providers, pairs, codes, _roles(review, now))
    status = landscape.need_status(now.counted, codes, review.common.support_type_barriers)
    return areas.assign(status=areas["need_area"].map(status).fillna(landscape.UNKNOWN))


def _roles(review: Review, now: View) -> pd.DataFrame | None:
    """Return who does what in each need area in the year, a role for a policy read into the needs it names (as in step 2)."""
    pack = review.pack
    if not pack.has("governance"):
        return None
    roles = policy.governance_roles(pack.policies, pack.services, now.year, pack.governance, pack.providers)
    standing = roles[roles["standing"].isin(["in-force", "undated"])]
    return standing.rename(columns={"body": "provider_id"})


def fragmentation(review: Review, *, year: int | None = None) -> Section:
    """Return over how many bodies the work in each need area is spread, and whether anyone coordinates it."""
    now = view(review, year)
    areas = _areas(review, now, _pairs(review, now))
    areas = areas[areas["need_area"] != landscape.UNKNOWN]
    spread = areas[areas["fragmented"]].sort_values(
        ["providers", "need_area"], ascending=[False, True], kind="stable"
    )
    empty = areas[(areas["providers"] == 0) & (areas["status"] == "none")]
    untold = areas[(areas["providers"] == 0) & (areas["status"] == landscape.UNKNOWN)]
    single = areas[areas["providers"] == 1]
    led = int((spread["coordination"] == "named").sum())
    coordination = (
        "Who coordinates is not on record, which is not the same as nobody."
        if (areas["coordination"] == "not recorded").all()
        else f"A coordinator is on record for {led} of the {len(spread)} shared areas."
    )
    crowded = (
        f" Most bodies meet in *{inside(_label(review, 'barrier', spread.iloc[0]['need_area']))}* "
        f"({int(spread.iloc[0]['providers'])} bodies, worth {spread.iloc[0]['effective_providers']:.1f} of equal size)."
        if len(spread)
        else ""
    )
    answer = (
        f"**{len(spread)} of {len(areas)} need areas** are shared by two or more bodies; {len(single)} {'rests' if len(single) == 1 else 'rest'} on one and "
        f"{len(empty)} on none"
        + (
            f"; of {len(untold)} it can not be told, because only services that name their needs could show it."
            if len(untold)
            else "."
        )
        + f"{crowded} {coordination}"
    )
    table = areas.drop(columns=["capacity_known", "hhi_capacity"]).copy()
    table.insert(1, "label", [_label(review, "barrier", c) for c in table["need_area"]])
    table = table.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    for column in ("level_codes", "service_ids", "coordinators"):
        table[column] = [";".join(v) for v in table[column]]
    table[["hhi", "effective_providers", "largest_share"]] = table[
        ["hhi", "effective_providers", "largest_share"]
    ].round(3)
    made = {}
    if len(spread) + len(single):
        made["fragmentation"] = _fragmentation_chart(review, now, areas, spread)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "fragmentation": Table(
                table.reset_index(drop=True),
                "Need areas by number of bodies that serve them",
                "Shares are shares of the number of services (budgets and capacities are not recorded for all); HHI = sum of squared "
                "shares; effective number = 1/HHI. Several bodies can be right: fragmentation says where to look, not what is wrong.",
            )
        },
        how_sure="medium; bodies and levels are facts of the pack, but a service counts in an area because of our coding of needs.",
        to_check="Whether the bodies of the most shared areas meet, and who calls the meeting.",
    )


def _area_note(area: Any) -> str:
    if area.providers == 0:
        return "can not be told" if area.status == landscape.UNKNOWN else "no provider on record"
    note = f"{count(int(area.levels), 'level')}, {count(int(area.services), 'service')}"
    if not area.fragmented or area.coordination == "not recorded":
        return note
    return f"{note}, {'' if area.coordination == 'named' else 'no '}coordinator named"


def _fragmentation_chart(review: Review, now: View, areas: pd.DataFrame, spread: pd.DataFrame) -> Any:
    shown = areas.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    frame = pd.DataFrame(
        {
            "area": [_label(review, "barrier", c) for c in shown["need_area"]],
            "providers": shown["providers"],
            "effective_providers": shown["effective_providers"],
            "note": [_area_note(row) for row in _each_row(shown)],
        }
    )
    first = spread.iloc[0] if len(spread) else shown.iloc[0]
    none = int(((shown["providers"] == 0) & (shown["status"] == "none")).sum())
    title = (
        f"{count(int(first['providers']), 'body', 'bodies')} {'works' if first['providers'] == 1 else 'work'} on "
        f"{inside(_label(review, 'barrier', first['need_area']))}; {count(none, 'need')} of {len(shown)} {_be(none)} served by none"
    )
    return charts.fragmentation(
        frame,
        title=title,
        subtitle=f"Bodies with a service for each need (bar) and their effective number, 1/HHI of the number of services (tick), {now.year}",
        source=_source(review, now),
        description=f"{title}. {len(spread)} of {len(shown)} need areas are shared by two or more bodies.",
    )
