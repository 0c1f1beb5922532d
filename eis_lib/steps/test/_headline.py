"""Whether support overlaps, leaves gaps and can be walked through: the answer on one screen, and its sources."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import journey, landscape, overlap
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import View, journey_stages, provider_names, view, walk_journeys
from eis_lib.steps.shared.words import _label, _pct, _two_lines
from eis_lib.steps.test._fragmentation import _areas
from eis_lib.steps.test._journeys import _handed_on
from eis_lib.steps.test._judged import Judged, _judge
from eis_lib.steps.test._pairs import _on_candidates, _pairs
from eis_lib.steps.test._view import _dating, _no_services, _personas, _source


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now = view(review)
    if now.services.empty:
        return _no_services(review, now)
    pairs, judged = _pairs(review, now), _judge(review, now)
    walked, recorded = walk_journeys(review, now)
    served, possible = gap_rules.coverage_share(judged.cells)
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    real = int(sum(map(overlap.is_validated, pairs["status"])))
    top = judged.ranked[judged.ranked["kind"] != "evidence"].head(1)
    areas = _areas(review, now, pairs)
    widest = areas.sort_values(["providers", "need_area"], ascending=[False, True], kind="stable").iloc[0]
    done = journey.completion(walked.measures)
    stuck = walked.measures[walked.measures["reach"] == 0]
    people = _personas(review)
    bullets = [
        f"**{count(twins, 'duplication candidate')} and {count(len(pairs) - twins, 'overlap candidate')}** stand out among "
        f"{count(len(now.counted), 'service')} for firms of {plain(review.pack.region.name)} in {now.year}; "
        + (
            f"{real} of them {'has' if real == 1 else 'have'} been confirmed by people, the rest are pairs to look at, not findings."
            if real
            else "nobody has looked into them yet, so they are pairs to look at, not findings."
        ),
        f"Services on record meet **{_pct(served)}** of the weighted demand of {count(len(people), 'persona')}"
        + (
            f", up to {_pct(possible)} if all that the records can not tell were there."
            if possible > served
            else "."
        ),
        *(
            f"The heaviest gap on record is *{inside(_label(review, 'barrier', g.need))}* at the stage "
            f"*{inside(_label(review, 'journey_stage', g.stage))}* ({inside(_label(review, 'gap_kind', g.kind))}; "
            f"{count(len(g.persona_ids), 'persona')}, {g.weight:.1%} of demand)."
            for g in _each_row(top)
        ),
        f"The most crowded need is *{inside(_label(review, 'barrier', widest['need_area']))}*: "
        f"{count(int(widest['providers']), 'provider')} at {count(int(widest['levels']), 'level')} of government, "
        f"{_coordination(review, widest)}.",
        f"By the catalogue, **{_pct(done)}** of the SMEs that personas stand for can find some support at every stage up to their goal"
        + (
            f"; {_handed_on(recorded, now)}."
            if recorded is not None
            else "; no referral between them is on record, so each firm has to find every door by itself."
        )
        + (
            f" Without a way through: {listing([inside(plain(people[p])) for p in stuck['persona_id']], most=4)}."
            if len(stuck)
            else ""
        ),
    ]
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"gap_map": _gap_map(review, now, judged, served)},
        how_sure=f"low to medium; {_dating(review, now.services)}, needs are derived from the kind of support for "
        f"{count(int((now.services['need_area_from'] != 'own').sum()), 'service')}, and the personas are invented firms.",
        to_check="Start with the duplication candidates and the first five gaps: for each, ask the providers named whether it is so.",
    )


def _coordination(review: Review, area: pd.Series) -> str:
    if area["coordination"] == "named":
        bodies = provider_names(review, 90)
        who = listing([plain(bodies.get(p, p)) for p in area["coordinators"]], most=3)
        return f"of which {who} coordinate{'s' if len(area['coordinators']) == 1 else ''} at least a part"
    return (
        "with no coordinator named for it"
        if area["coordination"] == "none named"
        else "and who coordinates it is not recorded"
    )


def _gap_map(review: Review, now: View, judged: Judged, served: float) -> Any:
    people = _personas(review)
    stages = {code: _label(review, "journey_stage", code) for code in journey_stages(review)}
    rows = []
    for persona in review.common.personas["persona_id"]:
        own = judged.cells[judged.cells["persona_id"] == persona]
        for stage, label in stages.items():
            here = own[own["stage"] == stage]
            unknown = int((here["status"] == gap_rules.UNKNOWN).sum())
            unmet = here[here["status"] == gap_rules.GAP]
            # where the records can tell of no need at all, an empty share is not a share of zero
            share = unmet["weight"].sum() / here["weight"].sum() if len(here) > unknown else math.nan
            mark = (
                "" if here.empty else f"{len(unmet)} of {len(here)}" + (f", {unknown} ?" if unknown else "")
            )
            rows.append((people[persona], _two_lines(label), share, mark))
    cells = pd.DataFrame(rows, columns=["persona", "stage", "unmet_share", "mark"])
    by_stage = judged.cells.assign(
        lost=judged.cells["weight"].where(judged.cells["status"] == gap_rules.GAP, 0)
    )
    lost = by_stage.groupby("stage")["lost"].sum()
    worst = max(lost.index, key=lambda s: (lost[s], s)) if len(lost) else ""
    title = (
        f"Unmet needs weigh most at “{stages[worst]}”; {_pct(served)} of weighted demand is served on record"
        if worst and lost[worst] > 0
        else f"{_pct(served)} of weighted demand is served on record"
    )
    return charts.gap_map(
        cells,
        title=title,
        subtitle=f"Needs without service of all needs a persona has at a stage, {now.year}; “?” counts needs of which the records "
        "can not tell (grey: of all of them); empty: nothing needed there",
        source=_source(review, now),
        description=f"Table of {len(people)} personas by {len(stages)} stages. {title}.",
    )


def sources(review: Review) -> Section:
    """Return what the step reads, how it is made comparable, and what is set aside."""
    now = view(review)
    pack = review.pack
    reads = [
        ("services", len(pack.services), f"{len(now.current)} count in {now.year}"),
        ("for firms of the region", len(now.services), "meant for incoming investors or other support bodies: "
         f"{len(now.current) - len(now.services)}, set aside"),
        ("compared in pairs", len(now.counted), f"schemes whose parts are listed too: {len(now.services) - len(now.counted)}, set aside"),
        ("providers", len(pack.providers), ""),
        ("referrals", len(pack.referrals), f"{0 if now.referrals is None else len(now.referrals)} between services that count"
         if pack.has("referrals") else "not recorded: absent, not none"),
        ("decisions on candidates", _on_candidates(review), "" if pack.has("decisions") else "not recorded"),
        ("personas", len(review.common.personas), "invented firms; weights are our judgement within published shares"),
    ]  # fmt: skip
    dating = now.services["dating"].value_counts()
    return Section(
        answer=f"The unit compared is {overlap.UNIT_OF_ANALYSIS}. Of {count(len(pack.services), 'service')} in the pack, "
        f"{len(now.services)} count for firms of {plain(pack.region.name)} in {now.year}: {int(dating.get(landscape.DATED, 0))} with both "
        f"years on record, {int(dating.get(landscape.OPEN_END, 0))} without a last year, {int(dating.get(landscape.NO_START, 0))} without a "
        "first. A service without a last year counts, but nobody has said that it still runs.",
        tables={
            "inputs": Table(
                pd.DataFrame(reads, columns=["table", "rows", "remark"]),
                "What this step reads",
                "Codes (stage, size, sector, need …) are our own reading of the sources; see step 1 for each source.",
            )
        },
        how_sure="high for what was read; the codes behind every comparison are a reading that providers have not confirmed.",
    )
