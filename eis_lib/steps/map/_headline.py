"""Whether firms find support, from whom and at which point of the journey: the answer on one screen."""

from __future__ import annotations

import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.map._view import (
    _be,
    _codes,
    _dating_words,
    _extremes,
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
from eis_lib.steps.shared.words import _capital, _records


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
    stages = _extremes(review, "journey_stages", _stage_counts(review, now))
    absent, elsewhere = _absent_types(review, now)
    modes = landscape.facet_counts(now.services, "modes", _codes(review, "modes"))
    mode_words = [
        f"{row.services or 'none'} for {_low(review, 'modes', row.code)}"
        for row in _records(modes)
        if row.code != UNKNOWN
    ]
    roles = _roles(review, now)
    near = roles[roles["level"].isin(["local", "regional"]) & (roles["services"] > 0)]
    doors = near[near["is_entry_point"]]
    priced = near[near["is_entry_at_a_price"]]
    names = _names(review)
    bodies = int((roles["services"] > 0).sum())
    areas = landscape.concentration(now.services, review.pack.providers, _codes(review, "need_area"))
    crowded = max(
        (row for row in _records(areas) if row.need_area != UNKNOWN),
        key=lambda row: (row.providers, row.services),
    )
    bullets = [
        f"**{count(now.total, 'service')} of {count(bodies, 'provider')}** {_be(now.total)} counted for firms of {region} in "
        f"{now.year}: {_dating_words(now.counted)}.",
        (
            f"Every stage of the journey has the same number of services, {stages.most}."
            if stages.is_even
            else f"Help is thickest at {stages.high_words('**')} ({count(stages.most, 'service')}{' each' if len(stages.high) > 1 else ''}) "
            f"and thinnest at {stages.low_words('**')} ({count(stages.fewest, 'service')}{' each' if len(stages.low) > 1 else ''})."
        ),
        (
            f"{len(absent)} of {len(_codes(review, 'support_type'))} kinds of support have no service on record: "
            f"{listing([_low(review, 'support_type', c) for c in absent], most=18)}."
            if absent
            else "Every kind of support has at least one service on record."
        )
        + (
            f" {_capital(listing([_low(review, 'support_type', c) for c in elsewhere], most=9))} {_be(len(elsewhere))} given to incoming investors "
            f"or other support bodies only."
            if elsewhere
            else ""
        ),
        f"By mode: {listing(mode_words, most=9)}; a service may serve several. {_money_words(now)}",
        f"{count(len(doors), 'body', 'bodies')} of {len(near)} at local or regional level could be a first door (a free service at "
        f"the first two stages that needs no experience abroad)"
        + (f": {listing([plain(names[p]) for p in doors['provider_id']], most=6)}" if len(doors) else "")
        + (
            f"; {len(priced)} more {'asks' if len(priced) == 1 else 'ask'} a fee or an own share for it "
            f"({listing([plain(names[p]) for p in priced['provider_id']], most=3)})."
            if len(priced)
            else "."
        )
        + f" The need most providers answer is *{_low(review, 'need_area', crowded.need_area)}* "
        f"({count(crowded.providers, 'provider')} at {count(crowded.levels, 'level')} of government).",
    ]
    cells = _level_by_stage(review, now)
    title = (
        f"Every stage of the journey in {review.pack.region.name} has {stages.most} services"
        if stages.is_even
        else f"Help in {review.pack.region.name} is thickest at {stages.high_words()} and thinnest at {stages.low_words()}"
    )
    total = _stage_counts(review, now)
    sums = pd.DataFrame(
        {
            "level": "all",
            "level_label": "All levels",
            "stage": [_label(review, "journey_stages", c) for c in total["code"]],
            "services": total["services"],
        }
    )
    chart = charts.level_by_stage(
        pd.concat([cells, sums], ignore_index=True),
        title=title,
        subtitle=f"Number of services by level of provider and stage of the journey, {now.year}; a service counts at each stage it "
        f"serves, a joint one at each level; – none on record",
        source=_source(review, now),
        description=f"Matrix of provider level by journey stage. Most services at {stages.high_words()} ({stages.most}), "
        f"fewest at {stages.low_words()} ({stages.fewest}).",
    )
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"level_by_stage": chart},
        how_sure=_sure(
            now.counted, "the rows carry sources, but stages, modes and kinds are our reading of them;"
        ),
        to_check="Ask each provider for the last year of the services it no longer gives; that one column changes most figures here.",
    )
