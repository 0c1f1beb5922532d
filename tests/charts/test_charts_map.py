"""Charts of step 1: each serialises, says what it finds, draws only its rows, and needs no colour to be read."""

import json

import pandas as pd
import pytest

from eis_lib.charts import map as charts
from eis_lib.charts.parts import _two_lines
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {"title": "A finding", "subtitle": "What, when", "source": "somewhere", "description": "A sentence."}


def cells_of_coverage():
    return pd.DataFrame(
        {
            "row": ["Grant", "Grant", "Grant", "Grant"],
            "column": ["Enter the market", "Stay and grow", "Prepare", "Assess readiness"],
            "services": [4, 0, 0, 0],
            "providers": [2, 0, 0, 0],
            "status": ["covered", "none", "unknown", "general"],
            "mark": ["4", "–", "?", "(3)"],
        }
    )


def every_chart():
    yield charts.coverage_map(cells_of_coverage(), row_title="Kind", column_title="Stage", **WORDS)
    yield charts.level_by_stage(
        pd.DataFrame(
            {
                "level": ["local", "all"],
                "level_label": ["Local", "All levels"],
                "stage": ["Prepare", "Prepare"],
                "services": [0, 3],
            }
        ),
        **WORDS,
    )
    yield charts.dated_years(
        pd.DataFrame(
            {
                "label": ["Grant", "Grant", "Loan", "Loan"],
                "year": [2018, 2024, 2018, 2024],
                "dating": ["dated", "no end recorded", "dated", "no start recorded"],
                "services": [2, 1, 0, 1],
            }
        ),
        **WORDS,
    )
    yield charts.need_areas(
        pd.DataFrame(
            {
                "need": ["Finance", "Finance", "Taxes", "Taxes"],
                "level": ["local", "eu", "local", "eu"],
                "level_label": ["Local", "European", "Local", "European"],
                "services": [2, 1, 0, 0],
                "note": ["", "", "can not be told", "can not be told"],
            }
        ),
        **WORDS,
    )
    yield charts.concentration(
        pd.DataFrame(
            {
                "need": ["Finance"],
                "providers": [3],
                "effective_providers": [2.5],
                "note": ["4 services · 2 levels"],
            }
        ),
        **WORDS,
    )
    yield charts.providers(
        pd.DataFrame(
            {
                "provider": ["One", "3 further"],
                "level": ["local", "several"],
                "services": [4, 3],
                "note": ["Local · hub", "1 each"],
            }
        ),
        **WORDS,
    )
    yield charts.provider_stages(
        pd.DataFrame(
            {
                "provider": ["One", "One"],
                "level": ["local", "local"],
                "level_label": ["Local", "Local"],
                "stage": ["Prepare", "Enter the market"],
                "services": [2, 0],
            }
        ),
        **WORDS,
    )
    yield charts.handoffs(
        pd.DataFrame(
            {"from_provider": ["One"], "to_provider": ["Two"], "referrals": [2], "warm": [1], "mark": ["2*"]}
        ),
        **WORDS,
    )
    yield charts.completeness(
        pd.DataFrame(
            {"table": ["Services"], "label": ["With a last year"], "share": [0.5], "note": ["1 of 2"]}
        ),
        order=["Services"],
        **WORDS,
    )


def rows_drawn(spec):
    return [row for rows in spec["datasets"].values() for row in rows]


@pytest.mark.parametrize("chart", list(every_chart()), ids=lambda chart: "chart")
def test_a_chart_serialises_with_its_finding_its_source_and_a_sentence(chart):
    text = to_json(chart)
    assert to_json(chart) == text
    assert json.loads(text)["description"] == "A sentence."
    assert "A finding" in text
    assert "Source: somewhere" in text


@pytest.mark.parametrize("chart", list(every_chart()), ids=lambda chart: "chart")
def test_a_chart_renders_to_a_picture(chart):
    assert to_svg(chart).startswith("<svg")


def test_none_unknown_and_general_are_told_apart_by_text():
    spec = specification(charts.coverage_map(cells_of_coverage(), **WORDS))
    marks = {row["status"]: row["mark"] for row in rows_drawn(spec)}
    assert marks == {"covered": "4", "none": "–", "unknown": "?", "general": "(3)"}


def test_labels_of_columns_break_at_the_space_nearest_their_middle():
    assert _two_lines("Enter the market") == "Enter the\nmarket"
    assert _two_lines("Prepare") == "\nPrepare"


def test_an_empty_cell_of_the_network_is_not_drawn_but_its_stage_keeps_its_place():
    frame = pd.DataFrame(
        {
            "provider": ["One", "One"],
            "level": ["local", "local"],
            "level_label": ["Local", "Local"],
            "stage": ["Prepare", "Enter the market"],
            "services": [2, 0],
        }
    )
    spec = specification(charts.provider_stages(frame, **WORDS))
    assert len(rows_drawn(spec)) == 1
    assert "Enter the\\nmarket" in json.dumps(spec)


def test_a_need_nobody_answers_says_why_beside_its_empty_bar():
    frame = pd.DataFrame(
        {
            "need": ["Finance", "Taxes", "Staff"],
            "level": ["local"] * 3,
            "level_label": ["Local"] * 3,
            "services": [2, 0, 0],
            "note": ["", "can not be told", "none on record"],
        }
    )
    rows = rows_drawn(specification(charts.need_areas(frame, **WORDS)))
    assert {row["need"]: row["mark"] for row in rows if "mark" in row} == {
        "Finance": "2",
        "Taxes": "can not be told",
        "Staff": "none on record",
    }


def test_a_chart_leaves_its_frame_alone():
    frame = cells_of_coverage()
    before = frame.copy(deep=True)
    charts.coverage_map(frame, **WORDS)
    pd.testing.assert_frame_equal(frame, before)
