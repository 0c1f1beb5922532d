import json

import altair as alt
import pandas as pd
import pytest

from eis_lib.charts import compare as charts
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {
    "title": "A finds more than B",
    "subtitle": "two regions",
    "source": "made up",
    "description": "A has more than B.",
}
PLACES = ["\nA\ncounty 0.1m", "\nB\nNUTS 2 1.0m"]


def strips():
    rows = [
        ("Demand met", "A", 0.2, True, "the region itself", "20%"),
        ("Demand met", "B", 0.6, False, "a wider area", "60%"),
    ]
    frame = pd.DataFrame(rows, columns=["measure", "region", "position", "is_own", "of", "text"])
    return charts.profile_strips(frame.assign(high_text="A 20% – B 60%", low_text=""), own="A", **WORDS)


def difference():
    rows = [
        ("Loan", "Plan", "missing here", "0 | 4"),
        ("Loan", "Enter", "unknown", "0 | 1"),
        ("Grant", "Plan", "only here", "1 | 0"),
    ]
    return charts.coverage_difference(
        pd.DataFrame(rows, columns=["row", "column", "standing", "mark"]), **WORDS
    )


def peers():
    rows = [("B", "size", 0.2, 0.5, "0.50 · peer 1"), ("B", "sectors", 0.3, 0.5, "0.50 · peer 1")]
    return charts.structural_peers(
        pd.DataFrame(rows, columns=["other", "dimension", "part", "distance", "note"]), **WORDS
    )


def practices():
    rows = [
        ("Own foothold", 0.3, "B · self-reported · effort low"),
        ("Voucher", 0.1, "B · before and after · effort high"),
    ]
    return charts.top_practices(pd.DataFrame(rows, columns=["practice", "met", "note"]), **WORDS)


def matches():
    cells = pd.DataFrame(
        [("Taxes, enter 9%", PLACES[1], 2, 1.0, "same stage")],
        columns=["gap", "region", "practices", "grade", "fit"],
    )
    return charts.practice_matches(
        cells, rows=["Taxes, enter 9%", "Language, plan 4%"], columns=PLACES, **WORDS
    )


def give_and_take():
    frame = pd.DataFrame([("B", 0.3, float("nan"))], columns=["partner", "take", "give"])
    return charts.give_and_take(frame, own="A", **WORDS)


def exchange():
    rows = [("A", PLACES[1], 1, 0.3, True), ("B", PLACES[0], 0, 0.0, False)]
    return charts.exchange_matrix(
        pd.DataFrame(rows, columns=["visitor", "host", "column_place", "share", "is_chosen"]), **WORDS
    )


def strengths():
    rows = [("Finance", PLACES[0], "strong", "80%"), ("Finance", PLACES[1], "no demand", "")]
    return charts.strong_where(pd.DataFrame(rows, columns=["need", "region", "standing", "mark"]), **WORDS)


def ranks():
    frame = pd.DataFrame(
        [("A", 3.0, 4.0, 2.0, 9.0, True)], columns=["region", "nominal", "median", "low", "high", "is_own"]
    )
    return charts.rank_intervals(frame, units=25, **WORDS)


def sensitivity():
    frame = pd.DataFrame(
        [("Weights", -0.01, 0.2, 0.1, 0.3)],
        columns=["input", "first_order", "total_order", "total_low", "total_high"],
    )
    return charts.sensitivity(frame, **WORDS)


ALL = [strips, difference, peers, practices, matches, give_and_take, exchange, strengths, ranks, sensitivity]


@pytest.mark.parametrize("make", ALL)
def test_every_chart_serialises_round_trips_and_draws(make):
    chart = make()
    spec = specification(chart)
    assert spec["description"] == "A has more than B."
    assert "A finds more than B" in json.dumps(spec)
    assert specification(alt.Chart.from_dict(spec)) == spec
    assert to_svg(chart).startswith("<svg")


@pytest.mark.parametrize("make", ALL)
def test_the_same_rows_give_the_same_bytes(make):
    assert to_json(make()) == to_json(make())


def test_a_gap_that_nobody_answers_keeps_its_empty_row():
    assert "Language, plan 4%" in to_svg(matches())


def test_a_negative_first_order_index_is_drawn_not_clipped():
    assert -0.01 in [
        row["first_order"] for data in specification(sensitivity())["datasets"].values() for row in data
    ]


def test_a_side_without_tested_gaps_is_a_dash_not_zero_percent():
    texts = [row["text"] for data in specification(give_and_take())["datasets"].values() for row in data]
    assert sorted(texts) == ["30%", "–"]


def test_colour_is_never_the_only_carrier():
    # Every cell of the two heat maps writes what its colour says.
    for make in (difference, strengths):
        rows = [row for data in specification(make())["datasets"].values() for row in data]
        assert all("mark" in row for row in rows)
