"""A region pack as an Excel workbook, and back: also from a sheet that an officer made by hand.

Export writes everything as text, so that nothing turns into a date, a number or a formula. Import says how it read
each cell that was not plain, and what it could not read, before anything is written.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
import yaml
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from eis_lib.exchange.synonyms import REGION_SYNONYMS, SYNONYMS
from eis_lib.exchange.understood import CODES_SHEET, GUIDE_SHEET, LONGEST_HEADER, Reading, Understood, _fold
from eis_lib.pack.checks import check_cells, check_references
from eis_lib.pack.profile import RegionProfile
from eis_lib.pack.schema import LIST_SEPARATOR, Column, Fault, TableSchema, nearest_of
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

HEADER_ROWS_SEARCHED = 12
"""Rows at the top of a hand-made sheet among which its header is looked for."""

SURE_ENOUGH, SHORT = 0.82, 4
"""Likeness from which another spelling is taken for a code, and length up to which none is: everything else is asked."""

LEAST_COLUMNS = 3
"""Headers that must be recognised before a sheet is taken for a table."""


# --- in --------------------------------------------------------------------------------------------------------


def import_xlsx(
    path: Path, vocabulary: Vocabulary, layer_keys: Mapping[str, Collection[str]] = MappingProxyType({})
) -> Understood:
    """Return what an Excel workbook says, without writing anything.

    Sheets are taken for the table whose columns their header row names; titles above it, blank rows, another order
    of columns, labels in place of codes, European numbers and dates and stray spaces are read and reported.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file, exported by :func:`export_xlsx` or made by hand.
    vocabulary : Vocabulary
    layer_keys : mapping of str to collection of str
        Table → keys of layers, at which a row may point: a layer's rows are in no workbook, for they are no region's.

    Raises
    ------
    ValueError
        If the file is not an Excel workbook, or no sheet of it is a table.
    """
    try:
        book = openpyxl.load_workbook(path, data_only=False)
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parsers raise
        raise ValueError(f"{path.name}: cannot be read as an Excel workbook (.xlsx): {error}") from None
    found = Understood()
    cells: dict[str, list[dict[str, str]]] = {}
    for sheet in book.worksheets:
        if sheet.title in {GUIDE_SHEET, CODES_SHEET}:
            continue
        if _is_about_region(sheet):
            _read_region(sheet, found)
        else:
            _read_sheet(sheet, vocabulary, found, cells)
    if not found.tables and not found.profile:
        raise ValueError(
            f"{path.name}: no sheet has a header row of one of the tables {', '.join(PACK_TABLES)}; "
            "see parameters/README.md for their columns"
        )
    _resolve_names(found, cells)
    _check(found, cells, vocabulary, layer_keys)
    return found


def _column_of(header: str, table: TableSchema) -> Column | None:
    """Return the column a header means in a table, or None."""
    name = _column_name(_fold(header), table.name)
    return table.by_name[name] if name else None


@cache  # any text in the first rows of a sheet may be a header of any table
def _column_name(folded: str, table_name: str) -> str:
    table = PACK_TABLES[table_name]
    if not folded or len(folded) > LONGEST_HEADER:
        return ""
    for column in table.columns:
        if folded == _fold(column.name):
            return column.name
    for column in table.columns:
        if folded in (_fold(word) for word in SYNONYMS.get(column.name, ())):
            return column.name
    near = nearest_of(folded, [_fold(column.name) for column in table.columns if len(column.name) > SHORT])
    return next((column.name for column in table.columns if near and _fold(column.name) == near), "")


def _header(sheet: Worksheet) -> tuple[TableSchema, int, dict[int, Column], list[str]] | None:
    """Return the table a sheet is, the row of its header, cell number → column, and the headers not understood."""
    best: tuple[float, TableSchema, int, dict[int, Column], list[str]] | None = None
    for number, row in enumerate(sheet.iter_rows(max_row=HEADER_ROWS_SEARCHED), start=1):
        texts = {cell.column: str(cell.value).strip() for cell in row if cell.value not in {None, ""}}
        if len(texts) < LEAST_COLUMNS:
            continue
        for table in PACK_TABLES.values():
            columns: dict[int, Column] = {}
            unknown = []
            for place, text in texts.items():
                column = _column_of(text, table)
                if column is None or column in columns.values():
                    unknown.append(text)
                else:
                    columns[place] = column
            named = _fold(table.name).rstrip("s") in _fold(sheet.title)
            needed = sum(1 for column in columns.values() if column.filled)
            score = len(columns) + needed - len(unknown) + (3 if named else 0)
            if len(columns) >= LEAST_COLUMNS and (best is None or score > best[0]):
                best = (score, table, number, columns, unknown)
    return None if best is None else best[1:]


def _region_key(text: str) -> str:
    """Return the key of ``region.yaml`` that a word means, or nothing."""
    folded = _fold(text)
    for key in RegionProfile.model_fields:
        if folded and folded in {_fold(key), *map(_fold, REGION_SYNONYMS.get(key, ()))}:
            return key
    return ""


def _pairs(sheet: Worksheet) -> Iterable[tuple[str, Cell | MergedCell]]:
    """Return the words in the first column, each with the cell beside it, of rows where both are filled."""
    for row in sheet.iter_rows(max_row=60, max_col=2):
        if len(row) > 1 and all(str(cell.value or "").strip() for cell in row):
            yield str(row[0].value).strip(), row[1]


def _is_about_region(sheet: Worksheet) -> bool:
    keys = {_region_key(word) for word, _cell in _pairs(sheet)} - {""}
    return len(keys) >= LEAST_COLUMNS and _header(sheet) is None


def _read_region(sheet: Worksheet, found: Understood) -> None:
    """Read a sheet of two columns, word and value, as keys of ``region.yaml``."""
    for word, cell in _pairs(sheet):
        key, held = _region_key(word), _as_text(cell.value).strip()
        if not key and word != "key":
            found.left_out.append(f"sheet '{sheet.title}': row '{word}' was not understood")
        if not key:
            continue
        read: Any = held
        if held[:1] in {"[", "{"}:
            read = yaml.load(held, Loader=yaml.BaseLoader)  # noqa: S506
        elif key in {"population", "budget_eur"}:
            read = _number(held)
        elif key == "review_date":
            read = _date(held)
        elif key == "invented":
            read = {"yes": "true", "no": "false"}.get(held.casefold(), held)
        elif key == "languages":
            read = [part.strip().lower() for part in re.split(r"[;,/]", held)]
        elif key == "partners":
            read = [{"name": part.strip()} for part in re.split(r"[;\n]", held) if part.strip()]
        found.profile[key] = read
        found.profile_cells[key] = f"{sheet.title}:{cell.coordinate}"
        if key in {"population", "budget_eur", "review_date"} and read != held:
            found.readings.append(Reading(sheet.title, cell.coordinate, held, read))


def _read_sheet(
    sheet: Worksheet, vocabulary: Vocabulary, found: Understood, cells: dict[str, list[dict[str, str]]]
) -> None:
    header = _header(sheet)
    if header is None:
        if any(cell.value not in {None, ""} for row in sheet.iter_rows(max_row=50) for cell in row):
            found.left_out.append(f"sheet '{sheet.title}': no header row of a table was recognised")
        return
    table, head, columns, unknown = header
    found.sheets[sheet.title] = table.name
    for name in unknown:
        found.left_out.append(f"sheet '{sheet.title}': column '{name}' was not understood")
    rows = found.tables.setdefault(table.name, [])
    places = cells.setdefault(table.name, [])
    for row in sheet.iter_rows(min_row=head + 1):
        values: dict[str, str] = {}
        where: dict[str, str] = {"": sheet.title, "#": str(row[0].row)}
        for cell in row:
            column = columns.get(cell.column or 0)
            if column is None:
                continue
            held = _as_text(cell.value)
            read = _read_cell(held, cell.value, column, vocabulary)
            where[column.name] = cell.coordinate
            if read:
                values[column.name] = read
            if read != held.strip():
                found.readings.append(Reading(sheet.title, cell.coordinate, held, read))
        if values:
            rows.append(values)
            places.append(where)
    if not rows:
        del found.tables[table.name]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _read_cell(held: str, value: object, column: Column, vocabulary: Vocabulary) -> str:
    """Return the text our table would hold for what stands in a cell; what cannot be read stays as it is."""
    text = " ".join(held.split()) if column.kind != "text" else held.strip()
    if not text or text.casefold() in {"n/a", "na", "-", "–", "—", "?", "unknown"}:
        return ""
    if column.many:
        parts = re.split(r"[;\n]|,(?=\s*\S)|/" if column.kind == "code" else r"[;\n]", text)
        items = [_read_item(part.strip(), column, vocabulary) for part in parts if part.strip()]
        return LIST_SEPARATOR.join(dict.fromkeys(items))
    if column.kind == "year" and isinstance(value, (dt.date, dt.datetime)):
        return str(value.year)
    return _read_item(text, column, vocabulary)


def _read_item(text: str, column: Column, vocabulary: Vocabulary) -> str:
    if column.kind == "code":
        return _code(text, column.scheme, vocabulary)
    if column.kind in {"number", "integer"}:
        return _number(text)
    if column.kind == "year":
        year = re.fullmatch(r"(?:.*\D)?((?:19|20)\d\d)(?:\.0)?", text)
        return year[1] if year else text
    if column.kind == "date":
        return _date(text)
    if column.kind == "id":
        return text
    return text


def _code(text: str, scheme: str, vocabulary: Vocabulary) -> str:
    codes = vocabulary.codes(scheme)
    if text in codes:
        return text
    folded = _fold(text)
    for code in codes:
        if folded in {_fold(code), _fold(vocabulary.label(scheme, code))}:
            return code
    words = {_fold(code): code for code in codes} | {
        _fold(vocabulary.label(scheme, code)): code for code in codes
    }
    named = {code for word, code in words.items() if word.startswith((f"{folded} or ", f"{folded} and "))}
    if folded and len(named) == 1:
        return named.pop()
    # a slip of the pen and no more: 'fee' is not 'free', 'guarantee' is not 'grant'
    slips = difflib.get_close_matches(folded, words, n=1, cutoff=SURE_ENOUGH) if len(folded) > SHORT else []
    return words[slips[0]] if slips else text


def _number(text: str) -> str:
    """Return a number in either European or English writing with a decimal point; other text as it stands.

    Examples
    --------
    >>> _number("1.234.567,50"), _number("1,234.5"), _number("EUR 25 000"), _number("12,5"), _number("many")
    ('1234567.5', '1234.5', '25000', '12.5', 'many')
    """
    bare = re.sub(r"(?i)(eur|euro|€|\s|')", "", text.replace("\u00a0", ""))
    if not re.fullmatch(r"-?[\d.,]+", bare):
        return text
    if "," in bare and "." in bare:
        decimal = max(bare.rfind(","), bare.rfind("."))
        whole = re.sub(r"[.,]", "", bare[:decimal])
        bare = f"{whole}.{bare[decimal + 1 :]}"
    elif bare.count(",") > 1 or bare.count(".") > 1:
        bare = re.sub(r"[.,]", "", bare)
    elif re.fullmatch(r"-?[1-9]\d{0,2}[.]\d{3}", bare):
        bare = bare.replace(".", "")
    elif re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", bare):
        bare = bare.replace(",", "")
    else:
        bare = bare.replace(",", ".")
    number = float(bare)
    return str(int(number)) if number.is_integer() else repr(number)


def _date(text: str) -> str:
    """Return a day as YYYY-MM-DD from European writing; other text as it stands.

    Examples
    --------
    >>> _date("3.6.2024"), _date("30/06/2024"), _date("2024-06-30"), _date("June")
    ('2024-06-03', '2024-06-30', '2024-06-30', 'June')
    """
    match = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\.?", text)
    if match:
        try:
            return dt.date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        except ValueError:
            return text
    return text


def _resolve_names(found: Understood, cells: Mapping[str, list[dict[str, str]]]) -> None:
    """Give rows without a key one made of their name, and turn names in references into keys."""
    for name in found.tables:
        if len(PACK_TABLES[name].key) == 1:
            _give_keys(found, name, cells[name])
    for name in found.tables:
        for column in PACK_TABLES[name].columns:
            if column.kind == "reference":
                _refer_by_key(found, name, column, cells[name])


def _give_keys(found: Understood, name: str, cells: list[dict[str, str]]) -> None:
    key, rows = PACK_TABLES[name].key[0], found.tables[name]
    taken = {row[key] for row in rows if row.get(key)}
    for row, where in zip(rows, cells, strict=True):
        if row.get(key):
            slug = re.sub(r"[^a-z0-9._-]+", "-", _fold(row[key]).replace(" ", "-")).strip("-")
            if row[key] != slug and not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", row[key]):
                found.readings.append(Reading(where[""], where[key], row[key], slug))
                row[key] = slug
            continue
        words = row.get("name_en") or row.get("name") or row.get("title") or ""
        slug = "-".join(_fold(words).split()[:6])
        while slug and slug in taken:
            slug += "-2"
        if slug:
            row[key] = slug
            taken.add(slug)
            found.readings.append(Reading(where[""], f"row {where['#']}", words, f"{key} {slug}"))


def _refer_by_key(found: Understood, name: str, column: Column, cells: list[dict[str, str]]) -> None:
    known = _names_of(found, column.table)
    for row, where in zip(found.tables[name], cells, strict=True):
        held = row.get(column.name, "")
        items = held.split(LIST_SEPARATOR) if column.many else [held]
        read = [known.get(_fold(item), item) if item else "" for item in items]
        if held and read != items:
            row[column.name] = LIST_SEPARATOR.join(read)
            found.readings.append(Reading(where[""], where[column.name], held, row[column.name]))


def _names_of(found: Understood, table: str) -> dict[str, str]:
    """Return every way a row of a table may be called → its key."""
    key = PACK_TABLES[table].key[0]
    names: dict[str, str] = {}
    for row in found.tables.get(table, []):
        for column in ("name", "name_en", "title", key):
            if row.get(column) and row.get(key):
                names[_fold(row[column])] = row[key]
    return names


def _choices(fault: Fault, table: TableSchema, found: Understood) -> tuple[str, str]:
    """Return what a cell may hold in the words of a spreadsheet, and what is nearest.

    A reference is asked for by the names the file gives. No code is suggested by its letters: a slip of the pen was read
    already, and what is left is another word ('fee' is near to 'free' and means the opposite).
    """
    column = table.by_name.get(fault.column)
    if column is None or column.kind not in {"code", "reference"}:
        return fault.allowed, fault.nearest
    if column.kind == "code":
        return fault.allowed, ""
    rows = found.tables.get(column.table, ())
    names = [row[part] for row in rows for part in ("name_en", "name", "title") if row.get(part)]
    sheets = [f"'{sheet}'" for sheet, name in found.sheets.items() if name == column.table]
    if not names or not sheets:
        return fault.allowed, fault.nearest
    from rapidfuzz import fuzz, process

    held = fault.holds.removeprefix("holds '").removesuffix("'")
    near = process.extractOne(held, names, scorer=fuzz.token_set_ratio, score_cutoff=75)
    many = ", joined by ';'" if column.many else ""
    return f"a name or key of the sheet {' or '.join(sheets)}{many}", near[0] if near else ""


def _check(
    found: Understood,
    cells: Mapping[str, list[dict[str, str]]],
    vocabulary: Vocabulary,
    layer_keys: Mapping[str, Collection[str]],
) -> None:
    """Add every fault of the tables read, at sheet and cell, in the words of ``eis check``."""
    import pandas as pd

    keys = {
        name: {*(row.get(table.key[0], "") for row in found.tables.get(name, ())), *layer_keys.get(name, ())}
        for name, table in PACK_TABLES.items()
    }
    for name, rows in found.tables.items():
        table = PACK_TABLES[name]
        raw = pd.DataFrame(
            [[row.get(column.name, "") for column in table.columns] for row in rows],
            columns=[column.name for column in table.columns],
            dtype="str",
        )
        faults: Iterable[Fault] = [
            *check_cells(table, raw, vocabulary, name),
            *check_references(table, raw, keys, name),
        ]
        absent: dict[tuple[str, str], list[Fault]] = {}
        alike: dict[tuple[str, ...], list[str]] = {}
        for fault in sorted(faults):
            where = cells[name][fault.row - 2]
            if fault.column in table.by_name and fault.column not in where:
                absent.setdefault((where[""], fault.column), []).append(fault)
                continue
            place = where.get(fault.column, f"row {where['#']}")
            question = where[""], fault.column, fault.holds, *_choices(fault, table, found)
            alike.setdefault(question, []).append(place)
        for (sheet, column, holds, allowed, nearest), places in alike.items():
            found.faults.append(Fault(sheet, 0, f"{', '.join(places)} {column}", holds, allowed, nearest))
        for (sheet, column), missed in absent.items():
            found.faults.append(
                Fault(
                    sheet, 0, column, f"there is no such column, and {len(missed)} rows cannot do without",
                    f"a column '{column}' ({table.by_name[column].about.rstrip('.')}): {missed[0].allowed}",
                )
            )  # fmt: skip
