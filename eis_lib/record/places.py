"""Where the project's folder is."""

from __future__ import annotations

from pathlib import Path

from eis_lib.section.method import STEPS


def project_root() -> Path:
    """Return the project's folder: the first with ``workbooks`` upwards from here, else the one the library is in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "workbooks" / STEPS["map"].notebook).is_file():
            return folder
    return Path(__file__).resolve().parents[2]
