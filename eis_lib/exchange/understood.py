"""What an import understood of a spreadsheet, and how a cell that was not plain was read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from eis_lib.pack.schema import Fault

GUIDE_SHEET = "Read me"
REGION_SHEET = "region"
CODES_SHEET = "codes"
LONGEST_HEADER = 60
"""Letters of a text that may still be the header of a column."""


@dataclass(frozen=True)
class Reading:
    """How one cell of a sheet was read where it was not plain.

    Attributes
    ----------
    sheet, cell : str
        Where it stands, e.g. ``Services`` and ``F7``.
    holds : str
        What stands there.
    read_as : str
        What it was taken for.
    """

    sheet: str
    cell: str
    holds: str
    read_as: str

    def __str__(self) -> str:
        return f"{self.sheet}:{self.cell}: '{self.holds}' read as '{self.read_as}'"

    @property
    def is_plain(self) -> bool:
        """Return whether nothing but capitals, accents, blanks and signs between words differs."""
        return _fold(self.holds) == _fold(self.read_as)


@dataclass
class Understood:
    """What an import understood of a spreadsheet.

    Attributes
    ----------
    tables : dict
        Table name → rows (column → text), in sheet order.
    profile : dict
        What the sheet about the region says, as keys of ``region.yaml``.
    profile_cells : dict
        Key of `profile` → where it stands, e.g. ``Region:B4``.
    sheets : dict
        Sheet → the table it was taken for.
    readings : list of Reading
    left_out : list of str
        Sheets and columns that were not understood and are not imported.
    faults : list of Fault
        What cannot be imported as it stands; ``file`` is the sheet, ``column`` the cell and its column.
    conforms_to : str
        The specification a file was checked against and keeps to; empty where there is none.
    """

    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    profile_cells: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, str] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    conforms_to: str = ""


def _fold(text: str) -> str:
    """Return text for comparison: lower case, no accents, words joined by one space."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.lower()).split())
