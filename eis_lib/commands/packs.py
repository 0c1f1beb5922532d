"""The commands eis check and eis new: the faults of region packs, and the beginning of a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eis_lib.commands.say import say
from eis_lib.pack.folders import (
    NoParametersError,
    find_parameters,
    list_regions,
    list_unfinished,
    region_folder,
)

if TYPE_CHECKING:
    from eis_lib.pack.schema import Doubt, Fault


def check(
    regions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REGION]...", help="Folders under parameters/; all when left out."),
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Folder of region packs.", show_default=False)
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Take a doubt for a fault: exit status 2 where there is one.")
    ] = False,
) -> None:
    """Report every fault of region packs at once, as file:row:column, and below them what is doubtful.

    A doubt is a cell that may stand so and contradicts another: a policy in force whose services have all ended. Doubts are
    looked for in packs without a fault.

    Example: eis check koprivnica donegal
    """
    from eis_lib.pack.doubts import check_packs

    folder = parameters_folder(parameters)
    packs = [region_folder(folder, region) for region in regions or []] or [
        folder / name for name in (*list_regions(folder, invented=True), *list_unfinished(folder))
    ]
    faults, doubts = check_packs(folder, packs)
    for fault in faults:
        print(fault)
    _show(doubts)
    every = [doubt for found in doubts.values() for doubt in found]
    say(f"{_counted(len(packs), 'region pack')} checked: {_told(faults, 'fault')}, {_told(every, 'doubt')}")
    if faults:
        say("doubts are looked for in packs without a fault")
    if faults or (strict and doubts):
        raise typer.Exit(2)


def _show(doubts: Mapping[str, Sequence[Doubt]]) -> None:
    if doubts:
        print("\nDoubts: each of these cells is allowed, and contradicts something else")
    for heading, found in doubts.items():
        print(f"\n{heading[0].upper()}{heading[1:]}: {len(found)}")
        for doubt in found:
            print(f"  {doubt}")


def _told(found: Sequence[Fault], word: str) -> str:
    files = len({one.file for one in found})
    return f"{_counted(len(found), word)} in {_counted(files, 'file')}" if found else f"no {word}"


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
    """Begin a region pack: region.yaml, empty tables with their headers, and the searches to be made.

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
    say(
        f"{region}: begin with providers.csv, then services.csv, and say in searches.csv what you looked for; "
        f"'eis check {region}' says what is wrong"
    )


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
