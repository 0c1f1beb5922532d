"""Whether support overlaps, leaves gaps and can be walked through: the answer on one screen, and its sources."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.sentences import bulleted
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import journey, landscape, overlap
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import View, journey_stages, service_names, view, walk_journeys
from eis_lib.steps.shared.words import _label, _two_lines, words_of
from eis_lib.steps.test._fragmentation import _areas, _coordinators
from eis_lib.steps.test._journeys import _handed_on
from eis_lib.steps.test._judged import Judged, _judge
from eis_lib.steps.test._pairs import _on_candidates, _pairs
from eis_lib.steps.test._view import _dating, _no_services, _personas, _source

ONE_PERSONA = 0.4
"""If one invented firm carries more of the weight of the gaps, no gap is a headline (rule of the project)."""


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now = view(review)
    if now.services.empty:
        return _no_services(review, now)
    pairs, judged = _pairs(review, now), _judge(review, now)
    walked, recorded = walk_journeys(review, now)
    served, possible = gap_rules.coverage_share(judged.cells)
    open_pairs = pairs[(pairs["group"] == overlap.TO_DISCUSS) & (pairs["status"] != "rejected")]
    twins = int((open_pairs["pair_class"] == overlap.DUPLICATION).sum())
    confirmed = sum(map(overlap.is_validated, pairs["status"]))
    several = judged.ranked["persona_ids"].map(lambda people: len(set(people)) > 1).astype(bool)
    top = judged.ranked[(judged.ranked["kind"] != "evidence") & several].head(1)
    heaviest = next(_each_row(gap_rules.by_persona(judged.cells)))
    if heaviest.gap_share > ONE_PERSONA:
        top = top.head(0)
    areas = _areas(review, now, pairs)
    widest = areas.sort_values(["providers", "need_area"], ascending=[False, True], kind="stable").iloc[0]
    stuck = walked.measures[walked.measures["reach"] == 0]
    people = _personas(review)
    words = words_of(__file__, review, region=review.pack.region.name, year=now.year, served=served)
    bullets = [
        words.pairs_stand_out(len(open_pairs), twins, confirmed, _first_names(review, open_pairs)),
        words.demand_is_met(len(people), possible, plain(people[heaviest.persona_id]), heaviest),
        *(words.heaviest_gap(gap) for gap in _each_row(top)),
        words.most_crowded_need(widest, _coordinators(review, widest)),
        words.way_through(
            journey.completion(walked.measures),
            _handed_on(recorded, now),
            [inside(plain(people[p])) for p in stuck["persona_id"]],
        ),
    ]
    derived = int((now.services["need_area_from"] != "own").sum())
    return Section(
        answer=bulleted(*bullets),
        charts={"gap_map": _gap_map(review, now, judged, words)},
        how_sure=words.how_sure(_dating(review, now.services), derived),
        to_check=words.to_check(),
    )


def _first_names(review: Review, pairs: pd.DataFrame) -> tuple[str, str] | None:
    """Return the names of the two services that are likeliest to be talked over, if there are any."""
    names = service_names(review)
    first = next(_each_row(pairs), None)
    return (names[first.service_a], names[first.service_b]) if first else None


def _gap_map(review: Review, now: View, judged: Judged, words: Words) -> Any:
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
            mark = "" if here.empty else words.cell(len(unmet), len(here), unknown)
            rows.append((people[persona], _two_lines(label), share, mark))
    cells = pd.DataFrame(rows, columns=["persona", "stage", "unmet_share", "mark"])
    by_stage = judged.cells.assign(
        lost=judged.cells["weight"].where(judged.cells["status"] == gap_rules.GAP, 0)
    )
    lost = by_stage.groupby("stage")["lost"].sum()
    worst = max(lost.index, key=lambda s: (lost[s], s)) if len(lost) else ""
    title = words.title(worst if worst and lost[worst] > 0 else "")
    return charts.gap_map(
        cells,
        title=title,
        subtitle=words.subtitle(),
        source=_source(review, now),
        description=words.description(title, len(people), len(stages)),
    )


def sources(review: Review) -> Section:
    """Return what the step reads, how it is made comparable, and what is set aside."""
    now = view(review)
    pack = review.pack
    words = words_of(__file__, review, region=pack.region.name, year=now.year)
    between = 0 if now.referrals is None else len(now.referrals)
    reads = [
        ("services", len(pack.services), len(now.current)),
        ("for firms", len(now.services), len(now.current) - len(now.services)),
        ("in pairs", len(now.counted), len(now.services) - len(now.counted)),
        ("providers", len(pack.providers), None),
        ("referrals", len(pack.referrals), between if pack.has("referrals") else None),
        ("decisions", _on_candidates(review), 0 if pack.has("decisions") else None),
        ("personas", len(review.common.personas), None),
    ]
    rows = [(words.input(name), number, words.remark(name, about)) for name, number, about in reads]
    dating = now.services["dating"].value_counts()
    years = [int(dating.get(kind, 0)) for kind in (landscape.DATED, landscape.OPEN_END, landscape.NO_START)]
    return Section(
        answer=words.inputs_answer(overlap.UNIT_OF_ANALYSIS, len(pack.services), len(now.services), *years),
        tables={
            "inputs": Table(
                pd.DataFrame(rows, columns=["table", "rows", "remark"]),
                words.inputs_caption(),
                words.inputs_note(),
            )
        },
        how_sure=words.inputs_sure(),
    )
