"""The Word documents of a region, and the command ``eis documents`` that makes them apart from a run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eis_lib.language import known_language, language_spoken, later, use_language

if TYPE_CHECKING:
    from eis_lib.publish.run_files import RunFiles
    from eis_lib.region import Common, Pack

DOCUMENTS = {
    "action_plan": "action_plan.docx",
    "dossier": "peer_review_dossier.docx",
    "good_practices": "good_practices.docx",
}
"""Template → the document that is made from it."""

DOCUMENT_TITLES = {
    "action_plan.docx": later("Action Plan, in the Interreg Europe layout"),
    "peer_review_dossier.docx": later("Dossier for a peer review, two pages"),
    "good_practices.docx": later("Good-practice sheets, one page each"),
}
"""Document → what a reader is told it is."""

OWN_TEMPLATES = "templates"
"""Folder in a region pack for its own templates, under the names of the project's."""


def write_documents(
    results: RunFiles, pack: Pack, common: Common, folder: Path, *, templates: Path, version: str = ""
) -> tuple[Path, ...]:
    """Write the documents of a region into a folder, in the language spoken, and return them.

    Parameters
    ----------
    results : RunFiles
        What a run left, step 5 among it.
    pack : Pack
        The region.
    common : Common
        For the labels of codes.
    folder : Path
        Where they go.
    templates : Path
        Folder of the region's own templates, which go before the project's.
    version : str, optional
        Version of the Action Plan's layout, ``2014-2020`` or ``2021-2027``; that of step 5 where left out.

    Raises
    ------
    DocumentError
        If results are missing or a template cannot be filled; documents written before stay.
    """
    from eis_lib.publish.action_plan import write_action_plan
    from eis_lib.publish.dossier import write_dossier, write_practice_sheets

    common = replace(common, vocabulary=common.vocabulary.in_language(language_spoken()))
    plan, dossier, practices = (folder / name for name in DOCUMENTS.values())
    write_action_plan(results, pack, common, plan, version=version, templates=templates)
    write_dossier(results, pack, common, dossier, templates=templates)
    write_practice_sheets(results, pack, common, practices, templates=templates)
    return plan, dossier, practices


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
    from eis_lib.batch.commands import project_root
    from eis_lib.folders import region_folder
    from eis_lib.publish.run_files import RunFiles
    from eis_lib.publish.word import DocumentError
    from eis_lib.region import load_common, load_pack

    root = project_root()
    results = (outputs or root / "outputs").resolve()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
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


def _refuse(message: str) -> None:
    print(f"eis: {message}", file=sys.stderr)
    raise typer.Exit(2)
