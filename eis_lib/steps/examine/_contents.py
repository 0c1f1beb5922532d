"""The tables that step 2 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from eis_lib.section.section import SectionFunction
from eis_lib.steps.examine._coherence import coherence
from eis_lib.steps.examine._criteria import criteria
from eis_lib.steps.examine._delivery import delivery, money, services_backed
from eis_lib.steps.examine._demand import barrier_coverage, demand
from eis_lib.steps.examine._governance import governance
from eis_lib.steps.examine._logic import logic, objectives
from eis_lib.steps.examine._meaning import meaning

LEAVES: dict[str, SectionFunction] = {
    "demand": demand,
    "rank_spread": demand,
    "barrier_coverage": barrier_coverage,
    "policy_barriers": barrier_coverage,
    "alignment": delivery,
    "promises": delivery,
    "services_backed": services_backed,
    "money": money,
    "logic_faults": logic,
    "logic_summary": logic,
    "objectives": objectives,
    "indicators": objectives,
    "coherence_candidates": coherence,
    "criteria": criteria,
    "governance_roles": governance,
    "governance_areas": governance,
    "governance_issues": governance,
    "action_owners": governance,
    "findings": meaning,
}
