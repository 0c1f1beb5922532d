"""How old the evidence is: what was checked or measured lately, what ages, and what nobody dated."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eis_lib.methods.landscape._cells import is_missing

FRESH, AGEING, STALE, UNDATED = "fresh", "ageing", "stale", "undated"
FRESHNESS: tuple[str, ...] = (FRESH, AGEING, STALE, UNDATED)
"""States of a row by its age, freshest first; undated says that nobody noted a day, not that it is old."""

_DAYS_OF_A_YEAR = 365.25


def mark_ages(days: pd.Series, review_date: str, fresh_years: float, stale_years: float) -> pd.Series:
    """Return the state of each row, one of :data:`FRESHNESS`.

    Fresh is what is at most ``fresh_years`` old on the day of the review, stale what is older than ``stale_years``, ageing
    what lies between.

    Parameters
    ----------
    days
        Text: a day, month, quarter or year, such as ``2024-06-30`` or ``2024-Q1``; a period counts from its last day.
    review_date
        ISO date.
    fresh_years, stale_years
        Of the table ``ages``.

    Examples
    --------
    >>> mark_ages(pd.Series(["2024", "2022-Q1", "2015-06-30", None]), "2025-06-30", 1, 5).tolist()
    ['fresh', 'ageing', 'stale', 'undated']
    """
    today = pd.Timestamp(review_date)

    def state(cell: object) -> str:
        if is_missing(cell):
            return UNDATED
        age = (today - pd.Period(str(cell)).end_time.normalize()).days / _DAYS_OF_A_YEAR
        return FRESH if age <= fresh_years else AGEING if age <= stale_years else STALE

    return days.map(state, na_action=None).astype(object)


def freshness(rows: Mapping[str, pd.Series], ages: pd.DataFrame, review_date: str) -> pd.DataFrame:
    """Return how many rows of each kind are fresh, ageing, stale and undated.

    Parameters
    ----------
    rows
        Kind of row → the day of each, see :func:`mark_ages`.
    ages
        The common table: ``kind``, ``fresh_years``, ``stale_years``. A kind it does not name is left out.
    review_date
        ISO date.

    Returns
    -------
    DataFrame
        One row per ``kind``, in the order of ``ages``: ``rows``, one column for each of :data:`FRESHNESS`, and the two ages.
    """
    found = []
    for kind, fresh_years, stale_years in zip(
        ages["kind"], ages["fresh_years"], ages["stale_years"], strict=True
    ):
        if kind in rows:
            states = mark_ages(rows[kind], review_date, fresh_years, stale_years)
            counts = [int((states == state).sum()) for state in FRESHNESS]
            found.append((kind, len(states), *counts, fresh_years, stale_years))
    return pd.DataFrame(found, columns=["kind", "rows", *FRESHNESS, "fresh_years", "stale_years"])
