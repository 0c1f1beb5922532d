"""The commands ``eis export`` and ``eis import``: a region pack to other people's formats and back."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence, Sized
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eis_lib.folders import COMMON_FOLDER, PROFILE_FILE, PackError, list_regions, region_folder

if TYPE_CHECKING:
    from eis_lib.publish.spreadsheet import Reading, Understood
    from eis_lib.tables import Fault
    from eis_lib.vocabulary import Vocabulary

Parameters = Annotated[Path | None, typer.Option(help="Folder of region packs.", show_default=False)]


class Format(StrEnum):
    """Formats a region pack can be exported to."""

    XLSX = "xlsx"
    JSONLD = "jsonld"
    TURTLE = "ttl"
    SKOS = "skos"


NEEDED = {
    "name": "the name of the region in English",
    "nuts_code": "a NUTS code such as DK04",
    "nuts_version": "the year of the NUTS version the code is from, such as 2021",
}
"""Keys of ``region.yaml`` that only the region can answer, and what stands there."""

ENDING = {Format.SKOS: "skos.ttl"}
"""Ending of a file where it is not the name of its format."""


def export_pack(
    region: Annotated[str, typer.Argument(help="Folder under parameters/.")],
    to: Annotated[Format, typer.Option(help="Format of the file.")] = Format.XLSX,
    file: Annotated[
        Path | None, typer.Option(help="File to write; REGION.FORMAT here when left out.")
    ] = None,
    parameters: Parameters = None,
) -> None:
    """Write a region pack as a file for other programs.

    Example: eis export koprivnica --to xlsx
    """
    from eis_lib.vocabulary import load_vocabulary

    folder = _parameters(parameters)
    source = region_folder(folder, region)
    path = file or Path(f"{region}.{ENDING.get(to, to.value)}")
    _refuse_unless(path.parent.is_dir(), f"there is no folder '{path.parent}'")
    vocabulary = load_vocabulary(folder / COMMON_FOLDER)
    if to is Format.XLSX:
        from eis_lib.publish.spreadsheet import export_xlsx

        export_xlsx(source, path, vocabulary)
    elif to is Format.SKOS:
        from eis_lib.publish.skos import export_skos

        export_skos(folder / COMMON_FOLDER, path)
    else:
        from eis_lib.publish.cpsv import export_cpsv
        from eis_lib.publish.rdf import Format as Graph

        for fault in export_cpsv(source, path, vocabulary, Graph[to.name]):
            _say(str(fault))
    print(path)


def import_pack(
    file: Annotated[
        Path, typer.Argument(help="An Excel workbook, ours or made by hand, or a CPSV-AP catalogue.")
    ],
    region: Annotated[str, typer.Option(help="Region it goes to; the name of the file when left out.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Write it, if there is no fault.")] = False,
    parameters: Parameters = None,
) -> None:
    """Read a spreadsheet or a catalogue into a region pack: say what was understood, and write only when asked.

    Example: eis import north-savo.xlsx --write
    """
    from eis_lib.vocabulary import load_vocabulary

    folder = _parameters(parameters)
    _refuse_unless(file.is_file(), f"there is no file '{file}'")
    try:
        found = _read(file, load_vocabulary(folder / COMMON_FOLDER))
    except ValueError as error:
        _refuse_unless(False, str(error))
        raise
    known = list_regions(folder, invented=True)
    name = region or _name_of(found, file, known)
    for sheet, table in found.sheets.items():
        print(f"'{sheet}' read as {table}.csv: {len(found.tables.get(table, []))} rows")
    if found.conforms_to:
        print(f"{file.name} conforms to {found.conforms_to}")
    for line in _in_short(found.readings):
        print(line)
    for line in found.left_out:
        print(f"not imported: {line}")
    if name in known and found.profile:
        print(f"not imported: what the file says of the region itself; {name}/{PROFILE_FILE} stays as it is")
    faults = [*found.faults, *_try(folder, name, found)]
    for fault in faults:
        print(fault)
    if faults:
        _say(f"{_number_of(faults, 'fault')} to be mended in {file.name}; nothing was written")
        raise typer.Exit(2)
    size = f"{sum(map(len, found.tables.values()))} rows in {_number_of(found.tables, 'table')}"
    if not write:
        where = "the pack" if name in known else "a new pack"
        command = f"eis import {shlex.quote(str(file))} --region {name} --write"
        _say(f"no fault; '{command}' puts {size} into {where} '{name}'")
        return
    print(_put(folder, name, found.profile, found.tables))
    _say(f"{name}: {size}; 'eis run {name}' makes its six workbooks and its Action Plan")


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
    from eis_lib.tables import Fault

    missing = {key: what for key, what in NEEDED.items() if not found.profile.get(key)}
    if missing and not (folder / name).is_dir():
        place = next(iter(found.profile_cells.values()), "").split(":")[0]
        return [
            Fault(place or "the file", 0, key, "is not said", f"a row '{key}' in a sheet of two columns, word and value, with {what}")
            for key, what in missing.items()
        ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="eis-import-") as scratch:
        for part in (COMMON_FOLDER, name):
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
    from eis_lib.region import new_pack, replace_tables

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


def _read(file: Path, vocabulary: Vocabulary) -> Understood:
    if file.suffix.lower() in {".ttl", ".jsonld", ".json"}:
        from eis_lib.publish.cpsv_import import import_cpsv

        return import_cpsv(file, vocabulary)
    from eis_lib.publish.spreadsheet import import_xlsx

    return import_xlsx(file, vocabulary)


def _answers(profile: dict[str, Any]) -> dict[str, Any]:
    """Return what :func:`new_pack` asks, from what a file says of its region."""
    from eis_lib.tables import split_list

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


def _parameters(given: Path | None) -> Path:
    from eis_lib.batch.commands import project_root

    folder = (given or project_root() / "parameters").resolve()
    _refuse_unless(folder.is_dir(), f"there is no folder '{folder}'")
    return folder


def _refuse_unless(holds: bool, message: str) -> None:
    if not holds:
        _say(f"eis: {message}")
        raise typer.Exit(2)


def _number_of(things: Sized, word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def _say(text: str) -> None:
    print(text, file=sys.stderr)
