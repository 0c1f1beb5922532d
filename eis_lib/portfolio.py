"""Choosing actions under a budget, and keeping the fewest services that still serve every need: both solved exactly.

A portfolio maximises Σ v·x under a budget with exclusions, prerequisites, phasing and a minimum per territory; a cover
minimises Σ c·x so that every needed cell keeps as many services as asked. Both are integer programmes, solved by HiGHS
through SciPy with a gap of zero: "optimal" is HiGHS's word, checked, and never assumed. Among equal optima one is taken by a
stated rule, so that row order and machine do not matter.

A missing cost is not a cost of nothing: :func:`split_costed` keeps such actions apart, and a programme refuses them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Array = npt.NDArray[np.float64]

OPTIMAL, INFEASIBLE, UNPROVEN = "optimal", "infeasible", "not proven"
TIME_LIMIT = 60.0
"""Seconds after which HiGHS gives its best answer so far; it is then *not proven*, and said to be."""

_SLACK = 1e-7


class PortfolioError(ValueError):
    """Raised when a programme can not be set up: a cost or value is missing, or a name is not on the list."""


# ------------------------------------------------------------------------------------------------ rows of a programme


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


# ------------------------------------------------------------------------------------------------ portfolio


@dataclass(frozen=True)
class Rules:
    """What a portfolio must respect besides its budget.

    Attributes
    ----------
    exclusions : tuple of pairs
        At most one action of each pair.
    prerequisites : tuple of pairs
        (action, what it needs): the action only with the other, and not in an earlier year.
    territory_minimum : mapping
        Territory → least number of actions.
    required, barred : frozenset
        Actions that have to be in, or may not be.
    year_budgets : tuple of float
        Money that becomes available in each year of the plan; what is not spent is carried over. Empty: one period.
    """

    exclusions: tuple[tuple[str, str], ...] = ()
    prerequisites: tuple[tuple[str, str], ...] = ()
    territory_minimum: Mapping[str, int] | None = None
    required: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    year_budgets: tuple[float, ...] = ()


@dataclass(frozen=True)
class Portfolio:
    """A choice of actions.

    Attributes
    ----------
    chosen : tuple of str
        Actions, in the order of the list they were chosen from.
    value, cost : float
    start : mapping of str to int
        Action → year of the plan in which it starts (0 = first).
    status : str
        ``optimal`` (proven by HiGHS), ``infeasible``, or ``not proven``.
    """

    chosen: tuple[str, ...]
    value: float
    cost: float
    start: Mapping[str, int]
    status: str

    @property
    def is_proven(self) -> bool:
        """Return whether no better choice exists."""
        return self.status == OPTIMAL


def split_costed(actions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the actions whose ``cost_eur`` is known, and those whose cost was not published."""
    known = actions["cost_eur"].notna()
    return actions[known].reset_index(drop=True), actions[~known].reset_index(drop=True)


def _checked(actions: pd.DataFrame, rules: Rules) -> tuple[list[str], Array, Array]:
    needed = ["action_id", "value", "cost_eur", *(["territory"] if rules.territory_minimum else [])]
    lacking = [column for column in needed if column not in actions]
    if lacking:
        raise PortfolioError(f"the actions have no column {', '.join(lacking)}")
    names = [str(name) for name in actions["action_id"]]
    if len(set(names)) != len(names):
        raise PortfolioError("an action is listed twice")
    for column in ("cost_eur", "value"):
        numbers = pd.to_numeric(actions[column], errors="coerce").astype("float64")
        holes = [n for n, gone in zip(names, numbers.isna(), strict=True) if gone]
        if holes:
            raise PortfolioError(
                f"no {column} for {', '.join(holes[:5])}; missing is not zero: list them apart"
            )
        if (numbers < 0).any() or np.isinf(numbers).any():
            raise PortfolioError(f"{column} is a number of at least 0")
    mentioned = {n for pair in (*rules.exclusions, *rules.prerequisites) for n in pair}
    unknown = sorted((mentioned | rules.required | rules.barred) - set(names))
    if unknown:
        raise PortfolioError(f"rules name {', '.join(unknown)}, which is not among the actions")
    return names, actions["value"].to_numpy("float64"), actions["cost_eur"].to_numpy("float64")


def solve_portfolio(
    actions: pd.DataFrame,
    budget: float,
    rules: Rules | None = None,
    *,
    not_again: Sequence[Collection[str]] = (),
) -> Portfolio:
    """Return the best actions under a budget: max Σ v·x, Σ c·x ≤ B, x ∈ {0, 1}, with the rules.

    The cost of an action is committed in the year it starts. Among choices of equal value the cheapest is taken; its actions
    then start as early as they can. The order of rows never matters.

    Parameters
    ----------
    actions
        ``action_id`` (key), ``value`` ≥ 0, ``cost_eur`` ≥ 0 in euros, optionally ``territory``.
    budget
        Euros over the whole plan; with 0, only what costs nothing can be chosen.
    rules
        See :class:`Rules`.
    not_again
        Choices that are ruled out (no-good cuts), for the next best.

    Returns
    -------
    Portfolio
        With status ``infeasible``, nothing chosen and value and cost NaN where no choice respects the rules.

    Raises
    ------
    PortfolioError
        If a column, cost or value is missing or negative, an action is listed twice, a rule names an action that is not
        there, or the budget is no number.

    Examples
    --------
    >>> actions = pd.DataFrame({"action_id": ["a", "b", "c"], "value": [60, 50, 50], "cost_eur": [51, 50, 50]})
    >>> solve_portfolio(actions, 100).chosen, greedy_portfolio(actions, 100).chosen
    (('b', 'c'), ('a',))
    """
    rules = rules or Rules()
    if math.isnan(budget):
        raise PortfolioError("the budget is no number")
    _checked(actions, rules)
    actions = actions.sort_values("action_id", kind="stable", ignore_index=True)
    names, value, cost = _checked(actions, rules)
    years = max(len(rules.year_budgets), 1)
    n = len(names)
    if n == 0:
        return Portfolio((), 0.0, 0.0, {}, OPTIMAL)
    number = {name: i for i, name in enumerate(names)}
    rows = _portfolio_rows(actions, budget, rules)
    for choice in not_again:
        # at least one action more or less than in that choice
        inside = {number[name] for name in choice}
        rows.add(
            ((i * years + t, -1.0 if i in inside else 1.0) for i in range(n) for t in range(years)),
            low=1 - len(inside),
        )
    low = np.zeros(n * years)
    high = np.array([0.0 if name in rules.barred else 1.0 for name in names for _ in range(years)])
    gain = np.repeat(value, years)
    best = _minimise(-gain, rows, low, high)
    if best.is_empty:
        return Portfolio((), math.nan, math.nan, {}, best.status)
    status = best.status
    # among choices of this value the cheapest
    reached = float(gain @ best.x)
    rows.add(enumerate(gain.tolist()), low=reached - _SLACK * max(1.0, abs(reached)))
    cheapest = _minimise(np.repeat(cost, years), rows, low, high)
    best = best if cheapest.is_empty else cheapest
    if years > 1:
        # the choice stands; its actions begin as early as the money of each year allows
        taken_in = np.repeat(best.x.reshape(n, years).sum(axis=1) > 0.5, years)
        rows = _portfolio_rows(actions, budget, rules)
        for i in np.flatnonzero(taken_in[::years]):
            rows.add(((int(i) * years + t, 1.0) for t in range(years)), low=1)
        early = _minimise(
            np.tile(np.arange(years, dtype="float64"), n), rows, low, np.where(taken_in, high, 0.0)
        )
        best = best if early.is_empty else early
    at = best.x.reshape(n, years)
    taken = np.flatnonzero(at.sum(axis=1) > 0.5)
    return Portfolio(
        tuple(names[i] for i in taken),
        float(value[taken].sum()),
        float(cost[taken].sum()),
        {names[i]: int(at[i].argmax()) for i in taken},
        status,
    )


def _portfolio_rows(actions: pd.DataFrame, budget: float, rules: Rules) -> _Rows:
    """Return the constraints on x(action, year of start); the first one is the budget."""
    names, _, cost = _checked(actions, rules)
    years = max(len(rules.year_budgets), 1)
    n = len(names)
    number = {name: i for i, name in enumerate(names)}
    rows = _Rows(n * years, [], [], [])

    def all_years(i: int, factor: float = 1.0, last: int = years - 1) -> list[tuple[int, float]]:
        return [(i * years + t, factor) for t in range(last + 1)]

    rows.add([term for i in range(n) for term in all_years(i, float(cost[i]))], high=budget)
    if years > 1:
        for i in range(n):
            rows.add(all_years(i), high=1)
        for last in range(years - 1):
            rows.add(
                [term for i in range(n) for term in all_years(i, float(cost[i]), last)],
                high=sum(rules.year_budgets[: last + 1]),
            )
    for one, two in rules.exclusions:
        rows.add([*all_years(number[one]), *all_years(number[two])], high=1)
    for action, needed in rules.prerequisites:
        for last in range(years):
            rows.add([*all_years(number[action], 1.0, last), *all_years(number[needed], -1.0, last)], high=0)
    for name in sorted(rules.required):
        rows.add(all_years(number[name]), low=1)
    for territory, least in (rules.territory_minimum or {}).items():
        here = [i for i, place in enumerate(actions["territory"]) if place == territory]
        rows.add([term for i in here for term in all_years(i)], low=least)
    return rows


def greedy_portfolio(actions: pd.DataFrame, budget: float, rules: Rules | None = None) -> Portfolio:
    """Return what value per euro alone would choose, one action after the other: quick, and not the best in general.

    Exclusions, prerequisites, the budget and barred actions are respected; years and territories are not looked at.
    """
    rules = rules or Rules()
    names, value, cost = _checked(actions, rules)
    chosen: list[str] = []
    left = budget
    order = sorted(
        range(len(names)),
        key=lambda i: (-(value[i] / cost[i] if cost[i] > 0 else math.inf), cost[i], names[i]),
    )
    needs: dict[str, set[str]] = {}
    for action, needed in rules.prerequisites:
        needs.setdefault(action, set()).add(needed)
    rivals: dict[str, set[str]] = {}
    for one, two in rules.exclusions:
        rivals.setdefault(one, set()).add(two)
        rivals.setdefault(two, set()).add(one)

    def fits(i: int) -> bool:
        name = names[i]
        return (
            name not in chosen
            and name not in rules.barred
            and value[i] > 0
            and cost[i] <= left + _SLACK
            and rivals.get(name, set()).isdisjoint(chosen)
            and needs.get(name, set()) <= set(chosen)
        )

    # from the top again after each one: it may have been what a better one needed
    while (found := next((i for i in order if fits(i)), None)) is not None:
        chosen.append(names[found])
        left -= float(cost[found])
    inside = [i for i, name in enumerate(names) if name in chosen]
    return Portfolio(
        tuple(names[i] for i in inside), float(value[inside].sum()), float(cost[inside].sum()), {}, UNPROVEN
    )


def next_best(
    actions: pd.DataFrame, budget: float, rules: Rules | None = None, *, most: int = 1
) -> list[Portfolio]:
    """Return the next best choices, each ruled out before the next one is looked for (no-good cuts)."""
    found: list[Portfolio] = [solve_portfolio(actions, budget, rules)]
    while len(found) <= most and found[-1].status == OPTIMAL:
        found.append(solve_portfolio(actions, budget, rules, not_again=[p.chosen for p in found]))
    return [p for p in found[1:] if p.status == OPTIMAL]


@dataclass(frozen=True)
class Shadow:
    """What one more euro is worth.

    Attributes
    ----------
    dual : float
        Dual value of the budget in the LP relaxation (actions may be done in part): value per euro at the margin.
    marginal : float
        (best value at the higher budget − best value) / (difference of budgets), by solving again with whole actions; NaN
        where the budget is 0, of which a share is nothing.
    step_eur : float
        That difference.
    """

    dual: float
    marginal: float
    step_eur: float


def shadow_value(
    actions: pd.DataFrame, budget: float, rules: Rules | None = None, *, step: float = 0.1
) -> Shadow:
    """Return the value of more budget in two ways, which differ because actions come whole.

    Parameters
    ----------
    actions, budget, rules
        As of :func:`solve_portfolio`.
    step
        Share of the budget by which it is raised for the second answer (yearly money rises alike).
    """
    rules = rules or Rules()
    names, value, _ = _checked(actions, rules)
    if not names:
        return Shadow(0.0, 0.0, budget * step)
    years = max(len(rules.year_budgets), 1)
    rows = _portfolio_rows(actions, budget, rules)
    matrix, low, high = rows.matrix(), np.array(rows.low), np.array(rows.high)
    upper, lower = np.isfinite(high), np.isfinite(low)
    bounds = [(0.0, 0.0 if name in rules.barred else 1.0) for name in names for _ in range(years)]
    result = linprog(
        -np.repeat(value, years),
        A_ub=sparse.vstack([matrix[upper], -matrix[lower]]),
        b_ub=np.concatenate([high[upper], -low[lower]]),
        bounds=bounds,
        method="highs",
    )
    # the budget is the first row
    dual = math.nan if result.status != 0 else abs(float(result.ineqlin.marginals[0]))
    more = budget * (1 + step)
    now = solve_portfolio(actions, budget, rules)
    then = solve_portfolio(actions, more, scaled(rules, 1 + step))
    rise = (then.value - now.value) / (more - budget) if more > budget else math.nan
    return Shadow(dual, rise, more - budget)


def scaled(rules: Rules, factor: float) -> Rules:
    """Return the rules with every year's money scaled."""
    return Rules(
        rules.exclusions, rules.prerequisites, rules.territory_minimum, rules.required, rules.barred,
        tuple(money * factor for money in rules.year_budgets),
    )  # fmt: skip


def frontier(actions: pd.DataFrame, budgets: Sequence[float], rules: Rules | None = None) -> pd.DataFrame:
    """Return the best value for each budget: ``budget_eur``, ``value``, ``cost_eur``, ``actions`` (number), ``status``.

    Money by year is taken in the proportions of the rules.
    """
    rules = rules or Rules()
    total = sum(rules.year_budgets)
    rows = []
    for budget in budgets:
        found = solve_portfolio(actions, budget, scaled(rules, budget / total) if total > 0 else rules)
        rows.append((budget, found.value, found.cost, len(found.chosen), found.status))
    return pd.DataFrame(rows, columns=["budget_eur", "value", "cost_eur", "actions", "status"])


# ------------------------------------------------------------------------------------------------ set cover


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
    cost
        By service (a mapping or series); left out, one each, so that the fewest are kept. Must not be missing.
    protected
        Services that stay whatever happens.
    requires
        (service, other): the first is of no use without the second.
    capacity, demand
        Firms a service can take in a year, and firms of a cell that must be served. The constraint Σ capacity·a·x ≥ demand
        holds for the cells of which the demand and the capacity of every service are known; never a guess. Where all services
        of a cell together have too little room, all of them are kept and the cell is one of ``short_cells``.
    worth
        By service; breaks ties.

    Raises
    ------
    PortfolioError
        If a cell of the table, a cost or a redundancy is missing or negative, a service or cell is there twice, or a name is
        not among the services.

    Examples
    --------
    >>> serves = pd.DataFrame({"chamber": [1, 1, 0], "agency": [0, 1, 1], "bank": [0, 1, 0]}, index=["a", "b", "c"])
    >>> solve_cover(serves).kept
    ('agency', 'chamber')
    """
    matrix = _cells(serves)
    names = list(matrix.columns)
    number = {s: i for i, s in enumerate(names)}
    links = [(one, two) for one, two in requires if one in number]
    wrong = sorted((set(protected) | {two for _, two in links}) - set(names))
    if wrong:
        raise PortfolioError(f"{', '.join(wrong)} is not among the services")
    price = pd.Series(1.0, index=names) if cost is None else _named(cost).reindex(names)
    if price.isna().any() or (price < 0).any():
        raise PortfolioError("every service needs a cost of at least 0; missing is not zero")
    a = matrix.to_numpy()
    have = pd.Series(a.sum(axis=1), index=matrix.index, dtype="int64")
    asked = (
        pd.Series(float(redundancy), index=matrix.index)
        if isinstance(redundancy, (int, np.integer))
        else pd.Series(redundancy, dtype="float64").reindex(matrix.index)
    )
    if asked.isna().any() or (asked < 0).any():
        raise PortfolioError("every cell needs a redundancy of at least 0")
    required = have.clip(upper=asked.astype("int64"))
    rows = _Rows(len(names), [], [], [])
    seen = set()
    for cell, need in enumerate(required):
        terms = tuple(np.flatnonzero(a[cell]).tolist())
        if need > 0 and (terms, int(need)) not in seen:  # cells with the same services ask the same
            seen.add((terms, int(need)))
            rows.add(((i, 1.0) for i in terms), low=float(need))
    for one, two in links:
        rows.add([(number[one], 1.0), (number[two], -1.0)], high=0)
    held: list[str] = []
    short: list[str] = []
    if capacity is not None and demand is not None:
        room = _named(capacity).reindex(names).to_numpy("float64")
        for cell, (label, firms) in enumerate(
            pd.Series(demand, dtype="float64").reindex(matrix.index).items()
        ):
            inside = np.flatnonzero(a[cell])
            if len(inside) and not math.isnan(firms) and firms > 0 and not np.isnan(room[inside]).any():
                whole = float(room[inside].sum())
                rows.add(((int(i), float(room[i])) for i in inside), low=min(float(firms), whole))
                held.append(str(label))
                short += [str(label)] if whole < firms else []
    low = np.array([1.0 if s in set(protected) else 0.0 for s in names])
    high = np.ones(len(names))
    if not names:
        return Cover((), (), 0.0, required, OPTIMAL, ())
    spend = np.array(price, dtype="float64")
    best = _minimise(spend, rows, low, high)
    if best.is_empty:
        return Cover((), (), math.nan, required, best.status, tuple(held), tuple(short))
    status = best.status
    merit = (
        np.zeros(len(names))
        if worth is None
        else _named(worth).reindex(names).fillna(0.0).to_numpy("float64")
    )
    goal: Array = spend
    for tie in (-merit, np.arange(len(names), dtype="float64")):
        reached = float(goal @ best.x)
        rows.add(enumerate(goal.tolist()), high=reached + _SLACK * max(1.0, abs(reached)))
        again = _minimise(tie, rows, low, high)
        if again.is_empty:
            break
        best, goal = again, tie
    kept = tuple(s for s, x in zip(names, best.x.tolist(), strict=True) if x > 0.5)
    removed = tuple(s for s in names if s not in set(kept))
    return Cover(kept, removed, float(price[list(kept)].sum()), required, status, tuple(held), tuple(short))


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
