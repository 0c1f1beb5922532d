"""Run the notebooks of many regions: only what is out of date, each as soon as what it rests on is done.

One process decides and is the only one that writes to the outputs folder; workers execute notebooks in scratch folders
and are reached through :class:`concurrent.futures.Executor`, whether they are processes of this machine or a cluster.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eis_lib.batch.executors import Workers, cluster_workers, local_workers, work
from eis_lib.batch.gather import gather
from eis_lib.batch.request import BusyError, Event, Request, Show, Summary
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.record.graph import BARRIER, Node, plan, urgency
from eis_lib.record.manifest import (
    COMMON,
    PACKS_FILE,
    SCRATCH,
    Entry,
    Failure,
    Input,
    Manifest,
    Surroundings,
    read_manifest,
    stale_reasons,
    write_manifest,
)
from eis_lib.record.task import Result, Task
from eis_lib.section.method import GATHERED, STEPS

LOCK = ".lock"
CHECKED = "checked.txt"
ATTEMPTS = 2
"""How often a notebook is handed out whose worker was lost: a notebook that twice takes its worker with it has failed."""

STARTS = 5
"""How often workers are sought for a notebook before it is given up."""

PATIENCE_SECONDS = 15.0
"""How long a run waits for a notebook to end before it looks whether there is still a worker."""

STOP_SECONDS = 10.0
"""How long a run that is stopped by hand waits for notebooks to be saved as far as they got."""


def run(request: Request, show: Show = lambda _event: None) -> Summary:
    """Bring the wanted notebooks up to date, and return what came of it.

    Parameters
    ----------
    request : Request
    show : callable
        Called with each event, in this process.

    Raises
    ------
    BusyError
        If another run is writing to the same outputs folder.
    ClusterError
        If the cluster asked for is not to be had, or its workers differ from this machine.
    """
    with _alone(request.outputs):
        return _Run(request, show).run()


@contextlib.contextmanager
def _alone(outputs: Path) -> Iterator[None]:
    """Hold the outputs folder; what a killed run left in its scratch folder is cleared away."""
    outputs.mkdir(parents=True, exist_ok=True)
    lock = FileLock(outputs / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        msg = f"another run is writing to {outputs}; wait for it to end, or choose another folder with --outputs"
        raise BusyError(msg) from None
    try:
        shutil.rmtree(outputs / SCRATCH, ignore_errors=True)
        (outputs / SCRATCH).mkdir()
        # a folder on another machine may have the same name: a cluster's workers have to see this very one
        (outputs / SCRATCH / uuid.uuid4().hex).touch()
        yield
    finally:
        shutil.rmtree(outputs / SCRATCH, ignore_errors=True)
        lock.release()


class _Run:
    """One run: its graph, the notebooks in flight, and what came of those that ended."""

    def __init__(self, request: Request, show: Show) -> None:
        self.request = request
        self.show = show
        self.now = Surroundings(request.workbooks, request.parameters, request.outputs)
        self.summary = Summary(request.outputs)
        self.bad: set[Node] = set()
        self.chosen: tuple[str, ...] = request.partners
        self.workers: Workers | None = None
        self.in_flight: dict[Future[Result], tuple[Node, Task, Workers]] = {}
        self.attempts: dict[Node, int] = {}
        self.again: list[Node] = []
        self.remarks: set[str] = set()

    def run(self) -> Summary:
        """Run to the end, and return what came of it."""
        begin = time.monotonic()
        nodes = plan(self.request.regions, self.request.steps, self.request.partners)
        stale = {
            node.region
            for node in nodes
            if node != BARRIER and self._reasons(node, read_manifest(self.request.outputs, node.region))
        }
        with contextlib.ExitStack() as closing:
            try:
                if stale:
                    self.workers = closing.enter_context(self._open_workers())
                    self._refuse_faulty(stale, self.workers)
                    nodes = self._without_refused(nodes)
                self.show(Event("plan", nodes=tuple(sorted(node for node in nodes if node != BARRIER))))
                self._work_off(nodes, closing)
            except KeyboardInterrupt:
                self.summary.stopped = True
                self._stop()
        self.summary.seconds = time.monotonic() - begin
        return self.summary

    # --- before anything is executed ---------------------------------------------------------------------------

    def _reasons(self, node: Node, manifest: Manifest) -> tuple[str, ...]:
        if self.request.force and node.region in self.request.regions and node.step in self.request.steps:
            return ("asked for",)
        return stale_reasons(node, manifest, self.now, self.request.language_of(node.region))

    def _refuse_faulty(self, regions: Collection[str], workers: Workers) -> None:
        """Check the packs of which something has to be executed; a fresh one was checked when it was.

        The hashes of those found sound go to the notebooks, which then need not check the same bytes again.
        """
        names = [COMMON, *sorted(regions)]
        found = workers.check(self.request.parameters, names)
        sound = []
        for name in names:
            faults, hashes = found[name]
            if not faults:
                sound += hashes
            elif name != COMMON:
                self._refuse(name, faults)
        if faults := found[COMMON][0]:
            for region in sorted(set(regions) - set(self.summary.refused)):
                self._refuse(region, faults)
        (self.request.outputs / SCRATCH / CHECKED).write_text("\n".join(sound), "utf-8")

    def _refuse(self, region: str, faults: Sequence[str]) -> None:
        self.summary.refused[region] = tuple(faults)
        self.show(
            Event(
                "refused",
                region,
                faults=tuple(faults),
                message=f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in its pack",
            )
        )

    def _without_refused(self, nodes: dict[Node, set[Node]]) -> dict[Node, set[Node]]:
        kept = [region for region in self.request.partners if region not in self.summary.refused]
        self.chosen = tuple(kept)
        wanted = [region for region in self.request.regions if region in kept]
        return plan(wanted, self.request.steps, kept) if self.summary.refused else nodes

    # --- the graph ---------------------------------------------------------------------------------------------

    def _work_off(self, nodes: dict[Node, set[Node]], closing: contextlib.ExitStack) -> None:
        sorter = TopologicalSorter(nodes)
        sorter.prepare()
        ready: list[Node] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=urgency)
            while ready and self._has_room():
                node = ready.pop(0)
                if not self._begin(node, nodes[node], closing):
                    sorter.done(node)
                    ready = sorted([*ready, *sorter.get_ready()], key=urgency)
            for node in self._ended():
                if node in self.again:
                    self.again.remove(node)
                    ready.append(node)
                else:
                    sorter.done(node)

    def _has_room(self) -> bool:
        # one more than can be worked on, so that no worker waits for this process
        return self.workers is None or len(self.in_flight) <= self.workers.slots()

    def _begin(self, node: Node, rests_on: Collection[Node], closing: contextlib.ExitStack) -> bool:
        """Take up a notebook; return whether it is in flight now (and not done, skipped or fresh at once)."""
        if node == BARRIER:
            self._gather(rests_on)
            return False
        missing = sorted(self.bad.intersection(rests_on), key=urgency)
        if missing:
            self.bad.add(node)
            self.summary.skipped.append(node)
            self.show(Event("skipped", node.region, node.step, f"it rests on {', '.join(map(str, missing))}"))
            return False
        manifest = read_manifest(self.request.outputs, node.region)
        if not self._reasons(node, manifest):
            self._count(
                Event("fresh", node.region, node.step, **_made(manifest.steps[node.step].outputs, node))
            )
            self.summary.fresh.append(node)
            return False
        for _ in range(STARTS):
            if self.workers is None:
                self.workers = closing.enter_context(self._open_workers())
            try:
                self._submit(node, self.workers)
            except BrokenExecutor:  # since a notebook last ended
                self.workers = None
            except OSError as error:
                self._failed(node, f"it could not be begun: {error}")
                return False
            else:
                return True
        self._failed(node, f"no worker could be started, {STARTS} times")
        return False

    def _open_workers(self) -> contextlib.AbstractContextManager[Workers]:
        if self.request.scheduler:
            return cluster_workers(self.request.scheduler, self.now)
        return local_workers(self.request.jobs, warm=self.request.warm)

    def _gather(self, rests_on: Collection[Node]) -> None:
        """Gather the tables of the regions whose first steps are done; the others are left out, and named."""
        incomplete = {node.region for node in self.bad.intersection(rests_on)}
        self.chosen = tuple(region for region in self.chosen if region not in incomplete)
        try:
            gather(self.now, self.chosen)
        except OSError as error:
            self.bad.add(BARRIER)
            self._remark(f"the tables of all regions could not be gathered: {error}")
            return
        left_out = f", without {', '.join(sorted(incomplete))}" if incomplete else ""
        self.show(
            Event("gathered", message=f"{len(GATHERED)} tables of {len(self.chosen)} regions{left_out}")
        )

    # --- handing out and taking back ---------------------------------------------------------------------------

    def _submit(self, node: Node, workers: Workers) -> None:
        attempt = self.attempts.get(node, 0) + 1
        request = self.request
        language = request.language_of(node.region)
        task = Task(
            region=node.region,
            step=node.step,
            workbooks=request.workbooks,
            parameters=request.parameters,
            earlier=request.outputs,
            chosen=self.chosen,
            checked=request.outputs / SCRATCH / CHECKED,
            scratch=request.outputs / SCRATCH / f"{node.region}-{node.step}-{attempt}",
            timeout=request.timeout,
            warm=request.warm,
            # the region's own is not passed, so that a notebook is the same whether it was asked for or not
            language=language if language != self.now.language(node.region) else "",
        )
        task.scratch.mkdir(exist_ok=True)
        self.in_flight[workers.submit(work, task)] = (node, task, workers)
        self.attempts[node] = attempt
        if attempt == 1:
            self.show(Event("start", node.region, node.step))

    def _ended(self) -> list[Node]:
        """Wait for notebooks in flight, and return those that ended or have to be handed out again."""
        if not self.in_flight:
            return []
        ended, _ = wait(self.in_flight, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
        if not ended and self.workers is not None and not self.workers.slots():
            self._remark("no worker is left; waiting for one to join")
        for future in ended:
            self._take(future, *self.in_flight[future])
        return [self.in_flight.pop(future)[0] for future in ended]

    def _take(self, future: Future[Result], node: Node, task: Task, workers: Workers) -> None:
        """Put what a notebook made in its place."""
        try:
            result = future.result()
        except Exception as error:  # noqa: BLE001 - a notebook's own failure is a result; this is its worker's
            self._lost(node, error, workers)
            return
        self._remark(result.remark)
        message = result.message
        if not message:
            try:
                self._publish(node, result)
            except OSError as error:
                message = f"what it made could not be put in its place: {error}"
        if message:
            self._fail(node, result, message)
        shutil.rmtree(task.scratch, ignore_errors=True)

    def _remark(self, text: str) -> None:
        """Say something once."""
        if text and text not in self.remarks:
            self.remarks.add(text)
            self.show(Event("remark", message=text))

    def _lost(self, node: Node, error: Exception, workers: Workers) -> None:
        """Hand out a notebook again whose worker was lost, or give it up."""
        if isinstance(error, BrokenExecutor) and workers is self.workers:
            self.workers = None
        if self.attempts[node] < ATTEMPTS:
            self.again.append(node)
            return
        self._failed(node, f"its worker was lost {ATTEMPTS} times ({type(error).__name__})")

    def _publish(self, node: Node, result: Result) -> None:
        """Move the files of a notebook to their place, each whole, and then say so in the manifest."""
        step = STEPS[node.step]
        folder = self.request.outputs / node.region
        for name in result.outputs:
            place = folder / name
            kind, _, rest = name.partition("/")
            source = result.folder / "record" / kind / Path(rest).name if rest else result.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            source.replace(place)
        for kind in ("charts", "tables"):
            for path in (folder / kind / step.name).glob("*"):
                if path.relative_to(folder).as_posix() not in result.outputs:
                    path.unlink()
        (folder / f"{step.stem}.failed.ipynb").unlink(missing_ok=True)
        manifest = read_manifest(self.request.outputs, node.region)
        write_manifest(self.request.outputs, manifest.with_entry(node.step, self._entry(node, result)))
        self.summary.done.append(node)
        self._count(
            Event(
                "done", node.region, node.step, seconds=result.seconds["total"], **_made(result.outputs, node)
            )
        )

    def _entry(self, node: Node, result: Result) -> Entry:
        record = result.record
        read = {Input.recorded(**item) for item in record.get("inputs", ())} | set(result.documents_read)
        read.add(
            Input(
                "pack",
                f"{node.region}/region.yaml",
                self.now.sha256(self.request.parameters / node.region / "region.yaml"),
            )
        )
        # The packs of other regions are one input: the hashes of all of them, written where they were gathered.
        layers = {item.name.rpartition("/")[0] for item in read if item.name.startswith(f"{LAYERS_FOLDER}/")}
        own = {node.region, COMMON, *layers}
        others = {item for item in read if item.kind == "pack" and item.name.rpartition("/")[0] not in own}
        if others:
            read -= others
            read.add(Input("gathered", PACKS_FILE, self.now.sha256(self.request.outputs / PACKS_FILE)))
        return Entry(
            notebook=self.now.sha256(self.request.workbooks / STEPS[node.step].notebook),
            parameters=record.get("parameters", {}),
            code=self.now.code,
            packages=self.now.packages,
            python=self.now.python,
            inputs=tuple(sorted(read, key=lambda item: (item.kind, item.name))),
            folders={pack: self.now.files_of(pack) for pack in sorted(own)},
            outputs=result.outputs,
            headline=record.get("headline", ""),
            seconds=result.seconds,
        )

    def _fail(self, node: Node, result: Result, message: str) -> None:
        """Keep a notebook as far as it got, beside what it had left before, which stays."""
        path = ""
        folder = self.request.outputs / node.region
        if result.saved:
            place = folder / f"{STEPS[node.step].stem}.failed.ipynb"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (result.folder / result.saved).replace(place)
                path = f"{node.region}/{place.name}"
            except OSError as error:
                message += f" (and it could not be kept: {error})"
        self._failed(node, message, result, path)

    def _failed(self, node: Node, message: str, result: Result | None = None, path: str = "") -> None:
        self.bad.add(node)
        self.summary.failed.append(node)
        seconds = result.seconds if result else {}
        failure = Failure(message, result.cell if result else "", seconds)
        # a disk too full for the manifest leaves the old one, by which the notebook is out of date as well
        with contextlib.suppress(OSError):
            manifest = read_manifest(self.request.outputs, node.region)
            write_manifest(self.request.outputs, manifest.with_failure(node.step, failure))
        self.show(Event("failed", node.region, node.step, message, seconds.get("total", 0.0), path=path))

    def _count(self, event: Event) -> None:
        self.summary.tables += event.tables
        self.summary.charts += event.charts
        self.show(event)

    def _stop(self) -> None:
        """Stop those at work, and keep what they have."""
        if self.workers is None:
            return
        self.workers.stop(list(self.in_flight))
        ended, _ = wait(self.in_flight, timeout=STOP_SECONDS)
        for future in ended:
            node, *_ = self.in_flight[future]
            with contextlib.suppress(Exception):
                result = future.result()
                if not result.message:
                    self._publish(node, result)
                elif result.saved:
                    self._fail(node, result, result.message)


def _made(outputs: Collection[str], node: Node) -> dict[str, Any]:
    """Return what an event says of a notebook's outputs."""
    return {
        "tables": sum(name.startswith("tables/") for name in outputs),
        "charts": sum(name.startswith("charts/") and name.endswith(".json") for name in outputs),
        "path": f"{node.region}/{STEPS[node.step].notebook}",
    }
