"""What every page has: templates, menu, limits of size, language, and the findings it shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from eis_lib.language.messages import ENGLISH, later
from eis_lib.pack.vocabulary import VOCABULARY_FILE
from eis_lib.pages import markup
from eis_lib.record.results import StepResult

TEMPLATES = Path(__file__).parent / "templates"
ASSETS = ("site.css", "site.js", "search.js")
PAGE_BYTES = 1_500_000
"""Most bytes of a page: more would be slow on a phone, and a page that long is not read."""

ROWS_SHOWN = (100, 40, 15)
"""Rows of a table shown on a page: the first number with which the page keeps to :data:`PAGE_BYTES`."""

SHORT = 150

MENU = (
    (later("Regions"), "index.html"),
    (later("Comparison"), "compare.html"),
    (later("Vocabulary"), "vocabulary.html"),
    (later("How this was made"), "made.html"),
    (later("Snapshots"), "snapshots.html"),
)


class PageError(RuntimeError):
    """Raised when a page can not be made."""


@dataclass(frozen=True)
class Finding:
    """A finding as a page shows it."""

    id: str
    statement: str
    status: str
    status_label: str
    how_sure: str
    rows: tuple[Any, ...] = ()


COMMON_VOCABULARY = Path("_common") / VOCABULARY_FILE


def _first_sentence(result: StepResult) -> str:
    if result.entry is None:
        return ""
    lines = [line.strip(" -") for line in result.entry.headline.splitlines() if line.strip()]
    return markup.plain_text(lines[0]) if lines else ""


def _shortened(text: str) -> str:
    if len(text) <= SHORT:
        return text
    return f"{text[:SHORT].rsplit(' ', 1)[0]} …"


def _lang(language: str) -> Markup:
    return Markup(' lang="{}"').format(language) if language else Markup("")


def _shared(languages: Iterable[str]) -> str:
    """Return the language that all share, else English."""
    spoken = set(languages)
    return spoken.pop() if len(spoken) == 1 else ENGLISH


def _headline_lang(notebook: Path) -> Markup:
    """Return the attribute of a headline that stayed English in a workbook of another language."""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell.get("id") == "headline" and cell.get("outputs"):
            said = cell["outputs"][0].get("metadata", {}).get("eis", {}).get("lang", "")
            return _lang(said)
    return Markup()
