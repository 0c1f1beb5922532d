"""The tables that step 4 leaves for later ones, and the section that makes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from eis_lib.section.section import Section
from eis_lib.steps.compare._differences import coverage_differences
from eis_lib.steps.compare._exchange import exchange, give
from eis_lib.steps.compare._meaning import meaning
from eis_lib.steps.compare._peers import peers
from eis_lib.steps.compare._practices import practice_matches, remarks
from eis_lib.steps.compare._profiles import profiles

LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "profiles": profiles,
        "peers": peers,
        "coverage_differences": coverage_differences,
        "practice_matches": practice_matches,
        "peer_remarks": remarks,
        "what_we_could_give": give,
        "exchange": exchange,
        "exchange_values": exchange,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
