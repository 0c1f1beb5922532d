"""Missing values filled, outliers treated and values put on a common scale."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from eis_lib.pack.schema import nearest_of

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

Array = npt.NDArray[np.float64]
POSITIVE_ONLY = ("geometric", "harmonic")


class BenchmarkError(ValueError):
    """Raised when an index cannot be built as asked; the message lists every reason at once."""


# One stage at a time, on arrays: one row per unit, one column per indicator


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
    signs = _signs(direction, table.shape[1])
    with _quiet():
        if method in ("distance-to-max", "distance-to-target", "distance-to-reference", "goalposts"):
            result = _against_mark(table, signs, method, target, goalposts, reference, cap)
        else:
            result = _among_units(table * signs, method, (lower, upper), (mean, spread))
    return np.asarray(np.where(np.isfinite(result), result, np.nan).reshape(given.shape), dtype=float)


def _signs(direction: npt.ArrayLike, columns: int) -> Array:
    """Return the direction of each column, or say that one is neither 1 nor -1."""
    signs = _per_column(direction, columns, "direction")
    if not np.isin(signs, (1, -1)).all():
        raise BenchmarkError(f"directions are 1 or -1, not {min(set(signs.tolist()) - {1, -1}):g}")
    return signs


def _among_units(x: Array, method: str, ends: tuple[float, float], moments: tuple[float, float]) -> Array:
    """Return values on a scale that the other units set, or say that the method is not known."""
    (lower, upper), (mean, spread) = ends, moments
    low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
    if method == "minmax":
        return lower + (x - low) / (high - low) * (upper - lower)
    if method in ("zscore", "zscore-population"):
        deviation = np.nanstd(x, axis=0, ddof=1 if method == "zscore" else 0)
        return mean + spread * (x - np.nanmean(x, axis=0)) / np.where(high > low, deviation, np.nan)
    if method in ("rank", "borda", "percentile-rank"):
        return _ranked(x, method)
    raise BenchmarkError(_unknown("normalisation", method, get_args(Normalisation)))


def _against_mark(
    table: Array,
    signs: Array,
    method: str,
    target: npt.ArrayLike | None,
    goalposts: tuple[npt.ArrayLike, npt.ArrayLike] | None,
    reference: int | None,
    cap: bool,
) -> Array:
    """Return values as a share of the way to a mark: the best unit, a target, a reference unit or goalposts."""
    x = table * signs
    low = np.nanmin(x, axis=0)
    if method == "distance-to-max":
        return np.where(signs > 0, table / np.nanmax(table, axis=0), np.nanmin(table, axis=0) / table)
    if method == "goalposts":
        return _between_goalposts(table, signs, goalposts)
    goal = _goal(x, signs, target) if method == "distance-to-target" else _reference_row(x, reference)
    way = 1 - (goal - x) / (goal - low)
    return np.minimum(way, 1) if cap else way


def _ranked(x: Array, method: str) -> Array:
    result = stats.rankdata(np.round(x, 12), method="min", axis=0, nan_policy="omit")
    if method != "rank":
        result = result - 1
    if method == "percentile-rank":
        result = result / (np.sum(~np.isnan(x), axis=0) - 1)
    return result


def _goal(x: Array, signs: Array, target: npt.ArrayLike | None) -> Array:
    """Return the target of each column, turned so that more is better."""
    given = _needed(target, "distance-to-target", "a target per indicator")
    return _per_column(given, x.shape[1], "target") * signs


def _reference_row(x: Array, reference: int | None) -> Array:
    row = int(_needed(reference, "distance-to-reference", "a reference unit"))
    if not 0 <= row < len(x):
        raise BenchmarkError(f"the reference unit is row {row}; there are rows 0 to {len(x) - 1}")
    return x[row]


def _between_goalposts(
    table: Array, signs: Array, goalposts: tuple[npt.ArrayLike, npt.ArrayLike] | None
) -> Array:
    """Return the share of the way from the low to the high goalpost, or what is left of it where less is better."""
    posts = _needed(goalposts, "goalposts", "a lower and an upper goalpost per indicator")
    bottom, top = (_per_column(post, table.shape[1], "goalpost") for post in posts)
    if not (bottom < top).all():
        at = int(np.argmax(~(bottom < top)))
        raise BenchmarkError(
            f"a low goalpost lies below its high one; of column {at} they are {bottom[at]:g} and {top[at]:g}"
        )
    share = np.clip((table - bottom) / (top - bottom), 0, 1)
    return np.where(signs > 0, share, 1 - share)


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
