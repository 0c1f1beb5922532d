"""How easily a number falls: without one persona, and by how many services that end."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import pandas as pd

from eis_lib.methods.gaps._judging import GAP, SERVED

_EXACT = 2  # sets of so many services are tried one and all; larger ones are found greedily


def by_persona(cells: pd.DataFrame) -> pd.DataFrame:
    """Return how much hangs on each persona, the one that weighs most among the gaps first.

    Parameters
    ----------
    cells
        Of :func:`judge_cells`.

    Returns
    -------
    DataFrame
        One row per ``persona_id``: ``gap_share`` (its share of the weight of all gaps, 0–1; NaN without gaps) and
        ``served_without`` (share of demand that is met when the persona is left out, 0–1).
    """
    gaps = cells[cells["status"] == GAP].groupby("persona_id")["weight"].sum()
    rows = []
    for persona in cells["persona_id"].unique():
        rest = cells[cells["persona_id"] != persona]
        total = float(rest["weight"].sum())
        served = float(rest.loc[rest["status"] == SERVED, "weight"].sum())
        share = float(gaps.get(persona, 0.0)) / float(gaps.sum()) if gaps.sum() > 0 else math.nan
        rows.append((persona, share, served / total if total > 0 else math.nan))
    frame = pd.DataFrame(rows, columns=["persona_id", "gap_share", "served_without"])
    return frame.sort_values(["gap_share", "persona_id"], ascending=[False, True], ignore_index=True)


def services_to_lose(cells: pd.DataFrame, points: float = 0.05) -> tuple[str, ...]:
    """Return the smallest set of services whose end lowers the share of demand that is met by so much.

    One service and any two are tried all (exact); beyond that the set is found greedily, so it may be larger than the
    smallest one. A cell is lost when every service that its verdict rests on has ended.

    Parameters
    ----------
    cells
        Of :func:`judge_cells`.
    points
        Fall of the share, 0–1.

    Returns
    -------
    tuple of str
        Service ids, those that cost most first; empty where no demand is met, or all of it can end and the share does
        not fall so far.
    """
    met = cells[cells["status"] == SERVED]
    wanted = points * float(cells["weight"].sum()) - 1e-12
    rests_on = [frozenset(ids) for ids in met["service_ids"]]
    weights = met["weight"].tolist()

    def lost(ended: frozenset[str]) -> float:
        return math.fsum(w for w, ids in zip(weights, rests_on, strict=True) if ids and ids <= ended)

    names = sorted(frozenset().union(*rests_on))
    for size in range(1, _EXACT + 1):
        best: Any = max((frozenset(some) for some in combinations(names, size)), key=lost, default=None)
        if best is not None and lost(best) >= wanted:
            return tuple(sorted(best, key=lambda one: (-lost(frozenset({one})), one)))
    return _greedily(names, rests_on, weights, wanted)


def _greedily(
    names: list[str], rests_on: list[frozenset[str]], weights: list[float], wanted: float
) -> tuple[str, ...]:
    """Return services ended one after the other, each time the one on which most of what is still met rests."""
    ended: list[str] = []
    gone = 0.0
    while gone < wanted and len(ended) < len(names):
        left = [ids - set(ended) for ids in rests_on]
        gain = {
            name: math.fsum(w / len(ids) for w, ids in zip(weights, left, strict=True) if name in ids)
            for name in names
            if name not in ended
        }
        ended.append(max(sorted(gain), key=lambda name: gain[name]))
        gone = math.fsum(
            w for w, ids in zip(weights, rests_on, strict=True) if ids and ids <= frozenset(ended)
        )
    return tuple(ended) if gone >= wanted else ()
