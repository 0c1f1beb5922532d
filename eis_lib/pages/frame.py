"""What every page has: templates, menu, limits of size, language, and the findings it shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import ENGLISH, gettext, language_spoken, later, ngettext
from eis_lib.language.numbers import decimal
from eis_lib.language.sentences import draft_mark
from eis_lib.notebook.opening import version
from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.layers import LAYER_FILE, list_layers, read_layer_profile
from eis_lib.pack.pack import Common, load_common
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import VOCABULARY_FILE, Vocabulary
from eis_lib.pages import executed, markup
from eis_lib.pages.rows import Index
from eis_lib.record.results import STATES, StepResult, read_regions
from eis_lib.section.method import STEPS

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


def _name_of_layer(parameters: Path, name: str) -> str:
    profile, _faults = read_layer_profile(parameters / LAYERS_FOLDER / name / LAYER_FILE, LAYER_FILE)
    return profile.name if profile else name


@dataclass
class Frame:
    """One making of the pages: what they are made from, and what every page needs to be written.

    Attributes
    ----------
    outputs, parameters : Path
        What the pages are made from.
    folder : Path
        Where they are made.
    pages : list
        Group, title and address of each page so far.
    found : list
        What the search looks through.
    """

    outputs: Path
    parameters: Path
    folder: Path
    pages: list[tuple[str, str, str]] = field(default_factory=list)
    found: list[dict[str, str]] = field(default_factory=list)
    _vocabularies: dict[str, Vocabulary] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.common: Common = load_common(self.parameters)
        self.regions = read_regions(self.outputs, self.parameters)
        self.layers = {name: _name_of_layer(self.parameters, name) for name in list_layers(self.parameters)}
        self.renderer = executed.Renderer()
        self.index = Index()
        for region in self.regions:
            for name, frame in region.pack.tables.items():
                self.index.add(region.id, PACK_TABLES[name], frame)
        for name, schema in COMMON_TABLES.items():
            self.index.add("", schema, getattr(self.common, name))
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            extensions=["jinja2.ext.i18n"],
        )
        self.templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self.templates.globals.update(version=version(), menu=MENU, states=STATES, decimal=decimal)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the code lists in the language of the page that is being made."""
        spoken = language_spoken()
        if spoken not in self._vocabularies:
            self._vocabularies[spoken] = self.common.vocabulary.in_language(spoken)
        return self._vocabularies[spoken]

    def write(
        self,
        url: str,
        template: str,
        title: str,
        *,
        group: str,
        path: Iterable[tuple[str, str]] = (),
        **values: Any,
    ) -> int:
        """Write a page, take it up in the list of pages, and return its size."""
        root = "../" * url.count("/")
        html = self.templates.get_template(template).render(
            title=title,
            english=_lang("" if language_spoken() == ENGLISH else ENGLISH),
            own=_lang("" if language_spoken() == ENGLISH else language_spoken()),
            root=root,
            here=url,
            path=tuple((gettext(text), place) for text, place in path),
            lang=language_spoken(),
            draft=draft_mark(),
            **values,
        )
        place = self.folder / url
        place.parent.mkdir(parents=True, exist_ok=True)
        content = html.encode("utf-8")
        place.write_bytes(content)
        if (group, title, url) not in self.pages:
            self.pages.append((group, title, url))
        return len(content)

    def keep(self, url: str, text: str) -> str:
        """Write a file that pages link to, and return its address."""
        place = self.folder / url
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return url

    def find(self, kind: str, title: str, url: str, text: str = "") -> None:
        """Take something up in what the search looks through."""
        self.found.append({"k": kind, "t": title, "u": url, "x": text})

    def link(self, root: str, own: str, region: str, column: str, item: str) -> tuple[str, str] | None:
        """Return address and name of the row that an item of a column names, if any."""
        row = self.index.pointed_at(region or own, column, item) or self.index.pointed_at(own, column, item)
        return (f"{root}{row.url}", row.name) if row else None

    def label(self, scheme: str, code: str) -> str:
        """Return the label of a code; the code where there is no such list."""
        return self.vocabulary.label(scheme, code) if scheme in self.vocabulary.schemes else code

    def findings(self, result: StepResult) -> list[Finding]:
        """Return the findings of a step as pages show them."""
        found = []
        for row in result.findings.to_dict("records"):
            text = {name: "" if pd.isna(value) else str(value) for name, value in row.items()}
            anchors = [anchor.strip() for anchor in text["rows"].split(";") if anchor.strip()]
            rows = [self.index.find(result.region, anchor) for anchor in anchors]
            status = text["status"]
            found.append(
                Finding(
                    "-".join(text["finding_id"].split()),
                    markup.plain_text(text["statement"]),
                    status if status in {"finding", "candidate", "unknown"} else "unknown",
                    self.label("finding_status", status).lower(),
                    text["how_sure"],
                    tuple(row for row in rows if row),
                )
            )
        return found

    def steps(self) -> list[dict[str, Any]]:
        """Return the six steps with the question each answers."""
        terms = self.vocabulary
        return [
            {
                "number": step.number, "name": step.name, "label": self.label("step", step.name),
                "question": terms.definition("step", step.name),
            }
            for step in STEPS.values()
        ]  # fmt: skip
