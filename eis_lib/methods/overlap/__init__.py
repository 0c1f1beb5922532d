"""Pairs of services whose bodies might have to talk: overlap and duplication candidates, and fragmentation by need area.

Unit of analysis: *a service that reaches SMEs of the region*, not a brand name and not a budget line. The three classes
follow GAO-15-49SP (2015), in our own words: fragmentation – several bodies work in one broad area of need; overlap – they
have similar goals, use similar activities or aim at similar beneficiaries; duplication – the same activity for the same
beneficiaries. Overlap by one limb would hold of nearly every pair. So a pair has to have a kind of support, a stage and firms
in common, and needs that are only derived from the kind of support are no further evidence (project conventions).

What is computed is a *candidate*. Only a person's recorded decision makes it more (:func:`apply_decisions`).
"""

from eis_lib.methods.overlap._coding import Facets, encode
from eis_lib.methods.overlap._decisions import OPTIONS, VALIDATED, apply_decisions, decided, is_validated
from eis_lib.methods.overlap._fragmentation import fragmentation
from eis_lib.methods.overlap._order import doors_met, order_pairs
from eis_lib.methods.overlap._pairs import (
    ASSUMED,
    BEYOND,
    DOUBTFUL,
    DUPLICATION,
    GROUPS,
    ONE_HOUSE,
    OVERLAP,
    SIDE_BY_SIDE,
    TO_DISCUSS,
    UNIT_OF_ANALYSIS,
    find_pairs,
    jaccard,
    pair_id,
    undecidable,
)

__all__ = [
    "ASSUMED",
    "BEYOND",
    "DOUBTFUL",
    "DUPLICATION",
    "GROUPS",
    "ONE_HOUSE",
    "OPTIONS",
    "OVERLAP",
    "SIDE_BY_SIDE",
    "TO_DISCUSS",
    "UNIT_OF_ANALYSIS",
    "VALIDATED",
    "Facets",
    "apply_decisions",
    "decided",
    "doors_met",
    "encode",
    "find_pairs",
    "fragmentation",
    "is_validated",
    "jaccard",
    "order_pairs",
    "pair_id",
    "undecidable",
]
