"""Options, criteria and weights that fit each other, and values on which options can be weighed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
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
    frame = _numbers(named)
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


def _numbers(named: pd.DataFrame) -> pd.DataFrame:
    """Return the cells as numbers, or say which one is no number or missing."""
    frame = named.apply(pd.to_numeric, errors="coerce").astype("float64")
    for c in frame.columns:
        words = named[c][frame[c].isna() & named[c].notna()]
        if len(words):
            raise ChoiceError(f"'{c}' of '{words.index[0]}' holds '{words.iloc[0]}', which is no number")
    holes = [f"{o} on {c}" for c in frame.columns for o in frame.index[frame[c].isna()]]
    if holes:
        shown = ", ".join(map(str, holes[:5])) + (f" and {len(holes) - 5} more" if len(holes) > 5 else "")
        raise ChoiceError(f"no value for {shown}; missing is not zero: leave the option or the criterion out")
    return frame


def _by_criterion(given: Mapping[str, Any] | Sequence[Any], criteria: pd.Index) -> dict[str, Any]:
    """Return criterion → what was given for it, by name or in the order of the columns."""
    if isinstance(given, (Mapping, pd.Series)):
        return {str(name): value for name, value in given.items()}
    if len(given) != len(criteria):
        raise ChoiceError(
            f"{len(criteria)} criteria need {len(criteria)} directions and weights, not {len(given)}"
        )
    return dict(zip(criteria, given, strict=True))


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
