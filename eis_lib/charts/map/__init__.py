"""Charts of step 1, map: who provides what, to whom, at which point of the journey.

Every function takes a tidy frame whose labels are already words a reader knows and whose rows are in reading order, and
returns a finished chart; only the rows drawn go into it.
"""

from eis_lib.charts.map._coverage import LEVEL_COLOURS, ROW_HEIGHT, coverage_map, level_by_stage
from eis_lib.charts.map._inventory import DATING_COLOURS, completeness, dated_years
from eis_lib.charts.map._needs import concentration, need_areas
from eis_lib.charts.map._providers import handoffs, provider_stages, providers

__all__ = [
    "DATING_COLOURS",
    "LEVEL_COLOURS",
    "ROW_HEIGHT",
    "completeness",
    "concentration",
    "coverage_map",
    "dated_years",
    "handoffs",
    "level_by_stage",
    "need_areas",
    "provider_stages",
    "providers",
]
