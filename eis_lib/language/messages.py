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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

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
    eis_lib.language.messages.LanguageError: there is no language 'croatian'. Did you mean 'hr'? Known: en (English), \
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


def english_left(text: str) -> bool:
    """Return whether a text stayed English although another language is spoken, so that a page can say so."""
    return bool(text) and _spoken.get() != ENGLISH and not isinstance(text, Spoken)


def lang_attribute(text: str) -> str:
    """Return `` lang="en"`` for a text that stayed English on a page in another language, else nothing."""
    return ' lang="en"' if english_left(text) else ""


# --- numbers and dates -----------------------------------------------------------------------------------------


def locale_of(language: str) -> str:
    """Return the locale by which numbers and dates of a language are written, e.g. ``da_DK``."""
    return LANGUAGES[language][1]


def _locale() -> str:
    return locale_of(_spoken.get())
