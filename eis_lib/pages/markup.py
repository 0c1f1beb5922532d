"""HTML of what the pages are made of: Markdown that cannot smuggle anything in, tables that can be sorted and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import bleach
import pandas as pd
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from eis_lib.language.messages import (
    COLUMN,
    ENGLISH,
    SCHEME,
    english_left,
    gettext,
    lang_attribute,
    language_spoken,
    pgettext,
    use_language,
)
from eis_lib.language.numbers import decimal, significant
from eis_lib.language.sentences import sentences

TAGS = frozenset(
    [
        "p",
        "br",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "hr",
        "sup",
        "sub",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)

ATTRIBUTES = {"a": ["href", "title"], "th": ["scope", "lang"], "td": [], "caption": ["lang"], "p": ["lang"]}

PROTOCOLS = frozenset({"http", "https", "mailto"})
WEB_ADDRESS = re.compile(r"https?://[^\s;]+")
BROAD = 9
"""Columns from which a table is too broad for an upright page, and gets a page of its own on paper."""

NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")

LABELS = {
    "name_en": "name in English",
    "url": "web site",
    "source_url": "source",
    "source_title": "title of the source",
}

Linker = Callable[[str, str, str], tuple[str, str] | None]
"""Region, column, item → address and text of the row it names, or nothing."""


def clean(html: str) -> Markup:
    """Return HTML with every tag, attribute and address taken off that a page of ours does not need."""
    return Markup(bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True))  # noqa: S704


@lru_cache(maxsize=4096)
def markdown(text: str) -> Markup:
    """Return Markdown as clean HTML."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return clean(MarkdownWithMath(renderer=renderer).render(text))


def plain_text(text: str) -> str:
    """Return Markdown as the text a reader sees."""
    return " ".join(Markup(re.sub(r"<[^>]+>", " ", markdown(text))).unescape().split())  # noqa: S704


def words(column: str) -> str:
    """Return the name of a column as words.

    Examples
    --------
    >>> words("largest_provider")
    'Largest provider'
    """
    text = LABELS.get(column) or column.replace("_", " ").strip()
    return pgettext(COLUMN, text[:1].upper() + text[1:])


def scheme_words(scheme: str) -> str:
    """Return the name of a list of codes as words.

    Examples
    --------
    >>> scheme_words("support_type")
    'Support type'
    """
    return pgettext(SCHEME, scheme.replace("_", " ").capitalize())


def cell_text(value: object) -> str:
    """Return a cell as a reader sees it; a missing one is a dash.

    Examples
    --------
    >>> cell_text(0.25), cell_text(1234567.0), cell_text(float("nan")), cell_text(True)
    ('0.25', '1,234,567', '–', 'yes')
    """
    if isinstance(value, (tuple, list)):
        return "; ".join(map(str, value)) or "–"
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        if value.is_integer():
            return decimal(value)
        return significant(value) if abs(value) < 100 else decimal(value)
    return str(value)


@dataclass(frozen=True)
class Sheet:
    """A table for a page.

    Attributes
    ----------
    frame : DataFrame
    caption : str
    csv : str
        Address of the whole table as a file; empty where there is none.
    note : str
    region : str
        Whose rows the table names, where it has no column ``region``.
    """

    frame: pd.DataFrame
    caption: str
    csv: str = ""
    note: str = ""
    region: str = ""


def table(sheet: Sheet, link: Linker, most: int) -> Markup:
    """Return a table that a keyboard can scroll, a script can sort and a reader can keep.

    Parameters
    ----------
    sheet : Sheet
    link : callable
        Finds the row that a cell names.
    most : int
        Rows shown; of a longer table the rest is in the file, and the page says so.
    """
    frame = sheet.frame.head(most)
    names = [str(name) for name in frame.columns]
    numeric = [_is_numeric(frame.iloc[:, column]) for column in range(len(names))]
    first = frame.iloc[:, 0] if names else pd.Series(dtype=object)
    has_row_heads = bool(len(first)) and first.is_unique and not first.isna().any()
    number = ' class="n"'
    head = "".join(
        f'<th scope="col"{number if is_number else ""}{lang_attribute(words(name))}>{escape(words(name))}</th>'
        for name, is_number in zip(names, numeric, strict=True)
    )
    regions = frame["region"] if "region" in names else None
    body = []
    for index, cells in enumerate(frame.itertuples(index=False, name=None)):
        region = str(regions.iloc[index]) if regions is not None else sheet.region
        row = []
        for column, (name, is_number, cell) in enumerate(zip(names, numeric, cells, strict=True)):
            content = _cell(cell, name, region, link)
            if column == 0 and has_row_heads:
                row.append(f'<th scope="row"{number if is_number else ""}>{content}</th>')
            else:
                row.append(f"<td{number if is_number else ''}{_sorted_by(cell)}>{content}</td>")
        body.append(f"<tr>{''.join(row)}</tr>")
    below = []
    if frame.empty:
        below.append(gettext("No rows."))
    elif len(frame) < len(sheet.frame):
        below.append(
            gettext("The first {shown} of {all} rows; all are in the file.").format(
                shown=len(frame), all=len(sheet.frame)
            )
        )
    if sheet.note:
        below.append(gettext(sheet.note))
    caption = gettext(sheet.caption)
    label = escape(caption)
    kind = "data broad" if len(names) > BROAD else "data"
    keep = (
        f'<a href="{escape(sheet.csv)}" download>{escape(gettext("Download as CSV"))}<span class="hidden">: {label}</span></a> '
        if sheet.csv
        else ""
    )
    said = sentences(*below)
    told = f'<span lang="en">{escape(said)}</span>' if english_left(said) else escape(said)
    under = f'<p class="under">{keep}{told}</p>' if keep or below else ""
    return Markup(  # noqa: S704 - every text in it is escaped above
        f'<div class="scroll" role="group" aria-label="{escape(gettext("Table:"))} {label}" tabindex="0"><table class="{kind}">'
        f"<caption{lang_attribute(caption)}>{label}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{under}"
    )


def _sorted_by(cell: object) -> str:
    """Return the attribute that tells the script the number of a cell, where it is not written as in English."""
    if language_spoken() == ENGLISH or not isinstance(cell, float) or pd.isna(cell):
        return ""
    return f' data-value="{cell:.10g}"'


def _is_numeric(column: pd.Series) -> bool:
    """Return whether a column holds numbers; a dash among them stands for none."""
    if pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    with use_language(ENGLISH):
        cells = [text for text in map(cell_text, column) if text not in {"–", ""}]
    return bool(cells) and all(map(NUMBER.fullmatch, cells))


def _cell(value: object, column: str, region: str, link: Linker) -> str:
    # a column of whole numbers in which one is missing is read as one of fractions
    is_year = "year" in column.lower() and isinstance(value, float) and value.is_integer()
    text = str(int(value)) if is_year and isinstance(value, float) else cell_text(value)
    if not isinstance(value, str):
        return str(escape(text))
    if WEB_ADDRESS.fullmatch(value):
        return str(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(value))
    items = [item.strip() for item in value.split(";")]
    found = [link(region, column, item) for item in items]
    if not any(found):
        return str(escape(text))
    return "; ".join(
        f'<a href="{escape(place[0])}">{escape(item)}</a>' if place else str(escape(item))
        for item, place in zip(items, found, strict=True)
    )
