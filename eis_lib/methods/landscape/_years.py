"""Which services count in a year and how well that is known, and what became of them between two years."""

from __future__ import annotations

import pandas as pd

from eis_lib.methods.landscape._cells import _years, is_missing
from eis_lib.pack.frames import column_or_missing

DATED = "dated"
"""Both years are recorded, so being in force in a year is a statement of the source."""

OPEN_END = "no end recorded"
"""It had begun by then, but no last year is recorded: open-ended, or ended unnoticed."""

NO_START = "no start recorded"
"""Not even its first year is recorded: that it counts is an assumption."""

DATINGS = (DATED, OPEN_END, NO_START)
"""How well it is known that a service is in force, surest first."""


def in_force(services: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the services that count in a year, with how well that is known.

    A service counts if it started by then (or its start is not recorded) and had not ended before (or its end is not
    recorded). A missing year never takes a service out, and never makes it certain. A row that says that it has ended, or is
    only announced, and not when, counts in no year from the day on which that was seen.

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
    status = column_or_missing(services, "status")
    seen = pd.to_datetime(column_or_missing(services, "checked_on"), errors="coerce").dt.year
    ended = status.eq("ended") & end.isna() & ~(seen > year)
    counts &= ~(ended | (status.eq("announced") & start.isna()))
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
        for service, earlier in zip(
            services["service_id"], column_or_missing(services, "succeeds"), strict=True
        )
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
