"""Whether a persona is let in by a service, and whether anything keeps it out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods.landscape import list_items
from eis_lib.pack.facets import MATCHED_FACETS
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.vocabulary import Vocabulary

BARRED_BY: tuple[str, ...] = ("channel", "languages", "price")
"""What can keep an eligible firm out. Distance and opening hours are not recorded in a pack."""


def fit(
    services: pd.DataFrame,
    personas: pd.DataFrame,
    vocabulary: Vocabulary,
    home_languages: Sequence[str] = (),
) -> pd.DataFrame:
    """Return, for each persona and service, whether the firm is let in and whether anything keeps it out.

    Parameters
    ----------
    services, personas
        As in a pack and in ``_common``.
    vocabulary
        Gives the wider terms of sectors: a service for *manufacturing* is open to a food maker.
    home_languages
        Languages of the region; a persona speaks these besides its own.

    Returns
    -------
    DataFrame
        One row per (``persona_id``, ``service_id``), personas outside: ``eligible`` and ``reachable`` (``yes``, ``no`` or
        ``unknown``: a facet that decides is not recorded), ``closed_by`` (tuple of facets that shut the firm out),
        ``barred_by`` (tuple of :data:`BARRED_BY`), ``not_recorded`` (tuple).
    """
    given = list(
        zip(
            *([_opened(facet, list_items(v)) for v in services[facet]] for facet in MATCHED_FACETS),
            strict=True,
        )
    )
    channel = services["channel"].tolist()
    cost = services["cost_to_sme"].tolist()
    price = _numbers(services, "price_eur")
    languages = [list_items(v) for v in column_or_missing(services, "languages")]
    ids = services["service_id"].astype(str).tolist()
    rows = []
    for persona in personas.to_dict("records"):
        wanted = _wanted(persona, vocabulary)
        spoken = {*home_languages, *list_items(persona.get("languages"))}
        budget = persona.get("budget_eur")
        offline = persona.get("digital") == "no"
        for n, service in enumerate(ids):
            closed, missing = _matched(wanted, given[n])
            eligible = "no" if closed else "unknown" if missing else "yes"
            door = _Door(channel[n], cost[n], price[n], languages[n] if spoken else ())
            barred, untold = _kept_out(door, offline, spoken, budget)
            reachable = "no" if barred else "unknown" if untold else "yes"
            key = (str(persona["persona_id"]), service)
            rows.append((*key, eligible, reachable, tuple(closed), tuple(barred), (*missing, *untold)))
    columns = ["persona_id", "service_id", "eligible", "reachable", "closed_by", "barred_by", "not_recorded"]
    return pd.DataFrame(rows, columns=columns)


class _Door(NamedTuple):
    """How a firm meets a service, and what it costs."""

    channel: object
    cost_to_sme: object
    price: float
    languages: Sequence[str]


def _kept_out(door: _Door, offline: bool, spoken: set[str], budget: object) -> tuple[list[str], list[str]]:
    """Return what keeps an eligible firm out, and what of that cannot be told."""
    too_dear = _too_dear(door.price, door.cost_to_sme, budget)
    barred = ["channel"] if offline and door.channel == "online" else []
    if door.languages and spoken.isdisjoint(door.languages):
        barred.append("languages")
    if too_dear:
        barred.append("price")
    untold = [] if door.languages else ["languages"]
    if too_dear is None:
        untold.append("price")
        if budget == 0 and landscape.is_missing(door.cost_to_sme):
            untold.append("cost_to_sme")
    if offline and landscape.is_missing(door.channel):
        untold.append("channel")
    return barred, untold


def _opened(facet: str, codes: Sequence[str]) -> Sequence[str]:
    """Return the codes a service is open to: what serves markets in the EU and outside serves those behind any border."""
    both_sides = facet == "market_scope" and {"intra-eu", "extra-eu"} <= set(codes)
    return (*codes, "cross-border") if both_sides else codes


def _wanted(persona: Mapping[Any, Any], vocabulary: Vocabulary) -> list[tuple[str, frozenset[str]]]:
    """Return each facet that decides on admission with the codes that let the persona in."""
    own = {facet: list_items(persona[name]) for facet, name in MATCHED_FACETS.items()}
    return [
        (facet, frozenset(_wider(codes, vocabulary) if facet == "sectors" else codes))
        for facet, codes in own.items()
    ]


def _matched(
    wanted: Iterable[tuple[str, frozenset[str]]], given: Iterable[Sequence[str]]
) -> tuple[list[str], list[str]]:
    """Return the facets that shut a firm out of a service, and those that are not recorded."""
    closed, missing = [], []
    for (facet, accepted), held in zip(wanted, given, strict=True):
        if not held or not accepted:
            missing.append(facet)
        elif accepted.isdisjoint(held):
            closed.append(facet)
    return closed, missing


def _numbers(frame: pd.DataFrame, name: str) -> list[float]:
    return [
        float(v) for v in pd.to_numeric(column_or_missing(frame, name), errors="coerce").astype("float64")
    ]


def _wider(codes: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    """Return sectors with all their wider terms, and *all*."""
    found = {wider for code in codes for wider in vocabulary.ancestors("sector", code)}
    return {*found, landscape.CLASS_WIDE} if found else found


def _too_dear(price: float, cost_to_sme: object, budget: object) -> bool | None:
    """Return whether a service costs more than the firm can pay; None where that can not be told."""
    if cost_to_sme == "free":
        return False
    if landscape.is_missing(budget):
        return None
    purse = float(budget)  # type: ignore[arg-type]
    if not math.isnan(price):
        return price > purse
    return True if purse == 0 and cost_to_sme in ("co-funded", "paid") else None
