"""The command ``eis lab``: JupyterLab on this machine alone, with nothing to answer before the first workbook shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from eis_lib.region import find_parameters

HERE = Path(__file__).parent / "jupyter"


def lab(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 picks a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on the first workbook.

    Example: eis lab
    """
    root = find_parameters().parent
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        # reachable from this machine only; in a container everything runs as root
        "--ServerApp.allow_root=True",
        "--LabApp.default_url=/lab/tree/workbooks/1_map.ipynb",
        f"--LabApp.app_settings_dir={HERE / 'settings'}",
        f"--LabApp.extra_labextensions_path={HERE / 'extensions'}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ContentsManager.pre_save_hook=eis_lib.lab.without_outputs",
    ]
    if not browser:
        command.append("--no-browser")
    sys.stdout.flush()
    os.chdir(root)
    os.execv(sys.executable, command)


def without_outputs(model: dict[str, Any], path: str, **_other: object) -> None:
    """Take outputs out of a workbook that is about to be saved: a workbook is a source, its results are elsewhere."""
    if model.get("type") != "notebook" or not path.lstrip("/").startswith("workbooks/"):
        return
    notebook = model["content"]
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
