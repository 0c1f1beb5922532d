import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from eis_lib.methods import benchmark as bm

quick = settings(max_examples=40, deadline=None)
tables = hnp.arrays(
    float,
    st.tuples(st.integers(4, 9), st.integers(2, 5)),
    elements=st.integers(-1000, 1000).map(float),
)


def made(units=25, indicators=6, seed=0, gaps=0.0):
    random = np.random.default_rng(seed)
    values = random.lognormal(0, 0.5, (units, indicators))
    values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(
        values, index=[f"u{i}" for i in range(units)], columns=[f"i{j}" for j in range(indicators)]
    )


def framework(indicators=6, groups=2):
    rows = [
        {"code": f"i{j}", "parent": f"g{j % groups}", "direction": -1 if j == 1 else 1}
        for j in range(indicators)
    ]
    rows += [{"code": f"g{k}", "parent": "all"} for k in range(groups)] + [{"code": "all", "parent": ""}]
    return pd.DataFrame(rows)


# -- outliers ---------------------------------------------------------------------------------------------------------


def test_skewness_and_kurtosis_are_the_bias_corrected_forms():
    values = np.random.default_rng(3).lognormal(size=(30, 4))
    values[2, 1] = np.nan
    assert bm.skewness(values) == pytest.approx(stats.skew(values, bias=False, nan_policy="omit"))
    assert bm.kurtosis(values) == pytest.approx(stats.kurtosis(values, bias=False, nan_policy="omit"))


def test_one_outlier_is_given_the_next_highest_value():
    # Anchor of COINr's test-treat.R: 1..10 and 100 becomes 1..10 and 10.
    treated = bm.treat_outliers(np.array([*range(1, 11), 100.0])[:, None])
    assert treated.values[:, 0].tolist() == [*range(1, 11), 10]
    assert treated.events == ((0, 10, "winsorised-high", 100.0, 10.0),)


def test_a_low_outlier_is_raised():
    treated = bm.treat_outliers(np.array([*range(1, 11), -100.0])[:, None])
    assert treated.values[10, 0] == 1
    assert treated.events[0][2] == "winsorised-low"


def test_a_column_that_stays_distorted_is_logged_from_its_original():
    # COINr's two-outlier example with winmax 1; COIN Tool form: ln(x - min + range/100).
    column = np.array([*range(1, 21), 100.0, 200.0])
    treated = bm.treat_outliers(column[:, None], winmax=1)
    assert treated.events == (
        (0, -1, "log", pytest.approx(np.nan, nan_ok=True), pytest.approx(np.nan, nan_ok=True)),
    )
    assert treated.values[:, 0] == pytest.approx(np.log(column - 1 + 1.99))


def test_the_log_of_a_left_tail_is_mirrored_and_keeps_the_order():
    column = -np.array([*range(1, 21), 100.0, 200.0])
    treated = bm.treat_outliers(column[:, None], winmax=1).values[:, 0]
    assert np.array_equal(np.argsort(treated), np.argsort(column))
    assert abs(bm.skewness(treated[:, None])[0]) < 2


def test_both_limits_must_be_passed_to_call_a_column_distorted():
    skewed_only = np.array([0.0] * 9 + [1.0])[:, None]
    assert bm.is_outlying(skewed_only)[0]
    assert not bm.is_outlying(skewed_only, kurtosis_limit=50)[0]
    assert not bm.is_outlying(np.arange(20.0)[:, None])[0]


# -- imputation -------------------------------------------------------------------------------------------------------


def test_group_mean_takes_the_group_and_falls_back_on_all_units():
    values = [[1.0, np.nan], [3.0, np.nan], [np.nan, 8.0], [11.0, 4.0]]
    filled = bm.impute(values, "group-mean", ["a", "a", "a", "b"])
    assert filled[2, 0] == 2.0
    assert filled[0, 1] == 8.0
    alone = bm.impute([[1.0], [3.0], [np.nan]], "group-mean", ["a", "a", "b"])
    assert alone[2, 0] == 2.0


def test_group_imputation_without_groups_says_so():
    with pytest.raises(bm.BenchmarkError, match="needs the group of every unit"):
        bm.impute([[1.0], [np.nan]], "group-mean")


# -- normalisation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [(1, 1, 0.1), (11, 1, 1), (-1, 1, 0), (1, -1, 0.9), (-1, -1, 1), (11, -1, 0)],
)
def test_goalposts_clamp_and_reverse(value, direction, expected):
    # Anchors published in COINr's test-normalise.R.
    result = bm.normalise([value], "goalposts", goalposts=(0, 10), direction=direction)
    assert result[0] == pytest.approx(expected)


def test_distance_to_target_matches_the_published_anchors():
    # COINr's test-normalise.R.
    assert bm.normalise([0, 5, 11], "distance-to-target", target=10) == pytest.approx([0, 0.5, 1.1])
    assert bm.normalise([0, 5, 11], "distance-to-target", target=10, cap=True)[2] == 1
    assert bm.normalise([-1, 1, 10], "distance-to-target", target=0, direction=-1) == pytest.approx(
        [1.1, 0.9, 0]
    )


def test_minmax_reverses_by_lower_plus_upper_minus_value():
    up = bm.normalise([3, 5, 9], "minmax", lower=1, upper=100)
    down = bm.normalise([3, 5, 9], "minmax", lower=1, upper=100, direction=-1)
    assert down == pytest.approx(101 - up)


def test_zscores_state_which_deviation_they_take():
    sample = bm.normalise([1, 2, 3, 4], "zscore", mean=5, spread=2)
    population = bm.normalise([1, 2, 3, 4], "zscore-population", mean=5, spread=2)
    assert (sample.mean(), sample.std(ddof=1)) == pytest.approx((5, 2))
    assert (population.mean(), population.std()) == pytest.approx((5, 2))


def test_ties_share_the_smallest_rank_and_borda_starts_at_zero():
    values = [10, 20, 20, 30, np.nan]
    assert bm.normalise(values, "rank")[:4].tolist() == [1, 2, 2, 4]
    assert bm.normalise(values, "borda")[:4].tolist() == [0, 1, 1, 3]
    assert bm.normalise(values, "percentile-rank")[:4] == pytest.approx([0, 1 / 3, 1 / 3, 1])
    assert np.isnan(bm.normalise(values, "rank")[4])


def test_distance_to_max_is_the_share_of_the_best():
    assert bm.normalise([2, 4, 8], "distance-to-max").tolist() == [0.25, 0.5, 1]
    assert bm.normalise([2, 4, 8], "distance-to-max", direction=-1).tolist() == [1, 0.5, 0.25]


def test_distance_to_reference_is_one_for_the_reference_and_zero_for_the_worst():
    result = bm.normalise([2.0, 6, 10], "distance-to-reference", reference=1)
    assert result == pytest.approx([0, 1, 2])
    assert bm.normalise([2.0, 6, 10], "distance-to-reference", reference=1, cap=True)[2] == 1


def test_a_constant_column_has_no_minmax():
    assert np.isnan(bm.normalise([4, 4, 4], "minmax")).all()
    assert np.isnan(bm.normalise([4, 4, 4], "zscore")).all()


@quick
@given(tables, st.floats(0.1, 50), st.integers(-50, 50))
def test_minmax_does_not_notice_a_change_of_unit(values, factor, shift):
    before = bm.normalise(values, "minmax")
    assert bm.normalise(values * factor + shift, "minmax") == pytest.approx(before, nan_ok=True, abs=1e-6)


@quick
@given(tables)
def test_percentile_ranks_stay_within_zero_and_one(values):
    ranks = bm.normalise(values, "percentile-rank")
    assert ((ranks >= 0) & (ranks <= 1)).all()


# -- aggregation ------------------------------------------------------------------------------------------------------


def test_means_match_the_published_anchors():
    # methods G4: geometric mean of 1, 2, 3 with weights 1, 1, 2 is 18^(1/4); harmonic with 2, 1, 1.
    assert bm.aggregate([[1, 2, 3]], "geometric", weights=[1, 1, 2])[0] == pytest.approx(18**0.25)
    assert bm.aggregate([[1, 2, 3]], "harmonic", weights=[2, 1, 1])[0] == pytest.approx(
        4 / (2 + 1 / 2 + 1 / 3)
    )


def test_the_power_mean_contains_the_others():
    row = [[2.0, 3.0, 7.0]]
    assert bm.aggregate(row, "power", power=1)[0] == pytest.approx(4)
    assert bm.aggregate(row, "power", power=0)[0] == pytest.approx(bm.aggregate(row, "geometric")[0])
    assert bm.aggregate(row, "power", power=-1)[0] == pytest.approx(bm.aggregate(row, "harmonic")[0])
    assert bm.aggregate(row, "power", power=2)[0] == pytest.approx(((4 + 9 + 49) / 3) ** 0.5)


def test_a_geometric_mean_of_zero_says_what_to_do():
    with pytest.raises(bm.BenchmarkError, match="normalise to 1–100"):
        bm.aggregate([[0, 1]], "geometric")


def test_a_missing_value_leaves_its_weight_to_the_others():
    assert bm.aggregate([[1, np.nan, 4]], "arithmetic", weights=[1, 5, 2])[0] == pytest.approx(3)


def test_mazziotta_pareto_by_hand():
    # Two indicators, three units, so that z is 100 ± 10·sqrt(3/2) or 100 (population deviation of 1, 2, 3 is sqrt(2/3)).
    step = 10 * (3 / 2) ** 0.5
    values = [[1, 3], [2, 2], [3, 1]]

    def index(direction=1, **choices):
        scaled = bm.normalise(values, "zscore-population", direction=direction, mean=100, spread=10)
        return bm.aggregate(scaled, "mazziotta-pareto", **choices)

    assert index() == pytest.approx([100 - step**2 / 100, 100, 100 - step**2 / 100])
    assert index(bad=True)[0] == pytest.approx(100 + step**2 / 100)
    assert index(direction=[1, -1]) == pytest.approx([100 - step, 100, 100 + step])


def test_weighted_mazziotta_pareto_uses_weighted_moments():
    # Mazziotta & Pareto 2021: weighted mean and weighted deviation of the standardised values.
    z = np.array([[90.0, 120.0]])
    mean = 0.25 * 90 + 0.75 * 120
    variance = 0.25 * (90 - mean) ** 2 + 0.75 * (120 - mean) ** 2
    assert bm.aggregate(z, "mazziotta-pareto", weights=[1, 3])[0] == pytest.approx(mean - variance / mean)


def test_copeland_counts_majorities_and_does_not_let_one_lead_pay_for_two_losses():
    # a beats b and c on two of three indicators; c's huge third value buys nothing.
    values = [[3, 3, 0], [2, 1, 1], [1, 2, 1000]]
    assert bm.aggregate(values, "copeland").tolist() == [2, -2, 0]


def test_outranking_sums_shares_of_weight_with_ties_halved():
    # a against b: ahead on weight 1, tied on 1, behind on 2 → 1.5 of 4.
    values = [[2, 5, 1], [1, 5, 2]]
    assert bm.aggregate(values, "outranking", weights=[1, 1, 2]) == pytest.approx([1.5 / 4, 2.5 / 4])


@quick
@given(tables)
def test_copeland_scores_sum_to_zero(values):
    assert bm.aggregate(values, "copeland").sum() == pytest.approx(0)


@quick
@given(
    hnp.arrays(float, (5, 3), elements=st.floats(1, 100)), st.lists(st.floats(0.1, 5), min_size=3, max_size=3)
)
def test_harmonic_is_below_geometric_is_below_arithmetic(values, weights):
    harmonic, geometric, arithmetic = (
        bm.aggregate(values, method, weights=weights) for method in ("harmonic", "geometric", "arithmetic")
    )
    assert (harmonic <= geometric + 1e-9).all()
    assert (geometric <= arithmetic + 1e-9).all()


def test_ranks_put_the_highest_first_and_ties_on_the_smallest():
    assert bm.rank_units([5, 9, 9, np.nan, 1])[[0, 1, 2, 4]].tolist() == [3, 1, 1, 4]


# -- weights ----------------------------------------------------------------------------------------------------------


def test_critic_and_entropy_agree_with_scikit_criteria():
    from skcriteria.preprocessing import weighters

    values = np.random.default_rng(5).uniform(1, 9, (30, 5))
    scaled = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    expected = weighters.critic_weights(scaled, [1] * 5, correlation="pearson", scale=False)
    assert bm.critic_weights(values) == pytest.approx(expected)
    assert bm.entropy_weights(values) == pytest.approx(weighters.entropy_weights(values))


def test_critic_by_hand():
    # Min–max: a = 0, ½, 1; b = 1, ½, 0; c = 0, 1, 0. Population deviations √(1/6), √(1/6), √(2/9); r(a,b) = −1, others 0.
    values = [[1, 3, 0], [2, 2, 5], [3, 1, 0]]
    parts = np.array([(1 / 6) ** 0.5 * 3, (1 / 6) ** 0.5 * 3, (2 / 9) ** 0.5 * 2])
    assert bm.critic_weights(values) == pytest.approx(parts / parts.sum())


def test_pca_weights_of_twins_are_alike_and_sum_to_one():
    random = np.random.default_rng(1)
    first, second = random.normal(size=(2, 200))
    values = np.column_stack([first, first + 1e-9 * second, second])
    weights = bm.pca_weights(values)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == pytest.approx(weights[1], rel=1e-3)


def test_pca_weights_of_two_independent_blocks_by_hand():
    # Two pairs of identical indicators, uncorrelated: two components of eigenvalue 2, loadings of one, a quarter each.
    a = np.tile([1.0, -1.0, 1.0, -1.0], 6)
    b = np.tile([1.0, 1.0, -1.0, -1.0], 6)
    assert bm.pca_weights(np.column_stack([a, a, b, b])) == pytest.approx([0.25] * 4)


def test_cronbach_alpha_by_hand():
    # Items 1,2,3 and 1,3,2: variances 1 and 1, sum 2,5,5 with variance 3: α = 2(1 − 2/3).
    assert bm.cronbach_alpha([[1, 1], [2, 3], [3, 2]]) == pytest.approx(2 / 3)


# -- framework --------------------------------------------------------------------------------------------------------


def test_every_fault_of_a_framework_is_listed():
    table = pd.DataFrame(
        {"code": ["a", "a", "b", "r", "s"], "parent": ["r", "r", "x", "", ""], "direction": [1, 1, 2, 1, 1]}
    )
    with pytest.raises(bm.BenchmarkError) as caught:
        bm.build_tree(table)
    for part in ("'a' is listed twice", "'x', which is not listed", "direction 2", "one root, found 2"):
        assert part in str(caught.value)


def test_a_circle_is_found():
    table = pd.DataFrame({"code": ["a", "b", "c", "r"], "parent": ["b", "c", "b", ""]})
    with pytest.raises(bm.BenchmarkError, match="above itself"):
        bm.build_tree(table)


def test_a_hierarchy_of_any_depth_is_weighed_level_by_level():
    data = pd.DataFrame({"a": [0.0, 10], "b": [0.0, 20], "c": [4.0, 0], "d": [0.0, 1]}, index=["x", "y"])
    rows = [
        ("a", "low"),
        ("b", "low"),
        ("low", "mid"),
        ("c", "mid"),
        ("mid", "top"),
        ("d", "top"),
        ("top", ""),
    ]
    index = bm.build_index(data, pd.DataFrame(rows, columns=["code", "parent"]))
    # y: low = 100, c = 0 → mid = 50, d = 100 → top = 75.
    assert index.scores.to_dict() == pytest.approx({"x": 25, "y": 75})
    assert index.effective_weights().to_dict() == pytest.approx({"a": 0.125, "b": 0.125, "c": 0.25, "d": 0.5})


# -- the chain --------------------------------------------------------------------------------------------------------


def test_every_stage_can_be_looked_at_and_nothing_given_is_changed():
    data = made(gaps=0.05)
    before = data.copy()
    index = bm.build_index(data, framework(), choices=bm.Choices(imputation="mean"))
    assert tuple(index.stages) == bm.STAGES
    pd.testing.assert_frame_equal(data, before)
    assert (index.log["stage"] == "imputed").sum() == data.isna().sum().sum()


def test_denominators_divide_and_a_missing_one_makes_the_value_missing():
    data = pd.DataFrame({"a": [10.0, 20, 30], "b": [1.0, 2, 3]}, index=["x", "y", "z"])
    frame = pd.DataFrame({"code": ["a", "b"], "denominator": ["people", ""]})
    people = pd.DataFrame({"people": [5.0, 5, np.nan]}, index=["x", "y", "z"])
    index = bm.build_index(data, frame, denominators=people, choices=bm.Choices(unit_availability=0))
    assert index.stages["denominated"]["a"].tolist()[:2] == [2, 4]
    assert "no people to divide by" in set(index.log["message"])


def test_screening_drops_and_says_so():
    data = made(units=25)
    data.loc["u0", ["i0", "i1", "i2", "i3"]] = np.nan
    data.loc["u5":, "i5"] = np.nan
    index = bm.build_index(data, framework())
    assert "u0" not in index.units
    assert "i5" not in index.tree.leaves
    dropped = index.log[index.log["stage"] == "selected"]
    assert set(dropped["action"]) == {"unit dropped", "indicator dropped"}


def test_a_constant_indicator_is_dropped_with_a_message():
    data = made()
    data["i3"] = 7.0
    index = bm.build_index(data, framework())
    assert "i3" not in index.tree.leaves
    row = index.log[index.log["indicator"] == "i3"].iloc[0]
    assert row["message"] == "the same for every unit: it cannot compare"


def test_one_choice_changed_runs_the_whole_chain_again():
    index = bm.build_index(made(), framework())
    other = index.change(aggregation="geometric")
    assert other.stages["normalised"].min().min() == pytest.approx(1)
    assert index.stages["normalised"].min().min() == pytest.approx(0)


def test_an_unknown_choice_names_the_nearest():
    with pytest.raises(bm.BenchmarkError, match="Did you mean 'geometric'"):
        bm.Choices(aggregation="geometrik")


def test_below_twenty_units_the_guards_speak_the_readers_language():
    data = made(units=7)
    data.iloc[0, 0] = 1000
    index = bm.build_index(data, framework(), choices=bm.Choices(weights="critic"))
    assert index.used.weights == "equal"
    assert index.used.outliers == "none"
    assert index.ranks.isna().all()
    assert "7 regions are too few to rank" in index.notes[0]
    assert index.coherence().empty
    with pytest.raises(bm.BenchmarkError, match="too few to rank"):
        bm.run_uncertainty(index)


def test_goalposts_keep_a_constant_indicator():
    data = pd.DataFrame({"a": [5.0, 5], "b": [0.0, 10]}, index=["x", "y"])
    frame = pd.DataFrame({"code": ["a", "b"], "low": [0, 0], "high": [10, 10]})
    index = bm.build_index(data, frame, choices=bm.Choices(normalisation="goalposts"))
    assert index.scores.to_dict() == {"x": 0.25, "y": 0.75}


def test_goalposts_that_are_missing_are_named():
    data = pd.DataFrame({"a": [1.0, 2]}, index=["x", "y"])
    with pytest.raises(bm.BenchmarkError, match="'a' has no low; 'a' has no high"):
        bm.build_index(data, choices=bm.Choices(normalisation="goalposts"))


def test_strengths_come_back_in_the_indicators_own_unit_with_the_direction_applied():
    data = pd.DataFrame({"jobs": [1.0, 2, 3], "jobless": [9.0, 5, 1]}, index=["x", "y", "z"])
    frame = pd.DataFrame({"code": ["jobs", "jobless"], "direction": [1, -1]})
    index = bm.build_index(data, frame)
    best = index.strengths("z")
    assert best["kind"].tolist() == ["strength", "strength"]
    assert best.set_index("code").loc["jobless"].drop("name").to_dict() == {
        "kind": "strength", "value": 1.0, "median": 5.0, "standing": 1.0,
    }  # fmt: skip
    assert index.strengths("x")["kind"].tolist() == ["weakness", "weakness"]
    assert index.strengths("y").empty


def test_leaving_out_a_group_moves_ranks_by_its_weight_in_the_order():
    data = made()
    index = bm.build_index(data, framework())
    table = index.leave_out().set_index("code")
    rest = bm.build_index(data, framework()[lambda f: ~f["code"].isin(["g1", "i1", "i3", "i5"])])
    expected = np.abs(bm.rank_units(rest.scores) - index.ranks).mean()
    assert table.at["g1", "mean_rank_change"] == pytest.approx(expected)


def test_coherence_shows_an_indicator_that_moves_against_the_index():
    random = np.random.default_rng(2)
    base = random.normal(size=40)
    data = pd.DataFrame({f"i{j}": base + 0.3 * random.normal(size=40) for j in range(5)})
    data["i5"] = -base
    table = bm.build_index(data, None).coherence().set_index("code")
    assert table.at["i5", "remark"] == "moves against the index"
    assert table.at["i0", "with_index"] > 0.8
    assert table.at["i0", "weight"] == pytest.approx(1 / 6)


# -- robustness -------------------------------------------------------------------------------------------------------


def rebuilt(index, simulator, draw):
    """Return the scores of one draw by way of the whole chain."""
    chosen = {name: options[draw[at]] for at, (name, options) in enumerate(simulator.options.items())}
    scheme = simulator._scheme_weights(chosen["imputation"], chosen["outliers"])
    table = index.tree.table.rename_axis("code").reset_index()
    table["weight"] = simulator.weights(draw[None, :], scheme)[:, 0]
    names = ("imputation", "outliers", "normalisation", "aggregation")
    choices = bm.Choices(**{name: chosen[name] for name in names})
    return bm.build_index(index._data, table, choices=choices).scores.to_numpy()


def test_a_draw_is_the_chain_run_with_these_choices():
    index = bm.build_index(made(gaps=0.04), framework(), choices=bm.Choices(imputation="mean"))
    simulator = bm.Simulator(index)
    draws = simulator.draw(60)
    fast = simulator.scores(draws)
    for at, draw in enumerate(draws):
        assert fast[:, at] == pytest.approx(rebuilt(index, simulator, draw), abs=1e-9)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others():
    index = bm.build_index(made(), framework())
    first, again, other = (bm.run_uncertainty(index, draws=200, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.table, again.table)
    assert not np.array_equal(first.draws, other.draws)
    assert first.seed == 1


def test_a_unit_that_is_best_everywhere_is_first_in_every_draw():
    data = made()
    frame = framework().assign(direction=1)
    data.loc["u3"] = data.max() + 1
    table = bm.run_uncertainty(bm.build_index(data, frame), draws=300).table.set_index("unit")
    assert table.loc["u3", ["low", "high", "first_share"]].tolist() == [1, 1, 1]


def test_an_input_without_a_choice_has_no_share_in_the_spread():
    index = bm.build_index(made(), framework())
    fixed = bm.Alternatives(imputation=("none",), outliers=("jrc",), group_noise=0)
    table = bm.run_sensitivity(index, fixed, samples=64).set_index("input")
    assert table.loc[["imputation", "outliers", "group_noise"], "total_order"].tolist() == [0, 0, 0]
    assert table["total_order"].max() > 0


def test_sobol_indices_of_the_ishigami_function():
    # methods G3, a = 7, b = 0.1: S = (0.313905, 0.442411, 0), S_T = (0.557589, 0.442411, 0.243684).
    def ishigami(x):
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    table = bm.sobol_indices(ishigami, ["a", "b", "c"], bounds=[(-np.pi, np.pi)] * 3, samples=8192).set_index(
        "input"
    )
    assert table.loc[["a", "b", "c"], "first_order"].to_numpy() == pytest.approx(
        [0.313905, 0.442411, 0], abs=0.01
    )
    expected = pytest.approx([0.557589, 0.442411, 0.243684], abs=0.01)
    assert table.loc[["a", "b", "c"], "total_order"].to_numpy() == expected
    truth = {"a": 0.313905, "b": 0.442411, "c": 0.0}
    assert all(table.at[k, "first_low"] <= v <= table.at[k, "first_high"] for k, v in truth.items())


def test_small_negative_indices_are_shown_as_they_are():
    def only_first(x):
        return x[:, 0] + 1e-3 * np.random.default_rng(0).normal(size=len(x))

    table = bm.sobol_indices(only_first, ["a", "b", "c"], samples=64)
    assert (table["first_low"] < 0).any()


# -- joining areas ----------------------------------------------------------------------------------------------------


def observations():
    return pd.DataFrame(
        [
            ("HR06", "2021", "gdp", "2021", 11.0),
            ("HR06", "2016", "gdp", "2015", 99.0),
            ("HR", np.nan, "gdp", "2020", 12.0),
            ("HR", np.nan, "jobs", "2020-03", 5.0),
            ("HR", np.nan, "jobs", "2019-12", 4.0),
        ],
        columns=["ref_area", "nuts_version", "indicator", "time_period", "obs_value"],
    ).assign(indicator_name="x", unit="u", source_title="s", source_url="http://s")


def areas():
    return pd.DataFrame(
        [
            ("k", "HR063", "2021", 0, "county"),
            ("k", "HR06", "2021", 1, "wider"),
            ("k", "HR", "", 2, "country"),
        ],
        columns=["region", "ref_area", "nuts_version", "order", "note"],
    )


def test_areas_join_on_code_and_version_and_every_mismatch_is_listed():
    joined, mismatches = bm.join_areas(observations(), areas())
    assert 99.0 not in set(joined["obs_value"])
    assert set(zip(mismatches["ref_area"], mismatches["nuts_version"], strict=True)) == {
        ("HR063", "2021"),
        ("HR06", "2016"),
    }
    assert mismatches["rows"].tolist() == [1, 0]


def test_the_nearest_area_and_its_latest_period_stand_for_the_region():
    joined, _ = bm.join_areas(observations(), areas())
    latest = bm.latest_values(joined, year=2021).set_index("indicator")
    assert (latest.at["gdp", "ref_area"], latest.at["gdp", "value"]) == ("HR06", 11.0)
    assert (latest.at["jobs", "ref_area"], latest.at["jobs", "value"]) == ("HR", 5.0)
    assert bm.latest_values(joined, year=2019).set_index("indicator").at["jobs", "value"] == 4.0


def test_versions_written_as_numbers_join_alike():
    numeric = observations().assign(nuts_version=[2021.0, 2016.0, np.nan, np.nan, np.nan])
    joined, _ = bm.join_areas(numeric, areas())
    assert 11.0 in set(joined["obs_value"])


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bm.normalise([[1, 2], [3, 4]], direction=[1, 1, 1]),
            "one for each of the 2 columns; given: 3",
        ),
        (lambda: bm.normalise([1, 2], direction=0), "directions are 1 or -1, not 0"),
        (
            lambda: bm.normalise([1, 2], "goalposts", goalposts=(3, 3)),
            "a low goalpost lies below its high one",
        ),
        (lambda: bm.normalise([1, 2], "distance-to-reference", reference=7), "the reference unit is row 7"),
        (lambda: bm.aggregate([[1, 2]], "arith"), "Did you mean 'arithmetic'"),
        (lambda: bm.aggregate([1, 2, 3]), "wrap a single unit in a list"),
        (lambda: bm.aggregate([[1, 2, 3]], weights=[1, 2]), "3 indicators need as many weights"),
        (lambda: bm.aggregate([[1, 2, 3]], weights=[1, -1, 1]), "weights are at least 0"),
        (lambda: bm.aggregate([[1, 2, 3]], weights=[0, 0, 0]), "not all of them 0"),
        (lambda: bm.aggregate([[-1, 2, 3]], "power", power=0.5), "needs positive values"),
        (lambda: bm.impute([[1, np.nan], [2, 3]], "knn"), "unknown imputation 'knn'"),
        (lambda: bm.impute([[1], [np.nan]], "group-mean", ["a"]), "1 given for 2 units"),
        (
            lambda: bm.build_tree(pd.DataFrame({"code": ["a", "b"], "weight": 0})),
            "all weights below 'index' are 0",
        ),
    ],
)
def test_bad_input_gets_one_clear_error(call, message):
    with pytest.raises(bm.BenchmarkError, match=re.escape(message)):
        call()


def test_a_cell_that_is_no_number_is_named():
    data = pd.DataFrame({"x": [1, "n/a", 3], "y": [1, 2, np.inf]}, index=["a", "b", "c"])
    with pytest.raises(bm.BenchmarkError, match=r"'x' of 'b' holds 'n/a'.*'y' of 'c' holds 'inf'"):
        bm.build_index(data)


def test_numbers_for_names_and_columns_nobody_asked_for_do_no_harm():
    data = pd.DataFrame([[1, 2, "note"], [3, 4, "note"], [5, 1, "note"]])
    index = bm.build_index(data, pd.DataFrame({"code": [0, 1], "direction": [1, -1]}))
    # min–max of 1, 3, 5 and, turned round, of 2, 4, 1: (0 + 66.7)/2, (50 + 0)/2, (100 + 100)/2
    assert index.scores.to_dict() == pytest.approx({"0": 100 / 3, "1": 25, "2": 100})


def test_a_flat_list_is_treated_like_a_column():
    values = [*range(1, 11), 100]
    assert bm.treat_outliers(values).values.tolist() == [*range(1, 11), 10]


def test_a_constant_column_has_no_critic_weight():
    assert bm.critic_weights([[1, 2, 3], [1, 3, 5], [1, 7, 4]])[0] == 0
