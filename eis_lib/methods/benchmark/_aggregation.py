"""How normalised values become one score per unit, and scores become ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import stats

from eis_lib.methods.benchmark._treatment import (
    POSITIVE_ONLY,
    Array,
    BenchmarkError,
    _quiet,
    _unknown,
)

Aggregation = Literal[
    "arithmetic", "geometric", "harmonic", "power", "copeland", "outranking", "mazziotta-pareto"
]

WHOLE_PROFILE = ("copeland", "outranking", "mazziotta-pareto")
RANK_DECIMALS = 9
"""Scores that agree to so many decimals share a rank: the order of a sum must not decide a rank."""


def aggregate(
    values: npt.ArrayLike,
    method: Aggregation = "arithmetic",
    *,
    weights: npt.ArrayLike | None = None,
    power: float = 1.0,
    bad: bool = False,
) -> Array:
    """Return one score per unit from normalised values.

    Parameters
    ----------
    values : array (units × indicators)
        Normalised, more is better; a missing value leaves its weight to the others of that unit.
        For ``mazziotta-pareto``: standardised to 100 ± 10 with the population standard deviation.
    method : str
        Weighted ``arithmetic`` Σwx/Σw, ``geometric`` exp(Σw ln x/Σw), ``harmonic`` Σw/Σ(w/x), ``power`` mean of order
        ``power`` (0 = geometric). ``copeland``: number of units beaten less number lost to, a pair going to whoever is
        ahead on more than half of the weight (non-compensatory). ``outranking``: sum of those shares of weight, ties
        half (the Copeland score of COINr). ``mazziotta-pareto``: M − S·S/M, M and S the mean and population standard
        deviation of the unit's values; + instead of − for a bad phenomenon.
    weights : array (indicators,) or (indicators × draws), optional
        At least 0, not all 0; equal where not given. With draws the result is (units × draws).
    bad : bool
        The index measures something bad (more is worse): the penalty of ``mazziotta-pareto`` is added.

    Raises
    ------
    BenchmarkError
        If the method is not known, the values are not a table, the weights do not fit it, or a geometric or harmonic mean
        meets a value that is not positive, a power mean of an order other than 1 a negative one.

    Examples
    --------
    >>> float(aggregate([[1, 2, 3]], "geometric", weights=[1, 1, 2])[0]) == 18 ** 0.25
    True
    """
    table = np.asarray(values, dtype=float)
    if method not in get_args(Aggregation):
        raise BenchmarkError(_unknown("aggregation", method, get_args(Aggregation)))
    if table.ndim != 2:
        raise BenchmarkError(
            "values to aggregate are a table of units × indicators; wrap a single unit in a list"
        )
    given = np.ones(table.shape[1]) if weights is None else np.asarray(weights, dtype=float)
    if given.ndim not in (1, 2) or len(given) != table.shape[1]:
        raise BenchmarkError(f"{table.shape[1]} indicators need as many weights; given: {given.shape}")
    if not (given >= 0).all() or not (given.sum(axis=0) > 0).all():
        raise BenchmarkError("weights are at least 0, and not all of them 0")
    columns = given.reshape(table.shape[1], -1)
    if method in WHOLE_PROFILE:
        result = _whole_profile(table, columns, method, bad=bad)
    else:
        transform, back = _mean_of(method, power)
        _refuse_what_is_not_positive(table, method, power)
        with _quiet():
            result = back(_weighted(transform(table), columns))
    return result[:, 0] if given.ndim == 1 else result


def rank_units(scores: npt.ArrayLike) -> Array:
    """Return ranks along the first axis, 1 = highest score, ties the smallest rank; missing stays missing."""
    rounded = np.round(np.asarray(scores, dtype=float), RANK_DECIMALS)
    policy = "omit" if np.isnan(rounded).any() else "propagate"
    return np.asarray(stats.rankdata(-rounded, method="min", axis=0, nan_policy=policy), dtype=float)


def _mean_of(method: Aggregation, power: float) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    if method == "geometric" or (method == "power" and power == 0):
        return np.log, np.exp
    if method == "harmonic":
        return np.reciprocal, np.reciprocal
    if method == "power":
        return (lambda x: np.asarray(x**power)), (lambda y: np.asarray(y ** (1 / power)))
    return (lambda x: x), (lambda y: y)


def _refuse_what_is_not_positive(values: Array, method: Aggregation, power: float) -> None:
    """Raise ``BenchmarkError`` where a mean is not defined for the smallest of these values."""
    smallest = np.nanmin(values) if np.isfinite(values).any() else np.inf
    logs = method in POSITIVE_ONLY or (method == "power" and power <= 0)
    roots = method == "power" and power != 1
    if (logs and smallest <= 0) or (roots and smallest < 0):
        raise BenchmarkError(
            f"a {method} mean needs positive values, the smallest here is {smallest:g}; "
            "normalise to 1–100 instead of 0–100"
        )


def _weighted(values: Array, weights: Array) -> Array:
    """Return Σwx/Σw per unit and draw over the values that are there (units × draws)."""
    missing = np.isnan(values)
    if not missing.any():
        return np.asarray(values @ (weights / weights.sum(axis=0)))
    return np.asarray((np.where(missing, 0.0, values) @ weights) / _some((~missing).astype(float) @ weights))


def _some(weight: Array) -> Array:
    return np.where(weight > 0, weight, np.nan)


def _whole_profile(values: Array, weights: Array, method: Aggregation, *, bad: bool) -> Array:
    missing = np.isnan(values)
    known = (~missing).astype(float)
    with _quiet():
        if method == "mazziotta-pareto":
            share = _some(known @ weights)
            deviation = np.where(missing, 0.0, values - 100)
            offset = (deviation @ weights) / share
            mean = 100 + offset
            variance = np.clip((deviation**2 @ weights) / share - offset**2, 0, None)
            return np.asarray(mean + (1 if bad else -1) * variance / mean)
        if len(values) < 2:
            return np.zeros((len(values), weights.shape[1]))
        first, second = np.triu_indices(len(values), 1)
        signs = np.sign(values[first] - values[second])
        signs[np.isnan(signs)] = 0.0
        lead = signs @ weights
        result: npt.NDArray[Any]
        if method == "copeland":
            close = 1e-12 * weights.sum(axis=0)
            result = (lead > close).astype(np.int8) - (lead < -close).astype(np.int8)
        else:
            result = np.nan_to_num(lead / _some((known[first] * known[second]) @ weights))
        # the pairs come sorted by their first unit; sorted by the second one, the same sum takes what was lost
        net = np.zeros((len(values), result.shape[1]))
        net[:-1] = np.add.reduceat(result, np.unique(first, return_index=True)[1], axis=0, dtype=np.float64)
        by_second = np.argsort(second, kind="stable")
        net[1:] -= np.add.reduceat(
            result[by_second], np.unique(second[by_second], return_index=True)[1], axis=0, dtype=np.float64
        )
        return np.asarray(net if method == "copeland" else (net + len(values) - 1) / 2)
