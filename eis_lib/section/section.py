"""What a section gives back: an answer with its tables, short or long."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import altair as alt
import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table to show and to keep.

    Attributes
    ----------
    frame : DataFrame
        Flat scalar columns in snake_case, rows sorted on purpose.
    caption : str
        What the table shows, with its unit.
    note : str
        Source and conventions, shown below.
    """

    frame: pd.DataFrame
    caption: str
    note: str = ""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def first(self, most: int) -> pd.DataFrame:
        """Return the first rows."""
        return self.frame.head(most)


class LongTable(Table):
    """A table written out only as far as somebody looks: its first rows on a page, all of them where they are kept."""

    def __init__(
        self,
        write: Callable[[int | None], pd.DataFrame],
        length: Callable[[], int],
        caption: str,
        note: str = "",
    ) -> None:
        """Have rows written by a function of how many, None being all, and counted by another."""
        self.__dict__.update(_write=write, _length=length, caption=caption, note=note)

    def __len__(self) -> int:
        """Return the number of rows."""
        length: int = self.__dict__["_length"]()
        return length

    @functools.cached_property
    def frame(self) -> pd.DataFrame:
        """Return all rows."""
        written: pd.DataFrame = self.__dict__["_write"](None)
        return written

    def first(self, most: int) -> pd.DataFrame:
        """Return the first rows."""
        if "frame" in self.__dict__:
            return self.frame.head(most)
        written: pd.DataFrame = self.__dict__["_write"](most)
        return written.head(most)


@dataclass(frozen=True)
class Section:
    """The outcome of one section of a workbook.

    Attributes
    ----------
    answer : str
        One to three sentences of Markdown that answer the section's question; every number is computed.
    charts : mapping of str to altair chart
        Name (snake_case, unique in the step) → finished chart.
    tables : mapping of str to Table
        Name (snake_case, unique in the step) → table; all are kept as CSV.
    how_sure : str
        One line: how sure the answer is, and why.
    to_check : str
        What somebody who knows the region should check next.
    """

    answer: str
    charts: Mapping[str, alt.TopLevelMixin] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    how_sure: str = ""
    to_check: str = ""


SectionFunction = Callable[..., Section]
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|>~$-])")


def plain(text: object) -> str:
    r"""Return text of a pack so that Markdown shows it as it stands: no mark-up, no HTML.

    Examples
    --------
    >>> print(plain("<b>*x*</b>"))
    &lt;b&gt;\*x\*&lt;/b&gt;
    """
    safe = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    parts = re.split(r"(&(?:amp|lt|gt);)", safe.replace(">", "&gt;"))
    return "".join(
        part if part.startswith("&") and part.endswith(";") else _MARKDOWN.sub(r"\\\1", part)
        for part in parts
    )
