"""How each policy stands at a year: in force, no end year, ended or not started."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from eis_lib.methods.landscape import list_items

# What a dated row is worth at the review year. "standing" in the prose means the first two together.
STANDING = ("in-force", "undated", "ended", "not-started")


# --- small readings of a table ---------------------------------------------------------------------------------


def has_values(frame: pd.DataFrame | None, column: str) -> bool:
    """Return True where a column exists and at least one row fills it; a column nobody filled tells nothing."""
    if frame is None or column not in frame.columns or frame.empty:
        return False
    return bool(frame[column].map(_is_filled).any())


def _is_filled(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return len(value) > 0
    if isinstance(value, str):
        return bool(value.strip())
    return not bool(pd.isna(value))  # type: ignore[call-overload]


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or one of missing values where the table lacks it."""
    if name in frame.columns:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _long(frame: pd.DataFrame, key: str, column: str, name: str) -> pd.DataFrame:
    """Return one row per (key, item) of a list column, in the table's order."""
    rows = [
        (identifier, item)
        for identifier, cell in zip(frame[key], _column(frame, column), strict=True)
        for item in list_items(cell)
    ]
    return pd.DataFrame(rows, columns=[key, name], dtype=object)


def standing(frame: pd.DataFrame, year: int) -> pd.Series:
    """Return how each row stands at a year: in-force, undated, ended or not-started.

    ``in-force`` needs both years; a row without one of them, not excluded by the other, is ``undated``:
    it counts as standing, but nobody may say that it runs.

    >>> rows = pd.DataFrame({"start_year": [2014, 2019, 2025, 2010], "end_year": [2020, None, None, 2012]})
    >>> list(standing(rows, 2020))
    ['in-force', 'undated', 'not-started', 'ended']
    """
    start, end = _years(frame, "start_year"), _years(frame, "end_year")
    # a comparison with a year that is not known is false
    dated = ~np.isnan(start) & ~np.isnan(end)
    values = np.select(
        [end < year, start > year, dated], ["ended", "not-started", "in-force"], default="undated"
    )
    return pd.Series(values, index=frame.index, dtype=object)


def _ended_before(frame: pd.DataFrame, year: int) -> pd.Series:
    """Return which rows have an end year before the year looked at."""
    return pd.Series(_years(frame, "end_year") < year, index=frame.index)


def _years(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of years as floats, NaN where none is known."""
    years: np.ndarray = pd.to_numeric(_column(frame, column), errors="coerce").to_numpy(
        "float64", na_value=np.nan
    )
    return years


def owner_closed(policies: pd.DataFrame, providers: pd.DataFrame, year: int) -> pd.Series:
    """Return which policies belong to a listed body that had closed before the year (bool, in the order of ``policies``).

    Such a policy may have been handed on or not; that its row has no end year says neither.
    """
    closed = set(providers.loc[_ended_before(providers, year), "provider_id"])
    return _column(policies, "owner").isin(closed)


def _stands(frame: pd.DataFrame, year: int) -> pd.Series:
    return standing(frame, year).isin(["in-force", "undated"])


def standing_by_year(policies: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Return per year how many policies are in force and undated, and how many barriers they name between them.

    Key ``year``. A record that thins out towards the present shows here: few policies late is as likely a table nobody
    has kept as a policy nobody has renewed.
    """
    links = _long(policies, "policy_id", "barriers_addressed", "barrier")
    rows = []
    for year in years:
        state = standing(policies, year)
        stands = set(policies.loc[state.isin(["in-force", "undated"]), "policy_id"])
        named = links.loc[links["policy_id"].isin(stands), "barrier"].nunique()
        rows.append((year, int((state == "in-force").sum()), int((state == "undated").sum()), named))
    return pd.DataFrame(rows, columns=["year", "in_force", "undated", "barriers_named"])
