"""Whether policies help or hinder one another, and which pairs somebody should judge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count
from eis_lib.methods import policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.examine._view import _standing_rows, _table, _titled, _titles, _years
from eis_lib.steps.shared.words import _cap, _share, _was


def coherence(review: Review, *, year: int | None = None) -> Section:
    """Return how policies act on one another where judged, and which pairs somebody should judge."""
    at, pack = _years(review, year), review.pack
    standing = _standing_rows(pack.policies, at)
    scored = pack.coherence if pack.has("coherence") else None
    candidates = policy.coherence_candidates(standing, scored)
    drawn: dict[str, Any] = {}
    tables = {
        "coherence_candidates": _table(
            candidates,
            f"Candidates: pairs of policies standing in {at} that share a barrier and overlap in time, not judged both ways",
            "Shared barriers are our coding. A candidate says that two policies meet, not whether they help or hinder one another.",
        )
    }
    if len(candidates):
        labels = _numbered(review, set(standing["policy_id"]))
        drawn["coherence_candidates"] = _candidate_chart(candidates, labels, at)
    if scored is None:
        answer = _unjudged_words(review, candidates)
        sure = "Unknown: there is no judgement; candidates rest on our coding of barriers."
        check = "Let two people score the candidate pairs in both directions, from −3 (cancelling) to +3 (indivisible), in coherence.csv."
    else:
        judged = _judgements(review, scored)
        drawn = {"coherence_matrix": _judgement_chart(review, judged), **drawn}
        tables |= _judgement_tables(review, judged)
        answer = _judged_words(review, judged, len(candidates))
        sure = f"Medium where {count(int(scored['rater'].nunique()), 'rater')} scored; blank cells are unknown, not neutral."
        check = "Have the candidate pairs scored, and the directions on which raters differ talked over."
    return Section(answer=answer, charts=drawn, tables=tables, how_sure=sure, to_check=check)


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


def _unjudged_words(review: Review, candidates: pd.DataFrame) -> str:
    apart, first = 0, "."
    if len(candidates):
        apart = int((~candidates["same_owner"]).sum())
        meeting = pd.concat([candidates["policy_a"], candidates["policy_b"]]).value_counts()
        first = f", starting with {_titled(review, meeting.index[:1])}, which meets {meeting.iloc[0]} others."
    return (
        "Nobody has judged how these policies act on one another: the region has no table coherence.csv, so the "
        f"matrix is blank, not neutral. {_cap(count(len(candidates), 'pair'))} of standing policies share a barrier and overlap in time "
        f"({_across_levels(candidates)} across levels, {apart} with different owners); they are candidates to judge{first}"
    )


def _candidate_chart(candidates: pd.DataFrame, labels: dict[str, str], year: int) -> Any:
    title = f"{len(candidates)} pairs of policies meet on a barrier, unjudged"
    return charts.chart_candidates(
        candidates.assign(
            policy_a=candidates["policy_a"].map(labels), policy_b=candidates["policy_b"].map(labels)
        )[["policy_a", "policy_b", "shared", "same_owner"]],
        list(labels.values()),
        title=title,
        subtitle=f"Candidates, not findings: number of barriers shared by two policies standing in {year}",
        source="policies of the region pack; barriers are our coding",
        description=f"{title}; {_across_levels(candidates)} of them across levels of government.",
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


def _judged_words(review: Review, judged: _Judgements, still: int) -> str:
    """Return the answer where policies are judged; ``still`` is how many pairs are still to be judged."""
    sums, pairs = judged.sums, judged.pairs
    split = int((pairs["spread"] >= 2).sum())
    leader = (
        sums.dropna(subset=["influence"]).sort_values("influence", ascending=False, kind="stable").head(1)
    )
    words = f"{judged.filled} of {judged.cells} directions between policies have been scored ({_share(judged.filled, judged.cells)}). "
    if len(judged.hindering):
        worst = judged.hindering.iloc[0]
        words += f"The worst is {_titled(review, [worst['policy_from']])} on {_titled(review, [worst['policy_to']])} ({worst['score']:+.3g}, {worst['label']}). "
    else:
        words += "None of them hinders. "
    if len(leader):
        words += f"{_titled(review, leader['policy_id'])} helps the others most (row sum {leader['influence'].iloc[0]:+.3g}). "
    if split:
        words += f"The raters differ by two levels or more on {count(split, 'direction')}. "
    return (
        words
        + f"{_cap(count(still, 'further pair'))} of standing policies share a barrier and {_was(still, 'is', 'are')} still to be judged."
    )


def _judgement_chart(review: Review, judged: _Judgements) -> Any:
    pairs = judged.pairs
    labels = _numbered(review, {*pairs["policy_from"], *pairs["policy_to"]})
    title = f"{len(judged.hindering)} of {judged.filled} scored directions hinder; {judged.cells - judged.filled} of {judged.cells} are not scored"
    return charts.chart_coherence(
        pairs.assign(policy_from=pairs["policy_from"].map(labels), policy_to=pairs["policy_to"].map(labels))[
            ["policy_from", "policy_to", "score"]
        ],
        list(labels.values()),
        title=title,
        subtitle="Row acts on column; median of the raters; blank = nobody scored it",
        source="coherence table of the region pack; scale after Nilsson, Griggs and Visbeck (2016)",
        description=f"{title}.",
    )


def _judgement_tables(review: Review, judged: _Judgements) -> dict[str, Table]:
    titles = _titles(review.pack.policies, 46)
    return {
        "coherence_sums": _table(
            judged.sums.assign(title=judged.sums["policy_id"].map(titles)),
            "Influence (row sum) and dependence (column sum)",
            "Sums over the scored cells only; a policy nobody scored has none.",
        ),
        "coherence_pairs": _table(
            judged.pairs,
            "Every direction that was scored, worst first",
            "Median of the raters; scale of Nilsson et al. (2016).",
        ),
    }
