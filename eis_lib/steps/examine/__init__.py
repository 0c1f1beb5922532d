"""Step 2, examine: whether policies and strategies address the need, and whether anything delivers them.

Each function is one section of the workbook: a review in, a section out. What is computed is in `eis_lib.methods.policy`;
here it is asked, worded and drawn.
"""

from eis_lib.steps.examine._coherence import coherence
from eis_lib.steps.examine._contents import LEAVES
from eis_lib.steps.examine._criteria import CRITERION_CHOICES, LEAST_UNITS, agreement, criteria
from eis_lib.steps.examine._delivery import delivery, money, services_backed
from eis_lib.steps.examine._demand import WEIGHT_CHOICES, barrier_coverage, demand
from eis_lib.steps.examine._governance import governance
from eis_lib.steps.examine._headline import headline, sources
from eis_lib.steps.examine._logic import logic, objectives
from eis_lib.steps.examine._meaning import limits, meaning

__all__ = [
    "CRITERION_CHOICES",
    "LEAST_UNITS",
    "LEAVES",
    "WEIGHT_CHOICES",
    "agreement",
    "barrier_coverage",
    "coherence",
    "criteria",
    "delivery",
    "demand",
    "governance",
    "headline",
    "limits",
    "logic",
    "meaning",
    "money",
    "objectives",
    "services_backed",
    "sources",
]
