"""How a section looks in a notebook: answer, charts, tables, how sure, what to check.

One function says what is shown (:func:`outputs_of`); a batch run displays it, a live page hands the same to a widget.
Fixed words of a section are looked up here in the catalogue of the language spoken; a sentence made of values has been
before it came here, or is English and is marked as such.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from IPython.display import display

from eis_lib.charts.picture import Picture, draw
from eis_lib.language.messages import (
    COLUMN,
    ENGLISH,
    Spoken,
    english_left,
    gettext,
    lang_attribute,
    language_spoken,
    ngettext,
    pgettext,
)
from eis_lib.language.numbers import decimal, significant
from eis_lib.language.sentences import sentences
from eis_lib.section.section import Section, Table

ROWS_SHOWN = 15
"""Rows of a table shown in a notebook; all of them are in the CSV."""

VEGA_LITE = "application/vnd.vegalite.v5+json"
NO_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
"""One clear pixel. JupyterLab makes a picture of a chart that comes without, tells of it, and thereby draws the chart again."""


@dataclass(frozen=True)
class Output:
    """One thing shown in a notebook: its MIME bundle and metadata."""

    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)


def outputs_of(section: Section, pictures: Mapping[str, Picture], step: str) -> Iterator[Output]:
    """Return what a section shows, in order."""
    yield markdown(gettext(section.answer))
    for picture in pictures.values():
        yield Output(*picture.mime_bundle)
    yield from rest_of(section, step)


def rest_of(section: Section, step: str) -> Iterator[Output]:
    """Return what a section shows below its charts."""
    for name, table in section.tables.items():
        yield table_output(table, step, name)
    closing = [
        (gettext("How sure:"), gettext(section.how_sure)),
        (gettext("To check:"), gettext(section.to_check)),
    ]
    said = [(head, text) for head, text in closing if text]
    if language_spoken() == ENGLISH:
        if said:
            yield markdown("\n\n".join(f"**{head}** {text}" for head, text in said))
        return
    for head, text in said:
        if english_left(text):
            yield markdown(Spoken(f"**{head}**") if isinstance(head, Spoken) else f"**{head}**")
            yield markdown(text)
        else:
            yield markdown(Spoken(f"**{head}** {text}"))


def live_outputs_of(section: Section, step: str) -> Iterator[Output]:
    """Return what a section shows on a live page: as :func:`outputs_of`, with charts the browser draws itself.

    A chart is drawn as SVG elements, so that a click finds the mark it fell on; no picture is made beforehand.
    """
    yield markdown(gettext(section.answer))
    for chart in section.charts.values():
        picture = draw(chart)
        yield Output(
            {VEGA_LITE: picture.spec, "image/png": NO_PICTURE, "text/plain": picture.description},
            {VEGA_LITE: {"embed_options": {"renderer": "svg", "actions": False}}},
        )
    yield from rest_of(section, step)


def table_output(table: Table, step: str, name: str) -> Output:
    """Return a table: caption, human headers, at most :data:`ROWS_SHOWN` rows, note; text of packs is escaped."""
    return Output(
        {"text/html": table_html(table, step, name), "text/plain": table.caption},
        {"eis": {"table": name, "note": table.note}},  # by which a page finds the whole table
    )


def markdown(text: str) -> Output:
    """Return Markdown, with the same text as the plain alternative; what stayed English is marked for a page."""
    marked = {"eis": {"lang": ENGLISH}} if english_left(text) else {}
    return Output({"text/markdown": str(text), "text/plain": str(text)}, marked)


def show(output: Output) -> None:
    """Show one thing in the cell that is being executed."""
    display(dict(output.data), metadata=dict(output.metadata), raw=True)


def table_html(table: Table, step: str, name: str) -> str:
    """Return a table as HTML: every table of the project passes through here, so that all look alike.

    Headers are the column names as words; codes and text of packs are escaped; numbers are right-aligned.
    """
    frame = table.first(ROWS_SHOWN)
    numeric = {column for column in frame.columns if pd.api.types.is_numeric_dtype(frame[column])}
    # JupyterLab aligns every cell to the right; text reads from the left
    align = {c: f' style="text-align:{"right" if c in numeric else "left"}"' for c in frame.columns}
    words = {c: column_words(str(c)) for c in frame.columns}
    head = "".join(
        f'<th scope="col"{align[c]}{lang_attribute(words[c])}>{html.escape(words[c])}</th>'
        for c in frame.columns
    )
    body = []
    for row in frame.itertuples(index=False, name=None):
        cells = "".join(
            f"<td{align[column]}>{html.escape(_cell(value))}</td>"
            for column, value in zip(frame.columns, row, strict=True)
        )
        body.append(f"<tr>{cells}</tr>")
    rest = len(table) - len(frame)
    notes = [gettext(table.note)] if table.note else []
    if rest > 0:
        file = f"tables/{step}/{name}.csv"
        notes.append(
            ngettext("{number} more row in {file}.", "{number} more rows in {file}.", rest).format(
                number=rest, file=file
            )
        )
    if not len(table):
        notes.append(gettext("No rows."))
    said = gettext(table.caption)
    caption = f'<caption style="text-align:left"{lang_attribute(said)}>{html.escape(said)}</caption>'
    note = sentences(*notes)
    foot = f"<p{lang_attribute(note)}>{html.escape(note)}</p>" if notes else ""
    return f'<table class="eis-table">{caption}<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>{foot}'


def column_words(column: str) -> str:
    """Return the name of a column as words of the language spoken.

    Examples
    --------
    >>> column_words("largest_provider")
    'Largest provider'
    """
    words = column.replace("_", " ").strip()
    return pgettext(COLUMN, words[:1].upper() + words[1:])


def _cell(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "; ".join(map(str, value))
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        return significant(value) if abs(value) < 100 else decimal(value)
    return str(value)
