"""Who resembles us, what of theirs would meet a gap of ours, and whom to ask about it.

Structural peers are found without outcomes: with exports in the distance, peers would only be "regions with the same
result". A good practice is proposed only where it meets a gap that step 3 found (the gate), however good it is elsewhere;
what speaks for and against its transfer is laid side by side and never folded into one number, since no authoritative
scored method exists. All thresholds are project conventions.
"""

from eis_lib.methods.transfer._exchange import (
    STRONG,
    WEAK,
    best_exchange,
    coverage_differences,
    exchange_values,
    strong_where,
)
from eis_lib.methods.transfer._practices import (
    EFFORT_ORDER,
    GRADES,
    NOT_TESTED,
    OTHER_STAGE,
    TURNED_DOWN,
    fit_problems,
    match_practices,
    questions,
    tested_gaps,
)
from eis_lib.methods.transfer._structure import (
    OUTCOMES,
    Distance,
    Structure,
    TransferError,
    nearest_regions,
    refuse_outcomes,
    structural_distance,
)

__all__ = [
    "EFFORT_ORDER",
    "GRADES",
    "NOT_TESTED",
    "OTHER_STAGE",
    "OUTCOMES",
    "STRONG",
    "TURNED_DOWN",
    "WEAK",
    "Distance",
    "Structure",
    "TransferError",
    "best_exchange",
    "coverage_differences",
    "exchange_values",
    "fit_problems",
    "match_practices",
    "nearest_regions",
    "questions",
    "refuse_outcomes",
    "strong_where",
    "structural_distance",
    "tested_gaps",
]
