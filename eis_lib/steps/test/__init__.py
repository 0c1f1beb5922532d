"""Step 3, test: where support overlaps, duplicates or leaves gaps, and whether an SME can walk through it.

Tables left for later steps (lists joined by ``;``; money in euros, weights are shares of all demand):

- ``candidates``: one row per pair of services that look alike, key ``pair_id``; see :func:`eis_lib.methods.overlap.find_pairs`, with
  ``status`` of the ladder.
- ``fragmentation``: one row per ``need_area``; see :func:`eis_lib.methods.overlap.fragmentation`.
- ``gaps``: one row per ``gap_id`` (kind × stage × need), heaviest first; see :func:`eis_lib.methods.gaps.rank_gaps`, with ``status``.
- ``gap_cells``: one row per (``persona_id``, ``stage``, ``need``); see :func:`eis_lib.methods.gaps.judge_cells`.
- ``gap_ranks``: one row per (``gap_id``, ``scheme``).
- ``journeys``: one row per ``persona_id``; see :attr:`eis_lib.methods.journey.Journeys.measures`, on all routes; ``*_recorded`` on recorded referrals only.
- ``journey_paths``: one row per node of each persona's best and typical path.
- ``profile``: one row per (``need_area``, ``stage``): what is there and how much of the demand it meets.
- ``kinds_of_support``: one row per ``support_type``; see :func:`eis_lib.methods.gaps.kinds_missing`.
- ``ended_services``: services that ended and were not replaced.
- ``findings``.

What is computed is a candidate until a person's decision is on record; only facts of counting are called findings.
"""

from eis_lib.steps.test._contents import LEAVES
from eis_lib.steps.test._fragmentation import fragmentation
from eis_lib.steps.test._gaps import GAPS_DRAWN, WEIGHTS, gaps
from eis_lib.steps.test._headline import headline, sources
from eis_lib.steps.test._journeys import journeys
from eis_lib.steps.test._judged import Judged
from eis_lib.steps.test._meaning import limits, meaning
from eis_lib.steps.test._missing import missing_support
from eis_lib.steps.test._one_journey import one_journey, persona_choices
from eis_lib.steps.test._pairs import PAIRS_DRAWN, SHARES, candidates, pairs_among
from eis_lib.steps.test._profile import profile
from eis_lib.steps.test._sensitivity import GAPS_COMPARED, sensitivity
from eis_lib.steps.test._view import YEARS

__test__ = False  # the step is called "test"; nothing in here is one

__all__ = [
    "GAPS_COMPARED",
    "GAPS_DRAWN",
    "LEAVES",
    "PAIRS_DRAWN",
    "SHARES",
    "WEIGHTS",
    "YEARS",
    "Judged",
    "candidates",
    "fragmentation",
    "gaps",
    "headline",
    "journeys",
    "limits",
    "meaning",
    "missing_support",
    "one_journey",
    "pairs_among",
    "persona_choices",
    "profile",
    "sensitivity",
    "sources",
]
