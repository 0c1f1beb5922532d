"""The commands ``eis run`` and ``eis status``."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eis_lib.commands.options import AsJson, Language, Outputs, Parameters, Regions, Steps
from eis_lib.commands.say import _refuse
from eis_lib.language.messages import known_language
from eis_lib.record.places import project_root
from eis_lib.section.method import STEPS

if TYPE_CHECKING:
    from eis_lib.batch.request import Request, Summary


def run(
    regions: Regions = None,
    steps: Steps = "1-6",
    jobs: Annotated[int, typer.Option(min=1, help="Notebooks executed at a time.")] = os.cpu_count() or 1,
    outputs: Outputs = None,
    parameters: Parameters = None,
    force: Annotated[bool, typer.Option("--force", help="Execute again even where nothing changed.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds after which a notebook is given up.")] = 600,
    scheduler: Annotated[
        str,
        typer.Option(
            help="Dask scheduler to hand the notebooks to, e.g. tcp://10.0.0.5:8786.", show_default=False
        ),
    ] = "",
    snapshot: Annotated[
        str,
        typer.Option(
            help="Keep a copy of packs and results under this name, e.g. 2026-11.", show_default=False
        ),
    ] = "",
    language: Language = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what went wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Execute the workbooks of regions, where something changed since they were last.

    Example: eis run koprivnica donegal --steps 1-3
    """
    request = _request(
        regions or [],
        steps,
        outputs,
        parameters,
        jobs=jobs,
        force=force,
        timeout=timeout,
        scheduler=scheduler,
        language=language,
    )
    if snapshot:
        _check_snapshot(request, snapshot)
    # a polite end is an end by hand, whoever asks for it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    summary = _execute(request, quiet=quiet, as_json=as_json)
    if summary.stopped:
        raise typer.Exit(130)
    if summary.refused and not (summary.done or summary.fresh or summary.failed or summary.skipped):
        raise typer.Exit(2)  # bad input and nothing else: whatever stood there before still stands
    try:
        is_published = _publish(request, snapshot if summary.is_complete else "", quiet=quiet or as_json)
    except KeyboardInterrupt:
        print("eis: stopped by hand before the pages were made: 'eis site' makes them", file=sys.stderr)
        raise typer.Exit(130) from None
    if snapshot and not summary.is_complete:
        print(f"eis: snapshot '{snapshot}' was not kept: the run is not complete", file=sys.stderr)
    if not (summary.is_complete and is_published):
        raise typer.Exit(1)


def _execute(request: Request, *, quiet: bool, as_json: bool) -> Summary:
    """Execute what is asked for, and say on the way and at its end what came of it."""
    from rich.console import Console

    from eis_lib.batch.display import showing, summary_lines
    from eis_lib.batch.executors import ClusterError
    from eis_lib.batch.request import BusyError
    from eis_lib.batch.run import run as run_notebooks

    console = Console(stderr=True)
    try:
        with showing(console, quiet=quiet, as_json=as_json) as show:
            summary = run_notebooks(request, show)
    except (BusyError, ClusterError) as error:
        _refuse(str(error))
    if as_json:
        print(_summary_json(summary))
    elif not quiet or not summary.is_complete:
        print("\n".join(summary_lines(summary)))
    return summary


def _summary_json(summary: Summary) -> str:
    return json.dumps(
        {
            "kind": "summary",
            **{
                word: len(getattr(summary, word))
                for word in ("done", "fresh", "failed", "skipped", "refused")
            },
            "tables": summary.tables,
            "charts": summary.charts,
            "seconds": round(summary.seconds, 3),
            "outputs": str(summary.outputs),
        }
    )


def _check_snapshot(request: Request, name: str) -> None:
    from eis_lib.record.snapshots import SnapshotError, check_name

    try:
        check_name(request.outputs, name)
    except SnapshotError as error:
        _refuse(str(error))


def _publish(request: Request, snapshot: str, *, quiet: bool) -> bool:
    """Keep the snapshot asked for and make the pages; return whether both could be done. The notebooks stand anyway."""
    from eis_lib.pages.site import build_site
    from eis_lib.record.snapshots import keep_snapshot

    try:
        if snapshot:
            keep_snapshot(request.outputs, request.parameters, snapshot, request.regions)
        site = build_site(request.outputs, request.parameters, request.jobs, apart=True)
    except Exception as error:  # noqa: BLE001 - whatever went wrong with the pages, the notebooks are kept and it is said
        print(f"eis: the pages could not be made ({type(error).__name__}): {error}", file=sys.stderr)
        return False
    if not quiet:
        print(f"{site.pages} pages: {site.folder / 'index.html'}")
    return True


def status(
    regions: Regions = None,
    outputs: Outputs = None,
    parameters: Parameters = None,
    as_json: AsJson = False,
) -> None:
    """Show which notebooks are fresh, out of date (and because of what), failed or never run.

    Example: eis status koprivnica
    """
    from eis_lib.batch.state import states

    request = _request(regions or [], "1-6", outputs, parameters)
    found = states(request)
    if as_json:
        for state in found:
            print(
                json.dumps(
                    {
                        "region": state.node.region,
                        "step": state.node.step,
                        "state": state.word,
                        "because": state.reasons,
                    }
                )
            )
        return
    for region in request.regions:
        own = [state for state in found if state.node.region == region]
        print(region)
        for state in own:
            because = f": {'; '.join(state.reasons[:REASONS_SHOWN])}" if state.reasons else ""
            more = len(state.reasons) - REASONS_SHOWN
            print(
                f"  {STEPS[state.node.step].stem:<10} {state.word}{because}{f'; and {more} more' if more > 0 else ''}"
            )


REASONS_SHOWN = 3
"""Reasons given for a notebook that is out of date; all of them with ``--json``."""


def _request(
    regions: list[str],
    steps: str,
    outputs: Path | None,
    parameters: Path | None,
    *,
    jobs: int = 1,
    force: bool = False,
    timeout: float = 600,
    scheduler: str = "",
    language: str = "",
) -> Request:
    from eis_lib.batch.request import Request
    from eis_lib.pack.folders import list_regions, list_unfinished, region_folder

    root = project_root()
    packs = (parameters or Path(os.environ.get("EIS_PARAMETERS") or root / "parameters")).resolve()
    if not packs.is_dir():
        _refuse(f"there is no folder '{parameters or packs}'")
    for region in regions:
        region_folder(packs, region)
    if not regions:
        for region in list_unfinished(packs):
            print(f"eis: {region} is left out: it has tables and no region.yaml", file=sys.stderr)
    # invented regions are for demonstration: they are run when named, or where there are no others
    partners = list_regions(packs) or list_regions(packs, invented=True)
    if not partners:
        _refuse(f"there is no region pack in '{packs}'")
    results = (outputs or root / "outputs").resolve()
    if results.exists() and not results.is_dir():
        _refuse(f"'{outputs}' is a file; the results go to a folder")
    return Request(
        workbooks=root / "workbooks",
        parameters=packs,
        outputs=results,
        regions=tuple(sorted(set(regions))) or partners,
        partners=tuple(sorted({*partners, *regions})),
        steps=_steps(steps),
        jobs=jobs,
        force=force,
        timeout=timeout,
        scheduler=scheduler,
        language=language and known_language(language),
    )


def _steps(text: str) -> tuple[str, ...]:
    """Return the steps that `text` names: ``3``, ``test``, ``1-3``, ``map,test``."""
    names = list(STEPS)
    numbers = {str(step.number): step.number for step in STEPS.values()} | {
        step.name: step.number for step in STEPS.values()
    }
    found: set[str] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first not in numbers or (last and last not in numbers):
            from eis_lib.pack.schema import nearest_of

            nearest = nearest_of(part.strip(), names)
            hint = f" Did you mean '{nearest}'?" if nearest else ""
            _refuse(f"there is no step '{part.strip()}'.{hint} Known: {', '.join(names)}, or 1-{len(names)}.")
        found.update(names[numbers[first] - 1 : numbers[last or first]])
    return tuple(name for name in names if name in found)
