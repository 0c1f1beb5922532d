"""What a cell of a table holds: nothing, one code, or a list of codes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from eis_lib.pack.frames import column_or_missing

UNKNOWN = "unknown"
"""Code of the row or column that holds the services whose facet is not recorded."""


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


def is_own(rows: pd.DataFrame) -> pd.Series:
    """Return of each row whether it is of the region's own pack, and not of a layer."""
    return column_or_missing(rows, "layer").fillna("").eq("")


def _filled(frame: pd.DataFrame, name: str) -> int:
    return sum(not is_missing(cell) for cell in column_or_missing(frame, name))


def _years(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(column_or_missing(frame, name), errors="coerce").astype("Int64")


def _codes(seen: pd.Series, codes: Sequence[str]) -> list[str]:
    """Return the codes in their own order, then any other that occurs, and ``unknown`` last where it occurs."""
    occurring = set(seen.unique())
    extra = sorted(occurring - set(codes) - {UNKNOWN})
    return [*codes, *extra, *([UNKNOWN] if UNKNOWN in occurring else [])]
