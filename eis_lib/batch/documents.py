"""The Word documents of a region, made by a run beside the Action Plan they rest on."""

from __future__ import annotations

from pathlib import Path

from eis_lib.documents.documents import DOCUMENTS, OWN_TEMPLATES, write_documents
from eis_lib.documents.run_files import RunFiles
from eis_lib.documents.word import DocumentError
from eis_lib.language.messages import ENGLISH, use_language
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.record.manifest import Input, sha256_of
from eis_lib.record.task import FailedNotebookError, Task


def make_documents(task: Task, folder: Path, language: str = ENGLISH) -> tuple[Input, ...]:
    """Write the Word documents of a region beside its Action Plan just made, and return what they were made from.

    A template of the region's own that is not there is among it: the documents are out of date once it is.

    Raises
    ------
    FailedNotebookError
        If a document cannot be made, naming why.
    """
    results = RunFiles(task.earlier / task.region, {task.step: folder / "record"})
    checked = task.checked.read_text("utf-8").split()
    own = f"{task.region}/{OWN_TEMPLATES}"
    try:
        with use_language(language):
            write_documents(
                results,
                load_pack(task.parameters / task.region, checked),
                load_common(task.parameters, checked),
                folder,
                templates=task.parameters / own,
            )
    except DocumentError as error:
        msg = f"its documents could not be made: {error}"
        raise FailedNotebookError(msg) from error
    templates = [f"{own}/{template}.docx" for template in DOCUMENTS]
    return (
        *(Input("earlier", f"{task.region}/{name}", sha256) for name, sha256 in results.read.items()),
        *(Input("pack", name, sha256_of(task.parameters / name)) for name in templates),
    )
