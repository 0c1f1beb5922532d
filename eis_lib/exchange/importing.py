"""What an import puts into a pack, tried in a copy before anything is written."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence, Sized
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eis_lib.pack.folders import (
    COMMON_FOLDER,
    LAYERS_FOLDER,
    PROFILE_FILE,
    PackError,
    list_regions,
    region_folder,
)

if TYPE_CHECKING:
    from eis_lib.exchange.understood import Reading, Understood
    from eis_lib.pack.schema import Fault


NEEDED = {
    "name": "the name of the region in English",
    "nuts_code": "a NUTS code such as DK04",
    "nuts_version": "the year of the NUTS version the code is from, such as 2021",
}
"""Keys of ``region.yaml`` that only the region can answer, and what stands there."""


def _name_of(found: Understood, file: Path, known: Sequence[str]) -> str:
    """Return the region a file is for where none was named: a pack called as the file is, else by what it says."""
    if file.stem in known:
        return file.stem
    plain = unicodedata.normalize("NFKD", found.profile.get("name") or file.stem).encode("ascii", "ignore")
    return re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")


def _in_short(readings: Sequence[Reading]) -> list[str]:
    """Return a line for each way in which cells of a column were read, however many there are of them."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    plain = sum(reading.is_plain for reading in readings)
    for reading in readings:
        if reading.is_plain:
            continue
        column = re.sub(r"\d+$", "", reading.cell)
        alike.setdefault((reading.sheet, column, reading.holds, reading.read_as), []).append(reading.cell)
    lines = [
        f"{sheet}:{', '.join(cells[:3])}{f' and {len(cells) - 3} more' if len(cells) > 3 else ''}: '{holds}' read as '{read_as}'"
        for (sheet, _column, holds, read_as), cells in alike.items()
    ]
    return (
        [*lines, f"{plain} more cells read that differ by capitals, accents, blanks or commas alone"]
        if plain
        else lines
    )


def _try(folder: Path, name: str, found: Understood) -> list[Fault]:
    """Return the faults a pack would have after an import, by doing it in a copy; a fault of the region at its cell.

    Tables with faults of their own are left out, so that what is wrong with the region is said as well.
    """
    from eis_lib.pack.schema import Fault

    missing = {key: what for key, what in NEEDED.items() if not found.profile.get(key)}
    if missing and not (folder / name).is_dir():
        place = next(iter(found.profile_cells.values()), "").split(":")[0]
        return [
            Fault(place or "the file", 0, key, "is not said", f"a row '{key}' in a sheet of two columns, word and value, with {what}")
            for key, what in missing.items()
        ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="eis-import-") as scratch:
        for part in (COMMON_FOLDER, LAYERS_FOLDER, name):
            if (folder / part).is_dir():
                shutil.copytree(folder / part, Path(scratch) / part)
        try:
            _put(Path(scratch), name, found.profile, {} if found.faults else found.tables)
        except PackError as error:
            return [
                replace(fault, file=found.profile_cells[fault.column], row=0)
                if fault.column in found.profile_cells and fault.file.endswith(PROFILE_FILE)
                else fault
                for fault in error.faults
            ]
    return []


def _put(
    folder: Path, name: str, profile: dict[str, Any], tables: Mapping[str, Sequence[Mapping[str, str]]]
) -> Path:
    """Put what was read into a pack, a new one where there is none; return its folder."""
    from eis_lib.pack.beginning import new_pack
    from eis_lib.pack.saving import replace_tables

    is_new = name not in list_regions(folder, invented=True)
    if is_new:
        new_pack(folder, name, **_answers(profile))
    target = region_folder(folder, name)
    try:
        replace_tables(target, tables)
    except PackError:
        if is_new:
            shutil.rmtree(target)
        raise
    return target


def _read(file: Path, parameters: Path) -> Understood:
    from eis_lib.pack.vocabulary import load_vocabulary

    vocabulary = load_vocabulary(parameters / COMMON_FOLDER)
    if file.suffix.lower() in {".ttl", ".jsonld", ".json"}:
        from eis_lib.exchange.cpsv_import import import_cpsv

        return import_cpsv(file, vocabulary)
    from eis_lib.exchange.xlsx_reading import import_xlsx

    return import_xlsx(file, vocabulary, layer_keys(parameters))


def layer_keys(parameters: Path) -> dict[str, set[str]]:
    """Return table → keys of all layers, at which a row of a region may point."""
    from eis_lib.pack.layers import LAYER_TABLES, list_layers
    from eis_lib.pack.saving import read_rows

    keys: dict[str, set[str]] = {}
    for layer in list_layers(parameters):
        for name, schema in LAYER_TABLES.items():
            rows, _hash = read_rows(parameters / LAYERS_FOLDER / layer, name)
            keys.setdefault(name, set()).update(row[schema.key[0]] for row in rows)
    return keys


def _answers(profile: dict[str, Any]) -> dict[str, Any]:
    """Return what :func:`new_pack` asks, from what a file says of its region."""
    from eis_lib.pack.schema import split_list

    languages = profile.get("languages", "en")
    own = {"name", "nuts_code", "nuts_version", "name_native", "level", "currency"}
    return {
        **{key: value for key, value in profile.items() if key in own},
        "languages": languages if isinstance(languages, list) else split_list(languages),
        "review_date": profile.get("review_date") or dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "more": {
            key: value for key, value in profile.items() if key not in {*own, "languages", "review_date"}
        },
    }


def _number_of(things: Sized, word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
