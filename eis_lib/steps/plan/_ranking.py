"""The recommendations scored on several criteria and ranked by several methods."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from eis_lib.methods import choice
from eis_lib.section.review import Review

CRITERIA: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "value": ("Demand met", 1),
        "firms": ("Firms touched", 1),
        "evidence_grade": ("Evidence elsewhere", 1),
        "effort": ("Little effort", -1),
        "certainty": ("Certainty here", 1),
    }
)
"""Criterion → (words, direction)."""

SWINGS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "balanced": {"value": 100, "firms": 60, "evidence_grade": 50, "effort": 60, "certainty": 30},
        "need": {"value": 100, "firms": 60, "evidence_grade": 20, "effort": 20, "certainty": 20},
        "quick-wins": {"value": 60, "firms": 50, "evidence_grade": 30, "effort": 100, "certainty": 30},
        "evidence": {"value": 60, "firms": 30, "evidence_grade": 100, "effort": 30, "certainty": 60},
    }
)
"""Swing points by emphasis (project convention): 100 for the swing from worst to best that matters most."""

_EFFORT = MappingProxyType({"low": 1.0, "medium": 2.0, "high": 3.0})
_SURE = MappingProxyType({"low": 0.0, "medium": 1.0, "high": 2.0})


def _decision(todo: pd.DataFrame, emphasis: str) -> choice.Decision:
    values = pd.DataFrame(
        {
            "value": todo["value"].to_numpy("float64"),
            "firms": todo["firms"].to_numpy("float64"),
            "evidence_grade": todo["evidence_grade"].to_numpy("float64"),
            "effort": todo["effort"].map(_EFFORT).to_numpy("float64"),
            "certainty": todo["how_sure"].map(_SURE).to_numpy("float64"),
        },
        index=todo["recommendation_id"],
    )
    return choice.prepare(
        values, {c: d for c, (_, d) in CRITERIA.items()}, choice.swing_weights(SWINGS[emphasis])
    )


def _ranked(review: Review, todo: pd.DataFrame, emphasis: str | None = None) -> pd.DataFrame:
    """Return the recommendations in the order of their mean rank, with scores and ranks."""
    decision = _decision(todo, emphasis or review.parameters.emphasis)
    scores = choice.compare_methods(decision)
    return scores.join(todo.set_index("recommendation_id")).rename_axis("recommendation_id").reset_index()


METHODS = MappingProxyType({"weighted_sum": "Weighted sum", "topsis": "TOPSIS", "promethee": "PROMETHEE II"})
