"""Whether bodies should talk: pairs of services of like kind that the same firms can meet, likeliest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import overlap
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import View, fits_in, provider_names, service_names, view
from eis_lib.steps.shared.words import _label, _short_name, words_of
from eis_lib.steps.test._view import _no_services, _on_record, _source

PAIRS_DRAWN = 15
"""As many pairs as a meeting can discuss."""

SHARES = (0.1, 1.0, 0.1)
"""Range of the control for the share of the firms that a duplication has in common."""


def pairs_among(review: Review, services: pd.DataFrame, share: float | None = None) -> pd.DataFrame:
    """Return the candidate pairs among some services; see :func:`eis_lib.methods.overlap.find_pairs`."""
    kinds = review.common.related_support_types
    return overlap.find_pairs(
        services,
        review.vocabulary,
        related=list(zip(kinds["support_type"], kinds["related"], strict=True)),
        relations=review.pack.relations,
        territory=review.pack.region.nuts_code,
        duplication_share=review.parameters.duplication_share if share is None else share,
    )


@once_per_review
def _pairs(review: Review, now: View, share: float | None = None) -> pd.DataFrame:
    """Return the candidate pairs of a year, likeliest first, with what people decided on them."""
    found = pairs_among(review, now.counted, share)
    met = overlap.doors_met(fits_in(review, now), review.common.personas)
    return overlap.apply_decisions(overlap.order_pairs(found, now.counted, met), _on_record(review))


def _on_candidates(review: Review) -> int:
    decisions = review.pack.decisions
    return int((decisions["subject_kind"] == "candidate").sum()) if review.pack.has("decisions") else 0


@dataclass(frozen=True)
class _Seen:
    """What is said of the pairs: how many there are to discuss and apart, and the first of them with its bodies."""

    services: int
    pairs: int
    twins: int
    one_house: int
    beyond: int
    doubtful: int
    confirmed: int
    rejected: int
    derived: int
    undated: int
    unclear: int
    first: Any
    names: Sequence[str]
    bodies: Sequence[str]


def candidates(review: Review, *, duplication_share: float | None = None, year: int | None = None) -> Section:
    """Return pairs of services whose bodies might have to talk, and how far people have taken them."""
    now = view(review, year)
    pairs = _pairs(review, now, duplication_share)
    words = words_of(__file__, review)
    table = _candidate_table(review, pairs, words)
    if len(now.counted) < 2:
        section = _no_services(review, now)
        return Section(section.answer, {}, {"candidates": table}, section.how_sure, section.to_check)
    seen = _look(review, now, pairs)
    to_discuss = pairs[pairs["group"] == overlap.TO_DISCUSS]
    return Section(
        answer=words.answer(seen),
        charts={"candidates": _candidate_chart(review, now, to_discuss, words)} if seen.pairs else {},
        tables={"candidates": table},
        how_sure=words.how_sure(seen),
        to_check=words.to_check(),
    )


def _look(review: Review, now: View, pairs: pd.DataFrame) -> _Seen:
    to_discuss = pairs[pairs["group"] == overlap.TO_DISCUSS]
    first = next(_each_row(to_discuss), None)
    names, bodies = service_names(review), _bodies(review)
    sides = (first.service_a, first.service_b) if first else ()
    groups = pairs["group"].value_counts()
    return _Seen(
        services=len(now.counted),
        pairs=len(to_discuss),
        twins=int((to_discuss["pair_class"] == overlap.DUPLICATION).sum()),
        one_house=int(groups.get(overlap.ONE_HOUSE, 0)),
        beyond=int(groups.get(overlap.BEYOND, 0)),
        doubtful=int(groups.get(overlap.DOUBTFUL, 0)),
        confirmed=sum(map(overlap.is_validated, pairs["status"])),
        rejected=int((pairs["status"] == "rejected").sum()),
        derived=int(to_discuss["need_jaccard"].isna().sum()),
        undated=int((to_discuss["periods"] != overlap.SIDE_BY_SIDE).sum()),
        unclear=len(overlap.undecidable(now.counted)),
        first=first,
        names=[names[side] for side in sides] or ["", ""],
        bodies=[bodies[side] for side in sides] or ["", ""],
    )


def _bodies(review: Review) -> dict[str, str]:
    """Return service → the name of the body that answers for it."""
    names = provider_names(review, 60)
    services = review.pack.services
    return {
        service: names.get(body, body)
        for service, body in zip(services["service_id"], services["provider_id"], strict=True)
    }


def _candidate_table(review: Review, pairs: pd.DataFrame, words: Words) -> Table:
    names, bodies = service_names(review), _bodies(review)
    frame = pairs.copy()
    for side in ("a", "b"):
        frame[f"name_{side}"] = frame[f"service_{side}"].map(names).astype("str")
        frame[f"provider_{side}"] = frame[f"service_{side}"].map(bodies).astype("str")
    shares = ["firm_jaccard", "a_in_b", "b_in_a", "firms_met", "need_jaccard", "stage_jaccard"]
    frame[shares] = frame[shares].round(3)
    order = [
        "group", "rank", "pair_id", "pair_class", "name_a", "provider_a", "name_b", "provider_b", *shares, "same_kind",
        "shared_needs", "shared_stages", "periods", "text_similarity", "status", "service_a", "service_b", "decided_by",
        "decided_on", "reason", "ladder_note",
    ]  # fmt: skip
    related = review.common.related_support_types
    return Table(
        frame[order].reset_index(drop=True),
        words.candidates_caption(),
        words.candidates_note(
            [
                (_label(review, "support_type", one), _label(review, "support_type", two))
                for one, two in zip(related["support_type"], related["related"], strict=True)
            ]
        ),
    )


def _candidate_chart(review: Review, now: View, pairs: pd.DataFrame, words: Words) -> Any:
    names = service_names(review)
    drawn = pairs.head(PAIRS_DRAWN)
    rows = []
    for pair in _each_row(drawn):
        sign = "=" if pair.pair_class == overlap.DUPLICATION else "≈"
        a, b = (_short_name(names[service], 46) for service in (pair.service_a, pair.service_b))
        untold = math.isnan(pair.need_jaccard)
        states = (
            ("goal", "cannot be compared" if untold else "matches" if pair.need_jaccard else "differs"),
            ("activity", "matches" if pair.same_kind else "differs"),
            ("beneficiary", "matches"),
        )
        for limb, state in states:
            told = "" if limb == "goal" and untold else words.limb(limb, pair)
            label = _label(review, "limb", limb)
            rows.append((f"{a}\n{sign} {b}", pair.pair_id, label, state, told or words.not_coded()))
    title = words.title(len(pairs), int((pairs["pair_class"] == overlap.DUPLICATION).sum()))
    return charts.candidates(
        pd.DataFrame(rows, columns=["pair", "pair_id", "limb", "state", "numbers"]),
        title=title,
        subtitle=words.subtitle(len(drawn), len(pairs), now.year),
        source=_source(review, now),
        description=words.description(title),
    )
