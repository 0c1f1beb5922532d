"""The commands ``eis site`` and ``eis verify``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from eis_lib.batch.commands import project_root

Outputs = Annotated[Path | None, typer.Option(help="Folder the results are in.", show_default=False)]
Parameters = Annotated[Path | None, typer.Option(help="Folder of region packs.", show_default=False)]


def site(outputs: Outputs = None, parameters: Parameters = None) -> None:
    """Make the pages reviewers read from what the last runs left.

    Example: eis site
    """
    from eis_lib.publish.site import build_site
    from eis_lib.region import PackError

    results, packs = _folders(outputs, parameters)
    try:
        made = build_site(results, packs)
    except (PackError, RuntimeError, OSError) as error:
        print(f"eis: the pages could not be made: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{made.pages} pages, {made.size / 1e6:.1f} MB{', unchanged' if made.fresh else ''}")
    print(made.folder / "index.html")


def _folders(outputs: Path | None, parameters: Path | None) -> tuple[Path, Path]:
    root = project_root()
    results = (outputs or root / "outputs").resolve()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
    for folder in (results, packs):
        if not folder.is_dir():
            print(f"eis: there is no folder '{folder}'", file=sys.stderr)
            raise typer.Exit(2)
    return results, packs
