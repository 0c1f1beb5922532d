"""Charts of step 2: each serialises, renders, says what it finds, and draws no row it was not given."""

import json
import re

import pandas as pd
import pytest

from eis_lib.charts import examine as charts
from eis_lib.charts import theme
from eis_lib.charts.picture import specification, to_json, to_svg

WORDS = {"title": "A finding", "subtitle": "What, when", "source": "somewhere", "description": "A sentence."}
NAN = float("nan")


def need(*, weighted: bool):
    frame = pd.DataFrame(
        {
            "barrier": ["Access to finance", "Language"],
            "share_percent": [61.0, NAN],
            "in_force": [1, 0],
            "undated": [2, 0],
        }
    )
    return charts.chart_need_and_policy(frame, weighted=weighted, **WORDS)


def timeline():
    frame = pd.DataFrame(
        {
            "policy": ["Plan A", "Plan B", "Plan C"],
            "start_year": pd.array([2014, None, 2019], dtype="Int64"),
            "end_year": pd.array([2020, 2027, None], dtype="Int64"),
            "delivery": ["not standing", "delivered", "no service named"],
        }
    )
    return charts.chart_timeline(frame, 2026, **WORDS)


def every_chart():
    yield "need", need(weighted=True)
    yield "need_equal", need(weighted=False)
    yield (
        "surveys",
        charts.chart_surveys(
            pd.DataFrame(
                {
                    "barrier": ["Access to finance", "Access to finance", "Language ○", "Language ○"],
                    "survey": ["IE 2014", "EU25 2006", "IE 2014", "EU25 2006"],
                    "rank": pd.array([1, 2, None, 1], dtype="Int64"),
                    "place_share": [0.0, 1.0, NAN, 0.0],
                }
            ),
            **WORDS,
        ),
    )
    yield (
        "policy_barriers",
        charts.chart_policy_barriers(
            pd.DataFrame({"policy": ["Plan A"], "barrier": ["Language"], "standing": ["in force"]}),
            ["Language", "Access to finance"],
            ["Plan A", "Plan B"],
            **WORDS,
        ),
    )
    yield "timeline", timeline()
    yield (
        "backing",
        charts.chart_backing(
            pd.DataFrame(
                {
                    "support_type": ["Grant", "Grant", "Training"],
                    "backing": [charts.BACKING[0], charts.BACKING[4], charts.BACKING[3]],
                    "services": [3, 1, 2],
                }
            ),
            **WORDS,
        ),
    )
    yield "money", money([28e6, NAN, 0.0])
    yield (
        "logic_faults",
        charts.chart_logic_faults(
            pd.DataFrame(
                {"label": ["Need", "Result"], "judged": [4, 0], "faults": [1, 0], "unjudged": [0, 1]}
            ),
            **WORDS,
        ),
    )
    yield (
        "logic_chain",
        charts.chart_logic_chain(
            pd.DataFrame(
                {
                    "node": ["0:a", "1:p", "2:b"],
                    "layer": [0, 1, 2],
                    "label": ["Language", "Plan A", "Agency"],
                    "place": [0.5, 0.5, 0.5],
                    "broken": [False, False, True],
                }
            ),
            pd.DataFrame({"x": [0, 1], "y": [0.5, 0.5], "x2": [1, 2], "y2": [0.5, 0.5]}),
            **WORDS,
        ),
    )
    yield (
        "coherence",
        charts.chart_coherence(
            pd.DataFrame(
                {"policy_from": ["1  A", "2  B"], "policy_to": ["2  B", "1  A"], "score": [-2.5, 0.0]}
            ),
            ["1  A", "2  B"],
            **WORDS,
        ),
    )
    yield "candidates", candidates()
    yield (
        "criteria",
        charts.chart_criteria(
            pd.DataFrame(
                {
                    "policy": ["Plan A", "Plan A"],
                    "criterion": ["Relevance", "Efficiency"],
                    "level": [4.0, NAN],
                    "status": ["scored", "not assessable"],
                    "text": ["4", "not assessable"],
                }
            ),
            ["Plan A"],
            ["Relevance", "Efficiency"],
            **WORDS,
        ),
    )
    yield (
        "agreement",
        charts.chart_agreement(
            pd.DataFrame(
                {
                    "subject": ["All: 0.72 (20 units)", "Relevance: undefined (1 unit)"],
                    "alpha": [0.72, NAN],
                    "low": [0.42, NAN],
                    "high": [0.88, NAN],
                    "reading": ["tentative only", "too few units"],
                }
            ),
            **WORDS,
        ),
    )
    yield (
        "roles",
        charts.chart_roles(
            pd.DataFrame(
                {
                    "need_area": ["Language"] * 4,
                    "role": ["Decides", "Funds", "Coordinates", "Delivers"],
                    "bodies": [2, 1, 0, 0],
                    "state": ["several bodies", "one body", "nobody recorded", "not recorded"],
                }
            ),
            ["Language"],
            ["Decides", "Funds", "Coordinates", "Delivers"],
            **WORDS,
        ),
    )
    yield (
        "bodies",
        charts.chart_bodies(
            pd.DataFrame(
                {"body": ["Agency"], "need_area": ["Language"], "letters": ["DF"], "decides": [True]}
            ),
            ["Agency"],
            ["Language"],
            **WORDS,
        ),
    )


def money(budgets):
    return charts.chart_money(
        pd.DataFrame(
            {
                "policy": [f"Plan {i}" for i in range(len(budgets))],
                "budget_eur": budgets,
                "level": ["Regional", "Local", "National"][: len(budgets)],
                "level_rank": [1, 0, 2][: len(budgets)],
            }
        ),
        **WORDS,
    )


def candidates():
    return charts.chart_candidates(
        pd.DataFrame({"policy_a": ["2  B"], "policy_b": ["1  A"], "shared": [3], "same_owner": [False]}),
        ["1  A", "2  B"],
        **WORDS,
    )


def rows_of(chart):
    return [row for data in specification(chart)["datasets"].values() for row in data]


@pytest.mark.parametrize(
    ("name", "chart"), list(every_chart()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_chart_renders_with_its_finding_its_source_and_its_sentence(name, chart):
    spec = specification(chart)
    assert json.loads(to_json(chart)) == spec
    assert spec["description"] == "A sentence."
    svg = to_svg(chart)
    assert "A finding" in svg
    assert "Source: somewhere" in svg
    assert re.search(r"NaN|undefined,|Infinity", svg) is None


def test_charts_take_colours_from_the_theme_only():
    palette = {
        colour.lower()
        for group in (theme.COLOURS.values(), theme.SEQUENTIAL, theme.DIVERGING, theme.CATEGORICAL)
        for colour in group
    }
    for name, chart in every_chart():
        spec = specification(chart)
        spec.pop("config", None)
        spec.pop("title", None)
        found = {colour.lower() for colour in re.findall(r"#[0-9A-Fa-f]{6}", json.dumps(spec))}
        assert found - palette <= {"#666666"}, name  # the theme's own source line


def test_a_barrier_not_asked_about_and_one_without_a_policy_are_said_in_words():
    marks = [row["mark"] for row in rows_of(need(weighted=True)) if "mark" in row]
    assert sorted(marks) == ["no policy names it", "not asked"]


def test_equal_weights_draw_no_panel_of_need():
    assert not any("share_percent" in row for row in rows_of(need(weighted=False)))


def test_a_missing_year_reaches_the_edge_and_is_marked():
    rows = {row["policy"]: row for row in rows_of(timeline()) if "policy" in row}
    assert rows["Plan C"]["open_end"] is True
    assert rows["Plan C"]["to_year"] == 2029  # two years beyond the latest known year, 2027
    assert rows["Plan B"]["open_start"] is True
    assert rows["Plan A"]["to_year"] == 2021  # a policy lasts to the end of its last year


def test_a_budget_of_nothing_published_is_not_drawn_as_a_point():
    rows = rows_of(money([28e6, NAN]))
    assert [row["policy"] for row in rows if row.get("mark") == "not published"] == ["Plan 1"]
    assert [row["text"] for row in rows if "text" in row] == ["28 m"]


def test_a_published_zero_is_not_called_unpublished():
    marks = {row["policy"]: row["mark"] for row in rows_of(money([28e6, 0.0, NAN])) if "mark" in row}
    assert marks == {"Plan 1": "none, as published", "Plan 2": "not published"}


def test_money_without_any_figure_still_says_so():
    assert "not published" in to_svg(money([NAN, NAN]))


def test_a_candidate_pair_is_drawn_below_the_diagonal_whatever_its_order():
    row = next(row for row in rows_of(candidates()) if "shared" in row)
    assert (row["row"], row["column"]) == ("2  B", "1")
