"""The gathered tables laid out over regions, for the page that compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from eis_lib.language.messages import later


@dataclass(frozen=True)
class Compared:
    """How a gathered table is laid out over regions: its rows, and what is counted or shown of each region.

    Attributes
    ----------
    rows : str
        Column whose values become the rows.
    value : str
        Column shown; empty: rows are counted.
    title, caption, note : str
    scheme : str
        Vocabulary of the rows, where they are codes.
    where : mapping of str to str
        Only rows of the table in which these columns hold these values.
    """

    rows: str
    value: str
    title: str
    caption: str
    note: str = ""
    scheme: str = ""
    where: Mapping[str, str] = field(default_factory=dict)

    def across(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return one row per value of :attr:`rows` in their first order, one column per region."""
        for column, value in self.where.items():
            frame = frame[frame[column] == value]
        if not self.value:
            frame = frame.assign(**{"": 1})
        laid = frame.pivot_table(
            index=self.rows, columns="region", values=self.value, aggfunc="sum", sort=False, dropna=False
        )
        laid.columns.name = None
        return laid.reset_index()


COMPARED: Mapping[str, Compared] = {
    "concentration": Compared(
        "need_area",
        "services",
        later("Services by need"),
        later("Services that answer each need, by region"),
        scheme="barrier",
    ),
    "barrier_coverage": Compared(
        "barrier",
        "services",
        later("Services by barrier"),
        later("Services behind policies, by barrier and region"),
        scheme="barrier",
    ),
    "gaps": Compared(
        "kind",
        "",
        later("Gaps by kind"),
        later("Gap candidates by kind and region"),
        later("Candidates, not findings."),
        scheme="gap_kind",
    ),
    "journeys": Compared(
        "persona",
        "reach",
        later("How far personas get"),
        later("Share of the way to its goal that each persona can go, by region"),
    ),
}
"""The gathered tables that are laid side by side, in reading order."""
