"""What people can decide on, and how a judgement is added to a table of the pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eis_lib.pack.saving import read_rows, save_rows
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.section.review import Review

DECISIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "candidate": (
            "confirmed", "rejected", "kept-on-purpose", "effect-assessed", "coordinate", "merge", "transfer", "redesign",
            "close",
        ),
        "gap": ("confirmed", "rejected", "kept-on-purpose"),
        "recommendation": (
            "confirmed", "rejected", "add", "coordinate", "merge", "transfer", "redesign", "close",
        ),
        "action": ("continue", "adapt", "stop"),
        "alert": ("confirmed", "rejected", "continue", "adapt", "stop"),
    }
)  # fmt: skip
"""What can be decided on each kind of subject (codes of the scheme ``decision``)."""

_SUBJECTS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "candidate": ("test", "candidates", "pair_id"),
        "gap": ("test", "gaps", "gap_id"),
        "recommendation": ("plan", "recommendations", "recommendation_id"),
        "alert": ("review", "alerts", "alert_id"),
    }
)
"""Kind of subject → step, table and column that name the subjects."""


def new_row(
    table: str, rows: Sequence[Mapping[str, str]], prefix: str, values: Mapping[str, str]
) -> dict[str, str]:
    """Return a row for a table whose key is one short name, with the next free one: ``<prefix>-<number>``."""
    key = PACK_TABLES[table].key[0]
    taken = {row.get(key, "") for row in rows}
    number = len(rows) + 1
    while f"{prefix}-{number}" in taken:
        number += 1
    return {key: f"{prefix}-{number}", **values}


def add_row(folder: Path, table: str, prefix: str, values: Mapping[str, str]) -> str:
    """Add a row to a table of a pack, after those it has, and return its short name.

    Raises
    ------
    PackError, ChangedOnDiskError
        If the pack would have faults, or the file changed meanwhile; nothing is written then.
    """
    rows, read = read_rows(folder, table)
    row = new_row(table, rows, prefix, values)
    save_rows(folder, table, [*rows, row], read)
    return row[PACK_TABLES[table].key[0]]


def today() -> str:
    """Return the day on which a judgement is entered; the reader may change it."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def subjects(
    review: Review, kind: str, made: Callable[[Callable[..., Any], Mapping[str, Any]], Any]
) -> list[tuple[str, str]]:
    """Return what can be decided on, as (label, identifier), in the order in which the workbook shows it.

    Parameters
    ----------
    made : callable
        Gives the section of a section function and its choices.
    """
    if kind == "action":
        rows = review.pack.actions[["title", "action_id"]]
        return [(str(title), str(name)) for title, name in rows.itertuples(index=False)]
    step, table, key = _SUBJECTS[kind]
    section = review.leaves(step)[table]
    frame = made(section, {}).tables[table].frame if review.step == step else review.earlier(step, table)
    found = []
    for row in frame.to_dict("records"):
        match kind:
            case "candidate":
                label = f"{row['name_a']} / {row['name_b']} ({row['status']})"
            case "gap":
                label = f"{row['label']} – {row['kind_label']} ({row['status']})"
            case "recommendation":
                label = f"{row['title']} ({row['status']})"
            case _:
                label = f"{row['statement']} ({row['state']})"
        found.append((label, str(row[key])))
    return found
