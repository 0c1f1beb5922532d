"""Gaps in support: what kind, for whom, at which stage, and how heavy.

The unit is a cell: persona × journey stage × need, with a demand weight (Σ = 1). A cell is *served*, has a *gap* of one
kind, or is *unknown*: the records do not allow an answer, which is neither a gap nor a service. Seven kinds are told apart
(codes ``gap_kind`` of the vocabulary); each cell takes the first that applies, from "nothing there at all" onwards, and
continuity is noted beside it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from eis_lib import landscape

NEED_STAGES: Mapping[str, tuple[str, ...]] = {
    "awareness": ("aware",),
    "market-knowledge": ("assess", "plan"),
    "specialised-staff": ("plan", "prepare"),
    "digital-capability": ("plan", "prepare"),
    "language-skills": ("prepare", "enter"),
    "product-adaptation": ("plan", "prepare"),
    "partner-identification": ("enter",),
    "finance": ("prepare", "enter", "grow"),
    "investment-cost": ("prepare", "enter", "grow"),
    "payment-security": ("enter", "grow"),
    "legal-rules": ("prepare", "enter"),
    "admin-procedures": ("prepare", "enter"),
    "foreign-taxes": ("prepare", "enter"),
    "delivery-costs": ("prepare", "enter"),
    "dispute-resolution": ("enter", "grow"),
    "cross-border-complaints": ("enter", "grow"),
}
"""Stages at which a need bites (project convention): nobody looks for payment security before there is a customer. Without it
every need would be missed at every stage. A need that is not listed counts at all stages."""

LASTING: frozenset[str] = frozenset(
    {
        "market-knowledge",
        "specialised-staff",
        "digital-capability",
        "language-skills",
        "product-adaptation",
        "legal-rules",
        "admin-procedures",
        "foreign-taxes",
    }
)
"""Needs that are met by learning (project convention): what a firm got at an earlier stage at which the need bites still helps. A
customs course taken while preparing is not missed on entering the market; money, a partner or cover of a risk would be."""

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

SERVED, GAP, UNKNOWN = "served", "gap", "unknown"
NEED_UNTOLD = "only services that name their needs could show it"
INFORMING_TYPES: tuple[str, ...] = ("awareness", "information")
"""Support types whose task is to tell a firm what exists."""


def weigh_needs(weights: pd.Series) -> pd.Series:
    """Return demand weights of all needs, Σ = 1; a need that the survey did not ask about takes the mean of those it asked.

    Not asked is not *no need*; the mean is the value that moves no rank on purpose (project convention).

    Parameters
    ----------
    weights
        Need → weight, NaN where not asked.

    Raises
    ------
    ValueError
        If the weights that are given add up to nothing.
    """
    if weights.isna().all():
        return pd.Series(1 / max(len(weights), 1), index=weights.index)
    filled = weights.fillna(weights.mean())
    if not filled.sum() > 0:
        raise ValueError("the weights of the needs add up to nothing")
    return filled / filled.sum()


def demand_cells(personas: pd.DataFrame, stages: Sequence[str], weights: pd.Series) -> pd.DataFrame:
    """Return the cells and their demand weight.

    A persona needs something at the stages of its own journey at which that need bites (:data:`NEED_STAGES`); a need of an
    earlier stage counts where the journey starts, one of a stage beyond the goal not at all. Its weight × the weight of the need is spread evenly over those stages.

    Parameters
    ----------
    personas
        As in ``_common``.
    stages
        Journey stages in order.
    weights
        Need → weight, as of :func:`weigh_needs`.

    Returns
    -------
    DataFrame
        One row per (``persona_id``, ``stage``, ``need``) with ``weight`` (Σ = 1).
    """
    order = list(stages)
    rows: list[tuple[str, str, str, float]] = []
    for persona in personas.to_dict("records"):
        own = order[order.index(persona["start_stage"]) : order.index(persona["goal_stage"]) + 1]
        for need in landscape.list_items(persona["barriers"]):
            due = NEED_STAGES.get(need, order)
            bites = [s for s in own if s in due]
            if not bites and order.index(due[-1]) < order.index(own[0]):
                bites = own[:1]  # a need of an earlier stage that the firm still has
            if not bites:
                continue  # beyond the goal of this journey
            share = float(persona["weight"]) * float(weights.get(need, np.nan)) / len(bites)
            rows.extend((str(persona["persona_id"]), stage, need, share) for stage in bites)
    cells = pd.DataFrame(rows, columns=["persona_id", "stage", "need", "weight"])
    if cells["weight"].isna().any():
        unknown = sorted(cells.loc[cells["weight"].isna(), "need"].unique())
        raise KeyError(f"no demand weight for {', '.join(unknown)}")
    total = cells["weight"].sum()
    return cells.assign(weight=cells["weight"] / total if total > 0 else cells["weight"])


def judge_cells(
    cells: pd.DataFrame,
    services: pd.DataFrame,
    fits: pd.DataFrame,
    referrals: pd.DataFrame | None = None,
    *,
    untold: Collection[str] = (),
) -> pd.DataFrame:
    """Return for each cell whether it is served, and if not, the kind of gap.

    In this order: nothing on record for the need at the stage – *absolute*, or *evidence* where a service could be there
    unseen (the need is ``untold``, or a service has no stage or no need on record); no service lets the firm in – *eligibility*; those
    that may let it in lack a facet – *evidence*; all that let it in are barred by channel, language or price – *access*; of all
    that are left not even a first year is known – *evidence*; all of them served as many firms as they can – *capacity*;
    neither an information service nor a recorded route leads the firm to them – *awareness*; else it is served. For a need of
    :data:`LASTING`, services of the earlier stages at which it bites on this journey count as well.

    Parameters
    ----------
    cells
        Of :func:`demand_cells`, in its order: the stages of a need follow one another.
    services
        Those of one year, of :func:`eis_lib.landscape.in_force`, with the facets of :func:`~eis_lib.landscape.add_facets`.
    fits
        Of :func:`eis_lib.journey.fit`.
    referrals
        The pack's table, or nothing.
    untold
        Of :func:`eis_lib.landscape.untold_needs`: needs whose emptiness says nothing.

    Returns
    -------
    DataFrame
        ``cells`` and ``status`` (``served``, ``gap``, ``unknown``), ``kind`` ("" where served), ``continuity`` (bool: the same need
        is served at the stage before and not here), ``on_record`` (services for the need at the stage), ``open_services``
        (m_c: those open to the firm), ``service_ids`` (tuple: the services the verdict rests on), ``because`` (text: facets
        that shut out or bar; for *absolute*, ``at no stage`` or the stages at which the need is served).
    """
    offer: dict[tuple[str, str], list[str]] = {}
    ids = services["service_id"].astype(str).tolist()
    unplaced: set[tuple[str, str]] = (
        set()
    )  # (stage, need) of services that lack one of them, "" for what they lack
    for service, stages_of, needs_of in zip(
        ids, services["journey_stages"], services["need_area"], strict=True
    ):
        at, needs = landscape.list_items(stages_of), landscape.list_items(needs_of)
        for stage in at:
            for need in needs:
                offer.setdefault((stage, need), []).append(service)
        if not at or not needs:
            unplaced |= {(stage, need) for stage in at or ("",) for need in needs or ("",)}
    elsewhere = {
        need: "only at: " + "; ".join(dict.fromkeys(s for s, n in sorted(offer) if n == need))
        for _, need in offer
    }
    fact = {
        row[0]: row[1:]
        for row in zip(
            ids,
            services["dating"] if "dating" in services else [landscape.DATED] * len(services),
            _numbers(services, "capacity_per_year"),
            _numbers(services, "take_up_per_year"),
            services["support_type"],
            strict=True,
        )
    }
    verdict: dict[tuple[str, str], Any] = {
        (str(row.persona_id), str(row.service_id)): row for row in fits.itertuples(index=False)
    }
    ways_in: dict[str, set[str]] = {}
    if referrals is not None:
        for source, target in zip(referrals["from_service"], referrals["to_service"], strict=True):
            ways_in.setdefault(str(target), set()).add(str(source))
    open_to: dict[str, set[str]] = {}
    for row in fits.itertuples(index=False):
        if row.eligible != "no" and row.reachable != "no":
            open_to.setdefault(str(row.persona_id), set()).add(str(row.service_id))
    told = {
        persona: any(fact[s][3] in INFORMING_TYPES for s in own if s in fact)
        for persona, own in open_to.items()
    }

    rows = []
    learnt: dict[tuple[str, str], set[str]] = {}
    people = cells["persona_id"].astype(str)
    for persona, stage, need in zip(people, cells["stage"], cells["need"], strict=True):
        here = set(offer.get((stage, need), ()))
        if need in LASTING:
            here = learnt.setdefault((persona, need), set()) | here
            learnt[persona, need] = here
        there = sorted(here)
        seen = {s: verdict[persona, s] for s in there}
        let_in = [s for s in there if seen[s].eligible == "yes"]
        perhaps = [s for s in there if seen[s].eligible == "unknown"]
        free_way = [s for s in let_in if seen[s].reachable != "no"]
        running = [s for s in free_way if fact[s][0] != landscape.NO_START]
        full = [s for s in running if not math.isnan(fact[s][1]) and fact[s][2] >= fact[s][1]]
        led = told.get(persona, False) or any(
            ways_in.get(s, set()) & open_to.get(persona, set()) for s in running
        )
        result: tuple[str, tuple[str, ...], str]
        if not there and need in untold:
            result = ("evidence", (), NEED_UNTOLD)
        elif not there and unplaced & {(stage, ""), ("", need), ("", "")}:
            result = ("evidence", (), "a service has no stage or no need on record")
        elif not there:
            result = ("absolute", (), elsewhere.get(need, "at no stage"))
        elif not let_in and not perhaps:
            result = ("eligibility", tuple(there), _most([seen[s].closed_by for s in there]))
        elif not let_in:
            result = ("evidence", tuple(perhaps), _most([seen[s].not_recorded for s in perhaps]))
        elif not free_way:
            result = ("access", tuple(let_in), _most([seen[s].barred_by for s in let_in]))
        elif not running:
            result = ("evidence", tuple(free_way), "no year recorded")
        elif len(full) == len(running):
            result = ("capacity", tuple(running), "as many served as it can")
        elif not led:
            result = ("awareness", tuple(running), "nothing tells the firm")
        else:
            result = ("", tuple(running), "")
        rows.append((*result, len(there), len(free_way)))
    found = cells.copy()
    for n, column in enumerate(["kind", "service_ids", "because", "on_record", "open_services"]):
        found[column] = pd.Series(
            [row[n] for row in rows], index=cells.index, dtype=None if n > 2 else "object"
        )
    found["status"] = [
        SERVED if not kind else UNKNOWN if kind == "evidence" else GAP for kind in found["kind"]
    ]
    found["continuity"] = _breaks(found)
    return found[
        [
            *cells.columns,
            "status",
            "kind",
            "continuity",
            "on_record",
            "open_services",
            "service_ids",
            "because",
        ]
    ]


def _numbers(frame: pd.DataFrame, name: str) -> list[float]:
    if name not in frame:
        return [math.nan] * len(frame)
    return [float(v) for v in pd.to_numeric(frame[name], errors="coerce").astype("float64")]


def _most(reasons: Sequence[tuple[str, ...]]) -> str:
    """Return reasons as text, those that hold for most services first."""
    counts: dict[str, int] = {}
    for group in reasons:
        for reason in group:
            counts[reason] = counts.get(reason, 0) + 1
    return "; ".join(sorted(counts, key=lambda reason: (-counts[reason], reason)))


def _breaks(cells: pd.DataFrame) -> list[bool]:
    """Return where a need of a persona was served at the stage before, on the stages at which it bites, and is not here."""
    before: dict[tuple[str, str], str] = {}
    flags = []
    for persona, need, status in zip(cells["persona_id"], cells["need"], cells["status"], strict=True):
        flags.append(status == GAP and before.get((persona, need)) == SERVED)
        before[persona, need] = status
    return flags


# ------------------------------------------------------------------------------------------------ measures


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


def adjusted_coverage(cells: pd.DataFrame) -> float:
    """Return coverage with capacity and quality: Σ w · min(1, capacity / demand) · quality (0–1).

    Columns ``weight``, ``capacity`` and ``demand`` (firms a year), optionally ``quality`` (0–1). NaN as soon as a cell with
    weight lacks a value: a missing capacity is neither none nor enough.
    """
    used = cells[cells["weight"] > 0]
    share = (used["capacity"] / used["demand"]).clip(upper=1)
    if "quality" in used:
        share *= used["quality"]
    total = used["weight"].sum()
    return float((used["weight"] * share).sum(skipna=False) / total) if total > 0 else math.nan


def redundancy(cells: pd.DataFrame) -> float:
    """Return the redundancy of the landscape: Σ w·max(0, m − 1) / Σ w·m, with m the services open to a cell (0–1).

    0: every served cell has one service; NaN where no cell has any.
    """
    m, weight = cells["open_services"], cells["weight"]
    total = float((weight * m).sum())
    return float((weight * (m - 1).clip(lower=0)).sum()) / total if total > 0 else math.nan


def rank_gaps(cells: pd.DataFrame) -> pd.DataFrame:
    """Return gaps as need × stage × kind, heaviest first.

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
    order = frame.assign(rounded=frame["score"].round(12)).sort_values(
        ["rounded", "gap_id"], ascending=[False, True], kind="stable"
    )
    return order.drop(columns="rounded").reset_index(drop=True)


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


# ------------------------------------------------------------------------------------------------ what can be judged


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
    languages, prices = filled("languages"), filled("price_eur")
    started = filled("start_year")
    return (
        Assessable(
            "absolute", "yes", "whether a service is on record; a service nobody recorded looks like a gap"
        ),
        Assessable("eligibility", "yes", "size, experience, sector, mode and market scope of every service"),
        Assessable(
            "access",
            "in part",
            f"channel is recorded; languages of {languages} and prices of {prices} of {n} services; "
            "distance and opening hours of none",
        ),
        Assessable(
            "capacity",
            "no" if rated == 0 else "yes" if rated == n else "in part",
            f"capacity and take-up are recorded for {rated} of {n} services",
        ),
        Assessable(
            "continuity",
            "yes",
            "whether a need served at one stage is still served at the next at which it bites",
        ),
        Assessable(
            "awareness",
            "in part",
            "no survey of who knows what; judged by whether an information service is open to the firm"
            + (
                " or a recorded route leads to the service"
                if referrals is not None
                else "; no referrals are recorded"
            ),
        ),
        Assessable("evidence", "yes", f"a first year is recorded for {started} of {n} services"),
    )
