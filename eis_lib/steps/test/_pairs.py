"""Whether services look alike: the candidate pairs, what matches, and how far people have taken them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import overlap
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import LongTable, Section, Table
from eis_lib.steps.shared.landscape import View, provider_names, service_names, view
from eis_lib.steps.shared.words import _label, _short_name, words_of
from eis_lib.steps.test._view import _no_services, _on_record, _source

PAIRS_DRAWN = 12


@once_per_review
def _compared(review: Review, now: View) -> tuple[overlap.Facets, overlap.Compared]:
    """Return the services coded for comparison, and all that can be a pair: thresholds are laid on that."""
    facets = overlap.encode(now.counted, review.vocabulary, territory=review.pack.region.nuts_code)
    return facets, overlap.compare_pairs(facets)


def _shortlist(review: Review, now: View, threshold: float, minimum_grade: int) -> overlap.Shortlist:
    facets, compared = _compared(review, now)
    pairs = compared.judge(
        threshold=threshold,
        duplication_containment=review.parameters.duplication_containment,
        minimum_grade=minimum_grade,
    )
    return overlap.Shortlist(now.counted, facets, pairs)


@once_per_review
def _pairs(review: Review, now: View) -> pd.DataFrame:
    """Return the candidate pairs at the step's own threshold, with what people decided on them."""
    settings = review.parameters
    found = _shortlist(review, now, settings.similarity_threshold, settings.minimum_grade)
    return overlap.apply_decisions(found.rows(), _on_record(review))


def _on_candidates(review: Review) -> int:
    decisions = review.pack.decisions
    return int((decisions["subject_kind"] == "candidate").sum()) if review.pack.has("decisions") else 0


THRESHOLDS = (0.1, 1.0, 0.1)
"""Range of the control for the similarity threshold."""

GRADES = MappingProxyType({"all three limbs": 3, "two limbs or more": 2, "one limb or more": 1})


@dataclass(frozen=True)
class _Seen:
    """What is said of the pairs: numbers of services, of pairs and of limbs, and the names of the closest pair."""

    services: int
    pairs: int
    twins: int
    overlaps: int
    weaker: int
    grade: int
    confirmed: int
    rejected: int
    closest: tuple[str, str] | None
    apart: int
    derived: int
    undated: int
    unclear: int


def candidates(
    review: Review,
    *,
    similarity_threshold: float | None = None,
    minimum_grade: int | None = None,
    year: int | None = None,
) -> Section:
    """Return pairs of services that look alike, with the limbs that match and how far people have taken them."""
    now = view(review, year)
    settings = review.parameters
    used = settings.similarity_threshold if similarity_threshold is None else similarity_threshold
    grade = settings.minimum_grade if minimum_grade is None else minimum_grade
    found = _shortlist(review, now, used, grade)
    words = words_of(__file__, review)
    table = _candidate_table(review, found, words)
    if len(now.counted) < 2:
        return _with_table(_no_services(review, now), "candidates", table)
    first = found.rows(PAIRS_DRAWN)
    seen = _look(review, now, found, first, used, grade)
    charts_made = {}
    if seen.pairs:
        charts_made["candidates"] = _candidate_chart(review, now, found, first, used, words)
    return Section(
        answer=words.answer(seen),
        charts=charts_made,
        tables={"candidates": table},
        how_sure=words.how_sure(seen),
        to_check=words.to_check(),
    )


def _look(
    review: Review, now: View, found: overlap.Shortlist, first: pd.DataFrame, used: float, grade: int
) -> _Seen:
    pairs = found.measures
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    on_record = _on_record(review)
    decided = overlap.apply_decisions(found.named(overlap.decided(on_record)).rows(), on_record)
    names = service_names(review)
    return _Seen(
        services=len(now.counted),
        pairs=len(pairs),
        twins=twins,
        overlaps=len(pairs) - twins,
        weaker=_compared(review, now)[1].count(used) - len(pairs),
        grade=grade,
        confirmed=sum(map(overlap.is_validated, decided["status"])),
        rejected=int((decided["status"] == "rejected").sum()),
        closest=(names[first["service_a"].iloc[0]], names[first["service_b"].iloc[0]]) if twins else None,
        apart=int((pairs["beneficiary_containment"] == 0).sum()),
        derived=int((pairs["needs_from"] == "derived").sum()),
        undated=int((pairs["periods"] != overlap.SIDE_BY_SIDE).sum()),
        unclear=_undecidable(review, now.year),
    )


@once_per_review
def _undecidable(review: Review, year: int) -> int:
    """Return the number of limbs of services that can not be compared."""
    return len(overlap.undecidable(view(review, year).counted))


def _with_table(section: Section, name: str, table: Table) -> Section:
    return Section(section.answer, {}, {name: table}, section.how_sure, section.to_check)


def _candidate_table(review: Review, found: overlap.Shortlist, words: Words) -> Table:
    return LongTable(
        lambda most: _written_out(
            review, overlap.apply_decisions(found.rows(most), _on_record(review)), words
        ),
        lambda: len(found),
        words.candidates_caption(),
        words.candidates_note(),
    )


def _written_out(review: Review, pairs: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return candidate pairs as the table that readers are given."""
    names, bodies = service_names(review), provider_names(review, 60)
    giver = dict(zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True))
    frame = pairs.copy()
    by = {service: bodies.get(body, body) for service, body in giver.items()}
    for side in ("a", "b"):
        frame[f"name_{side}"] = frame[f"service_{side}"].map(names).astype("str")
        frame[f"provider_{side}"] = frame[f"service_{side}"].map(by).astype("str")
    frame["firms"] = _firms(frame, words)
    numbers = [f"{limb}_{measure}" for limb in overlap.LIMBS for measure in ("jaccard", "containment")]
    frame[numbers] = frame[numbers].round(3)
    order = [
        "pair_id", "pair_class", "grade", "limbs", "name_a", "provider_a", "name_b", "provider_b", "firms", "status", *numbers,
        "shared_needs", "needs_from", "periods", "missing", "text_similarity", "service_a", "service_b", "decided_by", "decided_on",
        "reason", "ladder_note",
    ]  # fmt: skip
    return frame[order].reset_index(drop=True)


def _firms(pairs: pd.DataFrame, words: Words) -> pd.Series:
    """Return in words which firms could use both services of each pair, whole columns at a time."""
    told = ["name_a", "name_b", "service_a", "narrower", "beneficiary_jaccard", "beneficiary_containment"]
    name_a, name_b, service_a, narrower, jaccard, contained = (pairs[c].to_numpy(object) for c in told)
    is_first = narrower == service_a
    fewer, more = np.where(is_first, name_a, name_b), np.where(is_first, name_b, name_a)
    # pairs can be a hundred thousand: each sentence is asked for once
    wider = words.all_may_use_the_wider("{fewer}", "{more}")
    shares = {
        share: words.some_may_use_both(share) for share in pairs["beneficiary_containment"].dropna().unique()
    }
    said = np.select(
        [pairs["beneficiary_jaccard"].isna(), contained == 0, narrower != "", jaccard == 1],
        [
            words.not_recorded(),
            words.none_could_use_both(),
            np.array([wider.format(fewer=f, more=m) for f, m in zip(fewer, more, strict=True)], object),
            words.same_firms(),
        ],
        pairs["beneficiary_containment"].map(shares).to_numpy(object),
    )
    return pd.Series(said, index=pairs.index, dtype="str")


def _candidate_chart(
    review: Review, now: View, found: overlap.Shortlist, drawn: pd.DataFrame, threshold: float, words: Words
) -> Any:
    names, pairs = service_names(review), found.measures
    rows = []
    for pair in _each_row(drawn):
        sign = "=" if pair.pair_class == overlap.DUPLICATION else "≈"
        a, b = (_short_name(names[service], 46) for service in (pair.service_a, pair.service_b))
        for limb in overlap.LIMBS:
            j, k = getattr(pair, f"{limb}_jaccard"), getattr(pair, f"{limb}_containment")
            missing = math.isnan(j)
            rows.append(
                (
                    f"{a}\n{sign} {b}",
                    pair.pair_id,
                    _label(review, "limb", limb),
                    "cannot be compared" if missing else "matches" if getattr(pair, limb) else "differs",
                    words.not_recorded() if missing else words.measures(j, k),
                )
            )
    limbs = pd.DataFrame(rows, columns=["pair", "pair_id", "limb", "state", "numbers"])
    on_all = int((pairs["grade"] == 3).sum())
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    title = words.title(on_all, len(pairs))
    return charts.candidates(
        limbs,
        title=title,
        subtitle=words.subtitle(len(drawn), len(pairs), now.year, threshold),
        source=_source(review, now),
        description=words.description(title, len(pairs), twins),
    )
