"""How scattered each need area is over services, providers and levels."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods.overlap._pairs import DUPLICATION, OVERLAP, TO_DISCUSS
from eis_lib.pack.frames import column_or_missing


def fragmentation(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    candidates: pd.DataFrame,
    barriers: Sequence[str] = (),
    governance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how scattered each need area is; fragmentation is a property of an area and never of a pair.

    Parameters
    ----------
    services
        With the facets of :func:`eis_lib.methods.landscape.add_facets`; those of one year.
    candidates
        As :func:`find_pairs` returns them; those count that two bodies can discuss.
    governance
        The pack's table, or nothing where the region has none.

    Returns
    -------
    DataFrame
        One row per ``need_area``: the columns of :func:`eis_lib.methods.landscape.concentration` (shares are shares of the number
        of services), ``fragmented`` (bool: two or more providers), ``duplications``, ``overlaps`` (candidates that share the
        need), ``coordinators`` (tuple of providers with the role *coordinates*) and ``coordination`` (``named``,
        ``none named`` or ``not recorded``: nobody is on record as coordinating anything, which says nothing of this area).
    """
    frame = landscape.concentration(services, providers, barriers)
    counts = {DUPLICATION: {}, OVERLAP: {}}  # type: dict[str, dict[str, int]]
    discussed = candidates[candidates["group"] == TO_DISCUSS]
    for kind, needs in zip(discussed["pair_class"], discussed["shared_needs"], strict=True):
        for need in str(needs).split(";"):
            counts[kind][need] = counts[kind].get(need, 0) + 1
    roles: dict[str, list[str]] = {}
    recorded = governance is not None and bool((governance["role"] == "coordinates").any())
    if governance is not None:
        leading = governance[governance["role"] == "coordinates"]
        for area, provider in zip(
            column_or_missing(leading, "need_area"), leading["provider_id"], strict=True
        ):
            if not landscape.is_missing(area):
                roles.setdefault(str(area), []).append(str(provider))
    coordinators = [tuple(dict.fromkeys(roles.get(str(area), ()))) for area in frame["need_area"]]
    return frame.assign(
        fragmented=frame["providers"] >= 2,
        duplications=[counts[DUPLICATION].get(str(area), 0) for area in frame["need_area"]],
        overlaps=[counts[OVERLAP].get(str(area), 0) for area in frame["need_area"]],
        coordinators=pd.Series(coordinators, index=frame.index, dtype="object"),
        coordination=[
            "named" if who else "none named" if recorded else "not recorded" for who in coordinators
        ],
    )
