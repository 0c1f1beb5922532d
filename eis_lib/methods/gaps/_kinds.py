"""The second family of gaps: kinds of support that are missing, and services that ended and were not replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods.gaps._searches import FOUND, NONE_FOUND
from eis_lib.pack.frames import column_or_missing

MISSING, ENDED, BEYOND, THERE, UNTOLD = (
    "missing",
    "ended without successor",
    "only from a layer",
    "there",
    "cannot be told",
)
KIND_STATES: tuple[str, ...] = (MISSING, ENDED, BEYOND, THERE, UNTOLD)
"""How a kind of support stands in a region: nothing runs and nothing was found; the last of it ended and nothing took its
place; only Europe or the country offers it; a service of the region runs; nobody can tell."""


def kinds_missing(
    services: pd.DataFrame, listed: pd.DataFrame, year: int, searched: Mapping[str, str], kinds: Sequence[str]
) -> pd.DataFrame:
    """Return how each kind of support stands in a year.

    Parameters
    ----------
    services
        Those that count in the year.
    listed
        All of the region, in whatever year.
    year : int
    searched
        Of :func:`kinds_searched`.
    kinds
        Support types, in order.

    Returns
    -------
    DataFrame
        One row per ``support_type``: ``state`` (of :data:`KIND_STATES`), ``searched``, ``own`` and ``layer`` (services that
        run), ``doubtful`` (services that are not shown to run), ``ended_ids`` (tuple: services of the kind that have ended,
        the last first), ``last_year`` (Int64: of the last to end).
    """
    rows = []
    uncoded = int(services["support_type"].isna().sum())  # each could be of any kind
    for kind in kinds:
        now = services[services["support_type"] == kind]
        doubtful = column_or_missing(now, "status").eq("doubtful")
        is_layer = ~column_or_missing(now, "layer").fillna("").eq("")
        own, layer = int((~doubtful & ~is_layer).sum()), int((~doubtful & is_layer).sum())
        ended = _ended(listed[listed["support_type"] == kind], year)
        state = _state(own, layer, int(doubtful.sum()) + uncoded, len(ended), searched.get(kind, ""))
        last = ended["end_year"].max() if len(ended) else pd.NA
        rows.append(
            (
                kind,
                state,
                searched.get(kind, ""),
                own,
                layer,
                int(doubtful.sum()),
                tuple(ended["service_id"]),
                last,
            )
        )
    columns = ["support_type", "state", "searched", "own", "layer", "doubtful", "ended_ids", "last_year"]
    return pd.DataFrame(rows, columns=columns).astype({"last_year": "Int64"})


def _ended(services: pd.DataFrame, year: int) -> pd.DataFrame:
    end = pd.to_numeric(services["end_year"], errors="coerce").astype("Int64")
    found = services[(end < year).fillna(value=False).astype(bool)]
    return found.sort_values(["end_year", "service_id"], ascending=[False, True])


def _state(own: int, layer: int, doubtful: int, ended: int, searched: str) -> str:
    if own:
        return THERE
    if layer:
        return BEYOND
    # something that may run, or that a search found and nobody entered, is no absence
    if doubtful or searched not in {NONE_FOUND, FOUND}:
        return UNTOLD
    if ended:
        return ENDED
    return MISSING if searched == NONE_FOUND else UNTOLD


def ended_without_successor(
    listed: pd.DataFrame, services: pd.DataFrame, year: int, *, within: int = 6
) -> pd.DataFrame:
    """Return the services that ended in the last years and whose work nobody took up.

    A service was taken up if a later one ``succeeds`` it, or one that runs is of the same kind, at a stage in common and for
    firms in common (sizes and sectors), as far as that is on record: what is not may have been taken up.

    Parameters
    ----------
    listed, services, year
        As for :func:`kinds_missing`.
    within
        How many years back (project convention: longer ago nobody remembers the door).

    Returns
    -------
    DataFrame
        The rows of ``listed`` in question, the last to end first.
    """
    ended = _ended(listed, year)
    ended = ended[ended["end_year"] >= year - within]
    succeeded = set(column_or_missing(listed, "succeeds").dropna())
    running = services[~column_or_missing(services, "status").eq("doubtful")].to_dict("records")
    left_behind = [
        row["service_id"] not in succeeded and not any(_takes_over(other, row) for other in running)
        for row in ended.to_dict("records")
    ]
    return ended[np.array(left_behind, dtype=bool)].reset_index(drop=True)


def _takes_over(other: Mapping[Any, Any], gone: Mapping[Any, Any]) -> bool:
    kinds = {kind for kind in (other["support_type"], gone["support_type"]) if not landscape.is_missing(kind)}
    if len(kinds) == 2:
        return False
    return all(_meet(other[facet], gone[facet]) for facet in ("journey_stages", "sme_size", "sectors"))


def _meet(one: object, two: object) -> bool:
    a, b = set(landscape.list_items(one)), set(landscape.list_items(two))
    return not a or not b or bool(a & b) or landscape.CLASS_WIDE in a | b
