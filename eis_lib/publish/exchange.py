"""The commands ``eis export`` and ``eis import``: a region pack to other people's formats and back."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eis_lib.folders import COMMON_FOLDER, PackError, RegionError, list_regions, region_folder

if TYPE_CHECKING:
    from eis_lib.publish.spreadsheet import Understood
    from eis_lib.vocabulary import Vocabulary

Parameters = Annotated[Path | None, typer.Option(help="Folder of region packs.", show_default=False)]


class Format(StrEnum):
    """Formats a region pack can be exported to."""

    XLSX = "xlsx"
    JSONLD = "jsonld"
    TURTLE = "ttl"
    SKOS = "skos"


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
    from eis_lib.region import check_tables, new_pack, replace_tables
    from eis_lib.vocabulary import load_vocabulary

    folder = _parameters(parameters)
    _refuse_unless(file.is_file(), f"there is no file '{file}'")
    name = region or file.stem
    try:
        found = _read(file, load_vocabulary(folder / COMMON_FOLDER))
    except ValueError as error:
        _refuse_unless(False, str(error))
        raise
    for sheet, table in found.sheets.items():
        print(f"'{sheet}' read as {table}.csv: {len(found.tables.get(table, []))} rows")
    for reading in found.readings:
        print(reading)
    for line in found.left_out:
        print(f"not imported: {line}")
    for fault in found.faults:
        print(fault)
    if found.faults:
        _say(f"{len(found.faults)} cell(s) cannot be imported as they stand; nothing was written")
        raise typer.Exit(2)
    known = list_regions(folder, invented=True)
    if not write:
        where = "the pack" if name in known else "a new pack"
        _say(f"no fault; 'eis import {file} --region {name} --write' puts this into {where} '{name}'")
        return
    if name not in known:
        new_pack(folder, name, **_answers(found.profile, file))
    target = region_folder(folder, name)
    try:
        replace_tables(target, found.tables)
    except PackError:
        if name not in known:
            for path in target.iterdir():
                path.unlink()
            target.rmdir()
        raise
    faults = check_tables(target, {})
    _say(
        f"{name}: {sum(map(len, found.tables.values()))} rows in {len(found.tables)} tables, {len(faults)} faults"
    )
    print(target)


def _read(file: Path, vocabulary: Vocabulary) -> Understood:
    if file.suffix.lower() in {".ttl", ".jsonld", ".json"}:
        from eis_lib.publish.cpsv_import import import_cpsv

        return import_cpsv(file, vocabulary)
    from eis_lib.publish.spreadsheet import import_xlsx

    return import_xlsx(file, vocabulary)


def _answers(profile: dict[str, Any], file: Path) -> dict[str, Any]:
    from eis_lib.tables import split_list

    missing = [key for key in ("name", "nuts_code", "nuts_version") if not profile.get(key)]
    if missing:
        raise RegionError(
            f"{file.name}: a new region needs a sheet 'region' with the rows name, nuts_code and nuts_version "
            f"(key, value); missing: {', '.join(missing)}. Or begin with 'eis new'; nothing was written."
        )
    languages = profile.get("languages", "en")
    return {
        "name": profile["name"],
        "name_native": profile.get("name_native", ""),
        "nuts_code": profile["nuts_code"],
        "nuts_version": profile["nuts_version"],
        "languages": languages if isinstance(languages, list) else split_list(languages),
        "level": profile.get("level", ""),
        "currency": profile.get("currency", "EUR"),
        "review_date": profile.get("review_date") or dt.datetime.now(tz=dt.UTC).date().isoformat(),
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


def _say(text: str) -> None:
    print(text, file=sys.stderr)
