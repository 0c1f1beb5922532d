"""Tables as CSV text and back, and frames stacked one below the other."""

from __future__ import annotations

import io

import pandas as pd


def stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other; empty ones give their columns only."""
    filled = [frame for frame in frames if not frame.empty]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return frames[0] if frames else pd.DataFrame()


def frame_to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV text: LF line ends, lists joined by ``;``, numbers to ten significant digits."""
    flat = frame.copy()
    for column in flat.columns:
        if flat[column].map(lambda cell: isinstance(cell, (tuple, list, set, frozenset))).any():
            flat[column] = flat[column].map(
                lambda cell: ";".join(map(str, cell)) if isinstance(cell, (tuple, list)) else cell
            )
    text: str = flat.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text


def frame_from_csv(text: str) -> pd.DataFrame:
    """Return the frame that :func:`frame_to_csv` wrote; only an empty cell is missing.

    Examples
    --------
    >>> frame_from_csv(frame_to_csv(pd.DataFrame())).shape
    (0, 0)
    """
    if not text.strip():  # a frame without columns; pandas writes it and does not read it
        return pd.DataFrame()
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])
