"""What was looked for: nothing is absent that nobody looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from eis_lib.pack.frames import column_or_missing

FOUND, NONE_FOUND, UNCLEAR, NOT_SEARCHED = "found", "nothing-found", "unclear", "not-searched"
SEARCH_STATES: tuple[str, ...] = (FOUND, NONE_FOUND, UNCLEAR, NOT_SEARCHED)
"""What became of the search for a kind of support, or for a need; only an empty place that was searched is a gap."""

_BY_KIND = "A"  # the question of the protocol that is asked of every kind of support


def kinds_searched(searches: pd.DataFrame | None, support_types: Sequence[str]) -> dict[str, str]:
    """Return support type → what became of the search for it.

    ``found`` as soon as one search found something, else ``unclear`` if one was, else ``nothing-found``; ``not-searched``
    where nobody looked, or the row has no outcome yet. The region's own searches count; those of a layer only where the region
    made none.

    Parameters
    ----------
    searches
        The pack's table; None where there is none.
    support_types
        Codes to speak of.
    """
    if searches is None:
        return dict.fromkeys(support_types, NOT_SEARCHED)
    asked = searches[searches["topic"].eq(_BY_KIND) & searches["outcome"].notna()]
    is_own = column_or_missing(asked, "layer").fillna("").eq("")
    own, lent = (
        part.groupby("support_type")["outcome"].agg(set).to_dict() for part in (asked[is_own], asked[~is_own])
    )
    found = {}
    for kind in support_types:
        came = own.get(kind) or lent.get(kind, set())
        found[kind] = next((state for state in (FOUND, UNCLEAR, NONE_FOUND) if state in came), NOT_SEARCHED)
    return found


def needs_searched(
    kinds: Mapping[str, str], needs: Sequence[str], support_type_barriers: pd.DataFrame
) -> dict[str, str]:
    """Return need → whether an empty place of it was looked for: the weakest search of the kinds that could answer it.

    ``not-searched`` where one of these kinds was not searched, or no kind is taken to answer the need; ``unclear`` where the
    search for one of them was; else ``nothing-found``: whatever was found is in the inventory, and does not answer it.
    """
    answering: dict[str, list[str]] = {}
    for kind, need in zip(
        support_type_barriers["support_type"], support_type_barriers["barrier"], strict=True
    ):
        answering.setdefault(str(need), []).append(kinds.get(str(kind), NOT_SEARCHED))
    found = {}
    for need in needs:
        states = answering.get(need) or [NOT_SEARCHED]
        found[need] = next((state for state in (NOT_SEARCHED, UNCLEAR) if state in states), NONE_FOUND)
    return found
