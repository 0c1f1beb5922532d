"""The barrier: stack the tables of every region that ``compare`` sets side by side."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from eis_lib.record.manifest import GATHERED_FOLDER, PACKS_FILE, Surroundings
from eis_lib.section.method import GATHERED


def gather(now: Surroundings, regions: Sequence[str]) -> list[Path]:
    """Write the gathered tables of the regions, and the hash of each of their packs; return the files written.

    A file whose content would not change is left alone. The first column is ``region``; a column that only some
    regions have is empty for the others.

    Parameters
    ----------
    now : Surroundings
    regions : sequence of str
        The regions whose steps 1–3 are done.
    """
    folder = now.outputs / GATHERED_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, step in GATHERED.items():
        files = {region: now.outputs / region / "tables" / step / f"{table}.csv" for region in regions}
        written += _write(folder / f"{table}.csv", stack(files))
    packs = [["region", "sha256"], *([region, now.pack_sha256(region)] for region in regions)]
    written += _write(now.outputs / PACKS_FILE, format_rows(packs))
    return written


def stack(files: dict[str, Path]) -> str:
    """Return the text of one CSV made of the rows of many, with the name of each as first column, ``region``."""
    header: dict[str, None] = {}
    rows: list[tuple[str, dict[str, str]]] = []
    for region, path in files.items():
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            header.update(dict.fromkeys(reader.fieldnames or ()))
            rows += [(region, row) for row in reader]
    header.pop("region", None)
    return format_rows(
        [["region", *header], *([region, *(row.get(name) or "" for name in header)] for region, row in rows)]
    )


def format_rows(rows: Sequence[Sequence[str]]) -> str:
    """Return CSV text with the fewest quotation marks and LF line ends."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _write(path: Path, text: str) -> list[Path]:
    try:
        if path.read_text("utf-8") == text:
            return []
    except FileNotFoundError:
        pass
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
    return [path]
