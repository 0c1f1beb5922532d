"""What a run left of each region, read for a page: state, answer, findings, and the bytes a verdict is given for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from eis_lib.language.messages import ENGLISH, later
from eis_lib.pack.folders import PackError
from eis_lib.pack.pack import Pack, load_pack
from eis_lib.record.manifest import MANIFEST, Entry, Manifest, Surroundings, read_manifest, sha256_of
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.method import STEPS
from eis_lib.section.table_text import frame_from_csv

STATES: Mapping[str, str] = {
    "done": later("done"),
    "changed": later("inputs changed since"),
    "altered": later("not what the run left"),
    "failed": later("failed"),
    "missing": later("not run"),
}
"""State of a step's results → words for it."""


@dataclass(frozen=True)
class StepResult:
    """One step of one region, as a run left it.

    Attributes
    ----------
    region, step : str
    state : str
        One of :data:`STATES`.
    why : str
        What changed, is not what it was, or why it failed; empty when it is done.
    entry : Entry or None
        What the manifest holds of it; ``None`` where there are no results to show.
    findings : DataFrame
        Columns :data:`~eis_lib.section.finding.FINDING_COLUMNS`, most important first; empty where there are none.
    """

    region: str
    step: str
    state: str
    why: str
    entry: Entry | None
    findings: pd.DataFrame

    @property
    def language(self) -> str:
        """Return the language of the results."""
        return self.entry.parameters.get("language", ENGLISH) if self.entry else ENGLISH

    @property
    def notebook(self) -> str:
        """Return the file name of the executed workbook."""
        return STEPS[self.step].notebook

    @property
    def page(self) -> str:
        """Return the file name of its page."""
        return f"{STEPS[self.step].stem}.html"

    @property
    def sha256(self) -> str:
        """Return the hash a reviewer's verdict is given for; empty where there are no results."""
        return results_sha256(self.entry) if self.entry else ""


@dataclass(frozen=True)
class RegionResult:
    """One region, as runs left it.

    Attributes
    ----------
    folder : Path
        ``outputs/<region>``.
    pack : Pack
        The region pack as it stands now.
    manifest : Manifest
    steps : mapping of str to StepResult
        All six.
    """

    folder: Path
    pack: Pack
    manifest: Manifest
    steps: Mapping[str, StepResult]

    @property
    def language(self) -> str:
        """Return the language of all its results, English where they differ."""
        spoken = {result.language for result in self.steps.values() if result.entry}
        return spoken.pop() if len(spoken) == 1 else ENGLISH

    @property
    def id(self) -> str:
        """Return the name of the region's folder."""
        return self.pack.id


def results_sha256(entry: Entry) -> str:
    """Return one hash over every file a step left: the same for the same bytes, whenever and wherever they were made.

    Examples
    --------
    >>> nothing = Entry("", {}, "", {}, "", (), {}, {})
    >>> results_sha256(nothing) == hashlib.sha256(b"").hexdigest()
    True
    """
    lines = "".join(f"{name}\0{sha256}\n" for name, sha256 in sorted(entry.outputs.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_regions(outputs: Path, parameters: Path) -> tuple[RegionResult, ...]:
    """Return every region that has a manifest and a sound pack, by name.

    A region whose pack has faults now is left out: its rows could not be shown beside the results that rest on them.
    """
    found = []
    for path in sorted(outputs.glob(f"*/{MANIFEST}")):
        region = path.parent.name
        if not (parameters / region).is_dir():
            continue
        try:
            pack = load_pack(parameters / region)
        except PackError:
            continue
        manifest = read_manifest(outputs, region)
        steps = {step: _read_step(outputs, parameters, manifest, step) for step in STEPS}
        found.append(RegionResult(path.parent, pack, manifest, steps))
    return tuple(sorted(found, key=lambda result: (result.pack.region.invented, result.pack.region.name)))


def _read_step(outputs: Path, parameters: Path, manifest: Manifest, step: str) -> StepResult:
    nothing = pd.DataFrame(columns=list(FINDING_COLUMNS))
    entry = manifest.steps.get(step)
    failure = manifest.failures.get(step)
    folder = outputs / manifest.region
    if entry is not None and not (folder / STEPS[step].notebook).is_file():
        entry = None
    findings = nothing
    path = folder / "tables" / step / "findings.csv"
    if entry is not None and path.is_file():
        findings = frame_from_csv(path.read_text("utf-8"))
        if not set(FINDING_COLUMNS) <= set(findings.columns):
            findings = nothing
    state, why = "done", ""
    if failure is not None:
        state, why = "failed", failure.message
    elif entry is None:
        state = "missing"
    elif altered := [name for name, sha256 in entry.outputs.items() if sha256_of(folder / name) != sha256]:
        state, why = "altered", ", ".join(altered)
    elif changed := changed_inputs(entry, outputs, parameters):
        state, why = "changed", ", ".join(changed)
    return StepResult(manifest.region, step, state, why, entry, findings)


def changed_inputs(entry: Entry, outputs: Path, parameters: Path) -> list[str]:
    """Return the names of inputs that are no longer what the step read."""
    now = Surroundings(Path(), parameters, outputs)
    return [
        item.name for item in entry.inputs if sha256_of(now.place_of(item.kind, item.name)) != item.sha256
    ]
