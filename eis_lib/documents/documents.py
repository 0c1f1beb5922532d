"""The Word documents of a region, and the command ``eis documents`` that makes them apart from a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eis_lib.language.messages import language_spoken, later

if TYPE_CHECKING:
    from eis_lib.documents.run_files import RunFiles
    from eis_lib.pack.pack import Common, Pack


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
    from eis_lib.documents.action_plan import write_action_plan
    from eis_lib.documents.dossier import write_dossier
    from eis_lib.documents.practices import write_practice_sheets

    common = replace(common, vocabulary=common.vocabulary.in_language(language_spoken()))
    plan, dossier, practices = (folder / name for name in DOCUMENTS.values())
    write_action_plan(results, pack, common, plan, version=version, templates=templates)
    write_dossier(results, pack, common, dossier, templates=templates)
    write_practice_sheets(results, pack, common, practices, templates=templates)
    return plan, dossier, practices
