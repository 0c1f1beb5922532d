"""Words as templates: the sentences of a module stand in a Markdown template beside it, as macros.

``_gaps.py`` asks for its words in ``_gaps.md.j2``. A template says what is said and in which form of a number
(``{% trans %}``, ``{% pluralize %}``); it computes nothing. Line breaks and indents in it are single spaces to the
reader.
"""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from eis_lib.language.english import listing
from eis_lib.language.messages import (
    ENGLISH,
    Spoken,
    english_left,
    gettext,
    language_spoken,
    ngettext,
    use_language,
)
from eis_lib.language.numbers import day_in_words, decimal, euros, percent, significant
from eis_lib.language.sentences import listed

LIBRARY = Path(__file__).parents[1]
ENDING = ".md.j2"

_asked: ContextVar[list[str]] = ContextVar("messages of the words that are being said")


class Words:
    """The words of a module, with what they call a thing.

    Parameters
    ----------
    module
        ``__file__`` of the module; its template has the same name and the ending ``.md.j2``.
    **facts
        What every macro may use: numbers, names, functions. Formatting is the template's.
    """

    def __init__(self, module: str, **facts: Any) -> None:
        self._template = Path(module).with_name(Path(module).stem + ENDING).relative_to(LIBRARY).as_posix()
        self._facts = facts

    def __getattr__(self, name: str) -> Callable[..., str]:
        """Return what says one macro.

        Raises
        ------
        AttributeError
            If the template has no macro of that name; jinja2.UndefinedError when a fact is missing.
        """
        if name.startswith("__"):
            raise AttributeError(name)

        def say(*arguments: Any, **facts: Any) -> str:
            text, messages = _said(self._template, self._facts, name, arguments, facts)
            if not messages or language_spoken() == ENGLISH:
                return text
            if not any(map(english_left, messages)):
                return Spoken(text)
            # no sentence mixes two languages: what is not translated whole is said whole in English
            with use_language(ENGLISH):
                return _said(self._template, self._facts, name, arguments, facts)[0]

        return say


def _said(
    template: str,
    about: Mapping[str, Any],
    macro: str,
    arguments: tuple[Any, ...],
    facts: Mapping[str, Any],
) -> tuple[str, list[str]]:
    """Return what a macro says, and the messages it asked for."""
    messages: list[str] = []
    token = _asked.set(messages)
    try:
        module = _environment().get_template(template).make_module(dict(about))
        text = getattr(module, macro)(*arguments, **facts)
        # a hard space stays: some languages have one before the sign of a percentage
        return re.sub("[ \t\n]+", " ", text).strip(" "), messages
    finally:
        _asked.reset(token)


def or_no(number: int) -> str:
    """Return a number as it stands before a noun: in English "no" for 0.

    Examples
    --------
    >>> or_no(0), or_no(1200)
    ('no', '1,200')
    """
    return "no" if number == 0 and language_spoken() == ENGLISH else decimal(number)


def _share(share: float) -> str:
    return gettext("an unknown share") if math.isnan(share) else percent(share)


def _enumeration(items: Any, most: int = 5) -> str:
    """Return items as an enumeration, what is left out counted."""
    return listing(list(items), most) if language_spoken() == ENGLISH else listed(list(items), most)


def _filled(message: str, facts: Mapping[str, Any]) -> str:
    """Remember a message, and fill it in; what another macro says has spaces around it."""
    _asked.get().append(message)
    return message % {name: fact.strip() if isinstance(fact, str) else fact for name, fact in facts.items()}


def _say(message: str, /, **facts: Any) -> str:
    return _filled(gettext(message), facts)


def _say_number(one: str, many: str, number: int, /, **facts: Any) -> str:
    return _filled(ngettext(one, many, number), facts)


def _compiled() -> jinja2.BytecodeCache | None:
    """Return where compiled templates are kept: where Python keeps its own, and no more than it does."""
    folder = LIBRARY / "__pycache__"
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return jinja2.FileSystemBytecodeCache(str(folder), "templates-%s.cache")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(LIBRARY),
        bytecode_cache=_compiled(),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown: what a pack says goes through `plain`
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals |= {"gettext": _say, "ngettext": _say_number}
    environment.filters |= {
        "day": day_in_words,
        "decimal": decimal,
        "euros": euros,
        "listed": _enumeration,
        "or_no": or_no,
        "percent": percent,
        "share": _share,
        "significant": significant,
    }
    return environment
