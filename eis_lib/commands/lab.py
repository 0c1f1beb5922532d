"""The command eis lab: JupyterLab on the first workbook."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from eis_lib.kernels.server import leave_out_slow_extras, start_server, why_not_warm
from eis_lib.lab.launch import HERE, SCREEN
from eis_lib.pack.folders import find_parameters


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
            "--ContentsManager.pre_save_hook=eis_lib.lab.launch.without_outputs",
        ]
    )
