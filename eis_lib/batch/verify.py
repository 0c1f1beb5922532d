"""Make results again from their recorded inputs, in a folder of their own, and say exactly what differs.

A file that is not what the manifest says, an input that is not what was read, other versions than were recorded and
an execution that gives other bytes are four different things, and are told apart.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eis_lib.batch.differences import name_differences
from eis_lib.batch.request import Event, Request, Show
from eis_lib.batch.run import run
from eis_lib.language.messages import ENGLISH
from eis_lib.record.graph import Node
from eis_lib.record.manifest import PACKS_FILE, Entry, Manifest, Surroundings, read_manifest, sha256_of
from eis_lib.record.snapshots import list_snapshots
from eis_lib.section.method import STEPS
from eis_lib.section.table_text import frame_from_csv


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


def verify(
    outputs: Path,
    parameters: Path,
    workbooks: Path,
    regions: Sequence[str],
    *,
    jobs: int = 1,
    show: Show = lambda _event: None,
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
        Called with each event of the run that makes the results again.
    """
    with tempfile.TemporaryDirectory(prefix="eis-verify-") as scratch:
        verification = _Verification(outputs, parameters, workbooks, Path(scratch), regions)
        verification.make_again(jobs, show)
        return [verification.judge(region) for region in regions]


def _in_history(place: Path, sha256: str) -> bytes | None:
    """Return the contents a file had when it had this hash, where git keeps its folder."""
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*arguments: str) -> bytes:
        return subprocess.run([git, *arguments], cwd=place.parent, capture_output=True, check=False).stdout

    commits = ask("log", f"--max-count={COMMITS}", "--format=%H", "--", place.name).decode().split()
    versions = (ask("show", f"{commit}:./{place.name}") for commit in commits)
    return next((text for text in versions if hashlib.sha256(text).hexdigest() == sha256), None)


class _Verification:
    def __init__(
        self, outputs: Path, parameters: Path, workbooks: Path, scratch: Path, regions: Sequence[str]
    ) -> None:
        self.outputs = outputs
        self.again = scratch
        self.now = Surroundings(workbooks, parameters, outputs)
        self.manifests: dict[str, Manifest] = {region: read_manifest(outputs, region) for region in regions}
        self.failures: dict[Node, str] = {}

    def make_again(self, jobs: int, show: Show) -> None:
        """Run the recorded steps; partners bring what they left, where it is what an execution would give."""
        partners = self._partners()
        for partner in partners:
            if partner not in self.manifests and (self.outputs / partner).is_dir():
                shutil.copytree(self.outputs / partner, self.again / partner)

        def listen(event: Event) -> None:
            if event.kind in {"failed", "skipped"}:
                self.failures[Node(event.region, event.step)] = event.message
            elif event.kind == "refused":
                for step in STEPS:
                    self.failures[Node(event.region, step)] = "; ".join((event.message, *event.faults[:3]))
            show(event)

        for (steps, language), regions in self._alike().items():
            request = Request(
                workbooks=self.now.workbooks,
                parameters=self.now.parameters,
                outputs=self.again,
                regions=regions,
                partners=partners,
                steps=steps,
                jobs=jobs,
                language=language,
            )
            run(request, listen)

    def _partners(self) -> tuple[str, ...]:
        """Return the regions that were compared with one another."""
        path = self.outputs / PACKS_FILE
        compared = frame_from_csv(path.read_text("utf-8"))["region"] if path.is_file() else ()
        return tuple(sorted({*map(str, compared), *self.manifests}))

    def _alike(self) -> dict[tuple[tuple[str, ...], str], tuple[str, ...]]:
        """Return the regions by the steps their manifests hold and the language they speak, in the order of steps."""
        found: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}
        for region, manifest in self.manifests.items():
            spoken: dict[str, list[str]] = {}
            for step in STEPS:
                if step in manifest.steps:
                    language = manifest.steps[step].parameters.get("language", ENGLISH)
                    spoken.setdefault(language, []).append(step)
            for language, steps in spoken.items():
                found[tuple(steps), language] = (*found.get((tuple(steps), language), ()), region)
        return found

    # --- judging -------------------------------------------------------------------------------------------------

    def judge(self, region: str) -> Verdict:
        """Return what is not as the manifest of a region has it."""
        manifest = self.manifests[region]
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
            if here == item.sha256:
                continue
            if not item.sha256:
                say("new input", f"{item.name} was not there", step)
            elif not here:
                say("missing input", item.name, step)
            else:
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
        """Return what was edited in an input, where a snapshot or git's history holds it as it was read."""
        for snapshot in list_snapshots(self.outputs):
            for root in (snapshot.parameters, snapshot.outputs):
                if sha256_of(root / name) == sha256:
                    return name_differences(place.read_bytes(), (root / name).read_bytes(), name)
        recorded = _in_history(place, sha256)
        if recorded is not None:
            return name_differences(place.read_bytes(), recorded, name)
        return [
            "neither a snapshot nor git's history holds the file as it was read, so its cells cannot be compared"
            f" ({self.now.sha256(place)[:12]} instead of {sha256[:12]})"
        ]

    def _judge_files(self, node: Node, entry: Entry, say: Callable[..., None]) -> None:
        there, again = self.outputs / node.region, self.again / node.region
        failure = self.failures.get(node, "")
        if failure:
            say("not executed", failure, node.step)
        for name, recorded in entry.outputs.items():
            here, made = sha256_of(there / name), sha256_of(again / name)
            if not here:
                say("missing file", name, node.step)
            elif here != recorded:
                known = (
                    name_differences((there / name).read_bytes(), (again / name).read_bytes(), name)
                    if made == recorded
                    else []
                )
                say("edited output", name, node.step, known or [f"{here[:12]} instead of {recorded[:12]}"])
            if failure or made == recorded:
                continue
            if not made:
                say("not reproduced", f"{name} was not made again", node.step)
            else:
                details = (
                    name_differences((again / name).read_bytes(), (there / name).read_bytes(), name)
                    if here == recorded
                    else []
                )
                say("not reproduced", name, node.step, [f"made again: {detail}" for detail in details])
        for kind in ("charts", "tables"):
            for folder, word, is_bad in (
                (there, "edited output", "was not left by the run"),
                (again, "not reproduced", "is new"),
            ):
                for path in sorted((folder / kind / node.step).glob("*")):
                    name = path.relative_to(folder).as_posix()
                    if name not in entry.outputs:
                        say(word, f"{name} {is_bad}", node.step)


COMMITS = 100
"""Versions of an input looked at in git's history."""

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
