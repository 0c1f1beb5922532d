"""The commands eis check and eis new: the faults of region packs, and the beginning of a new one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from eis_lib.commands.say import say
from eis_lib.pack.folders import (
    NoParametersError,
    find_parameters,
    list_regions,
    list_unfinished,
    region_folder,
)


def check(
    regions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REGION]...", help="Folders under parameters/; all when left out."),
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Folder of region packs.", show_default=False)
    ] = None,
) -> None:
    """Report every fault of region packs at once, as file:row:column.

    Example: eis check koprivnica donegal
    """
    from eis_lib.pack.pack import check_common, check_pack

    folder = parameters_folder(parameters)
    faults = check_common(folder)
    packs = [region_folder(folder, region) for region in regions or []] or [
        folder / name for name in (*list_regions(folder, invented=True), *list_unfinished(folder))
    ]
    for pack in packs:
        faults += check_pack(pack)
    faults = sorted(set(faults))  # a fault of the shared tables is one of every pack
    for fault in faults:
        print(fault)
    if faults:
        files = len({fault.file for fault in faults})
        say(f"{_counted(len(faults), 'fault')} in {_counted(files, 'file')}")
        raise typer.Exit(2)
    say(f"{_counted(len(packs), 'region pack')} checked: no fault")


def new(
    region: Annotated[str, typer.Argument(help="Name of the new folder under parameters/.")],
    name: Annotated[str, typer.Option(prompt="Name of the region in English")],
    nuts_code: Annotated[str, typer.Option(prompt="NUTS code (e.g. FI1D2)")],
    nuts_version: Annotated[str, typer.Option(prompt="NUTS version of the code")] = "2024",
    languages: Annotated[str, typer.Option(prompt="Languages, two letters each, joined by ;")] = "en",
    name_native: Annotated[
        str, typer.Option(help="Name in its own language; the English one when left out.")
    ] = "",
    review_date: Annotated[
        str, typer.Option(help="Day of the review, YYYY-MM-DD; today when left out.")
    ] = "",
    parameters: Annotated[
        Path | None, typer.Option(help="Folder of region packs.", show_default=False)
    ] = None,
) -> None:
    """Begin a region pack: region.yaml and empty tables with their headers.

    Example: eis new north-savo --name "North Savo" --nuts-code FI1D2 --languages fi
    """
    from eis_lib.pack.beginning import new_pack
    from eis_lib.pack.schema import split_list

    folder = new_pack(
        parameters_folder(parameters),
        region,
        name=name,
        nuts_code=nuts_code.strip().upper(),
        nuts_version=nuts_version,
        languages=split_list(languages),
        review_date=review_date or dt.datetime.now(tz=dt.UTC).date().isoformat(),
        name_native=name_native,
    )
    print(folder)
    say(f"{region}: begin with providers.csv, then services.csv; 'eis check {region}' says what is wrong")


def parameters_folder(given: Path | None) -> Path:
    """Return the folder of region packs that a command works on.

    Raises
    ------
    NoParametersError
        If it does not exist.
    """
    if given is None:
        return find_parameters()
    if not given.is_dir():
        raise NoParametersError(f"there is no folder '{given}'")
    return given.resolve()


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
