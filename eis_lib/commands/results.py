"""The commands ``eis site``, ``eis verify`` and ``eis indicators``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eis_lib.commands.options import _folders
from eis_lib.commands.say import _refuse
from eis_lib.pack.folders import region_folder
from eis_lib.record.places import project_root

if TYPE_CHECKING:
    from eis_lib.batch.request import Event


Outputs = Annotated[Path | None, typer.Option(help="Folder the results are in.", show_default=False)]
Parameters = Annotated[Path | None, typer.Option(help="Folder of region packs.", show_default=False)]


def site(outputs: Outputs = None, parameters: Parameters = None) -> None:
    """Make the pages reviewers read from what the last runs left.

    Example: eis site
    """
    from eis_lib.pack.folders import PackError
    from eis_lib.pages.site import build_site

    results, packs = _folders(outputs, parameters)
    try:
        made = build_site(results, packs, os.cpu_count() or 1)
    except (PackError, RuntimeError, OSError) as error:
        print(f"eis: the pages could not be made: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{made.pages} pages, {made.size / 1e6:.1f} MB{', unchanged' if made.fresh else ''}")
    print(made.folder / "index.html")


def verify(
    regions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REGION]...", help="Folders under parameters/; all with results when left out."
        ),
    ] = None,
    outputs: Outputs = None,
    parameters: Parameters = None,
    jobs: Annotated[int, typer.Option(min=1, help="Notebooks executed at a time.")] = os.cpu_count() or 1,
) -> None:
    """Make results again from their recorded inputs and name every file that differs.

    Example: eis verify koprivnica
    """
    from rich.console import Console
    from rich.progress import Progress

    from eis_lib.batch.verify import verify as verify_results
    from eis_lib.record.manifest import MANIFEST, read_manifest

    results, packs = _folders(outputs, parameters)
    wanted = regions or [path.parent.name for path in sorted(results.glob(f"*/{MANIFEST}"))]
    for region in wanted:
        region_folder(packs, region)
        if not read_manifest(results, region).steps:
            _refuse(f"there are no results of '{region}' in {results}; eis run {region} makes them")
    if not wanted:
        _refuse(f"there are no results in {results}; eis run makes them")
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("making the results again", total=None)

        def show(event: Event) -> None:
            if event.kind == "plan":
                bar.update(task, total=len(event.nodes))
            elif event.kind in {"done", "fresh", "failed", "skipped"}:
                bar.advance(task)

        verdicts = verify_results(results, packs, project_root() / "workbooks", wanted, jobs=jobs, show=show)
    for verdict in verdicts:
        print("\n".join(verdict.lines()))
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(1)


def indicators(
    region: Annotated[str, typer.Argument(help="Folder under parameters/.")],
    parameters: Parameters = None,
    url: Annotated[
        str, typer.Option(help="SDMX 2.1 service to ask; Eurostat's when left out.", show_default=False)
    ] = "",
) -> None:
    """Refresh the indicators of a region's areas from Eurostat.

    Says every revision of a past value and every new one. Needs a network; without one the table stays as it was.

    Example: eis indicators koprivnica
    """
    from eis_lib.exchange.eurostat import EUROSTAT, Source
    from eis_lib.exchange.series import StatisticsError
    from eis_lib.exchange.statistics import refresh
    from eis_lib.pack.saving import ChangedOnDiskError

    folder = (parameters or Path(os.environ.get("EIS_PARAMETERS") or project_root() / "parameters")).resolve()
    try:
        changes = refresh(folder, region, Source(url or EUROSTAT), lambda text: print(text, file=sys.stderr))
    except StatisticsError as error:
        print(f"eis: {error}. _common/indicators.csv is as it was.", file=sys.stderr)
        raise typer.Exit(1) from None
    except ChangedOnDiskError as error:
        print(f"eis: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    for change in changes:
        print(change)
    counts = [sum(change.kind == kind for change in changes) for kind in ("added", "revised", "flagged")]
    print("{} values added, {} revised, {} with other flags".format(*counts), file=sys.stderr)
