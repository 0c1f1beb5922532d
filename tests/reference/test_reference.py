"""The executed workbooks of one region, stored as the golden record; nbval runs them again and compares every output.

The notebooks beside this file are what plain papermill makes of the workbooks for Koprivnica. After a change of results
that is meant, ``EIS_REFERENCE=write .venv/bin/python -m pytest tests/reference`` writes them anew and fails, asking for
a look at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import papermill
import pytest

HERE = Path(__file__).parent
WORKBOOKS = HERE.parents[1] / "workbooks"
REGION = "koprivnica"
NAMES = [path.name for path in sorted(WORKBOOKS.glob("*.ipynb"))]


def write_reference(name: str) -> None:
    """Execute a workbook with plain papermill and store it without clock and paths."""
    papermill.execute_notebook(
        WORKBOOKS / name, HERE / name, {"region": REGION}, cwd=HERE, progress_bar=False, record_timing=False
    )
    notebook = nbformat.read(HERE / name, as_version=4)
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            notebook.cells[number]["id"] = "injected-parameters"
    nbformat.write(notebook, HERE / name)


@pytest.mark.skipif(os.environ.get("EIS_REFERENCE") != "write", reason="EIS_REFERENCE=write asks for it")
@pytest.mark.parametrize("name", NAMES)
def test_write(name: str) -> None:
    write_reference(name)
    pytest.fail(f"{name} was written anew: look at 'git diff tests/reference', and commit it if it is right")


@pytest.mark.parametrize("name", NAMES)
def test_the_stored_notebook_is_of_todays_workbook_and_whole(name: str) -> None:
    stored = nbformat.read(HERE / name, as_version=4)
    today = nbformat.read(WORKBOOKS / name, as_version=4)
    own = [cell for cell in stored.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    assert [(cell.id, cell.source) for cell in own] == [(cell.id, cell.source) for cell in today.cells]
    outputs = [output for cell in own if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert "widgets" not in stored.metadata  # what is for the screen leaves nothing in a run
    assert not [kind for output in outputs for kind in output.get("data", {}) if "widget" in kind]
    pictures = [output for output in outputs if "image/svg+xml" in output.get("data", {})]
    assert len(pictures) >= 3
    for picture in pictures:
        said = picture["data"]["text/plain"]
        assert len(said) > 20
        assert picture["metadata"]["image/svg+xml"]["alt"] == said
    text = (HERE / name).read_text("utf-8")
    assert str(HERE.parents[1]) not in text
    assert "Koprivnica" in text
