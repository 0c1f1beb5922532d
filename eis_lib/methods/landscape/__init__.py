"""The support landscape described: what is in force, who covers what, how concentrated and how well recorded it is.

Pure functions of frames. List columns hold tuples of codes, an empty tuple (or a missing value) says *not recorded*;
years are ``Int64``. Two words are kept apart everywhere: ``none`` (the records say that nothing is there) and ``unknown``
(the records do not say).
"""

from eis_lib.methods.landscape._cells import UNKNOWN, is_missing, is_own, list_items
from eis_lib.methods.landscape._completeness import Estimate, Lists, chapman, completeness, two_lists
from eis_lib.methods.landscape._coverage import compare_years, coverage, facet_counts
from eis_lib.methods.landscape._freshness import (
    AGEING,
    FRESH,
    FRESHNESS,
    STALE,
    UNDATED,
    freshness,
    mark_ages,
)
from eis_lib.methods.landscape._needs import (
    concentration,
    herfindahl,
    need_status,
    untold_needs,
)
from eis_lib.methods.landscape._providers import Network, network, provider_roles
from eis_lib.methods.landscape._services import (
    CLASS_WIDE,
    add_facets,
    count_services,
    providers_of,
    reaches_smes,
    umbrellas,
)
from eis_lib.methods.landscape._years import DATED, DATINGS, NO_START, OPEN_END, in_force, turnover

__all__ = [
    "AGEING",
    "CLASS_WIDE",
    "DATED",
    "DATINGS",
    "FRESH",
    "FRESHNESS",
    "NO_START",
    "OPEN_END",
    "STALE",
    "UNDATED",
    "UNKNOWN",
    "Estimate",
    "Lists",
    "Network",
    "add_facets",
    "chapman",
    "compare_years",
    "completeness",
    "concentration",
    "count_services",
    "coverage",
    "facet_counts",
    "freshness",
    "herfindahl",
    "in_force",
    "is_missing",
    "is_own",
    "list_items",
    "mark_ages",
    "need_status",
    "network",
    "provider_roles",
    "providers_of",
    "reaches_smes",
    "turnover",
    "two_lists",
    "umbrellas",
    "untold_needs",
]
