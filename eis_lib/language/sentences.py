"""Counted nouns, enumerations and sentences in the language spoken, and the mark of a draft language."""

from __future__ import annotations

from collections.abc import Sequence

from eis_lib.language.messages import ENGLISH, Spoken, _locale, _spoken, gettext, ngettext
from eis_lib.language.numbers import decimal


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the language spoken, as :func:`eis_lib.language.english.count` does in English.

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


def bulleted(*points: str) -> str:
    r"""Return points as a list in Markdown, empty ones left out; :class:`Spoken` if all of them are.

    Examples
    --------
    >>> bulleted("One.", "", "Two.")
    '- One.\n- Two.'
    """
    said = sentences(*points, between="\n- ")
    return type(said)(f"- {said}") if said else said


def draft_mark() -> str:
    """Return the words that stand on everything in a language that nobody who speaks it has checked; none in English."""
    if _spoken.get() == ENGLISH:
        return ""
    # Translators: stands at the top of every page, workbook and document in your language.
    return gettext("Draft translation, to be checked by a speaker. What is not translated yet is in English.")
