"""Whether firms find support, from whom and at which point of the journey: the answer on one screen."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.map._view import (
    Extremes,
    _codes,
    _dating_words,
    _extremes,
    _first_doors,
    _label,
    _low,
    _money_words,
    _names,
    _roles,
    _source,
    _stage_counts,
    _sure,
)
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _be, _capital, _records


def _absent_types(review: Review, current: View) -> tuple[list[str], list[str]]:
    """Return the kinds of support with no service for firms of the region: nowhere on record, and for others only."""
    held = landscape.facet_counts(current.services, "support_type", _codes(review, "support_type"))
    absent = held.loc[held["services"] == 0, "code"].tolist()
    elsewhere = set(current.current["support_type"])
    return [c for c in absent if c not in elsewhere], [c for c in absent if c in elsewhere]


def _level_by_stage(review: Review, current: View) -> pd.DataFrame:
    cells = landscape.coverage(
        current.services,
        "provider_level",
        "journey_stages",
        codes_a=_codes(review, "provider_level"),
        codes_b=_codes(review, "journey_stages"),
    )
    return cells.assign(
        level=cells["code_a"],
        level_label=[_label(review, "provider_level", c) for c in cells["code_a"]],
        stage=[_label(review, "journey_stages", c) for c in cells["code_b"]],
    )


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now, region = view(review), plain(review.pack.region.name)
    if now.services.empty:
        return Section(
            answer=f"The pack lists no service that counts for firms of {region} in {now.year}.",
            how_sure="low; an empty inventory says nothing about the region.",
        )
    stages, roles = _extremes(review, "journey_stages", _stage_counts(review, now)), _roles(review, now)
    bodies = int((roles["services"] > 0).sum())
    bullets = (
        f"**{count(now.total, 'service')} of {count(bodies, 'provider')}** {_be(now.total)} counted for firms of {region} in "
        f"{now.year}: {_dating_words(now.counted)}.",
        _stage_words(stages),
        _absence_words(review, now),
        f"{_mode_words(review, now)} {_money_words(now)}",
        f"{_door_words(review, roles)} {_crowded_words(review, now)}",
    )
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"level_by_stage": _stage_chart(review, now, stages)},
        how_sure=_sure(
            now.counted, "the rows carry sources, but stages, modes and kinds are our reading of them;"
        ),
        to_check="Ask each provider for the last year of the services it no longer gives; that one column changes most figures here.",
    )


def _stage_words(stages: Extremes) -> str:
    if stages.is_even:
        return f"Every stage of the journey has the same number of services, {stages.most}."
    return (
        f"Help is thickest at {stages.high_words('**')} ({count(stages.most, 'service')}{' each' if len(stages.high) > 1 else ''}) "
        f"and thinnest at {stages.low_words('**')} ({count(stages.fewest, 'service')}{' each' if len(stages.low) > 1 else ''})."
    )


def _absence_words(review: Review, now: View) -> str:
    """Return which kinds of support nobody gives, and which are given to others than firms of the region."""
    absent, elsewhere = (
        [_low(review, "support_type", code) for code in codes] for codes in _absent_types(review, now)
    )
    words = (
        f"{len(absent)} of {len(_codes(review, 'support_type'))} kinds of support have no service on record: "
        f"{listing(absent, most=18)}."
        if absent
        else "Every kind of support has at least one service on record."
    )
    if elsewhere:
        words += (
            f" {_capital(listing(elsewhere, most=9))} {_be(len(elsewhere))} given to incoming investors "
            f"or other support bodies only."
        )
    return words


def _mode_words(review: Review, now: View) -> str:
    modes = [
        f"{row.services or 'none'} for {_low(review, 'modes', row.code)}"
        for row in _records(landscape.facet_counts(now.services, "modes", _codes(review, "modes")))
        if row.code != UNKNOWN
    ]
    return f"By mode: {listing(modes, most=9)}; a service may serve several."


def _door_words(review: Review, roles: pd.DataFrame) -> str:
    names = _names(review)
    near, doors, priced = _first_doors(roles)
    words = (
        f"{count(len(doors), 'body', 'bodies')} of {len(near)} at local or regional level could be a first door (a free service at "
        f"the first two stages that needs no experience abroad)"
    )
    if len(doors):
        words += f": {listing([plain(names[p]) for p in doors['provider_id']], most=6)}"
    if len(priced):
        words += (
            f"; {len(priced)} more {'asks' if len(priced) == 1 else 'ask'} a fee or an own share for it "
            f"({listing([plain(names[p]) for p in priced['provider_id']], most=3)})"
        )
    return f"{words}."


def _crowded_words(review: Review, now: View) -> str:
    areas = landscape.concentration(now.services, review.pack.providers, _codes(review, "need_area"))
    crowded = max(
        _records(areas[areas["need_area"] != UNKNOWN]), key=lambda row: (row.providers, row.services)
    )
    return (
        f"The need most providers answer is *{_low(review, 'need_area', crowded.need_area)}* "
        f"({count(crowded.providers, 'provider')} at {count(crowded.levels, 'level')} of government)."
    )


def _stage_chart(review: Review, now: View, stages: Extremes) -> alt.TopLevelMixin:
    """Return the picture of services by level of provider and stage, with the sums of all levels."""
    total = _stage_counts(review, now)
    sums = pd.DataFrame(
        {
            "level": "all",
            "level_label": "All levels",
            "stage": [_label(review, "journey_stages", c) for c in total["code"]],
            "services": total["services"],
        }
    )
    return charts.level_by_stage(
        pd.concat([_level_by_stage(review, now), sums], ignore_index=True),
        title=f"Every stage of the journey in {review.pack.region.name} has {stages.most} services"
        if stages.is_even
        else f"Help in {review.pack.region.name} is thickest at {stages.high_words()} and thinnest at {stages.low_words()}",
        subtitle=f"Number of services by level of provider and stage of the journey, {now.year}; a service counts at each stage it "
        f"serves, a joint one at each level; – none on record",
        source=_source(review, now),
        description=f"Matrix of provider level by journey stage. Most services at {stages.high_words()} ({stages.most}), "
        f"fewest at {stages.low_words()} ({stages.fewest}).",
    )
