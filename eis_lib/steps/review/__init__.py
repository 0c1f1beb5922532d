"""Step 6, review: whether it is working, and whether enough has changed to think again.

Tables left for publishing and for the next review (lists joined by ``;``):

- ``alerts``: one row per event, key ``alert_id``; see :data:`eis_lib.methods.monitor.ALERT_COLUMNS`.
- ``tracking``: one row per indicator; see :func:`eis_lib.methods.monitor.track_targets`.
- ``landscape_change``: one row per thing that changed between two years; see :func:`eis_lib.methods.monitor.diff_landscape`.
- ``gap_change``: needs that came to be met, or ceased to be; see :func:`eis_lib.methods.monitor.diff_gaps`.
- ``journey_change``: personas that came to reach their goal, or ceased to.
- ``scorecard``: one row per (``measure``, ``year``); see :func:`eis_lib.methods.monitor.governance_scorecard`.
- ``action_decisions``: one row per action; see :func:`eis_lib.methods.monitor.propose_decisions`.
- ``hindsight``: what each watched series said around three known events, and in calm times.
- ``findings``.

An alert asks for a decision, it is none; every threshold is a project convention unless its source is named.
"""

from eis_lib.steps.review._alerting import TOP_GAPS, TOUCHES
from eis_lib.steps.review._alerts import ROWS_DRAWN, alerts
from eis_lib.steps.review._change import landscape_change, need_change
from eis_lib.steps.review._contents import LEAVES
from eis_lib.steps.review._control import control
from eis_lib.steps.review._governance import LEAST_MOVE, MOST_ADDED, action_decisions, calendar, scorecard
from eis_lib.steps.review._headline import headline, sources
from eis_lib.steps.review._hindsight import NOISE_OPEN, NOISE_PER_YEAR, hindsight
from eis_lib.steps.review._meaning import limits, meaning
from eis_lib.steps.review._series import ANNUAL_BASELINE, SMALLEST_MOVE, Watched, series_choices
from eis_lib.steps.review._tracking import tracking
from eis_lib.steps.review._view import KINDS

__all__ = [
    "ANNUAL_BASELINE",
    "KINDS",
    "LEAST_MOVE",
    "LEAVES",
    "MOST_ADDED",
    "NOISE_OPEN",
    "NOISE_PER_YEAR",
    "ROWS_DRAWN",
    "SMALLEST_MOVE",
    "TOP_GAPS",
    "TOUCHES",
    "Watched",
    "action_decisions",
    "alerts",
    "calendar",
    "control",
    "headline",
    "hindsight",
    "landscape_change",
    "limits",
    "meaning",
    "need_change",
    "scorecard",
    "series_choices",
    "sources",
    "tracking",
]
