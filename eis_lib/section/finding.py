"""A finding of a step as a record, and findings as the table that every step leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    "holds",
    "breaks_at",
    "breaks_by",
)
"""Columns of the table ``findings`` that every step leaves; ``status`` is finding, candidate or unknown."""

FIRM_RECORDS, FAIR_RECORDS = 3, 2
"""As many records have to be found, ended or recoded before a finding falls that is firm, or fair; below it is thin."""


def hold(records: int | None, *, is_searched: bool = True) -> str:
    """Return in one word how easily a finding falls: ``firm``, ``fair`` or ``thin``; "" where nobody worked it out.

    What rests on an empty place that nobody searched is thin however many records it would take.

    Examples
    --------
    >>> hold(3), hold(2), hold(1), hold(5, is_searched=False), hold(None)
    ('firm', 'fair', 'thin', 'thin', '')
    """
    if records is None:
        return ""
    if not is_searched or records < FAIR_RECORDS:
        return "thin"
    return "firm" if records >= FIRM_RECORDS else "fair"


@dataclass(frozen=True)
class Finding:
    """What a rule of a step found.

    Attributes
    ----------
    step, kind, subject : str
        Together its key; ``subject`` is a code or the id of a row.
    statement : str
        What is found, in one sentence.
    value : float
        The number it rests on, in ``unit``; NaN where there is none.
    how_sure : str
        ``high``, ``medium`` or ``low``, or what lies between.
    status : str
        ``finding``, ``candidate`` or ``unknown``.
    rows : str
        The rows of the pack it rests on, as ``table:id``, joined by ``;``.
    breaks_at : int or None
        The smallest number of records that would have to be found, ended or recoded for it to fall; None where nobody
        worked it out.
    breaks_by : str
        Those records, as ``rows``; empty where they would have to be found.
    """

    step: str
    kind: str
    subject: str
    statement: str
    value: float
    unit: str
    how_sure: str
    status: str = "finding"
    rows: str = ""
    breaks_at: int | None = None
    breaks_by: str = ""

    @property
    def finding_id(self) -> str:
        """Return its key, e.g. ``test:gap:eligibility:enter:legal-rules``."""
        return f"{self.step}:{self.kind}:{self.subject}"

    @property
    def holds(self) -> str:
        """Return ``firm``, ``fair`` or ``thin``; see :func:`hold`."""
        return hold(self.breaks_at)


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a frame with :data:`FINDING_COLUMNS`, in the order given (most important first)."""
    rows = [[getattr(finding, column) for column in FINDING_COLUMNS] for finding in findings]
    frame = pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
    frame["value"] = pd.to_numeric(frame["value"]).astype("float64")
    frame["breaks_at"] = pd.to_numeric(frame["breaks_at"]).astype("Int64")
    return frame


def apply_rules(rules: Iterable[Callable[..., Iterable[Finding]]], *seen: Any) -> pd.DataFrame:
    """Return what rules find in what is seen, as a frame with :data:`FINDING_COLUMNS`, in the order of the rules."""
    return findings_frame(finding for rule in rules for finding in rule(*seen))
