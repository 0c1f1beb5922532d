"""The columns of a finding, and findings as a frame."""

from __future__ import annotations

from typing import Any

import pandas as pd

FINDING_COLUMNS = (
    "finding_id",
    "kind",
    "subject",
    "statement",
    "value",
    "unit",
    "how_sure",
    "status",
    "rows",
)
"""Columns of the table ``findings`` that every step leaves; ``status`` is finding, candidate or unknown."""


def findings_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return findings as a frame with :data:`FINDING_COLUMNS`, in the order given (most important first)."""
    frame = pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
    frame["value"] = pd.to_numeric(frame["value"]).astype("float64")
    return frame
