"""An executed notebook without what differs between executions, and its text cells in another language."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from eis_lib.language.messages import ENGLISH, english_left, gettext, use_language

INJECTED_ID = "injected-parameters"


def plain_notebook(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook without what would differ between two executions of it.

    Taken off: papermill's timings, empty tags, the version of Python, and the random id of the injected cell.
    """
    metadata = {
        key: value
        for key, value in notebook.metadata.items()
        if key not in {"papermill", "language_info", "widgets"}
    }
    cells = []
    for cell in notebook.cells:
        kept = {key: value for key, value in cell.metadata.items() if key not in {"papermill", "execution"}}
        if not kept.get("tags", True):
            del kept["tags"]
        is_injected = "injected-parameters" in kept.get("tags", ())
        cells.append({**cell, "metadata": kept, **({"id": INJECTED_ID} if is_injected else {})})
    plain: NotebookNode = nbformat.from_dict(
        {**notebook, "metadata": {**metadata, "language_info": {"name": "python"}}, "cells": cells}
    )
    return plain


def blocks_of(source: str) -> list[tuple[str, str]]:
    r"""Return the blocks of a text cell, which blank lines part: the marks of a heading, and the words.

    Examples
    --------
    >>> blocks_of("## Limits\n\nWhat it can not say.")
    [('## ', 'Limits'), ('', 'What it can not say.')]
    """
    parts = [re.fullmatch(r"(#+ )?(.*)", block, flags=re.DOTALL) for block in source.split("\n\n")]
    return [(part[1] or "", part[2]) for part in parts if part]


def in_language(notebook: NotebookNode, language: str) -> NotebookNode:
    """Return an executed notebook with its text cells in a language.

    A block that the catalogue lacks stays English; the cell's metadata say which, so that a page can mark it.
    """
    if language == ENGLISH:
        return notebook
    with use_language(language):
        for cell in notebook.cells:
            if cell.cell_type != "markdown":
                continue
            said = [(marks, gettext(words)) for marks, words in blocks_of(cell.source)]
            english = [number for number, (_, words) in enumerate(said) if english_left(words)]
            cell.source = "\n\n".join(marks + words for marks, words in said)
            if english:
                cell.metadata["eis"] = {"english": english}
    return notebook


def _save(path: Path, notebook: NotebookNode) -> None:
    path.write_text(nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n", "utf-8")


def _is_injected(cell: NotebookNode) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", ())
