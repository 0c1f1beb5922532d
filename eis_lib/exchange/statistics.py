"""Indicators live: ``_common/indicators.csv`` refreshed from Eurostat, or left exactly as it was.

Everything is read and checked first; then new periods are added and changed values replaced, in one write. Rows that
did not change keep their bytes and their place. Values of other sources (surveys, DG REGIO, World Bank) are not touched
unless Eurostat publishes the same figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from eis_lib.exchange.eurostat import Source
from eis_lib.exchange.series import FIRST_YEAR, PAGE, REVISED, SERIES, Change, Value, _names, areas_of
from eis_lib.pack.folders import COMMON_FOLDER, PROFILE_FILE, PackError, region_folder
from eis_lib.pack.pack import check_common
from eis_lib.pack.profile import read_profile
from eis_lib.pack.saving import read_rows, save_rows
from eis_lib.pack.vocabulary import load_vocabulary

# --- putting together ------------------------------------------------------------------------------------------


def merge(
    rows: Sequence[Mapping[str, str]], values: Iterable[Value]
) -> tuple[list[dict[str, str]], list[Change]]:
    """Return the table with the values read put in, and what that changed.

    A row whose value and flags are the same stays as it is, source and all. A changed one gets the new value, flags and
    source, and its note says what stood there before. A new one follows the last row of its series. No row is lost:
    what the source no longer publishes is kept.

    Parameters
    ----------
    rows : sequence of mapping
        The rows of ``indicators.csv`` as text.
    values : iterable of Value

    Returns
    -------
    rows : list of dict
    changes : list of Change
        Revisions first, then additions, in the order of the table.
    """
    table = [dict(row) for row in rows]
    place = {_key(row): number for number, row in enumerate(table)}
    new: dict[tuple[str, str, str], list[Value]] = {}
    changes = []
    for value in values:
        number = place.get(value.key)
        if number is None:
            new.setdefault(value.key[:3], []).append(value)
            continue
        row = table[number]
        same = math.isclose(float(row["obs_value"]), float(value.value), rel_tol=1e-12)
        if same and sorted(row["obs_flag"].split()) == sorted(value.flag.split()):
            continue
        old = _shown(row["obs_value"], row["obs_flag"])
        changes.append(
            Change(
                "flagged" if same else "revised",
                value.key,
                old,
                _shown(value.value, value.flag),
                row["source_title"],
            )
        )
        table[number] = {**row, **_cells(value), "note": _note_of_revision(row, old)}
    changes.sort(key=lambda change: place[change.key])
    last = {_key(row)[:3]: number for number, row in enumerate(table)}
    insert: dict[int, list[dict[str, str]]] = {}
    for series, found in new.items():
        added = sorted(found, key=lambda value: value.period)
        insert.setdefault(last.get(series, len(table) - 1), []).extend(
            {**_first_cells(value), **_cells(value)} for value in added
        )
        changes += [Change("added", value.key, "", _shown(value.value, value.flag)) for value in added]
    result = list(insert.get(-1, []))
    for number, row in enumerate(table):
        result.append(row)
        result += insert.get(number, [])
    return result, changes


def _note_of_revision(row: Mapping[str, str], old: str) -> str:
    """Return the note of a row with what stood there before; an earlier revision is no longer told."""
    before = row["note"].split(REVISED)[0].strip() if row.get("note") else ""
    return f"{before} {REVISED}{old} before, by {row['source_title']}".strip()


def _key(row: Mapping[str, str]) -> tuple[str, str, str, str]:
    return row["ref_area"], row["nuts_version"], row["indicator"], row["time_period"]


def _shown(value: str, flag: str) -> str:
    return f"{value} [{flag}]" if flag else value


def _cells(value: Value) -> dict[str, str]:
    """Return what a row takes from a value read."""
    dataset = value.series.dataset
    return {
        "obs_value": value.value,
        "obs_flag": value.flag,
        "source_title": f"Eurostat {dataset} (extraction of {value.vintage.day} {value.vintage:%b %Y})",
        "source_url": PAGE.format(dataset=dataset),
        "evidence": "published",
    }


def _first_cells(value: Value) -> dict[str, str]:
    """Return what names a new row."""
    area, version, indicator, period = value.key
    return {
        "ref_area": area,
        "ref_area_name": value.area.name,
        "nuts_version": version,
        "indicator": indicator,
        "indicator_name": value.series.name,
        "unit": value.series.unit,
        "time_period": period,
    }


def refresh(
    parameters: Path, region: str, source: Source, say: Callable[[str], None] = lambda _text: None
) -> list[Change]:
    """Refresh the indicators of a region's areas, and return what changed.

    Parameters
    ----------
    parameters : Path
        Folder of region packs; its ``_common/indicators.csv`` is written, at once or not at all.
    region : str
        Folder of the region.
    source : Source
    say : callable
        Is told of each dataset, and of areas without values.

    Raises
    ------
    StatisticsError
        If a source cannot be read; nothing is written then.
    PackError, RegionError, ChangedOnDiskError
        If region or table have faults, the table would have, or somebody saved it meanwhile; nothing is written then.
    """
    folder = region_folder(parameters, region)
    profile, faults = read_profile(folder / PROFILE_FILE, f"{region}/{PROFILE_FILE}")
    faults += check_common(parameters)
    if profile is None or faults:
        raise PackError(faults)
    common = parameters / COMMON_FOLDER
    rows, read = read_rows(common, "indicators")
    areas = areas_of(profile, _names(profile, rows, load_vocabulary(common)))
    values: list[Value] = []
    for number, series in enumerate(SERIES, start=1):
        held = [row["time_period"] for row in rows if row["indicator"] == series.indicator]
        monthly = series.filters["freq"] == "M" and not series.derive
        first = min(held, default="2019" if monthly else str(FIRST_YEAR))[:4]
        say(f"{number} of {len(SERIES)}: {series.indicator} from {series.dataset}")
        found = source.read(series, areas, first)
        without = [area.code for area in areas if area.code not in {value.area.code for value in found}]
        if without:
            say(f"  no values for {', '.join(without)}")
        values += found
    table, changes = merge(rows, values)
    if changes:
        save_rows(common, "indicators", table, read)
    return changes
