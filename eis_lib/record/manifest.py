"""What a run did to a region, kept as ``manifest.json``: what was read, with what, what came out, how long it took.

The manifest is how the next run knows that nothing changed, and what ``eis verify`` checks. Seconds are the only
thing in it that differs between two runs on the same inputs.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eis_lib.language.messages import ENGLISH, catalogue_file
from eis_lib.record.graph import Node
from eis_lib.section.method import STEPS

MANIFEST = "manifest.json"
COMMON = "_common"
GATHERED_FOLDER = "_gathered"
SCRATCH = ".scratch"
PACKS_FILE = f"{GATHERED_FOLDER}/packs.csv"
DISTRIBUTION = "eis-workbooks"

# by name, as eis_lib.pack.tables takes half a second to import, which is most of a run in which nothing changed
ABOUT_RESULTS = frozenset({"sign_offs.csv"})
"""Tables of a pack that a review does not rest on: they are written after it."""


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, or an empty string where there is no such file."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def sha256_of_folder(folder: Path, pattern: str) -> str:
    """Return one hash over names and bytes of the files of a folder, at any depth, that fit the pattern."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Input:
    """A file a notebook has read.

    Attributes
    ----------
    kind : str
        ``pack``, ``common``, ``earlier``, ``gathered`` or ``catalogue``.
    name : str
        Its place, relative to the parameters folder (``pack``, ``common``) or to the outputs folder; the file of a
        ``catalogue`` of messages.
    sha256 : str
    """

    kind: str
    name: str
    sha256: str

    @classmethod
    def recorded(cls, kind: str, name: str, sha256: str) -> Input:
        """Return an input as a workbook records it: by the name that its readers see, not by its place.

        Examples
        --------
        >>> Input.recorded("earlier", "donegal/map/coverage", "").name
        'donegal/tables/map/coverage.csv'
        """
        match kind:
            case "common":
                name = f"{COMMON}/{name}"
            case "earlier":
                region, step, table = name.split("/")
                name = f"{region}/tables/{step}/{table}.csv"
            case "catalogue":
                name = f"{name}.po"
            case "gathered":
                name = f"{GATHERED_FOLDER}/{name}.csv"
        return cls(kind, name, sha256)


@dataclass(frozen=True)
class Entry:
    """The last good execution of one notebook.

    Attributes
    ----------
    notebook : str
        Hash of the source workbook.
    parameters : mapping
        The workbook's parameters as resolved.
    code : str
        Hash of the library's code.
    packages : mapping of str to str
        Version of every package the library depends on.
    python : str
    inputs : tuple of Input
        Every file read.
    folders : mapping of str to tuple of str
        Pack → the files it held, so that a table that is new is noticed too.
    outputs : mapping of str to str
        File, relative to the region's outputs, → hash.
    headline : str
        The workbook's answer in a sentence.
    seconds : mapping of str to float
        Where the time went.
    """

    notebook: str
    parameters: Mapping[str, Any]
    code: str
    packages: Mapping[str, str]
    python: str
    inputs: tuple[Input, ...]
    folders: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, str]
    headline: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """The last execution of a notebook, where it failed; what it had left before still stands."""

    message: str
    cell: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What is known of one region's outputs.

    Attributes
    ----------
    region : str
    steps : mapping of str to Entry
        Last good execution by step.
    failures : mapping of str to Failure
        Steps whose last execution failed.
    """

    region: str
    steps: Mapping[str, Entry] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)

    def with_entry(self, step: str, entry: Entry) -> Manifest:
        """Return a manifest in which the step succeeded."""
        failures = {name: failure for name, failure in self.failures.items() if name != step}
        return Manifest(self.region, {**self.steps, step: entry}, failures)

    def with_failure(self, step: str, failure: Failure) -> Manifest:
        """Return a manifest in which the step failed."""
        return Manifest(self.region, self.steps, {**self.failures, step: failure})


def read_manifest(outputs: Path, region: str) -> Manifest:
    """Return the manifest of a region; an empty one where there is none or it cannot be read."""
    try:
        data = json.loads((outputs / region / MANIFEST).read_text("utf-8"))
        steps = {
            step: Entry(
                **{
                    **entry,
                    "inputs": tuple(Input(**item) for item in entry["inputs"]),
                    "folders": {name: tuple(files) for name, files in entry["folders"].items()},
                }
            )
            for step, entry in data["steps"].items()
        }
        failures = {step: Failure(**failure) for step, failure in data["failures"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest(region)
    return Manifest(region, steps, failures)


def format_manifest(manifest: Manifest) -> str:
    """Return the text of ``manifest.json``, steps in their order, everything else by name."""
    data = asdict(manifest)
    for part in ("steps", "failures"):
        data[part] = {step: data[part][step] for step in STEPS if step in data[part]}
    for entry in data["steps"].values():
        for part in ("packages", "folders", "outputs", "parameters"):
            entry[part] = dict(sorted(entry[part].items()))
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write_manifest(outputs: Path, manifest: Manifest) -> None:
    """Write ``manifest.json`` beside its place and move it in."""
    path = outputs / manifest.region / MANIFEST
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{MANIFEST}.new")
    try:
        beside.write_text(format_manifest(manifest), "utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def key_of(entry: Entry) -> str:
    """Return one hash over everything the outputs of a notebook follow from."""
    data = asdict(entry)
    for part in ("outputs", "headline", "seconds"):
        del data[part]
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Surroundings:
    """What a run stands on; hashes are taken once, so that one run sees one state of code and packs.

    Attributes
    ----------
    workbooks, parameters, outputs : Path
        Absolute folders.
    """

    workbooks: Path
    parameters: Path
    outputs: Path
    _hashes: dict[str, tuple[tuple[int, int], str]] = field(default_factory=dict, repr=False)

    @cached_property
    def code(self) -> str:
        """Return the hash of the library's code and of the words beside it."""
        library = Path(__file__).parents[1]
        both = "\n".join(sha256_of_folder(library, pattern) for pattern in ("*.py", "*.md.j2"))
        return hashlib.sha256(both.encode()).hexdigest()

    @cached_property
    def packages(self) -> dict[str, str]:
        """Return the installed version of every package the library depends on."""
        names = {
            re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]
            for line in importlib.metadata.requires(DISTRIBUTION) or ()
            if "extra ==" not in line
        }
        return {name: importlib.metadata.version(name) for name in sorted(names, key=str.lower)}

    def language(self, region: str) -> str:
        """Return the language that a region's workbooks speak where none is asked for: ``language`` of region.yaml."""
        # as text, because a run in which nothing changed does without a reader of YAML
        try:
            text = (self.parameters / region / "region.yaml").read_text("utf-8", errors="replace")
        except OSError:
            return ENGLISH
        said = re.search(r"""^language:\s*["']?([a-z]+)""", text, flags=re.MULTILINE)
        return said[1] if said else ENGLISH

    @cached_property
    def python(self) -> str:
        """Return the version of Python."""
        return platform.python_version()

    def place_of(self, kind: str, name: str) -> Path:
        """Return where an input of this kind and name lies."""
        if kind == "catalogue":
            return catalogue_file(name.removesuffix(".po"))
        return (self.parameters if kind in {"pack", "common"} else self.outputs) / name

    def sha256(self, path: Path) -> str:
        """Return the hash of a file's bytes, read again only when its size or time changed; '' if it is not there."""
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        known = self._hashes.get(str(path))
        mark = (stat.st_mtime_ns, stat.st_size)
        if known is None or known[0] != mark:
            known = self._hashes[str(path)] = (mark, sha256_of(path))
        return known[1]

    def files_of(self, pack: str) -> tuple[str, ...]:
        """Return the names of a pack's files, sorted, but for those that speak about results and are no input."""
        folder = self.parameters / pack
        return tuple(
            sorted(
                path.name
                for path in folder.glob("*")
                if path.suffix in {".csv", ".yaml"} and path.name not in ABOUT_RESULTS
            )
        )

    def pack_sha256(self, pack: str) -> str:
        """Return one hash over the files of a pack."""
        lines = [f"{name}\0{self.sha256(self.parameters / pack / name)}\n" for name in self.files_of(pack)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def stale_reasons(node: Node, manifest: Manifest, now: Surroundings, language: str = "") -> tuple[str, ...]:
    """Return why a notebook has to be executed again; nothing if its outputs are what an execution would give.

    Only the notebook itself is looked at: whether what it rests on is out of date is for the caller to see.

    Parameters
    ----------
    node : Node
    manifest : Manifest
        Of the node's region.
    now : Surroundings
    language : str, optional
        The language asked for; that of the region where left out.
    """
    failure = manifest.failures.get(node.step)
    if failure is not None:
        return (f"failed: {failure.message}",)
    entry = manifest.steps.get(node.step)
    if entry is None:
        return ("never run",)
    reasons = []
    if entry.notebook != now.sha256(now.workbooks / STEPS[node.step].notebook):
        reasons.append("the workbook changed")
    if entry.code != now.code:
        reasons.append("the library's code changed")
    if entry.python != now.python:
        reasons.append(f"Python {entry.python} became {now.python}")
    spoken, wanted = entry.parameters.get("language", ENGLISH), language or now.language(node.region)
    if spoken != wanted:
        reasons.append(f"its language is '{spoken}', not '{wanted}'")
    reasons += [
        f"{name} {entry.packages.get(name, 'absent')} became {now.packages.get(name, 'absent')}"
        for name in sorted({*entry.packages, *now.packages})
        if entry.packages.get(name) != now.packages.get(name)
    ]
    for pack, files in entry.folders.items():
        there = now.files_of(pack)
        reasons += [f"{pack}/{name} is new" for name in there if name not in files]
        reasons += [f"{pack}/{name} is gone" for name in files if name not in there]
    gone = {reason.removesuffix(" is gone") for reason in reasons}
    reasons += [
        f"{item.name} {'changed' if item.sha256 else 'is new'}"
        for item in entry.inputs
        if item.name not in gone and now.sha256(now.place_of(item.kind, item.name)) != item.sha256
    ]
    reasons += _changed_outputs(now.outputs / node.region, entry.outputs.items(), now)
    return tuple(reasons)


def _changed_outputs(folder: Path, outputs: Iterable[tuple[str, str]], now: Surroundings) -> list[str]:
    reasons = []
    for name, sha256 in outputs:
        found = now.sha256(folder / name)
        if found != sha256:
            reasons.append(f"its output {name} is {'gone' if not found else 'not what the run left'}")
    return reasons
