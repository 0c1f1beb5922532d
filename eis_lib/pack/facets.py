"""The facets of a service: which let a firm in, which can be asked, and the code list of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

MATCHED_FACETS: Mapping[str, str] = {
    "sme_size": "sme_size",
    "experience": "experience",
    "sectors": "sectors",
    "modes": "modes",
    "market_scope": "market_scope",
}
"""Facets by which a service lets a firm in: column of services → column of personas."""

FACETS: tuple[str, ...] = (
    "support_type",
    "journey_stages",
    "modes",
    "sme_size",
    "experience",
    "sectors",
    "market_scope",
    "channel",
    "cost_to_sme",
    "provider_level",
    "provider_kind",
    "need_area",
)
"""Facets on which coverage can be asked, once :func:`add_facets` has been through."""

BENEFICIARY_FACETS: Mapping[str, str] = {
    "sme_size": "sme_size",
    "experience": "experience",
    "sectors": "sector",
    "market_scope": "market_scope",
    "modes": "mode",
}
"""Facets whose product is the set of beneficiary cells, and the vocabulary scheme of each. The journey stage belongs to the
activity limb; territory and period are no part of the product: a pair must share them to be a pair at all."""

Facet = Literal[
    "support_type",
    "journey_stages",
    "modes",
    "sme_size",
    "experience",
    "sectors",
    "market_scope",
    "channel",
    "cost_to_sme",
    "provider_level",
    "provider_kind",
    "need_area",
]

SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "support_type": "support_type",
        "journey_stages": "journey_stage",
        "modes": "mode",
        "sme_size": "sme_size",
        "experience": "experience",
        "sectors": "sector",
        "market_scope": "market_scope",
        "channel": "channel",
        "cost_to_sme": "cost_to_sme",
        "provider_level": "level",
        "provider_kind": "provider_kind",
        "need_area": "barrier",
    }
)
"""Facet → scheme of the vocabulary that holds its codes."""

FACET_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "support_type": "Kind of support",
        "journey_stages": "Stage of the journey",
        "modes": "Mode of internationalisation",
        "sme_size": "Size of firm",
        "experience": "Experience abroad",
        "sectors": "Sector",
        "market_scope": "Market",
        "channel": "Channel",
        "cost_to_sme": "Cost to the firm",
        "provider_level": "Level of provider",
        "provider_kind": "Kind of provider",
        "need_area": "Need area",
    }
)
"""Facet → the words a reader sees."""

FACET_CHOICES: Mapping[str, str] = MappingProxyType({FACET_WORDS[facet]: facet for facet in FACETS})
"""What the coverage controls offer: words → facet."""
