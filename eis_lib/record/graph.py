"""What rests on what: the steps, the notebooks of a run, and the barrier between a region and its partners."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from eis_lib.section.method import GATHERED, STEPS


@dataclass(frozen=True, order=True)
class Node:
    """One notebook of a run: a step of a region. The barrier is the node without region and step."""

    region: str
    step: str

    def __str__(self) -> str:
        """Return how messages name the notebook, e.g. ``koprivnica 3_test``."""
        return (
            f"{self.region} {STEPS[self.step].stem}" if self.step else "gathering the tables of all regions"
        )


BARRIER = Node("", "")
"""The task that gathers the tables of all regions before any of them is compared."""


def links(regions: Iterable[str]) -> dict[Node, set[Node]]:
    """Return every notebook of the regions, and the barrier, with what each directly rests on."""
    regions = tuple(regions)
    found: dict[Node, set[Node]] = {
        BARRIER: {Node(region, step) for region in regions for step in set(GATHERED.values())}
    }
    for region in regions:
        for step in STEPS.values():
            found[Node(region, step.name)] = {Node(region, name) for name in step.rests_on}
            if step.after_barrier:
                found[Node(region, step.name)].add(BARRIER)
    return found


def needed(wanted: Iterable[Node], rests_on: dict[Node, set[Node]]) -> dict[Node, set[Node]]:
    """Return the part of the graph that the wanted notebooks rest on, themselves included."""
    found: dict[Node, set[Node]] = {}
    ahead = list(wanted)
    while ahead:
        node = ahead.pop()
        if node not in found:
            found[node] = rests_on[node]
            ahead.extend(rests_on[node])
    return found


def plan(
    wanted_regions: Sequence[str], wanted_steps: Collection[str], all_regions: Sequence[str]
) -> dict[Node, set[Node]]:
    """Return the notebooks a run has to look at, with what each rests on.

    Parameters
    ----------
    wanted_regions : sequence of str
        The regions asked for.
    wanted_steps : collection of str
        The steps asked for.
    all_regions : sequence of str
        The regions that are compared with one another, the wanted ones among them. A wanted ``compare`` makes the
        first three steps of every one of them needed, so that what it shows does not depend on what was asked for.
    """
    wanted = [Node(region, step) for region in wanted_regions for step in STEPS if step in wanted_steps]
    return needed(wanted, links(all_regions))


def order(nodes: dict[Node, set[Node]]) -> list[Node]:
    """Return the nodes in an order in which they can be done, steps before regions."""
    sorter = TopologicalSorter(nodes)
    sorter.prepare()
    found: list[Node] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=urgency)
        found.extend(ready)
        sorter.done(*ready)
    return found


def urgency(node: Node) -> tuple[int, str]:
    """Return the sort key by which ready notebooks are taken up: those with the longest chain behind them first."""
    return (STEPS[node.step].number if node.step else 0, node.region)
