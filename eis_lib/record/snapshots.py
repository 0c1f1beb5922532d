"""Dated copies of packs and results, kept under ``outputs/snapshots/``, so that later results can be held against them."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.record.manifest import COMMON, GATHERED_FOLDER, read_manifest, sha256_of_folder

if TYPE_CHECKING:
    import pandas as pd

    from eis_lib.pack.pack import Pack


SNAPSHOTS_FOLDER = "snapshots"
FACTS = "snapshot.json"
NAME = re.compile(r"[0-9a-z][0-9a-z._-]*")


class SnapshotError(ValueError):
    """Raised when a snapshot can not be kept or found."""


@dataclass(frozen=True)
class Snapshot:
    """A dated copy of packs and results.

    Attributes
    ----------
    name : str
        Given by hand, e.g. ``2026-11``.
    folder : Path
        Holds ``parameters/`` (packs and shared tables) and ``outputs/`` (results, laid out as a run leaves them).
    regions : tuple of str
    results : int
        Executed workbooks kept.
    sha256 : str
        One hash over everything kept.
    """

    name: str
    folder: Path
    regions: tuple[str, ...]
    results: int
    sha256: str

    @property
    def parameters(self) -> Path:
        """Return the folder of its region packs."""
        return self.folder / "parameters"

    @property
    def outputs(self) -> Path:
        """Return the folder of its results."""
        return self.folder / "outputs"


def check_name(outputs: Path, name: str) -> None:
    """Check that a snapshot of this name can be kept.

    Raises
    ------
    SnapshotError
        If it could not be the name of a folder, or is taken: a snapshot is never written over.
    """
    if not NAME.fullmatch(name):
        raise SnapshotError(
            f"'{name}' cannot be the name of a snapshot: use digits, lower-case letters, '-', '.' and '_', as in 2026-11"
        )
    if (outputs / SNAPSHOTS_FOLDER / name).exists():
        raise SnapshotError(
            f"there is a snapshot '{name}' already; a snapshot is never written over, choose another name"
        )


def keep_snapshot(outputs: Path, parameters: Path, name: str, regions: Sequence[str]) -> Snapshot:
    """Keep a copy of the packs and results of `regions`, and return it.

    The PNG pictures are left out: they are nine tenths of the bytes and can be drawn again from the specifications.

    Raises
    ------
    SnapshotError
        If the name can not be used.
    """
    check_name(outputs, name)
    folder = outputs / SNAPSHOTS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        beside.chmod(0o755)
        for pack in (COMMON, LAYERS_FOLDER, *regions):
            if pack == LAYERS_FOLDER and not (parameters / pack).is_dir():
                continue
            shutil.copytree(parameters / pack, beside / "parameters" / pack)
        unwanted = shutil.ignore_patterns("*.png", ".*", "*.failed.ipynb")
        for source in (GATHERED_FOLDER, *regions):
            if (outputs / source).is_dir():
                shutil.copytree(outputs / source, beside / "outputs" / source, ignore=unwanted)
        results = sum(len(read_manifest(outputs, region).steps) for region in regions)
        facts = {
            "name": name,
            "regions": sorted(regions),
            "results": results,
            "sha256": sha256_of_folder(beside, "*"),
        }
        (beside / FACTS).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
        beside.replace(folder / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return find_snapshot(outputs, name)


def list_snapshots(outputs: Path) -> tuple[Snapshot, ...]:
    """Return the snapshots kept, by name, so that dated ones come in order of time."""
    found = []
    for path in sorted((outputs / SNAPSHOTS_FOLDER).glob(f"*/{FACTS}")):
        if path.parent.name.startswith("."):
            continue
        facts = json.loads(path.read_text("utf-8"))
        found.append(
            Snapshot(
                path.parent.name, path.parent, tuple(facts["regions"]), facts["results"], facts["sha256"]
            )
        )
    return tuple(found)


def find_snapshot(outputs: Path, name: str) -> Snapshot:
    """Return the snapshot of this name.

    Raises
    ------
    SnapshotError
        If there is none; the nearest name is given.
    """
    kept = {snapshot.name: snapshot for snapshot in list_snapshots(outputs)}
    if name not in kept:
        from eis_lib.pack.schema import nearest_of

        nearest = nearest_of(name, kept)
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise SnapshotError(f"there is no snapshot '{name}'.{hint} Known: {', '.join(kept) or 'none'}.")
    return kept[name]


def snapshot_pack(outputs: Path, name: str, region: str) -> Pack:
    """Return a region pack as it stood when a snapshot was kept.

    Raises
    ------
    SnapshotError
        If there is no such snapshot, or it does not hold the region.
    PackError
        If the pack does not fit today's schema.
    """
    snapshot = find_snapshot(outputs, name)
    if region not in snapshot.regions:
        raise SnapshotError(
            f"snapshot '{name}' does not hold '{region}'. It holds: {', '.join(snapshot.regions)}."
        )
    from eis_lib.pack.pack import load_pack

    return load_pack(snapshot.parameters / region)


def changes(old: Pack, new: Pack) -> pd.DataFrame:
    """Return what changed in a region between two of its packs, real change told apart from better data.

    Columns as :func:`eis_lib.methods.monitor.diff_landscape` gives them; each pack speaks of its own review date. Rows of a
    layer that only one of the two packs names are left aside: they came with the layer, and not into the region.

    Raises
    ------
    ValueError
        If the new pack speaks of an earlier day than the old one.
    """
    from eis_lib.methods import monitor

    shared = {"", *set(old.region.layers).intersection(new.region.layers)}

    def seen(pack: Pack) -> monitor.Snapshot:
        tables = {
            name: frame[frame["layer"].isin(shared)] if "layer" in frame else frame
            for name in monitor.KEYS
            for frame in [pack.tables[name]]
        }
        return monitor.Snapshot(pack.region.review_date, tables)

    before, after = seen(old), seen(new)
    return monitor.diff_landscape(before, after)
