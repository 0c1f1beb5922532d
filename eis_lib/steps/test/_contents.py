"""The tables that step 3 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from eis_lib.section.section import Section
from eis_lib.steps.test._fragmentation import fragmentation
from eis_lib.steps.test._gaps import gaps
from eis_lib.steps.test._journeys import journeys
from eis_lib.steps.test._meaning import meaning
from eis_lib.steps.test._missing import missing_support
from eis_lib.steps.test._pairs import candidates
from eis_lib.steps.test._profile import profile
from eis_lib.steps.test._sensitivity import sensitivity

LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "candidates": candidates,
        "fragmentation": fragmentation,
        "gaps": gaps,
        "gap_kinds": gaps,
        "gap_cells": gaps,
        "kinds_of_support": missing_support,
        "ended_services": missing_support,
        "gap_ranks": sensitivity,
        "profile": profile,
        "journeys": journeys,
        "journey_paths": journeys,
        "orphans": journeys,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
