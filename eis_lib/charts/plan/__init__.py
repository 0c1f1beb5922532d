"""Charts of step 5, plan: what to do, in which order, for how much, and who answers for it.

Every function takes a tidy frame whose labels are words a reader knows and whose rows are in reading order, and returns a
finished chart; only the rows drawn go into it.
"""

from eis_lib.charts.plan._action_plan import timetable
from eis_lib.charts.plan._journeys import journeys_side_by_side
from eis_lib.charts.plan._portfolio import budget_curve, known_costs
from eis_lib.charts.plan._priorities import method_ranks, weight_moves
from eis_lib.charts.plan._published import both_sides
from eis_lib.charts.plan._recommendations import OPTION_COLOURS, ROW, recommendation_bars, two_lines
from eis_lib.charts.plan._responsibilities import raci_matrix
from eis_lib.charts.plan._simplification import AS_IS, PROPOSED, TO_BE, doors

__all__ = [
    "AS_IS",
    "OPTION_COLOURS",
    "PROPOSED",
    "ROW",
    "TO_BE",
    "both_sides",
    "budget_curve",
    "doors",
    "journeys_side_by_side",
    "known_costs",
    "method_ranks",
    "raci_matrix",
    "recommendation_bars",
    "timetable",
    "two_lines",
    "weight_moves",
]
