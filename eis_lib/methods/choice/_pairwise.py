"""Weights from pairwise comparisons (AHP), with how consistent the comparisons are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from eis_lib.methods.choice._decision import ChoiceError
from eis_lib.methods.choice._methods import ROUNDED

RANDOM_INDEX: Mapping[int, float] = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""Mean consistency index of random matrices by size (Saaty 1980)."""

ACCEPTED_RATIO = 0.10
"""Consistency ratio up to which pairwise judgements are customarily accepted (Saaty 1980)."""


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
