"""The editing grid: a table of the pack, bound to its file, checked by the rules of ``eis check``.

A real ``<table>`` of real inputs: canvas grids (ipydatagrid) show a screen reader nothing, itables does not edit, and
ipyaggrid gives every cell back as text under a licence notice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import traitlets

from eis_lib.lab.controls import BrowserWidget
from eis_lib.language.english import count
from eis_lib.pack.checks import allowed_words
from eis_lib.pack.folders import LAYERS_FOLDER, PROFILE_FILE, PackError, find_parameters
from eis_lib.pack.layers import LAYER_TABLES
from eis_lib.pack.profile import read_profile
from eis_lib.pack.saving import ChangedOnDiskError, check_rows, read_rows, save_rows
from eis_lib.pack.schema import Column, Fault
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary, VocabularyError, load_vocabulary

_HINTS = {"date": "YYYY-MM-DD", "url": "https://", "id": "short-name", "period": "2024-Q1"}


class Grid(BrowserWidget):
    """One table of one pack, open for editing.

    Attributes
    ----------
    folder : Path
        ``parameters/<region>``.
    table : str
    """

    _view_name = traitlets.Unicode("GridView").tag(sync=True)
    meta = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    faults: Any = traitlets.List().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    revision = traitlets.Int().tag(sync=True)

    def __init__(self, folder: Path, table: str, saved: Any) -> None:
        """Open a table; `saved` is called after a save."""
        super().__init__()
        self.folder = folder
        self.table = table
        self._saved = saved
        self._ids: list[str] = []
        self._cells: dict[str, dict[str, str]] = {}
        self._before: list[dict[str, str]] = []
        self._hash = ""
        self.read()
        self.on_msg(self._told)

    def current(self) -> list[dict[str, str]]:
        """Return the rows as they stand in the grid."""
        return [self._cells[row] for row in self._ids]

    def is_changed(self) -> bool:
        """Return whether there are edits that were not saved."""
        return [_filled(row) for row in self.current()] != [_filled(row) for row in self._before]

    def read(self) -> None:
        """Read the file, in place of what the grid shows."""
        try:
            rows, self._hash = read_rows(self.folder, self.table)
            self.message = ""
        except PackError as error:
            rows, self._hash = [], "unreadable"
            self.message = f"The file cannot be read as a table: {error}"
        self._before = [dict(row) for row in rows]
        self._ids = [f"r{number}" for number in range(len(rows))]
        self._cells = {name: dict(row) for name, row in zip(self._ids, rows, strict=True)}
        with self.hold_sync():
            self.meta = self._describe()
            self.rows = [{"id": name, "cells": self._cells[name]} for name in self._ids]
            self.revision += 1
        self._check()

    def follow(self) -> None:
        """Take up what other tables and other people have changed, unless there are edits here."""
        if not self.is_changed() and self._now() != self._hash:
            self.read()
        elif self.meta != (meta := self._describe()) and not self.is_changed():
            with self.hold_sync():
                self.meta = meta
                self.rows = [{"id": name, "cells": self._cells[name]} for name in self._ids]
                self.revision += 1

    def _now(self) -> str:
        path = self.folder / PACK_TABLES[self.table].file
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    def _describe(self) -> dict[str, Any]:
        schema = PACK_TABLES[self.table]
        try:
            vocabulary = load_vocabulary(find_parameters() / "_common")
        except VocabularyError:
            vocabulary = Vocabulary({})
        present = list(self._before[0]) if self._before else []
        order = [*present, *(column.name for column in schema.columns if column.name not in present)]
        columns = [schema.by_name[name] for name in order if name in schema.by_name]
        return {
            "file": f"{self.folder.name}/{schema.file}",
            "about": schema.about,
            "key": list(schema.key),
            "columns": [self._column(column, vocabulary) for column in columns],
        }

    def _column(self, column: Column, vocabulary: Vocabulary) -> dict[str, Any]:
        options: list[dict[str, str]] = []
        if column.kind == "code":
            terms = vocabulary.terms.get(column.scheme, {}).values()
            options = [{"code": t.code, "label": t.label, "definition": t.definition} for t in terms]
        elif column.kind == "reference":
            options = self._rows_to_name(column.table)
        return {
            "name": column.name,
            "kind": column.kind,
            "many": column.many,
            "filled": column.filled,
            "about": column.about,
            "allowed": allowed_words(column, [option["code"] for option in options] if column.scheme else ()),
            "hint": _HINTS.get(column.kind, "a;b;c" if column.many else ""),
            "options": options,
        }

    def _rows_to_name(self, table: str) -> list[dict[str, str]]:
        """Return the rows that a cell may name: the region's own, and below them those of its layers."""
        places = [(self.folder, "")]
        profile, _faults = read_profile(self.folder / PROFILE_FILE, PROFILE_FILE)
        if profile and table in LAYER_TABLES:
            layers = self.folder.parent / LAYERS_FOLDER
            places += [(layers / name, f" (layer {name})") for name in profile.layers]
        key = PACK_TABLES[table].key[0]
        options = []
        for folder, whose in places:
            try:
                rows, _hash = read_rows(folder, table)
            except PackError:
                continue
            for row in rows:
                name = row.get("name_en") or row.get("name") or row.get("title") or row[key]
                options.append({"code": row[key], "label": name + whose, "definition": ""})
        return options

    # --- what the reader does ------------------------------------------------------------------------------------

    def _told(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        match content["kind"]:
            case "set":
                self._cells[content["id"]][content["column"]] = str(content["value"])
            case "insert":
                self._ids.insert(int(content["at"]), content["id"])
                self._cells[content["id"]] = {k: str(v) for k, v in content["cells"].items()}
            case "delete":
                self._ids.remove(content["id"])
            case "read":
                self.read()
                return
            case "save":
                self.save()
                return
        self.message = ""
        self._check()

    def _check(self) -> None:
        self._show(check_rows(self.folder, self.table, self.current()))
        if self._now() != self._hash and self._hash != "unreadable":
            self.message = (
                f"{self.meta['file']} was changed by somebody else since it was read. Your edits cannot be saved over it: "
                "note them, read the file again and repeat them."
            )

    def save(self) -> None:
        """Check and save; where that cannot be, nothing is written and the grid says why."""
        summary = _difference(self._before, self.current(), PACK_TABLES[self.table].key)
        if not self.is_changed():
            self.message = "Nothing was changed."
            return
        try:
            self._hash = save_rows(self.folder, self.table, self.current(), self._hash)
        except PackError as error:
            self._show(error.faults)
            self.message = f"Nothing was saved: {count(len(error.faults), 'fault')} to correct first."
            return
        except (ChangedOnDiskError, OSError) as error:
            self.message = str(error)
            return
        self._before = [dict(row) for row in self.current()]
        self._show([])
        self.message = f"Saved {self.meta['file']}: {summary}."
        self._saved()

    def _show(self, faults: Sequence[Fault]) -> None:
        file = f"{self.folder.name}/{self.table}.csv"
        self.faults = [
            {
                "id": self._ids[fault.row - 2]
                if fault.file == file and 2 <= fault.row < len(self._ids) + 2
                else "",
                "column": fault.column,
                "text": str(fault),
                "words": f"{fault.holds}; allowed: {fault.allowed}"
                + (f"; nearest: '{fault.nearest}'" if fault.nearest else ""),
            }
            for fault in faults
        ]


def _filled(row: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if cell}


def _difference(before: list[dict[str, str]], after: list[dict[str, str]], key: tuple[str, ...]) -> str:
    """Return in words what was changed between two states of a table."""

    def by_key(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
        return {tuple(row.get(name, "") for name in key): _filled(row) for row in rows}

    old, new = by_key(before), by_key(after)
    changed = sum(1 for name, row in new.items() if name in old and old[name] != row)
    parts = [
        count(number, f"row {word}", f"rows {word}")
        for word, number in (
            ("changed", changed),
            ("added", len(new.keys() - old.keys())),
            ("deleted", len(old.keys() - new.keys())),
        )
        if number
    ]
    return ", ".join(parts) or "the order of rows"
