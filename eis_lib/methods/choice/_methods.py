"""Three methods that rank options, set side by side, and how firm the first place is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from skcriteria import mkdm
from skcriteria.agg.topsis import TOPSIS
from skcriteria.preprocessing.scalers import VectorScaler

from eis_lib.methods.choice._decision import (
    _TIE,
    Array,
    ChoiceError,
    Decision,
    dominated,
    local_values,
    prepare,
)

PreferenceKind = Literal["usual", "u-shape", "v-shape", "level", "linear", "gaussian"]


def rank(scores: pd.Series) -> pd.Series:
    """Return ranks, 1 for the highest score; equal scores (to nine digits) share the smallest rank, a missing one the last."""
    return scores.round(9).rank(method="min", ascending=False, na_option="bottom").astype("int64")


def weighted_sum(decision: Decision, values: pd.DataFrame | None = None) -> pd.Series:
    """Return the weighted sum of values 0–100 (SMART with swing weights).

    Parameters
    ----------
    decision
        Of :func:`prepare`.
    values
        Values 0–100 by one's own value functions; left out, the local scale of :func:`local_values`.
    """
    used = local_values(decision) if values is None else values[decision.values.columns]
    return (used * decision.weights).sum(axis=1)


def topsis(decision: Decision) -> pd.Series:
    """Return the relative closeness to the ideal, 0–1 (TOPSIS; vector-normalised, Euclidean).

    r = x/√Σx², v = w·r, C = d⁻/(d⁺ + d⁻), d⁺ and d⁻ being the distances to the best and to the worst value on each
    criterion. Made by scikit-criteria; a criterion of which less is better enters with its sign turned, which gives the
    same distances.
    """
    if decision.values.shape[1] == 0 or len(decision.values) < 2:
        return pd.Series(math.nan, index=decision.values.index, dtype="float64")
    matrix = mkdm(
        (decision.values * decision.directions).to_numpy(),
        [max] * decision.values.shape[1],
        weights=decision.weights.to_numpy(),
    )
    outcome = TOPSIS().evaluate(VectorScaler("matrix").transform(matrix))
    return pd.Series(np.asarray(outcome.e_.similarity, dtype="float64"), index=decision.values.index)


@dataclass(frozen=True)
class Preference:
    """How much a difference on one criterion counts, by one of the six functions of Brans and Vincke.

    Attributes
    ----------
    kind : str
        ``usual`` (any difference counts fully), ``u-shape`` (fully beyond q), ``v-shape`` (rises to 1 at p), ``level`` (0 up to q,
        ½ up to p, then 1), ``linear`` (0 up to q, rises to 1 at p), ``gaussian`` (1 − exp(−d²/2s²)).
    q, p, s : float
        Indifference threshold, preference threshold, and spread; in the criterion's own unit.
    """

    kind: PreferenceKind = "usual"
    q: float = 0.0
    p: float = 0.0
    s: float = 0.0

    def __call__(self, difference: npt.ArrayLike) -> Array:
        """Return the preference 0–1 for each difference; a difference of zero or less counts nothing."""
        d = np.asarray(difference, dtype="float64")
        if self.kind in ("v-shape", "linear") and not self.p > (self.q if self.kind == "linear" else 0):
            raise ChoiceError(
                f"'{self.kind}' needs p above {'q' if self.kind == 'linear' else '0'}; got q={self.q:g}, p={self.p:g}"
            )
        if self.kind == "gaussian" and not self.s > 0:
            raise ChoiceError(f"'gaussian' needs s above 0; got {self.s:g}")
        if self.kind == "level" and self.p < self.q:
            raise ChoiceError(f"'level' needs p of at least q; got q={self.q:g}, p={self.p:g}")
        shape: Array
        if self.kind == "usual":
            shape = np.ones_like(d)
        elif self.kind == "u-shape":
            shape = np.where(d > self.q, 1.0, 0.0)
        elif self.kind == "v-shape":
            shape = np.minimum(d / self.p, 1.0)
        elif self.kind == "level":
            shape = np.where(d > self.p, 1.0, np.where(d > self.q, 0.5, 0.0))
        elif self.kind == "linear":
            shape = np.clip((d - self.q) / (self.p - self.q), 0.0, 1.0)
        elif self.kind == "gaussian":
            shape = 1 - np.exp(-(d**2) / (2 * self.s**2))
        else:
            raise ChoiceError(f"no preference function '{self.kind}'")
        return np.where(d > 0, shape, 0.0)


def promethee(decision: Decision, preferences: Mapping[str, Preference] | None = None) -> pd.DataFrame:
    """Return the flows of PROMETHEE II.

    π(a, b) = Σ w_j P_j(d_j(a, b)) / Σ w_j; φ⁺ = Σ_b π(a, b)/(n − 1), φ⁻ = Σ_b π(b, a)/(n − 1), φ = φ⁺ − φ⁻; Σ φ = 0.

    Parameters
    ----------
    decision
        Of :func:`prepare`.
    preferences
        Criterion → function; left out, *usual* for all, which needs no threshold.

    Returns
    -------
    DataFrame
        One row per option: ``leaving`` (φ⁺), ``entering`` (φ⁻), ``net`` (φ).

    Raises
    ------
    ChoiceError
        If a function is given for a criterion that is not there, or its thresholds make no sense.
    """
    values = decision.values
    left_out = " ".join(decision.dropped)
    unknown = [
        name
        for name in preferences or {}
        if name not in decision.directions.index and f"'{name}' is left out" not in left_out
    ]
    if unknown:
        raise ChoiceError(f"no criterion '{unknown[0]}'; there are {', '.join(decision.directions.index)}")
    n = len(values)
    pi = np.zeros((n, n))
    for criterion in values.columns:
        better = values[criterion].to_numpy() * decision.directions[criterion]
        function = (preferences or {}).get(str(criterion), Preference())
        pi += decision.weights[criterion] * function(better[:, None] - better[None, :])
    others = max(n - 1, 1)
    leaving, entering = pi.sum(axis=1) / others, pi.sum(axis=0) / others
    return pd.DataFrame(
        {"leaving": leaving, "entering": entering, "net": leaving - entering}, index=values.index
    )


def compare_methods(decision: Decision, preferences: Mapping[str, Preference] | None = None) -> pd.DataFrame:
    """Return scores and ranks of every option under three methods, best mean rank first.

    Returns
    -------
    DataFrame
        Index: option. ``weighted_sum`` (0–100), ``topsis`` (0–1), ``promethee`` (net flow, −1 to 1), the same with ``_rank``,
        ``best_rank``, ``worst_rank`` and ``is_dominated``.
    """
    scores = pd.DataFrame(
        {
            "weighted_sum": weighted_sum(decision),
            "topsis": topsis(decision),
            "promethee": promethee(decision, preferences)["net"],
        }
    )
    methods = list(scores.columns)
    for method in methods:
        scores[f"{method}_rank"] = rank(scores[method])
    ranks = scores[[f"{method}_rank" for method in methods]]
    scores["best_rank"], scores["worst_rank"] = ranks.min(axis=1), ranks.max(axis=1)
    scores["is_dominated"] = scores.index.isin(dominated(decision)["option"])
    order = pd.DataFrame(
        {
            "mean": ranks.mean(axis=1).round(9),
            "own": -scores["weighted_sum"].round(9),
            "name": scores.index.astype(str),
        },
        index=scores.index,
    )
    return scores.loc[order.sort_values(["mean", "own", "name"]).index]


def weight_changes(decision: Decision, values: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how far each weight must move before the weighted sum puts another option first. Exact.

    The other weights keep their proportions. With t the moved weight, the lead of the first option over another is
    t·Δ_j + (1 − t)·R, R being its lead on the other criteria: linear in t, so the root is the answer.

    Parameters
    ----------
    decision, values
        As of :func:`weighted_sum`.

    Returns
    -------
    DataFrame
        One row per criterion in the order given: ``weight``, ``weight_at_change`` (the nearest weight 0–1 at which another
        option draws level; NaN where there is none), ``shift`` (signed), ``new_first``. Sorted as given.
    """
    used = local_values(decision) if values is None else values[decision.values.columns]
    score = weighted_sum(decision, used)
    columns = ["criterion", "weight", "weight_at_change", "shift", "new_first"]
    if len(score) < 2:
        return pd.DataFrame(columns=columns)
    first = str(score.round(9).idxmax())
    total = {str(option): float(points) for option, points in score.items()}
    points = {str(option): row for option, row in zip(used.index, used.to_numpy("float64"), strict=True)}
    rows = []
    for place, criterion in enumerate(used.columns):
        now = float(decision.weights[criterion])
        best: tuple[float, float, str] | None = None
        for other in used.index:
            if other == first or now >= 1:
                continue
            on_it = float(points[first][place] - points[str(other)][place])
            rest = (total[first] - total[str(other)] - now * on_it) / (1 - now)
            if abs(rest - on_it) < _TIE:
                continue
            at = rest / (rest - on_it)
            if -_TIE <= at <= 1 + _TIE:
                at = min(max(at, 0.0), 1.0)
                found = (abs(at - now), at, str(other))
                best = found if best is None or found < best else best
        at_change = math.nan if best is None else best[1]
        rows.append((criterion, now, at_change, at_change - now, "" if best is None else best[2]))
    return pd.DataFrame(rows, columns=columns)


def rank_reversals(decision: Decision, score: Callable[[Decision], pd.Series]) -> pd.DataFrame:
    """Return where the order of two options changes because a third one is taken away.

    Parameters
    ----------
    decision
        Of :func:`prepare`.
    score
        A method, e.g. :func:`topsis`.

    Returns
    -------
    DataFrame
        One row per (``without``, ``was_ahead``, ``now_ahead``). Any row is a warning: the order depends on who else is on the list.
    """
    columns = ["without", "was_ahead", "now_ahead"]
    full = {str(option): round(float(points), 9) for option, points in score(decision).items()}
    names = list(full)
    directions = {str(c): int(d) for c, d in decision.directions.items()}
    weights = {str(c): float(w) for c, w in decision.weights.items()}
    rows: list[tuple[str, str, str]] = []
    if len(names) > 2:
        for removed in names:
            left = [n for n in names if n != removed]
            kept = prepare(decision.values.loc[left], directions, weights)
            if kept.values.shape[1] == 0:
                continue
            less = {str(option): round(float(points), 9) for option, points in score(kept).items()}
            rows.extend(
                (removed, a, b)
                for n, one in enumerate(left)
                for two in left[n + 1 :]
                for a, b in ((one, two), (two, one))
                if full[a] > full[b] and less[a] < less[b]
            )
    return pd.DataFrame(rows, columns=columns)
