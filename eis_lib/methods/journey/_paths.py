"""Ways through the landscape: the best, the typical, dead ends, loops and requests made twice."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from eis_lib.methods.journey._land import _COLD, _FREE, _WARM, SELF_FOUND, START, STAYS, WARM, WAYS_ON, Cost
from eis_lib.methods.journey._walker import Node, Walker


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


def best_path(walk: Walker) -> Path | None:  # noqa: C901 - one loop over states; a call more for each is time
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
    by_giver = _by_giver(walk) if land.self_found else {}
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
        is_hub = isinstance(place[1], str) or place[1] is None
        if place[1] == walk.goal:
            return Path(nodes, kinds, cost)
        for node, kind, price in (
            _in_hub(walk, place, nodes[-1][0], by_giver) if is_hub else _ways_on(walk, place)
        ):
            if not asked.get(node[0], 0) & ~used:
                now_used = used | bit.get(node[0], 0)
                total = add_costs(cost, price)
                known = seen.get((node, now_used))
                if known is None or total <= known[0]:  # most ways are dearer than one seen before
                    push(total, (*nodes, node), (*kinds, kind), now_used, node)
        if land.self_found and not is_hub:
            for later in walk.ahead(place[1]):
                push(add_costs(cost, _COLD), nodes, kinds, used, (later, None))
                for giver in land.givers[place[0]]:
                    push(cost, nodes, kinds, used, (later, giver))
    return None


def _by_giver(walk: Walker) -> dict[tuple[int, str], list[int]]:
    """Return (stage, organisation) → its services that are open to the firm."""
    found: dict[tuple[int, str], list[int]] = {}
    for stage, services in walk.at_stage.items():
        for service in services:
            for giver in walk.land.givers[service]:
                found.setdefault((stage, giver), []).append(service)
    return found


def _in_hub(
    walk: Walker, hub: tuple[int, str | None], last: int, by_giver: Mapping[tuple[int, str], Sequence[int]]
) -> Iterator[tuple[Node, str, Cost]]:
    """Yield the nodes of a hub (stage, organisation or None); a change of organisation was paid on the way into it."""
    stage, giver = hub
    for service in walk.at_stage.get(stage, ()) if giver is None else by_giver.get((stage, giver), ()):
        if service != last:
            yield (service, stage), SELF_FOUND, walk.price(service)


def _ways_on(walk: Walker, place: Node) -> Iterator[tuple[Node, str, Cost]]:
    """Yield the nodes that a firm comes to from a node by staying with the service or being sent, and at what cost."""
    on = walk.stays(place)
    if on is not None:
        yield on, STAYS, _FREE
    for target, kind in walk.sent(place):
        yield target, kind, price_of_move(walk, place[0], target[0], kind)


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
