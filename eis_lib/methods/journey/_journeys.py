"""What every persona meets on its way from intent to outcome, and the tables made of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.journey._land import WARM, Landscape
from eis_lib.methods.journey._paths import (
    Path,
    best_path,
    choice_load,
    dead_ends,
    loops,
    reachable_nodes,
    repeated_requests,
    typical_path,
)
from eis_lib.methods.journey._walker import Node, Walker, walker

_WORDS = Words(__file__)


@dataclass(frozen=True)
class Walked:
    """What one persona met; each part is found out when it is first asked for."""

    walk: Walker
    persona: Mapping[Hashable, Any]
    rests_on_unknown: int

    @cached_property
    def best(self) -> Path | None:
        """Return the best path; None where there is none."""
        return best_path(self.walk)

    @cached_property
    def typical(self) -> Path:
        """Return the typical path."""
        return typical_path(self.walk)

    @cached_property
    def found(self) -> frozenset[Node]:
        """Return the nodes with a way in."""
        return reachable_nodes(self.walk)

    @cached_property
    def loops(self) -> tuple[tuple[str, ...], ...]:
        """Return the sets of services that send the firm round."""
        return loops(self.walk)

    @property
    def outcome(self) -> dict[str, object]:
        """Return what the best path comes to, as a row of :attr:`Journeys.outcomes`."""
        no_way_at = "" if self.best is not None else self._stage_after(s for _, s in self.found)
        return {
            "persona_id": str(self.persona["persona_id"]),
            "weight": float(self.persona["weight"]),
            "start_stage": self.persona["start_stage"],
            "goal_stage": self.persona["goal_stage"],
            "basis": self.walk.land.basis,
            "reach": int(self.best is not None),
            **_path_measures(self.walk, self.best),
            "no_way_at": no_way_at,
        }

    @property
    def measures(self) -> dict[str, object]:
        """Return all that is measured, as a row of :attr:`Journeys.measures`."""
        row = self.outcome
        lost_at = row.pop("no_way_at")
        if self.best is not None and not self.typical.done:
            lost_at = self._stage_after(stage for _, stage in self.typical.nodes[-1:])
        most, at_stage, of_type = choice_load(self.walk)
        return row | {
            "typical_steps": self.typical.cost[0] if self.typical.done else math.nan,
            "typical_done": int(self.typical.done),
            "lost_at": lost_at,
            "open_services": len(self.walk.usable),
            "rests_on_unknown": self.rests_on_unknown,
            "dead_ends": len(dead_ends(self.walk)),
            "loops": len(self.loops),
            "choice_load": most,
            "choice_stage": at_stage,
            "choice_type": of_type,
        }

    def _stage_after(self, stages: Iterable[int]) -> str:
        """Return the stage at which support ends if it went as far as these, within the firm's journey."""
        last = max(stages, default=self.walk.first - 1)
        return self.walk.land.stage_codes[min(last + 1, self.walk.goal)]

    def rows(self, path: str) -> Iterator[dict[str, object]]:
        """Yield the nodes of the ``best`` or the ``typical`` path as rows of :attr:`Journeys.paths`."""
        chosen = self.best if path == "best" else self.typical
        if chosen is not None:
            for row in path_rows(self.walk, chosen):
                yield {"persona_id": str(self.persona["persona_id"]), "path": path, **row}


_PATH_COLUMNS = ("persona_id", "path", "position", "service_id", "stage", "way", "hand_off")


@dataclass(frozen=True)
class Journeys:
    """What the personas met, of :func:`walk_all`; each table is made when it is first asked for.

    Attributes
    ----------
    land : Landscape
        What was walked.
    walked : tuple of Walked
        One per persona, in their order.
    """

    land: Landscape
    walked: tuple[Walked, ...] = field(repr=False)

    @property
    def basis(self) -> str:
        """Return :data:`RECORDED`, :data:`ALONE` or :data:`EITHER`."""
        return self.land.basis

    @property
    def walkers(self) -> Mapping[str, Walker]:
        """Return the walker of each persona."""
        return {str(one.persona["persona_id"]): one.walk for one in self.walked}

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Return what the best paths come to: the columns of :attr:`measures` up to ``repeated_requests``, and ``no_way_at``.

        ``no_way_at`` is the stage at which support ends for a persona that reaches nothing, empty for the others.
        """
        return pd.DataFrame([one.outcome for one in self.walked])

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Return one row per ``persona_id``.

        ``reach`` (1: the outcome can be reached with support at every stage, 0: it can not), ``steps`` (services used),
        ``hand_offs`` (moves to another organisation), ``cold_hand_offs``, ``services_off_need`` (steps that meet none of the
        firm's needs), ``needs_met`` and ``needs``, ``out_of_pocket_eur`` and ``prices_unknown``, ``elapsed_days`` and
        ``days_unknown`` (both sums are lower bounds where something is unknown), ``repeated_requests`` – of the best path,
        missing where there is none; ``typical_steps``, ``typical_done``, ``lost_at`` (stage at which support ends: for the
        persona that reaches nothing, the first stage without a way on; else where the typical firm is lost),
        ``open_services``, ``rests_on_unknown`` (open services of which a facet is not recorded), ``dead_ends`` (number),
        ``loops``, ``choice_load`` with stage and type. Money in euros, days in days.
        """
        return pd.DataFrame([one.measures for one in self.walked])

    @cached_property
    def best(self) -> pd.DataFrame:
        """Return the rows of :attr:`paths` that are of best paths."""
        rows = [row for one in self.walked for row in one.rows("best")]
        return pd.DataFrame(rows, columns=_PATH_COLUMNS)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Return one row per (``persona_id``, ``path`` in {best, typical}, ``position``).

        ``service_id``, ``stage``, ``way`` (how it was reached), ``hand_off`` (``none``, ``warm``, ``cold``).
        """
        rows = [row for one in self.walked for path in ("best", "typical") for row in one.rows(path)]
        return pd.DataFrame(rows, columns=_PATH_COLUMNS)

    @cached_property
    def loops(self) -> tuple[tuple[str, ...], ...]:
        """Return the sets of services that send a firm round, each once."""
        return tuple(sorted({ring for one in self.walked for ring in one.loops}))

    @cached_property
    def orphans(self) -> pd.DataFrame:
        """Return one row per ``service_id`` that no persona gets to, with ``why``."""
        reached = {self.land.ids[s] for one in self.walked for s, _ in one.found}
        open_to_any = {self.land.ids[s] for one in self.walked for s in one.walk.usable}
        return _orphans(self.land, reached, open_to_any)

    def on_recorded_routes(self) -> Journeys:
        """Return the journeys of the same personas where no firm finds a second service by itself."""
        land = replace(self.land, self_found=False)
        return Journeys(land, tuple(replace(one, walk=replace(one.walk, land=land)) for one in self.walked))


def walk_all(land: Landscape, personas: pd.DataFrame, fits: pd.DataFrame) -> Journeys:
    """Return what every persona meets on its way from intent to outcome.

    Parameters
    ----------
    land
        Of :func:`build_landscape`.
    personas
        As in ``_common``.
    fits
        Of :func:`fit`. A service is open unless the firm is shut out or kept out; where a facet is not recorded it is taken as
        open, and counted.
    """
    eligible = fits[(fits["eligible"] != "no") & (fits["reachable"] != "no")]
    # prices and languages are seldom recorded; only what decides eligibility itself is called unknown here
    unknown = Counter(eligible.loc[eligible["eligible"] == "unknown", "persona_id"].tolist())
    usable: dict[str, list[str]] = {}
    for name, service in zip(eligible["persona_id"].tolist(), eligible["service_id"].tolist(), strict=True):
        usable.setdefault(name, []).append(service)
    walked = []
    for persona in personas.to_dict("records"):
        name = str(persona["persona_id"])
        walked.append(Walked(walker(land, persona, usable.get(name, ())), persona, unknown[name]))
    return Journeys(land, tuple(walked))


def _path_measures(walk: Walker, path: Path | None) -> dict[str, float]:
    if path is None:
        measures = dict.fromkeys(
            ("steps", "hand_offs", "cold_hand_offs", "services_off_need", "needs_met"), math.nan
        )
        measures["needs"] = len(walk.needs)
        return measures | dict.fromkeys(
            ("out_of_pocket_eur", "prices_unknown", "elapsed_days", "days_unknown", "repeated_requests"),
            math.nan,
        )
    steps, off_need, cold, moves, unpriced, cents, untimed, days = path.cost
    met = frozenset().union(*(walk.land.needs[node[0]] for node in path.nodes)) & walk.needs
    asked_twice = repeated_requests(walk, path)
    return {
        "steps": steps,
        "hand_offs": moves,
        "cold_hand_offs": cold,
        "services_off_need": off_need,
        "needs_met": len(met),
        "needs": len(walk.needs),
        # a sum of nothing known is not a price of zero
        "out_of_pocket_eur": math.nan if unpriced == steps else cents / 100,
        "prices_unknown": unpriced,
        "elapsed_days": math.nan if untimed == steps else days / 100,
        "days_unknown": untimed,
        "repeated_requests": math.nan if asked_twice is None else asked_twice,
    }


def path_rows(walk: Walker, path: Path) -> Iterator[dict[str, object]]:
    """Yield the nodes of a path as rows: position, service, stage, way and hand-off."""
    before: int | None = None
    for position, ((service, stage), kind) in enumerate(zip(path.nodes, path.kinds, strict=True), start=1):
        moves = before is not None and walk.land.givers[before].isdisjoint(walk.land.givers[service])
        yield {
            "position": position,
            "service_id": walk.land.ids[service],
            "stage": walk.land.stage_codes[stage],
            "way": kind,
            "hand_off": "none" if not moves else "warm" if kind == WARM else "cold",
        }
        before = service


def _orphans(land: Landscape, reached: set[str], open_to_any: set[str]) -> pd.DataFrame:
    rows = [
        (service, _WORDS.no_way_in() if service in open_to_any else _WORDS.open_to_nobody())
        for service in land.ids
        if service not in reached
    ]
    return pd.DataFrame(rows, columns=["service_id", "why"])


def completion(measures: pd.DataFrame, column: str = "reach") -> float:
    """Return the share of firms that complete their journey: Σ weight × reach / Σ weight (0–1; NaN without personas)."""
    total = float(measures["weight"].sum())
    return float((measures["weight"] * measures[column]).sum() / total) if total > 0 else math.nan


def weighted_mean_on_way(measures: pd.DataFrame, column: str) -> float:
    """Return the mean over firms that get there and of which it is known, by weight; missing is not zero."""
    done = measures[(measures["reach"] == 1) & measures[column].notna()]
    total = float(done["weight"].sum())
    return float((done["weight"] * done[column].astype("float64")).sum() / total) if total > 0 else math.nan
