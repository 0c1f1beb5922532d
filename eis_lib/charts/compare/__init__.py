"""Charts of step 4, compare: regions side by side, structural peers, practices that meet gaps, who learns from whom.

Every function takes a tidy frame whose labels are words a reader knows and whose rows are in reading order, and returns a
finished chart. Labels of regions carry level and population, because the regions compared are not of one kind.
"""

from eis_lib.charts.compare._differences import DIFFERENCE_COLOURS, coverage_difference
from eis_lib.charts.compare._exchange import STANDING_COLOURS, exchange_matrix, give_and_take, strong_where
from eis_lib.charts.compare._index import rank_intervals, sensitivity
from eis_lib.charts.compare._peers import structural_peers
from eis_lib.charts.compare._practices import practice_matches, top_practices
from eis_lib.charts.compare._profiles import DARK, ROW_HEIGHT, profile_strips

__all__ = [
    "DARK",
    "DIFFERENCE_COLOURS",
    "ROW_HEIGHT",
    "STANDING_COLOURS",
    "coverage_difference",
    "exchange_matrix",
    "give_and_take",
    "practice_matches",
    "profile_strips",
    "rank_intervals",
    "sensitivity",
    "strong_where",
    "structural_peers",
    "top_practices",
]
