"""Whether practices of other regions meet tested gaps of this one, and what the peers said of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.numbers import percent
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
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
    _words,
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
    return Words(__file__).grade_words(None if math.isnan(grade) else int(grade))


def practice_matches(review: Review, *, minimum_evidence_grade: int | None = None) -> Section:
    """Return other regions' practices that meet a tested gap, with what speaks for a transfer and whom to ask."""
    alone, words = _alone(review), _words(__file__, review)
    if alone:
        none = pd.DataFrame(columns=list(MATCH_COLUMNS))
        return replace(alone, tables={"practice_matches": Table(none, words.caption_nobody_beside())})
    matched = _matched(review, minimum_evidence_grade)
    found, table = places(review), _match_table(review, matched)
    refused = matched.refused.assign(region_name=[found[r].name for r in matched.refused["region"]])
    return Section(
        answer=_match_words(matched, table, words),
        charts={"practice_matches": _match_chart(review, matched, words)} if len(matched.tested) else {},
        tables={
            "practice_matches": Table(table, words.matches_caption(), words.matches_note()),
            "practices_not_proposed": Table(
                refused[["practice_id", "region_name", "title", "reason"]],
                words.refused_caption(),
                words.refused_note(),
            ),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
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


def _match_words(matched: Matched, table: pd.DataFrame, words: Words) -> str:
    bare, strong = matched.unanswered, int((table["evidence_grade"] >= 2).sum())
    first = bare.iloc[0]["label"] if len(bare) else ""
    return sentences(
        words.answer(len(table), len(matched.tested), strong, len(bare), first),
        words.conversation_first(table.iloc[0]) if len(table) else "",
        between="\n\n",
    )


def _match_chart(review: Review, matched: Matched, words: Words) -> Any:
    found = places(review)
    tested = matched.tested.assign(place=matched.tested["score"].round(12)).sort_values(
        ["place", "gap_id"], ascending=[False, True]
    )
    drawn, whole = tested.head(GAPS_DRAWN), float(tested["score"].sum())
    labels = {
        row.gap_id: f"{_short_gap(review, row, words)}  {percent(row.score / whole)}"
        for row in _records(drawn)
    }
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
    title = words.title(
        heaviest["gap_id"] in bare,
        _low(review, "barrier", heaviest["need"]),
        len(labels) - len(bare),
        len(labels),
    )
    return charts.practice_matches(
        pd.DataFrame(cells, columns=["gap", "region", "practices", "grade", "fit"]),
        rows=list(labels.values()),
        columns=[found[region].column for region in order],
        title=title,
        subtitle=words.subtitle(len(labels), len(tested)),
        source=_source(review),
        description=words.description(title, len(bare)),
    )


def _short_gap(review: Review, gap: Any, words: Words) -> str:
    return words.gap_label(_label(review, "barrier", gap.need), gap.stage, gap.kind)


def remarks(review: Review) -> Section:
    """Return what the peers said of this region and of the others, with the owner's response."""
    table, words = _remarks_table(review), _words(__file__, review)
    without = [
        plain(place.name)
        for region, place in places(review).items()
        if region != review.pack.id and region not in set(table["region"])
    ]
    return Section(
        answer=sentences(
            _remarks_words(review, table[table["region"] == review.pack.id], words),
            words.no_record_for(without) if without else "",
        ),
        tables={"peer_remarks": Table(table, words.remarks_caption(), words.remarks_note())},
        how_sure=words.how_sure_of_remarks(),
        to_check=words.to_check_of_remarks(),
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


def _remarks_words(review: Review, own: pd.DataFrame, words: Words) -> str:
    if not review.pack.has("peer_reviews"):
        # the partners reviewed one another in 2017; an invented region is none of them
        return sentences(
            words.no_peer_review(), "" if review.pack.region.invented else words.reviewed_in_2017()
        )
    weak = own[own["kind"] == "weakness"]
    said = [plain(str(text).rstrip(".")) for text in weak["statement"]]
    return sentences(
        words.peers_recorded(len(own) - len(weak), len(weak), said[:2]),
        words.owner_responded(len(weak), int(weak["owner_response"].notna().sum())),
    )
