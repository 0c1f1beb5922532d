"""Whether the work in each need area is spread over many bodies, and whether anyone coordinates it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import landscape, overlap, policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import View, provider_names, view
from eis_lib.steps.shared.words import _label, words_of
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


def _coordinators(review: Review, area: Any) -> list[str]:
    """Return the names of the bodies that coordinate a need area or a part of it."""
    bodies = provider_names(review, 90)
    return [plain(bodies.get(body, body)) for body in area.coordinators]


def fragmentation(review: Review, *, year: int | None = None) -> Section:
    """Return over how many bodies the work in each need area is spread, and whether anyone coordinates it."""
    now = view(review, year)
    areas = _areas(review, now, _pairs(review, now))
    areas = areas[areas["need_area"] != landscape.UNKNOWN]
    spread = areas[areas["fragmented"]].sort_values(
        ["providers", "need_area"], ascending=[False, True], kind="stable"
    )
    single = areas[areas["providers"] == 1]
    words = words_of(
        __file__,
        review,
        areas=len(areas),
        shared=len(spread),
        single=len(single),
        empty=int(((areas["providers"] == 0) & (areas["status"] == "none")).sum()),
        untold=int(((areas["providers"] == 0) & (areas["status"] == landscape.UNKNOWN)).sum()),
        led=int((spread["coordination"] == "named").sum()),
        is_recorded=not (areas["coordination"] == "not recorded").all(),
    )
    made = {}
    if len(spread) + len(single):
        made["fragmentation"] = _fragmentation_chart(review, now, areas, spread, words)
    return Section(
        answer=words.answer(spread.iloc[0] if len(spread) else None),
        charts=made,
        tables={"fragmentation": _area_table(review, areas, words)},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _area_table(review: Review, areas: pd.DataFrame, words: Words) -> Table:
    table = areas.drop(columns=["capacity_known", "hhi_capacity"])
    table.insert(1, "label", [_label(review, "barrier", c) for c in table["need_area"]])
    table = table.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    for column in ("level_codes", "service_ids", "coordinators"):
        table[column] = [";".join(v) for v in table[column]]
    shares = ["hhi", "effective_providers", "largest_share"]
    table[shares] = table[shares].round(3)
    return Table(table.reset_index(drop=True), words.areas_caption(), words.areas_note())


def _fragmentation_chart(
    review: Review, now: View, areas: pd.DataFrame, spread: pd.DataFrame, words: Words
) -> Any:
    shown = areas.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    frame = pd.DataFrame(
        {
            "area": [_label(review, "barrier", c) for c in shown["need_area"]],
            "providers": shown["providers"],
            "effective_providers": shown["effective_providers"],
            "note": [words.bar(row) for row in _each_row(shown)],
        }
    )
    first = spread.iloc[0] if len(spread) else shown.iloc[0]
    unserved = int(((shown["providers"] == 0) & (shown["status"] == "none")).sum())
    title = words.title(first, len(shown), unserved)
    return charts.fragmentation(
        frame,
        title=title,
        subtitle=words.subtitle(now.year),
        source=_source(review, now),
        description=words.description(title, len(shown)),
    )
