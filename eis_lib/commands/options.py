"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from eis_lib.commands.say import _refuse
from eis_lib.record.places import project_root

Regions = Annotated[
    list[str] | None,
    typer.Argument(metavar="[REGION]...", help="Folders under parameters/; all when left out."),
]

Parameters = Annotated[Path | None, typer.Option(help="Folder of region packs.", show_default=False)]
Outputs = Annotated[Path | None, typer.Option(help="Folder the results go to.", show_default=False)]

Steps = Annotated[
    str, typer.Option(help="Steps wanted, by name or number; what they rest on is brought up to date too.")
]

Language = Annotated[
    str,
    typer.Option(
        help="Language spoken: en, da, hr, it, pl or pt; that of region.yaml when left out.",
        show_default=False,
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")]


def _folders(outputs: Path | None, parameters: Path | None) -> tuple[Path, Path]:
    root = project_root()
    results = (outputs or root / "outputs").resolve()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
    for folder in (results, packs):
        if not folder.is_dir():
            _refuse(f"there is no folder '{folder}'")
    return results, packs
