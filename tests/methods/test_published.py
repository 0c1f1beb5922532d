"""Data sets that others published with their answers, put through the functions as a stranger would call them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from eis_lib.methods import benchmark, choice, monitor, portfolio

# -- weights ----------------------------------------------------------------------------------------------------------

DIAKOULAKI = [
    (61, 1.08, 4.33), (20.7, 0.26, 4.34), (16.3, 1.98, 2.53), (9, 3.29, 1.65),
    (5.4, 2.77, 2.33), (4, 4.12, 1.21), (-6.1, 3.52, 2.10), (-34.6, 3.31, 0.98),
]  # fmt: skip


def test_critic_weights_of_the_firms_in_its_first_paper():
    # Diakoulaki, Mavrotas & Papayannakis 1995; weights as in quatrope/scikit-criteria, test_weighters.py.
    weights = benchmark.critic_weights(pd.DataFrame(DIAKOULAKI, columns=["profit", "share", "output"]))
    assert weights == pytest.approx([0.20222554, 0.48090173, 0.31687273], abs=1e-8)


def test_critic_weights_do_not_notice_the_order_of_rows_or_the_unit():
    table = np.array(DIAKOULAKI)
    assert benchmark.critic_weights(table[::-1] * 1000 + 7) == pytest.approx(benchmark.critic_weights(table))


def test_entropy_weights_of_a_table_of_two():
    # quatrope/scikit-criteria, test_weighters.py.
    assert benchmark.entropy_weights([[1, 2], [4, 16]]) == pytest.approx([0.358889, 0.641111], abs=1e-6)


# -- multi-criteria methods -------------------------------------------------------------------------------------------


def test_topsis_of_two_options_of_scikit_criteria_by_hand():
    # The matrix of quatrope/scikit-criteria, test_topsis.py, here with TOPSIS's own scaling: A0 becomes (1, 0, 1/√5), A1
    # (0, 1, 2/√5); A0 lies 1 from the worst and √(1 + 1/5) from the best.
    options = pd.DataFrame([(1, 0, 3), (0, 5, 6)], index=["A0", "A1"])
    closeness = choice.topsis(choice.prepare(options, [1, 1, 1], [1, 1, 1]))
    assert closeness["A0"] == pytest.approx(1 / (1 + 1.2**0.5))
    assert closeness.sum() == pytest.approx(1)


PLANTS = pd.DataFrame(
    {
        "manpower": [80, 65, 83, 40, 52, 94],
        "power": [90, 58, 60, 80, 72, 96],
        "construction": [6, 2, 4, 10, 6, 7],
        "maintenance": [5.4, 9.7, 7.2, 7.5, 2.0, 3.6],
        "villages": [8, 1, 4, 7, 3, 5],
        "security": [5, 1, 7, 10, 8, 6],
    },
    index=[f"a{n}" for n in range(1, 7)],
)
PLANT_PREFERENCES = {
    "manpower": choice.Preference("u-shape", q=10),
    "power": choice.Preference("v-shape", p=30),
    "construction": choice.Preference("linear", q=0.5, p=5),
    "maintenance": choice.Preference("level", q=1, p=6),
    "villages": choice.Preference("usual"),
    "security": choice.Preference("gaussian", s=5),
}


def test_promethee_flows_of_the_power_plants_with_all_six_preference_functions():
    # Brans, Vincke & Mareschal 1986; the preference indices as printed there, in
    # WAndraszyk/Construct-your-own-PROMETHEE-with-Python-for-MCDA, unit_tests/.
    printed = np.array(
        [
            (0.000, 0.296, 0.250, 0.268, 0.100, 0.185), (0.462, 0.000, 0.389, 0.333, 0.296, 0.500),
            (0.236, 0.180, 0.000, 0.333, 0.056, 0.429), (0.399, 0.505, 0.305, 0.000, 0.223, 0.212),
            (0.444, 0.515, 0.487, 0.380, 0.000, 0.448), (0.286, 0.399, 0.250, 0.432, 0.133, 0.000),
        ]
    )  # fmt: skip
    decision = choice.prepare(PLANTS, [-1, 1, -1, -1, -1, 1], [1] * 6)
    flows = choice.promethee(decision, PLANT_PREFERENCES)
    assert flows["leaving"].to_numpy() == pytest.approx(printed.sum(axis=1) / 5, abs=0.002)
    assert flows["entering"].to_numpy() == pytest.approx(printed.sum(axis=0) / 5, abs=0.002)
    assert flows["net"].idxmax() == "a5"


# -- knapsack and set cover -------------------------------------------------------------------------------------------

# J. Burkardt, KNAPSACK_01, data sets p02 to p08: capacity, weights, profits, best profit (p01 is in test_portfolio.py).
KNAPSACKS = {
    "p02": (26, [12, 7, 11, 8, 9], [24, 13, 23, 15, 16], 51),
    "p03": (190, [56, 59, 80, 64, 75, 17], [50, 50, 64, 46, 50, 5], 150),
    "p04": (50, [31, 10, 20, 19, 4, 3, 6], [70, 20, 39, 37, 7, 5, 10], 107),
    "p05": (104, [25, 35, 45, 5, 25, 3, 2, 2], [350, 400, 450, 20, 70, 8, 5, 5], 900),
    "p06": (170, [41, 50, 49, 59, 55, 57, 60], [442, 525, 511, 593, 546, 564, 617], 1735),
    "p07": (
        750,
        [70, 73, 77, 80, 82, 87, 90, 94, 98, 106, 110, 113, 115, 118, 120],
        [135, 139, 149, 150, 156, 163, 173, 184, 192, 201, 210, 214, 221, 229, 240],
        1458,
    ),
    "p08": (
        6404180,
        [
            382745, 799601, 909247, 729069, 467902, 44328, 34610, 698150, 823460, 903959, 853665, 551830, 610856, 670702,
            488960, 951111, 323046, 446298, 931161, 31385, 496951, 264724, 224916, 169684,
        ],
        [
            825594, 1677009, 1676628, 1523970, 943972, 97426, 69666, 1296457, 1679693, 1902996, 1844992, 1049289, 1252836,
            1319836, 953277, 2067538, 675367, 853655, 1826027, 65731, 901489, 577243, 466257, 369261,
        ],
        13549094,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KNAPSACKS)
def test_a_published_knapsack_has_its_published_optimum(name):
    capacity, weights, profits, best = KNAPSACKS[name]
    actions = pd.DataFrame({"action_id": range(len(weights)), "value": profits, "cost_eur": weights})
    found = portfolio.solve_portfolio(actions.sample(frac=1, random_state=1), capacity)
    assert (found.value, found.status) == (best, portfolio.OPTIMAL)
    assert portfolio.greedy_portfolio(actions, capacity).value <= best


@pytest.mark.parametrize(("dimension", "fewest"), [(2, 5), (3, 18)])
def test_steiner_triples_need_as_many_points_as_a_largest_cap_leaves(dimension, fewest):
    # Fulkerson, Nemhauser & Trotter 1974: covering the triples of a Steiner system, A9 and A27. For the lines of the affine
    # space over three elements the answer is what a largest cap set leaves: 9 - 4 and 27 - 9 points.
    points = list(itertools.product(range(3), repeat=dimension))
    lines = {
        frozenset((p, q, tuple((-a - b) % 3 for a, b in zip(p, q, strict=True))))
        for p, q in itertools.combinations(points, 2)
    }
    serves = pd.DataFrame(
        [[p in line for p in points] for line in sorted(map(sorted, lines))], columns=map(str, points)
    )
    found = portfolio.solve_cover(serves)
    assert (len(found.kept), found.status) == (fewest, portfolio.OPTIMAL)


# -- change points ----------------------------------------------------------------------------------------------------

NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


def test_the_nile_falls_in_1899_and_at_no_other_time():
    # Annual flow at Aswan 1871-1970; Cobb 1978 puts the change between 1898 and 1899, when the dam was begun.
    found, _ = monitor.change_points(NILE)
    assert [1871 + at for at in found] == [1899]


def test_a_chart_frozen_on_the_first_years_of_the_nile_signals_the_fall():
    series = pd.DataFrame({"period": range(1871, 1971), "value": NILE}).sample(frac=1, random_state=3)
    chart = monitor.control_chart(series, baseline_points=28)
    first = chart.loc[(chart["period"] > 1898) & (chart["signal"] != ""), "period"].iloc[0]
    assert not chart.loc[chart["is_baseline"], "signal"].any()
    assert 1899 <= first <= 1906
