"""The pages reviewers read: a folder that opens from disk or any static server and asks no other host for anything.

Everything on a page comes from ``outputs/`` and ``parameters/``; there is no clock, so that the same outputs give the
same bytes, and nothing is made again that is there already.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from eis_lib.kernels import server
from eis_lib.record.manifest import MANIFEST, sha256_of_folder
from eis_lib.record.snapshots import SNAPSHOTS_FOLDER, list_snapshots

SITE_FOLDER = "site"

NO_RESULTS = frozenset({SITE_FOLDER, SNAPSHOTS_FOLDER})
SUMS = "SHA256SUMS"
STAMP = "made_from.json"


@dataclass(frozen=True)
class Site:
    """What came of making the pages.

    Attributes
    ----------
    folder : Path
    pages : int
    size : int
        Bytes of all files.
    fresh : bool
        Whether the pages were there already, made from the same outputs.
    """

    folder: Path
    pages: int
    size: int
    fresh: bool = False


def build_site(outputs: Path, parameters: Path, jobs: int = 1, *, apart: bool = False) -> Site:
    """Make ``outputs/site`` anew, beside its place, and move it in.

    Parameters
    ----------
    outputs : Path
        Folder that runs write to.
    parameters : Path
        Folder of region packs.
    jobs : int
        Regions whose pages are made at a time, where processes can be forked.
    apart : bool
        Whether they are made in another process, so that this one grows by nothing that they need.

    Raises
    ------
    PageError
        If a page would be too long even with the fewest rows.
    PackError
        If the tables all regions share have faults.
    """
    place = outputs / SITE_FOLDER
    stamp = made_from(outputs, parameters)
    if (place / STAMP).is_file() and (place / STAMP).read_text("utf-8") == stamp:
        return _summary(place, fresh=True)
    outputs.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".site-", dir=outputs))
    try:
        beside.chmod(0o755)
        if apart:
            server.apart(_make_pages, outputs, parameters, beside, jobs, warm=True)
        else:
            _make_pages(outputs, parameters, beside, jobs)
        (beside / STAMP).write_text(stamp, "utf-8")
        _write_sums(beside)
        old = beside.with_name(f"{beside.name}.old")
        if place.exists():
            place.replace(old)
        beside.replace(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _summary(place)


def _make_pages(outputs: Path, parameters: Path, folder: Path, jobs: int) -> None:
    from eis_lib.pages.builder import build  # nbconvert takes seconds to import, and is needed only here

    build(outputs, parameters, folder, jobs)


def made_from(outputs: Path, parameters: Path) -> str:
    """Return what the pages follow from, as text: hashes of the results, the packs, the snapshots and our own code."""
    endings = ("py", "j2", "css", "js", "json", "po")
    folders = [
        folder
        for folder in sorted(outputs.iterdir() if outputs.is_dir() else ())
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in NO_RESULTS
    ]
    found = {
        "code": [sha256_of_folder(Path(__file__).parents[1], f"*.{ending}") for ending in endings],
        "parameters": sha256_of_folder(parameters, "*"),
        "results": {folder.name: _sha256_of_results(folder) for folder in folders},
        "snapshots": [f"{kept.name} {kept.sha256}" for kept in list_snapshots(outputs)],
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _sha256_of_results(folder: Path) -> str:
    """Return one hash over what a run left of a region, but for the seconds it took."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.name == MANIFEST:
            with contextlib.suppress(ValueError, KeyError, AttributeError, TypeError):
                data = json.loads(content)
                for entry in (*data["steps"].values(), *data["failures"].values()):
                    entry.pop("seconds", None)
                content = json.dumps(data, sort_keys=True).encode()
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + content)
    return digest.hexdigest()


def _summary(place: Path, *, fresh: bool = False) -> Site:
    files = [path for path in place.rglob("*") if path.is_file()]
    pages = sum(path.suffix == ".html" for path in files)
    return Site(place, pages, sum(path.stat().st_size for path in files), fresh)


def _write_sums(folder: Path) -> None:
    """Write the hash of every file, in the form that ``sha256sum --check`` reads."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / SUMS).write_text("".join(lines), "utf-8")
