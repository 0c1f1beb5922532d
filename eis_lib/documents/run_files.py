"""What a run left of one region, as its documents read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from eis_lib.documents.word import DocumentError, Picture, clean
from eis_lib.record.manifest import sha256_of
from eis_lib.section.table_text import frame_from_csv


@dataclass(frozen=True)
class RunFiles:
    """Tables and charts of a region, and which of them were read.

    Attributes
    ----------
    folder : Path
        ``outputs/<region>``.
    new : mapping of str to Path
        Step that is being run → folder with its ``tables`` and ``charts``, which are not in their place yet.
    read : dict of str to str
        File read, by its place under the folder → hash; empty where it was looked for and is not there.
    """

    folder: Path
    new: Mapping[str, Path] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def table(self, step: str, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """Return a table a run left.

        Parameters
        ----------
        step, name : str
        columns : sequence of str, optional
            Columns of the empty table that stands for one a step leaves only where there is something to say.

        Raises
        ------
        DocumentError
            If it is not there and no columns were given.
        """
        path = self._path("tables", step, f"{name}.csv")
        if not path.is_file() and columns:
            return pd.DataFrame(columns=list(columns))
        if not path.is_file():
            raise DocumentError(
                f"there is no {step}/{name}.csv in {self.folder}; eis run {self.folder.name} makes it"
            )
        return frame_from_csv(path.read_text("utf-8"))

    def chart(self, step: str, name: str, width_cm: float) -> Picture:
        """Return a chart a run left, with the sentence that its own file says it by."""
        path = self._path("charts", step, f"{name}.json")
        says = json.loads(path.read_text("utf-8")).get("description", "") if path.is_file() else ""
        return Picture(
            self._path("charts", step, f"{name}.png"), clean(says) or name.replace("_", " "), width_cm
        )

    def _path(self, kind: str, step: str, file: str) -> Path:
        if step in self.new:
            return self.new[step] / kind / file
        place = f"{kind}/{step}/{file}"
        self.read[place] = sha256_of(self.folder / place)
        return self.folder / place
