"""How policies act on one another as raters scored them, and the pairs somebody should judge."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.landscape import list_items
from eis_lib.methods.policy._standing import _is_filled

_WORDS = Words(__file__)

# Project convention: the Nilsson scale runs from -3 (cancelling) to +3 (indivisible); below zero is a conflict.
COHERENCE_SCALE = (3, 2, 1, 0, -1, -2, -3)


# --- coherence -------------------------------------------------------------------------------------------------


def _median_scores(coherence: pd.DataFrame) -> pd.DataFrame:
    """Return median, count, low and high of the raters' scores per direction, a policy on itself left out."""
    scores = coherence.assign(score=pd.to_numeric(coherence["score"], errors="coerce").astype("float64"))
    scores = scores[(scores["policy_from"] != scores["policy_to"]) & scores["score"].notna()]
    wrong = scores[~scores["score"].isin(COHERENCE_SCALE)]
    if len(wrong):
        first = wrong.iloc[0]
        raise ValueError(
            f"the score of {first['policy_from']!r} on {first['policy_to']!r} is {first['score']:g}; "
            "the scale runs over the whole numbers from -3 to 3"
        )
    grouped = scores.groupby(["policy_from", "policy_to"])["score"]
    return grouped.agg(score="median", raters="count", low="min", high="max").reset_index()


def coherence_matrix(coherence: pd.DataFrame, policy_ids: Sequence[str]) -> pd.DataFrame:
    """Return the directed matrix of median scores (−3…+3), row acts on column; blank cells stay NaN.

    The scale is Nilsson, Griggs and Visbeck (2016). Scores are ordinal, so raters are joined by their median. A score
    of a policy on itself is ignored.
    """
    matrix = pd.DataFrame(np.nan, index=list(policy_ids), columns=list(policy_ids))
    if coherence.empty:
        return matrix
    medians = _median_scores(coherence)
    for source, target, score in zip(
        medians["policy_from"], medians["policy_to"], medians["score"], strict=True
    ):
        if source in matrix.index and target in matrix.columns:
            matrix.loc[source, target] = score
    return matrix


def coherence_sums(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return per policy its influence (row sum) and dependence (column sum), with how many cells each rests on.

    Key ``policy_id``; a policy nobody scored keeps NaN, not 0.
    """
    return pd.DataFrame(
        {
            "policy_id": list(matrix.index),
            "influence": matrix.sum(axis=1, min_count=1).to_numpy(),
            "influence_cells": matrix.notna().sum(axis=1).to_numpy(),
            "dependence": matrix.sum(axis=0, min_count=1).to_numpy(),
            "dependence_cells": matrix.notna().sum(axis=0).to_numpy(),
        }
    )


def _coherence_label(score: float) -> str:
    return _WORDS.judged(int(np.floor(score)), int(np.ceil(score)))


def coherence_pairs(coherence: pd.DataFrame) -> pd.DataFrame:
    """Return every scored direction, worst first: score (median), raters, spread (max − min) and label."""
    columns = ["policy_from", "policy_to", "score", "raters", "spread", "label"]
    if coherence.empty:
        return pd.DataFrame(columns=columns)
    frame = _median_scores(coherence)
    frame["spread"] = frame["high"] - frame["low"]
    frame["label"] = [_coherence_label(score) for score in frame["score"]]
    return frame.sort_values(["score", "policy_from", "policy_to"], kind="stable", ignore_index=True)[columns]


def coherence_candidates(policies: pd.DataFrame, coherence: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the pairs of policies somebody should judge: they share a barrier and their periods overlap.

    A candidate says only that two policies meet; whether they help or hinder one another nobody has judged. Pairs
    already scored in both directions are left out. Unordered; key (policy_a, policy_b) with policy_a < policy_b.
    Columns: shared_barriers (joined with ;), shared, jaccard, containment, years_shared (NA where a period is open),
    periods (*both dated* | *one open*), relation (*same level* | *across levels*), same_owner.
    """
    judged = set()
    if coherence is not None and len(coherence):
        judged = set(zip(coherence["policy_from"], coherence["policy_to"], strict=True))
    records = sorted(policies.to_dict("records"), key=lambda row: str(row["policy_id"]))
    rows = []
    for left, right in combinations(records, 2):
        pair = (left["policy_id"], right["policy_id"])
        if pair in judged and pair[::-1] in judged:
            continue
        mine, yours = (
            set(list_items(left.get("barriers_addressed"))),
            set(list_items(right.get("barriers_addressed"))),
        )
        shared = mine & yours
        if not shared:
            continue
        years = [left.get("start_year"), left.get("end_year"), right.get("start_year"), right.get("end_year")]
        known = [None if not _is_filled(y) else int(y) for y in years]  # type: ignore[arg-type]
        low = max((y for y in (known[0], known[2]) if y is not None), default=None)
        high = min((y for y in (known[1], known[3]) if y is not None), default=None)
        if low is not None and high is not None and high < low:
            continue
        dated = all(y is not None for y in known)
        owners = [left.get("owner") or left.get("owner_name"), right.get("owner") or right.get("owner_name")]
        rows.append(
            {
                "policy_a": pair[0],
                "policy_b": pair[1],
                "shared_barriers": ";".join(sorted(shared)),
                "shared": len(shared),
                "jaccard": len(shared) / len(mine | yours),
                "containment": len(shared) / min(len(mine), len(yours)),
                "years_shared": high - low + 1 if dated and low is not None and high is not None else pd.NA,
                "periods": "both dated" if dated else "one open",
                "relation": "same level" if left.get("level") == right.get("level") else "across levels",
                "same_owner": _is_filled(owners[0]) and owners[0] == owners[1],
            }
        )
    columns = ["policy_a", "policy_b", "shared_barriers", "shared", "jaccard", "containment"]
    columns += ["years_shared", "periods", "relation", "same_owner"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["years_shared"] = frame["years_shared"].astype("Int64")
    return frame.sort_values(
        ["shared", "jaccard", "policy_a", "policy_b"], ascending=[False, False, True, True], ignore_index=True
    )
