"""Charts of step 6: each serialises and renders, says what it finds, and needs no colour to be read."""

import json

import pandas as pd
import pytest

from eis_lib.charts import review as charts
from eis_lib.charts.parts import nothing_to_show
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {"title": "A finding", "subtitle": "What, when", "source": "somewhere", "description": "A sentence."}


def points(signals=("", "", "outside the limits")):
    return pd.DataFrame(
        {
            "date": ["2020-01-01", "2020-02-01", "2020-03-01"], "value": [1.0, None, 9.0], "phase": 0,
            "is_baseline": [True, True, False], "centre": 1.0, "lower": -2.0, "upper": 4.0, "signal": list(signals),
            "label": ["", "", "2020-03"],
        }
    )  # fmt: skip


def targets():
    return pd.DataFrame(
        {
            "indicator": ["Calls\n(per year)", "Content\n(share)"], "attainment": [-0.2, None], "expected": [0.5, None],
            "light": ["red", "grey"], "words": ["■ far behind: 8, target 20", "○ no way to state it"],
        }
    )  # fmt: skip


def alerts():
    return pd.DataFrame(
        {
            "row": ["Rate:\nPLN", "Provider closed:\nBoard"], "start": ["2020-03-31", "2024-12-31"],
            "end": ["2020-07-31", "2026-01-31"], "state": ["closed", "open"], "words": ["2020-03", "2024-12"],
        }
    )  # fmt: skip


def changes():
    return pd.DataFrame(
        {
            "kind": ["Grant", "Grant", "Training"], "change": ["added", "closed", "entered the record"],
            "services": [2, -3, 1], "is_real": [True, True, False],
        }
    )  # fmt: skip


def needs():
    return pd.DataFrame(
        {"need": ["Finance", "Finance", "Taxes"], "change": ["met now", "met now, unknown then", "no longer met"],
         "weight": [0.02, 0.01, -0.04]}
    )  # fmt: skip


def verdicts():
    return pd.DataFrame(
        {
            "series": ["PLN,\nlevel"] * 3, "shock": ["2016\nreferendum", "2020\npandemic", "calm\ntimes"],
            "verdict": ["no data", "signalled", "noise"],
            "mark": ["no data", "▲ 2020-03\nsame month", "1 alert in 4.1 years,\nopen 82% of the time"],
        }
    )  # fmt: skip


def scores():
    return pd.DataFrame(
        {"label": ["Owners", "Owners"], "year": [2018, 2024], "share": [None, 0.9], "mark": ["–", "9 of 10"]}
    )


CHARTS = {
    "control_chart": lambda: charts.control_chart(points(), unit="%", **WORDS),
    "target_tracking": lambda: charts.target_tracking(targets(), **WORDS),
    "alerts_timeline": lambda: charts.alerts_timeline(
        alerts(), pd.DataFrame({"date": ["2020-03-01"], "name": ["Pandemic"]}), until="2026-01-31", **WORDS
    ),
    "landscape_change": lambda: charts.landscape_change(changes(), **WORDS),
    "need_change": lambda: charts.need_change(needs(), **WORDS),
    "hindsight": lambda: charts.hindsight(verdicts(), **WORDS),
    "scorecard": lambda: charts.scorecard(scores(), **WORDS),
}  # fmt: skip


def text_of(chart):
    return json.dumps(specification(chart), ensure_ascii=False)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_serialises_the_same_twice_and_carries_its_sentence(name):
    one, two = to_json(CHARTS[name]()), to_json(CHARTS[name]())
    assert one == two
    assert '"description": "A sentence."' in one


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_renders_as_a_picture_with_its_title(name):
    picture = to_svg(CHARTS[name]())
    assert picture.startswith("<svg")
    assert "A finding" in picture


def test_signals_differ_in_shape_and_not_in_colour_alone():
    spec = text_of(CHARTS["control_chart"]())
    assert "triangle-up" in spec
    assert len(set(charts.SIGNAL_SHAPES.values())) == len(charts.SIGNAL_SHAPES)


def test_the_legend_names_only_signals_that_occur():
    assert "eight in a row" not in text_of(CHARTS["control_chart"]())


def test_a_missing_point_leaves_a_hole_in_the_line():
    spec = specification(CHARTS["control_chart"]())
    rows = next(
        r for r in spec["datasets"].values() if len(r) == 3 and "signal" in r[0] and "phase" not in r[0]
    )
    assert [row["value"] for row in rows] == [1.0, None, 9.0]


def test_the_state_of_an_indicator_is_written_beside_its_bar():
    assert "far behind" in to_svg(CHARTS["target_tracking"]())


def test_time_is_read_as_utc_so_that_a_picture_is_the_same_everywhere():
    for name in ("control_chart", "alerts_timeline"):
        assert '"type": "utc"' in text_of(CHARTS[name]())


def test_gains_and_losses_are_summed_at_the_end_of_their_side():
    picture = to_svg(CHARTS["landscape_change"]())
    assert "−3" in picture
    assert "+2" in picture
    assert "(+1)" in picture  # only the record changed there


def test_what_became_known_is_added_to_what_became_met():
    picture = to_svg(CHARTS["need_change"]())
    assert "+3.0%" in picture
    assert "−4.0%" in picture


def test_frames_are_left_as_they_were():
    frame, before = changes(), changes()
    charts.landscape_change(frame, **WORDS)
    pd.testing.assert_frame_equal(frame, before)


def test_nothing_to_show_says_so():
    assert "Rules were applied" in to_svg(nothing_to_show("No alert", "Rules were applied."))
