"""Step 4, compare: what partner regions do differently, and which of their practices fit our gaps.

Tables left for later steps (lists joined by ``;``; shares 0–1):

- ``profiles``: one row per (``region``, ``measure``): ``region_name``, ``level``, ``population``, ``label``, ``value``, ``median``,
  ``lowest``, ``highest``.
- ``peers``: one row per other region, nearest first; see :func:`eis_lib.methods.transfer.nearest_regions`.
- ``coverage_differences``: one row per (``facet``, ``support_type``, ``code``); see :func:`eis_lib.methods.transfer.coverage_differences`.
- ``practice_matches``: one row per ``practice_id`` that meets a tested gap; see :func:`eis_lib.methods.transfer.match_practices`, with
  whom to ask and what.
- ``exchange``: one row per visit of the best exchange; see :func:`eis_lib.methods.transfer.best_exchange`.
- ``findings``.

Every gap is a candidate until a person's decision is on record, and so is every match built on it.
"""

from eis_lib.steps.compare._contents import LEAVES
from eis_lib.steps.compare._differences import FACET_CHOICES, FACETS, coverage_differences
from eis_lib.steps.compare._exchange import VISITS_TOLD, exchange, give
from eis_lib.steps.compare._headline import headline
from eis_lib.steps.compare._index import (
    AGGREGATIONS,
    DIRECTIONS,
    IMPUTATIONS,
    NORMALISATIONS,
    WEIGHTINGS,
    index,
)
from eis_lib.steps.compare._meaning import limits, meaning
from eis_lib.steps.compare._peers import DISTANCES, peers
from eis_lib.steps.compare._practices import (
    GAPS_DRAWN,
    GRADE_CHOICES,
    MATCH_COLUMNS,
    PRACTICES_DRAWN,
    Matched,
    practice_matches,
    remarks,
)
from eis_lib.steps.compare._profiles import SETTING, profiles, setting, sources
from eis_lib.steps.compare._structure import DIMENSION_WEIGHTS, MOST_COMPARED, STRUCTURE, Joined, among_peers
from eis_lib.steps.compare._view import LIKE_SIZE, Place, places

__all__ = [
    "AGGREGATIONS",
    "DIMENSION_WEIGHTS",
    "DIRECTIONS",
    "DISTANCES",
    "FACETS",
    "FACET_CHOICES",
    "GAPS_DRAWN",
    "GRADE_CHOICES",
    "IMPUTATIONS",
    "LEAVES",
    "LIKE_SIZE",
    "MATCH_COLUMNS",
    "MOST_COMPARED",
    "NORMALISATIONS",
    "PRACTICES_DRAWN",
    "SETTING",
    "STRUCTURE",
    "VISITS_TOLD",
    "WEIGHTINGS",
    "Joined",
    "Matched",
    "Place",
    "among_peers",
    "coverage_differences",
    "exchange",
    "give",
    "headline",
    "index",
    "limits",
    "meaning",
    "peers",
    "places",
    "practice_matches",
    "profiles",
    "remarks",
    "setting",
    "sources",
]
