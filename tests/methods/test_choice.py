"""Multi-criteria analysis: published answers, hand-worked answers, and what must always hold."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skcriteria import mkdm
from skcriteria.agg.topsis import TOPSIS
from skcriteria.preprocessing.scalers import VectorScaler

from eis_lib.methods import choice
from eis_lib.methods.choice import Preference

# Tzeng & Huang (2011), Multiple Attribute Decision Making, the example that scikit-criteria tests its TOPSIS with
TZENG = pd.DataFrame(
    [(5, 8, 4), (7, 6, 8), (8, 8, 6), (7, 4, 6)], columns=["a", "b", "c"], index=["w", "x", "y", "z"]
)
UP = {"a": 1, "b": 1, "c": 1}
WEIGHTS = {"a": 0.3, "b": 0.4, "c": 0.3}


def tzeng() -> choice.Decision:
    return choice.prepare(TZENG, UP, WEIGHTS)


@st.composite
def decisions(draw: st.DrawFn) -> choice.Decision:
    rows, columns = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    cells = st.integers(0, 20)
    table = draw(st.lists(st.lists(cells, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    names = [f"c{i}" for i in range(columns)]
    frame = pd.DataFrame(table, columns=names, index=[f"o{i}" for i in range(rows)])
    directions = {n: draw(st.sampled_from([1, -1])) for n in names}
    weights = {n: float(draw(st.integers(1, 9))) for n in names}
    return choice.prepare(frame, directions, weights)


def test_topsis_gives_the_published_closeness_and_ranks() -> None:
    closeness = choice.topsis(tzeng())
    assert closeness.round(4).tolist() == [0.5037, 0.6581, 0.7482, 0.3340]
    assert choice.rank(closeness).tolist() == [3, 2, 1, 4]


def test_topsis_of_a_falling_criterion_equals_the_minimising_one_of_scikit_criteria() -> None:
    directions = {"a": 1, "b": -1, "c": 1}
    own = choice.topsis(choice.prepare(TZENG, directions, WEIGHTS))
    matrix = mkdm(TZENG.to_numpy(), [max, min, max], weights=[0.3, 0.4, 0.3])
    with pytest.warns(UserWarning, match="minimization"):
        theirs = TOPSIS().evaluate(VectorScaler("matrix").transform(matrix)).e_.similarity
    assert own.tolist() == pytest.approx(list(theirs))


def test_weighted_sum_on_local_scales_by_hand() -> None:
    # a: 5..8, b: 4..8, c: 4..8; y = 0.3·100 + 0.4·100 + 0.3·50
    scores = choice.weighted_sum(tzeng())
    assert scores.round(6).to_dict() == {"w": 40.0, "x": 70.0, "y": 85.0, "z": 35.0}


def test_a_value_function_of_ones_own_replaces_the_local_scale() -> None:
    values = pd.DataFrame(
        {c: choice.value_function(TZENG[c], [(0, 0), (10, 100)]) for c in TZENG}, index=TZENG.index
    )
    assert choice.weighted_sum(tzeng(), values)["y"] == pytest.approx(0.3 * 80 + 0.4 * 80 + 0.3 * 60)


def test_a_value_function_must_rise_or_fall_throughout() -> None:
    with pytest.raises(choice.ChoiceError, match="rise or fall"):
        choice.value_function([1], [(0, 0), (5, 100), (10, 50)])


def test_swing_points_become_weights_that_sum_to_one() -> None:
    assert choice.swing_weights({"a": 100, "b": 60, "c": 40}) == {"a": 0.5, "b": 0.3, "c": 0.2}


def test_a_missing_value_is_refused_by_name() -> None:
    with pytest.raises(choice.ChoiceError, match="no value for x on b; missing is not zero"):
        choice.prepare(TZENG.astype("float64").mask(TZENG.eq(6) & (TZENG.columns == "b")), UP, WEIGHTS)


def test_a_constant_criterion_is_dropped_with_a_message() -> None:
    decision = choice.prepare(TZENG.assign(b=5), UP, WEIGHTS)
    assert decision.dropped == ("'b' is left out: every option has 5",)
    assert decision.weights.round(9).to_dict() == {"a": 0.5, "c": 0.5}


def test_dominance_names_who_dominates_whom() -> None:
    # z = (7, 4, 6) is no better than x = (7, 6, 8) and y = (8, 8, 6); w = (5, 8, 4) than y
    pairs = choice.dominated(tzeng())
    assert set(pairs.itertuples(index=False, name=None)) == {("z", "x"), ("z", "y"), ("w", "y")}


@pytest.mark.parametrize(
    ("function", "expected"),
    # by hand from Brans and Vincke (1985), at d = -1, 0, 1, 2, 3, 5
    [
        (Preference("usual"), [0, 0, 1, 1, 1, 1]),
        (Preference("u-shape", q=2), [0, 0, 0, 0, 1, 1]),
        (Preference("v-shape", p=4), [0, 0, 0.25, 0.5, 0.75, 1]),
        (Preference("level", q=1, p=3), [0, 0, 0, 0.5, 0.5, 1]),
        (Preference("linear", q=1, p=3), [0, 0, 0, 0.5, 1, 1]),
        (Preference("gaussian", s=2), [0, 0, *(1 - math.exp(-(d**2) / 8) for d in (1, 2, 3, 5))]),
    ],
    ids=lambda value: value.kind if isinstance(value, Preference) else "",
)
def test_each_of_the_six_preference_functions(function: Preference, expected: list[float]) -> None:
    assert function([-1, 0, 1, 2, 3, 5]).tolist() == pytest.approx(expected)


def test_a_preference_function_refuses_thresholds_that_make_no_sense() -> None:
    with pytest.raises(choice.ChoiceError, match="needs p above q"):
        Preference("linear", q=3, p=3)([1])
    with pytest.raises(choice.ChoiceError, match="needs s above 0"):
        Preference("gaussian")([1])


def test_promethee_flows_by_hand() -> None:
    # two criteria of equal weight, usual preference: a beats b on both, c on one; b beats c on one
    table = pd.DataFrame({"p": [3, 2, 1], "q": [2, 1, 3]}, index=["a", "b", "c"])
    flows = choice.promethee(choice.prepare(table, {"p": 1, "q": 1}, {"p": 1, "q": 1}))
    assert flows["leaving"].tolist() == pytest.approx([0.75, 0.25, 0.5])
    assert flows["entering"].tolist() == pytest.approx([0.25, 0.75, 0.5])
    assert flows["net"].tolist() == pytest.approx([0.5, -0.5, 0.0])


@given(decisions())
@settings(max_examples=50, deadline=None)
def test_net_flows_sum_to_zero(decision: choice.Decision) -> None:
    assert choice.promethee(decision)["net"].sum() == pytest.approx(0, abs=1e-9)


@given(decisions())
@settings(max_examples=50, deadline=None)
def test_a_dominated_option_never_beats_the_one_that_dominates_it(decision: choice.Decision) -> None:
    if decision.values.shape[1] == 0:
        return
    pairs = choice.dominated(decision)
    for score in (choice.weighted_sum(decision), choice.topsis(decision), choice.promethee(decision)["net"]):
        for row in pairs.itertuples(index=False):
            assert score[row.option] <= score[row.dominated_by] + 1e-9


def test_the_weight_that_changes_first_place_is_exact() -> None:
    # local scales: y = (100, 100, 50), x = (66.7, 50, 100). With weight t on c, a and b keep 3 : 4, so y leads on them
    # by (3·33.3 + 4·50)/7 = 300/7: t·(−50) + (1 − t)·300/7 = 0 → t = 6/13
    changes = choice.weight_changes(tzeng()).set_index("criterion")
    assert changes.at["c", "weight_at_change"] == pytest.approx(6 / 13)
    assert changes.at["c", "new_first"] == "x"
    assert changes.at["c", "shift"] == pytest.approx(6 / 13 - 0.3)
    assert math.isnan(changes.at["a", "weight_at_change"])  # y is best on a: no weight there dethrones it


@given(decisions())
@settings(max_examples=50, deadline=None)
def test_at_the_changed_weight_first_and_rival_draw_level(decision: choice.Decision) -> None:
    if decision.values.shape[1] < 2:
        return
    values = choice.local_values(decision)
    first = choice.weighted_sum(decision).round(9).idxmax()
    for row in choice.weight_changes(decision).dropna().itertuples(index=False):
        scale = (1 - row.weight_at_change) / (1 - row.weight)
        weights = decision.weights * scale
        weights[row.criterion] = row.weight_at_change
        scores = (values * weights).sum(axis=1)
        assert scores[first] == pytest.approx(scores[row.new_first], abs=1e-6)
        assert scores.max() == pytest.approx(scores[first], abs=1e-6)


def test_a_rank_reversal_is_found() -> None:
    # weights 0.6 and 0.4 on local scales. With c: a = 0.6·100 = 60, b = 0.6·83.3 + 0.4·30 = 62, so b is ahead;
    # without c the scales shrink: a = 60, b = 40, and a is ahead
    table = pd.DataFrame({"p": [60, 50, 0], "q": [0, 30, 100]}, index=["a", "b", "c"])
    decision = choice.prepare(table, {"p": 1, "q": 1}, {"p": 0.6, "q": 0.4})
    found = choice.rank_reversals(decision, choice.weighted_sum)
    assert ("c", "b", "a") in set(found.itertuples(index=False, name=None))


def test_an_order_that_holds_gives_no_warning() -> None:
    assert choice.rank_reversals(tzeng(), choice.topsis).empty


def test_ranks_under_all_methods_stand_side_by_side() -> None:
    table = choice.compare_methods(tzeng())
    assert table.index.tolist() == ["y", "x", "w", "z"]
    assert table.loc["y", ["weighted_sum_rank", "topsis_rank", "promethee_rank"]].tolist() == [1, 1, 1]
    assert table["is_dominated"].to_dict() == {"y": False, "x": False, "w": True, "z": True}


def test_the_argument_is_left_as_it_was() -> None:
    before = TZENG.copy()
    choice.compare_methods(tzeng())
    pd.testing.assert_frame_equal(before, TZENG)


def test_lists_and_numbered_columns_do_as_well_as_names() -> None:
    options = pd.DataFrame([(5, 8, 4), (7, 6, 8), (8, 8, 6), (7, 4, 6)])
    found = choice.topsis(choice.prepare(options, [1, 1, 1], [0.3, 0.4, 0.3]))
    assert found.round(4).tolist() == [0.5037, 0.6581, 0.7482, 0.3340]
    assert choice.rank_reversals(choice.prepare(options, [1, 1, 1], [0.3, 0.4, 0.3]), choice.topsis).empty


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": pd.DataFrame({"a": [1, 2], "b": ["x", 3]})}, "'b' of '0' holds 'x'"),
        ({"values": pd.DataFrame({"a": [1, 2], "b": [2, 3]}, index=["one", "one"])}, "'one' is there twice"),
        ({"weights": [1, float("nan")]}, "not so for b"),
        ({"weights": [1]}, "2 criteria need 2"),
    ],
)
def test_options_that_can_not_be_weighed_are_named(change: dict[str, object], message: str) -> None:
    given = {
        "values": pd.DataFrame({"a": [1, 2], "b": [2, 3]}),
        "directions": [1, 1],
        "weights": [1, 1],
    } | change
    with pytest.raises(choice.ChoiceError, match=message):
        choice.prepare(**given)  # type: ignore[arg-type]


def test_a_preference_for_a_criterion_that_is_not_there_is_an_error() -> None:
    decision = choice.prepare(pd.DataFrame({"a": [1, 2], "b": [3, 3]}), [1, 1], [1, 1])
    choice.promethee(
        decision, {"b": choice.Preference("v-shape", p=1)}
    )  # constant, and dropped with a message
    with pytest.raises(choice.ChoiceError, match="no criterion 'z'"):
        choice.promethee(decision, {"z": choice.Preference()})
