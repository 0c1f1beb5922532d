"""Charts of step 3, test: overlap candidates, fragmentation, gaps, journeys.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it.
"""

from eis_lib.charts.test._fragmentation import fragmentation
from eis_lib.charts.test._gaps import ROW_HEIGHT, gap_map, gaps_ranked
from eis_lib.charts.test._journeys import STEP_HEIGHT, journey_map
from eis_lib.charts.test._missing import missing_support
from eis_lib.charts.test._one_journey import journey_of
from eis_lib.charts.test._pairs import PAIR_HEIGHT, candidates
from eis_lib.charts.test._profile import demand_served
from eis_lib.charts.test._sensitivity import sensitivity

__all__ = [
    "PAIR_HEIGHT",
    "ROW_HEIGHT",
    "STEP_HEIGHT",
    "candidates",
    "demand_served",
    "fragmentation",
    "gap_map",
    "gaps_ranked",
    "journey_map",
    "journey_of",
    "missing_support",
    "sensitivity",
]
