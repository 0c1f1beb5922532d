"""Choosing actions under a budget, and keeping the fewest services that still serve every need: both solved exactly.

A portfolio maximises Σ v·x under a budget with exclusions, prerequisites, phasing and a minimum per territory; a cover
minimises Σ c·x so that every needed cell keeps as many services as asked. Both are integer programmes, solved by HiGHS
through SciPy with a gap of zero: "optimal" is HiGHS's word, checked, and never assumed. Among equal optima one is taken by a
stated rule, so that row order and machine do not matter.

A missing cost is not a cost of nothing: :func:`split_costed` keeps such actions apart, and a programme refuses them.
"""

from eis_lib.methods.portfolio._actions import (
    Portfolio,
    Rules,
    Shadow,
    frontier,
    greedy_portfolio,
    next_best,
    scaled,
    shadow_value,
    solve_portfolio,
    split_costed,
)
from eis_lib.methods.portfolio._cover import Cover, greedy_cover, removable_alone, solve_cover
from eis_lib.methods.portfolio._slimming import capacity_cells
from eis_lib.methods.portfolio._solver import INFEASIBLE, OPTIMAL, TIME_LIMIT, UNPROVEN, Array, PortfolioError

__all__ = [
    "INFEASIBLE",
    "OPTIMAL",
    "TIME_LIMIT",
    "UNPROVEN",
    "Array",
    "Cover",
    "Portfolio",
    "PortfolioError",
    "Rules",
    "Shadow",
    "capacity_cells",
    "frontier",
    "greedy_cover",
    "greedy_portfolio",
    "next_best",
    "removable_alone",
    "scaled",
    "shadow_value",
    "solve_cover",
    "solve_portfolio",
    "split_costed",
]
