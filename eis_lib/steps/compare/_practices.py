"""Whether practices of other regions meet tested gaps of this one, and what the peers said of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._structure import _structure
from eis_lib.steps.compare._view import (
    _alone,
    _gaps,
    _low,
    _own,
    _partner,
    _practice_rows,
    _practices,
    _source,
    places,
)
from eis_lib.steps.shared.words import _label, _records

GAPS_DRAWN = 14
PRACTICES_DRAWN = 8

GRADE_CHOICES: Mapping[str, int] = MappingProxyType(
    {f"{g} {words}": g for g, words in transfer.GRADES.items()}
)
"""What the control of the evidence offers: words → weakest grade."""

MATCH_COLUMNS = (
    "rank", "practice_id", "region", "region_name", "title", "support_type", "heaviest_gap", "gap_ids", "needs", "gaps",
    "gap_weight", "gap_score_met", "problem_fit", "context_fit", "evidence_grade", "evidence_words", "effort",
    "cost_eur_per_year", "own_services_of_type", "who_asks", "whom", "questions", "results", "source_title", "source_url",
)  # fmt: skip
"""Columns of ``practice_matches``, which step 5 reads even where there was nobody to compare with."""


@dataclass(frozen=True)
class Matched:
    """Practices matched to this region's gaps, what was refused, the pairs behind them and the weight of tested gaps."""

    matches: pd.DataFrame
    refused: pd.DataFrame
    pairs: pd.DataFrame
    tested: pd.DataFrame

    @property
    def weight(self) -> float:
        """Return the share of demand that tested gaps hold."""
        return float(self.tested["weight"].sum())

    @property
    def answered(self) -> set[str]:
        """Return the gaps that at least one proposed practice speaks to."""
        return {gap for ids in self.matches["gap_ids"] for gap in ids}

    @property
    def unanswered(self) -> pd.DataFrame:
        """Return the tested gaps that no proposed practice speaks to."""
        return self.tested[~self.tested["gap_id"].isin(self.answered)]


@once_per_review
def _matched(review: Review, minimum_grade: int | None = None) -> Matched:
    grade = review.parameters.minimum_evidence_grade if minimum_grade is None else minimum_grade
    practices = _practices(review)
    own = _own(review, _gaps(review))
    likeness = _structure(review).likeness[review.pack.id]
    from eis_lib.methods import landscape

    services = landscape.in_force(review.pack.services, review.year)
    matches, refused = transfer.match_practices(
        review.pack.id, own, practices, likeness=likeness, own_services=services, minimum_grade=grade
    )
    keys = ["region", "practice_id"]
    proposed = practices.merge(matches[keys], on=keys)
    return Matched(matches, refused, transfer.fit_problems(own, proposed), transfer.tested_gaps(own))


def _grade_words(grade: float) -> str:
    return "evidence not graded" if math.isnan(grade) else transfer.GRADES[int(grade)]


def practice_matches(review: Review, *, minimum_evidence_grade: int | None = None) -> Section:
    """Return other regions' practices that meet a tested gap, with what speaks for a transfer and whom to ask."""
    alone = _alone(review)
    if alone:
        none = pd.DataFrame(columns=list(MATCH_COLUMNS))
        return replace(alone, tables={"practice_matches": Table(none, "Practices that meet a tested gap")})
    matched = _matched(review, minimum_evidence_grade)
    found, table = places(review), _match_table(review, matched)
    refused = matched.refused.assign(region_name=[found[r].name for r in matched.refused["region"]])
    return Section(
        answer=_match_words(review, matched, table),
        charts={"practice_matches": _match_chart(review, matched)} if len(matched.tested) else {},
        tables={
            "practice_matches": Table(
                table,
                "Practices that meet a tested gap: what speaks for a transfer, and the conversation to have",
                "Problem fit 1: same need and stage; 0.5: same need, another stage. Context fit: structural likeness (0–1). Evidence grade 0–4 is our coding. "
                "Questions come from what the record leaves open.",
            ),
            "practices_not_proposed": Table(
                refused[["practice_id", "region_name", "title", "reason"]],
                "Practices that are not proposed, and why",
                "The gate: without a tested gap a practice is not proposed, however good.",
            ),
        },
        how_sure="low; gaps are candidates nobody has validated, and most practices rest on what their owners report.",
        to_check="Is the first gap real, and who here would own the practice? Two people should rate the fit on their own before it goes into a plan.",
    )


def _match_table(review: Review, matched: Matched) -> pd.DataFrame:
    """Return the proposed practices in reading order, with whom to ask and what."""
    found, practices = places(review), _practice_rows(review)
    packs = {pack.id: pack for pack in review.peers()}
    gaps: Any = matched.tested.set_index("gap_id")
    rows = []
    matches: list[dict[str, Any]] = matched.matches.to_dict("records")  # type: ignore[assignment]
    for rank, match in enumerate(matches, start=1):
        region, first = match["region"], match["gap_ids"][0]
        practice = practices[region, match["practice_id"]]
        body = practice["main_institution"]
        same_level = found[region].kind == found[review.pack.id].kind
        questions = transfer.questions(match, kind=str(gaps.at[first, "kind"]), same_level=same_level)
        rows.append(
            {
                **match,
                "rank": rank,
                "region_name": found[region].name,
                "heaviest_gap": gaps.at[first, "label"],
                "gap_ids": ";".join(match["gap_ids"]),
                "needs": ";".join(match["needs"]),
                "gaps": len(match["gap_ids"]),
                "evidence_words": _grade_words(match["evidence_grade"]),
                "who_asks": _partner(review.pack),
                "whom": body if isinstance(body, str) else _partner(packs[region]),
                "questions": " ".join(questions),
                **{column: practice[column] for column in ("results", "source_title", "source_url")},
            }
        )
    return pd.DataFrame(rows, columns=list(MATCH_COLUMNS))


def _match_words(review: Review, matched: Matched, table: pd.DataFrame) -> str:
    unanswered, strong = matched.unanswered, int((table["evidence_grade"] >= 2).sum())
    answer = (
        f"**{count(len(table), 'practice')}** of other regions {'meets' if len(table) == 1 else 'meet'} at least one of {count(len(matched.tested), 'gap candidate')} of {plain(review.pack.region.name)}; "
        f"{strong or 'none'} of them {'has' if strong == 1 else 'have'} more than the word of those who run {'it' if strong == 1 else 'them'} (grade 2 or better). "
        + (
            f"{count(len(unanswered), 'gap candidate')} {'has' if len(unanswered) == 1 else 'have'} no practice anywhere, first {plain(unanswered.iloc[0]['label'])}. "
            if len(unanswered)
            else "No gap candidate is left without a practice. "
        )
        + "What speaks for a transfer is laid side by side; the order is one of reading, not a score."
    )
    if table.empty:
        return answer
    top = table.iloc[0]
    return (
        f"{answer}\n\n**The conversation to have first:** {plain(top['who_asks'])} asks {plain(top['whom'])} "
        f"({plain(top['region_name'])}) about *{plain(top['title'])}*: {plain(top['questions'])}"
    )


def _match_chart(review: Review, matched: Matched) -> Any:
    found = places(review)
    tested = matched.tested.assign(place=matched.tested["score"].round(12)).sort_values(
        ["place", "gap_id"], ascending=[False, True]
    )
    drawn, whole = tested.head(GAPS_DRAWN), float(tested["score"].sum())
    labels = {row.gap_id: f"{_short_gap(review, row)}  {row.score / whole:.0%}" for row in _records(drawn)}
    likeness = _structure(review).likeness[review.pack.id]
    order = sorted(
        (r for r in found if r != review.pack.id),
        key=lambda r: (-(likeness.get(r, -1) if not math.isnan(likeness.get(r, math.nan)) else -1), r),
    )
    keys = ["region", "practice_id"]
    pairs = matched.pairs[matched.pairs["gap_id"].isin(labels)].merge(
        matched.matches[[*keys, "evidence_grade"]].rename(columns={"evidence_grade": "grade"}), on=keys
    )
    pairs = pairs.assign(label=pairs["gap_id"].map(labels))
    cells = [
        {
            "gap": label,
            "region": found[str(region)].column,
            "practices": len(part),
            "grade": float(part["grade"].max()),
            "fit": "same stage" if (part["problem_fit"] == 1).any() else "other stage",
        }
        for (label, region), part in pairs.groupby(["label", "region"], sort=False)
    ]
    bare = [gap for gap in drawn["gap_id"] if gap not in set(pairs["gap_id"])]
    heaviest = drawn.iloc[0]
    title = (
        f"No partner has a practice for {review.pack.region.name}'s heaviest gap, {_low(review, 'barrier', heaviest['need'])}"
        if heaviest["gap_id"] in bare
        else f"{len(labels) - len(bare)} of the {len(labels)} heaviest gaps of {review.pack.region.name} have a practice to learn from"
    )
    return charts.practice_matches(
        pd.DataFrame(cells, columns=["gap", "region", "practices", "grade", "fit"]),
        rows=list(labels.values()),
        columns=[found[region].column for region in order],
        title=title,
        subtitle=f"Number of practices per region and gap candidate; heaviest gaps on top with their share of all gaps (weight × severity), regions "
        f"most alike in structure to the left. First {len(labels)} of {len(tested)} gaps",
        source=_source(review),
        description=f"{title}. {len(bare)} of the gaps drawn have no practice in any region.",
    )


def _short_gap(review: Review, gap: Any) -> str:
    kind = {
        "absolute": "",
        "eligibility": " (not let in)",
        "access": " (out of reach)",
        "capacity": " (full)",
        "awareness": " (not known)",
    }
    return f"{_label(review, 'barrier', gap.need)}, {gap.stage}{kind.get(gap.kind, '')}"


def remarks(review: Review) -> Section:
    """Return what the peers said of this region and of the others, with the owner's response."""
    table = _remarks_table(review)
    answer = _remarks_words(review, table[table["region"] == review.pack.id])
    without = [
        plain(place.name)
        for region, place in places(review).items()
        if region != review.pack.id and region not in set(table["region"])
    ]
    if without:
        answer += f" No record for {listing(without, most=8)}."
    return Section(
        answer=answer,
        tables={
            "peer_remarks": Table(
                table,
                "What peers remarked, and what the owner answered",
                "From published news of the project; a blank response means that none was found, not that none was given.",
            )
        },
        how_sure="medium for what was said (published news, our wording); low for completeness.",
        to_check="Ask the partners for their minutes of the peer review of 2017.",
    )


def _remarks_table(review: Review) -> pd.DataFrame:
    packs = {pack.id: pack for pack in review.peers()}
    frames = [
        packs[region].peer_reviews.assign(region=region, region_name=place.name)
        for region, place in places(review).items()
        if packs[region].has("peer_reviews")
    ]
    columns = [
        "region", "region_name", "review_id", "kind", "statement", "barrier", "proposal", "owner_response", "status", "reviewers", "date",
        "source_title", "source_url",
    ]  # fmt: skip
    table = pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    table["reviewers"] = [";".join(v) if isinstance(v, tuple) else v for v in table["reviewers"]]
    return table


def _remarks_words(review: Review, own: pd.DataFrame) -> str:
    name = plain(review.pack.region.name)
    if not review.pack.has("peer_reviews"):
        answer = f"No peer review of {name} is on record."
        if not review.pack.region.invented:
            answer += " The EIS partners reviewed all seven regions in 2017; what they said of this one was not found."
        return answer
    weak = own[own["kind"] == "weakness"]
    answered = weak["owner_response"].notna()
    said = [plain(str(text).rstrip(".")) for text in weak["statement"]]
    return (
        f"Peers recorded {count(len(own) - len(weak), 'strength')} and {count(len(weak), 'weakness', 'weaknesses')} of {name}"
        + (f": {'; '.join(said[:2])}." if said else ".")
        + (
            f" The owner's response to {int(answered.sum()) or 'none'} of them is on record."
            if len(weak) > 1
            else f" {'The' if answered.all() else 'No'} response of the owner is on record."
            if len(weak)
            else ""
        )
    )
