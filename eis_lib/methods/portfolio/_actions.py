"""The best actions under a budget, the next best, and what more money is worth."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from eis_lib.methods.portfolio._solver import (
    _SLACK,
    OPTIMAL,
    UNPROVEN,
    Array,
    PortfolioError,
    _minimise,
    _Rows,
)


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
        If a column, cost or value is missing or negative, an action is there twice, a rule names one that is not, or the budget is NaN.

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
    if not names:
        return Portfolio((), 0.0, 0.0, {}, OPTIMAL)
    number = {name: i for i, name in enumerate(names)}
    rows = _portfolio_rows(actions, budget, rules)
    for choice in not_again:
        _rule_out(rows, {number[name] for name in choice}, years)
    high = np.array([0.0 if name in rules.barred else 1.0 for name in names for _ in range(years)])
    status, x = _most_gain(np.repeat(value, years), np.repeat(cost, years), rows, high)
    if x is None:
        return Portfolio((), math.nan, math.nan, {}, status)
    if years > 1:
        x = _earliest(x, _portfolio_rows(actions, budget, rules), high, years)
    return _as_portfolio(names, value, cost, x.reshape(len(names), years), status)


def _as_portfolio(names: list[str], value: Array, cost: Array, at: Array, status: str) -> Portfolio:
    """Return what was chosen, read off the actions × years of start."""
    taken = np.flatnonzero(at.sum(axis=1) > 0.5)
    return Portfolio(
        tuple(names[i] for i in taken),
        float(value[taken].sum()),
        float(cost[taken].sum()),
        {names[i]: int(at[i].argmax()) for i in taken},
        status,
    )


def _rule_out(rows: _Rows, inside: Collection[int], years: int) -> None:
    """Ask for at least one action more or less than in a choice."""
    rows.add(
        ((x, -1.0 if x // years in inside else 1.0) for x in range(rows.width)),
        low=1 - len(inside),
    )


def _most_gain(gain: Array, cost: Array, rows: _Rows, high: Array) -> tuple[str, Array | None]:
    """Return the status and, of the choices of most gain, the cheapest; None where there is none."""
    low = np.zeros(len(high))
    best = _minimise(-gain, rows, low, high)
    if best.is_empty:
        return best.status, None
    reached = float(gain @ best.x)
    rows.add(enumerate(gain.tolist()), low=reached - _SLACK * max(1.0, abs(reached)))
    cheapest = _minimise(cost, rows, low, high)
    return best.status, best.x if cheapest.is_empty else cheapest.x


def _earliest(x: Array, rows: _Rows, high: Array, years: int) -> Array:
    """Return the same choice with its actions begun as early as the money of each year allows."""
    n = len(x) // years
    taken_in = np.repeat(x.reshape(n, years).sum(axis=1) > 0.5, years)
    for i in np.flatnonzero(taken_in[::years]):
        rows.add(((int(i) * years + t, 1.0) for t in range(years)), low=1)
    early = _minimise(
        np.tile(np.arange(years, dtype="float64"), n), rows, np.zeros(len(x)), np.where(taken_in, high, 0.0)
    )
    return x if early.is_empty else early.x


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
