"""Practices of other regions that meet a tested gap, and what to ask the people behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words

_WORDS = Words(__file__)

NOT_TESTED = ("evidence", "continuity")
"""Kinds of gap a practice is not matched to: *evidence* is a hole in our records, not in the support; *continuity* looks at
the same cells a second time."""

TURNED_DOWN = ("rejected", "kept-on-purpose")
"""Decisions of people after which a computed gap is no longer matched."""

GRADES: Mapping[int, str] = {
    0: "no result reported",
    1: "self-reported",
    2: "before and after",
    3: "comparison group",
    4: "trial or replicated",
}
"""Evidence grade → what stands behind it (our coding, methods G7)."""

EFFORT_ORDER: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2}
OTHER_STAGE = 0.5
"""Problem fit of a practice that answers the need, but at another stage; at the same stage it is 1, without the need 0."""

_MATCHES = (
    "practice_id", "region", "title", "support_type", "gap_ids", "needs", "gap_weight", "problem_fit", "gap_score_met",
    "context_fit", "evidence_grade", "effort", "cost_eur_per_year", "own_services_of_type",
)  # fmt: skip


def tested_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps a practice may be matched to: found, neither unjudgeable nor turned down by a person."""
    turned_down = gaps["status"].isin(TURNED_DOWN) if "status" in gaps else False
    return gaps[~gaps["kind"].isin(NOT_TESTED) & ~pd.Series(turned_down, index=gaps.index)].reset_index(
        drop=True
    )


def fit_problems(gaps: pd.DataFrame, practices: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of gap and practice that share the need.

    Parameters
    ----------
    gaps : DataFrame
        ``gap_id``, ``kind``, ``stage``, ``need``, ``weight``, ``score`` of one region (see :mod:`eis_lib.methods.gaps`).
    practices : DataFrame
        ``region``, ``practice_id``, ``journey_stages`` and ``barriers_addressed`` (tuples).

    Returns
    -------
    DataFrame
        Key (``gap_id``, ``region``, ``practice_id``): ``region`` of the practice, the gap's columns and ``problem_fit``, 1 at the same
        stage and :data:`OTHER_STAGE` at another or an unknown one. A pair without a shared need is not there.
    """
    rows = []
    tested = tested_gaps(gaps).to_dict("records")
    for practice in practices.to_dict("records"):
        for gap in tested:
            if gap["need"] not in practice["barriers_addressed"]:
                continue
            fit = 1.0 if gap["stage"] in practice["journey_stages"] else OTHER_STAGE
            rows.append(
                {
                    "gap_id": gap["gap_id"],
                    "practice_id": practice["practice_id"],
                    "region": practice["region"],
                    "kind": gap["kind"],
                    "stage": gap["stage"],
                    "need": gap["need"],
                    "weight": float(gap["weight"]),
                    "score": float(gap["score"]),
                    "problem_fit": fit,
                }
            )
    columns = ["gap_id", "practice_id", "region", "kind", "stage", "need", "weight", "score", "problem_fit"]
    return pd.DataFrame(rows, columns=columns)


def match_practices(
    region: str,
    gaps: pd.DataFrame,
    practices: pd.DataFrame,
    *,
    likeness: pd.Series | None = None,
    own_services: pd.DataFrame | None = None,
    minimum_grade: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the practices of other regions that meet a tested gap, and those that are not proposed, with the reason.

    Parameters
    ----------
    region : str
        The region that would take.
    gaps : DataFrame
        Its gaps.
    practices : DataFrame
        Of all regions: ``region`` and the columns of ``good_practices``.
    likeness : Series, optional
        Other region → structural likeness (0–1).
    own_services : DataFrame, optional
        Services of the region in force, with ``support_type``: tells what is new from what would be one more.
    minimum_grade : int
        Weakest evidence a practice may have; one that was never graded is not proposed above 0.

    Returns
    -------
    matches : DataFrame
        One row per practice: ``practice_id``, ``region``, ``title``, ``support_type``, ``gap_ids`` (tuple, heaviest
        first), ``needs`` (tuple), ``gap_weight`` (share of demand these gaps hold), ``problem_fit`` (best of its gaps),
        ``gap_score_met`` (Σ score × problem fit), ``context_fit`` (structural likeness), ``evidence_grade``,
        ``effort``, ``cost_eur_per_year``, ``own_services_of_type``. Sorted by gap score met, evidence, context, effort:
        an order of reading, not a score.
    refused : DataFrame
        ``practice_id``, ``region``, ``title``, ``reason``.
    """
    other = practices[practices["region"] != region]
    pairs = fit_problems(gaps, other)
    pairs = pairs.assign(met=pairs["score"] * pairs["problem_fit"])
    by_practice = dict(list(pairs.groupby(["region", "practice_id"], sort=False)))
    rows, refused = [], []
    for practice in other.to_dict("records"):
        found = by_practice.get((practice["region"], practice["practice_id"]))
        reason = _why_refused(practice, minimum_grade) if found is not None else _WORDS.no_gap()
        if reason or found is None:
            refused.append(
                {**{name: practice[name] for name in ("practice_id", "region", "title")}, "reason": reason}
            )
        else:
            rows.append(_match(practice, found, likeness, own_services))
    return (
        _in_reading_order(pd.DataFrame(rows, columns=list(_MATCHES))),
        pd.DataFrame(refused, columns=["practice_id", "region", "title", "reason"]),
    )


def _grade(practice: Mapping[Any, Any]) -> float:
    """Return the evidence grade of a practice, NaN where it was never graded."""
    grade = practice.get("evidence_grade")
    return np.nan if grade is None or pd.isna(grade) else float(grade)


def _why_refused(practice: Mapping[Any, Any], minimum_grade: int) -> str:
    """Return why a practice that meets a gap is not proposed, "" where it is."""
    grade = _grade(practice)
    if np.isnan(grade):
        return _WORDS.never_graded() if minimum_grade > 0 else ""
    return _WORDS.too_weak(int(grade)) if int(grade) < minimum_grade else ""


def _match(
    practice: Mapping[Any, Any],
    pairs: pd.DataFrame,
    likeness: pd.Series | None,
    own_services: pd.DataFrame | None,
) -> dict[str, Any]:
    """Return the row of a practice, given its pairs with the gaps it meets."""
    found = pairs.sort_values(["met", "gap_id"], ascending=[False, True])
    cost, effort = practice.get("cost_eur_per_year"), practice.get("effort")
    same = np.nan
    if own_services is not None:
        same = int((own_services["support_type"] == practice["support_type"]).sum())
    return {
        "practice_id": practice["practice_id"],
        "region": practice["region"],
        "title": practice["title"],
        "support_type": practice["support_type"],
        "gap_ids": tuple(found["gap_id"]),
        "needs": tuple(dict.fromkeys(found["need"])),
        "gap_weight": float(found["weight"].sum()),
        "problem_fit": float(found["problem_fit"].max()),
        "gap_score_met": float(found["met"].sum()),
        "context_fit": np.nan if likeness is None else float(likeness.get(practice["region"], np.nan)),
        "evidence_grade": _grade(practice),
        "effort": effort if isinstance(effort, str) else "unknown",
        "cost_eur_per_year": np.nan if cost is None else float(cost),
        "own_services_of_type": same,
    }


def _in_reading_order(matches: pd.DataFrame) -> pd.DataFrame:
    """Return the matches by gap score met, evidence, context and effort, what is not known last."""
    order = matches.assign(
        _met=matches["gap_score_met"].round(12),
        _effort=matches["effort"].map(EFFORT_ORDER).fillna(len(EFFORT_ORDER)),
        _grade=matches["evidence_grade"].fillna(-1),
        _context=matches["context_fit"].fillna(-1),
    ).sort_values(
        ["_met", "_grade", "_context", "_effort", "practice_id"], ascending=[False, False, False, True, True]
    )
    return matches.loc[order.index].reset_index(drop=True)


def questions(practice: Mapping[str, Any], *, kind: str, same_level: bool, most: int = 3) -> tuple[str, ...]:
    """Return what to ask the people behind a practice, the most useful first.

    Taken from what the record leaves open: the kind of gap it should close, weak evidence, no cost, another level of
    government; and always which parts could not be left out.

    Parameters
    ----------
    practice : mapping
        A row of ``good_practices`` or of :func:`match_practices`.
    kind : str
        Kind of the heaviest gap it would meet.
    same_level : bool
        Whether both regions stand at the same level (county, NUTS 2 …).
    most : int
        Number of questions.
    """
    asked = [_WORDS.ask_of_gap(kind)]
    grade = practice.get("evidence_grade")
    if grade is None or pd.isna(grade) or int(grade) <= 1:
        asked.append(_WORDS.ask_effect())
    if not same_level:
        asked.append(_WORDS.ask_powers())
    cost = practice.get("cost_eur_per_year")
    if cost is None or pd.isna(cost):
        asked.append(_WORDS.ask_cost())
    asked += [_WORDS.ask_parts(), _WORDS.ask_regrets()]
    return tuple(asked[:most])


def _met(gaps: pd.DataFrame, practices: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the score of each gap (row) that each practice (column) meets; missing where they share no need."""
    needs, stages = (sorted(set(gaps[column])) for column in ("need", "stage"))
    of_need = _membership(practices["barriers_addressed"], needs)[
        :, pd.Categorical(gaps["need"], needs).codes
    ]
    at_stage = _membership(practices["journey_stages"], stages)[
        :, pd.Categorical(gaps["stage"], stages).codes
    ]
    fit = np.where(at_stage, 1.0, OTHER_STAGE) * gaps["score"].to_numpy("float64")
    return np.where(of_need, fit, np.nan).T


def _membership(cells: pd.Series, codes: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return whether each cell (row), a tuple of codes, holds each code (column)."""
    return np.array([[code in cell for code in codes] for cell in cells], dtype=bool).reshape(
        len(cells), len(codes)
    )
