"""Tables read for an edit and saved: checked first, and never over a change made meanwhile."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.csv_text import TableText, format_record, read_table_text
from eis_lib.pack.folders import PackError
from eis_lib.pack.reading import read_pack, read_tables
from eis_lib.pack.schema import Fault, TableSchema
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import load_vocabulary


class ChangedOnDiskError(RuntimeError):
    """Raised when a file to be saved is no longer the one that was read."""


# --- saving ----------------------------------------------------------------------------------------------------


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it in, so that a killed process leaves old or new, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _schema(table: str) -> TableSchema:
    return PACK_TABLES.get(table) or COMMON_TABLES[table]


def read_rows(folder: Path, table: str) -> tuple[list[dict[str, str]], str]:
    """Return the rows of a table as text, and the hash of the file, for somebody who is about to edit them.

    An absent table has no rows and the hash ``""``. For a table that all regions share, `folder` is ``_common``.

    Raises
    ------
    PackError
        If the file cannot be read as a table.
    """
    schema = _schema(table)
    path = folder / schema.file
    if not path.is_file():
        return [], ""
    text, faults = read_table_text(path, schema, f"{folder.name}/{schema.file}")
    if text is None:
        raise PackError(faults)
    return [dict(zip(text.header, cells, strict=True)) for cells in text.records], text.sha256


def check_rows(folder: Path, table: str, rows: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Return the faults a pack would have if `rows` stood in its table, in the words of ``eis check``."""
    text = _text_of(PACK_TABLES[table], rows, None)
    return list(read_pack(folder, {table: text}).faults)


def save_rows(folder: Path, table: str, rows: Sequence[Mapping[str, str]], read: str) -> str:
    """Save the rows of a table, and return the hash of the new file.

    Rows that did not change keep their bytes and their order, so that a difference shows the edit alone. A column
    that only optional cells need is added at the end when a row fills it.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``; ``parameters/_common`` for a table that all regions share.
    table : str
        Name of the table.
    rows : sequence of mapping
        Column → text, in the order in which they are to stand.
    read : str
        Hash that :func:`read_rows` gave; the file is not touched if it has changed meanwhile.

    Raises
    ------
    ChangedOnDiskError
        If somebody else saved the file meanwhile.
    PackError
        If the pack would have faults; nothing is written then.
    """
    schema = _schema(table)
    path = folder / schema.file
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    if now != read:
        raise ChangedOnDiskError(
            f"{folder.name}/{schema.file} was changed by somebody else since it was read; nothing was saved. "
            "Read it again and repeat the edit."
        )
    before = None
    if path.is_file():
        before, _faults = read_table_text(path, schema, schema.file)
    text = _text_of(schema, rows, before)
    if table in COMMON_TABLES:
        faults = read_tables(folder, COMMON_TABLES, load_vocabulary(folder), {table: text})[1]
    else:
        faults = list(read_pack(folder, {table: text}).faults)
    if faults:
        raise PackError(faults)
    mark = b"\xef\xbb\xbf" if before is not None and path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    content = mark + (text.head + "".join(text.raw)).encode("utf-8")
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def _text_of(schema: TableSchema, rows: Sequence[Mapping[str, str]], before: TableText | None) -> TableText:
    """Return rows as the text of a file; those that stood in `before` keep the bytes they had there."""
    had = before.header if before else tuple(column.name for column in schema.columns if column.present)
    added = [c.name for c in schema.columns if c.name not in had and any(row.get(c.name) for row in rows)]
    header = (*had, *added)
    line_end = "\r\n" if before and before.head.endswith("\r\n") else "\n"
    head = before.head.rstrip("\r\n") if before else ",".join(had)
    head += "".join(f",{name}" for name in added) + line_end
    known: dict[tuple[str, ...], list[str]] = {}
    for cells, raw in zip(before.records, before.raw, strict=True) if before else ():
        known.setdefault(cells, []).append(raw.rstrip("\r\n"))
    records, raws = [], []
    for row in rows:
        cells = tuple(str(row.get(name, "") or "") for name in header)
        old = known.get(cells[: len(had)])
        # the empty first cell brings the comma, and keeps a lone empty cell from being written as ""
        extra = format_record(("", *cells[len(had) :]), "") if added else ""
        start = old.pop(0) if old else format_record(cells[: len(had)], "")
        records.append(cells)
        raws.append(start + extra + line_end)
    return TableText(header, tuple(records), tuple(raws), head, "")


def check_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Fault]:
    """Return the faults a pack would have if all of `tables` (name → rows) stood in it at once."""
    texts = {name: _text_of(PACK_TABLES[name], rows, None) for name, rows in tables.items()}
    return list(read_pack(folder, texts).faults)


def replace_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Put whole tables into a pack, all of them or none.

    The pack is written anew beside its place and moved in. Rows that did not change keep their bytes.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``, which must exist.
    tables : mapping
        Table name → rows (column → text).

    Raises
    ------
    PackError
        If the pack would have faults; nothing is written then.
    """
    faults = check_tables(folder, tables)
    if faults:
        raise PackError(faults)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    old = folder.with_name(f".{folder.name}.old")
    try:
        shutil.copytree(folder, beside, dirs_exist_ok=True)
        for name, rows in tables.items():
            schema = PACK_TABLES[name]
            path = folder / schema.file
            before = read_table_text(path, schema, schema.file)[0] if path.is_file() else None
            text = _text_of(schema, rows, before)
            (beside / schema.file).write_text(text.head + "".join(text.raw), "utf-8", newline="")
        beside.chmod(0o755)
        folder.replace(old)
        beside.replace(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.replace(folder)
        shutil.rmtree(beside, ignore_errors=True)
        raise
    shutil.rmtree(old)
