"""The words that hand-made sheets use for our columns and for the keys of a region."""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "provider_id": (
        "provider",
        "organisation",
        "organization",
        "organisation id",
        "body",
        "delivered by whom",
    ),
    "service_id": ("service id", "service code"),
    "name": ("title", "service", "service name", "organisation name", "original name"),
    "name_en": ("english name", "name in english", "name english"),
    "title": ("name", "policy", "practice", "action"),
    "description": ("what it offers", "what a firm gets", "details", "summary"),
    "summary": ("description", "details"),
    "kind": ("type", "type of organisation", "kind of organisation"),
    "level": ("government level", "territorial level"),
    "support_type": ("type of support", "instrument", "kind of support", "support"),
    "journey_stages": ("stage", "stages", "journey stage", "phase"),
    "modes": ("mode", "mode of internationalisation"),
    "sme_size": ("size", "size class", "firm size"),
    "experience": ("export experience",),
    "sectors": ("sector", "branch", "industries"),
    "market_scope": ("markets", "market", "target market"),
    "channel": ("how", "access"),
    "cost_to_sme": ("cost", "price", "cost to firm", "cost to sme"),
    "start_year": ("from", "since", "start", "begins", "first year"),
    "end_year": ("to", "until", "end", "ends", "last year"),
    "url": ("web", "website", "web site", "homepage"),
    "source_url": ("source link", "link", "source address"),
    "source_title": ("source", "source name", "where from"),
    "evidence": ("evidence grade", "how backed"),
    "owner": ("responsible", "owner id"),
    "budget_eur": ("budget", "budget in euro", "budget eur"),
    "cost_eur": ("cost", "cost in euro", "cost eur"),
    "barriers_addressed": ("barriers", "barrier"),
    "objectives": ("objective", "aims", "goals"),
    "delivered_by": ("services", "delivering services"),
    "players": ("partners", "organisations involved"),
    "note": ("notes", "remark", "remarks", "comment", "comments"),
}
"""Headers that hand-made sheets use for our columns."""

REGION_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": ("region", "region name", "name of the region", "english name", "name in english"),
    "name_native": ("native name", "own name", "local name", "name in its own language", "original name"),
    "nuts_code": ("nuts", "nuts region"),
    "nuts_version": ("nuts edition", "version of nuts", "nuts year"),
    "level": ("kind of area", "type of area", "type of region"),
    "languages": ("language",),
    "population": ("inhabitants",),
    "population_source": ("source of population",),
    "review_date": ("date", "date of review", "day of review", "as of", "status of"),
    "policy_instrument": ("instrument", "programme", "policy instrument addressed"),
    "policy_instrument_kind": ("kind of instrument", "type of instrument"),
    "budget_eur": ("budget", "budget in euro"),
    "partners": ("partner", "partner organisation", "partner organisations"),
    "invented": ("invented region",),
    "note": ("notes", "remark", "remarks"),
}
"""Words that hand-made sheets use for the keys of ``region.yaml``."""
