"""Whether policies help or hinder one another, and which pairs somebody should judge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.examine._view import _standing_rows, _table, _titled, _titles, _years
from eis_lib.steps.shared.words import words_of


def coherence(review: Review, *, year: int | None = None) -> Section:
    """Return how policies act on one another where judged, and which pairs somebody should judge."""
    at, pack = _years(review, year), review.pack
    standing = _standing_rows(pack.policies, at)
    scored = pack.coherence if pack.has("coherence") else None
    candidates = policy.coherence_candidates(standing, scored)
    words = words_of(__file__, review, year=at)
    drawn: dict[str, Any] = {}
    tables = {"coherence_candidates": _table(candidates, words.candidates_caption(), words.candidates_note())}
    if len(candidates):
        labels = _numbered(review, set(standing["policy_id"]))
        drawn["coherence_candidates"] = _candidate_chart(candidates, labels, words)
    if scored is None:
        return Section(
            answer=_unjudged_words(review, candidates, words),
            charts=drawn,
            tables=tables,
            how_sure=words.unjudged_sure(),
            to_check=words.unjudged_to_check(),
        )
    judged = _judgements(review, scored)
    return Section(
        answer=_judged_words(review, judged, len(candidates), words),
        charts={"coherence_matrix": _judgement_chart(review, judged, words), **drawn},
        tables=tables | _judgement_tables(review, judged, words),
        how_sure=words.judged_sure(int(scored["rater"].nunique())),
        to_check=words.judged_to_check(),
    )


def _oldest_first(review: Review) -> list[str]:
    policies = review.pack.policies.sort_values(
        ["start_year", "policy_id"], na_position="first", kind="stable"
    )
    return list(policies["policy_id"])


def _numbered(review: Review, shown: Collection[str]) -> dict[str, str]:
    """Return the labels of the policies that a chart shows: the oldest is number 1."""
    titles = _titles(review.pack.policies, 46)
    ids = [key for key in _oldest_first(review) if key in shown]
    return {key: f"{i}  {titles[key]}" for i, key in enumerate(ids, start=1)}


# --- candidates to judge ---------------------------------------------------------------------------------------


def _across_levels(candidates: pd.DataFrame) -> int:
    return int((candidates["relation"] == "across levels").sum())


def _unjudged_words(review: Review, candidates: pd.DataFrame, words: Words) -> str:
    apart, first, met = 0, [], 0
    if len(candidates):
        apart = int((~candidates["same_owner"]).sum())
        meeting = pd.concat([candidates["policy_a"], candidates["policy_b"]]).value_counts()
        first, met = _titled(review, meeting.index[:1]), int(meeting.iloc[0])
    return sentences(
        words.nobody_judged(),
        words.pairs_to_judge(len(candidates), _across_levels(candidates), apart, first, met),
    )


def _candidate_chart(candidates: pd.DataFrame, labels: dict[str, str], words: Words) -> Any:
    title = words.candidates_title(len(candidates))
    return charts.chart_candidates(
        candidates.assign(
            policy_a=candidates["policy_a"].map(labels), policy_b=candidates["policy_b"].map(labels)
        )[["policy_a", "policy_b", "shared", "same_owner"]],
        list(labels.values()),
        title=title,
        subtitle=words.candidates_subtitle(),
        source=words.candidates_source(),
        description=words.candidates_description(title, _across_levels(candidates)),
    )


# --- what raters judged ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Judgements:
    """What raters judged: sums per policy, directions worst first, and how many directions are scored of how many."""

    sums: pd.DataFrame
    pairs: pd.DataFrame
    filled: int
    cells: int

    @property
    def hindering(self) -> pd.DataFrame:
        return self.pairs[self.pairs["score"] < 0]


def _judgements(review: Review, scored: pd.DataFrame) -> _Judgements:
    ids = _oldest_first(review)
    matrix = policy.coherence_matrix(scored, ids)
    return _Judgements(
        policy.coherence_sums(matrix),
        policy.coherence_pairs(scored),
        filled=int(matrix.notna().to_numpy().sum()),
        cells=len(ids) * (len(ids) - 1),
    )


def _judged_words(review: Review, judged: _Judgements, still: int, words: Words) -> str:
    """Return the answer where policies are judged; ``still`` is how many pairs are still to be judged."""
    split = int((judged.pairs["spread"] >= 2).sum())
    helping = judged.sums.dropna(subset=["influence"]).sort_values(
        "influence", ascending=False, kind="stable"
    )
    return sentences(
        words.directions_scored(judged.filled, judged.cells, judged.filled / max(judged.cells, 1)),
        _worst_words(review, judged, words),
        *(
            words.most_helpful(_titled(review, [row.policy_id]), f"{row.influence:+.3g}")
            for row in _each_row(helping.head(1))
        ),
        words.raters_differ(split) if split else "",
        words.pairs_still_to_judge(still),
    )


def _worst_words(review: Review, judged: _Judgements, words: Words) -> str:
    if judged.hindering.empty:
        return words.nothing_hinders()
    worst = judged.hindering.iloc[0]
    return words.worst_direction(
        _titled(review, [worst["policy_from"]]),
        _titled(review, [worst["policy_to"]]),
        f"{worst['score']:+.3g}",
        worst["label"],
    )


def _judgement_chart(review: Review, judged: _Judgements, words: Words) -> Any:
    pairs = judged.pairs
    labels = _numbered(review, {*pairs["policy_from"], *pairs["policy_to"]})
    title = words.matrix_title(
        len(judged.hindering), judged.filled, judged.cells - judged.filled, judged.cells
    )
    return charts.chart_coherence(
        pairs.assign(policy_from=pairs["policy_from"].map(labels), policy_to=pairs["policy_to"].map(labels))[
            ["policy_from", "policy_to", "score"]
        ],
        list(labels.values()),
        title=title,
        subtitle=words.matrix_subtitle(),
        source=words.matrix_source(),
        description=type(title)(f"{title}."),
    )


def _judgement_tables(review: Review, judged: _Judgements, words: Words) -> dict[str, Table]:
    titles = _titles(review.pack.policies, 46)
    return {
        "coherence_sums": _table(
            judged.sums.assign(title=judged.sums["policy_id"].map(titles)),
            words.sums_caption(),
            words.sums_note(),
        ),
        "coherence_pairs": _table(judged.pairs, words.pairs_caption(), words.pairs_note()),
    }
