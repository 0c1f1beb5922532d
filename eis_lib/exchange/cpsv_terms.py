"""The terms that CPSV-AP export and import share: addresses, code tables, and our own terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from rdflib import URIRef
from rdflib.namespace import DCTERMS

from eis_lib.exchange.rdf import BASE, CV, EIS
from eis_lib.pack.schema import Column, split_list
from eis_lib.pack.vocabulary import Vocabulary

CARRIED = ("providers", "services", "referrals")
"""The tables that CPSV-AP, with our own terms, can carry."""

LAYERS = f"{BASE}id/layers/"
"""What a layer holds has one address, ``id/layers/<layer>/<table>/<key>``, in the catalogue of every region that has it."""

PUBLIC_KINDS = frozenset(
    {
        "local-authority",
        "regional-authority",
        "national-ministry",
        "export-agency",
        "development-agency",
        "university",
    }
)
"""Kinds of organisation that are part of the public sector by what the kind means (project convention)."""

PUBLIC_LAW_CHAMBERS = frozenset({"AT", "DE", "EL", "ES", "FR", "HR", "HU", "IT", "LU"})
"""Countries whose chambers are bodies of public law (general knowledge; elsewhere they are associations)."""

ATU = URIRef("http://data.europa.eu/88u/dataset/atu-type")
NUTS = "http://data.europa.eu/nuts/code/"
LANGUAGES = "http://publications.europa.eu/resource/authority/language/"
CURRENCIES = "http://publications.europa.eu/resource/authority/currency/"
EUROPE = URIRef(f"{BASE}id/europe")

ISO_639 = {
    "bg": "BUL", "bs": "BOS", "ca": "CAT", "cs": "CES", "cy": "CYM", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG",
    "es": "SPA", "et": "EST", "eu": "EUS", "fi": "FIN", "fr": "FRA", "ga": "GLE", "gl": "GLG", "hr": "HRV", "hu": "HUN",
    "is": "ISL", "it": "ITA", "lt": "LIT", "lv": "LAV", "mk": "MKD", "mt": "MLT", "nl": "NLD", "no": "NOR", "pl": "POL",
    "pt": "POR", "ro": "RON", "ru": "RUS", "sk": "SLK", "sl": "SLV", "sq": "SQI", "sr": "SRP", "sv": "SWE", "tr": "TUR",
    "uk": "UKR",
}  # fmt: skip
"""Two-letter code → code of the EU's authority table of languages; others get an address of our own."""

SIMPLE: Mapping[str, URIRef] = {
    "support_type": CV.thematicArea,
    "modes": CV.isClassifiedBy,
    "market_scope": CV.isClassifiedBy,
    "barriers_addressed": CV.isClassifiedBy,
    "audience": DCTERMS.audience,
    "requires": DCTERMS.requires,
    "succeeds": DCTERMS.replaces,
}
"""Columns of services that one property of CPSV-AP or Dublin Core carries."""

REQUIREMENTS: Mapping[str, str] = {
    "sme_size": "Size class of the firm",
    "experience": "Export experience of the firm",
    "sectors": "Sector of the firm",
}
"""Columns that say who may use a service: each becomes a ``cv:Requirement``, never ``dct:spatial``."""

STATUSES = {"active": "Active", "inactive": "Inactive", "under-development": "Under development"}
STATED = {"running": "active", "ended": "inactive", "announced": "under-development", "doubtful": ""}
"""Our code of whether a service runs → the status that is written; of a doubtful one none is."""

ROLES = {"provider": "Provider that is no public body", "co-provider": "Co-provider"}

REGION_KEYS = (
    "name_native", "nuts_version", "level", "currency", "review_date", "budget_eur", "budget_note", "policy_instrument",
)  # fmt: skip
"""What ``region.yaml`` says that travels along, so that a new pack can begin with it."""


def _split(row: Mapping[str, str], column: str) -> tuple[str, ...]:
    return split_list(row.get(column, "") or "")


def own_term(column: str) -> URIRef:
    """Return our own term for a column.

    Examples
    --------
    >>> own_term("take_up_per_year")
    rdflib.term.URIRef('https://www.interregeurope.eu/eis/ns#takeUpPerYear')
    """
    first, *rest = column.split("_")
    return EIS[first + "".join(word.capitalize() for word in rest)]


def plain_number(text: str) -> str:
    """Return a number in its shortest plain form.

    Examples
    --------
    >>> plain_number("1500.50"), plain_number("1.5e+03"), plain_number("-0.0")
    ('1500.5', '1500', '0')
    """
    number = Decimal(text)
    return f"{number.normalize():f}" if number else "0"


def in_order(items: Iterable[str], column: Column, vocabulary: Vocabulary) -> list[str]:
    """Return the items of a list cell in the order of their code list, or of the alphabet."""
    if column.name == "evidence_required":
        return list(items)
    if column.scheme:
        return sorted(items, key=lambda code: (vocabulary.order(column.scheme, code), code))
    return sorted(items)
