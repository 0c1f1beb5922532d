"""Collect every message from the sources and bring the catalogues up to date: ``make messages``.

The calls of ``gettext`` and its like are read from the syntax tree, the templates of pages by Jinja's own extractor. What
is looked up where it is shown, rather than where it is written, is collected here: text cells of the workbooks, the
vocabulary, headers of tables, words of charts, fixed sentences of sections, and the words in the Word templates. A
message that is no longer in the sources stays at the end of its catalogue, marked as obsolete; no translation is lost.
"""

from __future__ import annotations

import ast
import csv
import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from eis_lib.language.messages import CHART, COLUMN, DOMAIN, LANGUAGES, SCHEME, TRANSLATED, catalogue_file

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "eis_lib"

KEYWORDS: Mapping[str, Any] = {
    "gettext": None,
    "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
    "later": None,
}

MADE = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
"""Stands in the head of every catalogue, so that it does not change with the clock."""

HEAD = """\
{name} messages of EIS Workbooks.
Draft translation, to be checked by a speaker.
"""

SECTION_PARTS: Mapping[str, str] = {
    "answer": "Answer of a section, in Markdown.",
    "how_sure": 'Stands behind "How sure:".',
    "to_check": 'Stands behind "To check:".',
}

TABLE_PARTS: Mapping[str, str] = {
    "caption": "Caption of a table.",
    "note": "Note below a table.",
}

CHART_PARTS: Mapping[str, str] = {
    "title": "Title of an axis, a legend, a tooltip or a chart.",
    "subtitle": "Subtitle of a chart.",
    "description": "What a chart shows, for people who cannot see it.",
    "source": 'Stands behind "Source:" below a chart.',
    "row_title": "Title of an axis.",
    "column_title": "Title of an axis.",
}


@dataclass(frozen=True)
class Found:
    """A message in the sources.

    Attributes
    ----------
    file : Path
    message : str or tuple of str
        The English text; of a plural message both forms.
    context, comment : str
    """

    file: Path
    message: str | tuple[str, ...]
    context: str = ""
    comment: str = ""


@cache
def template() -> Catalog:
    """Return all messages of the sources, the most visible first."""
    catalogue = Catalog(
        domain=DOMAIN,
        project="EIS Workbooks",
        charset="utf-8",
        creation_date=MADE,
        revision_date=MADE,
        fuzzy=False,
    )
    for collect in (
        _workbooks,
        _calls,
        _templates,
        _word,
        _charts,
        _legends,
        _columns,
        _vocabulary,
        _sections,
    ):
        for found in collect():
            catalogue.add(
                found.message,
                context=found.context or None,
                locations=[(found.file.relative_to(ROOT).as_posix(), 0)],
                auto_comments=[found.comment] if found.comment else [],
            )
    return catalogue


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it stands; an empty one where there is none yet."""
    path = catalogue_file(language)
    if not path.is_file():
        return Catalog(locale=language, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def updated(language: str, messages: Catalog) -> Catalog:
    """Return the catalogue of a language with exactly the messages of the sources, and the translations it has."""
    catalogue = read_catalogue(language)
    catalogue.update(messages, no_fuzzy_matching=True)
    catalogue.header_comment = "\n".join(
        f"# {line}" for line in HEAD.format(name=LANGUAGES[language][0]).splitlines()
    )
    catalogue.project, catalogue.version = "EIS Workbooks", "0.1.0"
    catalogue.creation_date = catalogue.revision_date = MADE
    catalogue.last_translator = catalogue.language_team = "draft, to be checked by a speaker"
    catalogue.msgid_bugs_address = ""
    catalogue.fuzzy = False
    return catalogue


def update_all() -> Iterator[tuple[str, int, int]]:
    """Bring every catalogue up to date; yield language, messages translated, messages."""
    messages = template()
    for language in TRANSLATED:
        catalogue = updated(language, messages)
        path = catalogue_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, include_lineno=False)
        yield language, len(catalogue) - len(missing(catalogue)), len(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """Return the messages that have no translation, a guess (fuzzy) counting as none."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and (message.fuzzy or not message.string or not all(message.string))
    ]


# --- collectors ------------------------------------------------------------------------------------------------


def _workbooks() -> Iterator[Found]:
    from eis_lib.batch.cleaning import blocks_of

    for path in sorted((ROOT / "workbooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                for marks, words in blocks_of("".join(cell["source"])):
                    yield Found(
                        path, words, comment="Heading." if marks else "Text of a workbook, in Markdown."
                    )


def _calls() -> Iterator[Found]:
    for path in sorted(LIBRARY.rglob("*.py")):
        if path != Path(__file__):
            yield from _babel(python_calls, path)
            yield from _nouns(path)


def _templates() -> Iterator[Found]:
    from jinja2.ext import babel_extract

    words = (path for folder in ("methods", "steps") for path in (LIBRARY / folder).rglob("*.md.j2"))
    for path in sorted((*(LIBRARY / "pages" / "templates").glob("*.j2"), *words)):
        yield from _babel(babel_extract, path)


def _babel(method: Any, path: Path) -> Iterator[Found]:
    for _line, message, comments, context in extract_from_file(
        method,
        path,
        KEYWORDS,
        ("Translators:",),
        {"trimmed": "true", "newstyle_gettext": "true"},
        strip_comment_tags=True,
    ):
        yield Found(path, message, context or "", " ".join(comments))


def _nouns(path: Path) -> Iterator[Found]:
    """Yield what ``counted`` puts together: a number with its noun, one and many."""
    for call in _calls_in(path, "counted"):
        words = [str(argument.value) for argument in call.args[1:] if isinstance(argument, ast.Constant)]
        if words:
            one, many = words[0], words[1] if len(words) > 1 else f"{words[0]}s"
            yield Found(path, (f"{{number}} {one}", f"{{number}} {many}"), comment="A number with its noun.")


def _word() -> Iterator[Found]:
    from docx import Document

    from eis_lib.documents.word import TEMPLATES, runs_with_words

    for path in sorted(TEMPLATES.glob("*.docx")):
        for run in runs_with_words(Document(str(path))):
            yield Found(
                path, run.text, comment="In a Word document; what stands in double braces is filled in."
            )


def _charts() -> Iterator[Found]:
    for folder in ("charts", "steps"):
        for path in sorted((LIBRARY / folder).rglob("*.py")):
            for call in _calls_in(path):
                # a table and a section have parts of the same names
                if _name(call) not in {"Section", "Table", "LongTable"}:
                    for part, words in _parts(call, CHART_PARTS):
                        yield Found(path, words, CHART, CHART_PARTS[part])


def _legends() -> Iterator[Found]:
    """Yield the words of legends as the stored notebooks show them, but for labels of codes, which speak already."""
    from eis_lib.charts.picture import LEGENDS, legend_words
    from eis_lib.pack.vocabulary import load_vocabulary

    vocabulary = load_vocabulary(ROOT / "parameters" / "_common")
    labels = {label for scheme in vocabulary.schemes for label in vocabulary.labels(scheme).values()}

    def words(part: Any) -> Iterator[str]:
        for value in part if isinstance(part, list) else part.values() if isinstance(part, dict) else ():
            yield from words(value)
        for channel in LEGENDS if isinstance(part, dict) else ():
            yield from legend_words(part.get(channel))

    for path in sorted((ROOT / "tests" / "reference").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                for word in words(output.get("data", {}).get("application/vnd.vegalite.v5+json", {})):
                    if word not in labels:
                        yield Found(path, word, CHART, "In the legend of a chart.")


def _sections() -> Iterator[Found]:
    for path in (*sorted((LIBRARY / "steps").rglob("*.py")), LIBRARY / "notebook" / "top.py"):
        for call in _calls_in(path, "Section"):
            for part, words in _parts(call, SECTION_PARTS, ("answer",)):
                yield Found(path, words, comment=SECTION_PARTS[part])
        for name, places in (("Table", ("frame",)), ("LongTable", ("rows", "length"))):
            for call in _calls_in(path, name):
                for part, words in _parts(call, TABLE_PARTS, (*places, "caption", "note")):
                    yield Found(path, words, comment=TABLE_PARTS[part])


def _columns() -> Iterator[Found]:
    """Yield the headers of tables: of the packs by their schema, of results as the stored notebooks show them."""
    from eis_lib.pack.common_tables import COMMON_TABLES
    from eis_lib.pack.tables import PACK_TABLES
    from eis_lib.pack.vocabulary import load_vocabulary
    from eis_lib.pages.markup import scheme_words, words

    comment = "Header of a column, or name of a table."
    for path in sorted((ROOT / "tests" / "reference").glob("*.ipynb")):
        text = path.read_text("utf-8")
        for header in dict.fromkeys(re.findall(r'<th scope=\\"col\\"[^>]*>([^<]+)</th>', text)):
            yield Found(path, header, COLUMN, comment)
    schemas = LIBRARY / "pack" / "tables.py"
    for table in (*PACK_TABLES.values(), *COMMON_TABLES.values()):
        yield Found(schemas, words(table.name), COLUMN, comment)
        yield Found(schemas, table.about, comment="What a table of a region pack holds.")
        for column in table.columns:
            yield Found(schemas, words(column.name), COLUMN, comment)
    for scheme in load_vocabulary(ROOT / "parameters" / "_common").schemes:
        yield Found(schemas, scheme_words(scheme), SCHEME, "Name of a list of codes.")


def _vocabulary() -> Iterator[Found]:
    path = ROOT / "parameters" / "_common" / "vocabularies.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = f"Code {row['code']}" + (f" of {row['broader']}" if row["broader"] else "")
            yield Found(path, row["label"].strip(), row["scheme"], f"{code}: its label.")
            if row["definition"].strip():
                yield Found(path, row["definition"].strip(), row["scheme"], f"{code}: what it means.")


# --- reading Python --------------------------------------------------------------------------------------------


def python_calls(
    file: IO[bytes], keywords: Collection[str], tags: tuple[str, ...], **_: Any
) -> Iterator[tuple[int, str, list[Any], list[str]]]:
    """Yield the line, name, fixed words and comment of each call of a keyword, in the form that Babel asks for.

    Babel's own reader cuts the source into tokens. Before Python 3.12 an f-string is a single token, so a call inside
    one was found or not as the version went; the syntax tree holds such a call in every version.
    """
    source = file.read().decode()
    lines = [line.strip() for line in source.split("\n")]
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if _name(call) in keywords:
            last = first = call.lineno - 1
            while first and lines[first - 1].startswith("#"):
                first -= 1
            comment = [line.lstrip("# ") for line in lines[first:last]]
            yield (
                call.lineno,
                _name(call),
                [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args],
                comment if comment and comment[0].startswith(tags) else [],
            )


@cache
def _all_calls(path: Path) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def _calls_in(path: Path, name: str = "") -> Iterator[ast.Call]:
    return (call for call in _all_calls(path) if not name or _name(call) == name)


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _parts(
    call: ast.Call, parts: Mapping[str, str], by_place: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the fixed words a call is given for some of its parts, by name or by place."""
    given = [
        *zip(by_place, call.args, strict=False),
        *((word.arg or "", word.value) for word in call.keywords),
    ]
    for part, value in given:
        if part in parts:
            for words in _fixed(value):
                if any(letter.isalpha() for letter in words):
                    yield part, words


def _fixed(value: ast.expr) -> Iterator[str]:
    """Yield the fixed texts that an expression may give: itself, or either side of a choice."""
    match value:
        case ast.Constant(value=str(words)):
            yield words
        case ast.IfExp(body=body, orelse=other):
            yield from _fixed(body)
            yield from _fixed(other)
        case ast.BoolOp(values=values):
            for one in values:
                yield from _fixed(one)


if __name__ == "__main__":
    for language, done, messages in update_all():
        print(f"{language}: {done} of {messages} messages translated")
