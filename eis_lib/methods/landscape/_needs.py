"""Which needs services answer, and over how many providers and levels they are spread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from eis_lib.methods.landscape._cells import UNKNOWN, is_missing, list_items
from eis_lib.methods.landscape._coverage import facet_counts
from eis_lib.methods.landscape._services import providers_of
from eis_lib.pack.frames import column_or_missing


def herfindahl(amounts: Iterable[float | None]) -> float:
    """Return the Herfindahl–Hirschman index Σs² of the shares of some amounts (0–1).

    1 means one holder, 1/n means n equal ones. NaN where there is nothing to share, and where an amount is missing: the
    shares of the others are then not known either. Times 10,000 it is the index on points of merger guidelines.

    Raises
    ------
    ValueError
        If an amount is negative.

    Examples
    --------
    >>> herfindahl([2, 1, 1]), herfindahl([2, None])
    (0.375, nan)
    """
    values = [math.nan if is_missing(a) else float(a) for a in amounts]  # type: ignore[arg-type]
    if any(v < 0 for v in values):
        raise ValueError("an amount to share out can not be negative")
    total = math.fsum(values)
    return math.fsum((v / total) ** 2 for v in values) if total > 0 else math.nan


def untold_needs(
    services: pd.DataFrame, barriers: Sequence[str], support_type_barriers: pd.DataFrame
) -> frozenset[str]:
    """Return the needs of which an empty place says nothing, because our coding can not reach them.

    No kind of support is taken to answer such a need, so only services that name their needs could show up under it; and at
    least one service names none. Parameters are those of :func:`need_status`.
    """
    if (services["need_area_from"] == "own").all():
        return frozenset()
    return frozenset(barriers) - set(support_type_barriers["barrier"])


def need_status(
    services: pd.DataFrame, barriers: Sequence[str], support_type_barriers: pd.DataFrame
) -> dict[str, str]:
    """Return, per need area, whether services answer it (``covered``), none does (``none``), or that can not be told.

    A need that no kind of support is taken to answer can only be found where services name the barriers they lower; as long
    as some do not, its emptiness is ``unknown``: an artefact of the coding, not a finding.
    """
    held = {code for codes in services["need_area"] for code in list_items(codes)}
    untold = untold_needs(services, barriers, support_type_barriers)
    return {
        barrier: "covered" if barrier in held else UNKNOWN if barrier in untold else "none"
        for barrier in barriers
    }


_CONCENTRATION = (
    "need_area", "services", "from_own_coding", "providers", "levels", "level_codes", "hhi", "effective_providers",
    "largest_provider", "largest_share", "capacity_known", "hhi_capacity", "service_ids",
)  # fmt: skip


def concentration(
    services: pd.DataFrame, providers: pd.DataFrame, barriers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return, per need area, over how many providers and levels of government its services are spread.

    The share is each provider's number of services in the area; a joint service is split evenly over those who give it.
    ``hhi_capacity`` uses the services' yearly capacity instead and is missing unless every one of them states it.

    Parameters
    ----------
    services
        With the facets of :func:`add_facets`.
    providers
        ``provider_id``, ``level``.
    barriers
        Need areas to show even where nothing is there, in order.

    Returns
    -------
    DataFrame
        One row per ``need_area``: ``services``, ``from_own_coding`` (services that name the barrier themselves),
        ``providers``, ``levels`` (number), ``level_codes`` (tuple), ``hhi``, ``effective_providers`` (1/HHI),
        ``largest_provider``, ``largest_share`` (0–1), ``capacity_known`` (services), ``hhi_capacity``,
        ``service_ids`` (tuple). Method: HHI with the share stated, as in merger analysis; the level count is ours.
    """
    level = dict(zip(providers["provider_id"], providers["level"], strict=True))
    givers = providers_of(services).groupby("service_id", sort=False)["provider_id"].agg(tuple).to_dict()
    own = set(services.loc[services["need_area_from"] == "own", "service_id"])
    capacity = pd.to_numeric(column_or_missing(services, "capacity_per_year"), errors="coerce")
    capacity_of = dict(zip(services["service_id"], capacity, strict=True))
    rows = []
    for row in facet_counts(services, "need_area", barriers).itertuples():
        ids: tuple[str, ...] = row.service_ids  # type: ignore[assignment]
        share, places = _spread(ids, givers, capacity_of)
        levels = tuple(sorted({str(level[p]) for p in share if p in level and not is_missing(level[p])}))
        hhi = herfindahl(share.values())
        largest = min(share, key=lambda p: (-share[p], p)) if share else None
        known = sum(not math.isnan(capacity_of[i]) for i in ids)
        rows.append(
            {
                "need_area": row.code,
                "services": len(ids),
                "from_own_coding": sum(i in own for i in ids),
                "providers": len(share),
                "levels": len(levels),
                "level_codes": levels,
                "hhi": hhi,
                "effective_providers": 1 / hhi,
                "largest_provider": largest,
                "largest_share": share[largest] / len(ids) if largest else math.nan,
                "capacity_known": known,
                "hhi_capacity": herfindahl(places.values()) if ids and known == len(ids) else math.nan,
                "service_ids": ids,
            }
        )
    return pd.DataFrame(rows, columns=list(_CONCENTRATION))  # columns, too, where there is no service


def _spread(
    ids: Sequence[str], givers: Mapping[Any, Sequence[str]], capacity_of: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return provider → its services, and → their capacity, a joint service split evenly."""
    share: dict[str, float] = {}
    places: dict[str, float] = {}
    for service in ids:
        for provider in givers[service]:
            part = 1 / len(givers[service])
            share[provider] = share.get(provider, 0.0) + part
            places[provider] = places.get(provider, 0.0) + part * capacity_of[service]
    return share, places
