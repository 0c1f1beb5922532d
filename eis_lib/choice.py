"""Weighing options against several criteria: value functions, weights, four methods, and how firm the first place is.

Conventions, the same in every function: a frame of options × criteria without missing cells (missing is not zero; an option
that lacks a value is refused by name), a direction per criterion (1: more is better, −1: less is better) and weights that are
scaled to sum to one. A rank is 1 for the best; ties share the smallest. Constant criteria tell no option from another and are
dropped with a message before anything else. Formulas after Belton and Stewart (2002) for the weighted sum, Hwang and Yoon
(1981) for TOPSIS, Brans and Vincke (1985) for PROMETHEE, Saaty (1980) for AHP.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from skcriteria import mkdm
from skcriteria.agg.topsis import TOPSIS
from skcriteria.preprocessing.scalers import VectorScaler

Array = npt.NDArray[np.float64]
PreferenceKind = Literal["usual", "u-shape", "v-shape", "level", "linear", "gaussian"]

RANDOM_INDEX: Mapping[int, float] = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""Mean consistency index of random matrices by size (Saaty 1980)."""

ACCEPTED_RATIO = 0.10
"""Consistency ratio up to which pairwise judgements are customarily accepted (Saaty 1980)."""

ROUNDED = 0.05
"""How far a(i, j) · a(j, i) may lie from 1: what rounding 1/9 to 0.11 or 1/7 to 0.14 comes to."""

_TIE = 1e-9


class ChoiceError(ValueError):
    """Raised when options can not be weighed: a value is missing, or a weight, direction or threshold makes no sense."""


@dataclass(frozen=True)
class Decision:
    """Options, criteria, directions and weights that fit each other.

    Attributes
    ----------
    values : DataFrame
        Options × criteria, no cell missing, no criterion constant.
    directions : Series
        1 (more is better) or −1 by criterion.
    weights : Series
        By criterion, Σ = 1.
    dropped : tuple of str
        One sentence for each criterion left out, and why.
    """

    values: pd.DataFrame
    directions: pd.Series
    weights: pd.Series
    dropped: tuple[str, ...] = ()


def prepare(
    values: pd.DataFrame,
    directions: Mapping[str, int] | Sequence[int],
    weights: Mapping[str, float] | Sequence[float],
) -> Decision:
    """Return a decision ready to be weighed; constant criteria are dropped and said to be.

    Parameters
    ----------
    values
        One row per option (the index names it), one column per criterion; numbers. Names become text.
    directions
        Criterion → 1 or −1, or a list in the order of the columns.
    weights
        Criterion → weight ≥ 0, or a list in the order of the columns; swing points do as well, since they are scaled to sum
        to one.

    Raises
    ------
    ChoiceError
        If an option or criterion is there twice, a cell is no number or missing, a criterion lacks its direction or weight,
        or all weights are zero.

    Examples
    --------
    >>> cars = pd.DataFrame({"price": [10, 20], "comfort": [1, 5]}, index=["small", "large"])
    >>> weighted_sum(prepare(cars, {"price": -1, "comfort": 1}, {"price": 2, "comfort": 1})).round(1).to_dict()
    {'small': 66.7, 'large': 33.3}
    """
    named = values.set_axis([str(o) for o in values.index]).set_axis([str(c) for c in values.columns], axis=1)
    twice = [*named.index[named.index.duplicated()], *named.columns[named.columns.duplicated()]]
    if twice:
        raise ChoiceError(
            f"'{twice[0]}' is there twice; every option and every criterion needs a name of its own"
        )
    directions, weights = (_by_criterion(given, named.columns) for given in (directions, weights))
    frame = named.apply(pd.to_numeric, errors="coerce").astype("float64")
    for c in frame.columns:
        words = named[c][frame[c].isna() & named[c].notna()]
        if len(words):
            raise ChoiceError(f"'{c}' of '{words.index[0]}' holds '{words.iloc[0]}', which is no number")
    holes = [f"{o} on {c}" for c in frame.columns for o in frame.index[frame[c].isna()]]
    if holes:
        shown = ", ".join(map(str, holes[:5])) + (f" and {len(holes) - 5} more" if len(holes) > 5 else "")
        raise ChoiceError(f"no value for {shown}; missing is not zero: leave the option or the criterion out")
    lacking = [str(c) for c in frame.columns if c not in directions or c not in weights]
    if lacking:
        raise ChoiceError(f"no direction or weight for {', '.join(lacking)}")
    wrong = [c for c in frame.columns if directions[c] not in (1, -1) or not 0 <= weights[c] < math.inf]
    if wrong:
        raise ChoiceError(f"direction is 1 or -1 and a weight at least 0; not so for {', '.join(wrong)}")
    constant = [str(c) for c in frame.columns if frame[c].max() - frame[c].min() <= _TIE]
    dropped = tuple(
        f"'{c}' is left out: every option has {frame[c].iloc[0]:g}" for c in constant if len(frame)
    )
    kept = [str(c) for c in frame.columns if c not in constant]
    given = pd.Series({c: float(weights[c]) for c in kept}, dtype="float64")
    total = float(given.sum())
    if kept and not total > 0:
        raise ChoiceError("all weights are zero")
    return Decision(
        frame[kept],
        pd.Series({c: int(directions[c]) for c in kept}, dtype="int64"),
        given / total if kept else given,
        dropped,
    )


def _by_criterion(given: Mapping[str, Any] | Sequence[Any], criteria: pd.Index) -> dict[str, Any]:
    """Return criterion → what was given for it, by name or in the order of the columns."""
    if isinstance(given, (Mapping, pd.Series)):
        return {str(name): value for name, value in given.items()}
    if len(given) != len(criteria):
        raise ChoiceError(
            f"{len(criteria)} criteria need {len(criteria)} directions and weights, not {len(given)}"
        )
    return dict(zip(criteria, given, strict=True))


# ------------------------------------------------------------------------------------------------ values and dominance


def value_function(x: npt.ArrayLike, points: Sequence[tuple[float, float]]) -> Array:
    """Return values 0–100 by a piecewise linear value function, flat outside its points.

    Parameters
    ----------
    x
        Numbers on the criterion's own scale.
    points
        (number, value) pairs in ascending numbers, values from 0 to 100, rising or falling throughout.

    Raises
    ------
    ChoiceError
        If the points do not make a value function.

    Examples
    --------
    >>> value_function([0, 5, 40], [(0, 0), (10, 80), (20, 100)]).tolist()
    [0.0, 40.0, 100.0]
    """
    at, worth = (np.array(side, dtype="float64") for side in zip(*points, strict=True))
    steps = np.diff(worth)
    if len(at) < 2 or (np.diff(at) <= 0).any() or not ((steps >= 0).all() or (steps <= 0).all()):
        raise ChoiceError(
            "a value function needs two or more points in ascending order that rise or fall throughout"
        )
    if worth.min() < 0 or worth.max() > 100:
        raise ChoiceError("values of a value function lie between 0 and 100")
    return np.interp(np.asarray(x, dtype="float64"), at, worth)


def local_values(decision: Decision) -> pd.DataFrame:
    """Return every criterion on a local scale: 0 for the worst option at hand, 100 for the best, linear between.

    The scale is set by the options compared, so weights on it are swing weights: the worth of going from the worst to the
    best option on that criterion.
    """
    values, out = decision.values, {}
    for criterion in values.columns:
        column = values[criterion]
        low, high = float(column.min()), float(column.max())
        points = (
            [(low, 0.0), (high, 100.0)] if decision.directions[criterion] > 0 else [(low, 100.0), (high, 0.0)]
        )
        out[criterion] = value_function(column, points)
    return pd.DataFrame(out, index=values.index, columns=values.columns)


def swing_weights(points: Mapping[str, float]) -> dict[str, float]:
    """Return swing points (100 for the swing that matters most) as weights that sum to one.

    Examples
    --------
    >>> swing_weights({"need": 100, "effort": 60, "evidence": 40})
    {'need': 0.5, 'effort': 0.3, 'evidence': 0.2}
    """
    total = sum(points.values())
    if total <= 0 or min(points.values()) < 0:
        raise ChoiceError("swing points are at least 0 and not all 0")
    return {name: value / total for name, value in points.items()}


def dominated(decision: Decision) -> pd.DataFrame:
    """Return which option is dominated by which: one row per pair (``option``, ``dominated_by``).

    An option is dominated by another that is at least as good on every criterion and better on one; whatever the weights,
    it can not come first.
    """
    better = (decision.values * decision.directions).to_numpy()
    names = list(decision.values.index)
    at_least = (better[:, None, :] <= better[None, :, :]).all(axis=2)
    worse = at_least & (better[:, None, :] < better[None, :, :]).any(axis=2)
    rows = [(names[i], names[j]) for i, j in zip(*np.nonzero(worse), strict=True)]
    return pd.DataFrame(rows, columns=["option", "dominated_by"])


def rank(scores: pd.Series) -> pd.Series:
    """Return ranks, 1 for the highest score; equal scores (to nine digits) share the smallest rank, a missing one the last."""
    return scores.round(9).rank(method="min", ascending=False, na_option="bottom").astype("int64")


# ------------------------------------------------------------------------------------------------ the methods


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


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights from pairwise comparisons, with how consistent the comparisons are.

    ``ratio`` is CI/RI; NaN above ten criteria (no random index at hand) and 0 for two, which can not contradict each other.
    """

    weights: pd.Series
    largest_eigenvalue: float
    index: float
    ratio: float

    @property
    def is_accepted(self) -> bool:
        """Return whether the comparisons are consistent enough to be used (ratio of at most 0.10)."""
        return self.ratio <= ACCEPTED_RATIO


def pairwise_weights(matrix: pd.DataFrame | npt.ArrayLike) -> PairwiseWeights:
    """Return the weights of an AHP matrix: its principal eigenvector, and CI = (λ − n)/(n − 1), CR = CI/RI.

    Parameters
    ----------
    matrix
        Square; a_ij says how many times as important i is as j (a frame, or rows of numbers). Reciprocals may be rounded to
        two digits, as printed tables are.

    Raises
    ------
    ChoiceError
        If the matrix is not square, not positive or not reciprocal (a_ij = 1/a_ji).

    Examples
    --------
    >>> pairwise_weights([[1, 3], [1 / 3, 1]]).weights.round(2).tolist()
    [0.75, 0.25]
    """
    rows: Any = matrix
    matrix = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    a = matrix.to_numpy(dtype="float64")
    n = len(a)
    if not n or a.shape != (n, n) or not (a > 0).all() or not np.allclose(a * a.T, 1, atol=ROUNDED, rtol=0):
        raise ChoiceError("a pairwise matrix is square, positive and reciprocal: a(i, j) = 1 / a(j, i)")
    eigenvalues, vectors = np.linalg.eig(a)
    first = int(np.argmax(eigenvalues.real))
    vector = np.abs(vectors[:, first].real)
    largest = float(eigenvalues[first].real)
    index = (largest - n) / (n - 1) if n > 1 else 0.0
    ratio = 0.0 if n < 3 else index / RANDOM_INDEX[n] if n in RANDOM_INDEX else math.nan
    return PairwiseWeights(pd.Series(vector / vector.sum(), index=matrix.index), largest, index, ratio)


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


# ------------------------------------------------------------------------------------------------ how firm it is


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
