"""The tables that step 5 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from eis_lib.section.section import Section
from eis_lib.steps.plan._action_plan import action_plan
from eis_lib.steps.plan._headline import headline
from eis_lib.steps.plan._journeys import journeys_to_be
from eis_lib.steps.plan._meaning import meaning
from eis_lib.steps.plan._portfolio import portfolio
from eis_lib.steps.plan._priorities import priorities
from eis_lib.steps.plan._published import published
from eis_lib.steps.plan._recommendations import options, recommendations
from eis_lib.steps.plan._responsibilities import indicators, money, responsibilities
from eis_lib.steps.plan._simplification import simplification

LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "chain": headline,
        "recommendations": recommendations,
        "published_and_proposed": published,
        "options": options,
        "simplification": simplification,
        "who_loses": simplification,
        "landscapes": journeys_to_be,
        "journeys_to_be": journeys_to_be,
        "priorities": priorities,
        "weight_changes": priorities,
        "portfolio": portfolio,
        "costs_unknown": portfolio,
        "action_plan": action_plan,
        "action_plan_checks": action_plan,
        "raci": responsibilities,
        "plan_indicators": indicators,
        "funding": money,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
