"""What recommendations are made from, and one recommendation as it is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

PROPOSED = "proposed"
"""Status of a recommendation on which nobody has decided."""

TURNED_DOWN = ("rejected", "stop")
"""Decisions after which a recommendation is left out of the plan."""

EFFORT_YEARS: Mapping[str, int] = {"low": 1, "medium": 2, "high": 3}
"""Years an action takes by effort, where nothing else is known (project convention)."""


@dataclass(frozen=True)
class Evidence:
    """What recommendations are made from; all frames as the steps before left them, lists as ``;``-joined text.

    Attributes
    ----------
    findings : DataFrame
        Of all steps before, with the columns of ``findings``.
    gaps, gap_cells, candidates : DataFrame
        Of step 3, test.
    matches : DataFrame
        ``practice_matches`` of step 4, compare.
    remarks : DataFrame
        The pack's ``peer_reviews``; may be empty.
    decisions : DataFrame
        The pack's ``decisions``; may be empty.
    support_type_barriers : DataFrame
        Common coding of the barriers a support type can lower.
    services : DataFrame
        Of the year: ``service_id``, ``name``, ``provider_id``.
    """

    findings: pd.DataFrame
    gaps: pd.DataFrame
    gap_cells: pd.DataFrame
    candidates: pd.DataFrame
    matches: pd.DataFrame
    remarks: pd.DataFrame
    decisions: pd.DataFrame
    support_type_barriers: pd.DataFrame
    services: pd.DataFrame


COLUMNS = (
    "recommendation_id", "kind", "option", "title", "why", "status", "decided_by", "decided_on", "weight", "value", "firms",
    "need", "stages", "personas", "services", "practice_id", "practice", "practice_region", "lessons", "evidence_grade",
    "context_fit", "effort", "support_type", "cost_eur_per_year", "cost_basis", "how_sure", "findings", "rows",
)  # fmt: skip


def split(cell: object) -> tuple[str, ...]:
    """Return the items of a list cell that passed through CSV.

    Examples
    --------
    >>> split("a;b"), split(float("nan"))
    (('a', 'b'), ())
    """
    return tuple(part for part in cell.split(";") if part) if isinstance(cell, str) else ()


@dataclass
class _Draft:
    """One recommendation as it is put together."""

    key: str
    kind: str
    option: str
    title: str
    why: str
    findings: list[str]
    rows: list[str]
    weight: float
    value: float
    how_sure: str
    need: str = ""
    stages: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    gap_ids: tuple[str, ...] = ()
    decided: tuple[str, str, str] = ("", "", "")
    extra: dict[str, Any] = field(default_factory=dict)
