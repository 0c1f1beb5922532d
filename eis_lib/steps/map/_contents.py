"""The tables that step 1 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from collections.abc import Callable

from eis_lib.section.section import Section
from eis_lib.steps.map._codings import codings
from eis_lib.steps.map._coverage import coverage
from eis_lib.steps.map._inventory import completeness, in_force
from eis_lib.steps.map._meaning import meaning
from eis_lib.steps.map._needs import concentration, need_areas
from eis_lib.steps.map._providers import providers

LEAVES: dict[str, Callable[..., Section]] = {
    "completeness": completeness,
    "services_in_force": in_force,
    "coverage": coverage,
    "need_areas": need_areas,
    "codings": codings,
    "concentration": concentration,
    "provider_roles": providers,
    "findings": meaning,
}
"""Tables that later steps read → the section that makes each."""
