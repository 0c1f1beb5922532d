"""Journeys executed: every persona walks the landscape from intent to outcome, and what happens on the way is measured.

The graph: a node is a service in its channel at one journey stage (a *hybrid* service has both doors), beside START and
OUTCOME. An edge is a way on: staying with the same service for the next stage, a recorded referral (warm hand-over,
referral, signpost), or finding the next service alone. Nodes are open to a persona or not (:func:`fit`); edges ask that
required services were used before. A firm goes from stage to stage; a born-global may enter later and skip stages.

All this is the *designed* journey, read off the catalogue. What firms really lived through (interviews, mystery shopping) is
another source and is never mixed in. Model and measures: project convention, after the practice of journey mapping and the
eGovernment Benchmark's mystery shopping.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import networkx as nx
import pandas as pd

from eis_lib import landscape
from eis_lib.landscape import list_items
from eis_lib.vocabulary import Vocabulary

START = "START"
OUTCOME = "OUTCOME"

SKIPPING_TRAIT = "born-global"
"""Personas with this trait may enter at any later stage and skip stages: stage models do not fit them."""

STAYS = "same-service"
SELF_FOUND = "self-found"
WARM = "warm-handover"
WAYS_ON: tuple[str, ...] = (STAYS, WARM, "referral", "signpost", SELF_FOUND)
"""Ways from one node to the next, the easiest for the firm first."""

RECORDED = "recorded routes only"
"""Journeys on the referrals that the pack records; a service with no recorded way on is a dead end."""

ALONE = "self-found routes only"
"""Journeys in which no referral is recorded and a firm finds each open service of the next stage by itself."""

EITHER = "recorded and self-found routes"
"""Journeys in which a firm takes a recorded referral or finds the next open service by itself: the best case."""

MATCHED_FACETS: Mapping[str, str] = {
    "sme_size": "sme_size",
    "experience": "experience",
    "sectors": "sectors",
    "modes": "modes",
    "market_scope": "market_scope",
}
"""Facets by which a service lets a firm in: column of services → column of personas."""

BARRED_BY: tuple[str, ...] = ("channel", "languages", "price")
"""What can keep an eligible firm out. Distance and opening hours are not recorded in a pack."""


# ------------------------------------------------------------------------------------------------ who is let in


def fit(
    services: pd.DataFrame,
    personas: pd.DataFrame,
    vocabulary: Vocabulary,
    home_languages: Sequence[str] = (),
) -> pd.DataFrame:
    """Return, for each persona and service, whether the firm is let in and whether anything keeps it out.

    Parameters
    ----------
    services, personas
        As in a pack and in ``_common``.
    vocabulary
        Gives the wider terms of sectors: a service for *manufacturing* is open to a food maker.
    home_languages
        Languages of the region; a persona speaks these besides its own.

    Returns
    -------
    DataFrame
        One row per (``persona_id``, ``service_id``), personas outside: ``eligible`` and ``reachable`` (``yes``, ``no`` or
        ``unknown``: a facet that decides is not recorded), ``closed_by`` (tuple of facets that shut the firm out),
        ``barred_by`` (tuple of :data:`BARRED_BY`), ``not_recorded`` (tuple).
    """
    columns = {facet: [list_items(v) for v in services[facet]] for facet in MATCHED_FACETS}
    channel = services["channel"].tolist()
    cost = services["cost_to_sme"].tolist()
    price = _numbers(services, "price_eur")
    languages = [list_items(v) for v in _column(services, "languages")]
    ids = services["service_id"].astype(str).tolist()
    rows = []
    for persona in personas.to_dict("records"):
        wanted = {
            facet: frozenset(
                _wider(list_items(persona[own]), vocabulary)
                if facet == "sectors"
                else list_items(persona[own])
            )
            for facet, own in MATCHED_FACETS.items()
        }
        spoken = {*home_languages, *list_items(persona.get("languages"))}
        budget = persona.get("budget_eur")
        offline = persona.get("digital") == "no"
        for n, service in enumerate(ids):
            closed, missing = [], []
            for facet, accepted in wanted.items():
                given = columns[facet][n]
                if not given or not accepted:
                    missing.append(facet)
                elif accepted.isdisjoint(given):
                    closed.append(facet)
            eligible = "no" if closed else "unknown" if missing else "yes"
            barred = []
            if offline and channel[n] == "online":
                barred.append("channel")
            if languages[n] and spoken and spoken.isdisjoint(languages[n]):
                barred.append("languages")
            too_dear = _too_dear(price[n], cost[n], budget)
            if too_dear:
                barred.append("price")
            if not languages[n] or not spoken:
                missing.append("languages")
            if too_dear is None:
                missing.append("price")
            if landscape.is_missing(channel[n]):
                missing.append("channel")
            known = not {"languages", "price", "channel"} & set(missing)
            rows.append(
                (
                    str(persona["persona_id"]),
                    service,
                    eligible,
                    "no" if barred else "yes" if known else "unknown",
                    tuple(closed),
                    tuple(barred),
                    tuple(missing),
                )
            )
    return pd.DataFrame(
        rows,
        columns=[
            "persona_id",
            "service_id",
            "eligible",
            "reachable",
            "closed_by",
            "barred_by",
            "not_recorded",
        ],
    )


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="object", name=name)


def _numbers(frame: pd.DataFrame, name: str) -> list[float]:
    return [float(v) for v in pd.to_numeric(_column(frame, name), errors="coerce").astype("float64")]


def _wider(codes: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    """Return sectors with all their wider terms, and *all*."""
    found = {wider for code in codes for wider in vocabulary.ancestors("sector", code)}
    return {*found, landscape.CLASS_WIDE} if found else found


def _too_dear(price: float, cost_to_sme: object, budget: object) -> bool | None:
    """Return whether a service costs more than the firm can pay; None where that can not be told."""
    if cost_to_sme == "free":
        return False
    if landscape.is_missing(budget):
        return None
    purse = float(budget)  # type: ignore[arg-type]
    if not math.isnan(price):
        return price > purse
    return True if purse == 0 and cost_to_sme in ("co-funded", "paid") else None


# ------------------------------------------------------------------------------------------------ the landscape to walk


Cost = tuple[int, int, int, int, int, int, int, int]
"""What a path costs, worst first: steps; services that meet none of the firm's needs; cold hand-offs; hand-offs; services of
unknown price; cents; services of unknown duration; hundredths of days. Paths are compared in this order, then by ids."""

_FREE: Cost = (0, 0, 0, 0, 0, 0, 0, 0)
_WARM: Cost = (0, 0, 0, 1, 0, 0, 0, 0)
_COLD: Cost = (0, 0, 1, 1, 0, 0, 0, 0)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Landscape:
    """Services and routes as a walker meets them; services are numbered in ascending order of their ids.

    ``price`` is what it costs to begin with a service that meets a need of the firm, or none; ``lasts_from`` is, per stage and
    service, the first stage from which the service lasts up to that stage without a gap, one past it where it is not there.
    """

    ids: tuple[str, ...]
    stages: tuple[tuple[int, ...], ...]
    givers: tuple[frozenset[str], ...]
    nearness: tuple[int, ...]
    support_type: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    requires: tuple[frozenset[int], ...]
    documents: tuple[frozenset[str], ...]
    price: tuple[tuple[Cost, Cost], ...]
    take_up: tuple[float, ...]
    lasts_from: tuple[tuple[int, ...], ...]
    routes: Mapping[int, tuple[tuple[int, str], ...]]
    stage_codes: tuple[str, ...]
    self_found: bool

    @cached_property
    def returned_to(self) -> frozenset[int]:
        """Return the services from which recorded routes lead back to them, at whatever stages: only these can be in a loop."""
        routes = nx.DiGraph((source, target) for source, ends in self.routes.items() for target, _ in ends)
        parts = nx.strongly_connected_components(routes)
        return frozenset(service for part in parts if len(part) > 1 for service in part)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Return the number of each service."""
        return {service: n for n, service in enumerate(self.ids)}

    def only(self, services: Collection[str]) -> Landscape:
        """Return the landscape of some of the services, with the routes between them."""
        kept = [n for n, service in enumerate(self.ids) if service in services]
        place = {before: now for now, before in enumerate(kept)}

        def of(column: tuple[_T, ...]) -> tuple[_T, ...]:
            return tuple([column[n] for n in kept])

        routes = {
            place[source]: tuple((place[end], kind) for end, kind in ends if end in place)
            for source, ends in self.routes.items()
            if source in place
        }
        return Landscape(
            ids=of(self.ids),
            stages=of(self.stages),
            givers=of(self.givers),
            nearness=of(self.nearness),
            support_type=of(self.support_type),
            needs=of(self.needs),
            requires=tuple(frozenset(place.get(r, -1) for r in asked) for asked in of(self.requires)),
            documents=of(self.documents),
            price=of(self.price),
            take_up=of(self.take_up),
            lasts_from=tuple(map(of, self.lasts_from)),
            routes={source: ends for source, ends in routes.items() if ends},
            stage_codes=self.stage_codes,
            self_found=self.self_found,
        )

    @property
    def basis(self) -> str:
        """Return on which routes these journeys rest."""
        return RECORDED if not self.self_found else EITHER if self.routes else ALONE


def build_landscape(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    vocabulary: Vocabulary,
    referrals: pd.DataFrame | None = None,
    *,
    self_found: bool | None = None,
) -> Landscape:
    """Return the landscape that personas walk.

    Parameters
    ----------
    services
        With ``need_area`` of :func:`eis_lib.landscape.add_facets`; those of one year.
    providers
        ``provider_id``, ``level``.
    referrals
        ``from_service``, ``to_service``, ``kind``; nothing where the region records none. A referral to or from a service
        that is not in ``services`` is passed over.
    self_found
        Whether firms may find a service of the next stage alone. By default only where no referral is recorded.
    """
    frame = services.assign(service_id=services["service_id"].astype(str))
    frame = frame.sort_values("service_id", kind="stable").reset_index(drop=True)
    ids = tuple(frame["service_id"].tolist())
    number = {service: n for n, service in enumerate(ids)}
    stage_codes = vocabulary.codes("journey_stage")
    order = {code: n for n, code in enumerate(stage_codes)}
    levels = vocabulary.codes("level")
    level = dict(zip(providers["provider_id"], providers["level"], strict=True))
    routes: dict[int, list[tuple[int, str]]] = {}
    if referrals is not None:
        ends = {end: referrals[end].astype(str) for end in ("from_service", "to_service")}
        ordered = referrals.assign(**ends).sort_values(["from_service", "to_service"], kind="stable")
        for source, target, kind in zip(
            ordered["from_service"], ordered["to_service"], ordered["kind"], strict=True
        ):
            if source in number and target in number and source != target:
                routes.setdefault(number[source], []).append((number[target], str(kind)))
    price, days = _numbers(frame, "price_eur"), _numbers(frame, "processing_days")
    # as lists: to go through a column of text in place takes ten times as long
    leads = frame["provider_id"].tolist()
    free = [cost == "free" for cost in frame["cost_to_sme"].tolist()]
    stages = tuple(
        tuple(sorted(order[c] for c in list_items(v) if c in order)) for v in frame["journey_stages"].tolist()
    )
    return Landscape(
        ids=ids,
        stages=stages,
        givers=tuple(
            frozenset((str(lead), *list_items(others)))
            for lead, others in zip(leads, _column(frame, "co_providers").tolist(), strict=True)
        ),
        nearness=tuple(
            levels.index(level[lead]) if level.get(lead) in levels else len(levels) for lead in leads
        ),
        support_type=tuple(map(str, frame["support_type"].tolist())),
        needs=tuple(frozenset(list_items(v)) for v in frame["need_area"].tolist()),
        requires=tuple(
            # a required service that is not there can not be used: −1 is never among the used ones
            frozenset(number.get(other, -1) for other in list_items(v))
            for v in _column(frame, "requires").tolist()
        ),
        documents=tuple(frozenset(list_items(v)) for v in _column(frame, "evidence_required").tolist()),
        price=tuple(
            ((1, 0, 0, 0, *of_service), (1, 1, 0, 0, *of_service))
            for of_service in (
                (
                    int(math.isnan(p) and not gratis),
                    0 if gratis or math.isnan(p) else round(p * 100),
                    int(math.isnan(d)),
                    0 if math.isnan(d) else round(d * 100),
                )
                for p, gratis, d in zip(price, free, days, strict=True)
            )
        ),
        take_up=tuple(0.0 if math.isnan(t) else t for t in _numbers(frame, "take_up_per_year")),
        lasts_from=_lasts_from(stages, len(stage_codes)),
        routes={source: tuple(targets) for source, targets in routes.items()},
        stage_codes=stage_codes,
        self_found=(not routes) if self_found is None else self_found,
    )


def _lasts_from(stages: Sequence[tuple[int, ...]], count: int) -> tuple[tuple[int, ...], ...]:
    first: list[tuple[int, ...]] = []
    for stage in range(count):
        before = first[-1] if first else (0,) * len(stages)
        first.append(tuple(before[n] if stage in own else stage + 1 for n, own in enumerate(stages)))
    return tuple(first)


# ------------------------------------------------------------------------------------------------ one persona

Node = tuple[int, int]
"""A service at a stage, both as numbers."""


@dataclass(frozen=True)
class Walker:
    """A persona in a landscape: where it may go.

    Attributes
    ----------
    at_stage : mapping of int to tuple of int
        Services open to it, by stage within its journey.
    first, goal : int
        Stage at which it enters and stage it wants to reach.
    skips : bool
        Whether it may enter later and skip stages.
    """

    land: Landscape
    at_stage: Mapping[int, tuple[int, ...]]
    usable: frozenset[int]
    first: int
    goal: int
    skips: bool
    needs: frozenset[str]

    def price(self, service: int) -> Cost:
        """Return what it costs the firm to use a service, whichever way it comes."""
        return self.land.price[service][self.needs.isdisjoint(self.land.needs[service])]

    def ahead(self, stage: int) -> range:
        """Return the stages a firm that has done ``stage`` may turn to next."""
        return range(stage + 1, (self.goal if self.skips else min(stage + 1, self.goal)) + 1)

    def entries(self) -> Iterator[Node]:
        """Yield the nodes at which the journey may begin."""
        for stage in range(self.first, (self.goal if self.skips else self.first) + 1):
            for service in self.at_stage.get(stage, ()):
                yield service, stage

    def landing(self, service: int, stage: int) -> tuple[int, ...]:
        """Return the stages at which a firm that has done ``stage`` is received by a service it is sent to.

        The same stage or the next; a service of earlier stages only takes the firm back to its last one; a service of later
        stages only is of no use, unless the firm may skip.
        """
        own = [s for s in self.land.stages[service] if self.first <= s <= self.goal]
        near = tuple(s for s in own if stage <= s <= stage + 1)
        if near:
            return near
        behind = [s for s in own if s < stage]
        if behind:
            return (behind[-1],)
        return (own[0],) if own and self.skips else ()

    def stays(self, node: Node) -> Node | None:
        """Return the next stage of the same service, where it has one."""
        service, stage = node
        return (service, stage + 1) if stage < self.goal and stage + 1 in self.land.stages[service] else None

    def sent(self, node: Node) -> Iterator[tuple[Node, str]]:
        """Yield the nodes to which recorded routes lead, with the kind of route."""
        service, stage = node
        for other, kind in self.land.routes.get(service, ()):
            if other in self.usable:
                for landing in self.landing(other, stage):
                    yield (other, landing), kind

    def finds(self, node: Node) -> Iterator[Node]:
        """Yield the nodes the firm may find alone."""
        service, stage = node
        if self.land.self_found:
            for later in self.ahead(stage):
                for other in self.at_stage.get(later, ()):
                    if other != service:
                        yield other, later

    @cached_property
    def open_ahead(self) -> frozenset[int]:
        """Return the stages from which a firm finds another service alone, whichever it comes from."""
        stages = range(self.first, self.goal)
        ahead = {
            stage: {s for later in self.ahead(stage) for s in self.at_stage.get(later, ())}
            for stage in stages
        }
        return frozenset(stage for stage in stages if self.land.self_found and len(ahead[stage]) > 1)

    def has_way_on(self, node: Node) -> bool:
        """Return whether a firm at this node is at its goal or has anywhere to go."""
        if node[1] == self.goal or node[1] in self.open_ahead or self.stays(node) is not None:
            return True
        return next(self.sent(node), None) is not None or next(self.finds(node), None) is not None

    def nodes(self) -> Iterator[Node]:
        """Yield every node open to the firm."""
        for stage, services in self.at_stage.items():
            for service in services:
                yield service, stage


def walker(land: Landscape, persona: Mapping[Hashable, Any], usable: Iterable[str]) -> Walker:
    """Return a persona in a landscape.

    ``usable`` names the services open to it. A service that requires another one which is not open is not open either.
    """
    open_to = {land.number[s] for s in usable if s in land.number}
    while True:
        shut = {s for s in open_to if not land.requires[s] <= open_to}
        if not shut:
            break
        open_to -= shut
    in_order = sorted(open_to)
    first, goal = (land.stage_codes.index(persona[c]) for c in ("start_stage", "goal_stage"))
    return Walker(
        land,
        {stage: tuple(s for s in in_order if stage in land.stages[s]) for stage in range(first, goal + 1)},
        frozenset(open_to),
        first,
        goal,
        SKIPPING_TRAIT in list_items(persona.get("traits")),
        frozenset(list_items(persona.get("barriers"))),
    )


def price_of_move(walk: Walker, source: int | None, target: int, kind: str) -> Cost:
    """Return what it costs to go from a service (None: START) to another."""
    if kind == STAYS:
        return _FREE
    land = walk.land
    moves = source is not None and land.givers[source].isdisjoint(land.givers[target])
    cost = walk.price(target)
    return add_costs(cost, _COLD if kind != WARM else _WARM) if moves else cost


def add_costs(one: Cost, two: Cost) -> Cost:
    """Return the sum of two costs."""
    # written out: it is asked for at every step of every search, and a loop over eight numbers takes three times as long
    return (
        one[0] + two[0], one[1] + two[1], one[2] + two[2], one[3] + two[3],
        one[4] + two[4], one[5] + two[5], one[6] + two[6], one[7] + two[7],
    )  # fmt: skip


@dataclass(frozen=True)
class Path:
    """A walk: the nodes in order, and the kind of way by which each was reached."""

    nodes: tuple[Node, ...]
    kinds: tuple[str, ...]
    cost: Cost = _FREE
    done: bool = True


def best_path(walk: Walker) -> Path | None:
    """Return the cheapest way from START to OUTCOME, ties broken by the ids on the way; None where there is none.

    A* search (Hart, Nilsson and Raphael 1968) with the cost compared as a whole (:data:`Cost`); what is still to come is
    at least one more service, unless the one at hand lasts to the goal. Ways found alone run through one hub per stage (change
    of organisation, cold) and one per stage and organisation (no change), so that their number grows with the services and
    not with its square. Services used before are part of a state only if something requires them.
    """
    land = walk.land
    lasts_from = land.lasts_from[walk.goal]
    needed = sorted({r for s in walk.usable for r in land.requires[s]})
    bit = {service: 1 << n for n, service in enumerate(needed)}
    asked = {s: sum(bit[r] for r in land.requires[s]) for s in walk.usable if land.requires[s]}
    by_giver: dict[tuple[int, str], list[int]] = {}
    if land.self_found:
        for stage, services in walk.at_stage.items():
            for service in services:
                for giver in land.givers[service]:
                    by_giver.setdefault((stage, giver), []).append(service)

    # a state is (node or hub, bits of the required services used so far); the heap is in order of the least a whole way can
    # cost, kept as one step more or none, which is enough as steps are compared first
    heap: list[tuple[Cost, tuple[Node, ...], tuple[str, ...], int, Any, Cost]] = []
    seen: dict[Any, tuple[Cost, tuple[Node, ...]]] = {}

    def least(cost: Cost, place: Any) -> Cost:
        there = type(place[1]) is int and place[1] >= lasts_from[place[0]]  # a hub is nowhere yet
        return cost if there else (cost[0] + 1, *cost[1:])

    def push(cost: Cost, nodes: tuple[Node, ...], kinds: tuple[str, ...], used: int, place: Any) -> None:
        state = (place, used)
        known = seen.get(state)
        if known is None or (cost, nodes) < known:
            seen[state] = (cost, nodes)
            heapq.heappush(heap, (least(cost, place), nodes, kinds, used, place, cost))

    def enter(
        cost: Cost,
        nodes: tuple[Node, ...],
        kinds: tuple[str, ...],
        used: int,
        *,
        node: Node,
        kind: str,
        price: Cost,
    ) -> None:
        if not asked.get(node[0], 0) & ~used:
            used |= bit.get(node[0], 0)
            total = add_costs(cost, price)
            known = seen.get((node, used))
            if known is None or total <= known[0]:  # most ways are dearer than one seen before
                push(total, (*nodes, node), (*kinds, kind), used, node)

    # the doors to begin at are the most of all states and none is met twice: they are laid out at once
    for node in walk.entries():
        if not asked.get(node[0]):
            cost, used = walk.price(node[0]), bit.get(node[0], 0)
            seen[node, used] = (cost, (node,))
            heap.append((least(cost, node), (node,), (SELF_FOUND,), used, node, cost))
    heapq.heapify(heap)
    while heap:
        _, nodes, kinds, used, place, cost = heapq.heappop(heap)
        if seen[place, used] != (cost, nodes):
            continue
        if isinstance(place[1], str) or place[1] is None:  # a hub: (stage, organisation or None)
            stage, giver = place
            fellows = walk.at_stage.get(stage, ()) if giver is None else by_giver.get((stage, giver), ())
            for service in fellows:
                if service != nodes[-1][0]:
                    price = walk.price(service)  # a change of organisation was paid on the way into the hub
                    enter(cost, nodes, kinds, used, node=(service, stage), kind=SELF_FOUND, price=price)
            continue
        service, stage = place
        if stage == walk.goal:
            return Path(nodes, kinds, cost)
        on = walk.stays(place)
        if on is not None:
            enter(cost, nodes, kinds, used, node=on, kind=STAYS, price=_FREE)
        for target, kind in walk.sent(place):
            price = price_of_move(walk, service, target[0], kind)
            enter(cost, nodes, kinds, used, node=target, kind=kind, price=price)
        if land.self_found:
            for later in walk.ahead(stage):
                push(add_costs(cost, _COLD), nodes, kinds, used, (later, None))
                for giver in land.givers[service]:
                    push(cost, nodes, kinds, used, (later, giver))
    return None


def typical_path(walk: Walker) -> Path:
    """Return the way of a firm that knows only the next door, up to the outcome or the dead end where it is lost.

    At each node it stays with the service it has if that goes on; else follows the warmest route it is given; else looks for
    a service by itself: of an organisation it knows, then the nearest level of government, then the most used, then by id. It
    never returns to a node. A project convention: no observed journeys are behind it.
    """
    land = walk.land
    used: set[int] = set()
    nodes: list[Node] = []
    kinds: list[str] = []
    cost = _FREE

    def given() -> Iterator[tuple[Node, str]]:
        if nodes:
            on = walk.stays(nodes[-1])
            if on is not None:
                yield on, STAYS
            yield from walk.sent(nodes[-1])

    def alone() -> Iterator[tuple[Node, str]]:
        yield from ((node, SELF_FOUND) for node in (walk.finds(nodes[-1]) if nodes else walk.entries()))

    while not nodes or nodes[-1][1] < walk.goal:
        here = land.givers[nodes[-1][0]] if nodes else frozenset()

        def ranked(
            ways: Iterable[tuple[Node, str]], here: frozenset[str] = here
        ) -> list[tuple[int, bool, int, float, Node, str]]:
            return [
                (
                    WAYS_ON.index(kind) if kind in WAYS_ON else len(WAYS_ON),
                    here.isdisjoint(land.givers[node[0]]),
                    land.nearness[node[0]],
                    -land.take_up[node[0]],
                    node,
                    kind,
                )
                for node, kind in ways
                if node not in nodes and land.requires[node[0]] <= used | {node[0]}
            ]

        options = ranked(given())
        if not options or min(options)[0] >= WAYS_ON.index(SELF_FOUND):  # who is led on does not look around
            options += ranked(alone())
        if not options:
            return Path(tuple(nodes), tuple(kinds), cost, done=False)
        *_, node, kind = min(options)
        cost = add_costs(cost, price_of_move(walk, nodes[-1][0] if nodes else None, node[0], kind))
        nodes.append(node)
        kinds.append(kind)
        used.add(node[0])
    return Path(tuple(nodes), tuple(kinds), cost)


def reachable_nodes(walk: Walker) -> frozenset[Node]:
    """Return the nodes with a way in from START (whether required services were used before is not asked here)."""
    found = set(walk.entries())
    queue = list(found)
    searched: set[int] = set()
    while queue:
        node = queue.pop()
        ways = [target for target, _ in walk.sent(node)]
        on = walk.stays(node)
        if on is not None:
            ways.append(on)
        if walk.land.self_found and node[1] not in searched:
            later = [(s, stage) for stage in walk.ahead(node[1]) for s in walk.at_stage.get(stage, ())]
            ways.extend(target for target in later if target[0] != node[0])
            if all(target[0] != node[0] for target in later):
                searched.add(node[1])
        for target in ways:
            if target not in found:
                found.add(target)
                queue.append(target)
    return frozenset(found)


def dead_ends(walk: Walker) -> tuple[str, ...]:
    """Return the services, open to the firm, from which no way leads on though the goal is not reached; or START.

    Every open service counts, whether or not the firm gets there: so a new route can only take dead ends away.
    """
    stuck = sorted({node[0] for node in walk.nodes() if not walk.has_way_on(node)})
    start = () if next(walk.entries(), None) is not None else (START,)
    return (*start, *(walk.land.ids[s] for s in stuck))


def loops(walk: Walker) -> tuple[tuple[str, ...], ...]:
    """Return the sets of services that send the firm round among themselves, each once.

    A loop is a strongly connected component of two or more services on recorded routes: whoever goes round it ends where it
    began, without progress.
    """
    graph: nx.DiGraph = nx.DiGraph()
    for node in walk.nodes():
        if node[0] not in walk.land.returned_to:
            continue
        graph.add_edges_from((node, target) for target, _ in walk.sent(node))
        on = walk.stays(node)
        if on is not None:
            graph.add_edge(node, on)
    rounds = {
        tuple(sorted({walk.land.ids[s] for s, _ in part})) for part in nx.strongly_connected_components(graph)
    }
    return tuple(sorted(r for r in rounds if len(r) > 1))


def choice_load(walk: Walker) -> tuple[int, str, str]:
    """Return the most look-alikes a firm must choose from at one step, with their stage and support type.

    Look-alikes are open services of one support type at one stage; 0 where nothing is open.
    """
    counts: dict[tuple[int, str], int] = {}
    for service, stage in walk.nodes():
        key = (stage, walk.land.support_type[service])
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return 0, "", ""
    (stage, support_type), most = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return most, walk.land.stage_codes[stage], support_type


def repeated_requests(walk: Walker, path: Path) -> int | None:
    """Return how many kinds of document more than one body on the way asks for; None where none is recorded."""
    services = list(dict.fromkeys(node[0] for node in path.nodes))
    if not any(walk.land.documents[s] for s in services):
        return None
    asked: dict[str, list[frozenset[str]]] = {}
    for service in services:
        for document in walk.land.documents[service]:
            asked.setdefault(document, []).append(walk.land.givers[service])
    return sum(
        any(one.isdisjoint(two) for n, one in enumerate(bodies) for two in bodies[n + 1 :])
        for bodies in asked.values()
    )


# ------------------------------------------------------------------------------------------------ all personas


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
        (service, "open to no persona" if service not in open_to_any else "no way in for any persona")
        for service in land.ids
        if service not in reached
    ]
    return pd.DataFrame(rows, columns=["service_id", "why"])


def completion(measures: pd.DataFrame, column: str = "reach") -> float:
    """Return the share of firms that complete their journey: Σ weight × reach / Σ weight (0–1; NaN without personas)."""
    total = float(measures["weight"].sum())
    return float((measures["weight"] * measures[column]).sum() / total) if total > 0 else math.nan
