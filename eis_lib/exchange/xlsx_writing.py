"""A region pack written as an Excel workbook, with a guide, the code lists and the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from eis_lib.exchange.understood import CODES_SHEET, GUIDE_SHEET, REGION_SHEET
from eis_lib.pack.checks import allowed_words
from eis_lib.pack.folders import PROFILE_FILE
from eis_lib.pack.saving import read_rows
from eis_lib.pack.schema import TableSchema
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

# --- out -------------------------------------------------------------------------------------------------------


def export_xlsx(folder: Path, path: Path, vocabulary: Vocabulary) -> None:
    """Write a region pack as an Excel workbook.

    It holds the region's own rows: what it has from a layer stands in the layer, and is not the region's to edit.

    One sheet per table, in reading order, with a note on each header, a drop-down on each cell that holds one code,
    the header row frozen; a sheet ``region`` with what ``region.yaml`` says, and a sheet that explains. Every cell
    is text.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``.
    path : Path
        The file to write; its folder must exist.
    vocabulary : Vocabulary
    """
    book = openpyxl.Workbook()
    guide = book.create_sheet(GUIDE_SHEET, 0)
    del book[book.sheetnames[1]]
    lists = _write_codes(book.create_sheet(CODES_SHEET), vocabulary)
    _write_region(book.create_sheet(REGION_SHEET), folder)
    for table in PACK_TABLES.values():
        rows, _hash = read_rows(folder, table.name)
        _write_table(book.create_sheet(table.name), table, rows, vocabulary, lists)
    _write_guide(guide, folder.name)
    book.move_sheet(CODES_SHEET, offset=len(book.sheetnames))
    book.properties.creator = "EIS Workbooks"
    book.properties.created = book.properties.modified = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - same bytes twice
    beside = path.with_name(f".{path.name}.new")
    try:
        book.save(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _text(cell: Any, value: str) -> None:
    """Put text into a cell, as text whatever it looks like."""
    cell.value = value
    cell.data_type = "s"
    cell.number_format = "@"
    # Excel takes a cell with this mark as text even after somebody has edited it
    cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}


def _head(sheet: Worksheet, row: int, names: Sequence[str]) -> None:
    for number, name in enumerate(names, start=1):
        cell = sheet.cell(row, number)
        _text(cell, name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DCE9F3")
        cell.alignment = Alignment(vertical="top", wrap_text=True)


def _write_codes(sheet: Worksheet, vocabulary: Vocabulary) -> dict[str, str]:
    """Write one column per code list; return scheme → the range its codes stand in."""
    _head(sheet, 1, vocabulary.schemes)
    ranges = {}
    for number, scheme in enumerate(vocabulary.schemes, start=1):
        codes = vocabulary.codes(scheme)
        for row, code in enumerate(codes, start=2):
            _text(sheet.cell(row, number), code)
        letter = get_column_letter(number)
        ranges[scheme] = f"{CODES_SHEET}!${letter}$2:${letter}${len(codes) + 1}"
    sheet.sheet_state = "hidden"
    return ranges


def _write_region(sheet: Worksheet, folder: Path) -> None:
    # every scalar as text: the sheet shows what the file holds
    text = (folder / PROFILE_FILE).read_text("utf-8-sig")
    profile = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes nothing but text
    _head(sheet, 1, ["key", "value"])
    for row, (key, value) in enumerate(profile.items(), start=2):
        plain = (
            value
            if isinstance(value, str)
            else yaml.safe_dump(value, allow_unicode=True, default_flow_style=True)
        )
        _text(sheet.cell(row, 1), key)
        _text(sheet.cell(row, 2), plain.strip())
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 90
    sheet.freeze_panes = "A2"


def _write_table(
    sheet: Worksheet,
    table: TableSchema,
    rows: Sequence[Mapping[str, str]],
    vocabulary: Vocabulary,
    lists: Mapping[str, str],
) -> None:
    _head(sheet, 1, [column.name for column in table.columns])
    for number, column in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        codes = vocabulary.codes(column.scheme) if column.scheme else ()
        must = "Must be filled. " if column.filled else ""
        note = Comment(f"{column.about}\n{must}Allowed: {allowed_words(column, codes)}.", "EIS Workbooks")
        note.width, note.height = 320, 160
        sheet.cell(1, number).comment = note
        sheet.column_dimensions[letter].width = 34 if column.kind == "text" else 18
        if column.scheme and not column.many:
            choice = DataValidation(type="list", formula1=f"={lists[column.scheme]}", allow_blank=True)
            choice.error, choice.errorTitle = allowed_words(column, codes)[:250], "Not a code of this list"
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{max(len(rows), 1) + 500}")
        for row, values in enumerate(rows, start=2):
            if values.get(column.name):
                _text(sheet.cell(row, number), values[column.name])
    sheet.freeze_panes = "B2"


def _write_guide(sheet: Worksheet, region: str) -> None:
    lines = [
        f"Region pack '{region}' of EIS Workbooks",
        "",
        "One sheet per table; the first row names the columns, and a note on each says what it means and allows.",
        "Leave the first row as it is. Add rows at the end. The order of rows is kept.",
        "An empty cell means 'not known'. Zero means 'known to be none'.",
        "A cell that holds several codes joins them with a semicolon: plan;enter",
        "Cells with one code have a drop-down. All code lists stand on the hidden sheet 'codes'.",
        "Years have four digits, days are 2024-06-30, numbers have a decimal point. Everything is kept as text.",
        "Every row names its source (source_url, source_title) and how well it is backed (evidence).",
        "No person's name anywhere: roles and organisations only.",
        "Rows that the region has from a layer, such as those of Europe, are not here; other rows may name their keys.",
        "",
        "Bring it back with: eis import FILE.xlsx (says what it understood), then eis import FILE.xlsx --write",
        "",
        *(f"{table.name}: {table.about}" for table in PACK_TABLES.values()),
    ]
    for number, line in enumerate(lines, start=1):
        _text(sheet.cell(number, 1), line)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 110
