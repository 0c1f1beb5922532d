"""Make results again from their recorded inputs, in a folder of their own, and say exactly what differs.

A file that is not what the manifest says, an input that is not what was read, other versions than were recorded and
an execution that gives other bytes are four different things, and are told apart.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from eis_lib.batch.executors import local_workers
from eis_lib.batch.graph import STEPS, Node, urgency
from eis_lib.batch.manifest import (
    GATHERED_FOLDER,
    PACKS_FILE,
    Entry,
    Manifest,
    Surroundings,
    read_manifest,
    sha256_of,
)
from eis_lib.publish.differences import name_differences
from eis_lib.publish.snapshots import list_snapshots
from eis_lib.section import frame_from_csv

if TYPE_CHECKING:
    from eis_lib.batch.notebook import Result, Task

TIMEOUT = 600.0


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the manifest has it.

    Attributes
    ----------
    kind : str
        ``edited output``, ``missing file``, ``edited input``, ``missing input``, ``new input``, ``other library
        version``, ``other code``, ``not reproduced`` or ``not executed``.
    what : str
    steps : tuple of str
        Steps it concerns.
    details : tuple of str
        What exactly differs.
    """

    kind: str
    what: str
    steps: tuple[str, ...]
    details: tuple[str, ...] = ()


@dataclass
class Verdict:
    """What came of verifying one region.

    Attributes
    ----------
    region : str
    steps : tuple of str
        Steps the manifest holds results of.
    differences : list of Difference
    """

    region: str
    steps: tuple[str, ...]
    differences: list[Difference] = field(default_factory=list)

    @property
    def reproduced(self) -> tuple[str, ...]:
        """Return the steps whose files are there as recorded and were made again to the same bytes."""
        spoilt = {
            step
            for difference in self.differences
            if difference.kind in {"edited output", "missing file", "not reproduced", "not executed"}
            for step in difference.steps
        }
        return tuple(step for step in self.steps if step not in spoilt)

    @property
    def holds(self) -> bool:
        """Return whether everything is as the manifest has it."""
        return bool(self.steps) and not self.differences

    def lines(self) -> list[str]:
        """Return the verdict in words."""
        text = f"{self.region}: reproduced {len(self.reproduced)}/{len(self.steps)}"
        if self.differences and len(self.reproduced) == len(self.steps):
            text += ", but not from what was recorded"
        lines = [text]
        for difference in self.differences:
            where = ", ".join(STEPS[step].stem for step in difference.steps)
            everywhere = len(difference.steps) == len(self.steps) > 1
            lines.append(f"  {difference.kind}: {difference.what} ({'all steps' if everywhere else where})")
            lines += [f"    {detail}" for detail in difference.details]
        return lines


Show = Callable[[Node, int, int], None]
"""Called after each execution with the notebook, how many are done and how many there are."""


def verify(
    outputs: Path,
    parameters: Path,
    workbooks: Path,
    regions: Sequence[str],
    *,
    jobs: int = 1,
    show: Show = lambda *_: None,
) -> list[Verdict]:
    """Execute what the manifests of the regions record in a scratch folder, and compare every file.

    Parameters
    ----------
    outputs, parameters, workbooks : Path
        Absolute folders; nothing in them is written to.
    regions : sequence of str
        Regions that have a manifest.
    jobs : int
        Notebooks executed at a time.
    show : callable
    """
    with tempfile.TemporaryDirectory(prefix="eis-verify-") as scratch:
        return _Verification(outputs, parameters, workbooks, Path(scratch), regions).run(jobs, show)


class _Verification:
    def __init__(
        self, outputs: Path, parameters: Path, workbooks: Path, scratch: Path, regions: Sequence[str]
    ) -> None:
        self.outputs = outputs
        self.scratch = scratch
        self.now = Surroundings(workbooks, parameters, outputs)
        self.manifests: dict[str, Manifest] = {region: read_manifest(outputs, region) for region in regions}
        self.made: dict[Node, Result] = {}

    def run(self, jobs: int, show: Show) -> list[Verdict]:
        again = self.scratch / "outputs"
        again.mkdir()
        if (self.outputs / GATHERED_FOLDER).is_dir():
            shutil.copytree(self.outputs / GATHERED_FOLDER, again / GATHERED_FOLDER)
        self._execute(jobs, show)
        return [self._judge(manifest) for manifest in self.manifests.values()]

    def _chosen(self) -> tuple[str, ...]:
        path = self.outputs / PACKS_FILE
        if path.is_file():
            return tuple(map(str, frame_from_csv(path.read_text("utf-8"))["region"]))
        return tuple(self.manifests)

    def _execute(self, jobs: int, show: Show) -> None:
        nodes = {
            Node(region, step): {
                Node(region, before) for before in STEPS[step].rests_on if before in manifest.steps
            }
            for region, manifest in self.manifests.items()
            for step in manifest.steps
        }
        sorter = TopologicalSorter(nodes)
        sorter.prepare()
        waiting: list[Node] = []
        with local_workers(jobs, warm=True) as workers:
            flying: dict[Future[Result], Node] = {}
            while sorter.is_active():
                waiting = sorted([*waiting, *sorter.get_ready()], key=urgency)
                while waiting and len(flying) <= jobs:
                    node = waiting.pop(0)
                    flying[workers.submit(self._task(node))] = node
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    node = flying.pop(future)
                    self._take(node, future.result())
                    show(node, len(self.made), len(nodes))
                    sorter.done(node)

    def _task(self, node: Node) -> Task:
        from eis_lib.batch.notebook import Task

        room = self.scratch / f"{node.region}-{node.step}"
        room.mkdir()
        return Task(
            region=node.region,
            step=node.step,
            workbooks=self.now.workbooks,
            parameters=self.now.parameters,
            earlier=self.scratch / "outputs",
            chosen=self._chosen(),
            scratch=room,
            timeout=TIMEOUT,
        )

    def _take(self, node: Node, result: Result) -> None:
        """Put the tables made where later steps read them from."""
        self.made[node] = result
        folder = self.scratch / "outputs" / node.region / "tables" / node.step
        if (result.folder / "record" / "tables").is_dir():
            shutil.copytree(result.folder / "record" / "tables", folder)

    # --- judging -------------------------------------------------------------------------------------------------

    def _judge(self, manifest: Manifest) -> Verdict:
        steps = tuple(step for step in STEPS if step in manifest.steps)
        found: dict[tuple[str, str], tuple[list[str], tuple[str, ...]]] = {}

        def say(kind: str, what: str, step: str, details: Sequence[str] = ()) -> None:
            concerned, _ = found.setdefault((kind, what), ([], tuple(details)))
            concerned.append(step)

        for step in steps:
            entry = manifest.steps[step]
            self._judge_surroundings(entry, step, say)
            self._judge_files(Node(manifest.region, step), entry, say)
        verdict = Verdict(manifest.region, steps)
        for (kind, what), (concerned, details) in found.items():
            verdict.differences.append(Difference(kind, what, tuple(concerned), details))
        order = list(KINDS)
        verdict.differences.sort(key=lambda difference: order.index(difference.kind))
        return verdict

    def _judge_surroundings(self, entry: Entry, step: str, say: Callable[..., None]) -> None:
        for item in entry.inputs:
            place = self.now.place_of(item.kind, item.name)
            here = self.now.sha256(place)
            if not here:
                say("missing input", item.name, step)
            elif here != item.sha256:
                say("edited input", item.name, step, self._input_details(item.name, item.sha256, place))
        for pack, files in entry.folders.items():
            read = {item.name for item in entry.inputs}
            new = [
                name for name in self.now.files_of(pack) if name not in files and f"{pack}/{name}" not in read
            ]
            for name in new:
                say("new input", f"{pack}/{name} was not there", step)
        versions = {**entry.packages, "Python": entry.python}
        here_versions = {**self.now.packages, "Python": self.now.python}
        for name in sorted({*versions, *here_versions}, key=str.lower):
            then, now = versions.get(name, "absent"), here_versions.get(name, "absent")
            if then != now:
                say("other library version", f"{name} {then} when it was run, {now} here", step)
        if entry.code != self.now.code:
            say("other code", "the library is not the one it was run with", step)
        if entry.notebook != self.now.sha256(self.now.workbooks / STEPS[step].notebook):
            say("other code", f"workbooks/{STEPS[step].notebook} is not the one that was run", step)

    def _input_details(self, name: str, sha256: str, place: Path) -> list[str]:
        """Return what was edited in an input, where a snapshot holds it as it was read."""
        for snapshot in list_snapshots(self.outputs):
            for root in (snapshot.parameters, snapshot.outputs):
                if sha256_of(root / name) == sha256:
                    return name_differences(place.read_bytes(), (root / name).read_bytes(), name)
        return [f"{self.now.sha256(place)[:12]} instead of {sha256[:12]}"]

    def _judge_files(self, node: Node, entry: Entry, say: Callable[..., None]) -> None:
        result = self.made[node]
        folder = self.outputs / node.region
        if result.message:
            say("not executed", result.message, node.step)
        for name, recorded in entry.outputs.items():
            again = result.outputs.get(name, "")
            here = sha256_of(folder / name)
            if not here:
                say("missing file", name, node.step)
            elif here != recorded:
                details = self._file_details(folder / name, result, name) if again == recorded else []
                say("edited output", name, node.step, details or [f"{here[:12]} instead of {recorded[:12]}"])
            if result.message or again == recorded:
                continue
            details = self._file_details(folder / name, result, name) if here == recorded and again else []
            reversed_details = [f"there: {detail}" for detail in details]
            say(
                "not reproduced", name if again else f"{name} was not made again", node.step, reversed_details
            )
        if not result.message:
            for name in sorted(set(result.outputs) - set(entry.outputs)):
                say("not reproduced", f"{name} is new", node.step)
        known = set(entry.outputs)
        for kind in ("charts", "tables"):
            for path in sorted((folder / kind / node.step).glob("*")):
                name = path.relative_to(folder).as_posix()
                if name not in known:
                    say("edited output", f"{name} was not left by the run", node.step)

    @staticmethod
    def _file_details(there: Path, result: Result, name: str) -> list[str]:
        kind, _, rest = name.partition("/")
        again = result.folder / "record" / kind / Path(rest).name if rest else result.folder / name
        return name_differences(there.read_bytes(), again.read_bytes(), name)


KINDS = (
    "missing file",
    "edited output",
    "missing input",
    "edited input",
    "new input",
    "other library version",
    "other code",
    "not executed",
    "not reproduced",
)
"""Kinds of differences in the order in which they are named: first what was touched, then what came of it."""
