"""Gaps ranked by weight, shares of demand served, and which kinds the records allow to judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.methods.gaps._demand import demand_cells, weigh_needs
from eis_lib.methods.gaps._judging import SERVED, UNKNOWN
from eis_lib.methods.gaps._verdict import _most, _numbers

_WORDS = Words(__file__)

SEVERITY: Mapping[str, float] = {
    "absolute": 1.0,
    "eligibility": 0.8,
    "access": 0.6,
    "capacity": 0.5,
    "continuity": 0.5,
    "awareness": 0.4,
    "evidence": 0.2,
}
"""How heavy a kind of gap weighs (project convention): 1 where nothing is there, less where a change of rules, of channel or a
telephone number would close it."""

KINDS: tuple[str, ...] = tuple(SEVERITY)


def open_share(cells: pd.DataFrame) -> float:
    """Return the share of demand for which at least one service is open: Σ w · 1[m ≥ 1] (0–1; NaN without demand).

    Columns ``weight`` and ``open_services`` (m). More than what is *served*: a service may be open, but full or unknown to the
    firm.
    """
    total = cells["weight"].sum()
    return float(cells.loc[cells["open_services"] >= 1, "weight"].sum() / total) if total > 0 else math.nan


def coverage_share(cells: pd.DataFrame) -> tuple[float, float]:
    """Return the share of demand that is served, and that share with the unknown cells added: Σ w·1[served] (0–1)."""
    total = cells["weight"].sum()
    if not total > 0:
        return math.nan, math.nan
    served = cells.loc[cells["status"] == SERVED, "weight"].sum() / total
    unknown = cells.loc[cells["status"] == UNKNOWN, "weight"].sum() / total
    return float(served), float(served + unknown)


def redundancy(cells: pd.DataFrame) -> float:
    """Return the redundancy of the landscape: Σ w·max(0, m − 1) / Σ w·m, with m the services open to a cell (0–1).

    0: every served cell has one service; NaN where no cell has any.
    """
    m, weight = cells["open_services"], cells["weight"]
    total = float((weight * m).sum())
    return float((weight * (m - 1).clip(lower=0)).sum()) / total if total > 0 else math.nan


def rank_gaps(cells: pd.DataFrame) -> pd.DataFrame:
    """Return gaps as need × stage × kind, heaviest first: those of several personas, those of one, what cannot be told.

    A gap that rests on one persona leads no list: one invented firm would drive it.

    Parameters
    ----------
    cells
        Of :func:`judge_cells`.

    Returns
    -------
    DataFrame
        Key ``gap_id`` (``kind:stage:need``): ``kind``, ``stage``, ``need``, ``persona_ids`` (tuple), ``weight`` (share of demand),
        ``severity``, ``score`` (weight × severity), ``service_ids`` (tuple: services that are there and do not serve),
        ``because``. Rows of kind ``continuity`` look at the same cells once more and are not to be added to the others.
    """
    primary = cells[cells["kind"] != ""]
    again = cells[cells["continuity"]].assign(kind="continuity")
    rows = []
    for (kind, stage, need), group in pd.concat([primary, again]).groupby(
        ["kind", "stage", "need"], sort=False
    ):
        weight = float(group["weight"].sum())
        rows.append(
            {
                "gap_id": f"{kind}:{stage}:{need}",
                "kind": kind,
                "stage": stage,
                "need": need,
                "persona_ids": tuple(group["persona_id"]),
                "weight": weight,
                "severity": SEVERITY[str(kind)],
                "score": weight * SEVERITY[str(kind)],
                "service_ids": tuple(dict.fromkeys(s for ids in group["service_ids"] for s in ids)),
                "because": _most([tuple(b.split("; ")) for b in group["because"] if b])
                if kind != "absolute"
                else str(group["because"].iloc[0]),
            }
        )
    columns = [
        "gap_id", "kind", "stage", "need", "persona_ids", "weight", "severity", "score", "service_ids", "because",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    # rounding first: weights that differ only in their last bit are the same weight
    order = frame.assign(
        _untold=frame["kind"] == "evidence",
        _one=frame["persona_ids"].map(lambda people: len(set(people)) < 2).astype(bool),
        _score=-frame["score"].round(12),
    ).sort_values(["_untold", "_one", "_score", "gap_id"], kind="stable")
    return order[columns].reset_index(drop=True)


def rank_under_weights(
    personas: pd.DataFrame,
    stages: Sequence[str],
    judged: pd.DataFrame,
    schemes: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Return the rank each gap takes under each set of demand weights.

    The verdict on a cell does not depend on weights; only its place does.

    Returns
    -------
    DataFrame
        One row per (``gap_id``, ``scheme``): ``score``, ``rank`` (1 = heaviest; ties share the smallest).
    """
    parts = []
    verdicts = judged.drop(columns="weight")
    for scheme, weights in schemes.items():
        cells = demand_cells(personas, stages, weigh_needs(weights)).merge(
            verdicts, on=["persona_id", "stage", "need"], how="left", validate="one_to_one"
        )
        ranked = rank_gaps(cells)
        ranked["scheme"] = scheme
        ranked["rank"] = ranked["score"].round(12).rank(method="min", ascending=False).astype("Int64")
        parts.append(ranked[["gap_id", "kind", "stage", "need", "scheme", "score", "rank"]])
    return pd.concat(parts, ignore_index=True)


def rank_agreement(ranks: pd.DataFrame, one: str, two: str) -> float:
    """Return Kendall's tau-b between the scores of all gaps under two schemes (1: same order; NaN under three gaps)."""
    wide = ranks.pivot_table(index="gap_id", columns="scheme", values="score")
    if len(wide) < 3 or one not in wide or two not in wide:
        return math.nan
    return float(stats.kendalltau(wide[one].round(12), wide[two].round(12)).statistic)


@dataclass(frozen=True)
class Assessable:
    """Whether one kind of gap can be judged from the records: ``yes``, ``in part`` or ``no``, and why."""

    kind: str
    answer: str
    why: str


def assess_kinds(services: pd.DataFrame, referrals: pd.DataFrame | None) -> tuple[Assessable, ...]:
    """Return for every kind of gap whether the records allow a verdict; a kind that can not be judged is not zero."""
    n = len(services)

    def filled(column: str) -> int:
        return sum(not landscape.is_missing(v) for v in services[column]) if column in services else 0

    rated = sum(
        not (math.isnan(c) or math.isnan(t))
        for c, t in zip(
            _numbers(services, "capacity_per_year"), _numbers(services, "take_up_per_year"), strict=True
        )
    )
    return (
        Assessable("absolute", "yes", _WORDS.absolute()),
        Assessable("eligibility", "yes", _WORDS.eligibility()),
        Assessable("access", "in part", _WORDS.access(filled("languages"), filled("price_eur"), n)),
        Assessable(
            "capacity",
            "no" if rated == 0 else "yes" if rated == n else "in part",
            _WORDS.capacity(rated, n),
        ),
        Assessable("continuity", "yes", _WORDS.continuity()),
        Assessable("awareness", "in part", _WORDS.awareness(referrals is not None)),
        Assessable("evidence", "yes", _WORDS.evidence(filled("start_year"), n)),
    )


def mean_doors(cells: pd.DataFrame) -> float:
    """Return how many services are open per cell that is served, weighted by demand; NaN where none is served."""
    served = cells[cells["status"] == SERVED]
    total = float(served["weight"].sum())
    return float((served["weight"] * served["open_services"]).sum() / total) if total > 0 else math.nan
