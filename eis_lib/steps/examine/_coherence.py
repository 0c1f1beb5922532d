"""Whether policies help or hinder one another, and which pairs somebody should judge."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count
from eis_lib.methods import policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.examine._view import _standing_rows, _table, _titled, _titles, _years
from eis_lib.steps.shared.words import _cap, _share, _was

# --- coherence -------------------------------------------------------------------------------------------------


def coherence(review: Review, *, year: int | None = None) -> Section:
    """Return how policies act on one another where judged, and which pairs somebody should judge."""
    at = _years(review, year)
    pack = review.pack
    stands = _standing_rows(pack.policies, at)
    ids = list(
        pack.policies.sort_values(["start_year", "policy_id"], na_position="first", kind="stable")[
            "policy_id"
        ]
    )
    judged = pack.coherence if pack.has("coherence") else None
    candidates = policy.coherence_candidates(stands, judged)
    titles = _titles(pack.policies, 46)
    number = {
        key: f"{i}  {titles[key]}"
        for i, key in enumerate([k for k in ids if k in set(stands["policy_id"])], start=1)
    }
    tables: dict[str, Table] = {}
    drawn: dict[str, Any] = {}
    tables["coherence_candidates"] = _table(
        candidates,
        f"Candidates: pairs of policies standing in {at} that share a barrier and overlap in time, not judged both ways",
        "Shared barriers are our coding. A candidate says that two policies meet, not whether they help or hinder one another.",
    )
    meeting = (
        pd.concat([candidates["policy_a"], candidates["policy_b"]]).value_counts()
        if len(candidates)
        else pd.Series(dtype=int)
    )
    across = int((candidates["relation"] == "across levels").sum())
    apart = int((~candidates["same_owner"]).sum()) if len(candidates) else 0
    if len(candidates):
        title = f"{len(candidates)} pairs of policies meet on a barrier, unjudged"
        drawn["coherence_candidates"] = charts.chart_candidates(
            candidates.assign(
                policy_a=candidates["policy_a"].map(number), policy_b=candidates["policy_b"].map(number)
            )[["policy_a", "policy_b", "shared", "same_owner"]],
            list(number.values()),
            title=title,
            subtitle=f"Candidates, not findings: number of barriers shared by two policies standing in {at}",
            source="policies of the region pack; barriers are our coding",
            description=f"{title}; {across} of them across levels of government.",
        )
    if judged is None:
        answer = (
            "Nobody has judged how these policies act on one another: the region has no table coherence.csv, so the "
            f"matrix is blank, not neutral. {_cap(count(len(candidates), 'pair'))} of standing policies share a barrier and overlap in time "
            f"({across} across levels, {apart} with different owners); they are candidates to judge"
            + (
                f", starting with {_titled(review, meeting.index[:1])}, which meets {meeting.iloc[0]} others."
                if len(meeting)
                else "."
            )
        )
        sure = "Unknown: there is no judgement; candidates rest on our coding of barriers."
        check = "Let two people score the candidate pairs in both directions, from −3 (cancelling) to +3 (indivisible), in coherence.csv."
    else:
        matrix = policy.coherence_matrix(judged, ids)
        sums = policy.coherence_sums(matrix)
        pairs = policy.coherence_pairs(judged)
        cells = len(ids) * (len(ids) - 1)
        filled = int(matrix.notna().to_numpy().sum())
        worst = pairs[pairs["score"] < 0]
        split = pairs[pairs["spread"] >= 2]
        tables["coherence_sums"] = _table(
            sums.assign(title=sums["policy_id"].map(titles)),
            "Influence (row sum) and dependence (column sum)",
            "Sums over the scored cells only; a policy nobody scored has none.",
        )
        tables["coherence_pairs"] = _table(
            pairs,
            "Every direction that was scored, worst first",
            "Median of the raters; scale of Nilsson et al. (2016).",
        )
        used = [k for k in ids if k in set(pairs["policy_from"]) | set(pairs["policy_to"])]
        labels = {key: f"{i}  {titles[key]}" for i, key in enumerate(used, start=1)}
        title = (
            f"{len(worst)} of {filled} scored directions hinder; {cells - filled} of {cells} are not scored"
        )
        drawn = {
            "coherence_matrix": charts.chart_coherence(
                pairs.assign(
                    policy_from=pairs["policy_from"].map(labels), policy_to=pairs["policy_to"].map(labels)
                )[["policy_from", "policy_to", "score"]],
                list(labels.values()),
                title=title,
                subtitle="Row acts on column; median of the raters; blank = nobody scored it",
                source="coherence table of the region pack; scale after Nilsson, Griggs and Visbeck (2016)",
                description=f"{title}.",
            ),
            **drawn,
        }
        leader = (
            sums.dropna(subset=["influence"]).sort_values("influence", ascending=False, kind="stable").head(1)
        )
        answer = (
            f"{filled} of {cells} directions between policies have been scored ({_share(filled, cells)}). "
            + (
                f"The worst is {_titled(review, [worst.iloc[0]['policy_from']])} on {_titled(review, [worst.iloc[0]['policy_to']])} ({worst.iloc[0]['score']:+.3g}, {worst.iloc[0]['label']}). "
                if len(worst)
                else "None of them hinders. "
            )
            + (
                f"{_titled(review, leader['policy_id'])} helps the others most (row sum {leader['influence'].iloc[0]:+.3g}). "
                if len(leader)
                else ""
            )
            + (
                f"The raters differ by two levels or more on {count(len(split), 'direction')}. "
                if len(split)
                else ""
            )
            + f"{_cap(count(len(candidates), 'further pair'))} of standing policies share a barrier and {_was(len(candidates), 'is', 'are')} still to be judged."
        )
        sure = f"Medium where {count(int(judged['rater'].nunique()), 'rater')} scored; blank cells are unknown, not neutral."
        check = "Have the candidate pairs scored, and the directions on which raters differ talked over."
    return Section(answer=answer, charts=drawn, tables=tables, how_sure=sure, to_check=check)
