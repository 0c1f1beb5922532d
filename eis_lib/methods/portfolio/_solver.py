"""A 0–1 programme set up row by row and solved by HiGHS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

Array = npt.NDArray[np.float64]
OPTIMAL, INFEASIBLE, UNPROVEN = "optimal", "infeasible", "not proven"
TIME_LIMIT = 60.0
"""Seconds after which HiGHS gives its best answer so far; it is then *not proven*, and said to be."""

_SLACK = 1e-7


class PortfolioError(ValueError):
    """Raised when a programme can not be set up: a cost or value is missing, or a name is not on the list."""


@dataclass
class _Rows:
    """Linear constraints low ≤ A·x ≤ high, collected one by one."""

    width: int
    entries: list[tuple[int, int, float]]
    low: list[float]
    high: list[float]

    def add(self, terms: Iterable[tuple[int, float]], low: float = -np.inf, high: float = np.inf) -> None:
        row = len(self.low)
        self.entries.extend((row, column, factor) for column, factor in terms)
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> sparse.csr_array:
        rows, columns, factors = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        return sparse.csr_array(
            (
                np.array(factors, dtype="float64"),
                (np.array(rows, dtype="int64"), np.array(columns, dtype="int64")),
            ),
            shape=(len(self.low), self.width),
        )

    def constraint(self) -> list[LinearConstraint]:
        return [LinearConstraint(self.matrix(), np.array(self.low), np.array(self.high))] if self.low else []


@dataclass(frozen=True)
class _Answer:
    x: Array
    status: str

    @property
    def is_empty(self) -> bool:
        """Return whether there is no solution at all."""
        return not self.x.size


def _minimise(objective: Array, rows: _Rows, low: Array, high: Array) -> _Answer:
    """Return the 0–1 vector that minimises the objective, and whether HiGHS proved it."""
    result = milp(
        objective,
        constraints=rows.constraint(),
        integrality=np.ones(rows.width),
        bounds=Bounds(low, high),
        options={"mip_rel_gap": 0.0, "time_limit": TIME_LIMIT},
    )
    if result.x is None:
        return _Answer(np.empty(0), INFEASIBLE if result.status == 2 else UNPROVEN)
    proven = result.status == 0 and (result.mip_gap is None or result.mip_gap <= _SLACK)
    return _Answer(np.round(result.x), OPTIMAL if proven else UNPROVEN)
