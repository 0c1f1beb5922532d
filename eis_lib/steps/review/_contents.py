"""The tables that step 6 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from eis_lib.section.section import Section
from eis_lib.steps.review._alerts import alerts
from eis_lib.steps.review._change import landscape_change, need_change
from eis_lib.steps.review._governance import action_decisions, calendar, scorecard
from eis_lib.steps.review._hindsight import hindsight
from eis_lib.steps.review._meaning import meaning
from eis_lib.steps.review._tracking import tracking

LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "tracking": tracking,
        "hindsight": hindsight,
        "alerts": alerts,
        "triggers": alerts,
        "landscape_change": landscape_change,
        "gap_change": need_change,
        "journey_change": need_change,
        "scorecard": scorecard,
        "action_decisions": action_decisions,
        "calendar": calendar,
        "findings": meaning,
    }
)
"""Tables that others may read → the section that makes each."""
