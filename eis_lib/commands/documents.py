"""The command eis documents: the Word documents of a run, made apart from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from eis_lib.commands.say import _refuse
from eis_lib.documents.documents import OWN_TEMPLATES, write_documents
from eis_lib.language.messages import known_language, use_language


def documents(
    regions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REGION]...", help="Folders under parameters/; all with a plan when left out."
        ),
    ] = None,
    layout: Annotated[
        str, typer.Option(help="Action Plan of 2014-2020 or 2021-2027; as in step 5 when left out.")
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            help="Language of the fixed words: en, da, hr, it, pl or pt; that of region.yaml when left out.",
            show_default=False,
        ),
    ] = "",
    folder: Annotated[
        Path, typer.Option(help="Folder they go to, one folder a region in it.", show_default="documents")
    ] = Path("documents"),
    outputs: Annotated[
        Path | None, typer.Option(help="Folder the results are in.", show_default=False)
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Folder of region packs.", show_default=False)
    ] = None,
) -> None:
    """Write the Word documents of a run once more, apart from it: to another layout, or for people to write in.

    A run leaves them in outputs/REGION, where the next run makes them anew.

    Example: eis documents koprivnica --layout 2014-2020
    """
    from eis_lib.documents.run_files import RunFiles
    from eis_lib.documents.word import DocumentError
    from eis_lib.pack.pack import load_common, load_pack
    from eis_lib.record.places import project_root

    root = project_root()
    results = (outputs or root / "outputs").resolve()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
    wanted = _wanted(regions, results, packs)
    common = load_common(packs)
    for region in wanted:
        pack = load_pack(packs / region)
        try:
            with use_language(known_language(language or pack.region.language)):
                written = write_documents(
                    RunFiles(results / region),
                    pack,
                    common,
                    folder / region,
                    templates=packs / region / OWN_TEMPLATES,
                    version=layout,
                )
        except DocumentError as error:
            _refuse(str(error))
        for path in written:
            print(path)


def _wanted(regions: list[str] | None, results: Path, packs: Path) -> list[str]:
    """Return the regions named, else all with a plan; refuse where there are none."""
    from eis_lib.pack.folders import region_folder

    for place in (results, packs):
        if not place.is_dir():
            _refuse(f"there is no folder '{place}'")
    wanted = regions or [
        path.parents[2].name for path in sorted(results.glob("*/tables/plan/action_plan.csv"))
    ]
    for region in wanted:
        region_folder(packs, region)
    if not wanted:
        _refuse(f"there is no plan in {results}; eis run makes them")
    return wanted
