"""Where each row of a pack stands on the pages, so that whatever rests on it can link to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from eis_lib.pack.schema import TableSchema

ROWS_PER_PAGE = 300
COMMON_FOLDER = "common"
NAMES = ("name", "title", "indicator_name", "statement", "barrier_name", "subject_id")
"""Columns that may hold what a row is called, the first that is there first."""

POINTING: Mapping[str, str] = {
    "from_service": "services",
    "to_service": "services",
    "best_service": "services",
    "first_service": "services",
    "second_service": "services",
    "service": "services",
    "services": "services",
    "requires": "services",
    "co_providers": "providers",
    "excludes_clients_of": "providers",
    "owner": "providers",
    "largest_provider": "providers",
    "delivered_by": "services",
    "policy_from": "policies",
    "policy_to": "policies",
    "practice": "good_practices",
    "practices": "good_practices",
    "persona": "personas",
}
"""Columns of results, besides ``…_id`` and ``…_ids``, that name rows of a table."""

_STEMS: Mapping[str, str] = {
    "service": "services",
    "provider": "providers",
    "policy": "policies",
    "practice": "good_practices",
    "action": "actions",
    "persona": "personas",
    "review": "peer_reviews",
    "assessment": "assessments",
    "indicator": "measurements",
}


@dataclass(frozen=True)
class Row:
    """A row of a pack or of the tables all regions share.

    Attributes
    ----------
    anchor : str
        ``services:een-hr-advice``: by this name findings point at it.
    name : str
        What it is called.
    url : str
        Its place, from the root of the site.
    """

    anchor: str
    name: str
    url: str


@dataclass
class Index:
    """Every row, by region and anchor; the rows all regions share are under the empty region."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)

    def add(self, region: str, table: TableSchema, frame: pd.DataFrame) -> None:
        """Take up the rows of a table; `region` is empty for a table all regions share."""
        folder = region or COMMON_FOLDER
        rows = frame[[name for name in NAMES if name in frame.columns]].to_dict("records")
        for number, key in enumerate(keys_of(table, frame)):
            anchor = f"{table.name}:{key}"
            page = f"{folder}/{page_of(table.name, number)}"
            name = next((str(cell) for cell in rows[number].values() if pd.notna(cell) and cell), "")
            self.rows[region, anchor] = Row(anchor, name or key, f"{page}#{anchor}")

    def find(self, region: str, anchor: str) -> Row | None:
        """Return the row an anchor names: the region's own, else one that all regions share."""
        return self.rows.get((region, anchor)) or self.rows.get(("", anchor))

    def pointed_at(self, region: str, column: str, item: str) -> Row | None:
        """Return the row that an item of a column of a table of results names, if any."""
        if ":" in item:
            return self.find(region, item)
        table = table_of(column)
        return self.find(region, f"{table}:{item}") if table else None


def table_of(column: str) -> str:
    """Return the table whose rows a column of results names, or an empty text.

    Examples
    --------
    >>> table_of("service_ids"), table_of("largest_provider"), table_of("share")
    ('services', 'providers', '')
    """
    if column in POINTING:
        return POINTING[column]
    for ending in ("_ids", "_id"):
        if column.endswith(ending):
            words = column.removesuffix(ending).split("_")
            return _STEMS.get(words[-1], "")
    return ""


def keys_of(table: TableSchema, frame: pd.DataFrame) -> Iterator[str]:
    """Yield the key of each row as one text; the parts of a key of several columns are joined by ``+``."""
    for cells in frame[list(table.key)].itertuples(index=False, name=None):
        yield "+".join("" if pd.isna(cell) else str(cell) for cell in cells)


def page_of(table: str, number: int) -> str:
    """Return the file name of the page on which the row with this number stands.

    Examples
    --------
    >>> page_of("services", 0), page_of("services", 300)
    ('rows_services.html', 'rows_services_2.html')
    """
    part = number // ROWS_PER_PAGE
    return f"rows_{table}{f'_{part + 1}' if part else ''}.html"
