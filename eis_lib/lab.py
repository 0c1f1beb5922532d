"""The command ``eis lab``: JupyterLab on this machine alone, with nothing to answer before the first workbook shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from eis_lib.batch.kernels import leave_out_slow_extras, start_server, why_not_warm
from eis_lib.folders import find_parameters

HERE = Path(__file__).parent / "jupyter"
"""Settings, the extension, and the kernel that starts warm."""

SCREEN = (
    "eis_lib.live",
    "eis_lib.picker",
    "eis_lib.grid",
    "eis_lib.judging",
    "pandera.backends.pandas.register",
)
"""What a workbook imports on screen beyond what it imports in a run."""


def lab(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 picks a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on the first workbook.

    Example: eis lab
    """
    root = find_parameters().parent
    os.chdir(root)
    if not why_not_warm():
        # it imports what every workbook needs while JupyterLab starts, once for all the workbooks that are opened
        start_server(*SCREEN)
        paths = [str(HERE), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    leave_out_slow_extras()
    from jupyterlab.labapp import LabApp  # heavy, and wanted by this command alone

    LabApp.launch_instance(
        [
            f"--ServerApp.root_dir={root}",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--ServerApp.open_browser={browser}",
            # reachable from this machine only; in a container everything runs as root
            "--ServerApp.allow_root=True",
            "--LabApp.default_url=/lab/tree/workbooks/1_map.ipynb",
            f"--LabApp.app_settings_dir={HERE / 'settings'}",
            f"--LabApp.extra_labextensions_path={HERE / 'extensions'}",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--ContentsManager.pre_save_hook=eis_lib.lab.without_outputs",
        ]
    )


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
