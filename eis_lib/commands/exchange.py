"""The commands ``eis export`` and ``eis import``: a region pack to other people's formats and back."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eis_lib.commands.say import _refuse, say
from eis_lib.exchange.importing import _in_short, _name_of, _number_of, _put, _read, _try
from eis_lib.pack.folders import COMMON_FOLDER, PROFILE_FILE, list_regions, region_folder

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
    from eis_lib.pack.vocabulary import load_vocabulary

    folder = _parameters(parameters)
    source = region_folder(folder, region)
    path = file or Path(f"{region}.{ENDING.get(to, to.value)}")
    _refuse_unless(path.parent.is_dir(), f"there is no folder '{path.parent}'")
    vocabulary = load_vocabulary(folder / COMMON_FOLDER)
    if to is Format.XLSX:
        from eis_lib.exchange.xlsx_writing import export_xlsx

        export_xlsx(source, path, vocabulary)
    elif to is Format.SKOS:
        from eis_lib.exchange.skos import export_skos

        export_skos(folder / COMMON_FOLDER, path)
    else:
        from eis_lib.exchange.cpsv import export_cpsv
        from eis_lib.exchange.rdf import Format as Graph

        for fault in export_cpsv(source, path, vocabulary, Graph[to.name]):
            say(str(fault))
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
    folder = _parameters(parameters)
    _refuse_unless(file.is_file(), f"there is no file '{file}'")
    try:
        found = _read(file, folder)
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
        say(f"{_number_of(faults, 'fault')} to be mended in {file.name}; nothing was written")
        raise typer.Exit(2)
    size = f"{sum(map(len, found.tables.values()))} rows in {_number_of(found.tables, 'table')}"
    if not write:
        where = "the pack" if name in known else "a new pack"
        command = f"eis import {shlex.quote(str(file))} --region {name} --write"
        say(f"no fault; '{command}' puts {size} into {where} '{name}'")
        return
    print(_put(folder, name, found.profile, found.tables))
    say(f"{name}: {size}; 'eis run {name}' makes its six workbooks and its Action Plan")


def _parameters(given: Path | None) -> Path:
    from eis_lib.record.places import project_root

    folder = (given or project_root() / "parameters").resolve()
    _refuse_unless(folder.is_dir(), f"there is no folder '{folder}'")
    return folder


def _refuse_unless(holds: bool, message: str) -> None:
    if not holds:
        _refuse(message)
