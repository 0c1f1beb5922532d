"""What practices and remarks of others teach on a draft, and a recommendation finished with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.recommendation._evidence import EFFORT_YEARS, PROPOSED, Evidence, _Draft, split
from eis_lib.pack.vocabulary import Vocabulary

_WORDS = Words(__file__)

EFFORT_OF_OPTION: Mapping[str, str] = {
    "keep": "low", "coordinate": "low", "redesign": "medium", "transfer": "medium", "merge": "medium", "close": "medium", "add": "high",
}  # fmt: skip
"""Effort where no practice tells (project convention)."""


def _lesson_order(draft: _Draft, evidence: Evidence) -> pd.DataFrame:
    """Return the practices that meet the gaps of a draft, the most fitting first.

    First those whose instrument can lower the barrier by the common coding, then by the weight of the gaps they meet, the
    evidence behind them, how few other needs they speak to, likeness of the regions and effort.
    """
    matches = evidence.matches
    if matches.empty or not draft.gap_ids:
        return matches.head(0)
    wanted = set(draft.gap_ids)
    score = dict(zip(evidence.gaps["gap_id"], evidence.gaps["score"].astype(float), strict=True))
    met = pd.Series(
        [sum(score[g] for g in split(ids) if g in wanted) for ids in matches["gap_ids"]], index=matches.index
    )
    table = evidence.support_type_barriers
    able = set(table.loc[table["barrier"] == draft.need, "support_type"])
    order = matches.assign(
        _able=matches["support_type"].isin(able).astype(int),
        _met=met.round(9),
        _grade=matches["evidence_grade"].fillna(-1),
        _spread=matches["needs"].map(lambda needs: len(split(needs))),
        _context=matches["context_fit"].fillna(-1),
        _effort=matches["effort"].map({"low": 0, "medium": 1, "high": 2}).fillna(3),
    )
    order = order[order["_met"] > 0]
    return order.sort_values(
        ["_able", "_met", "_grade", "_spread", "_context", "_effort", "practice_id"],
        ascending=[False, False, False, True, False, True, True],
        kind="stable",
    )


def _remarks(draft: _Draft, remarks: pd.DataFrame) -> list[str]:
    if remarks.empty or draft.kind == "ask first":
        return []
    weak = remarks[(remarks["kind"] == "weakness") & (remarks["barrier"] == draft.need)]
    return [f"peer-review:{r}" for r in weak["review_id"]]


def _decision(draft: _Draft, decisions: pd.DataFrame) -> tuple[str, str, str]:
    if not decisions.empty:
        own = decisions[
            (decisions["subject_kind"] == "recommendation") & (decisions["subject_id"] == draft.key)
        ]
        if len(own):
            last = own.sort_values("date", kind="stable").iloc[-1]
            return str(last["decision"]), str(last["decided_by"]), str(last["date"])
    return draft.decided


def _finished(
    draft: _Draft, evidence: Evidence, vocabulary: Vocabulary, share: Mapping[str, float]
) -> dict[str, Any]:
    lessons = _lesson_order(draft, evidence)
    first: Mapping[Any, Any] = lessons.iloc[0].to_dict() if len(lessons) else {}
    named = [f"practice:{r}/{p}" for r, p in zip(lessons["region"], lessons["practice_id"], strict=True)][:3]
    status, by, on = _decision(draft, evidence.decisions)
    cost = first.get("cost_eur_per_year", math.nan)
    known = isinstance(cost, float) and not math.isnan(cost)
    grade, effort = first.get("evidence_grade", math.nan), first.get("effort", "unknown")
    findings = list(dict.fromkeys(draft.findings))
    if first:
        lead = f"compare:practice-match:{first['practice_id']}"
        findings += [lead] if (evidence.findings["finding_id"] == lead).any() else []
    return {
        "recommendation_id": draft.key,
        "kind": draft.kind,
        "option": draft.option,
        "title": draft.title,
        "why": draft.why,
        "status": status or PROPOSED,
        "decided_by": by,
        "decided_on": on,
        "weight": draft.weight,
        "value": draft.value,
        "firms": draft.extra.get("firms", sum(share.get(p, 0.0) for p in draft.personas)),
        "need": draft.need,
        "stages": ";".join(sorted(set(draft.stages), key=lambda s: vocabulary.order("journey_stage", s))),
        "personas": ";".join(draft.personas),
        "services": ";".join(draft.services),
        "practice_id": first.get("practice_id", ""),
        "practice": first.get("title", ""),
        "practice_region": first.get("region_name", first.get("region", "")),
        "lessons": ";".join([*named, *_remarks(draft, evidence.remarks)]),
        "evidence_grade": 0.0 if not isinstance(grade, (int, float)) or math.isnan(grade) else float(grade),
        "context_fit": float(first["context_fit"]) if first else math.nan,
        "effort": effort if effort in EFFORT_YEARS else EFFORT_OF_OPTION[draft.option],
        "support_type": first.get("support_type", ""),
        "cost_eur_per_year": float(cost) if known else math.nan,
        "cost_basis": _WORDS.cost_basis(first.get("region_name", first.get("region"))) if known else "",
        "how_sure": draft.how_sure,
        "findings": ";".join(findings),
        "rows": ";".join(dict.fromkeys(draft.rows)),
    }
