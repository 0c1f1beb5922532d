"""Years, quarters and months: when they begin and end, and whether the next value is overdue."""

from __future__ import annotations

import calendar
import datetime as dt
import re

import pandas as pd

# --- periods ---------------------------------------------------------------------------------------------------


def period_months(period: str) -> int:
    """Return how many months a period has.

    Examples
    --------
    >>> period_months("2024"), period_months("2024-Q3"), period_months("2024-07")
    (12, 3, 1)
    """
    return 12 if len(period) == 4 else 3 if "Q" in period else 1


def period_start(period: str) -> dt.date:
    """Return the first day of a year, quarter (``2024-Q3``) or month (``2024-07``)."""
    year = int(period[:4])
    if len(period) == 4:
        return dt.date(year, 1, 1)
    month = 3 * int(period[-1]) - 2 if "Q" in period else int(period[5:7])
    return dt.date(year, month, 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the day so many months later; the last day of a month stays within its month.

    Examples
    --------
    >>> add_months(dt.date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_end(period: str) -> dt.date:
    """Return the last day of a period.

    Examples
    --------
    >>> period_end("2024-Q1")
    datetime.date(2024, 3, 31)
    """
    return add_months(period_start(period), period_months(period)) - dt.timedelta(days=1)


def is_stale(period: str, on: dt.date, lag_months: int) -> bool:
    """Return whether the next value should have been there: period and lag have passed since the last one ended."""
    return on > add_months(period_end(period), period_months(period) + lag_months)


def period_middle(period: str) -> dt.date:
    """Return the day in the middle of a period; it decides on which side of a date a whole year falls.

    Examples
    --------
    >>> period_middle("2020"), period_middle("2020-03")
    (datetime.date(2020, 7, 1), datetime.date(2020, 3, 16))
    """
    start = period_start(period)
    return start + (period_end(period) - start) / 2


_PERIOD = r"\d{4}(-Q[1-4]|-\d{2})?"


def _in_order(series: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in order of time where every period is a year, quarter or month, or a number; else as they stand."""
    periods = series["period"]
    if pd.api.types.is_numeric_dtype(periods) or periods.astype(str).str.fullmatch(_PERIOD).all():
        return series.sort_values("period", kind="stable", ignore_index=True)
    return series.reset_index(drop=True)


def _months_between(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


_VINTAGE = re.compile(r"\b(?:to (?P<day>\d{4}-\d{2}-\d{2})|(?P<month>[A-Z][a-z]{2}) (?P<year>20\d\d))\b")


def read_vintage(source_title: str) -> str:
    """Return the day or month at which a source says its copy was taken, or an empty text.

    Examples
    --------
    >>> read_vintage("ECB reference rates (copy, to 2026-04-13); mean of daily rates"), read_vintage("Surveys (copy, Aug 2025)")
    ('2026-04-13', '2025-08')
    """
    found = _VINTAGE.search(source_title)
    if not found:
        return ""
    if found["day"]:
        return found["day"]
    months = {name: n for n, name in enumerate(calendar.month_abbr) if name}
    number = months.get(found["month"])
    return f"{found['year']}-{number:02d}" if number else ""
