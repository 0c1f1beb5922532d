"""How long step 5 takes to prove its answers. Run: python tests/benchmarks/plan.py

Medians of five runs over made-up actions and services; every answer is checked to be proven optimal, and the one on twenty
actions against all 2²⁰ choices.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.methods import portfolio

REPEATS = 5


def made_up(number: int) -> tuple[pd.DataFrame, portfolio.Rules]:
    """Return actions with values, costs and territories, and rules of every kind."""
    random = np.random.default_rng(number)
    names = [f"a{i:03}" for i in range(number)]
    frame = pd.DataFrame(
        {
            "action_id": names,
            "value": random.uniform(1, 100, number).round(2),
            "cost_eur": random.integers(10, 500, number) * 1000.0,
            "territory": [f"t{i % 4}" for i in range(number)],
        }
    )
    third = number // 3
    return frame, portfolio.Rules(
        exclusions=tuple((names[i], names[i + 1]) for i in range(0, third, 3)),
        prerequisites=tuple((names[i], names[i + 7]) for i in range(third, 2 * third - 7, 2)),
        territory_minimum={"t0": number // 20, "t1": number // 20},
    )


def median_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median seconds of the work, and what it returned."""
    seconds, outcome = [], None
    for _ in range(REPEATS):
        start = time.perf_counter()
        outcome = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), outcome


def every_choice(frame: pd.DataFrame, budget: float, rules: portfolio.Rules) -> float:
    """Return the best value over all choices."""
    names = {name: i for i, name in enumerate(frame["action_id"])}
    sets = ((np.arange(2 ** len(frame))[:, None] >> np.arange(len(frame))) & 1).astype(bool)
    ok = sets @ frame["cost_eur"].to_numpy() <= budget
    for one, two in rules.exclusions:
        ok &= ~(sets[:, names[one]] & sets[:, names[two]])
    for one, two in rules.prerequisites:
        ok &= ~sets[:, names[one]] | sets[:, names[two]]
    for territory, least in (rules.territory_minimum or {}).items():
        ok &= sets[:, (frame["territory"] == territory).to_numpy()].sum(axis=1) >= least
    return float((sets @ frame["value"].to_numpy())[ok].max())


def main() -> None:
    """Print the medians."""
    frame, rules = made_up(200)
    budget = float(frame["cost_eur"].sum()) / 4
    phased = portfolio.scaled(
        portfolio.Rules(
            rules.exclusions, rules.prerequisites, rules.territory_minimum, year_budgets=(1.0, 1.0, 1.0)
        ),
        budget / 3,
    )
    for words, given in (("one period", rules), ("three years", phased)):
        seconds, found = median_of(lambda given=given: portfolio.solve_portfolio(frame, budget, given))
        assert found.is_proven
        print(
            f"portfolio of 200 actions, constraints, {words}: {seconds:.2f} s, {found.status}, {len(found.chosen)} chosen"
        )
    small, few = made_up(20)
    half = float(small["cost_eur"].sum()) / 2
    seconds, found = median_of(lambda: portfolio.solve_portfolio(small, half, few))
    brute, best = median_of(lambda: every_choice(small, half, few))
    assert abs(found.value - best) < 1e-6
    print(f"portfolio of 20 actions: {seconds:.3f} s, all 2^20 choices {brute:.2f} s, same value {best:.2f}")
    random = np.random.default_rng(5)
    serves = pd.DataFrame(random.random((120, 60)) < 0.08, columns=[f"s{i:03}" for i in range(60)])
    seconds, cover = median_of(lambda: portfolio.solve_cover(serves))
    greedy = portfolio.greedy_cover(serves)
    print(
        f"cover of 120 cells by 60 services: {seconds:.2f} s, {cover.status}, {len(cover.kept)} kept, greedy {len(greedy)}"
    )


if __name__ == "__main__":
    main()
