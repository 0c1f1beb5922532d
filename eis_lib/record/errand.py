"""The errand on which a run sends a kernel: what to read beside the packs, and where to leave what is made."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "EIS_ERRAND"
"""The environment variable that carries it: paths go this way and not as parameters, so that none enters the notebook."""


@dataclass(frozen=True)
class Errand:
    """What a kernel is told by whoever started it; all is empty where a person opened the workbook.

    Attributes
    ----------
    record : str
        Folder in which the workbook keeps its tables, charts and ``record.json``.
    earlier : str
        Folder with the results of earlier steps; where empty they are computed on the spot.
    chosen : tuple of str
        The regions compared; all with a pack where empty.
    checked : str
        File with the hashes of tables that were checked before the run.
    """

    record: str = ""
    earlier: str = ""
    chosen: tuple[str, ...] = ()
    checked: str = ""

    def environment(self) -> dict[str, str]:
        """Return the environment variable that carries the errand into a process."""
        return {VARIABLE: json.dumps(dataclasses.asdict(self))}

    def known_tables(self) -> frozenset[str]:
        """Return the hashes of tables that a run has checked."""
        return frozenset(Path(self.checked).read_text("utf-8").split()) if self.checked else frozenset()


def read_errand(environment: Mapping[str, str] = os.environ) -> Errand:
    """Return the errand of this process, an empty one where nobody sent it."""
    told = json.loads(environment.get(VARIABLE) or "{}")
    return Errand(**{**told, "chosen": tuple(told.get("chosen", ()))})
