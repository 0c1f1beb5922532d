"""The verdict on one cell of demand: the kind of gap, the services it rests on, and why."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.pack.frames import column_or_missing

NEED_UNTOLD = "only services that name their needs could show it"
INFORMING_TYPES: tuple[str, ...] = ("awareness", "information")
"""Support types whose task is to tell a firm what exists."""


DECIDING: frozenset[str] = frozenset({"channel", "cost_to_sme"})
"""What may keep an eligible firm out where it is not on record."""

PLACE_UNTOLD = "a service has no stage or no need on record"


class Verdict(NamedTuple):
    """The kind of gap ("" where served), the services it rests on, why, and how many are there and open to the firm."""

    kind: str
    service_ids: tuple[str, ...]
    because: str
    on_record: int
    open_services: int


@dataclass(frozen=True)
class Records:
    """What a verdict looks up of the services of one year.

    Attributes
    ----------
    offer : mapping of (stage, need) to list of str
        The services there.
    unplaced : set of (stage, need)
        Of services that lack one of them; "" for what they lack.
    undated, full : set of str
        Services of which not even a first year is known, or of which no source shows that they run; those that served as many
        firms as they can.
    fits : mapping of (persona, service) to row
        Of :func:`eis_lib.methods.journey.fit`.
    open_to, perhaps_open_to : mapping of persona to set of str
        The services that do not keep the firm out; and those of which a cell that decides is empty.
    informed, perhaps_informed : set of str
        Personas to which an information service is open, or may be.
    ways_in : mapping of service to set of str
        The services with a recorded route to it.
    """

    offer: Mapping[tuple[str, str], list[str]]
    unplaced: set[tuple[str, str]]
    undated: set[str]
    full: set[str]
    fits: Mapping[tuple[str, str], Any]
    open_to: Mapping[str, set[str]]
    perhaps_open_to: Mapping[str, set[str]]
    informed: set[str]
    perhaps_informed: set[str]
    ways_in: Mapping[str, set[str]]

    def lead(self, persona: str, services: Iterable[str]) -> str:
        """Return whether an information service or a recorded route leads the firm to one of the services."""
        sources = set().union(*(self.ways_in.get(s, set()) for s in services))
        if persona in self.informed or sources & self.open_to.get(persona, set()):
            return "yes"
        perhaps = persona in self.perhaps_informed or sources & self.perhaps_open_to.get(persona, set())
        return "unknown" if perhaps else "no"

    def hide(self, stages: Iterable[str], need: str) -> bool:
        """Return whether a service that lacks stage or need on record could be for the need at one of the stages."""
        return bool(self.unplaced & {("", need), ("", ""), *((stage, "") for stage in stages)})


def opens(fit: Any) -> str:
    """Return whether a service lets the firm in and nothing keeps it out: ``yes``, ``no`` or ``unknown``.

    Languages and prices are hardly ever on record; that they are not keeps nobody out (project convention).
    """
    if fit.eligible == "no" or fit.reachable == "no":
        return "no"
    return "unknown" if fit.eligible == "unknown" or DECIDING & set(fit.not_recorded) else "yes"


def read_records(services: pd.DataFrame, fits: pd.DataFrame, referrals: pd.DataFrame | None) -> Records:
    """Return what verdicts look up; see :func:`eis_lib.methods.gaps.judge_cells` for the tables."""
    ids = services["service_id"].astype(str).tolist()
    dating = services["dating"] if "dating" in services else [landscape.DATED] * len(services)
    room, users = (_numbers(services, name) for name in ("capacity_per_year", "take_up_per_year"))
    is_full = (not math.isnan(most) and used >= most for most, used in zip(room, users, strict=True))
    doubtful = set(
        services.loc[column_or_missing(services, "status").eq("doubtful"), "service_id"].astype(str)
    )
    type_of = dict(zip(ids, services["support_type"], strict=True))
    ways_in: dict[str, set[str]] = {}
    if referrals is not None:
        for source, target in zip(referrals["from_service"], referrals["to_service"], strict=True):
            ways_in.setdefault(str(target), set()).add(str(source))
    fit_of = {(str(row.persona_id), str(row.service_id)): row for row in fits.itertuples(index=False)}
    open_to: dict[str, set[str]] = {}
    perhaps_open_to: dict[str, set[str]] = {}
    for (persona, service), row in fit_of.items():
        how = opens(row)
        if how != "no":
            (open_to if how == "yes" else perhaps_open_to).setdefault(persona, set()).add(service)
    informing = {s for s, kind in type_of.items() if kind in INFORMING_TYPES}
    perhaps_informing = informing | {s for s, kind in type_of.items() if landscape.is_missing(kind)}
    return Records(
        *_places(ids, services),
        undated={s for s, how in zip(ids, dating, strict=True) if how == landscape.NO_START} | doubtful,
        full={s for s, holds in dict(zip(ids, is_full, strict=True)).items() if holds},
        fits=fit_of,
        open_to=open_to,
        perhaps_open_to=perhaps_open_to,
        informed={p for p, own in open_to.items() if own & informing},
        perhaps_informed={
            p for own_of in (open_to, perhaps_open_to) for p, own in own_of.items() if own & perhaps_informing
        },
        ways_in=ways_in,
    )


def _places(
    ids: Sequence[str], services: pd.DataFrame
) -> tuple[dict[tuple[str, str], list[str]], set[tuple[str, str]]]:
    """Return the services at each (stage, need), and where a service that lacks one of them could be."""
    offer: dict[tuple[str, str], list[str]] = {}
    unplaced: set[tuple[str, str]] = set()
    for service, stages_of, needs_of, needs_from in zip(
        ids,
        services["journey_stages"],
        services["need_area"],
        column_or_missing(services, "need_area_from"),
        strict=True,
    ):
        at, needs = landscape.list_items(stages_of), landscape.list_items(needs_of)
        for stage in at:
            for need in needs:
                offer.setdefault((stage, need), []).append(service)
        if isinstance(needs_from, str) and needs_from == "own" and not needs:
            continue  # it was read, and lowers no need that is coded
        if not at or not needs:
            unplaced |= {(stage, need) for stage in at or ("",) for need in needs or ("",)}
    return offer, unplaced


def reach_verdict(
    records: Records,
    persona: str,
    stages: Sequence[str],
    need: str,
    services: Collection[str],
    untold: Collection[str],
) -> Verdict:
    """Return the verdict on a cell, given the services that could meet it; the first kind that applies.

    ``stages`` are those at which a service meets the cell, its own last. An empty cell of a service never makes a gap.
    """
    there = sorted(services)
    if not there:
        return _nothing_there(records, stages, need, untold)
    fits = {s: records.fits[persona, s] for s in there}
    let_in = [s for s in there if fits[s].eligible == "yes"]
    free_way = [s for s in there if opens(fits[s]) == "yes"]
    perhaps = [s for s in there if opens(fits[s]) == "unknown"]
    running = [s for s in free_way if s not in records.undated]
    kind, rests_on, because = "", running, ""
    if not free_way:
        perhaps = perhaps or [s for s in there if not let_in and fits[s].eligible == "unknown"]
        if let_in:
            kind, rests_on, because = "access", let_in, _most([fits[s].barred_by for s in let_in])
        else:
            kind, rests_on, because = "eligibility", there, _most([fits[s].closed_by for s in there])
    elif not running:
        kind, rests_on, because = "evidence", free_way, "not shown to run"
    elif records.full.issuperset(running):
        kind, because = "capacity", "as many served as it can"
    elif (told := records.lead(persona, running)) != "yes":
        kind, because = "awareness", "nothing tells the firm"
        if told == "unknown":
            kind, because = "evidence", "whether anything tells the firm is not on record"
    if kind not in {"", "evidence"}:
        if perhaps:
            kind, rests_on, because = "evidence", perhaps, _most([fits[s].not_recorded for s in perhaps])
        elif records.hide(stages, need):
            kind, because = "evidence", PLACE_UNTOLD
    return Verdict(kind, tuple(rests_on), because, len(there), len(free_way))


def _nothing_there(records: Records, stages: Sequence[str], need: str, untold: Collection[str]) -> Verdict:
    if need in untold:
        return Verdict("evidence", (), NEED_UNTOLD, 0, 0)
    if records.hide(stages, need):
        return Verdict("evidence", (), PLACE_UNTOLD, 0, 0)
    elsewhere = "; ".join(sorted(s for s, n in records.offer if n == need))
    return Verdict("absolute", (), f"only at: {elsewhere}" if elsewhere else "at no stage", 0, 0)


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
