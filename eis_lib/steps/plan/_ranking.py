"""The recommendations scored on several criteria and ranked by several methods."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from eis_lib.methods import choice
from eis_lib.section.review import Review

CRITERIA: Mapping[str, int] = MappingProxyType(
    {"value": 1, "firms": 1, "evidence_grade": 1, "effort": -1, "certainty": 1}
)
"""Criterion → direction: 1 where more is better, −1 where less is."""

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


def _values(todo: pd.DataFrame) -> pd.DataFrame:
    """Return each recommendation's value on each criterion."""
    return pd.DataFrame(
        {
            "value": todo["value"].to_numpy("float64"),
            "firms": todo["firms"].to_numpy("float64"),
            "evidence_grade": todo["evidence_grade"].to_numpy("float64"),
            "effort": todo["effort"].map(_EFFORT).to_numpy("float64"),
            "certainty": todo["how_sure"].map(_SURE).to_numpy("float64"),
        },
        index=todo["recommendation_id"],
    )


def _decision(todo: pd.DataFrame, emphasis: str) -> choice.Decision:
    return choice.prepare(_values(todo), CRITERIA, choice.swing_weights(SWINGS[emphasis]))


def _ranked(review: Review, todo: pd.DataFrame, emphasis: str | None = None) -> pd.DataFrame:
    """Return the recommendations in the order of their mean rank, with scores and ranks."""
    decision = _decision(todo, emphasis or review.parameters.emphasis)
    scores = choice.compare_methods(decision)
    return scores.join(todo.set_index("recommendation_id")).rename_axis("recommendation_id").reset_index()


METHODS = ("weighted_sum", "topsis", "promethee")
