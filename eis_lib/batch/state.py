"""How up to date each notebook is, and why it is stale or how it failed."""

from __future__ import annotations

from dataclasses import dataclass

from eis_lib.batch.request import Request
from eis_lib.record.graph import BARRIER, Node, order, plan, urgency
from eis_lib.record.manifest import Surroundings, read_manifest, stale_reasons
from eis_lib.section.method import STEPS


@dataclass(frozen=True)
class State:
    """How up to date a notebook is.

    Attributes
    ----------
    node : Node
    word : str
        ``fresh``, ``stale``, ``failed`` or ``never run``.
    reasons : tuple of str
        Why it is stale, or how it failed.
    """

    node: Node
    word: str
    reasons: tuple[str, ...] = ()


def states(request: Request) -> list[State]:
    """Return how up to date each wanted notebook is, in order of region and step.

    A notebook is stale, too, if something it rests on is.
    """
    now = Surroundings(request.workbooks, request.parameters, request.outputs)
    nodes = plan(request.regions, request.steps, request.partners)
    found: dict[Node, State] = {}
    for node in order(nodes):
        if node == BARRIER:
            behind = sorted(before.region for before in nodes[node] if found[before].word != "fresh")
            found[node] = State(node, "stale" if behind else "fresh", tuple(dict.fromkeys(behind)))
            continue
        manifest = read_manifest(request.outputs, node.region)
        reasons = stale_reasons(node, manifest, now, request.language_of(node.region))
        if node.step in manifest.failures:
            found[node] = State(node, "failed", (manifest.failures[node.step].message,))
        elif node.step not in manifest.steps:
            found[node] = State(node, "never run")
        else:
            for before in sorted(nodes[node], key=urgency):
                if found[before].word != "fresh":
                    reasons += (_behind(before, found[before]),)
            found[node] = State(node, "stale" if reasons else "fresh", reasons)
    wanted = {(region, step) for region in request.regions for step in request.steps}
    return sorted(
        (state for node, state in found.items() if (node.region, node.step) in wanted),
        key=lambda state: (state.node.region, STEPS[state.node.step].number),
    )


def _behind(before: Node, state: State) -> str:
    if before == BARRIER:
        return f"steps 1-3 of {', '.join(state.reasons)} are not up to date"
    return f"it rests on {STEPS[before.step].stem}, which is {state.word}"
