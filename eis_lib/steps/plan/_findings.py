"""What step 5 found: its actions, the services that could go, and the costs nobody published."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from eis_lib.methods import recommendation as advice
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import Finding
from eis_lib.section.review import Review
from eis_lib.steps.plan._items import _items
from eis_lib.steps.plan._proposals import _proposals
from eis_lib.steps.plan._slimming import _slim
from eis_lib.steps.plan._written import _planned
from eis_lib.steps.shared.words import words_of

_finding = partial(Finding, "plan")


def _actions(review: Review) -> Iterator[Finding]:
    by_id = _proposals(review).set_index("recommendation_id")
    words = words_of(__file__, review)
    for a in _each_row(_planned(review).plan):
        proposal = by_id.loc[a.action_id]
        yield _finding(
            "action",
            a.action_id,
            words.action(a),
            float(proposal["value"]),
            "share of weighted demand × severity",
            proposal["how_sure"],
            "candidate" if a.status == advice.PROPOSED else "finding",
            a.rows,
        )


def _services_that_could_go(review: Review) -> Iterator[Finding]:
    slim = _slim(review)
    removed = slim.cover.removed
    if len(slim.serves.columns):
        yield _finding(
            "simplification",
            "services",
            words_of(__file__, review).could_go(len(removed), len(slim.services)),
            float(len(removed)),
            "services",
            "low",
            "candidate",
            ";".join(f"services:{service}" for service in removed),
        )


def _costs_unknown(review: Review) -> Iterator[Finding]:
    items = _items(review, "ahead", review.parameters.years)
    unknown, total = items.uncosted, len(items.costed) + len(items.uncosted)
    if total:
        own = unknown.loc[unknown["origin"] == "published by the region", "action_id"]
        yield _finding(
            "money",
            "costs-unknown",
            words_of(__file__, review).costs_unknown(len(unknown), total),
            len(unknown) / total,
            "share of actions",
            "high",
            rows=";".join(f"actions:{action}" for action in own),
        )


RULES = (_actions, _services_that_could_go, _costs_unknown)
"""What makes the findings of the step, in the order they are told."""
