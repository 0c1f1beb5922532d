"""What a table is: columns, rules and faults, and the patterns that cells have to follow."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import pandas as pd

LIST_SEPARATOR = ";"
FIRST_YEAR, LAST_YEAR = 1900, 2035
NUTS_PATTERN = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]*")
PERIOD_PATTERN = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])|-Q[1-4])?")

Kind = Literal[
    "id", "text", "code", "reference", "year", "number", "integer", "date", "period", "url", "nuts"
]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Header in the file and column in the frame.
    kind : str
        What a cell holds; decides its type in memory (year and integer → ``Int64``, number → ``float64``,
        everything else text).
    about : str
        What the column means, in one sentence for the officer who fills it in.
    filled : bool
        Whether every row must hold a value.
    present : bool
        Whether the file must have the column at all.
    many : bool
        Whether a cell holds a list, joined by ``;`` in the file and a tuple of text in memory.
    scheme : str
        Vocabulary scheme whose codes are allowed (kind ``code``).
    table : str
        Table whose key a cell points at (kind ``reference``).
    low, high : float or None
        Smallest and largest number allowed.
    """

    name: str
    kind: Kind
    about: str
    filled: bool = False
    present: bool = True
    many: bool = False
    scheme: str = ""
    table: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def dtype(self) -> str:
        """Return the pandas type of the column in memory."""
        if self.many:
            return "object"
        return {"year": "Int64", "integer": "Int64", "number": "float64"}.get(self.kind, "str")


@dataclass(frozen=True)
class Rule:
    """A rule that looks at several cells of one row.

    Attributes
    ----------
    column : str
        Column at which a fault is reported.
    allowed : str
        What is allowed, in words.
    holds : callable
        Raw text frame in, boolean Series out: true where the row keeps the rule.
    """

    column: str
    allowed: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class TableSchema:
    """All that is known of one table.

    Attributes
    ----------
    name : str
        File name without ``.csv``.
    about : str
        What a row is.
    key : tuple of str
        Columns that together name a row.
    columns : tuple of Column
    rules : tuple of Rule
    required : bool
        Whether every pack must have the table.
    about_results : bool
        Whether the table speaks about the results of a run, and so can not be an input of one.
    """

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    required: bool = False
    about_results: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Return the columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def file(self) -> str:
        """Return the file name of the table."""
        return f"{self.name}.csv"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with a pack, in the words in which everybody is told of it.

    Attributes
    ----------
    file : str
        Path within ``parameters/``, e.g. ``koprivnica/services.csv``.
    row : int
        Row as a spreadsheet counts it (the header is row 1); 0 where the fault concerns the whole file.
    column : str
        Column, or the key of a YAML file; empty where it concerns the whole row or file.
    holds : str
        What stands there.
    allowed : str
        What is allowed.
    nearest : str
        Nearest allowed value, or empty.
    """

    file: str
    row: int
    column: str
    holds: str
    allowed: str
    nearest: str = ""

    asks: ClassVar[str] = "allowed"

    def __str__(self) -> str:
        place = ":".join(
            [self.file, *([str(self.row)] if self.row else []), *([self.column] if self.column else [])]
        )
        hint = f"; nearest: '{self.nearest}'" if self.nearest else ""
        return f"{place}: {self.holds}; {self.asks}: {self.allowed}{hint}"


@dataclass(frozen=True, order=True)
class Doubt(Fault):
    """What contradicts something else in a pack, though each cell may stand so; ``allowed`` says what would settle it."""

    asks: ClassVar[str] = "to settle"


def nearest_of(value: str, allowed: Iterable[str]) -> str:
    """Return the allowed value nearest to `value`, or an empty string when none comes close.

    Examples
    --------
    >>> nearest_of("grants", ["loan", "grant"])
    'grant'
    """
    options = {option.casefold(): option for option in allowed}
    found = difflib.get_close_matches(value.strip().casefold(), options, n=1, cutoff=0.6)
    return options[found[0]] if found else ""


def split_list(cell: str) -> tuple[str, ...]:
    """Return the items of a list cell.

    Examples
    --------
    >>> split_list("plan; enter")
    ('plan', 'enter')
    """
    return tuple(part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip())
