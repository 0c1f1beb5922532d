"""The cheapest services that still serve every needed cell."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eis_lib.methods.portfolio._solver import _SLACK, OPTIMAL, Array, PortfolioError, _minimise, _Rows


@dataclass(frozen=True)
class Cover:
    """Services to keep so that every needed cell keeps what it needs.

    Attributes
    ----------
    kept, removed : tuple of str
        Services, sorted.
    cost : float
        Σ c over what is kept.
    required : Series
        Services each cell must keep: what was asked, or all it has where it has fewer.
    status : str
        ``optimal`` (proven by HiGHS), ``infeasible`` or ``not proven``.
    capacity_cells : tuple of str
        Cells whose demand in firms held as a constraint; of the others capacity or demand is not known.
    short_cells : tuple of str
        Of those, the ones whose services have too little room even all together; they keep all of them.
    """

    kept: tuple[str, ...]
    removed: tuple[str, ...]
    cost: float
    required: pd.Series
    status: str
    capacity_cells: tuple[str, ...] = ()
    short_cells: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Return whether no cheaper cover exists."""
        return self.status == OPTIMAL


def solve_cover(
    serves: pd.DataFrame,
    *,
    redundancy: int | pd.Series | Mapping[str, int] = 1,
    cost: pd.Series | Mapping[str, float] | None = None,
    protected: Collection[str] = (),
    requires: Iterable[tuple[str, str]] = (),
    capacity: pd.Series | Mapping[str, float] | None = None,
    demand: pd.Series | Mapping[str, float] | None = None,
    worth: pd.Series | Mapping[str, float] | None = None,
) -> Cover:
    """Return the cheapest set of services that still serves every needed cell: min Σ c·x, Σ a·x ≥ r, x ∈ {0, 1}.

    A cell that has fewer services than asked keeps all it has; a cell that has none is a gap and no matter of this
    programme. Among covers of equal cost the one of most worth is taken, then the one whose ids come first.

    Parameters
    ----------
    serves
        Cells × services, true (or 1) where the service is open to the cell and answers its need. Names of services become text.
    redundancy
        Services each cell must keep (r), one number or by cell; more than one where resilience is wanted.
    cost, worth
        By service (a mapping or series). Cost: never missing; left out, one each, so that the fewest are kept. Worth breaks ties.
    protected
        Services that stay whatever happens.
    requires
        (service, other): the first is of no use without the second.
    capacity, demand
        Firms a service can take in a year, and firms of a cell that must be served: Σ capacity·a·x ≥ demand where the demand
        and every capacity are known, never a guess. With too little room in all, a cell keeps all and is in ``short_cells``.

    Raises
    ------
    PortfolioError
        If a cell, cost or redundancy is missing or negative, something is there twice, or a name is not among the services.

    Examples
    --------
    >>> serves = pd.DataFrame({"chamber": [1, 1, 0], "agency": [0, 1, 1], "bank": [0, 1, 0]}, index=["a", "b", "c"])
    >>> solve_cover(serves).kept
    ('agency', 'chamber')
    """
    matrix = _cells(serves)
    names = list(matrix.columns)
    links = _links(names, protected, requires)
    price = _price(names, cost)
    required = _required(matrix, redundancy)
    if not names:
        return Cover((), (), 0.0, required, OPTIMAL, ())
    rows = _cover_rows(matrix, required, links)
    held, short = _hold_room(rows, matrix, capacity, demand)
    low = np.array([1.0 if s in set(protected) else 0.0 for s in names])
    status, x = _cheapest(np.array(price, dtype="float64"), _ties(names, worth), rows, low)
    if x is None:
        return Cover((), (), math.nan, required, status, tuple(held), tuple(short))
    kept = tuple(s for s, taken in zip(names, x.tolist(), strict=True) if taken > 0.5)
    removed = tuple(s for s in names if s not in set(kept))
    return Cover(kept, removed, float(price[list(kept)].sum()), required, status, tuple(held), tuple(short))


def _links(
    names: Collection[str], protected: Collection[str], requires: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return which service requires which, or say what is not among the services."""
    links = [(one, two) for one, two in requires if one in names]
    wrong = sorted((set(protected) | {two for _, two in links}) - set(names))
    if wrong:
        raise PortfolioError(f"{', '.join(wrong)} is not among the services")
    return links


def _price(names: list[str], cost: pd.Series | Mapping[str, float] | None) -> pd.Series:
    """Return the cost of each service, 1 where none is given, or say that one is missing or negative."""
    price = pd.Series(1.0, index=names) if cost is None else _named(cost).reindex(names)
    if price.isna().any() or (price < 0).any():
        raise PortfolioError("every service needs a cost of at least 0; missing is not zero")
    return price


def _ties(names: list[str], worth: pd.Series | Mapping[str, float] | None) -> tuple[Array, Array]:
    """Return what decides between covers of equal cost: most worth, then the ids that come first."""
    merit = _named({} if worth is None else worth).reindex(names).fillna(0.0).to_numpy("float64")
    return -merit, np.arange(len(names), dtype="float64")


def _required(matrix: pd.DataFrame, redundancy: int | pd.Series | Mapping[str, int]) -> pd.Series:
    """Return how many services each cell must keep: what is asked, or all it has."""
    have = pd.Series(matrix.to_numpy().sum(axis=1), index=matrix.index, dtype="int64")
    asked = (
        pd.Series(float(redundancy), index=matrix.index)
        if isinstance(redundancy, (int, np.integer))
        else pd.Series(redundancy, dtype="float64").reindex(matrix.index)
    )
    if asked.isna().any() or (asked < 0).any():
        raise PortfolioError("every cell needs a redundancy of at least 0")
    return have.clip(upper=asked.astype("int64"))


def _cover_rows(matrix: pd.DataFrame, required: pd.Series, links: Iterable[tuple[str, str]]) -> _Rows:
    """Return the constraints: every cell keeps what it must, no service goes without one it requires."""
    number = {s: i for i, s in enumerate(matrix.columns)}
    a = matrix.to_numpy()
    rows = _Rows(len(number), [], [], [])
    seen = set()
    for cell, need in enumerate(required):
        terms = tuple(np.flatnonzero(a[cell]).tolist())
        if need > 0 and (terms, int(need)) not in seen:  # cells with the same services ask the same
            seen.add((terms, int(need)))
            rows.add(((i, 1.0) for i in terms), low=float(need))
    for one, two in links:
        rows.add([(number[one], 1.0), (number[two], -1.0)], high=0)
    return rows


def _hold_room(
    rows: _Rows,
    matrix: pd.DataFrame,
    capacity: pd.Series | Mapping[str, float] | None,
    demand: pd.Series | Mapping[str, float] | None,
) -> tuple[list[str], list[str]]:
    """Add the constraints of capacity; return the cells they hold for, and those with too little room in all."""
    held: list[str] = []
    short: list[str] = []
    if capacity is None or demand is None:
        return held, short
    a = matrix.to_numpy()
    room = _named(capacity).reindex(matrix.columns).to_numpy("float64")
    wanted = pd.Series(demand, dtype="float64").reindex(matrix.index)
    for cell, (label, firms) in enumerate(wanted.items()):
        inside = np.flatnonzero(a[cell])
        if len(inside) and not math.isnan(firms) and firms > 0 and not np.isnan(room[inside]).any():
            whole = float(room[inside].sum())
            rows.add(((int(i), float(room[i])) for i in inside), low=min(float(firms), whole))
            held.append(str(label))
            short += [str(label)] if whole < firms else []
    return held, short


def _cheapest(goal: Array, ties: Iterable[Array], rows: _Rows, low: Array) -> tuple[str, Array | None]:
    """Return the status and the choice of least goal, each tie broken by the next goal; None where there is none."""
    high = np.ones(len(low))
    best = _minimise(goal, rows, low, high)
    status = best.status
    if best.is_empty:
        return status, None
    for tie in ties:
        reached = float(goal @ best.x)
        rows.add(enumerate(goal.tolist()), high=reached + _SLACK * max(1.0, abs(reached)))
        again = _minimise(tie, rows, low, high)
        if again.is_empty:
            break
        best, goal = again, tie
    return status, best.x


def _cells(serves: pd.DataFrame) -> pd.DataFrame:
    """Return cells × services as true and false under text names, services in order, or say what is wrong."""
    if serves.isna().to_numpy().any():
        raise PortfolioError("a cell of the table of services is empty; say whether the service answers it")
    named = serves.set_axis([str(s) for s in serves.columns], axis=1).astype(bool)
    twice = [*named.columns[named.columns.duplicated()], *named.index[named.index.duplicated()]]
    if twice:
        raise PortfolioError(f"'{twice[0]}' is there twice")
    return named.reindex(columns=sorted(named.columns))


def _named(given: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return numbers under text names."""
    numbers = pd.Series(given, dtype="float64")
    return numbers.set_axis([str(name) for name in numbers.index])


def greedy_cover(serves: pd.DataFrame) -> tuple[str, ...]:
    """Return the services taken one by one, each the one that serves most cells not yet served; ties by name.

    Quick, and up to about ln n times too many: it stands beside the exact answer to show the difference.
    """
    matrix = _cells(serves)
    left = np.array(matrix.any(axis=1))
    a = matrix.to_numpy()
    taken: list[str] = []
    while left.any():
        gain = (a & left[:, None]).sum(axis=0)
        most = int(gain.argmax())
        taken.append(str(matrix.columns[most]))
        left &= ~a[:, most]
    return tuple(taken)


def removable_alone(
    serves: pd.DataFrame,
    required: pd.Series,
    protected: Collection[str] = (),
    requires: Iterable[tuple[str, str]] = (),
) -> tuple[str, ...]:
    """Return the services any one of which could end with every cell still keeping what it needs; sorted.

    Not all of them together: two that back each other up are both on the list.
    """
    needed = {two for _, two in requires}
    a = serves.astype(bool)
    spare = a.sum(axis=1) > required.reindex(a.index)
    return tuple(
        sorted(
            str(service)
            for service in a.columns
            if service not in protected and service not in needed and bool(spare[a[service]].all())
        )
    )
