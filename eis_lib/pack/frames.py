"""The checked text of a table as a typed frame."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.pack.schema import LIST_SEPARATOR, TableSchema, split_list


def _each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, a column being an attribute."""
    return iter(frame.itertuples(index=False))


def to_frame(table: TableSchema, raw: pd.DataFrame) -> pd.DataFrame:
    """Return the checked text of a table as a typed frame with every column of its schema.

    Lists become tuples of text, years and whole numbers ``Int64``, numbers ``float64``, the rest text; a missing
    value stays missing (an empty tuple, ``<NA>`` or ``NaN``). Columns the file does not have are all missing.
    """
    # plain arrays: a pack has some three hundred columns, and seven packs are read for one comparison
    data: dict[str, Any] = {}
    nothing = np.full(len(raw), "", dtype=object)
    for column in table.columns:
        text = raw[column.name].to_numpy(dtype=object) if column.name in raw else nothing
        if column.many:
            data[column.name] = pd.Series(
                [split_list(cell) for cell in text], index=raw.index, dtype="object"
            )
            continue
        text = np.where(text == "", np.nan, text)
        data[column.name] = pd.array(
            pd.to_numeric(text) if column.dtype in {"Int64", "float64"} else text,  # type: ignore[call-overload]
            dtype=column.dtype if column.dtype in {"Int64", "float64"} else "str",
        )
    return pd.DataFrame(data, index=raw.index)


def to_text(table: TableSchema, frame: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows of a typed frame as text, as :func:`to_frame` read them; numbers in their shortest form."""

    def cell(value: Any) -> str:
        if isinstance(value, tuple):
            return LIST_SEPARATOR.join(value)
        if pd.isna(value):
            return ""
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    names = [column.name for column in table.columns]
    return [dict(zip(names, map(cell, row), strict=True)) for row in frame[names].itertuples(index=False)]


def column_or_missing(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or one that is missing throughout where the frame lacks it (an optional column)."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="object", name=name)


def empty_frame(table: TableSchema) -> pd.DataFrame:
    """Return the typed frame of a table without rows."""
    return _empty_frame(table).copy()


@functools.cache
def _empty_frame(table: TableSchema) -> pd.DataFrame:
    return to_frame(
        table, pd.DataFrame({column.name: pd.Series([], dtype="str") for column in table.columns})
    )
