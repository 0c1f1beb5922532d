"""Demand: the weight of each need, and the cells of persona, need and stage that carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eis_lib.methods import landscape

NEED_STAGES: Mapping[str, tuple[str, ...]] = {
    "awareness": ("aware",),
    "market-knowledge": ("assess", "plan"),
    "specialised-staff": ("plan", "prepare"),
    "digital-capability": ("plan", "prepare"),
    "language-skills": ("prepare", "enter"),
    "product-adaptation": ("plan", "prepare"),
    "partner-identification": ("enter",),
    "finance": ("prepare", "enter", "grow"),
    "investment-cost": ("prepare", "enter", "grow"),
    "payment-security": ("enter", "grow"),
    "legal-rules": ("prepare", "enter"),
    "admin-procedures": ("prepare", "enter"),
    "foreign-taxes": ("prepare", "enter"),
    "delivery-costs": ("prepare", "enter"),
    "dispute-resolution": ("enter", "grow"),
    "cross-border-complaints": ("enter", "grow"),
}
"""Stages at which a need bites (project convention): nobody looks for payment security before there is a customer. Without it
every need would be missed at every stage. A need that is not listed counts at all stages."""


def weigh_needs(weights: pd.Series) -> pd.Series:
    """Return demand weights of all needs, Σ = 1; a need that the survey did not ask about takes the mean of those it asked.

    Not asked is not *no need*; the mean is the value that moves no rank on purpose (project convention).

    Parameters
    ----------
    weights
        Need → weight, NaN where not asked.

    Raises
    ------
    ValueError
        If the weights that are given add up to nothing.
    """
    if weights.isna().all():
        return pd.Series(1 / max(len(weights), 1), index=weights.index)
    filled = weights.fillna(weights.mean())
    if not filled.sum() > 0:
        raise ValueError("the weights of the needs add up to nothing")
    return filled / filled.sum()


def demand_cells(personas: pd.DataFrame, stages: Sequence[str], weights: pd.Series) -> pd.DataFrame:
    """Return the cells and their demand weight.

    A persona needs something at the stages of its own journey at which that need bites (:data:`NEED_STAGES`); a need of an
    earlier stage counts where the journey starts, one of a stage beyond the goal not at all. Its weight × the weight of the need is spread evenly over those stages.

    Parameters
    ----------
    personas
        As in ``_common``.
    stages
        Journey stages in order.
    weights
        Need → weight, as of :func:`weigh_needs`.

    Returns
    -------
    DataFrame
        One row per (``persona_id``, ``stage``, ``need``) with ``weight`` (Σ = 1).
    """
    order = list(stages)
    rows: list[tuple[str, str, str, float]] = []
    for persona in personas.to_dict("records"):
        own = order[order.index(persona["start_stage"]) : order.index(persona["goal_stage"]) + 1]
        for need in landscape.list_items(persona["barriers"]):
            due = NEED_STAGES.get(need, order)
            bites = [s for s in own if s in due]
            if not bites and order.index(due[-1]) < order.index(own[0]):
                bites = own[:1]  # a need of an earlier stage that the firm still has
            if not bites:
                continue  # beyond the goal of this journey
            share = float(persona["weight"]) * float(weights.get(need, np.nan)) / len(bites)
            rows.extend((str(persona["persona_id"]), stage, need, share) for stage in bites)
    cells = pd.DataFrame(rows, columns=["persona_id", "stage", "need", "weight"])
    if cells["weight"].isna().any():
        unknown = sorted(cells.loc[cells["weight"].isna(), "need"].unique())
        raise KeyError(f"no demand weight for {', '.join(unknown)}")
    total = cells["weight"].sum()
    return cells.assign(weight=cells["weight"] / total if total > 0 else cells["weight"])
