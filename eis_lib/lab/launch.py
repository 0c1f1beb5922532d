"""What ``eis lab`` starts JupyterLab with: its settings, what is imported beforehand, and how workbooks are saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "jupyter"
"""Settings, the extension, and the kernel that starts warm."""

SCREEN = (
    "eis_lib.lab.page",
    "eis_lib.lab.picker",
    "eis_lib.lab.grid",
    "eis_lib.lab.judging",
    "pandera.backends.pandas.register",
)
"""What a workbook imports on screen beyond what it imports in a run."""


def without_outputs(model: dict[str, Any], path: str, **_other: object) -> None:
    """Take out of a workbook about to be saved what its kernel left there: a workbook is a source, results are elsewhere."""
    if model.get("type") != "notebook" or not path.lstrip("/").startswith("workbooks/"):
        return
    notebook = model["content"]
    notebook["metadata"].pop("widgets", None)
    if "language_info" in notebook["metadata"]:
        notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
