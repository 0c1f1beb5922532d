"""The checks of the tables: every cell, row, key and reference, and what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

import pandas as pd
import pandera.pandas as pa

from eis_lib.pack.schema import (
    FIRST_YEAR,
    ID_PATTERN,
    LAST_YEAR,
    LIST_SEPARATOR,
    NUTS_PATTERN,
    PERIOD_PATTERN,
    Column,
    Fault,
    TableSchema,
    nearest_of,
    split_list,
)
from eis_lib.pack.vocabulary import Vocabulary

# --- checking --------------------------------------------------------------------------------------------------


def _is_date(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: str, column: Column) -> bool:
    pattern = r"-?\d+" if column.kind in {"integer", "year"} else r"-?\d+(\.\d+)?([eE][+-]?\d+)?"
    if not re.fullmatch(pattern, value):
        return False
    number = float(value)
    return (column.low is None or number >= column.low) and (column.high is None or number <= column.high)


def allowed_words(column: Column, codes: Iterable[str] = ()) -> str:
    """Return in words what a cell of `column` may hold; `codes` are the codes of its scheme."""
    if column.kind == "code":
        words = ", ".join(codes)
    elif column.kind == "reference":
        words = f"a key of {column.table}.csv"
    elif column.kind == "year":
        words = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
    elif column.kind in {"number", "integer"}:
        words = "a whole number" if column.kind == "integer" else "a number with a decimal point"
        if column.low is not None and column.high is not None:
            words += f" from {column.low:g} to {column.high:g}"
        elif column.low is not None:
            words += f" of at least {column.low:g}"
    else:
        words = {
            "id": "lower-case letters, digits, '-', '.' and '_', beginning with a letter or digit",
            "date": "a day as YYYY-MM-DD",
            "period": "a period as 2024, 2024-Q1 or 2024-05",
            "url": "an address that begins with http:// or https://, without spaces",
            "nuts": "a NUTS code such as DK04",
            "text": "text",
        }[column.kind]
    if column.many:
        words = (
            f"one or more of {words}, joined by ';'" if column.kind == "code" else f"{words}, joined by ';'"
        )
    return words


def _item_is_valid(value: str, column: Column, codes: frozenset[str]) -> bool:
    if column.kind == "code":
        return value in codes
    if column.kind in {"year", "number", "integer"}:
        return _is_number(value, column)
    if column.kind == "date":
        return _is_date(value)
    if column.kind == "url":
        return re.fullmatch(r"https?://[^\s<>\"]+", value) is not None
    if column.kind in {"id", "reference"}:
        return ID_PATTERN.fullmatch(value) is not None
    if column.kind == "nuts":
        return NUTS_PATTERN.fullmatch(value) is not None
    if column.kind == "period":
        return PERIOD_PATTERN.fullmatch(value) is not None
    return True


def pandera_schema(table: TableSchema, vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the pandera schema that checks the raw text of `table`, cell by cell.

    The schema expects a frame of text in which an empty cell is an empty string. A list cell is valid when all
    its items are, and none comes twice. References are checked for form only; whether they resolve needs the
    other tables (see :func:`check_references`).
    """

    def checks(column: Column) -> list[pa.Check]:
        codes = frozenset(vocabulary.codes(column.scheme)) if column.scheme else frozenset()

        def valid(cell: str) -> bool:
            if cell == "":
                return True
            if cell != cell.strip():
                return False
            if not column.many:
                return _item_is_valid(cell, column, codes)
            items = [item.strip() for item in cell.split(LIST_SEPARATOR)]
            return (
                all(items)
                and len(set(items)) == len(items)
                and all(_item_is_valid(item, column, codes) for item in items)
            )

        found = [pa.Check(valid, element_wise=True, name="valid")]
        if column.filled:
            found.append(pa.Check(lambda cell: cell.strip() != "", element_wise=True, name="filled"))
        return found

    return pa.DataFrameSchema(
        {column.name: pa.Column(str, checks(column), required=False) for column in table.columns},
        unique=None,
        strict=False,
    )


def check_cells(table: TableSchema, raw: pd.DataFrame, vocabulary: Vocabulary, file: str) -> list[Fault]:
    """Return every fault of the cells and rows of one table, references apart.

    Parameters
    ----------
    table : TableSchema
    raw : pd.DataFrame
        The file's text; an empty cell is an empty string; the index is 0, 1, … in file order.
    vocabulary : Vocabulary
    file : str
        How the file is named in a fault.
    """
    faults: list[Fault] = []
    if raw.empty:
        return faults
    try:
        pandera_schema(table, vocabulary).validate(raw, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.itertuples():
            column = table.by_name[str(case.column)]
            row = int(case.index) + 2
            cell = str(raw.at[int(case.index), column.name])
            if case.check == "filled":
                codes = vocabulary.codes(column.scheme) if column.scheme else ()
                faults.append(Fault(file, row, column.name, "is empty", allowed_words(column, codes)))
            else:
                faults.append(_cell_fault(column, cell, vocabulary, file, row))
    for key_fault in _duplicate_keys(table, raw, file):
        faults.append(key_fault)  # noqa: PERF402
    for rule in table.rules:
        kept = rule.holds(raw)
        for index in raw.index[~kept]:
            faults.append(
                Fault(
                    file, int(index) + 2, rule.column, f"holds '{raw.at[index, rule.column]!s}'", rule.allowed
                )
            )
    return faults


def _cell_fault(column: Column, cell: str, vocabulary: Vocabulary, file: str, row: int) -> Fault:
    codes = vocabulary.codes(column.scheme) if column.scheme else ()
    allowed = allowed_words(column, codes)
    if cell != cell.strip():
        return Fault(file, row, column.name, f"holds '{cell}'", "no space at either end", cell.strip())
    if not column.many:
        return Fault(file, row, column.name, f"holds '{cell}'", allowed, nearest_of(cell, codes))
    items = [item.strip() for item in cell.split(LIST_SEPARATOR)]
    if not all(items):
        return Fault(file, row, column.name, f"holds '{cell}', with an empty item", allowed)
    wrong = [item for item in items if not _item_is_valid(item, column, frozenset(codes))]
    if not wrong:
        twice = next(item for item in items if items.count(item) > 1)
        return Fault(file, row, column.name, f"holds '{twice}' twice", "each item once")
    return Fault(
        file,
        row,
        column.name,
        f"holds {', '.join(repr(item) for item in wrong)}",
        allowed,
        nearest_of(wrong[0], codes),
    )


def _duplicate_keys(table: TableSchema, raw: pd.DataFrame, file: str) -> list[Fault]:
    keys = [column for column in table.key if column in raw]
    if len(keys) != len(table.key):
        return []
    faults = []
    first: dict[tuple[str, ...], int] = {}
    for index, values in zip(raw.index, raw[keys].itertuples(index=False, name=None), strict=True):
        row = int(index) + 2
        if not any(values):
            continue
        if values in first:
            held = " / ".join(values)
            faults.append(
                Fault(
                    file,
                    row,
                    keys[0],
                    f"holds '{held}', as row {first[values]} does",
                    "each key once in the table",
                )
            )
        else:
            first[values] = row
    return faults


def check_references(
    table: TableSchema, raw: pd.DataFrame, keys: Mapping[str, Iterable[str]], file: str
) -> list[Fault]:
    """Return a fault for every reference that points at no row.

    Parameters
    ----------
    keys : mapping
        Table name → its keys, as found in the pack; an absent table has no keys.
    """
    faults = []
    for column in table.columns:
        if column.kind != "reference" or column.name not in raw:
            continue
        known = set(keys.get(column.table, ()))
        for index, cell in raw[column.name].items():
            items = split_list(cell) if column.many else ([cell] if cell else [])
            for item in items:
                if item not in known and ID_PATTERN.fullmatch(item):
                    faults.append(
                        Fault(
                            file,
                            int(str(index)) + 2,
                            column.name,
                            f"holds '{item}', which {column.table}.csv does not list",
                            allowed_words(column),
                            nearest_of(item, known),
                        )
                    )
    return faults
