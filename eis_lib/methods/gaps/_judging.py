"""Whether each cell of demand is served, and if not, which kind of gap it is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from eis_lib.methods import landscape

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

SERVED, GAP, UNKNOWN = "served", "gap", "unknown"
NEED_UNTOLD = "only services that name their needs could show it"
INFORMING_TYPES: tuple[str, ...] = ("awareness", "information")
"""Support types whose task is to tell a firm what exists."""


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
        Those of one year, of :func:`eis_lib.methods.landscape.in_force`, with the facets of :func:`~eis_lib.methods.landscape.add_facets`.
    fits
        Of :func:`eis_lib.methods.journey.fit`.
    referrals
        The pack's table, or nothing.
    untold
        Of :func:`eis_lib.methods.landscape.untold_needs`: needs whose emptiness says nothing.

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
