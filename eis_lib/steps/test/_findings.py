"""What step 3 found: journeys, gaps and pairs, as rows later steps can rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pandas as pd

from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import journey, overlap
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import Finding
from eis_lib.section.review import Review
from eis_lib.steps.shared.landscape import View, service_names, walk_journeys
from eis_lib.steps.shared.words import _rows, words_of
from eis_lib.steps.test._fragmentation import _areas, _coordinators
from eis_lib.steps.test._gaps import _gap_label
from eis_lib.steps.test._journeys import _handed_on
from eis_lib.steps.test._judged import _judge
from eis_lib.steps.test._missing import _missing
from eis_lib.steps.test._pairs import PAIRS_DRAWN, _pairs

_finding = partial(Finding, "test")


def _completion(review: Review, now: View) -> Iterator[Finding]:
    walked, _ = walk_journeys(review, now)
    done = journey.completion(walked.measures)
    stuck = walked.measures[walked.measures["reach"] == 0]
    through = walked.measures[walked.measures["reach"] == 1]
    met, wanted = int(through["needs_met"].sum()), int(through["needs"].sum())
    words = words_of(__file__, review)
    yield _finding(
        "journey", "completion", words.completion(done, met, wanted, len(stuck), len(walked.measures)),
        done, "share of SMEs", "low", "finding", _rows(list(stuck["persona_id"]), "personas"), breaks_at=1,
    )  # fmt: skip


def _recorded_routes(review: Review, now: View) -> Iterator[Finding]:
    _, recorded = walk_journeys(review, now)
    if recorded is None:
        return
    words = words_of(__file__, review)
    yield _finding(
        "journey", "recorded-routes", words.recorded_routes(_handed_on(recorded, now)),
        journey.completion(recorded.measures), "share of SMEs", "medium", "finding", "",
    )  # fmt: skip
    names = service_names(review)
    for ring in recorded.loops:
        yield _finding(
            "loop", "~".join(ring), words.loop_of_referrals([names[s] for s in ring]),
            len(ring), "services", "medium", "finding", _rows(ring),
        )  # fmt: skip


def _demand_met(review: Review, now: View) -> Iterator[Finding]:
    cells = _judge(review, now).cells
    served, possible = gap_rules.coverage_share(cells)
    to_lose = gap_rules.services_to_lose(cells)
    yield _finding(
        "gap", "coverage", words_of(__file__, review).demand_met(served, possible, len(to_lose)),
        served, "share of weighted demand", "low", "finding", "",
        breaks_at=len(to_lose) or None, breaks_by=_rows(to_lose),
    )  # fmt: skip


def _heaviest_gaps(review: Review, now: View) -> Iterator[Finding]:
    words = words_of(__file__, review)
    ranked = _judge(review, now).ranked
    for gap in _each_row(ranked[ranked["kind"] != "continuity"].head(10)):
        state = (
            "unknown" if gap.kind == "evidence" else "finding" if gap.status == "confirmed" else "candidate"
        )
        yield _finding(
            "gap", gap.gap_id, words.heaviest_gap(gap, _gap_label(review, gap)),
            float(gap.weight), "share of weighted demand", "low" if gap.kind == "evidence" else "medium", state,
            _rows(gap.service_ids) or _rows(gap.persona_ids, "personas"), breaks_at=None if gap.kind == "evidence" else 1,
        )  # fmt: skip


def _missing_kinds(review: Review, now: View) -> Iterator[Finding]:
    words = words_of(__file__, review)
    seen = _missing(review, now)
    for row in _each_row(seen.kinds[seen.kinds["state"].isin(["missing", "ended without successor"])]):
        yield _finding(
            "missing", row.support_type, words.kind_is_missing(row.support_type, row.last_year),
            0.0, "services that run", "medium", "finding", _rows(row.ended_ids), breaks_at=1,
        )  # fmt: skip


def _services_alike(review: Review, now: View) -> Iterator[Finding]:
    words = words_of(__file__, review)
    pairs, names = _pairs(review, now), service_names(review)
    validated = pairs["status"].map(lambda status: overlap.is_validated(str(status))).astype(bool)
    open_pairs = pairs[(pairs["group"] == overlap.TO_DISCUSS) & ~validated & (pairs["status"] != "rejected")]
    for pair in _each_row(pd.concat([pairs[validated], open_pairs.head(PAIRS_DRAWN)])):
        real = overlap.is_validated(str(pair.status))
        yield _finding(
            "duplication" if pair.pair_class == overlap.DUPLICATION else "overlap", pair.pair_id,
            words.services_alike(names[pair.service_a], names[pair.service_b], pair, real),
            float(pair.firms_met), "share of firms that meet both", "medium" if real else "low",
            "finding" if real else "candidate", _rows([pair.service_a, pair.service_b]),
            breaks_at=1, breaks_by=_rows([pair.service_a, pair.service_b]),
        )  # fmt: skip


def _fragmented_areas(review: Review, now: View) -> Iterator[Finding]:
    words = words_of(__file__, review)
    areas = _areas(review, now, _pairs(review, now))
    areas = areas[areas["fragmented"]].sort_values(
        ["providers", "need_area"], ascending=[False, True], kind="stable"
    )
    for area in _each_row(areas.head(3)):
        yield _finding(
            "fragmentation", area.need_area, words.fragmented_area(area, _coordinators(review, area)),
            float(area.providers), "bodies", "medium", "finding", _rows(area.service_ids),
            breaks_at=round(area.services * (1 - area.largest_share)),
        )  # fmt: skip


RULES: tuple[Callable[[Review, View], Iterable[Finding]], ...] = (
    _completion,
    _recorded_routes,
    _demand_met,
    _heaviest_gaps,
    _missing_kinds,
    _services_alike,
    _fragmented_areas,
)
"""What makes the findings of the step, in the order they are told."""
