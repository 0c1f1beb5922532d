"""Numbers, shares, euros and days as they are written in the language spoken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from eis_lib.language.messages import ENGLISH, LANGUAGES, _locale, _spoken

if TYPE_CHECKING:
    import datetime as dt


def decimal(value: float, digits: int = 0) -> str:
    """Return a number with so many decimals, as it is written in the language spoken.

    Examples
    --------
    >>> decimal(1234.5, 1)
    '1,234.5'
    >>> with use_language("da"):
    ...     decimal(1234.5, 1)
    '1.234,5'
    """
    if _spoken.get() == ENGLISH:
        return f"{value:,.{digits}f}"
    from babel.numbers import format_decimal

    return format_decimal(value, "#,##0" + ("." + "0" * digits if digits else ""), locale=_locale())


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, as it is written in the language spoken.

    Examples
    --------
    >>> significant(0.12345)
    '0.123'
    """
    text = f"{value:.{digits}g}"
    if _spoken.get() == ENGLISH or "e" in text:
        return text
    from babel.numbers import format_decimal

    return format_decimal(float(text), "#,##0.######", locale=_locale())


def percent(share: float, digits: int = 0) -> str:
    r"""Return a share (0–1) as a percentage, as it is written in the language spoken.

    Examples
    --------
    >>> percent(0.256), percent(0.256, 1)
    ('26%', '25.6%')
    >>> with use_language("da"):
    ...     percent(0.256, 1)
    '25,6\xa0%'
    """
    if _spoken.get() == ENGLISH:
        return f"{share:.{digits}%}"
    from babel import Locale
    from babel.numbers import format_percent

    pattern = Locale.parse(_locale()).percent_formats[None].pattern
    # the pattern of a language may hold a blank before its sign
    places = f"0.{'0' * digits}" if digits else "0"
    return format_percent(share, places.join(pattern.rsplit("0", 1)), locale=_locale())


def euros(amount: float) -> str:
    """Return an amount in euros, as it is written in the language spoken.

    Examples
    --------
    >>> euros(3_000_000)
    'EUR 3,000,000'
    """
    return f"EUR {amount:,.0f}" if _spoken.get() == ENGLISH else f"{decimal(amount)}\u00a0EUR"


def day_in_words(day: dt.date) -> str:
    """Return a day as it is written in a text of the language spoken.

    Examples
    --------
    >>> import datetime as dt
    >>> day_in_words(dt.date(2026, 1, 31))
    '31 January 2026'
    """
    from babel.dates import format_date

    return format_date(day, "long", locale=_locale())


@cache
def chart_locale(language: str) -> Mapping[str, Any]:
    """Return how Vega writes numbers and dates in a language, as its configuration wants it said."""
    from babel import Locale
    from babel.dates import get_date_format, get_day_names, get_month_names
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = Locale.parse(LANGUAGES[language][1])
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    months = range(1, 13)

    def names(get: Any, width: str, order: Any) -> list[str]:
        return [get(width, "stand-alone", locale)[number] for number in order]

    letters = {"d": "%-d", "dd": "%d", "M": "%-m", "MM": "%m"}
    pattern = get_date_format("short", locale).pattern
    short = re.sub("d+|M+|y+", lambda part: letters.get(part[0], "%Y"), pattern)
    return {
        "number": {
            "decimal": get_decimal_symbol(locale),
            "thousands": get_group_symbol(locale),
            "grouping": [3],
            "currency": ["", "\u00a0€"],
        },
        "time": {
            "dateTime": f"{short} %H:%M:%S",
            "date": short,
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": names(get_day_names, "wide", sunday_first),
            "shortDays": names(get_day_names, "abbreviated", sunday_first),
            "months": names(get_month_names, "wide", months),
            "shortMonths": names(get_month_names, "abbreviated", months),
        },
    }
