"""Step 5, plan: what to do, in which order, for how much, and who answers for it.

Tables left for later steps (lists joined by ``;``; money in euros, values are shares of weighted demand):

- ``chain``: one row per action of the plan: finding, lesson, action, indicator, what the region published.
- ``recommendations``: one row per ``recommendation_id``; see :func:`eis_lib.methods.recommendation.recommend`.
- ``options``: one row per (``pair_id``, ``option``); see :func:`eis_lib.methods.recommendation.list_options`.
- ``simplification``: one row per service: ``verdict`` ∈ keep, could go, held; ``why``, ``could_go_alone``.
- ``who_loses``: one row per service that could go: what goes with it.
- ``landscapes``: one row per measure: as it is, slimmed, slimmed with the proposals.
- ``journeys_to_be``: one row per (``persona_id``, ``landscape``).
- ``priorities``: one row per recommendation that is ranked: scores and ranks under three methods.
- ``portfolio``: one row per action that could be chosen; ``costs_unknown``: those without a published cost.
- ``action_plan``: one row per action, in the fields of the Interreg Europe template; ``action_plan_checks``.
- ``raci``, ``plan_indicators``, ``funding``, ``published_and_proposed``, ``findings``.

What the review proposes is a proposal until a decision on record says otherwise; what the region did or planned
(``actions.csv``) is never mixed with it.
"""

from eis_lib.steps.plan._action_plan import action_plan
from eis_lib.steps.plan._contents import LEAVES
from eis_lib.steps.plan._headline import headline, sources
from eis_lib.steps.plan._items import Items
from eis_lib.steps.plan._journeys import journeys_to_be
from eis_lib.steps.plan._meaning import limits, meaning
from eis_lib.steps.plan._portfolio import BUDGETS, SCOPES, portfolio
from eis_lib.steps.plan._priorities import CRITERIA_COLUMNS, EMPHASES, priorities
from eis_lib.steps.plan._published import published
from eis_lib.steps.plan._ranking import CRITERIA, METHODS, SWINGS
from eis_lib.steps.plan._recommendations import DRAWN, options, recommendations
from eis_lib.steps.plan._responsibilities import indicators, money, responsibilities
from eis_lib.steps.plan._simplification import LEVELS, simplification
from eis_lib.steps.plan._slimming import Slim
from eis_lib.steps.plan._written import PLAN_COLUMNS, Planned

__all__ = [
    "BUDGETS",
    "CRITERIA",
    "CRITERIA_COLUMNS",
    "DRAWN",
    "EMPHASES",
    "LEAVES",
    "LEVELS",
    "METHODS",
    "PLAN_COLUMNS",
    "SCOPES",
    "SWINGS",
    "Items",
    "Planned",
    "Slim",
    "action_plan",
    "headline",
    "indicators",
    "journeys_to_be",
    "limits",
    "meaning",
    "money",
    "options",
    "portfolio",
    "priorities",
    "published",
    "recommendations",
    "responsibilities",
    "simplification",
    "sources",
]
