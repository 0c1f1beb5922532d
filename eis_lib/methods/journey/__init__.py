"""Journeys executed: every persona walks the landscape from intent to outcome, and what happens on the way is measured.

The graph: a node is a service in its channel at one journey stage (a *hybrid* service has both doors), beside START and
OUTCOME. An edge is a way on: staying with the same service for the next stage, a recorded referral (warm hand-over,
referral, signpost), or finding the next service alone. Nodes are open to a persona or not (:func:`fit`); edges ask that
required services were used before. A firm goes from stage to stage; a born-global may enter later and skip stages.

All this is the *designed* journey, read off the catalogue. What firms really lived through (interviews, mystery shopping) is
another source and is never mixed in. Model and measures: project convention, after the practice of journey mapping and the
eGovernment Benchmark's mystery shopping.
"""

from eis_lib.methods.journey._fit import BARRED_BY, fit
from eis_lib.methods.journey._journeys import (
    Journeys,
    Walked,
    completion,
    path_rows,
    walk_all,
    weighted_mean_on_way,
)
from eis_lib.methods.journey._land import (
    ALONE,
    EITHER,
    OUTCOME,
    RECORDED,
    SELF_FOUND,
    START,
    STAYS,
    WARM,
    WAYS_ON,
    Cost,
    Landscape,
    build_landscape,
)
from eis_lib.methods.journey._paths import (
    Path,
    add_costs,
    best_path,
    choice_load,
    dead_ends,
    loops,
    price_of_move,
    reachable_nodes,
    repeated_requests,
    typical_path,
)
from eis_lib.methods.journey._walker import SKIPPING_TRAIT, Node, Walker, walker

__all__ = [
    "ALONE",
    "BARRED_BY",
    "EITHER",
    "OUTCOME",
    "RECORDED",
    "SELF_FOUND",
    "SKIPPING_TRAIT",
    "START",
    "STAYS",
    "WARM",
    "WAYS_ON",
    "Cost",
    "Journeys",
    "Landscape",
    "Node",
    "Path",
    "Walked",
    "Walker",
    "add_costs",
    "best_path",
    "build_landscape",
    "choice_load",
    "completion",
    "dead_ends",
    "fit",
    "loops",
    "path_rows",
    "price_of_move",
    "reachable_nodes",
    "repeated_requests",
    "typical_path",
    "walk_all",
    "walker",
    "weighted_mean_on_way",
]
