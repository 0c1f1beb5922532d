"""What changed between two snapshots of the landscape, real change told apart from better data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import landscape

_WORDS = Words(__file__)

REAL, BETTER_DATA, CANNOT_TELL = "real change", "better data", "cannot tell"
NATURES = (REAL, BETTER_DATA, CANNOT_TELL)


# --- two snapshots ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snapshot:
    """The landscape as a record described it on a day.

    Attributes
    ----------
    date : str
        Day it speaks of (ISO).
    tables : mapping of str to DataFrame
        ``services``, ``providers``, ``policies``, ``actions``, as in a pack.
    """

    date: str
    tables: Mapping[str, pd.DataFrame]

    @property
    def year(self) -> int:
        """Return the year of the day."""
        return int(self.date[:4])


KEYS: Mapping[str, str] = MappingProxyType(
    {"services": "service_id", "providers": "provider_id", "policies": "policy_id", "actions": "action_id"}
)

_NAMES = {"services": "name", "providers": "name", "policies": "title", "actions": "title"}

RECORD_COLUMNS = frozenset(
    {"name", "name_en", "title", "description", "summary", "brand", "url", "note", "source_url", "source_title",
     "evidence", "checked_on", "first_seen"}
)  # fmt: skip
"""Columns that describe a row: a new wording is no new service."""

MEASURED_COLUMNS = frozenset(
    {
        "capacity_per_year",
        "take_up_per_year",
        "quality_score",
        "price_eur",
        "processing_days",
        "status",
        "budget_eur",
    }
)
"""Columns that move with time: two filled values that differ are read as a real change (project convention)."""

DIFF_COLUMNS = (
    "table", "id", "name", "change", "nature", "because", "counterpart", "columns", "old_value", "new_value",
)  # fmt: skip

CHANGES = (
    "added",
    "closed",
    "replaced",
    "merged",
    "moved",
    "changed",
    "corrected",
    "entered record",
    "left record",
)


def diff_landscape(old: Snapshot, new: Snapshot) -> pd.DataFrame:
    """Return what changed between two snapshots, real change told apart from better data.

    The two may be packs kept on two dates, or one pack read at two years. A row whose ``first_seen`` lies after the
    old snapshot's day is taken as not yet known then, so that what was merely found later is not taken for new; where the
    whole record was begun later, the old landscape is read from its years alone.

    Returns
    -------
    DataFrame
        One row per thing that changed, :data:`DIFF_COLUMNS`, services first. ``change``: *added* (began since), *closed*
        (ended since), *replaced* (closed, with a successor that is new), *merged* (closed, with a successor that was there
        before), *moved* (another provider answers for it), *changed* (another cell differs), *corrected* (the new record
        says it already ended, or already ran, at the old date), *entered record* and *left record* (a row is there that
        was not, or the other way round, without a year that would explain it). ``nature``: one of :data:`NATURES`.
        ``counterpart``: the successor or the new provider. ``columns``, ``old_value`` and ``new_value``: the cells that
        differ.

    Raises
    ------
    ValueError
        If the new snapshot is older than the old one.
    """
    if new.date < old.date:
        raise ValueError(f"the new snapshot is of {new.date}, before the old one of {old.date}")
    rows: list[dict[str, Any]] = []
    for table, key in KEYS.items():
        if table in old.tables and table in new.tables:
            rows.extend(_diff_table(table, key, old, new))
    return pd.DataFrame(rows, columns=list(DIFF_COLUMNS))


def _known_then(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the rows that the record held on a day; all of them where it was only begun after it."""
    if "first_seen" not in frame:
        return frame
    seen = frame["first_seen"].dropna().astype(str)
    if seen.empty or seen.min() > day:
        return frame
    return frame[~frame["first_seen"].fillna("").astype(str).gt(day)]


def _year_of(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else int(value)


def _runs(row: Mapping[str, Any] | None, year: int) -> bool:
    if row is None:
        return False
    start, end = _year_of(row, "start_year"), _year_of(row, "end_year")
    return (start is None or start <= year) and (end is None or end >= year)


def _diff_table(table: str, key: str, old: Snapshot, new: Snapshot) -> list[dict[str, Any]]:
    before = {
        str(r[key]): {str(k): v for k, v in r.items()}
        for r in _known_then(old.tables[table], old.date).to_dict("records")
    }
    after = {
        str(r[key]): {str(k): v for k, v in r.items()}
        for r in _known_then(new.tables[table], new.date).to_dict("records")
    }
    successors: dict[str, list[str]] = {}
    for name, row in after.items():
        earlier = row.get("succeeds")
        if earlier is not None and not pd.isna(earlier) and _runs(row, new.year):
            successors.setdefault(str(earlier), []).append(name)
    rows = []
    for name in [*after, *(n for n in before if n not in after)]:
        found = _diff_row(table, name, before.get(name), after.get(name), old, new, successors, before)
        if found:
            label = str((after.get(name) or before[name])[_NAMES[table]])
            rows.append(
                {"table": table, "id": name, "name": label, "counterpart": "", "columns": (), "old_value": "",
                 "new_value": "", **found}
            )  # fmt: skip
    return rows


def _diff_row(
    table: str,
    name: str,
    was: dict[str, Any] | None,
    now: dict[str, Any] | None,
    old: Snapshot,
    new: Snapshot,
    successors: Mapping[str, Sequence[str]],
    before: Mapping[str, dict[str, Any]],
) -> dict[str, Any] | None:
    ran, runs = _runs(was, old.year), _runs(now, new.year)
    if now is None:
        if not ran:
            return None
        return {
            "change": "left record", "nature": CANNOT_TELL,
            "because": _WORDS.row_gone(old.date),
        }  # fmt: skip
    start, end = _year_of(now, "start_year"), _year_of(now, "end_year")
    if was is None:
        return _entered(now, runs, start, end, old, new, before)
    if ran and not runs:
        if end is None or end < old.year:
            return {"change": "corrected", "nature": BETTER_DATA, "because": _WORDS.over_before(end)}
        heirs = successors.get(name, ())
        fresh = [h for h in heirs if not _runs(before.get(h), old.year)]
        change = "closed" if not heirs else "replaced" if fresh else "merged"
        return {
            "change": change, "nature": REAL, "because": _WORDS.ended(end, change, heirs),
            "counterpart": ";".join(heirs),
        }  # fmt: skip
    if not ran and runs:
        if start is not None and start > old.year:
            heir_of = "" if pd.isna(now.get("succeeds")) else str(now["succeeds"])
            return {
                "change": "added",
                "nature": REAL,
                "because": _WORDS.began(start, heir_of),
                "counterpart": heir_of,
            }
        return {"change": "corrected", "nature": BETTER_DATA, "because": _WORDS.ran_before()}
    if not ran and not runs:
        if start is not None and end is not None and old.year < start and end < new.year:
            return {"change": "closed", "nature": REAL, "because": _WORDS.came_and_went(start, end)}
        return None
    return _cells(table, was, now, old, new)


def _entered(
    now: Mapping[str, Any],
    runs: bool,
    start: int | None,
    end: int | None,
    old: Snapshot,
    new: Snapshot,
    before: Mapping[str, dict[str, Any]],
) -> dict[str, Any] | None:
    """Return what a row that the old record lacked says: something new, or something found later."""
    if start is not None and start > new.year:
        return None  # has not begun
    if start is not None and start > old.year:
        if not runs:
            return {"change": "closed", "nature": REAL, "because": _WORDS.came_and_went(start, end)}
        heir_of = "" if str(now.get("succeeds")) not in before else str(now["succeeds"])
        return {
            "change": "added",
            "nature": REAL,
            "because": _WORDS.began(start, heir_of),
            "counterpart": heir_of,
        }
    if end is not None and end < old.year:
        return {"change": "entered record", "nature": BETTER_DATA, "because": _WORDS.had_ended(end)}
    if start is None:
        return {"change": "entered record", "nature": CANNOT_TELL, "because": _WORDS.start_untold()}
    return {"change": "entered record", "nature": BETTER_DATA, "because": _WORDS.ran_since(start)}


def _cells(
    table: str, was: Mapping[str, Any], now: Mapping[str, Any], old: Snapshot, new: Snapshot
) -> dict[str, Any] | None:
    """Return which cells of a row that runs on differ, and what that says."""
    differing = [c for c in now if c in was and not _same(was[c], now[c]) and c not in RECORD_COLUMNS]
    if not differing:
        return None
    natures = [_nature_of(c, was[c], now[c], old) for c in differing]
    moved = table == "services" and "provider_id" in differing
    change = "moved" if moved else "changed" if set(natures) != {BETTER_DATA} else "corrected"
    if moved:
        providers = old.tables.get("providers"), new.tables.get("providers")
        left = str(was["provider_id"])
        gone = any(
            p is not None
            and (ends := p.loc[p["provider_id"] == left, "end_year"].dropna()).size
            and old.year <= int(ends.iloc[0]) <= new.year
            for p in providers
        )
        natures.append(REAL if gone else CANNOT_TELL)
    nature = next(n for n in (REAL, CANNOT_TELL, BETTER_DATA) if n in natures)
    return {
        "change": change, "nature": nature, "because": _WORDS.cells_differ(nature), "columns": tuple(differing),
        "counterpart": str(now["provider_id"]) if moved else "",
        "old_value": "; ".join(_text(was[c]) for c in differing),
        "new_value": "; ".join(_text(now[c]) for c in differing),
    }  # fmt: skip


def _nature_of(column: str, was: Any, now: Any, old: Snapshot) -> str:
    if landscape.is_missing(was) or column == "start_year":
        return BETTER_DATA
    if landscape.is_missing(now):
        return CANNOT_TELL
    if column == "end_year":
        return REAL if int(was) >= old.year else BETTER_DATA  # prolonged or cut short
    return REAL if column in MEASURED_COLUMNS else CANNOT_TELL


def _same(a: Any, b: Any) -> bool:
    if landscape.is_missing(a) or landscape.is_missing(b):
        return landscape.is_missing(a) and landscape.is_missing(b)
    if isinstance(a, tuple) or isinstance(b, tuple):
        return set(a) == set(b)
    return bool(a == b)


def _text(value: Any) -> str:
    if landscape.is_missing(value):
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def count_changes(diff: pd.DataFrame) -> pd.DataFrame:
    """Return how many of each change there are, by table and nature; key (``table``, ``change``, ``nature``)."""
    counted = diff.groupby(["table", "change", "nature"], sort=False).size().rename("rows").reset_index()
    rank = {"table": list(KEYS), "change": list(CHANGES), "nature": list(NATURES)}
    order = ["table", "change", "nature"]
    return counted.sort_values(order, key=lambda c: c.map(rank[str(c.name)].index)).reset_index(drop=True)


def diff_gaps(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return which needs came to be met, or ceased to be, between two landscapes.

    Parameters
    ----------
    old, new
        Cells of :func:`eis_lib.methods.gaps.judge_cells`, with the same personas and weights.

    Returns
    -------
    DataFrame
        One row per (``change``, ``stage``, ``need``, ``old_kind``, ``new_kind``): ``change`` is *opened* (served, then a gap),
        *closed* (a gap, then served), *other kind* (a gap of another kind), *no longer known* or *now known*; ``weight``
        (share of demand), ``persona_ids``, ``lost`` (services the old verdict rested on and the new does not) and
        ``gained`` (the other way round), all tuples. Heaviest first.
    """
    key = ["persona_id", "stage", "need"]
    both = old.merge(new, on=key, suffixes=("_old", "_new"))
    rows = []
    for row in both.to_dict("records"):
        a, b = str(row["status_old"]), str(row["status_new"])
        if (a, row["kind_old"]) == (b, row["kind_new"]):
            continue
        change = (
            "no longer known" if b == "unknown"
            else "now known" if a == "unknown"
            else "closed" if b == "served"
            else "opened" if a == "served"
            else "other kind"
        )  # fmt: skip
        before, after = set(row["service_ids_old"]), set(row["service_ids_new"])
        rows.append(
            {"change": change, "stage": row["stage"], "need": row["need"], "old_kind": row["kind_old"],
             "new_kind": row["kind_new"], "weight": row["weight_new"], "persona_id": row["persona_id"],
             "lost": before - after, "gained": after - before}
        )  # fmt: skip
    columns = ["change", "stage", "need", "old_kind", "new_kind", "weight", "persona_ids", "lost", "gained"]
    if not rows:
        return pd.DataFrame(columns=columns)
    grouped = pd.DataFrame(rows).groupby(columns[:5], sort=False)
    result = grouped.agg(
        weight=("weight", "sum"),
        persona_ids=("persona_id", tuple),
        lost=("lost", _unite),
        gained=("gained", _unite),
    ).reset_index()
    rank = ["opened", "closed", "other kind", "no longer known", "now known"]
    return (
        result.assign(_order=result["change"].map(rank.index), _weight=-result["weight"].round(12))
        .sort_values(["_order", "_weight", "stage", "need"], kind="stable")
        .drop(columns=["_order", "_weight"])
        .reset_index(drop=True)[columns]
    )


def _unite(sets: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(set().union(*sets)))
