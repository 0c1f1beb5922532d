"""The languages a review speaks: messages from gettext catalogues, numbers and dates as Babel has them.

English is the source: its words stand in the code, the workbooks and the vocabulary, and it needs no catalogue. Any
other language has one, ``locale/<language>/LC_MESSAGES/eis_workbooks.po``, read when it is first spoken. What a
catalogue lacks stays English.

A language is spoken inside ``with use_language("hr"):`` and nowhere else, so that what answers a widget later, another
region or a test hears its own.
"""

from __future__ import annotations

import difflib
import gettext as catalogues
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import datetime as dt

Language = Literal["en", "da", "hr", "it", "pl", "pt"]
ENGLISH: Language = "en"
LANGUAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "en": ("English", "en_GB"),
        "da": ("Danish", "da_DK"),
        "hr": ("Croatian", "hr_HR"),
        "it": ("Italian", "it_IT"),
        "pl": ("Polish", "pl_PL"),
        "pt": ("Portuguese", "pt_PT"),
    }
)
"""Language → its name in English, and the locale by which numbers and dates are written."""

TRANSLATED: tuple[str, ...] = tuple(code for code in get_args(Language) if code != ENGLISH)
"""The languages that have a catalogue."""

DOMAIN = "eis_workbooks"
LOCALE_FOLDER = Path(__file__).parent / "locale"

COLUMN, CHART, SCHEME = "column", "chart", "vocabulary scheme"
"""Contexts of messages that are looked up where they are shown: table headers, words in charts, names of code lists.

A code's label and its definition have the name of its scheme as their context.
"""


class LanguageError(ValueError):
    """Raised when a language is asked for that is not one of :data:`LANGUAGES`."""


class Spoken(str):
    """A message in the language spoken, as against one that is missing there and stayed English."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> Spoken:
        """Return the message with its places filled, in the language spoken still."""
        return Spoken(super().format(*args, **values))


_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def known_language(language: str) -> str:
    """Return the code of a language, checked.

    Raises
    ------
    LanguageError
        Naming the known ones and the nearest, by code or by name.

    Examples
    --------
    >>> known_language("croatian")
    Traceback (most recent call last):
    eis_lib.language.LanguageError: there is no language 'croatian'. Did you mean 'hr'? Known: en (English), \
da (Danish), hr (Croatian), it (Italian), pl (Polish), pt (Portuguese).
    """
    if language in LANGUAGES:
        return language
    raise LanguageError(unknown_language(language))


def unknown_language(language: object) -> str:
    """Return the message for a language that is not known."""
    nearest = nearest_language(str(language))
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    known = ", ".join(f"{code} ({name})" for code, (name, _) in LANGUAGES.items())
    return f"there is no language '{language}'.{hint} Known: {known}."


def nearest_language(text: str) -> str:
    """Return the language whose code or name in English is nearest, or an empty string."""
    names = {name.casefold(): code for code, (name, _) in LANGUAGES.items()} | {
        code: code for code in LANGUAGES
    }
    near = difflib.get_close_matches(text.strip().casefold(), names, n=1, cutoff=0.5)
    return names[near[0]] if near else ""


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak a language inside a ``with`` block.

    Raises
    ------
    LanguageError
        If it is not known.
    """
    token = _spoken.set(known_language(language))
    try:
        yield
    finally:
        _spoken.reset(token)


def language_spoken() -> str:
    """Return the code of the language spoken here and now."""
    return _spoken.get()


# --- messages --------------------------------------------------------------------------------------------------


def catalogue_file(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalogue_sha256(language: str) -> str:
    """Return the hash of a language's catalogue; results in that language follow from it."""
    return hashlib.sha256(catalogue_file(language).read_bytes()).hexdigest()


class _Missing(catalogues.NullTranslations):
    """What gettext asks where a catalogue lacks a message."""

    def gettext(self, message: str) -> str:  # noqa: ARG002
        return ""

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return ""


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    """Return the catalogue of a language, made from the text that people edit: no second file, no build step."""
    if language == ENGLISH:
        return _Missing()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with catalogue_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=DOMAIN))
    compiled.seek(0)
    catalogue = catalogues.GNUTranslations(compiled)
    catalogue.add_fallback(_Missing())
    return catalogue


def gettext(message: str) -> str:
    """Return a message in the language spoken; the English one where the catalogue lacks it."""
    found = message and _catalogue(_spoken.get()).gettext(message)
    return Spoken(found) if found else message


def pgettext(context: str, message: str) -> str:
    """Return a message in the language spoken, as it is said in a context."""
    found = message and _catalogue(_spoken.get()).pgettext(context, message)
    return Spoken(found) if found else message


def ngettext(one: str, many: str, number: int) -> str:
    """Return a message in the language spoken, in the form that goes with a number."""
    found = _catalogue(_spoken.get()).ngettext(one, many, number)
    return Spoken(found) if found else one if number == 1 else many


def later(message: str) -> str:
    """Return a message as it is: marks for the catalogues a text that is looked up where it is shown."""
    return message


def translation(language: str, context: str, message: str) -> str:
    """Return the translation of a message in any language, empty where there is none."""
    return message and _catalogue(known_language(language)).pgettext(context, message)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the language spoken, as :func:`eis_lib.section.count` does in English.

    Only for a sentence that is translated itself, so that no page mixes two languages in one sentence.

    Examples
    --------
    >>> counted(1, "service"), counted(0, "service"), counted(2, "policy", "policies")
    ('1 service', 'no services', '2 policies')
    """
    plural = many or f"{one}s"
    forms = f"{{number}} {one}", f"{{number}} {plural}"
    found = ngettext(*forms, number)
    if isinstance(found, Spoken):
        return found.format(number=decimal(number))
    return f"1 {one}" if number == 1 else f"{number or 'no'} {plural}"


def listed(items: Sequence[str], most: int) -> str:
    """Return items as an enumeration in the language spoken, what is left out counted.

    Examples
    --------
    >>> listed(["a", "b", "c"], 3), listed(["a", "b", "c"], 2)
    ('a, b and c', 'a, b and 1 more')
    >>> with use_language("hr"):
    ...     listed(["a", "b", "c"], 3)
    'a, b i c'
    """
    from babel.lists import format_list

    shown = list(items[:most])
    if len(items) > most:
        shown.append(gettext("{number} more").format(number=len(items) - most))
    return format_list(shown, locale=_locale())


def sentences(*parts: str, between: str = " ") -> str:
    """Return sentences one after the other; :class:`Spoken` if all of them are."""
    said = [part for part in parts if part]
    text = between.join(said)
    return Spoken(text) if said and all(isinstance(part, Spoken) for part in said) else text


def english_left(text: str) -> bool:
    """Return whether a text stayed English although another language is spoken, so that a page can say so."""
    return bool(text) and _spoken.get() != ENGLISH and not isinstance(text, Spoken)


def lang_attribute(text: str) -> str:
    """Return `` lang="en"`` for a text that stayed English on a page in another language, else nothing."""
    return ' lang="en"' if english_left(text) else ""


def draft_mark() -> str:
    """Return the words that stand on everything in a language that nobody who speaks it has checked; none in English."""
    if _spoken.get() == ENGLISH:
        return ""
    # Translators: stands at the top of every page, workbook and document in your language.
    return gettext("Draft translation, to be checked by a speaker. What is not translated yet is in English.")


# --- numbers and dates -----------------------------------------------------------------------------------------


def locale_of(language: str) -> str:
    """Return the locale by which numbers and dates of a language are written, e.g. ``da_DK``."""
    return LANGUAGES[language][1]


def _locale() -> str:
    return locale_of(_spoken.get())


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
    """Return a share (0–1) as a percentage, as it is written in the language spoken.

    Examples
    --------
    >>> percent(0.256), percent(0.256, 1)
    ('26%', '25.6%')
    """
    if _spoken.get() == ENGLISH:
        return f"{share:.{digits}%}"
    from babel import Locale
    from babel.numbers import format_percent

    pattern = Locale.parse(_locale()).percent_formats[None].pattern
    return format_percent(
        share, pattern.replace("0%", f"0.{'0' * digits}%") if digits else pattern, locale=_locale()
    )


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
