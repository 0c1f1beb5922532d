"""Compare units on many indicators: a composite index whose every stage can be looked at, changed and run again.

The chain follows the OECD/JRC Handbook on Constructing Composite Indicators (2008): framework, denominators, selection,
missing data, outliers, normalisation, weights, aggregation, coherence, robustness, back to the details. One
:class:`Index` holds the data set of every stage, a log of everything that was changed on the way, and the choices;
``index.change(aggregation="geometric")`` runs the whole chain again with one choice altered.

Conventions that differ between sources, as used here: z-scores take the sample standard deviation unless
``zscore-population`` is chosen; Mazziotta–Pareto, CRITIC and structural distance take the population one; skewness and
kurtosis are the bias-corrected forms, kurtosis as excess; tied values share the smallest rank; Borda counts from zero;
rank 1 of a unit is the best. Statistics that have no power on a handful of units are refused below
:data:`MINIMUM_UNITS`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from threadpoolctl import ThreadpoolController

from eis_lib.tables import nearest_of

Imputation = Literal["none", "mean", "median", "group-mean", "group-median"]
Outliers = Literal["jrc", "none"]
Normalisation = Literal[
    "minmax",
    "zscore",
    "zscore-population",
    "rank",
    "borda",
    "percentile-rank",
    "distance-to-max",
    "distance-to-target",
    "distance-to-reference",
    "goalposts",
]
Weighting = Literal["given", "equal", "critic", "pca", "entropy"]
Aggregation = Literal[
    "arithmetic", "geometric", "harmonic", "power", "copeland", "outranking", "mazziotta-pareto"
]
Array = npt.NDArray[np.float64]

MINIMUM_UNITS = 20
"""Fewest units for outlier rules, statistical weights and ranks. Project convention: with seven regions a correlation
needs to exceed 0.75 to differ from zero, so whatever is built on it is noise."""
STATISTICAL_WEIGHTS = ("critic", "pca", "entropy")
POSITIVE_ONLY = ("geometric", "harmonic")
WHOLE_PROFILE = ("copeland", "outranking", "mazziotta-pareto")
RANK_DECIMALS = 9
"""Scores that agree to so many decimals share a rank: the order of a sum must not decide a rank."""


class BenchmarkError(ValueError):
    """Raised when an index cannot be built as asked; the message lists every reason at once."""


# --------------------------------------------------------------------------------------------------------------------
# One stage at a time, on arrays: one row per unit, one column per indicator
# --------------------------------------------------------------------------------------------------------------------


def skewness(values: npt.ArrayLike) -> Array:
    """Return the bias-corrected skewness of each column (the form of Excel and SAS); missing values are left out.

    Not a number where fewer than three values differ from missing, or all are the same.
    """
    centred, count = _centred(values)
    with np.errstate(all="ignore"):
        moment = np.nansum(centred**3, axis=0) / count
        spread = np.nansum(centred**2, axis=0) / count
        return np.where(
            (count > 2) & (spread > 0),
            moment / spread**1.5 * np.sqrt(count * (count - 1)) / (count - 2),
            np.nan,
        )


def kurtosis(values: npt.ArrayLike) -> Array:
    """Return the bias-corrected excess kurtosis of each column (the form of Excel and SAS)."""
    centred, count = _centred(values)
    with np.errstate(all="ignore"):
        excess = count * np.nansum(centred**4, axis=0) / np.nansum(centred**2, axis=0) ** 2 - 3
        corrected = ((count + 1) * excess + 6) * (count - 1) / ((count - 2) * (count - 3))
        return np.where((count > 3) & np.isfinite(excess), corrected, np.nan)


def is_outlying(
    values: npt.ArrayLike, *, skewness_limit: float = 2.0, kurtosis_limit: float = 3.5
) -> npt.NDArray[Any]:
    """Return for each column whether the JRC rule calls it distorted: |skewness| > 2 **and** kurtosis > 3.5."""
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (np.abs(skewness(values)) > skewness_limit) & (kurtosis(values) > kurtosis_limit), dtype=bool
        )


@dataclass(frozen=True)
class Treatment:
    """What the outlier rule did to a table.

    Attributes
    ----------
    values : array
        The table after treatment, same shape.
    events : tuple of (column, row, action, before, after)
        ``winsorised-high``, ``winsorised-low`` (one per point) or ``log`` (one per column, row −1).
    """

    values: Array
    events: tuple[tuple[int, int, str, float, float], ...]


def treat_outliers(
    values: npt.ArrayLike, *, winmax: int = 5, skewness_limit: float = 2.0, kurtosis_limit: float = 3.5
) -> Treatment:
    """Return the table with distorted columns treated by the JRC rule, and what was done.

    While a column is distorted, its most extreme value (on the side the skew points to) is given the next value, up to
    ``winmax`` points (tied extremes go together). A column that is still distorted is taken back and logged instead:
    ln(x − min + range/100), the COIN Tool form, mirrored for a skew to the left so that the long tail is the one drawn
    in and the direction stays (COINr does not mirror it). Source: OECD/JRC Handbook 2008; JRC COIN Tool.

    Parameters
    ----------
    values : array
        One column per indicator, or a single column as a flat list; missing values stay missing.
    winmax : int
        Most points of one column that may be given another value; 0 goes to the logarithm at once.
    skewness_limit, kurtosis_limit : float
        Both must be passed to call a column distorted.
    """
    given = np.array(values, dtype=float)
    table = given.reshape(len(given), -1)
    limits = {"skewness_limit": skewness_limit, "kurtosis_limit": kurtosis_limit}
    events: list[tuple[int, int, str, float, float]] = []
    for column in np.flatnonzero(is_outlying(table, **limits)):
        original = table[:, column]
        treated, points = _winsorise(original, winmax, limits)
        if _skewness_if_distorted(treated[~np.isnan(treated)], **limits):
            treated = _log_shifted(original)
            events.append((int(column), -1, "log", np.nan, np.nan))
        else:
            events += [
                (int(column), row, side, float(original[row]), float(treated[row]))
                for row, side in sorted(points.items())
            ]
        table[:, column] = treated
    return Treatment(table.reshape(given.shape), tuple(events))


def impute(values: npt.ArrayLike, method: Imputation, groups: Sequence[Any] | None = None) -> Array:
    """Return the table with missing cells filled: the mean or median of the column, or of the unit's group in it.

    A group without any value falls back on all units; a column without any stays missing. ``none`` returns a copy.
    Raises ``BenchmarkError`` when the method is not known, or a group method is asked for without the group of every unit.
    """
    if method not in get_args(Imputation):
        raise BenchmarkError(_unknown("imputation", method, get_args(Imputation)))
    table = np.array(values, dtype=float)
    if method == "none" or not np.isnan(table).any():
        return table
    centre = np.nanmean if method.endswith("mean") else np.nanmedian
    fill = np.full_like(table, np.nan)
    with _quiet():
        if method.startswith("group-"):
            if groups is None or len(groups) != len(table):
                got = "none was given" if groups is None else f"{len(groups)} given for {len(table)} units"
                raise BenchmarkError(f"imputation '{method}' needs the group of every unit; {got}")
            labels = pd.factorize(np.asarray(groups, dtype=object))[0]
            for label in np.unique(labels):
                fill[labels == label] = centre(table[labels == label], axis=0)
        fill = np.where(np.isnan(fill), centre(table, axis=0), fill)
    return np.where(np.isnan(table), fill, table)


def normalise(
    values: npt.ArrayLike,
    method: Normalisation = "minmax",
    *,
    direction: npt.ArrayLike = 1,
    lower: float = 0.0,
    upper: float = 100.0,
    mean: float = 0.0,
    spread: float = 1.0,
    target: npt.ArrayLike | None = None,
    goalposts: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    reference: int | None = None,
    cap: bool = False,
) -> Array:
    """Return values on a common scale on which more is better.

    Parameters
    ----------
    values : array
        One column per indicator (or a single column as a flat list); missing values stay missing.
    method : str
        ``minmax`` to ``lower``–``upper``; ``zscore`` (sample) and ``zscore-population`` to ``mean`` ± ``spread``;
        ``rank`` (1 = worst, ties the smallest), ``borda`` (rank − 1), ``percentile-rank`` ((rank − 1)/(n − 1));
        ``distance-to-max`` x/max (min/x where less is better); ``distance-to-target`` and ``distance-to-reference``
        1 − (t − x)/(t − min); ``goalposts`` (x − low)/(high − low), held within 0–1.
    direction : ±1, or one per column
        −1 where less is better. Applied first; goalposts and targets are given in the indicator's own unit.
    target, goalposts, reference
        The target(s), the pair (low, high), the row of the reference unit.
    cap : bool
        Hold distances to a target or a reference at 1 for units beyond it.

    Returns
    -------
    array
        In the shape given, without labels. A column that is the same for every unit has no scale: all of it is missing
        (a rank is 1 for all). So is the distance to a target or a reference that is the worst unit itself.

    Raises
    ------
    BenchmarkError
        If the method is not known, a direction is not ±1, a low goalpost is not below its high one, the reference is no row,
        or as many targets, goalposts or directions as columns are not given.

    Examples
    --------
    >>> normalise([1, 2, 4], "minmax").round(1).tolist()
    [0.0, 33.3, 100.0]
    >>> normalise([1], "goalposts", goalposts=(0, 10), direction=-1).tolist()
    [0.9]
    """
    given = np.asarray(values, dtype=float)
    table = given.reshape(len(given), -1)
    signs = _per_column(direction, table.shape[1], "direction")
    if not np.isin(signs, (1, -1)).all():
        raise BenchmarkError(f"directions are 1 or -1, not {min(set(signs.tolist()) - {1, -1}):g}")
    x = table * signs
    with _quiet():
        low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
        if method == "minmax":
            result = lower + (x - low) / (high - low) * (upper - lower)
        elif method in ("zscore", "zscore-population"):
            deviation = np.nanstd(x, axis=0, ddof=1 if method == "zscore" else 0)
            result = mean + spread * (x - np.nanmean(x, axis=0)) / np.where(high > low, deviation, np.nan)
        elif method in ("rank", "borda", "percentile-rank"):
            result = stats.rankdata(np.round(x, 12), method="min", axis=0, nan_policy="omit")
            if method != "rank":
                result = result - 1
            if method == "percentile-rank":
                result = result / (np.sum(~np.isnan(x), axis=0) - 1)
        elif method == "distance-to-max":
            result = np.where(signs > 0, table / np.nanmax(table, axis=0), np.nanmin(table, axis=0) / table)
        elif method in ("distance-to-target", "distance-to-reference"):
            if method == "distance-to-target":
                goal = _needed(target, method, "a target per indicator")
                goal = _per_column(goal, table.shape[1], "target") * signs
            else:
                row = int(_needed(reference, method, "a reference unit"))
                if not 0 <= row < len(x):
                    raise BenchmarkError(f"the reference unit is row {row}; there are rows 0 to {len(x) - 1}")
                goal = x[row]
            result = 1 - (goal - x) / (goal - low)
            result = np.minimum(result, 1) if cap else result
        elif method == "goalposts":
            posts = _needed(goalposts, method, "a lower and an upper goalpost per indicator")
            bottom, top = (_per_column(post, table.shape[1], "goalpost") for post in posts)
            if not (bottom < top).all():
                at = int(np.argmax(~(bottom < top)))
                raise BenchmarkError(
                    f"a low goalpost lies below its high one; of column {at} they are {bottom[at]:g} and {top[at]:g}"
                )
            share = np.clip((table - bottom) / (top - bottom), 0, 1)
            result = np.where(signs > 0, share, 1 - share)
        else:
            raise BenchmarkError(_unknown("normalisation", method, get_args(Normalisation)))
    result = np.where(np.isfinite(result), result, np.nan)
    return np.asarray(result.reshape(given.shape), dtype=float)


def make_positive(values: npt.ArrayLike, method: Normalisation) -> Array:
    """Return normalised values moved to 1–100 where they are not all positive, for geometric and harmonic means.

    Methods that end in a fixed 0–1 go to 1 + 99x, Borda counts from one; the others keep their proportions: the
    smallest value of the whole table becomes 1 and the largest 100.
    """
    table = np.asarray(values, dtype=float)
    if np.nanmin(table) > 0:
        return table.copy()
    if method in ("goalposts", "percentile-rank"):
        return np.asarray(1 + 99 * table)
    if method == "borda":
        return table + 1
    low, high = np.nanmin(table), np.nanmax(table)
    return np.asarray(1 + 99 * (table - low) / (high - low))


def critic_weights(values: npt.ArrayLike) -> Array:
    """Return CRITIC weights: w ∝ σ Σ(1 − r) on min–max data (Diakoulaki et al. 1995), summing to one.

    Turn indicators of which less is better first (``normalise`` with their direction): a correlation changes its sign with
    them. A column that is the same for every unit gets no weight. σ is the population's; either cancels.
    """
    table = np.asarray(values, dtype=float)
    scaled = normalise(table, "minmax", upper=1.0)
    with _quiet():
        spread = np.nanstd(scaled, axis=0)
    return _shares(spread * np.nansum(1 - _correlations(scaled), axis=0))


def entropy_weights(values: npt.ArrayLike) -> Array:
    """Return entropy weights (Shannon): one minus the entropy of each column's shares, summing to one.

    Values must not be negative; shares of zero count as 0·ln 0 = 0.
    """
    table = np.asarray(values, dtype=float)
    if np.nanmin(table) < 0:
        raise BenchmarkError(
            "entropy weights need values that are not negative; use min–max or goalpost values"
        )
    with _quiet():
        shares = table / np.nansum(table, axis=0)
        logs = np.where(shares > 0, np.log(np.where(shares > 0, shares, 1.0)), 0.0)
        entropy = -np.nansum(shares * logs, axis=0) / np.log(np.sum(~np.isnan(table), axis=0))
    return _shares(np.clip(1 - entropy, 0, None))


def pca_weights(values: npt.ArrayLike) -> Array:
    """Return weights from principal components, by the Handbook's recipe, summing to one.

    Components with an eigenvalue above 1 that explain at least 10 % each are kept, until they explain more than 60 %
    together (always at least one), and rotated by varimax. An indicator belongs to the component it loads on most; its
    weight is its squared loading as a share of that component's, times the component's share of what is explained.
    Source: OECD/JRC Handbook 2008, section 6.1 (after Nicoletti et al. 2000). Rows with a missing value are left out.
    """
    table = np.asarray(values, dtype=float)
    weights = np.zeros(table.shape[1])
    moving = np.nanstd(table, axis=0) > 0
    complete = table[:, moving][~np.isnan(table[:, moving]).any(axis=1)]
    if moving.sum() < 2 or len(complete) < 3:
        weights[moving] = 1.0
        return _shares(weights)
    eigenvalues, vectors = np.linalg.eigh(np.corrcoef(complete, rowvar=False))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    explained = eigenvalues / eigenvalues.sum()
    keep = 1
    while (
        keep < len(eigenvalues)
        and explained[:keep].sum() <= 0.6
        and eigenvalues[keep] > 1
        and explained[keep] >= 0.1
    ):
        keep += 1
    loadings = _varimax(vectors[:, :keep] * np.sqrt(eigenvalues[:keep]))
    squared = loadings**2
    per_component = squared.sum(axis=0)
    best = squared.argmax(axis=1)
    own = squared[np.arange(len(best)), best] / per_component[best]
    weights[moving] = own * per_component[best] / per_component.sum()
    return _shares(weights)


def statistical_weights(scheme: Weighting, values: npt.ArrayLike) -> Array:
    """Return the weights of a scheme for one group of sibling indicators; ``values`` are directed min–max data."""
    table = np.asarray(values, dtype=float)
    if table.shape[1] == 1 or scheme == "equal":
        return np.full(table.shape[1], 1 / table.shape[1])
    return {"critic": critic_weights, "entropy": entropy_weights, "pca": pca_weights}[scheme](table)


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


def mazziotta_pareto(
    values: npt.ArrayLike,
    *,
    direction: npt.ArrayLike = 1,
    weights: npt.ArrayLike | None = None,
    bad: bool = False,
) -> Array:
    """Return the Mazziotta–Pareto index of each unit from raw indicators (one column each).

    Indicators become 100 ± 10 with the **population** standard deviation; unbalanced profiles are penalised. This is
    the method of Croatia's development index of 2017. Source: De Muro, Mazziotta & Pareto 2011.
    """
    standard = normalise(values, "zscore-population", direction=direction, mean=100, spread=10)
    return aggregate(standard, "mazziotta-pareto", weights=weights, bad=bad)


def rank_units(scores: npt.ArrayLike) -> Array:
    """Return ranks along the first axis, 1 = highest score, ties the smallest rank; missing stays missing."""
    rounded = np.round(np.asarray(scores, dtype=float), RANK_DECIMALS)
    policy = "omit" if np.isnan(rounded).any() else "propagate"
    return np.asarray(stats.rankdata(-rounded, method="min", axis=0, nan_policy=policy), dtype=float)


def cronbach_alpha(values: npt.ArrayLike) -> float:
    """Return Cronbach's α of a group of columns over the complete rows; not a number for fewer than two columns."""
    table = np.asarray(values, dtype=float)
    complete = table[~np.isnan(table).any(axis=1)]
    count = table.shape[1]
    if count < 2 or len(complete) < 3:
        return float("nan")
    whole = complete.sum(axis=1).var(ddof=1)
    if whole == 0:
        return float("nan")
    return float(count / (count - 1) * (1 - complete.var(axis=0, ddof=1).sum() / whole))


# --------------------------------------------------------------------------------------------------------------------
# Framework and choices
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choices:
    """Every decision of the chain, in the order in which it is taken; all defaults are project conventions.

    Attributes
    ----------
    indicator_availability, unit_availability : float
        Smallest share of known values an indicator, then a unit, must have to be kept.
    imputation : str
        How missing values are filled; ``none`` leaves their weight to the others.
    outliers, winmax, skewness_limit, kurtosis_limit
        The JRC rule (see :func:`treat_outliers`) or ``none``.
    normalisation, lower, upper, reference, cap
        See :func:`normalise`; ``lower`` None: 0, or 1 where the aggregation needs positive values;
        ``reference`` is a unit.
    weights : str
        ``given`` (framework), ``equal``, or statistical: computed among the indicators of each group.
    aggregation, power, bad
        See :func:`aggregate`. Copeland, outranking and Mazziotta–Pareto take the indicators below a node at their
        effective weights, since a rank of ranks or a penalty on a penalty has no meaning.
    minimum_units : int
        Below it: no outlier rule, no statistical weights, no ranks.
    """

    indicator_availability: float = 0.65
    unit_availability: float = 0.65
    imputation: Imputation = "none"
    outliers: Outliers = "jrc"
    winmax: int = 5
    skewness_limit: float = 2.0
    kurtosis_limit: float = 3.5
    normalisation: Normalisation = "minmax"
    lower: float | None = None
    upper: float = 100.0
    reference: str = ""
    cap: bool = False
    weights: Weighting = "given"
    aggregation: Aggregation = "arithmetic"
    power: float = 1.0
    bad: bool = False
    minimum_units: int = MINIMUM_UNITS

    def __post_init__(self) -> None:
        allowed: dict[str, tuple[str, ...]] = {
            "imputation": get_args(Imputation),
            "outliers": get_args(Outliers),
            "normalisation": get_args(Normalisation),
            "weights": get_args(Weighting),
            "aggregation": get_args(Aggregation),
        }
        faults = [
            _unknown(name, getattr(self, name), values)
            for name, values in allowed.items()
            if getattr(self, name) not in values
        ]
        if faults:
            raise BenchmarkError("; ".join(faults))

    @property
    def bottom(self) -> float:
        """Return the lower end of the min–max scale in use."""
        if self.lower is not None:
            return self.lower
        positive = self.aggregation in POSITIVE_ONLY or (self.aggregation == "power" and self.power <= 0)
        return 1.0 if positive else 0.0


@dataclass(frozen=True)
class Tree:
    """A checked framework: the indicators at the bottom, the nodes above them, one root.

    Attributes
    ----------
    table : DataFrame
        One row per element, index ``code``: parent, weight, direction, name, denominator, target, low, high.
    leaves : tuple of str
        Indicators, in the order of the framework.
    nodes : tuple of str
        Aggregates, children before parents; the last is the root.
    """

    table: pd.DataFrame
    leaves: tuple[str, ...]
    nodes: tuple[str, ...]

    @property
    def root(self) -> str:
        """Return the code of the index itself."""
        return self.nodes[-1]

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Return the elements directly below each node, in the framework's order."""
        return {
            node: tuple(str(code) for code in self.table.index[self.table["parent"] == node])
            for node in self.nodes
        }

    @cached_property
    def position(self) -> dict[str, int]:
        """Return where each element stands in a table of weights."""
        return {str(code): at for at, code in enumerate(self.table.index)}

    @cached_property
    def directions(self) -> Array:
        """Return the direction of each indicator, 1 or −1."""
        return self.table.loc[list(self.leaves), "direction"].to_numpy(dtype=float)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups that may be left out in turn: the nodes just above indicators, else the indicators."""
        leaves = set(self.leaves)
        above = [node for node in self.nodes if node != self.root and leaves & set(self.children[node])]
        return tuple(code for code in self.table.index if code in above) if len(above) > 1 else self.leaves

    def below(self, node: str) -> tuple[str, ...]:
        """Return the indicators under a node (a leaf stands for itself)."""
        if node not in self.children:
            return (node,)
        return tuple(leaf for child in self.children[node] for leaf in self.below(child))

    def without(self, codes: Iterable[str]) -> Tree:
        """Return the tree without some elements, what hangs below them, and nodes left empty."""
        gone = {leaf for code in codes for leaf in self.below(code)}
        kept = {leaf for leaf in self.leaves if leaf not in gone}
        alive = kept | {node for node in self.nodes if kept & set(self.below(node))}
        return build_tree(self.table[self.table.index.isin(alive)].rename_axis("code").reset_index())


FRAMEWORK_COLUMNS: Mapping[str, Any] = {
    "parent": "",
    "weight": 1.0,
    "direction": 1.0,
    "name": "",
    "denominator": "",
    "target": np.nan,
    "low": np.nan,
    "high": np.nan,
}


def build_tree(framework: pd.DataFrame) -> Tree:
    """Return a checked framework of any depth.

    Parameters
    ----------
    framework : DataFrame
        ``code`` (key) and, where they apply, ``parent`` (blank: the root), ``weight``, ``direction`` (±1), ``name``,
        ``denominator`` (column of the denominators), ``target``, ``low`` and ``high`` (goalposts). A code that nobody
        has for a parent is an indicator. A framework without any parent hangs from one root, ``index``.

    Raises
    ------
    BenchmarkError
        Listing every fault: double codes, unknown parents, circles, several roots, weights or directions not allowed.
    """
    table = framework.copy()
    for column, default in FRAMEWORK_COLUMNS.items():
        if column not in table:
            table[column] = default
        table[column] = table[column].fillna(default)
    table["code"] = table["code"].astype(str)
    faults = [f"'{code}' is listed twice" for code in table.loc[table["code"].duplicated(), "code"]]
    if (table["parent"] == "").all():
        table["parent"] = "index"
        root = {**FRAMEWORK_COLUMNS, "code": "index", "name": "Index"}
        table = pd.concat([table, pd.DataFrame([root])], ignore_index=True)
    codes = set(table["code"])
    rows: list[Any] = list(table.itertuples())  # Any: columns are checked here, not typed
    faults += [
        f"'{row.code}' hangs from '{row.parent}', which is not listed"
        for row in rows
        if row.parent and row.parent not in codes
    ]
    faults += [f"'{row.code}' has the weight {row.weight}" for row in rows if not row.weight >= 0]
    faults += [
        f"'{row.code}' has the direction {row.direction}; allowed: 1, -1"
        for row in rows
        if row.direction not in (1, -1)
    ]
    roots = list(table.loc[table["parent"] == "", "code"])
    if len(roots) != 1:
        faults.append(f"there must be one root, found {len(roots)}: {', '.join(roots) or 'none'}")
    if faults:
        raise BenchmarkError("framework: " + "; ".join(faults))
    weighed = table.groupby("parent")["weight"].sum()
    silent = [str(parent) for parent in weighed.index[weighed == 0] if parent]
    if silent:
        raise BenchmarkError("framework: " + "; ".join(f"all weights below '{p}' are 0" for p in silent))
    table = table.set_index("code")
    parents = table["parent"].to_dict()
    parent_codes = set(parents.values())
    depth: dict[str, int] = {}
    for code in table.index:
        above, steps = str(code), 0
        while parents[above]:
            above, steps = parents[above], steps + 1
            if steps > len(table):
                raise BenchmarkError(f"framework: '{code}' is above itself")
        depth[str(code)] = steps
    nodes = sorted((code for code in depth if code in parent_codes), key=lambda code: -depth[code])
    leaves = tuple(code for code in depth if code not in parent_codes)
    return Tree(table[list(FRAMEWORK_COLUMNS)], leaves, tuple(nodes))


# --------------------------------------------------------------------------------------------------------------------
# The index
# --------------------------------------------------------------------------------------------------------------------

STAGES = ("given", "denominated", "selected", "imputed", "treated", "normalised", "aggregated")


@dataclass(frozen=True)
class Index:
    """A composite index with everything that led to it.

    Attributes
    ----------
    choices : Choices
        The decisions asked for.
    used : Choices
        The decisions in force after the guards; differs from ``choices`` only below the minimum of units.
    tree : Tree
        The framework without what was dropped.
    stages : mapping of str to DataFrame
        The data set after each of :data:`STAGES`; index ``unit``. ``aggregated`` has a column per node.
    weights : Series
        Weight of each element among its siblings, summing to one.
    log : DataFrame
        stage, indicator, unit, action, before, after, message: one row per thing that was changed or refused.
    """

    choices: Choices
    used: Choices
    tree: Tree
    stages: Mapping[str, pd.DataFrame]
    weights: pd.Series
    log: pd.DataFrame
    _data: pd.DataFrame
    _framework: pd.DataFrame
    _denominators: pd.DataFrame | None
    _groups: pd.Series | None

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units that were kept."""
        return tuple(str(unit) for unit in self.stages["aggregated"].index)

    @property
    def scores(self) -> pd.Series:
        """Return the score of each unit."""
        return self.stages["aggregated"][self.tree.root].rename("score")

    @property
    def may_rank(self) -> bool:
        """Return whether there are enough units for ranks to mean something."""
        return len(self.units) >= self.used.minimum_units

    @property
    def ranks(self) -> pd.Series:
        """Return the rank of each unit, 1 = best; all missing below the minimum of units."""
        values = rank_units(self.scores) if self.may_rank else np.full(len(self.units), np.nan)
        return pd.Series(values, index=self.scores.index, name="rank")

    @property
    def notes(self) -> tuple[str, ...]:
        """Return, in the reader's words, what the guards refused."""
        return tuple(self.log.loc[self.log["stage"] == "guard", "message"])

    def change(self, **choices: Any) -> Index:
        """Return the index built again with some choices altered (see :class:`Choices`)."""
        return build_index(
            self._data,
            self._framework,
            choices=replace(self.choices, **choices),
            denominators=self._denominators,
            groups=self._groups,
        )

    def reweigh(self, weights: Mapping[str, float]) -> Index:
        """Return the index built again with other given weights for some elements."""
        framework = self.tree_as_given.copy()
        known = {str(code) for code in framework["code"]}
        unknown = [code for code in weights if code not in known]
        if unknown:
            raise BenchmarkError("; ".join(_unknown("element", code, sorted(known)) for code in unknown))
        framework["weight"] = framework["code"].map(weights).fillna(framework["weight"])
        return build_index(
            self._data, framework, choices=self.choices, denominators=self._denominators, groups=self._groups
        )

    @property
    def tree_as_given(self) -> pd.DataFrame:
        """Return the whole framework before anything was dropped, one row per element."""
        return build_tree(self._framework).table.rename_axis("code").reset_index()

    def effective_weights(self) -> pd.Series:
        """Return each indicator's share of the index: the product of the weights on its way up."""
        parents = self.tree.table["parent"].to_dict()
        shares = {}
        for leaf in self.tree.leaves:
            share, code = 1.0, leaf
            while parents[code]:
                share, code = share * float(self.weights[code]), parents[code]
            shares[leaf] = share
        return pd.Series(shares, name="effective_weight", dtype=float)

    def coherence(self) -> pd.DataFrame:
        """Return how each element moves with the rest: weight is not importance.

        One row per element under the root: ``code``, ``name``, ``parent``, ``weight`` (share of the index),
        ``with_parent`` and ``with_index`` (Pearson correlations), ``importance`` (squared correlation with the index),
        ``alpha`` (Cronbach's α of the element's own children) and ``remark`` where a correlation is negative, below
        0.3 (hardly heard), or above 0.92 with a sibling (counted twice). Limits: JRC practice. Empty below the
        minimum of units, where a correlation says nothing. To be read before robustness.
        """
        columns = [
            "code",
            "name",
            "parent",
            "weight",
            "with_parent",
            "with_index",
            "importance",
            "alpha",
            "remark",
        ]
        if not self.may_rank:
            return pd.DataFrame(columns=columns)
        data = self.stages["normalised"].join(self.stages["aggregated"])
        correlations: Any = data.corr()
        shares = self.effective_weights()
        rows = []
        for code in [c for c in self.tree.table.index if c != self.tree.root]:
            parent = str(self.tree.table.at[code, "parent"])
            siblings = [c for c in self.tree.children[parent] if c != code]
            twin = correlations.loc[code, siblings].abs().max() if siblings else np.nan
            with_index = correlations.at[code, self.tree.root]
            remark = ""
            if with_index < 0:
                remark = "moves against the index"
            elif correlations.at[code, parent] < 0.3:
                remark = "hardly heard in its group"
            elif twin > 0.92:
                remark = "says the same as " + str(correlations.loc[code, siblings].abs().idxmax())
            own = self.tree.children.get(code, ())
            rows.append(
                {
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "parent": parent,
                    "weight": float(shares[list(self.tree.below(code))].sum()),
                    "with_parent": correlations.at[code, parent],
                    "with_index": with_index,
                    "importance": with_index**2,
                    "alpha": cronbach_alpha(data[list(own)]) if own else np.nan,
                    "remark": remark,
                }
            )
        return pd.DataFrame(rows, columns=columns)

    def strengths(self, unit: str, count: int = 5) -> pd.DataFrame:
        """Return a unit's strongest and weakest indicators against the other units (back to the details).

        A strength is ahead of more than half of the others, a weakness of fewer. Rows: ``kind`` (strength, weakness), ``code``, ``name``, ``value`` (own unit of measure, before treatment),
        ``median`` of all units, ``standing`` (share of the other units it is ahead of, 0–1, direction applied).
        """
        if unit not in self.units:
            raise BenchmarkError(_unknown("unit", unit, self.units))
        data = self.stages["normalised"]
        others = data.drop(index=unit)
        own: Any = data.loc[unit]
        standing = ((others < own).sum() + 0.5 * (others == own).sum()) / others.notna().sum()
        standing = standing.loc[own.notna()].sort_values(ascending=False, kind="stable")
        raw = self.stages["imputed"]
        ahead, behind = standing.loc[standing > 0.5], standing.loc[standing < 0.5]
        chosen = [("strength", code) for code in ahead.index[:count]]
        chosen += [("weakness", code) for code in behind.index[::-1][:count]]
        return pd.DataFrame(
            [
                {
                    "kind": kind,
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "value": raw.at[unit, code],
                    "median": raw[code].median(),
                    "standing": standing[code],
                }
                for kind, code in chosen
            ],
            columns=["kind", "code", "name", "value", "median", "standing"],
        )

    def leave_out(self, codes: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the mean absolute rank change when each element (default: each of the tree's groups) is left out."""
        chosen = list(codes) if codes is not None else list(self.tree.groups)
        rows = []
        nominal = rank_units(self.scores)
        for code in chosen:
            kept = self.tree.without([code])
            framework = kept.table.rename_axis("code").reset_index()
            other = build_index(
                self._data.loc[list(self.units)],
                framework,
                choices=replace(self.used, unit_availability=0.0),
                denominators=self._denominators,
                groups=self._groups,
            )
            rows.append(
                {
                    "code": code,
                    "name": self.tree.table.at[code, "name"] or code,
                    "mean_rank_change": float(np.mean(np.abs(rank_units(other.scores) - nominal))),
                }
            )
        return pd.DataFrame(rows, columns=["code", "name", "mean_rank_change"])

    def linked(self, measure: pd.Series) -> float:
        """Return Spearman's correlation of the index with another measure of the same units (links to other measures)."""
        joined = pd.concat([self.scores, measure.rename("measure")], axis=1, join="inner").dropna()
        return float(joined["score"].corr(joined["measure"], method="spearman"))


def build_index(
    data: pd.DataFrame,
    framework: pd.DataFrame | None = None,
    *,
    choices: Choices | None = None,
    denominators: pd.DataFrame | None = None,
    groups: pd.Series | None = None,
) -> Index:
    """Return the composite index of a table of units × indicators.

    Parameters
    ----------
    data : DataFrame
        Index: unit; one numeric column per indicator, missing where unknown.
    framework : DataFrame, optional
        See :func:`build_tree`; without one, all columns count alike under one root.
    choices : Choices, optional
        The decisions; the defaults otherwise.
    denominators : DataFrame, optional
        Index: unit; the columns the framework's ``denominator`` names.
    groups : Series, optional
        Group of each unit, for imputation within groups.

    Raises
    ------
    BenchmarkError
        If an indicator or denominator has no column, a unit is listed twice, a cell is no number, or nothing is left.
    """
    asked = choices or Choices()
    if framework is None:
        framework = pd.DataFrame({"code": [str(column) for column in data.columns]})
    tree = build_tree(framework)
    given = _checked_data(data, tree, denominators)
    log = _Log()
    stages: dict[str, pd.DataFrame] = {}
    stages["given"] = given
    stages["denominated"] = _divide(given, tree, denominators, log)
    selected, tree = _select(stages["denominated"], tree, asked, log)
    used = _guarded(asked, len(selected), log)
    stages["selected"] = selected

    own_groups = (
        None
        if groups is None
        else groups.set_axis([str(unit) for unit in groups.index]).reindex(selected.index)
    )
    filled = impute(selected, used.imputation, None if own_groups is None else list(own_groups))
    for row, column in zip(*np.nonzero(selected.isna().to_numpy() & ~np.isnan(filled)), strict=True):
        log.add(
            "imputed",
            selected.columns[column],
            selected.index[row],
            used.imputation,
            after=filled[row, column],
        )
    stages["imputed"] = _like(selected, filled)

    treated = filled
    if used.outliers == "jrc":
        treatment = treat_outliers(
            filled, winmax=used.winmax, skewness_limit=used.skewness_limit, kurtosis_limit=used.kurtosis_limit
        )
        treated = treatment.values
        for column, row, action, before, after in treatment.events:
            unit = selected.index[row] if row >= 0 else ""
            message = f"still distorted after {used.winmax} points; logged instead" if action == "log" else ""
            log.add("treated", selected.columns[column], unit, action, before, after, message)
    stages["treated"] = _like(selected, treated)
    stages["treated"], tree = _drop_constant(stages["treated"], tree, used, log)

    if used.aggregation == "mazziotta-pareto" and used.normalisation != "zscore-population":
        log.add(
            "normalised", action="standardised", message="Mazziotta–Pareto is defined on values of 100 ± 10"
        )
    normal = _normalised(stages["treated"].to_numpy(), list(stages["treated"].index), tree, used)
    needs_positive = used.aggregation in POSITIVE_ONLY or (used.aggregation == "power" and used.power <= 0)
    if needs_positive and used.normalisation != "minmax" and np.nanmin(normal) <= 0:
        log.add(
            "normalised", action="moved to 1–100", message=f"a {used.aggregation} mean needs positive values"
        )
        normal = make_positive(normal, used.normalisation)
    stages["normalised"] = _like(stages["treated"], normal)

    scaled = normalise(stages["treated"], "minmax", direction=tree.directions, upper=1.0)
    raw_weights = _raw_weights(tree, used.weights, scaled)
    nodes = _aggregate_tree(normal, tree, raw_weights[:, None], used)
    stages["aggregated"] = pd.DataFrame(
        {node: values[:, 0] for node, values in nodes.items()}, index=stages["treated"].index
    )
    weights = pd.Series(raw_weights, index=tree.table.index, name="weight")
    siblings = weights.groupby(tree.table["parent"]).transform("sum")
    return Index(
        asked,
        used,
        tree,
        stages,
        weights / siblings.where(siblings > 0),
        log.table(),
        data,
        framework,
        denominators,
        groups,
    )


def compare_indexes(first: Index, second: Index) -> pd.DataFrame:
    """Return two versions side by side, one row per unit of either, best of the first on top.

    Columns ``unit``, ``score_first``, ``score_second``, ``rank_first``, ``rank_second``, ``rank_change`` (positive:
    better in the second); ranks are missing below the minimum of units.
    """
    table = pd.DataFrame(
        {
            "score_first": first.scores,
            "score_second": second.scores,
            "rank_first": first.ranks,
            "rank_second": second.ranks,
        }
    )
    table["rank_change"] = table["rank_first"] - table["rank_second"]
    table = table.rename_axis("unit").reset_index()
    return table.sort_values(["score_first", "unit"], ascending=[False, True], ignore_index=True)


# --------------------------------------------------------------------------------------------------------------------
# Robustness: every choice drawn at random, and which of them matters
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alternatives:
    """What the analyst might as well have chosen; one option of each is drawn.

    Attributes
    ----------
    imputation, outliers, normalisation, weights, aggregation
        Options as in :class:`Choices`.
    indicator_noise, group_noise : float
        The weights of indicators, and of groups, are multiplied by 1 ± this much (uniform, each on its own).
    leave_out : bool
        Whether one of the groups just above the indicators (of the indicators, in a flat framework) may be left out.
    replicates : int
        Sets of noisy weights to draw from.
    """

    imputation: tuple[Imputation, ...] = ("none", "mean", "median")
    outliers: tuple[Outliers, ...] = ("jrc", "none")
    normalisation: tuple[Normalisation, ...] = ("minmax", "zscore", "percentile-rank")
    weights: tuple[Weighting, ...] = ("given", "equal", "critic", "entropy")
    aggregation: tuple[Aggregation, ...] = ("arithmetic", "geometric", "copeland", "mazziotta-pareto")
    indicator_noise: float = 0.25
    group_noise: float = 0.25
    leave_out: bool = True
    replicates: int = 200


INPUTS = (
    "imputation",
    "outliers",
    "normalisation",
    "weights",
    "aggregation",
    "indicator_noise",
    "group_noise",
    "leave_out",
)
"""The eight inputs of the analysis, in the order of a draw's columns."""


@dataclass(frozen=True)
class Uncertainty:
    """Ranks under random choices.

    Attributes
    ----------
    table : DataFrame
        One row per unit, best nominal rank first: ``unit``, ``nominal``, ``median``, ``low`` and ``high`` (5th and
        95th percentile of its rank), ``first_share`` (share of draws in which it is first).
    ranks : array (units × draws)
        In the order of the index's units.
    draws : array (draws × inputs)
        The option taken for each of :data:`INPUTS`.
    seed : int
        To be printed beside the result.
    """

    table: pd.DataFrame
    ranks: Array
    draws: npt.NDArray[np.int64]
    seed: int


class Simulator:
    """Evaluates an index under many sets of choices at once, in numpy.

    What choices have in common is computed once: the treated tables per imputation × outlier rule, the normalised ones
    per normalisation, the statistical weights per table. Draws that share a table and an aggregation are one matrix
    product, with the draws' weights as its columns.
    """

    def __init__(self, index: Index, alternatives: Alternatives | None = None, *, seed: int = 2026) -> None:
        if not index.may_rank:
            raise BenchmarkError(too_few_units(len(index.units), index.used.minimum_units))
        self.index = index
        self.tree = index.tree
        self.units = index.units
        self.alternatives = alternatives or Alternatives()
        self.seed = seed
        given = index._groups  # noqa: SLF001 - the simulator is the index's own other half
        if given is not None:
            given = given.set_axis(given.index.astype(str)).reindex(list(index.units))
        self._groups = None if given is None else list(given)
        self._selected = index.stages["selected"][list(self.tree.leaves)].to_numpy()
        groups = self.tree.groups if self.alternatives.leave_out and len(self.tree.groups) > 1 else ()
        self.left_out: tuple[str, ...] = ("", *groups)
        self._noise = self._draw_noise()
        self._cache: dict[tuple[str, ...], Any] = {}

    @property
    def options(self) -> dict[str, tuple[Any, ...]]:
        """Return the options of each input, in the order of :data:`INPUTS`."""
        choices = self.alternatives
        return {
            "imputation": choices.imputation,
            "outliers": choices.outliers,
            "normalisation": choices.normalisation,
            "weights": choices.weights,
            "aggregation": choices.aggregation,
            "indicator_noise": tuple(range(choices.replicates)) if choices.indicator_noise else (0,),
            "group_noise": tuple(range(choices.replicates)) if choices.group_noise else (0,),
            "leave_out": self.left_out,
        }

    def draw(self, count: int) -> npt.NDArray[np.int64]:
        """Return random draws (count × inputs), each input on its own, all options alike."""
        random = np.random.default_rng(self.seed)
        sizes = [len(options) for options in self.options.values()]
        return np.column_stack([random.integers(0, size, count) for size in sizes])

    def weights(self, draws: npt.NDArray[np.int64], scheme_weights: Array) -> Array:
        """Return the weight of every element (elements × draws) before siblings are brought to one."""
        at = dict(zip(INPUTS, draws.T, strict=True))
        leaves = [self.tree.position[leaf] for leaf in self.tree.leaves]
        weights = scheme_weights[:, at["weights"]] * self._noise[1][:, at["group_noise"]]
        weights[leaves] = (
            scheme_weights[leaves][:, at["weights"]] * self._noise[0][:, at["indicator_noise"]][leaves]
        )
        for option, code in enumerate(self.left_out):
            if code:
                weights[self.tree.position[code], at["leave_out"] == option] = 0.0
        return weights

    def scores(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return the score of every unit in every draw (units × draws)."""
        # Many small products: on a machine with other work, several threads per product wait for each other and
        # take four times as long as one.
        with ThreadpoolController().limit(limits=1, user_api="blas"):
            return self._scores(draws)

    def _scores(self, draws: npt.NDArray[np.int64]) -> Array:
        at = dict(zip(INPUTS, draws.T, strict=True))
        options = self.options
        whole = np.array([method in WHOLE_PROFILE for method in options["aggregation"]])
        # Copeland and Mazziotta–Pareto do not depend on the normalisation: one table serves all their draws.
        normalisation = np.where(whole[at["aggregation"]], 0, at["normalisation"])
        keys = np.stack([at["imputation"], at["outliers"], normalisation, at["aggregation"]])
        shape = [len(options[name]) for name in ("imputation", "outliers", "normalisation", "aggregation")]
        flat = np.ravel_multi_index(tuple(keys), tuple(shape))
        result = np.empty((len(self.units), len(draws)))
        for key in np.unique(flat):
            chosen = np.flatnonzero(flat == key)
            first = draws[chosen[0]]
            names = {name: options[name][first[column]] for column, name in enumerate(INPUTS)}
            method: Aggregation = names["aggregation"]
            values = self._normalised(names["imputation"], names["outliers"], names["normalisation"], method)
            weights = self.weights(
                draws[chosen], self._scheme_weights(names["imputation"], names["outliers"])
            )
            used = replace(self.index.used, aggregation=method)
            result[:, chosen] = _aggregate_tree(values, self.tree, weights, used, only_root=True)[
                self.tree.root
            ]
        return result

    def ranks(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return the rank of every unit in every draw (units × draws)."""
        return rank_units(self.scores(draws))

    def mean_rank_shift(self, draws: npt.NDArray[np.int64]) -> Array:
        """Return for each draw the mean absolute difference of the ranks from the nominal ones."""
        nominal = self.index.ranks.to_numpy()[:, None]
        return np.asarray(np.mean(np.abs(self.ranks(draws) - nominal), axis=0))

    def _draw_noise(self) -> tuple[Array, Array]:
        random = np.random.default_rng([self.seed, 1])
        shape = (len(self.tree.table), self.alternatives.replicates)
        return (
            1 + self.alternatives.indicator_noise * random.uniform(-1, 1, shape),
            1 + self.alternatives.group_noise * random.uniform(-1, 1, shape),
        )

    def _treated(self, imputation: Imputation, outliers: Outliers) -> Array:
        key = ("treated", imputation, outliers)
        if key not in self._cache:
            used = self.index.used
            table = impute(self._selected, imputation, self._groups)
            if outliers == "jrc":
                table = treat_outliers(
                    table,
                    winmax=used.winmax,
                    skewness_limit=used.skewness_limit,
                    kurtosis_limit=used.kurtosis_limit,
                ).values
            self._cache[key] = table
        return np.asarray(self._cache[key])

    def _normalised(
        self, imputation: Imputation, outliers: Outliers, normalisation: Normalisation, method: Aggregation
    ) -> Array:
        positive = method in POSITIVE_ONLY
        key = (
            "normalised",
            imputation,
            outliers,
            normalisation,
            method if method in WHOLE_PROFILE else str(positive),
        )
        if key not in self._cache:
            used = replace(self.index.used, normalisation=normalisation, aggregation=method)
            table = _normalised(self._treated(imputation, outliers), self.units, self.tree, used)
            self._cache[key] = make_positive(table, normalisation) if positive else table
        return np.asarray(self._cache[key])

    def _scheme_weights(self, imputation: Imputation, outliers: Outliers) -> Array:
        key = ("weights", imputation, outliers)
        if key not in self._cache:
            scaled = normalise(
                self._treated(imputation, outliers), "minmax", direction=self.tree.directions, upper=1.0
            )
            self._cache[key] = np.column_stack(
                [_raw_weights(self.tree, scheme, scaled) for scheme in self.alternatives.weights]
            )
        return np.asarray(self._cache[key])


def run_uncertainty(
    index: Index, alternatives: Alternatives | None = None, *, draws: int = 1000, seed: int = 2026
) -> Uncertainty:
    """Return the spread of every unit's rank when all choices are drawn at random (Saisana, Saltelli & Tarantola 2005).

    Raises ``BenchmarkError`` below the minimum of units.
    """
    simulator = Simulator(index, alternatives, seed=seed)
    drawn = simulator.draw(draws)
    ranks = simulator.ranks(drawn)
    low, median, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=1)
    table = pd.DataFrame(
        {
            "unit": index.units,
            "nominal": index.ranks.to_numpy(),
            "median": median,
            "low": low,
            "high": high,
            "first_share": (ranks == 1).mean(axis=1),
        }
    ).sort_values(["nominal", "unit"], ignore_index=True)
    return Uncertainty(table, ranks, drawn, seed)


def run_sensitivity(
    index: Index, alternatives: Alternatives | None = None, *, samples: int = 1024, seed: int = 2026
) -> pd.DataFrame:
    """Return how much of the spread of the mean rank shift each choice accounts for (Sobol indices).

    See :func:`sobol_indices` for the columns. Inputs with a single option account for nothing and are left in, so that
    the reader sees they were held fixed.
    """
    simulator = Simulator(index, alternatives, seed=seed)
    sizes = np.array([len(options) for options in simulator.options.values()])

    def shift(points: Array) -> Array:
        draws = np.minimum((points * sizes).astype(np.int64), sizes - 1)
        return simulator.mean_rank_shift(draws)

    return sobol_indices(shift, INPUTS, samples=samples, seed=seed)


def sobol_indices(
    function: Callable[[Array], Array],
    names: Sequence[str],
    *,
    bounds: Sequence[tuple[float, float]] | None = None,
    samples: int = 1024,
    seed: int = 2026,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return first and total order Sobol indices of a function, with bootstrap intervals.

    Saltelli design with N(d + 2) runs; first order by Saltelli et al. 2010, total order by Jansen 1999 (SALib). Small
    negative values are noise and are **not** clipped: the interval shows it.

    Parameters
    ----------
    function : callable
        Takes points (runs × inputs) and returns one value per run.
    names : sequence of str
        One per input.
    bounds : sequence of pairs, optional
        0 to 1 where not given.
    samples : int
        N; a power of two keeps the design balanced.

    Returns
    -------
    DataFrame
        ``input``, ``first_order``, ``first_low``, ``first_high``, ``total_order``, ``total_low``, ``total_high``;
        largest total order first.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [list(pair) for pair in bounds or [(0.0, 1.0)] * len(names)],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of an N that is no power of two: said above
        points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    values = np.asarray(function(points), dtype=float)
    if np.ptp(values) == 0:
        columns = dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), np.zeros(len(names)))
    else:
        columns = analysis.analyze(problem, values, calc_second_order=False, conf_level=confidence, seed=seed)
    table = pd.DataFrame({"input": list(names)})
    for order, name in (("S1", "first"), ("ST", "total")):
        table[f"{name}_order"] = columns[order]
        table[f"{name}_low"] = columns[order] - columns[f"{order}_conf"]
        table[f"{name}_high"] = columns[order] + columns[f"{order}_conf"]
    return table.sort_values(["total_order", "input"], ascending=[False, True], ignore_index=True)


def too_few_units(count: int, minimum: int = MINIMUM_UNITS) -> str:
    """Return in the reader's words why no ranks are given."""
    return (
        f"{count} regions are too few to rank: a place more or less would be chance. "
        f"Profiles are shown instead; ranks and statistical weights need at least {minimum} regions "
        "(give a benchmark set of all NUTS 2 regions)."
    )


# --------------------------------------------------------------------------------------------------------------------
# Joining indicators to regions: area code and version
# --------------------------------------------------------------------------------------------------------------------


def join_areas(indicators: pd.DataFrame, areas: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indicator rows of each region's areas, and every mismatch.

    Parameters
    ----------
    indicators : DataFrame
        Tidy: ``ref_area``, ``nuts_version``, ``indicator``, ``time_period``, ``obs_value`` …
    areas : DataFrame
        ``region``, ``ref_area``, ``nuts_version``, ``order`` (0 = the region itself or nearest to it) and ``note``.

    Returns
    -------
    joined : DataFrame
        Indicator rows with ``region``, ``order`` and ``note`` in front. An area joins on code **and** version; a
        country (two letters) has no version.
    mismatches : DataFrame
        ``region``, ``ref_area``, ``nuts_version``, ``reason``, ``rows``: areas without a row, and rows that have the
        code in another version. Nothing is dropped in silence.
    """
    wanted = areas.assign(in_version=_version(areas))
    have = indicators.assign(in_version=_version(indicators))
    joined = wanted[["region", "order", "note", "ref_area", "in_version"]].merge(
        have, on=["ref_area", "in_version"]
    )
    known = set(zip(have["ref_area"], have["in_version"], strict=True))
    rows: list[dict[str, Any]] = []
    records: list[Any] = list(wanted.itertuples())
    for area in records:
        if (area.ref_area, area.in_version) not in known:
            rows.append(
                {
                    "region": area.region,
                    "ref_area": area.ref_area,
                    "nuts_version": area.in_version,
                    "reason": "no indicator has this code in this version",
                    "rows": 0,
                }
            )
    stated = set(zip(wanted["region"], wanted["ref_area"], wanted["in_version"], strict=True))
    other = wanted[["region", "ref_area"]].drop_duplicates().merge(have, on="ref_area")
    for (region, code, version), part in other.groupby(["region", "ref_area", "in_version"], sort=True):
        if (region, code, version) not in stated:
            rows.append(
                {
                    "region": region,
                    "ref_area": code,
                    "nuts_version": version,
                    "reason": "same code in a version the region does not state: not joined",
                    "rows": len(part),
                }
            )
    mismatches = pd.DataFrame(rows, columns=["region", "ref_area", "nuts_version", "reason", "rows"])
    mismatches = mismatches.sort_values(["region", "ref_area", "nuts_version"], ignore_index=True)
    return joined.drop(columns="in_version"), mismatches


def latest_values(
    joined: pd.DataFrame, indicators: Iterable[str] | None = None, *, year: int | None = None
) -> pd.DataFrame:
    """Return one value per region and indicator: the nearest area's, and of it the latest period not after ``year``.

    Columns ``region``, ``indicator``, ``indicator_name``, ``unit``, ``value``, ``year``, ``ref_area``,
    ``nuts_version``, ``order``, ``source_title``, ``source_url``; sorted by indicator and region.
    """
    rows = joined if indicators is None else joined[joined["indicator"].isin(list(indicators))]
    rows = rows.dropna(subset=["obs_value"]).assign(
        year=rows["time_period"].astype(str).str.slice(0, 4).astype(int),
        period=rows["time_period"].astype(str),
    )
    if year is not None:
        rows = rows[rows["year"] <= year]
    rows = rows.sort_values(
        ["indicator", "region", "order", "year", "period"], ascending=[True, True, True, False, False]
    )
    columns = [
        "region",
        "indicator",
        "indicator_name",
        "unit",
        "obs_value",
        "year",
        "ref_area",
        "nuts_version",
    ]
    columns += ["order", "source_title", "source_url"]
    nearest = rows.drop_duplicates(["region", "indicator"])[columns].rename(columns={"obs_value": "value"})
    return nearest.sort_values(["indicator", "region"], ignore_index=True)


# --------------------------------------------------------------------------------------------------------------------
# Inside
# --------------------------------------------------------------------------------------------------------------------


class _Log:
    """Collects what was done, row by row."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        stage: str,
        indicator: str = "",
        unit: str = "",
        action: str = "",
        before: float = np.nan,
        after: float = np.nan,
        message: str = "",
    ) -> None:
        self.rows.append(
            {
                "stage": stage,
                "indicator": indicator,
                "unit": unit,
                "action": action,
                "before": before,
                "after": after,
                "message": message,
            }
        )

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(
            self.rows, columns=["stage", "indicator", "unit", "action", "before", "after", "message"]
        ).astype({"before": float, "after": float})


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep numpy and its nan functions quiet: missing in, missing out is meant here."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _unknown(what: str, given: object, allowed: Sequence[str]) -> str:
    nearest = nearest_of(str(given), list(allowed))
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    return f"unknown {what} '{given}'.{hint} Known: {', '.join(allowed)}"


def _per_column(given: npt.ArrayLike, columns: int, what: str) -> Array:
    """Return one number per column, from one number or as many as there are columns."""
    numbers = np.asarray(given, dtype=float)
    if numbers.ndim > 1 or numbers.size not in (1, columns):
        raise BenchmarkError(f"one {what}, or one for each of the {columns} columns; given: {numbers.size}")
    return np.broadcast_to(numbers, (columns,))


def _needed(value: Any, method: str, what: str) -> Any:
    if value is None:
        raise BenchmarkError(f"normalisation '{method}' needs {what}")
    return value


def _centred(values: npt.ArrayLike) -> tuple[Array, Array]:
    table = np.asarray(values, dtype=float)
    count = np.sum(~np.isnan(table), axis=0).astype(float)
    with _quiet():
        return table - np.nanmean(table, axis=0), count


def _winsorise(values: Array, winmax: int, limits: Mapping[str, float]) -> tuple[Array, dict[int, str]]:
    x = values.copy()
    points: dict[int, str] = {}
    while len(points) < winmax:
        known = x[~np.isnan(x)]
        skewed = _skewness_if_distorted(known, **limits)
        if skewed == 0:
            break
        extreme = known.max() if skewed > 0 else known.min()
        at = np.flatnonzero(x == extreme)
        x[at] = known[known < extreme].max() if skewed > 0 else known[known > extreme].min()
        points.update(dict.fromkeys(at.tolist(), "winsorised-high" if skewed > 0 else "winsorised-low"))
    return x, points


def _skewness_if_distorted(x: Array, *, skewness_limit: float, kurtosis_limit: float) -> float:
    """Return the skewness of a column the JRC rule calls distorted, else 0; as :func:`is_outlying`, for one column."""
    count = len(x)
    centred = x - x.mean()
    square = float((centred**2).sum())
    if count < 4 or square == 0:
        return 0.0
    skewed = count * np.sqrt(count - 1) / (count - 2) * float((centred**3).sum()) / square**1.5
    excess = count * float((centred**4).sum()) / square**2 - 3
    peaked = ((count + 1) * excess + 6) * (count - 1) / ((count - 2) * (count - 3))
    return float(skewed) if abs(skewed) > skewness_limit and peaked > kurtosis_limit else 0.0


def _log_shifted(values: Array) -> Array:
    low, high = np.nanmin(values), np.nanmax(values)
    shift = (high - low) / 100
    if skewness(values[:, None])[0] >= 0:
        return np.asarray(np.log(values - low + shift))
    return np.asarray(-np.log(high - values + shift))


def _correlations(values: Array) -> Array:
    """Return Pearson correlations of the columns over the rows both know; missing where a column does not vary."""
    known = (~np.isnan(values)).astype(float)
    with _quiet():
        x = np.where(known > 0, values - np.nanmean(values, axis=0), 0.0)
        count = known.T @ known
        total = x.T @ known
        square = (x**2).T @ known - total**2 / count
        product = x.T @ x - total * total.T / count
        spread = np.sqrt(np.clip(square * square.T, 0, None))
        return np.asarray(np.where(spread > 0, product / spread, np.nan))


def _shares(values: Array) -> Array:
    positive = np.nan_to_num(np.asarray(values, dtype=float))
    total = positive.sum()
    return positive / total if total > 0 else np.full(len(positive), 1 / len(positive))


def _varimax(loadings: Array, *, iterations: int = 100, tolerance: float = 1e-8) -> Array:
    """Return loadings rotated by varimax (Kaiser 1958)."""
    rows, count = loadings.shape
    rotation = np.eye(count)
    previous = 0.0
    for _ in range(iterations if count > 1 else 0):
        rotated = loadings @ rotation
        left, singular, right = np.linalg.svd(
            loadings.T @ (rotated**3 - rotated * (rotated**2).sum(axis=0) / rows)
        )
        rotation = left @ right
        if singular.sum() < previous * (1 + tolerance):
            break
        previous = float(singular.sum())
    return np.asarray(loadings @ rotation)


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


def _aggregate_tree(
    values: Array, tree: Tree, weights: Array, used: Choices, *, only_root: bool = False
) -> dict[str, Array]:
    """Return the score of every node (units × draws); ``weights`` are elements × draws, in the order of the table."""
    column = {leaf: at for at, leaf in enumerate(tree.leaves)}
    if used.aggregation in WHOLE_PROFILE:
        wanted = [tree.root] if only_root else list(tree.nodes)
        return {
            node: aggregate(
                values[:, [column[leaf] for leaf in tree.below(node)]],
                used.aggregation,
                weights=_effective(tree, node, weights),
                bad=used.bad,
            )
            for node in wanted
        }
    transform, back = _mean_of(used.aggregation, used.power)
    _refuse_what_is_not_positive(values, used.aggregation, used.power)
    with _quiet():
        base = transform(values)
        missing = np.isnan(base)
        gaps = bool(missing.any())
        filled = np.where(missing, 0.0, base)
        known = (~missing).astype(float)
        inner: dict[str, Array] = {}
        for node in tree.nodes:
            leaves = [child for child in tree.children[node] if child in column]
            at = [column[leaf] for leaf in leaves]
            own = weights[[tree.position[leaf] for leaf in leaves]]
            total: Any = filled[:, at] @ own
            share: Any = known[:, at] @ own if gaps else own.sum(axis=0)
            for child in tree.children[node]:
                if child in inner:
                    weight = weights[tree.position[child]]
                    there = ~np.isnan(inner[child])
                    total = total + np.where(there, inner[child], 0.0) * weight
                    share = share + there * weight
            inner[node] = total / _some(share)
        return {node: back(inner[node]) for node in ([tree.root] if only_root else tree.nodes)}


def _effective(tree: Tree, node: str, weights: Array) -> Array:
    """Return the weight of each indicator below a node within it (indicators × draws)."""
    parts = []
    total = weights[[tree.position[child] for child in tree.children[node]]].sum(axis=0)
    for child in tree.children[node]:
        share = weights[[tree.position[child]]] / np.where(total > 0, total, 1.0)
        parts.append(share * _effective(tree, child, weights) if child in tree.children else share)
    return np.concatenate(parts)


def _raw_weights(tree: Tree, scheme: Weighting, scaled: Array) -> Array:
    """Return a weight per element; statistical schemes weigh the indicators of each group among themselves."""
    weights = tree.table["weight"].to_numpy(dtype=float).copy()
    if scheme == "given":
        return weights
    if scheme == "equal":
        return np.ones_like(weights)
    column = {leaf: at for at, leaf in enumerate(tree.leaves)}
    for node in tree.nodes:
        leaves = [child for child in tree.children[node] if child in column]
        if leaves:
            values = scaled[:, [column[leaf] for leaf in leaves]]
            of_leaves = weights[[tree.position[leaf] for leaf in leaves]].sum()
            weights[[tree.position[leaf] for leaf in leaves]] = (
                statistical_weights(scheme, values) * of_leaves
            )
    return weights


def _normalised(treated: Array, units: Sequence[str], tree: Tree, used: Choices) -> Array:
    if used.aggregation == "mazziotta-pareto":
        return normalise(treated, "zscore-population", direction=tree.directions, mean=100, spread=10)
    options: dict[str, Any] = {"direction": tree.directions, "lower": used.bottom, "upper": used.upper}
    if used.normalisation == "distance-to-reference":
        if used.reference not in units:
            raise BenchmarkError(_unknown("reference unit", used.reference, units))
        options.update(reference=list(units).index(used.reference), cap=used.cap)
    needed = {"distance-to-target": ["target"], "goalposts": ["low", "high"]}.get(used.normalisation, [])
    if needed:
        table = tree.table.loc[list(tree.leaves), needed]
        lacking = [
            f"'{code}' has no {column}" for column in needed for code in table.index[table[column].isna()]
        ]
        if lacking:
            raise BenchmarkError(f"normalisation '{used.normalisation}': " + "; ".join(lacking))
        values = [table[column].to_numpy(dtype=float) for column in needed]
        options.update(
            {"target": values[0], "cap": used.cap} if len(values) == 1 else {"goalposts": tuple(values)}
        )
    return normalise(treated, used.normalisation, **options)


def _checked_data(data: pd.DataFrame, tree: Tree, denominators: pd.DataFrame | None) -> pd.DataFrame:
    """Return the indicators' columns as numbers under the units' names, or raise with everything that is wrong."""
    table = data.set_axis([str(unit) for unit in data.index]).set_axis([str(c) for c in data.columns], axis=1)
    faults = [f"indicator '{leaf}' has no column" for leaf in tree.leaves if leaf not in table.columns]
    faults += [f"unit '{unit}' is listed twice" for unit in table.index[table.index.duplicated()].unique()]
    faults += [f"column '{c}' is there twice" for c in table.columns[table.columns.duplicated()].unique()]
    wanted = {str(name) for name in tree.table.loc[list(tree.leaves), "denominator"] if name}
    there = set() if denominators is None else {str(column) for column in denominators.columns}
    faults += [f"denominator '{name}' has no column" for name in sorted(wanted - there)]
    if faults:
        raise BenchmarkError("data: " + "; ".join(faults))
    table = table[list(tree.leaves)].rename_axis("unit")
    numbers = table.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = (numbers.isna() & table.notna()) | numbers.isin([np.inf, -np.inf])
    for code in table.columns[wrong.any()]:
        unit = table.index[wrong[code]][0]
        held: Any = table.at[unit, code]
        faults.append(f"'{code}' of '{unit}' holds '{held}'; a number, or empty where unknown")
    if faults:
        raise BenchmarkError("data: " + "; ".join(faults))
    return numbers


def _divide(given: pd.DataFrame, tree: Tree, denominators: pd.DataFrame | None, log: _Log) -> pd.DataFrame:
    result = given.copy()
    names = tree.table.loc[list(tree.leaves), "denominator"]
    for leaf, name in names[names != ""].items():
        assert denominators is not None  # noqa: S101 - checked with the data
        divisor = (
            denominators.set_axis(denominators.index.astype(str))[name].reindex(given.index).astype(float)
        )
        result[leaf] = given[leaf] / divisor.where(divisor != 0)
        log.add("denominated", str(leaf), action=f"divided by {name}")
        for unit in given.index[given[leaf].notna() & result[leaf].isna()]:
            log.add("denominated", str(leaf), str(unit), "missing", message=f"no {name} to divide by")
    return result


def _select(table: pd.DataFrame, tree: Tree, choices: Choices, log: _Log) -> tuple[pd.DataFrame, Tree]:
    known = table.notna().mean()
    poor = known.index[(known < choices.indicator_availability) | (known == 0)]
    for code in poor:
        log.add(
            "selected",
            str(code),
            action="indicator dropped",
            message=f"known for {known[code]:.0%} of the units",
        )
    if len(poor) == table.shape[1]:
        raise BenchmarkError("data: no indicator is known for enough units")
    kept = table.drop(columns=list(poor))
    share = kept.notna().mean(axis=1)
    out = share.index[(share < choices.unit_availability) | (share == 0)]
    for unit in out:
        log.add(
            "selected",
            unit=str(unit),
            action="unit dropped",
            message=f"{share[unit]:.0%} of its values are known",
        )
    if len(out) == len(kept):
        raise BenchmarkError("data: no unit has enough known values")
    return kept.drop(index=list(out)), tree.without([str(code) for code in poor]) if len(poor) else tree


def _guarded(asked: Choices, count: int, log: _Log) -> Choices:
    if count >= asked.minimum_units:
        return asked
    used = asked
    log.add("guard", action="ranks withheld", message=too_few_units(count, asked.minimum_units))
    if asked.outliers != "none":
        used = replace(used, outliers="none")
        log.add(
            "guard",
            action="outlier rule not applied",
            message=f"Outliers are left as they are: among {count} regions nobody can tell an outlier from a neighbour.",
        )
    if asked.weights in STATISTICAL_WEIGHTS:
        used = replace(used, weights="equal")
        log.add(
            "guard",
            action="equal weights",
            message=f"Equal weights are used instead of {asked.weights}: correlations among {count} regions are noise.",
        )
    return used


def _drop_constant(table: pd.DataFrame, tree: Tree, used: Choices, log: _Log) -> tuple[pd.DataFrame, Tree]:
    if used.normalisation in ("goalposts", "distance-to-target") and used.aggregation != "mazziotta-pareto":
        return table, tree
    same = [str(code) for code in table.columns if table[code].nunique() < 2]
    for code in same:
        log.add(
            "treated", code, action="indicator dropped", message="the same for every unit: it cannot compare"
        )
    if len(same) == table.shape[1]:
        raise BenchmarkError("data: every indicator is the same for all units")
    return (table.drop(columns=same), tree.without(same)) if same else (table, tree)


def _like(frame: pd.DataFrame, values: Array) -> pd.DataFrame:
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)


def _version(frame: pd.DataFrame) -> pd.Series:
    text = frame["nuts_version"].astype("string").str.replace(r"\.0$", "", regex=True).fillna("")
    return text.where(frame["ref_area"].astype(str).str.len() > 2, "")
