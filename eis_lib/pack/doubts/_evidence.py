"""What the rules look at: the rows of a pack as plain records, and what can be said of one at a glance."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from eis_lib.pack.folders import PROFILE_FILE
from eis_lib.pack.pack import Common, Pack
from eis_lib.pack.schema import Doubt
from eis_lib.pack.tables import PACK_TABLES

DATED_TABLES = ("services", "policies", "good_practices")
"""The tables whose rows say whether they run."""


@dataclass(frozen=True)
class Row:
    """One row of a table: its place in the file and its cells, None where one is empty."""

    file: str
    number: int
    layer: str
    cells: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]

    def doubt(self, column: str, holds: str, to_settle: str) -> Doubt:
        """Return a doubt about one cell of the row."""
        return Doubt(self.file, self.number, column, holds, to_settle)


@dataclass(frozen=True)
class Evidence:
    """A pack, the tables all regions share and the day on which it is looked at, as the rules read them."""

    pack: Pack
    common: Common
    today: dt.date

    @property
    def year(self) -> int:
        """Return the year of the review."""
        return self.pack.region.review_year

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        return {}

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, those of a layer among them."""
        if table not in self._rows:
            file = f"{self.pack.id}/{PACK_TABLES[table].file}"
            # own rows come first and as the file has them, below its header: only their number is a place in the file
            self._rows[table] = rows_of(self.pack.tables[table], file)
        return self._rows[table]

    def own(self, table: str) -> list[Row]:
        """Return the region's own rows of a table."""
        return [row for row in self.rows(table) if not row.layer]

    def by_key(self, table: str) -> dict[str, Row]:
        """Return key → row of a table, those of a layer among them."""
        key = PACK_TABLES[table].key[0]
        return {row[key]: row for row in self.rows(table)}

    def about_region(self, column: str, holds: str, to_settle: str) -> Doubt:
        """Return a doubt about one key of ``region.yaml``."""
        return Doubt(f"{self.pack.id}/{PROFILE_FILE}", 0, column, holds, to_settle)


def rows_of(frame: pd.DataFrame, file: str) -> list[Row]:
    """Return the rows of a typed frame; its index counts the rows of the file."""
    # column by column, as in frames.py: a frame of fifty columns is slow to go through by rows
    names = [str(name) for name in frame.columns]
    columns = [
        [None if missing else value for value, missing in zip(frame[name], frame[name].isna(), strict=True)]
        for name in names
    ]
    found = []
    for index, row in zip(frame.index, zip(*columns, strict=True), strict=True):
        cells = dict(zip(names, row, strict=True))
        found.append(Row(file, index + 2, cells.get("layer", ""), cells))
    return found


def is_over(row: Row, year: int) -> bool:
    """Return whether a row had ended before a year, by its status or its last year."""
    return row["status"] == "ended" or before(row["end_year"], year)


def runs(row: Row, year: int) -> bool:
    """Return whether nothing is against a row running in a year."""
    return (
        row["status"] in {None, "running"} and not is_over(row, year) and not before(year, row["start_year"])
    )


def before(first: int | None, second: int | None) -> bool:
    """Return whether both years are known and the first is the earlier."""
    return first is not None and second is not None and first < second


def plain_name(text: str) -> str:
    """Return a name without capitals, accents and signs, to see whether two are one.

    Examples
    --------
    >>> plain_name("Koprivnički  poduzetnik d.o.o.")
    'koprivnicki poduzetnik d o o'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare.casefold()))
