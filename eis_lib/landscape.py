"""The support landscape described: what is in force, who covers what, how concentrated and how well recorded it is.

Pure functions of frames. List columns hold tuples of codes, an empty tuple (or a missing value) says *not recorded*;
years are ``Int64``. Two words are kept apart everywhere: ``none`` (the records say that nothing is there) and ``unknown``
(the records do not say).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import pandas as pd
from scipy.special import ndtri

UNKNOWN = "unknown"
"""Code of the row or column that holds the services whose facet is not recorded."""

DATED = "dated"
"""Both years are recorded, so being in force in a year is a statement of the source."""

OPEN_END = "no end recorded"
"""It had begun by then, but no last year is recorded: open-ended, or ended unnoticed."""

NO_START = "no start recorded"
"""Not even its first year is recorded: that it counts is an assumption."""

DATINGS = (DATED, OPEN_END, NO_START)
"""How well it is known that a service is in force, surest first."""

CLASS_WIDE = "all"
"""The sector code of a service that is open to every sector."""

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


# ------------------------------------------------------------------------------------------------ small helpers


def is_missing(value: object) -> bool:
    """Return whether a cell holds nothing: an empty tuple, NaN, None or empty text.

    Examples
    --------
    >>> is_missing(()), is_missing(float("nan")), is_missing("x"), is_missing(0)
    (True, True, False, False)
    """
    if isinstance(value, (tuple, list, set, frozenset)):
        return not value
    if isinstance(value, str):
        return not value.strip()
    return bool(pd.isna(value))  # type: ignore[call-overload]


def list_items(value: object) -> tuple[str, ...]:
    """Return what a list cell holds, each once: a tuple, list or set, text joined with ``;``, one code, or nothing.

    Examples
    --------
    >>> list_items("finance; awareness"), list_items(("finance",)), list_items(float("nan"))
    (('finance', 'awareness'), ('finance',), ())
    """
    if isinstance(value, (tuple, list)):
        if len(value) == 1:  # the most usual cell by far
            return (str(value[0]),)
        items = [str(item) for item in value]
    elif isinstance(value, (set, frozenset)):
        items = sorted(map(str, value))  # a set has no order of its own
    elif is_missing(value):
        return ()
    else:
        items = [item.strip() for item in str(value).split(";") if item.strip()]
    return tuple(dict.fromkeys(items))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or one that is missing throughout where the frame lacks it (an optional column)."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="object", name=name)


def _filled(frame: pd.DataFrame, name: str) -> int:
    return sum(not is_missing(cell) for cell in _column(frame, name))


def _years(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(_column(frame, name), errors="coerce").astype("Int64")


# ------------------------------------------------------------------------------------------------ time


def in_force(services: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the services that count in a year, with how well that is known.

    A service counts if it started by then (or its start is not recorded) and had not ended before (or its end is not
    recorded). A missing year never takes a service out, and never makes it certain.

    Returns
    -------
    DataFrame
        The rows of ``services`` in their order, and ``dating``: ``dated`` (both years recorded),
        ``no end recorded`` or ``no start recorded``.
    """
    start, end = _years(services, "start_year"), _years(services, "end_year")
    counts = (start.isna() | (start <= year).fillna(value=False)) & (
        end.isna() | (end >= year).fillna(value=False)
    )
    dating = pd.Series(DATED, index=services.index).mask(end.isna(), OPEN_END).mask(start.isna(), NO_START)
    found = services.assign(dating=dating)
    return found.loc[counts.astype(bool)].reset_index(drop=True)


def turnover(services: pd.DataFrame, year_from: int, year_to: int) -> pd.DataFrame:
    """Return what became of each service between two years.

    Returns
    -------
    DataFrame
        One row per ``service_id`` that counts in either year, in the order of ``services``: ``change`` (``stayed``,
        ``closed``, ``replaced``, ``opened`` or ``successor``), ``rests_on_missing_year`` (bool; only a service that
        stayed can rest on one: it counts in both years because a year is missing). ``replaced`` and ``successor`` are a closed and
        an opened service that ``succeeds`` ties together: a change of name is not a new service.
    """
    if year_to < year_from:
        raise ValueError(f"the later year {year_to} lies before {year_from}")
    before, after = in_force(services, year_from), in_force(services, year_to)
    ids_before, ids_after = set(before["service_id"]), set(after["service_id"])
    predecessor = {
        service: str(earlier)
        for service, earlier in zip(services["service_id"], _column(services, "succeeds"), strict=True)
        if not is_missing(earlier)
    }
    succeeded = {earlier for service, earlier in predecessor.items() if service in ids_after}
    dating = dict(zip(after["service_id"], after["dating"], strict=True))
    rows = []
    for service in services["service_id"]:
        if service in ids_before and service in ids_after:
            change = "stayed"
        elif service in ids_before:
            change = "replaced" if service in succeeded else "closed"
        elif service in ids_after:
            change = "successor" if predecessor.get(service) in ids_before else "opened"
        else:
            continue
        rows.append((service, change, change == "stayed" and dating[service] != DATED))
    return pd.DataFrame(rows, columns=["service_id", "change", "rests_on_missing_year"])


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


# ------------------------------------------------------------------------------------------------ unit of analysis


def reaches_smes(services: pd.DataFrame) -> pd.DataFrame:
    """Return the services meant for firms of the region: ``audience`` is ``resident-sme`` or not recorded.

    Services for incoming investors or for other support bodies belong to the landscape but reach no resident firm.
    """
    audience = _column(services, "audience")
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
            services["service_id"].tolist(), _column(services, "part_of").tolist(), strict=True
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
    brand = _column(services, "brand")
    names = set()
    for service, label in zip(services["service_id"], brand, strict=True):
        top = [scheme for scheme in above[service] if not above.get(scheme)]
        names.add(f"brand:{label}" if not is_missing(label) else (top[0] if top else service))
    return {
        "rows": len(services),
        "services": len(_without_umbrellas(services["service_id"], above)),
        "names": len(names),
    }


# ------------------------------------------------------------------------------------------------ facets


def providers_of(services: pd.DataFrame) -> pd.DataFrame:
    """Return who gives each service: one row per (``service_id``, ``provider_id``) with ``is_lead`` (bool)."""
    rows = []
    for service, lead, others in zip(
        services["service_id"], services["provider_id"], _column(services, "co_providers"), strict=True
    ):
        rows.append((service, lead, True))
        rows.extend((service, other, False) for other in list_items(others) if other != lead)
    return pd.DataFrame(rows, columns=["service_id", "provider_id", "is_lead"])


def add_facets(
    services: pd.DataFrame, providers: pd.DataFrame, support_type_barriers: pd.DataFrame
) -> pd.DataFrame:
    """Return the services with what their providers and support types add to them.

    Adds ``provider_level`` and ``provider_kind`` (tuples: lead and co-providers), ``need_area`` (tuple of barriers: the
    service's own ``barriers_addressed``, else those its support type answers) and ``need_area_from`` (``own``,
    ``derived`` or ``unknown``).

    Parameters
    ----------
    services, providers, support_type_barriers
        The pack's tables and the common coding ``support_type, barrier, …`` (one row per pair).
    """
    level = dict(zip(providers["provider_id"], providers["level"], strict=True))
    kind = dict(zip(providers["provider_id"], providers["kind"], strict=True))
    derived: dict[str, list[str]] = {}
    for support_type, barrier in zip(
        support_type_barriers["support_type"], support_type_barriers["barrier"], strict=True
    ):
        derived.setdefault(str(support_type), []).append(str(barrier))

    own = [list_items(value) for value in _column(services, "barriers_addressed")]
    coded = [
        tuple(dict.fromkeys(derived.get(t, ()))) if isinstance(t, str) else ()
        for t in services["support_type"]
    ]
    givers = [
        (lead, *(other for other in list_items(others) if other != lead))
        for lead, others in zip(services["provider_id"], _column(services, "co_providers"), strict=True)
    ]

    def read(table: Mapping[str, object], ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(table[i]) for i in ids if i in table and not is_missing(table[i])))

    return services.assign(
        provider_level=pd.Series([read(level, ids) for ids in givers], index=services.index, dtype="object"),
        provider_kind=pd.Series([read(kind, ids) for ids in givers], index=services.index, dtype="object"),
        need_area=pd.Series(
            [mine or theirs for mine, theirs in zip(own, coded, strict=True)],
            index=services.index,
            dtype="object",
        ),
        need_area_from=[
            "own" if mine else "derived" if theirs else UNKNOWN
            for mine, theirs in zip(own, coded, strict=True)
        ],
    )


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


def _codes(seen: pd.Series, codes: Sequence[str]) -> list[str]:
    """Return the codes in their own order, then any other that occurs, and ``unknown`` last where it occurs."""
    occurring = set(seen.unique())
    extra = sorted(occurring - set(codes) - {UNKNOWN})
    return [*codes, *extra, *([UNKNOWN] if UNKNOWN in occurring else [])]


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

    def at(*cells: tuple[str, str]) -> int:
        return len({i for cell in cells for i in listed.get(cell, ())})

    rows = []
    for a in rows_of:
        for b in columns_of:
            ids = listed.get((a, b), ())
            known = UNKNOWN not in (a, b)
            possible = at((a, UNKNOWN), (UNKNOWN, b), (UNKNOWN, UNKNOWN)) if known else 0
            wide_a = CLASS_WIDE if facet_a == "sectors" else a
            wide_b = CLASS_WIDE if facet_b == "sectors" else b
            wide = at((wide_a, wide_b)) if known and (wide_a, wide_b) != (a, b) else 0
            status = "covered" if ids else "general" if wide else UNKNOWN if possible else "none"
            rows.append(
                {
                    "code_a": a,
                    "code_b": b,
                    "services": len(ids),
                    "providers": len({lead[i] for i in ids}),
                    "dated": sum(i in dated for i in ids),
                    "possible": possible,
                    "open_to_all": wide,
                    "status": status,
                    "service_ids": ids,
                }
            )
    return pd.DataFrame(
        rows,
        columns=[
            "code_a",
            "code_b",
            "services",
            "providers",
            "dated",
            "possible",
            "open_to_all",
            "status",
            "service_ids",
        ],
    )


# ------------------------------------------------------------------------------------------------ need areas


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


def effective_number(amounts: Iterable[float | None]) -> float:
    """Return how many equal holders would be as concentrated as these: 1 / HHI (Laakso and Taagepera 1979).

    Examples
    --------
    >>> effective_number([1, 1, 1, 1])
    4.0
    """
    return 1 / herfindahl(amounts)


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
    capacity = pd.to_numeric(_column(services, "capacity_per_year"), errors="coerce")
    capacity_of = dict(zip(services["service_id"], capacity, strict=True))
    rows = []
    for row in facet_counts(services, "need_area", barriers).itertuples():
        ids: tuple[str, ...] = row.service_ids  # type: ignore[assignment]
        share: dict[str, float] = {}
        places: dict[str, float] = {}
        for service in ids:
            for provider in givers[service]:
                part = 1 / len(givers[service])
                share[provider] = share.get(provider, 0.0) + part
                places[provider] = places.get(provider, 0.0) + part * capacity_of[service]
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


# ------------------------------------------------------------------------------------------------ providers


_ROLES = (
    "provider_id",
    "name",
    "level",
    "kind",
    "services",
    "joint_services",
    "stages",
    "support_types",
    "modes",
    "need_areas",
    "stage_codes",
    "support_type_codes",
    "is_entry_point",
    "is_entry_at_a_price",
    "is_hub",
    "is_specialist",
    "role",
    "service_ids",
)


def provider_roles(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    *,
    entry_stages: Sequence[str] = ("aware", "assess"),
    hub_stages: int = 4,
    hub_support_types: int = 3,
) -> pd.DataFrame:
    """Return what each provider does in the landscape.

    Roles are read off the records, a convention of this project: an **entry point** has a free service at one of the
    ``entry_stages`` that a firm without exports may use; a **hub** spans at least ``hub_stages`` stages and
    ``hub_support_types`` kinds of support; a **specialist** gives several services of one kind; a **single offer** is one
    service that is none of these, and any other provider is a **contributor**. A provider without a service in
    ``services`` has the role ``no service listed``.

    Returns
    -------
    DataFrame
        One row per provider, most services first: ``provider_id``, ``name``, ``level``, ``kind``, ``services`` (led or
        joint), ``joint_services``, ``stages``, ``support_types``, ``modes``, ``need_areas`` (numbers), ``stage_codes``,
        ``support_type_codes`` (tuples), ``is_entry_point``, ``is_entry_at_a_price`` (such a service, but not
        free), ``is_hub``, ``is_specialist`` (bool), ``role`` (words),
        ``service_ids`` (tuple).
    """
    ties = providers_of(services)
    given_by = ties.groupby("provider_id", sort=False)["service_id"].agg(tuple).to_dict()
    joint = set(ties.loc[~ties["is_lead"].astype(bool), "service_id"])
    by_id = services.set_index("service_id")

    def gather(ids: Sequence[str], column: str) -> tuple[str, ...]:
        if column not in by_id:
            return ()
        return tuple(sorted({code for i in ids for code in list_items(by_id.at[i, column])}))

    plain = ("no service listed", "single offer", "contributor")
    rows = []
    for provider in providers.itertuples():
        ids = tuple(sorted(given_by.get(provider.provider_id, ())))
        stages, kinds = gather(ids, "journey_stages"), gather(ids, "support_type")
        doors = {
            by_id.at[i, "cost_to_sme"] == "free"
            for i in ids
            if set(list_items(by_id.at[i, "journey_stages"])) & set(entry_stages)
            and "non-exporter" in list_items(by_id.at[i, "experience"])
        }
        entry = True in doors
        hub = len(stages) >= hub_stages and len(kinds) >= hub_support_types
        specialist = len(kinds) == 1 and len(ids) > 1
        words = [
            word
            for word, holds in (("entry point", entry), ("hub", hub), ("specialist", specialist))
            if holds
        ]
        rows.append(
            {
                "provider_id": provider.provider_id,
                "name": provider.name,
                "level": provider.level,
                "kind": provider.kind,
                "services": len(ids),
                "joint_services": sum(i in joint for i in ids),
                "stages": len(stages),
                "support_types": len(kinds),
                "modes": len(gather(ids, "modes")),
                "need_areas": len(gather(ids, "need_area")),
                "stage_codes": stages,
                "support_type_codes": kinds,
                "is_entry_point": entry,
                "is_entry_at_a_price": bool(doors) and not entry,
                "is_hub": hub,
                "is_specialist": specialist,
                "role": " and ".join(words) if words else plain[min(len(ids), 2)],
                "service_ids": ids,
            }
        )
    frame = pd.DataFrame(rows, columns=list(_ROLES))  # columns, too, where there is no provider
    frame = frame.astype(dict.fromkeys([c for c in _ROLES if c.startswith("is_")], "bool"))
    return frame.sort_values(
        ["services", "stages", "provider_id"], ascending=[False, False, True]
    ).reset_index(drop=True)


@dataclass(frozen=True)
class Network:
    """The provider–service network read off the records.

    ``graph`` is a directed multigraph with nodes ``("provider", id)`` and ``("service", id)`` and edges with ``kind``:
    ``provides``, ``co-provides``, ``part of``, ``requires`` and, where recorded, the kinds of referral.
    ``services`` has one row per service, ``providers`` one per provider (see :func:`network`).
    """

    graph: nx.MultiDiGraph
    services: pd.DataFrame
    providers: pd.DataFrame
    has_referrals: bool
    left_out: int


def network(
    services: pd.DataFrame, providers: pd.DataFrame, referrals: pd.DataFrame | None = None
) -> Network:
    """Return the provider–service network with its entry points, hubs and isolated services.

    Parameters
    ----------
    services, providers
        The landscape looked at.
    referrals
        ``from_service``, ``to_service``, ``kind``; None where the region records none. Referrals from or to a service that
        is not in ``services`` are left out and counted in ``left_out``.

    Returns
    -------
    Network
        ``services``: ``service_id``, ``provider_id``, ``referrals_in``, ``referrals_out``, ``warm_out``,
        ``betweenness`` (0–1, share of shortest referral paths that pass through), ``position`` (``entry``, ``hub``,
        ``through``, ``end`` or ``isolated``); without referrals all but the ids are missing: how firms are passed on is then
        unknown, not none. A hub lies on more shortest paths than any other service.
        ``providers``: ``provider_id``, ``services``, ``linked_providers`` (tied by a joint service, a part, a
        requirement or a referral), ``linked_by`` (tuple of kinds), ``group`` (number of its connected group, largest
        first), ``is_isolated``.
    """
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(("provider", p) for p in providers["provider_id"])
    graph.add_nodes_from(("service", s) for s in services["service_id"])
    known = set(services["service_id"])
    lead = dict(zip(services["service_id"].tolist(), services["provider_id"].tolist(), strict=True))
    for tie in providers_of(services).itertuples():
        graph.add_edge(
            ("provider", tie.provider_id),
            ("service", tie.service_id),
            kind="provides" if tie.is_lead else "co-provides",
        )
    for column, kind in (("part_of", "part of"), ("requires", "requires")):
        for service, others in zip(services["service_id"], _column(services, column), strict=True):
            for other in list_items(others):
                if other in known:
                    graph.add_edge(("service", service), ("service", other), kind=kind)

    handed = nx.DiGraph()
    handed.add_nodes_from(services["service_id"])
    left_out = 0
    warm: dict[str, int] = {}
    if referrals is not None:
        for referral in referrals.itertuples():
            if referral.from_service not in known or referral.to_service not in known:
                left_out += 1
                continue
            graph.add_edge(
                ("service", referral.from_service), ("service", referral.to_service), kind=str(referral.kind)
            )
            handed.add_edge(referral.from_service, referral.to_service)
            if referral.kind == "warm-handover":
                warm[str(referral.from_service)] = warm.get(str(referral.from_service), 0) + 1
    return Network(
        graph=graph,
        services=_service_positions(services, handed, warm, has_referrals=referrals is not None),
        providers=_provider_links(providers, graph, lead),
        has_referrals=referrals is not None,
        left_out=left_out,
    )


def _service_positions(
    services: pd.DataFrame, handed: nx.DiGraph, warm: Mapping[str, int], *, has_referrals: bool
) -> pd.DataFrame:
    frame = services[["service_id", "provider_id"]].reset_index(drop=True)
    if not has_referrals:
        return frame.assign(
            referrals_in=pd.array([pd.NA] * len(frame), dtype="Int64"),
            referrals_out=pd.array([pd.NA] * len(frame), dtype="Int64"),
            warm_out=pd.array([pd.NA] * len(frame), dtype="Int64"),
            betweenness=float("nan"),
            position=pd.Series([None] * len(frame), dtype="object"),
        )
    between = nx.betweenness_centrality(handed)
    top = max(between.values(), default=0.0)
    positions = []
    for service in frame["service_id"]:
        into, out = handed.in_degree(service), handed.out_degree(service)
        if into == out == 0:
            positions.append("isolated")
        elif top > 0 and between[service] == top:
            positions.append("hub")
        elif into == 0:
            positions.append("entry")
        elif out == 0:
            positions.append("end")
        else:
            positions.append("through")
    return frame.assign(
        referrals_in=pd.array([handed.in_degree(s) for s in frame["service_id"]], dtype="Int64"),
        referrals_out=pd.array([handed.out_degree(s) for s in frame["service_id"]], dtype="Int64"),
        warm_out=pd.array([warm.get(s, 0) for s in frame["service_id"]], dtype="Int64"),
        betweenness=[between[s] for s in frame["service_id"]],
        position=positions,
    )


def _provider_links(providers: pd.DataFrame, graph: nx.MultiDiGraph, lead: Mapping[str, str]) -> pd.DataFrame:
    links = nx.Graph()
    links.add_nodes_from(providers["provider_id"])
    how: dict[str, set[str]] = {p: set() for p in providers["provider_id"]}

    def tie(one: str, other: str, kind: str) -> None:
        if one != other and one in how and other in how:
            links.add_edge(one, other)
            how[one].add(kind)
            how[other].add(kind)

    for (source_kind, source), (_, target), kind in graph.edges(data="kind"):
        if source_kind == "service":
            tie(lead[source], lead[target], kind)
        elif kind == "co-provides":
            tie(lead[target], source, "joint service")
    groups = sorted(nx.connected_components(links), key=lambda g: (-len(g), min(g)))
    group_of = {p: n for n, group in enumerate(groups, start=1) for p in group}
    rows = [
        {
            "provider_id": p,
            "services": graph.out_degree(("provider", p)),
            "linked_providers": links.degree(p),
            "linked_by": tuple(sorted(how[p])),
            "group": group_of[p],
            "is_isolated": links.degree(p) == 0,
        }
        for p in providers["provider_id"]
    ]
    frame = pd.DataFrame(
        rows, columns=["provider_id", "services", "linked_providers", "linked_by", "group", "is_isolated"]
    )
    return frame.sort_values(
        ["linked_providers", "services", "provider_id"], ascending=[False, False, True]
    ).reset_index(drop=True)


# ------------------------------------------------------------------------------------------------ quality of the inventory


def completeness(
    table: pd.DataFrame,
    mandatory: Sequence[str],
    *,
    review_date: str,
    wanted: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return how complete and how well sourced a table is, as shares of its records.

    Parameters
    ----------
    table
        Any pack table with ``source_url``, ``source_title``, ``evidence``.
    mandatory
        The columns that every record must fill.
    review_date
        ISO date; a record counts as checked if ``checked_on`` lies in the twelve months before it.
    wanted
        Further columns worth knowing, with the words to show for each.

    Returns
    -------
    DataFrame
        One row per ``measure``: ``label``, ``filled``, ``out_of`` (counts), ``share`` (0–1; NaN of an empty table),
        ``recorded`` (whether anybody recorded it at all: a share of zero because nothing was entered is ignorance, not a
        finding). ``mandatory`` counts cells, everything else records.
    """
    rows: list[tuple[str, str, int, int, bool]] = []

    def add(measure: str, label: str, filled: int, out_of: int, *, recorded: bool = True) -> None:
        rows.append((measure, label, int(filled), int(out_of), recorded))

    count = len(table)
    filled = sum(_filled(table, c) for c in mandatory)
    add("mandatory", "Mandatory fields filled", filled, count * len(mandatory))
    named = zip(_column(table, "source_url"), _column(table, "source_title"), strict=True)
    add(
        "named_source",
        "With a named source",
        sum(not is_missing(u) and not is_missing(t) for u, t in named),
        count,
    )
    evidence = _column(table, "evidence")
    for grade, label in (
        ("published", "Resting on a published source"),
        ("general-knowledge", "Resting on general knowledge"),
        ("own-judgement", "Resting on own judgement"),
        ("invented", "Invented"),
    ):
        if (evidence == grade).any() or grade == "published":
            add(f"evidence_{grade}", label, int((evidence == grade).sum()), count)
    checked = pd.to_datetime(_column(table, "checked_on"), errors="coerce")
    today = pd.Timestamp(review_date)
    recent = (checked > today - pd.DateOffset(months=12)) & (checked <= today)
    add(
        "checked_12_months",
        "Checked in the last twelve months",
        int(recent.sum()),
        count,
        recorded=bool(checked.notna().any()),
    )
    if "start_year" in table and "end_year" in table:
        start, end = _years(table, "start_year").notna(), _years(table, "end_year").notna()
        add("dated", "With both years", int((start & end).sum()), count)
        add("start_year", "With a first year", int(start.sum()), count)
        add("end_year", "With a last year", int(end.sum()), count)
    for column, label in (wanted or {}).items():
        known = _filled(table, column)
        add(column, label, known, count, recorded=known > 0)
    frame = pd.DataFrame(rows, columns=["measure", "label", "filled", "out_of", "recorded"])
    return frame.assign(share=frame["filled"] / frame["out_of"].where(frame["out_of"] > 0))


@dataclass(frozen=True)
class Estimate:
    """An estimated total: ``value``, its ``variance``, and an interval from ``low`` to ``high``; ``seen`` were listed."""

    value: float
    variance: float
    low: float
    high: float
    seen: int


def chapman(first: int, second: int, both: int, *, level: float = 0.95) -> Estimate:
    """Return how many services there are, from two lists drawn up independently of one another.

    N̂ = (n₁+1)(n₂+1)/(m+1) − 1 (Chapman 1951), variance (n₁+1)(n₂+1)(n₁−m)(n₂−m)/((m+1)²(m+2)) (Seber 1970), and a
    log-normal interval on the number not seen (Chao 1987), which can not fall below the number that was listed.

    Parameters
    ----------
    first, second
        Number of services on each list.
    both
        Number of services on both.
    level
        Confidence of the interval.

    Raises
    ------
    ValueError
        If a number is negative, or ``both`` is larger than a list.

    Examples
    --------
    >>> round(chapman(109, 177, 57).value, 1)
    336.6
    """
    if min(first, second, both) < 0 or both > min(first, second):
        raise ValueError(f"{both} services on both lists can not come from lists of {first} and {second}")
    value = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    seen = first + second - both
    unseen = value - seen
    if unseen <= 0:
        return Estimate(value, variance, float(seen), float(seen), seen)
    z = float(ndtri(0.5 + level / 2))
    spread = math.exp(z * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(value, variance, seen + unseen / spread, seen + unseen * spread, seen)
