"""The text of a CSV file, read so that a save leaves the rows that did not change as they were."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from eis_lib.pack.schema import Fault, TableSchema, nearest_of

# --- reading a file --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TableText:
    """The text of a CSV file, with each record's own bytes, so that a save can leave the others as they were.

    Attributes
    ----------
    header : tuple of str
    records : tuple of tuple of str
        The cells of each row.
    raw : tuple of str
        The text of each row as it stands in the file, line end included.
    head : str
        The text of the header row.
    sha256 : str
    """

    header: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    raw: tuple[str, ...]
    head: str
    sha256: str

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Return the cells as a frame of text; an empty cell is an empty string."""
        return pd.DataFrame(list(self.records), columns=list(self.header), dtype="str")


OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""What spreadsheets put between columns where a comma is the decimal mark."""


def read_table_text(path: Path, table: TableSchema, file: str) -> tuple[TableText | None, list[Fault]]:
    """Return the text of a CSV file and the faults of its form.

    Faults of form are: not UTF-8, empty, other separators than commas, a stray quotation mark, a row with too many or
    too few cells, a column that is missing, unknown or there twice. The text is ``None`` where it cannot be read as a table at all.
    """
    return _parse_table(path.read_bytes(), table, file)


def _parse_table(content: bytes, table: TableSchema, file: str) -> tuple[TableText | None, list[Fault]]:
    sha256 = hashlib.sha256(content).hexdigest()
    text, faults = _decoded(content, table, file)
    if faults:
        return None, faults
    consumed: list[str] = []
    lines = text.splitlines(keepends=True)
    for mark, between in OTHER_SEPARATORS.items():
        if mark in lines[0] and "," not in lines[0]:
            return None, [Fault(file, 1, "", f"has {between} between its columns", "commas")]

    def feed() -> Iterable[str]:
        for line in lines:
            consumed.append(line)
            yield line

    records: list[tuple[str, ...]] = []
    raw: list[str] = []
    quoting = (
        "quotation marks in pairs: a cell that holds one is enclosed in quotation marks, and the mark doubled"
    )
    reader = csv.reader(iter(feed()), strict=True)
    try:
        for cells in reader:
            record = "".join(consumed)
            consumed.clear()
            row = len(records) + 1
            if not any(cell.strip() for cell in cells):
                faults.append(Fault(file, row, "", "is a blank row", "rows with cells"))
            marked = sum(2 + 2 * cell.count('"') for cell in cells if '"' in cell)
            if record.count('"') < marked:
                cell = next(cell for cell in cells if '"' in cell)
                faults.append(
                    Fault(file, row, "", f"holds a stray quotation mark in '{_short(cell)}'", quoting)
                )
            records.append(tuple(cells))
            raw.append(record)
    except csv.Error:
        row = len(records) + 1
        rest = _short("".join(consumed).strip())
        return None, [*faults, Fault(file, row, "", f"holds a stray quotation mark in '{rest}'", quoting)]
    header = tuple(name.strip() for name in records[0])
    faults += _length_faults(records, file)
    faults += _header_faults(header, table, file)
    if faults:
        return None, faults
    return TableText(header, tuple(records[1:]), tuple(raw[1:]), raw[0], sha256), []


def _length_faults(records: list[tuple[str, ...]], file: str) -> list[Fault]:
    """Return the rows that have more or fewer cells than the header."""
    asked = len(records[0])
    return [
        Fault(file, row, "", f"has {len(cells)} cells", f"{asked} cells, as the header row has")
        for row, cells in enumerate(records[1:], start=2)
        if len(cells) != asked and any(cell.strip() for cell in cells)
    ]


def _decoded(content: bytes, table: TableSchema, file: str) -> tuple[str, list[Fault]]:
    """Return the text of a file, or why it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        return "", [
            Fault(
                file,
                row,
                "",
                f"holds the byte 0x{byte:02X}, which is not UTF-8",
                "a file saved as 'CSV UTF-8'",
            )
        ]
    if not text.strip():
        return "", [
            Fault(file, 0, "", "is empty", f"a header row: {', '.join(c.name for c in table.columns)}")
        ]
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        return "", [Fault(file, row, "", "holds a NUL, as no text does", "a file saved as 'CSV UTF-8'")]
    return text, []


def _header_faults(header: Sequence[str], table: TableSchema, file: str) -> list[Fault]:
    """Return the faults of columns that are there twice, unknown or missing."""
    faults = []
    known = [column.name for column in table.columns]
    for name in sorted({name for name in header if header.count(name) > 1}):
        faults.append(Fault(file, 1, name, "is there twice", "each column once"))
    for name in header:
        if name not in known:
            faults.append(
                Fault(
                    file, 1, name, "is not a column of this table", ", ".join(known), nearest_of(name, known)
                )
            )
    for column in table.columns:
        if column.present and column.name not in header:
            faults.append(Fault(file, 1, column.name, "is missing", "a header row with this column"))
    return faults


def _short(text: str, most: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def format_record(cells: Sequence[str], line_end: str = "\n") -> str:
    """Return one CSV row with the fewest quotation marks."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=line_end).writerow(cells)
    return buffer.getvalue()
