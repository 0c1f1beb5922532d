"""Pairs of services that look alike: overlap and duplication candidates, and fragmentation by need area.

Unit of analysis: *a service that reaches SMEs of the region*, not a brand name and not a budget line. The three classes
follow GAO-15-49SP (2015), in our own words: fragmentation – several bodies work in one broad area of need; overlap – they
have similar goals, use similar activities **or** aim at similar beneficiaries; duplication – the same activity for the same
beneficiaries. Because overlap asks for only one of three limbs, nearly every pair would count; so the limbs that match are
stored and the grade is their number (project convention).

What is computed is a *candidate*. Only a person's recorded decision makes it more (:func:`apply_decisions`).

Every facet of a service is a set of codes, kept as bits of a 64-bit word, so that |X∩Y| is one ``and`` and one bit count.
Pairs are built in blocks: territories that contain one another, then classes of services with the same needs and activity;
the full cross product is never formed.
"""

from eis_lib.methods.overlap._coding import LIMBS, Facets, Index, Words, encode
from eis_lib.methods.overlap._decisions import OPTIONS, VALIDATED, apply_decisions, decided, is_validated
from eis_lib.methods.overlap._fragmentation import fragmentation
from eis_lib.methods.overlap._pairs import (
    ASSUMED,
    DUPLICATION,
    OVERLAP,
    SIDE_BY_SIDE,
    UNIT_OF_ANALYSIS,
    Compared,
    Limb,
    Pairs,
    compare_pairs,
    find_pairs,
    pair_id,
    stream_pairs,
)
from eis_lib.methods.overlap._shortlist import Shortlist, describe_pairs, find_candidates, undecidable

__all__ = [
    "ASSUMED",
    "DUPLICATION",
    "LIMBS",
    "OPTIONS",
    "OVERLAP",
    "SIDE_BY_SIDE",
    "UNIT_OF_ANALYSIS",
    "VALIDATED",
    "Compared",
    "Facets",
    "Index",
    "Limb",
    "Pairs",
    "Shortlist",
    "Words",
    "apply_decisions",
    "compare_pairs",
    "decided",
    "describe_pairs",
    "encode",
    "find_candidates",
    "find_pairs",
    "fragmentation",
    "is_validated",
    "pair_id",
    "stream_pairs",
    "undecidable",
]
