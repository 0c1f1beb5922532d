"""Charts of step 3: each serialises, says what it finds, draws only its rows, and needs no colour to be read."""

import json
import math

import pandas as pd
import pytest

from eis_lib.charts import test as charts
from eis_lib.charts import theme
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {"title": "A finding", "subtitle": "What, when", "source": "somewhere", "description": "A sentence."}


def gap_cells():
    return pd.DataFrame(
        {
            "persona": ["Maker", "Maker", "Studio", "Studio"],
            "stage": ["Prepare", "Enter the\nmarket"] * 2,
            "unmet_share": [0.0, 1.0, 0.5, math.nan],
            "mark": ["0 of 2", "1 of 1", "1 of 2, 1 ?", ""],
            "never_drawn": ["x"] * 4,
        }
    )


def journey_frames():
    nodes = pd.DataFrame(
        {"persona": ["Maker", "Maker"], "x": [2, 3], "changes": ["new service", "same service"]}
    )
    links = pd.DataFrame({"persona": ["Maker"], "x": [2], "x2": [3], "way": ["cold hand-off"]})
    ends = pd.DataFrame(
        {
            "persona": ["Studio", "Maker"],
            "x": [2.0, 5.0],
            "mark": ["lost", "2 services"],
            "reached": [False, True],
        }
    )
    return nodes, links, ends


STAGES = [
    "Become\naware",
    "Assess\nreadiness",
    "Choose\nand plan",
    "Prepare",
    "Enter the\nmarket",
    "Stay and\ngrow",
]


def journey_steps(cold=True):
    return pd.DataFrame(
        {
            "path": ["Best path"] * 3,
            "y": [0, 1, 2],
            "label": ["Start", "Advice", "Outcome"],
            "detail": ["enters at “Prepare”", "Prepare\nA body · found alone", "support up to “Prepare”"],
            "node": ["start", "service", "outcome"],
            "way": ["", "found alone", ""],
            "cold": [False, cold, False],
        }
    )


def every_chart():
    yield charts.gap_map(gap_cells(), **WORDS)
    yield charts.gaps_ranked(
        pd.DataFrame(
            {
                "gap": ["Finance · prepare", "Taxes · prepare"],
                "is_unknown": [False, True],
                "score": [0.05, 0.01],
                "note": ["a", "b"],
            }
        ),
        **WORDS,
    )
    yield charts.candidates(
        pd.DataFrame(
            {
                "pair": ["A\n= B"] * 3,
                "limb": ["Goal", "Activity", "Beneficiary"],
                "state": ["matches", "differs", "cannot be compared"],
                "numbers": ["J 1.00 · K 1.00", "J 0.00 · K 0.00", "not recorded"],
            }
        ),
        **WORDS,
    )
    yield charts.fragmentation(
        pd.DataFrame(
            {
                "area": ["Finance", "Taxes"],
                "providers": [3, 0],
                "effective_providers": [2.5, math.nan],
                "note": ["2 levels", "none"],
            }
        ),
        **WORDS,
    )
    yield charts.journey_map(*journey_frames(), STAGES, **WORDS)
    yield charts.journey_of(journey_steps(), **WORDS)
    yield charts.sensitivity(
        pd.DataFrame(
            {
                "gap": ["Finance", "Taxes"] * 2,
                "scheme": ["equal\nweights"] * 2 + ["EU\n2015"] * 2,
                "place": [1, 2, 2, 1],
                "moves": [False] * 4,
            }
        ),
        **WORDS,
    )
    yield charts.demand_served(
        pd.DataFrame(
            {
                "area": ["Finance"] * 3,
                "state": ["served", "records can not tell", "no service open"],
                "weight": [0.2, 0.1, 0.3],
            }
        ),
        **WORDS,
    )


ALL = list(every_chart())


def drawn_rows(chart):
    return [row for rows in specification(chart)["datasets"].values() for row in rows]


@pytest.mark.parametrize("number", range(len(ALL)))
def test_every_chart_has_title_source_and_description_and_renders(number):
    spec = specification(ALL[number])
    assert spec["description"] == "A sentence."
    assert "A finding" in json.dumps(spec)
    assert "Source: somewhere" in json.dumps(spec)
    assert to_svg(ALL[number]).startswith("<svg")


@pytest.mark.parametrize("number", range(len(ALL)))
def test_every_chart_is_the_same_twice(number):
    again = list(every_chart())[number]
    assert to_json(again) == to_json(ALL[number])


@pytest.mark.parametrize("number", range(len(ALL)))
def test_colours_come_from_the_theme(number):
    allowed = {c.upper() for c in (*theme.COLOURS.values(), *theme.SEQUENTIAL, *theme.DIVERGING)} | {
        "#555555",
        "#666666",
    }
    spec = specification(ALL[number])
    spec.pop("config", None)
    used = {
        word.upper()
        for word in json.dumps(spec).replace('"', " ").split()
        if word.startswith("#") and len(word) == 7
    }
    assert used <= allowed


def test_only_what_is_drawn_goes_into_the_chart():
    assert not any("never_drawn" in row for row in drawn_rows(ALL[0]))


def test_what_a_gap_map_shows_can_be_read_without_colour():
    svg = to_svg(ALL[0])
    assert "1 of 2, 1 ?" in svg


def test_a_limb_is_told_by_shape_and_words_as_well_as_colour():
    spec = json.dumps(specification(ALL[2]))
    assert '"range": ["square", "circle", "cross"]' in spec
    assert "J 1.00 · K 1.00" in to_svg(ALL[2])


def test_hand_offs_are_told_by_their_line_as_well_as_by_colour():
    assert "strokeDash" in json.dumps(specification(ALL[4]))
    assert "strokeDash" in json.dumps(specification(ALL[5]))


def test_a_journey_map_is_drawn_even_where_nobody_gets_anywhere():
    nodes, links, ends = (frame.iloc[:0] for frame in journey_frames())
    ends = journey_frames()[2].head(1)
    assert "lost" in to_svg(charts.journey_map(nodes, links, ends, STAGES, **WORDS))


def test_a_chart_leaves_its_frame_as_it_was():
    frame = gap_cells()
    charts.gap_map(frame, **WORDS)
    pd.testing.assert_frame_equal(frame, gap_cells())
