"""The services meant for firms of the region: counted, without umbrellas, with their facets and providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from eis_lib.methods.landscape._cells import UNKNOWN, is_missing, list_items
from eis_lib.pack.facets import FACETS
from eis_lib.pack.frames import column_or_missing

CLASS_WIDE = "all"
"""The sector code of a service that is open to every sector."""


def reaches_smes(services: pd.DataFrame) -> pd.DataFrame:
    """Return the services meant for firms of the region: ``audience`` is ``resident-sme`` or not recorded.

    Services for incoming investors or for other support bodies belong to the landscape but reach no resident firm.
    """
    audience = column_or_missing(services, "audience")
    keep = audience.isna() | (audience == "resident-sme")
    return services.loc[keep.astype(bool)].reset_index(drop=True)


def umbrellas(services: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Return, per service, the schemes it is a part of, directly or further up.

    Follows ``part_of``; a loop ends where it meets itself. Read it off the whole table before filtering: a scheme that is
    not in force still ties its parts together.
    """
    parent = {
        service: str(above)
        for service, above in zip(
            services["service_id"].tolist(), column_or_missing(services, "part_of").tolist(), strict=True
        )
        if not is_missing(above)
    }
    if not parent:
        return dict.fromkeys(services["service_id"].tolist(), frozenset())
    found = {}
    for service in services["service_id"].tolist():
        above: dict[str, None] = {}
        step = parent.get(service)
        while step is not None and step not in above and step != service:
            above[step] = None
            step = parent.get(step)
        found[service] = frozenset(above)
    return found


def _without_umbrellas(ids: Iterable[str], above: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the ids that are not the umbrella of another one listed with them.

    What reaches a firm is the service, not the name printed over it: a scheme whose parts are listed beside it would count
    twice, and putting five services under one name would look like a change.
    """
    listed = list(dict.fromkeys(ids))
    over = frozenset().union(*(above.get(i, frozenset()) for i in listed))
    return tuple(i for i in listed if i not in over)


def count_services(services: pd.DataFrame) -> dict[str, int]:
    """Return how many rows, services and brand names a table of services holds.

    Returns
    -------
    dict
        ``rows``; ``services`` (rows but for umbrella schemes whose parts are listed too: what reaches a firm is
        counted, so relabelling shows as no change); ``names`` (the brands, or top schemes, a firm meets).
    """
    above = umbrellas(services)
    brand = column_or_missing(services, "brand")
    names = set()
    for service, label in zip(services["service_id"], brand, strict=True):
        top = [scheme for scheme in above[service] if not above.get(scheme)]
        names.add(f"brand:{label}" if not is_missing(label) else (top[0] if top else service))
    return {
        "rows": len(services),
        "services": len(_without_umbrellas(services["service_id"], above)),
        "names": len(names),
    }


def providers_of(services: pd.DataFrame) -> pd.DataFrame:
    """Return who gives each service: one row per (``service_id``, ``provider_id``) with ``is_lead`` (bool)."""
    rows = []
    for service, lead, others in zip(
        services["service_id"],
        services["provider_id"],
        column_or_missing(services, "co_providers"),
        strict=True,
    ):
        rows.append((service, lead, True))
        rows.extend((service, other, False) for other in list_items(others) if other != lead)
    return pd.DataFrame(rows, columns=["service_id", "provider_id", "is_lead"])


def add_facets(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    support_type_barriers: pd.DataFrame,
    codings: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the services with what their providers and support types add to them.

    Adds ``provider_level`` and ``provider_kind`` (tuples: lead and co-providers), ``need_area`` (tuple of barriers: the
    service's own ``barriers_addressed``, else those its support type answers) and ``need_area_from`` (``own``,
    ``derived`` or ``unknown``). A service that was read, and found to lower no need that is coded, has ``own`` and none.

    Parameters
    ----------
    services, providers, support_type_barriers
        The pack's tables and the common coding ``support_type, barrier, …`` (one row per pair).
    codings
        The pack's table of what coders read; None where there is none.
    """
    read_by_somebody = set() if codings is None else set(codings["service_id"])
    level = dict(zip(providers["provider_id"], providers["level"], strict=True))
    kind = dict(zip(providers["provider_id"], providers["kind"], strict=True))
    derived = _needs_of_kinds(support_type_barriers)
    own = [list_items(value) for value in column_or_missing(services, "barriers_addressed")]
    coded = [
        tuple(dict.fromkeys(derived.get(t, ()))) if isinstance(t, str) else ()
        for t in services["support_type"]
    ]
    givers = [
        (lead, *(other for other in list_items(others) if other != lead))
        for lead, others in zip(
            services["provider_id"], column_or_missing(services, "co_providers"), strict=True
        )
    ]

    was_read = [key in read_by_somebody for key in services["service_id"]]

    def read(table: Mapping[str, object], ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(table[i]) for i in ids if i in table and not is_missing(table[i])))

    return services.assign(
        provider_level=pd.Series([read(level, ids) for ids in givers], index=services.index, dtype="object"),
        provider_kind=pd.Series([read(kind, ids) for ids in givers], index=services.index, dtype="object"),
        need_area=pd.Series(
            [
                mine or (() if known else theirs)
                for mine, known, theirs in zip(own, was_read, coded, strict=True)
            ],
            index=services.index,
            dtype="object",
        ),
        need_area_from=[
            "own" if mine or known else "derived" if theirs else UNKNOWN
            for mine, known, theirs in zip(own, was_read, coded, strict=True)
        ],
    )


def _needs_of_kinds(support_type_barriers: pd.DataFrame) -> dict[str, list[str]]:
    """Return support type → barriers that it can lower."""
    found: dict[str, list[str]] = {}
    for kind, barrier in zip(
        support_type_barriers["support_type"], support_type_barriers["barrier"], strict=True
    ):
        found.setdefault(str(kind), []).append(str(barrier))
    return found


def _members(services: pd.DataFrame, *facets: str) -> pd.DataFrame:
    """Return one row per service and combination of its codes; a facet that is not recorded reads ``unknown``."""
    frame = pd.DataFrame({"service_id": services["service_id"], "provider_id": services["provider_id"]})
    for facet in facets:
        if facet not in services:
            raise KeyError(f"the services have no facet {facet!r}; known: {', '.join(FACETS)}")
        frame[facet] = pd.Series(
            [list_items(value) or (UNKNOWN,) for value in services[facet].tolist()],
            index=services.index,
            dtype="object",
        )
    for facet in facets:
        frame = frame.explode(facet)
    return frame.reset_index(drop=True)
