"""Whether services look alike: the candidate pairs, what matches, and how far people have taken them."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.english import count
from eis_lib.methods import overlap
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import LongTable, Section, Table, plain
from eis_lib.steps.shared.landscape import View, provider_names, service_names, view
from eis_lib.steps.shared.words import _label, _short_name
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
    table = _candidate_table(review, found)
    if len(now.counted) < 2:
        return _with_table(_no_services(review, now), "candidates", table)
    pairs = found.measures
    wider = _compared(review, now)[1].count(used)
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    decided = overlap.apply_decisions(
        found.named(overlap.decided(_on_record(review))).rows(), _on_record(review)
    )
    real = sum(map(overlap.is_validated, decided["status"]))
    rejected = int((decided["status"] == "rejected").sum())
    first = found.rows(PAIRS_DRAWN)
    names = service_names(review)
    apart = int((pairs["beneficiary_containment"] == 0).sum())
    answer = (
        f"**{count(twins, 'duplication candidate')} and {count(len(pairs) - twins, 'overlap candidate')}** among "
        f"{count(len(now.counted), 'service')} ({count(wider - len(pairs), 'more pair')} with fewer than {count(grade, 'matching limb')}). "
    )
    if real or rejected:
        answer += f"People have confirmed {real} of them and rejected {rejected}; all others are candidates, not findings. "
    elif len(pairs):
        answer += "Nobody has looked into any of them yet: each is a candidate, not a finding. "
    if twins:
        one, two = (plain(names[first[side].iloc[0]]) for side in ("service_a", "service_b"))
        answer += f"The closest pair is “{one}” and “{two}”. "
    if apart:
        answer += f"In {count(apart, 'pair')} no firm could use both: same work for different firms may be a division of labour."
    charts_made = {}
    if len(pairs):
        charts_made["candidates"] = _candidate_chart(review, now, found, first, used)
    unclear = _undecidable(review, now.year)
    derived = int((pairs["needs_from"] == "derived").sum())
    return Section(
        answer=answer,
        charts=charts_made,
        tables={"candidates": table},
        how_sure=f"low to medium; in {derived} of {count(len(pairs), 'pair')} the needs are derived from the kind of support, "
        f"{int((pairs['periods'] != overlap.SIDE_BY_SIDE).sum())} rest on an unrecorded year, and "
        + (
            f"{count(unclear, 'limb')} could not be compared for missing codes."
            if unclear
            else "every limb could be compared."
        ),
        to_check="For each pair: do both still run, do firms meet both, and does one know of the other? Enter the answer in decisions.csv "
        "(confirmed, rejected, kept-on-purpose) under the pair's id.",
    )


@once_per_review
def _undecidable(review: Review, year: int) -> int:
    """Return the number of limbs of services that can not be compared."""
    return len(overlap.undecidable(view(review, year).counted))


def _with_table(section: Section, name: str, table: Table) -> Section:
    return Section(section.answer, {}, {name: table}, section.how_sure, section.to_check)


def _candidate_table(review: Review, found: overlap.Shortlist) -> Table:
    return LongTable(
        lambda most: _written_out(review, overlap.apply_decisions(found.rows(most), _on_record(review))),
        lambda: len(found),
        "Pairs of services that look alike, sharpest class first",
        "Jaccard: share in common of what the two cover together; containment: share of the smaller one that the other covers too. "
        "Classes after GAO-15-49SP; thresholds are project conventions; text similarity orders ties and decides nothing.",
    )


def _written_out(review: Review, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return candidate pairs as the table that readers are given."""
    names, bodies = service_names(review), provider_names(review, 60)
    giver = dict(zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True))
    frame = pairs.copy()
    by = {service: bodies.get(body, body) for service, body in giver.items()}
    for side in ("a", "b"):
        frame[f"name_{side}"] = frame[f"service_{side}"].map(names).astype("str")
        frame[f"provider_{side}"] = frame[f"service_{side}"].map(by).astype("str")
    frame["firms"] = _firms(frame)
    numbers = [f"{limb}_{measure}" for limb in overlap.LIMBS for measure in ("jaccard", "containment")]
    frame[numbers] = frame[numbers].round(3)
    order = [
        "pair_id", "pair_class", "grade", "limbs", "name_a", "provider_a", "name_b", "provider_b", "firms", "status", *numbers,
        "shared_needs", "needs_from", "periods", "missing", "text_similarity", "service_a", "service_b", "decided_by", "decided_on",
        "reason", "ladder_note",
    ]  # fmt: skip
    return frame[order].reset_index(drop=True)


def _firms(pairs: pd.DataFrame) -> pd.Series:
    """Return in words which firms could use both services of each pair, whole columns at a time."""
    told = ["name_a", "name_b", "service_a", "narrower", "beneficiary_jaccard", "beneficiary_containment"]
    name_a, name_b, service_a, narrower, jaccard, contained = (pairs[c].to_numpy(object) for c in told)
    is_first = narrower == service_a
    fewer, more = np.where(is_first, name_a, name_b), np.where(is_first, name_b, name_a)
    shares = pairs["beneficiary_containment"].map(
        lambda share: f"{share:.0%} of those that may use the narrower one may use both"
    )
    words = np.select(
        [pairs["beneficiary_jaccard"].isna(), contained == 0, narrower != "", jaccard == 1],
        [
            "not recorded",
            "none could use both",
            "all that may use “" + fewer + "” may use “" + more + "” too",
            "both are open to the same firms, as coded",
        ],
        shares.to_numpy(object),
    )
    return pd.Series(words, index=pairs.index, dtype="str")


def _candidate_chart(
    review: Review, now: View, found: overlap.Shortlist, drawn: pd.DataFrame, threshold: float
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
                    "not recorded" if missing else f"J {j:.2f} · K {k:.2f}",
                )
            )
    limbs = pd.DataFrame(rows, columns=["pair", "pair_id", "limb", "state", "numbers"])
    all_three = int((pairs["grade"] == 3).sum())
    title = (
        f"{count(all_three, 'pair')} of services match on goal, activity and beneficiaries"
        if all_three
        else f"No pair matches on all three limbs; {count(len(pairs), 'pair')} match on two"
    )
    return charts.candidates(
        limbs,
        title=title,
        subtitle=f"{'All' if len(drawn) == len(pairs) else f'First {len(drawn)} of'} {len(pairs)} candidates, {now.year}; “=” duplication, “≈” overlap "
        f"candidate; a limb matches from J ≥ {threshold:g} or K = 1; nothing here is confirmed by that. Providers are in the table",
        source=_source(review, now),
        description=f"{title}. Of {count(len(pairs), 'pair')} {int((pairs['pair_class'] == overlap.DUPLICATION).sum())} stand as duplication candidates.",
    )
