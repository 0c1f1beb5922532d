"""How many services stand behind each code of a facet and in each cell of two, and in several years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from eis_lib.methods.landscape._cells import UNKNOWN, _codes
from eis_lib.methods.landscape._services import CLASS_WIDE, _members, _without_umbrellas, umbrellas
from eis_lib.methods.landscape._years import DATED, DATINGS, in_force


def compare_years(
    services: pd.DataFrame, facet: str, years: Sequence[int], codes: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the landscape of several years side by side on one facet.

    Returns
    -------
    DataFrame
        One row per (``code``, ``year``, ``dating``), in the order of ``codes`` and years: ``services`` (number of
        distinct services, umbrella rows left out as in :func:`count_services`) and ``service_ids`` (tuple).
    """
    rows = []
    for year in years:
        current = in_force(services, year)
        counted = facet_counts(current, facet, codes)
        dating = dict(zip(current["service_id"], current["dating"], strict=True))
        for code, ids in zip(counted["code"], counted["service_ids"], strict=True):
            for kind in DATINGS:
                kept = tuple(i for i in ids if dating[i] == kind)
                rows.append((code, year, kind, len(kept), kept))
    frame = pd.DataFrame(rows, columns=["code", "year", "dating", "services", "service_ids"])
    order = {code: n for n, code in enumerate(dict.fromkeys([*codes, *frame["code"]]))}
    return frame.sort_values(
        ["code", "year", "dating"], key=lambda c: c.map(order) if c.name == "code" else c
    ).reset_index(drop=True)


def facet_counts(services: pd.DataFrame, facet: str, codes: Sequence[str] = ()) -> pd.DataFrame:
    """Return how many services and providers stand behind each code of one facet.

    Returns
    -------
    DataFrame
        One row per ``code``, in the order of ``codes``: ``services``, ``providers``, ``service_ids`` (tuple, sorted).
        A service with several codes counts under each; ``unknown`` holds those whose facet is not recorded.
    """
    members = _members(services, facet)
    above = umbrellas(services)
    lead = dict(zip(services["service_id"].tolist(), services["provider_id"].tolist(), strict=True))
    rows = []
    for code in _codes(members[facet], codes):
        ids = _without_umbrellas(sorted(members.loc[members[facet] == code, "service_id"].tolist()), above)
        rows.append((code, len(ids), len({lead[i] for i in ids}), ids))
    return pd.DataFrame(rows, columns=["code", "services", "providers", "service_ids"])


def coverage(
    services: pd.DataFrame,
    facet_a: str,
    facet_b: str,
    *,
    codes_a: Sequence[str] = (),
    codes_b: Sequence[str] = (),
) -> pd.DataFrame:
    """Return how many services stand in each cell of two facets, and which.

    Parameters
    ----------
    services
        One row per service, with both facets (see :func:`add_facets`) and, where :func:`in_force` ran, ``dating``.
    facet_a, facet_b
        Two different names of :data:`FACETS`.
    codes_a, codes_b
        The codes to show even where nothing is there, in order; codes that occur but are not named come after them.

    Returns
    -------
    DataFrame
        One row per (``code_a``, ``code_b``), in order. ``services`` and ``providers`` (counts), ``dated`` (services with
        both years recorded), ``service_ids`` (tuple, sorted; its length is ``services``), ``possible`` (services that
        may belong here, because a facet of theirs is not recorded), ``open_to_all`` (services for every sector, where
        the cell is one sector) and ``status``: ``covered``, ``general`` (nothing of its own, but services for every
        sector), ``unknown`` (nothing recorded, but ``possible`` is not zero), ``none``.

    Raises
    ------
    ValueError
        If both facets are the same.
    """
    if facet_a == facet_b:
        raise ValueError(f"coverage needs two different facets, not {facet_a!r} twice")
    members = _members(services, facet_a, facet_b)
    above = umbrellas(services)
    lead = dict(zip(services["service_id"].tolist(), services["provider_id"].tolist(), strict=True))
    dated = (
        set(services.loc[services["dating"] == DATED, "service_id"]) if "dating" in services else set[str]()
    )
    listed = {
        cell: _without_umbrellas(sorted(group.tolist()), above)
        for cell, group in members.groupby([facet_a, facet_b], sort=False)["service_id"]
    }
    rows_of, columns_of = _codes(members[facet_a], codes_a), _codes(members[facet_b], codes_b)
    rows = []
    for a in rows_of:
        for b in columns_of:
            ids = listed.get((a, b), ())
            possible, wide = _beside(listed, (a, b), (facet_a, facet_b))
            status = "covered" if ids else "general" if wide else UNKNOWN if possible else "none"
            counts = (len(ids), len({lead[i] for i in ids}), sum(i in dated for i in ids))
            rows.append((a, b, *counts, possible, wide, status, ids))
    columns = [
        "code_a", "code_b", "services", "providers", "dated", "possible", "open_to_all", "status", "service_ids",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _beside(
    listed: Mapping[Any, Sequence[str]], cell: tuple[str, str], facets: tuple[str, str]
) -> tuple[int, int]:
    """Return how many services may belong to a cell, and how many are open to every sector."""
    if UNKNOWN in cell:
        return 0, 0
    a, b = cell
    maybe = {i for other in ((a, UNKNOWN), (UNKNOWN, b), (UNKNOWN, UNKNOWN)) for i in listed.get(other, ())}
    to_all = (CLASS_WIDE if facets[0] == "sectors" else a, CLASS_WIDE if facets[1] == "sectors" else b)
    return len(maybe), len(set(listed.get(to_all, ()))) if to_all != cell else 0
