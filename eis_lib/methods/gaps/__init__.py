"""Gaps in support: what kind, for whom, at which stage, and how heavy.

The unit is a cell: persona × journey stage × need, with a demand weight (Σ = 1). A cell is *served*, has a *gap* of one
kind, or is *unknown*: the records do not allow an answer, which is neither a gap nor a service. Seven kinds are told apart
(codes ``gap_kind`` of the vocabulary); each cell takes the first that applies, from "nothing there at all" onwards, and
continuity is noted beside it.
"""

from eis_lib.methods.gaps._demand import NEED_STAGES, demand_cells, weigh_needs
from eis_lib.methods.gaps._judging import GAP, LASTING, SERVED, UNKNOWN, judge_cells
from eis_lib.methods.gaps._kinds import KIND_STATES, ended_without_successor, kinds_missing
from eis_lib.methods.gaps._ranking import (
    KINDS,
    SEVERITY,
    Assessable,
    assess_kinds,
    coverage_share,
    mean_doors,
    open_share,
    rank_agreement,
    rank_gaps,
    rank_under_weights,
    redundancy,
)
from eis_lib.methods.gaps._robustness import by_persona, services_to_lose
from eis_lib.methods.gaps._searches import (
    NONE_FOUND,
    NOT_SEARCHED,
    SEARCH_STATES,
    UNCLEAR,
    kinds_searched,
    needs_searched,
)
from eis_lib.methods.gaps._verdict import INFORMING_TYPES, NEED_UNTOLD

__all__ = [
    "GAP",
    "INFORMING_TYPES",
    "KINDS",
    "KIND_STATES",
    "LASTING",
    "NEED_STAGES",
    "NEED_UNTOLD",
    "NONE_FOUND",
    "NOT_SEARCHED",
    "SEARCH_STATES",
    "SERVED",
    "SEVERITY",
    "UNCLEAR",
    "UNKNOWN",
    "Assessable",
    "assess_kinds",
    "by_persona",
    "coverage_share",
    "demand_cells",
    "ended_without_successor",
    "judge_cells",
    "kinds_missing",
    "kinds_searched",
    "mean_doors",
    "needs_searched",
    "open_share",
    "rank_agreement",
    "rank_gaps",
    "rank_under_weights",
    "redundancy",
    "services_to_lose",
    "weigh_needs",
]
