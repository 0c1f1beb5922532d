"""What step 4 found: matches, gaps without a practice, missing support, peers, visits and remarks, as rows later steps can rest on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pandas as pd

from eis_lib.methods import transfer
from eis_lib.section.finding import Finding
from eis_lib.section.review import Review
from eis_lib.steps.compare._differences import _stage_differences
from eis_lib.steps.compare._exchange import _exchange_values
from eis_lib.steps.compare._peers import _nearest
from eis_lib.steps.compare._practices import _grade_words, _matched
from eis_lib.steps.compare._view import _low, _words, places
from eis_lib.steps.shared.words import _records

_finding = partial(Finding, "compare")


def _practice_matches(review: Review) -> Iterator[Finding]:
    found, words = places(review), _words(__file__, review)
    for match in _records(_matched(review).matches.drop_duplicates("practice_id").head(10)):
        grade = match.evidence_grade
        yield _finding(
            "practice-match",
            match.practice_id,
            words.practice_match(
                match,
                found[match.region].name,
                [_low(review, "barrier", n) for n in match.needs],
                _grade_words(grade),
            ),
            value=match.gap_weight,
            unit="share of demand in these gaps",
            how_sure="medium" if not math.isnan(grade) and grade >= 2 else "low",
            status="candidate",
            rows=";".join([f"good_practices:{match.practice_id}", *[f"gaps:{g}" for g in match.gap_ids]]),
        )


def _gaps_without_practice(review: Review) -> Iterator[Finding]:
    bare = _matched(review).unanswered.sort_values(["score", "gap_id"], ascending=[False, True])
    words = _words(__file__, review)
    for gap in _records(bare.head(5)):
        yield _finding(
            "no-practice",
            gap.gap_id,
            words.gap_without_practice(gap),
            value=gap.weight,
            unit="share of demand",
            how_sure="low",
            status="candidate",
            rows=f"gaps:{gap.gap_id}",
        )


def _lacking(review: Review) -> list[tuple[str, int]]:
    """Return the kinds of support that most others have and this region has not, with at how many stages; the most first."""
    differences = _stage_differences(review)
    missing = differences[differences["standing"] == "missing here"].groupby("support_type", sort=False)
    return sorted(((str(kind), len(part)) for kind, part in missing), key=lambda item: (-item[1], item[0]))


def _missing_support(review: Review) -> Iterator[Finding]:
    words = _words(__file__, review)
    for kind, stages in _lacking(review)[:5]:
        yield _finding(
            "missing-here",
            kind,
            words.missing_support(kind, stages),
            value=float(stages),
            unit="stages",
            how_sure="medium",
            status="finding",
            rows="",
        )


def _structural_peer(review: Review) -> Iterator[Finding]:
    words = _words(__file__, review)
    for peer in _records(_nearest(review).head(1)):
        yield _finding(
            "structural-peer",
            peer.other,
            words.structural_peer(peer, places(review)[peer.other].name),
            value=peer.likeness,
            unit="likeness 0–1",
            how_sure="low",
            status="finding",
            rows="",
        )


def _visits_made(review: Review) -> Iterator[Finding]:
    words = _words(__file__, review)
    visits = transfer.best_exchange(_exchange_values(review))
    for visit in _records(visits[visits["visitor"] == review.pack.id]):
        yield _finding(
            "visit",
            visit.host,
            words.visit_made(
                places(review)[visit.host].name,
                [_low(review, "barrier", n) for n in visit.needs],
            ),
            value=visit.share,
            unit="share of gap weight met",
            how_sure="low",
            status="candidate",
            rows=";".join(f"good_practices:{p}" for p in visit.practice_ids),
        )


def _weaknesses_peers_saw(review: Review) -> Iterator[Finding]:
    words = _words(__file__, review)
    remarks = (
        review.pack.peer_reviews if review.pack.has("peer_reviews") else review.pack.peer_reviews.head(0)
    )
    for remark in _records(remarks[remarks["kind"] == "weakness"]):
        response = "" if pd.isna(remark.owner_response) else remark.owner_response
        yield _finding(
            "peer-remark",
            remark.review_id,
            words.weakness_peers_saw(remark, response),
            value=math.nan,
            unit="",
            how_sure="medium",
            status="finding",
            rows=f"peer_reviews:{remark.review_id}",
        )


RULES: tuple[Callable[[Review], Iterable[Finding]], ...] = (
    _practice_matches,
    _gaps_without_practice,
    _missing_support,
    _structural_peer,
    _visits_made,
    _weaknesses_peers_saw,
)
"""What makes the findings of the step, the most important first."""
