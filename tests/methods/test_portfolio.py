"""Portfolio and cover: published answers, brute force, and what must always hold."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import portfolio
from eis_lib.methods.portfolio import Rules

# The ten-item knapsack of methods H2 (a standard test set: capacity 165, optimum 309)
COSTS = [23, 31, 29, 44, 53, 38, 63, 85, 89, 82]
VALUES = [92, 57, 49, 68, 60, 43, 67, 84, 87, 72]


def actions(values: list[float], costs: list[float], territories: list[str] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"action_id": [f"a{i:02}" for i in range(len(values))], "value": values, "cost_eur": costs}
    ).astype({"value": "float64", "cost_eur": "float64"})
    return frame if territories is None else frame.assign(territory=territories)


def brute(frame: pd.DataFrame, budget: float, rules: Rules) -> float:
    """Return the best value over all subsets, by looking at every one of them."""
    names = frame["action_id"].tolist()
    n = len(names)
    sets = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(bool)
    ok = sets @ frame["cost_eur"].to_numpy() <= budget + 1e-9
    at = {name: i for i, name in enumerate(names)}
    for a, b in rules.exclusions:
        ok &= ~(sets[:, at[a]] & sets[:, at[b]])
    for a, b in rules.prerequisites:
        ok &= ~sets[:, at[a]] | sets[:, at[b]]
    for territory, least in (rules.territory_minimum or {}).items():
        ok &= sets[:, (frame["territory"] == territory).to_numpy()].sum(axis=1) >= least
    worth = sets @ frame["value"].to_numpy()
    return float(worth[ok].max()) if ok.any() else math.nan


def test_the_published_knapsack_has_its_published_optimum() -> None:
    best = portfolio.solve_portfolio(actions(VALUES, COSTS), 165)
    assert best.value == 309
    assert best.chosen == ("a00", "a01", "a02", "a03", "a05")
    assert best.cost == 165
    assert best.is_proven


def test_next_best_is_the_second_highest_of_all_choices() -> None:
    frame = actions(VALUES, COSTS)
    sets = ((np.arange(2**10)[:, None] >> np.arange(10)) & 1).astype(bool)
    worth = sets @ np.array(VALUES)
    feasible = np.sort(worth[sets @ np.array(COSTS) <= 165])[::-1]
    two = portfolio.next_best(frame, 165, most=2)
    assert [p.value for p in two] == feasible[1:3].tolist()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_actions_with_constraints_agree_with_brute_force(seed: int) -> None:
    random = np.random.default_rng(seed)
    frame = actions(
        random.integers(1, 100, 20).tolist(),
        random.integers(5, 60, 20).tolist(),
        [f"t{i % 3}" for i in range(20)],
    )
    rules = Rules(
        exclusions=(("a00", "a01"), ("a04", "a09")),
        prerequisites=(("a02", "a03"), ("a05", "a06"), ("a06", "a07")),
        territory_minimum={"t0": 2, "t2": 2},
    )
    for budget in (120.0, 250.0):
        best = portfolio.solve_portfolio(frame, budget, rules)
        assert best.is_proven
        assert best.value == pytest.approx(brute(frame, budget, rules))


def test_a_portfolio_of_200_actions_with_constraints_is_proven() -> None:
    random = np.random.default_rng(3)
    frame = actions(
        random.uniform(1, 100, 200).round(2).tolist(),
        (random.integers(10, 500, 200) * 1000.0).tolist(),
        [f"t{i % 4}" for i in range(200)],
    )
    frame["action_id"] = [f"a{i:03}" for i in range(200)]
    rules = Rules(
        exclusions=tuple((f"a{i:03}", f"a{i + 1:03}") for i in range(0, 60, 3)),
        prerequisites=tuple((f"a{i:03}", f"a{i + 7:03}") for i in range(60, 100, 2)),
        territory_minimum={"t0": 8, "t1": 8},
        year_budgets=(4e6, 4e6, 4e6),
    )
    best = portfolio.solve_portfolio(frame, 12e6, rules)
    assert best.is_proven
    chosen = set(best.chosen)
    assert all(not {a, b} <= chosen for a, b in rules.exclusions)
    assert all(b in chosen and best.start[b] <= best.start[a] for a, b in rules.prerequisites if a in chosen)
    spent = frame.set_index("action_id")["cost_eur"]
    for year in range(3):
        assert sum(spent[a] for a in chosen if best.start[a] <= year) <= 4e6 * (year + 1) + 1


def test_a_missing_cost_is_refused_and_never_free() -> None:
    frame = actions([1, 2], [5, math.nan])
    with pytest.raises(portfolio.PortfolioError, match="no cost_eur for a01; missing is not zero"):
        portfolio.solve_portfolio(frame, 10)
    known, unknown = portfolio.split_costed(frame)
    assert (known["action_id"].tolist(), unknown["action_id"].tolist()) == (["a00"], ["a01"])


def test_a_rule_on_an_action_that_is_not_there_is_an_error() -> None:
    with pytest.raises(portfolio.PortfolioError, match="rules name a09"):
        portfolio.solve_portfolio(actions([1], [1]), 1, Rules(exclusions=(("a00", "a09"),)))


def test_no_choice_is_said_to_be_none() -> None:
    found = portfolio.solve_portfolio(actions([1], [5]), 4, Rules(required=frozenset({"a00"})))
    assert found.status == portfolio.INFEASIBLE


def test_of_equal_values_the_cheaper_choice_is_taken() -> None:
    assert portfolio.solve_portfolio(actions([5, 5], [3, 2]), 4).chosen == ("a01",)


def test_a_dear_action_waits_for_the_money() -> None:
    # 10 a year: the action of 20 can start only when two years' money has come
    best = portfolio.solve_portfolio(actions([1, 9], [10, 20]), 30, Rules(year_budgets=(10, 10, 10)))
    assert best.start == {"a00": 0, "a01": 2}


def test_greedy_is_not_always_best() -> None:
    # value per euro takes the small one first, and the large one no longer fits
    frame = actions([2, 10], [1, 10])
    assert portfolio.greedy_portfolio(frame, 10).value == 2
    assert portfolio.solve_portfolio(frame, 10).value == 10


def test_greedy_respects_exclusions_and_prerequisites() -> None:
    frame = actions([9, 8, 7], [1, 1, 1])
    rules = Rules(exclusions=(("a00", "a01"),), prerequisites=(("a00", "a02"),))
    assert portfolio.greedy_portfolio(frame, 3, rules).chosen in (("a01", "a02"), ("a00", "a02"))
    assert (
        portfolio.greedy_portfolio(frame, 3, rules).value <= portfolio.solve_portfolio(frame, 3, rules).value
    )


def test_the_dual_is_the_value_per_euro_of_the_action_cut_in_part() -> None:
    # the LP takes a00 whole and 5 of the 10 euros of a01: one more euro is worth 8/10; whole actions gain nothing by 1.5
    shadow = portfolio.shadow_value(actions([10, 8], [10, 10]), 15)
    assert shadow.dual == pytest.approx(0.8)
    assert shadow.marginal == 0
    assert shadow.step_eur == pytest.approx(1.5)


def test_the_curve_never_falls_with_the_budget() -> None:
    curve = portfolio.frontier(actions(VALUES, COSTS), [0, 50, 100, 165, 600])
    assert curve["value"].is_monotonic_increasing
    assert curve["value"].tolist()[0] == 0
    assert curve["value"].tolist()[3:] == [309, sum(VALUES)]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=7),
    st.integers(0, 60),
    st.randoms(use_true_random=False),
)
@settings(max_examples=30, deadline=None)
def test_the_optimum_is_that_of_brute_force_whatever_the_order_of_rows(items, budget, random) -> None:
    frame = actions([float(v) for v, _ in items], [float(c) for _, c in items])
    best = portfolio.solve_portfolio(frame, budget)
    assert best.value == pytest.approx(brute(frame, budget, Rules()))
    order = list(frame.index)
    random.shuffle(order)
    assert portfolio.solve_portfolio(frame.loc[order], budget) == best


# ------------------------------------------------------------------------------------------------ set cover

# Methods H3: greedy takes three sets, two are enough
UNIVERSE = range(1, 15)
SETS = {
    "S1": {7, 14}, "S2": {5, 6, 12, 13}, "S3": {1, 2, 3, 4, 8, 9, 10, 11}, "T1": set(range(1, 8)), "T2": set(range(8, 15)),
}  # fmt: skip


def serving(sets: dict[str, set[int]], universe: range = UNIVERSE) -> pd.DataFrame:
    return pd.DataFrame(
        {name: [u in members for u in universe] for name, members in sets.items()}, index=list(universe)
    )


def test_greedy_takes_three_sets_where_two_are_enough() -> None:
    assert portfolio.greedy_cover(serving(SETS)) == ("S3", "S2", "S1")
    cover = portfolio.solve_cover(serving(SETS))
    assert cover.kept == ("T1", "T2")
    assert cover.cost == 2
    assert cover.is_proven


def test_redundancy_keeps_a_second_door_where_there_is_one() -> None:
    cover = portfolio.solve_cover(serving(SETS), redundancy=2)
    assert cover.kept == ("S1", "S2", "S3", "T1", "T2")
    only_one = portfolio.solve_cover(serving({"A": {1, 2}, "B": {2}}, range(1, 3)), redundancy=2)
    assert only_one.required.tolist() == [1, 2]  # cell 1 has one service only, and keeps it


def test_a_protected_service_stays() -> None:
    assert "S1" in portfolio.solve_cover(serving(SETS), protected=["S1"]).kept


def test_a_service_stays_with_the_one_it_requires() -> None:
    cover = portfolio.solve_cover(
        serving({"A": {1, 2}, "B": {1}, "C": {2}}, range(1, 3)), requires=[("A", "B")]
    )
    assert cover.kept in (("A", "B"), ("B", "C"))
    assert "A" not in cover.kept or "B" in cover.kept


def test_capacity_keeps_enough_places_where_it_is_known() -> None:
    serves = serving({"A": {1}, "B": {1}}, range(1, 2))
    room = pd.Series({"A": 30.0, "B": 25.0})
    kept = portfolio.solve_cover(serves, capacity=room, demand=pd.Series({1: 40.0}))
    assert kept.kept == ("A", "B")
    assert kept.capacity_cells == ("1",)
    unknown = portfolio.solve_cover(
        serves, capacity=pd.Series({"A": 30.0, "B": math.nan}), demand=pd.Series({1: 40.0})
    )
    assert len(unknown.kept) == 1  # a capacity that is not known is no constraint, and said not to be one
    assert unknown.capacity_cells == ()


def test_services_that_back_each_other_up_can_each_go_alone_but_not_together() -> None:
    serves = serving({"A": {1}, "B": {1}}, range(1, 2))
    cover = portfolio.solve_cover(serves)
    assert portfolio.removable_alone(serves, cover.required) == ("A", "B")
    assert len(cover.removed) == 1


def test_a_missing_cost_of_a_service_is_refused() -> None:
    with pytest.raises(portfolio.PortfolioError, match="missing is not zero"):
        portfolio.solve_cover(serving(SETS), cost=pd.Series({"S1": 1.0}))


@given(
    st.dictionaries(st.sampled_from(list("ABCDEF")), st.sets(st.integers(0, 6), min_size=1), min_size=1),
    st.integers(1, 2),
)
@settings(max_examples=40, deadline=None)
def test_a_cover_loses_no_cell_and_none_is_smaller(sets: dict[str, set[int]], redundancy: int) -> None:
    serves = serving(sets, range(7))
    cover = portfolio.solve_cover(serves, redundancy=redundancy)
    assert (serves[list(cover.kept)].sum(axis=1) >= cover.required).all()
    fewer = itertools.combinations(sets, len(cover.kept) - 1)
    assert not any((serves[list(some)].sum(axis=1) >= cover.required).all() for some in fewer)
    assert set(cover.kept) | set(cover.removed) == set(sets)


@pytest.mark.parametrize(
    ("change", "budget", "rules", "message"),
    [
        ({}, float("nan"), None, "the budget is no number"),
        ({"cost_eur": float("inf")}, 10, None, "cost_eur is a number of at least 0"),
        ({"value": -1}, 10, None, "value is a number of at least 0"),
        ({}, 10, portfolio.Rules(territory_minimum={"north": 1}), "no column territory"),
    ],
)
def test_a_portfolio_that_can_not_be_set_up_says_why(
    change: dict[str, float], budget: float, rules: portfolio.Rules | None, message: str
) -> None:
    actions = pd.DataFrame({"action_id": ["a", "b"], "value": [1.0, 2.0], "cost_eur": [5.0, 6.0]}).assign(
        **change
    )
    with pytest.raises(portfolio.PortfolioError, match=message):
        portfolio.solve_portfolio(actions, budget, rules)


def test_without_money_only_what_is_free_is_chosen() -> None:
    actions = pd.DataFrame({"action_id": ["a", "b"], "value": [1, 2], "cost_eur": [0, 6]})
    assert portfolio.solve_portfolio(actions, 0).chosen == ("a",)


def test_a_cell_left_empty_is_neither_served_nor_unserved() -> None:
    with pytest.raises(portfolio.PortfolioError, match="is empty"):
        portfolio.solve_cover(pd.DataFrame([[1, float("nan")], [1, 1]], columns=["a", "b"]))


def test_costs_by_number_or_name_fit_their_services() -> None:
    serves = pd.DataFrame([[1, 0, 1], [0, 1, 1]])
    assert portfolio.solve_cover(serves, cost={0: 1, 1: 1, 2: 3}).kept == ("0", "1")
    assert portfolio.solve_cover(serves, cost=pd.Series([2.0, 2, 3])).kept == ("2",)


def test_a_cell_with_too_little_room_keeps_all_and_is_named() -> None:
    serves = pd.DataFrame({"a": [1], "b": [1]}, index=["c"])
    found = portfolio.solve_cover(serves, capacity={"a": 10, "b": 10}, demand={"c": 25})
    assert (found.kept, found.short_cells) == (("a", "b"), ("c",))
    assert portfolio.solve_cover(serves, capacity={"a": 10, "b": 10}, demand={"c": 9}).short_cells == ()
