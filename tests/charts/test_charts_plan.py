"""Charts of the plan: each serialises, draws, says what it shows and carries only the rows it draws."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from eis_lib.charts import plan as charts
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {
    "title": "What was found",
    "subtitle": "what, unit",
    "source": "the pack",
    "description": "One sentence.",
}
FRAMES: dict[str, tuple[Callable[..., Any], tuple[pd.DataFrame, ...]]] = {
    "recommendation_bars": (
        charts.recommendation_bars,
        (pd.DataFrame({"label": ["Do a", "Do b"], "value": [0.1, 0.0], "option": ["add", "coordinate"], "option_label": ["Add", "Coordinate"], "note": ["x", "y"]}),),
    ),
    "doors": (
        charts.doors,
        (pd.DataFrame({"label": ["A", "A"], "landscape": [charts.AS_IS, charts.TO_BE], "doors": [2.0, 1.0]}),),
    ),
    "journeys_side_by_side": (
        charts.journeys_side_by_side,
        (pd.DataFrame({"persona": ["P", "P"], "landscape": [charts.AS_IS, charts.TO_BE], "mark": ["1 · 0", "lost"], "state": ["same", "lost"]}),),
    ),
    "method_ranks": (charts.method_ranks, (pd.DataFrame({"label": ["A", "B"], "method": ["M", "M"], "rank": [1, 2]}),)),
    "weight_moves": (
        charts.weight_moves,
        (pd.DataFrame({"label": ["A", "B"], "weight": [0.4, 0.6], "weight_at_change": [0.7, None], "note": ["x", "no change"]}),),
    ),
    "budget_curve": (
        charts.budget_curve,
        (
            pd.DataFrame({"budget_eur": [0.0, 1e6], "value": [0.0, 0.2]}),
            pd.DataFrame({"label": ["best", "greedy"], "cost_eur": [1e6, 1e6], "value": [0.2, 0.1]}),
        ),
    ),
    "timetable": (
        charts.timetable,
        (pd.DataFrame({"label": ["1 A"], "start": [2027], "end": [2028], "owner": ["Council"], "kind": ["proposed"]}),),
    ),
    "raci_matrix": (
        charts.raci_matrix,
        (pd.DataFrame({"body": ["C"], "action": ["Action 1"], "letters": ["A R"], "is_accountable": [True]}),),
    ),
    "both_sides": (
        charts.both_sides,
        (pd.DataFrame({"label": ["A", "A"], "side": ["published", "proposed"], "actions": [2, 1]}),),
    ),
    "known_costs": (
        charts.known_costs,
        (pd.DataFrame({"group": ["g", "g"], "state": ["cost known", "cost not published"], "actions": [0, 3]}),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_every_chart_draws_and_says_what_it_shows(name: str) -> None:
    function, frames = FRAMES[name]
    before = [frame.copy() for frame in frames]
    chart = function(*frames, **WORDS)
    spec = specification(chart)
    assert spec["description"] == "One sentence."
    text = json.dumps(spec)
    assert "What was found" in text
    assert "Source: the pack" in text
    assert to_svg(chart).startswith("<svg")
    assert to_json(chart) == to_json(function(*frames, **WORDS))
    for one, two in zip(before, frames, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_a_group_without_actions_leaves_no_empty_bar() -> None:
    function, frames = FRAMES["known_costs"]
    spec = specification(function(*frames, **WORDS))
    rows = [row for data in spec["datasets"].values() for row in data]
    assert [row["state"] for row in rows] == ["cost not published"]


def test_a_long_label_ends_in_two_lines() -> None:
    assert charts.two_lines("short") == "short"
    long = charts.two_lines("word " * 40)
    assert long.count("\n") == 1
    assert long.endswith("…")


def test_every_option_has_its_colour() -> None:
    from eis_lib.methods.recommendation import CANDIDATE_OPTIONS

    assert {*CANDIDATE_OPTIONS, "add"} == set(charts.OPTION_COLOURS)
