"""The command ``eis documents``: the Word documents of regions, from what the last runs left."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

ACTION_PLAN, DOSSIER, PRACTICES = "action_plan.docx", "peer_review_dossier.docx", "good_practices.docx"
OWN_TEMPLATES = "templates"
"""Folder in a region pack for its own templates, under the names of the project's."""


def documents_of_run(
    outputs: Path, parameters: Path, regions: Sequence[str], *, version: str = "", language: str = ""
) -> Mapping[str, tuple[Path, ...]]:
    """Write the documents of regions beside their results: region → the files written.

    Parameters
    ----------
    outputs : Path
        Folder of results; the documents go to ``outputs/<region>/``.
    parameters : Path
        Folder of region packs; ``<region>/templates/*.docx`` go before the project's templates.
    regions : sequence of str
        Those whose step 5 is done.
    version : str, optional
        Version of the Action Plan's layout, ``2014-2020`` or ``2021-2027``; that of step 5 where left out.
    language : str, optional
        Language of the documents; that of ``region.yaml`` where left out.

    Raises
    ------
    DocumentError
        If results are missing or a template cannot be filled; documents written before stay.
    PackError
        If a region pack has faults.
    """
    from eis_lib.language import known_language, use_language
    from eis_lib.publish.action_plan import write_action_plan
    from eis_lib.publish.dossier import write_dossier, write_practice_sheets
    from eis_lib.region import load_common, load_pack

    common = load_common(parameters)
    written = {}
    for region in regions:
        pack, results, own = (
            load_pack(parameters / region),
            outputs / region,
            parameters / region / OWN_TEMPLATES,
        )
        writers: list[tuple[str, Callable[..., None], dict[str, Any]]] = [
            (ACTION_PLAN, write_action_plan, {"version": version}),
            (DOSSIER, write_dossier, {}),
            (PRACTICES, write_practice_sheets, {}),
        ]
        spoken = known_language(language or pack.region.language)
        words = replace(common, vocabulary=common.vocabulary.in_language(spoken))
        with use_language(spoken):
            for name, write, options in writers:
                write(results, pack, words, results / name, templates=own, **options)
        written[region] = tuple(results / name for name, _, _ in writers)
    return MappingProxyType(written)


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
            help="Language: en, da, hr, it, pl or pt; that of region.yaml when left out.", show_default=False
        ),
    ] = "",
    outputs: Annotated[
        Path | None, typer.Option(help="Folder the results are in.", show_default=False)
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Folder of region packs.", show_default=False)
    ] = None,
) -> None:
    """Write the Action Plan, the dossier for peers and the good-practice sheets as Word.

    Example: eis documents koprivnica
    """
    from eis_lib.batch.commands import project_root
    from eis_lib.folders import region_folder
    from eis_lib.language import known_language
    from eis_lib.publish.word import DocumentError

    root = project_root()
    results = (outputs or root / "outputs").resolve()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
    for folder in (results, packs):
        if not folder.is_dir():
            _refuse(f"there is no folder '{folder}'")
    if language:
        known_language(language)
    wanted = regions or [
        path.parents[2].name for path in sorted(results.glob("*/tables/plan/action_plan.csv"))
    ]
    for region in wanted:
        region_folder(packs, region)
    if not wanted:
        _refuse(f"there is no plan in {results}; eis run makes them")
    for region in wanted:
        try:
            written = documents_of_run(results, packs, [region], version=layout, language=language)
        except DocumentError as error:
            _refuse(str(error))
        for path in written[region]:
            print(path)


def _refuse(message: str) -> None:
    print(f"eis: {message}", file=sys.stderr)
    raise typer.Exit(2)
