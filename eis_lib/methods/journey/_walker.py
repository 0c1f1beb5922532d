"""A persona in a landscape: where it may go."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eis_lib.methods.journey._land import Cost, Landscape
from eis_lib.methods.landscape import list_items

SKIPPING_TRAIT = "born-global"
"""Personas with this trait may enter at any later stage and skip stages: stage models do not fit them."""

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
