"""What was looked for decides what is absent: kinds of support, needs, and services that ended."""

import pandas as pd
import pytest

from eis_lib.methods import gaps

KINDS = ("loan", "grant", "advice", "training")
ANSWERING = pd.DataFrame(
    [("loan", "finance"), ("grant", "finance"), ("advice", "awareness"), ("grant", "awareness")],
    columns=["support_type", "barrier"],
)


def searches(*rows):
    """Return a table of searches from (kind, outcome) or (kind, outcome, layer, topic)."""
    full = [(*row, *("", "A")[len(row) - 2 :]) for row in rows]
    return pd.DataFrame(full, columns=["support_type", "outcome", "layer", "topic"])


# --- kinds -----------------------------------------------------------------------------------------------------


def test_without_a_table_nothing_was_searched():
    assert gaps.kinds_searched(None, KINDS) == dict.fromkeys(KINDS, gaps.NOT_SEARCHED)


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (["nothing-found"], "nothing-found"),
        (["nothing-found", "unclear"], "unclear"),
        (["nothing-found", "unclear", "found"], "found"),
        ([], "not-searched"),
    ],
)
def test_the_best_outcome_of_several_searches_counts(outcomes, state):
    table = searches(("grant", "found"), *(("loan", outcome) for outcome in outcomes))
    assert gaps.kinds_searched(table, KINDS)["loan"] == state


def test_a_search_for_something_else_than_a_kind_of_support_says_nothing_of_one():
    table = searches(("loan", "nothing-found", "", "B"), ("grant", "nothing-found", "", "C"))
    assert set(gaps.kinds_searched(table, KINDS).values()) == {gaps.NOT_SEARCHED}


def test_the_search_of_a_layer_counts_where_the_region_made_none():
    table = searches(
        ("loan", "found", "eu"), ("loan", "nothing-found"), ("grant", "unclear", "eu"), ("advice", "found")
    )
    assert gaps.kinds_searched(table, KINDS) == {
        "loan": "nothing-found",
        "grant": "unclear",
        "advice": "found",
        "training": "not-searched",
    }


# --- needs -----------------------------------------------------------------------------------------------------


def test_a_need_is_searched_as_far_as_the_weakest_search_of_the_kinds_that_answer_it():
    kinds = {"loan": "nothing-found", "grant": "found", "advice": "unclear"}
    found = gaps.needs_searched(kinds, ("finance", "awareness", "language-skills"), ANSWERING)
    # what was found is in the inventory: an empty place of finance has been looked for
    assert found == {"finance": "nothing-found", "awareness": "unclear", "language-skills": "not-searched"}
    assert gaps.needs_searched({"loan": "found"}, ("finance",), ANSWERING)["finance"] == "not-searched"


# --- kinds that are missing ------------------------------------------------------------------------------------


def listed(*rows):
    """Return services from (id, kind, end year, status, layer)."""
    frame = pd.DataFrame(rows, columns=["service_id", "support_type", "end_year", "status", "layer"])
    return frame.astype({"end_year": "Int64"})


def state_of(frame, searched, year=2026):
    end = frame["end_year"]
    running = frame[(end.isna() | (end >= year)).astype(bool)]
    return gaps.kinds_missing(running, frame, year, {"loan": searched}, ["loan"]).iloc[0]


@pytest.mark.parametrize(
    ("rows", "searched", "state"),
    [
        ([], "nothing-found", "missing"),
        ([], "not-searched", "cannot be told"),
        ([], "unclear", "cannot be told"),
        ([], "found", "cannot be told"),  # it was found, and nobody entered it
        ([("a", "loan", None, "running", "")], "not-searched", "there"),
        ([("a", "loan", None, None, "eu")], "nothing-found", "only from a layer"),
        ([("a", "loan", None, "doubtful", "")], "nothing-found", "cannot be told"),
        ([("a", "loan", 2024, "ended", "")], "nothing-found", "ended without successor"),
        ([("a", "loan", 2024, "ended", "")], "found", "ended without successor"),
        ([("a", "loan", 2024, "ended", "")], "not-searched", "cannot be told"),
        ([("a", "grant", None, "running", "")], "nothing-found", "missing"),
    ],
)
def test_a_kind_is_missing_only_where_it_was_searched_and_nothing_may_run(rows, searched, state):
    assert state_of(listed(*rows), searched)["state"] == state


def test_a_kind_tells_what_runs_where_it_comes_from_and_what_ended_last():
    frame = listed(
        ("a", "loan", None, None, ""),
        ("b", "loan", None, "doubtful", ""),
        ("c", "loan", None, None, "eu"),
        ("d", "loan", 2019, "ended", ""),
        ("e", "loan", 2022, "ended", ""),
    )
    row = state_of(frame, "found")
    assert row[["own", "layer", "doubtful", "last_year"]].tolist() == [1, 1, 1, 2022]
    assert row["ended_ids"] == ("e", "d")


# --- what ended ------------------------------------------------------------------------------------------------


def offers(**rows):
    base = {
        "support_type": "loan",
        "journey_stages": ("enter",),
        "sme_size": ("micro",),
        "sectors": ("all",),
        "end_year": None,
        "succeeds": None,
        "status": None,
    }
    frame = pd.DataFrame([{**base, "service_id": key, **changes} for key, changes in rows.items()])
    return frame.astype({"end_year": "Int64"})


def left_behind(frame, year=2026):
    end = frame["end_year"]
    running = frame[(end.isna() | (end >= year)).astype(bool)]
    return gaps.ended_without_successor(frame, running, year)["service_id"].tolist()


def test_what_ended_of_late_and_nobody_took_up_is_listed_the_last_to_end_first():
    frame = offers(old={"end_year": 2021}, late={"end_year": 2025}, long_ago={"end_year": 2012})
    assert left_behind(frame) == ["late", "old"]


def test_what_has_a_successor_was_taken_up_even_by_another_kind():
    gone = {"end_year": 2024}
    assert left_behind(offers(gone=gone, new={"support_type": "grant", "succeeds": "gone"})) == []
    assert left_behind(offers(gone=gone, new={"support_type": "grant"})) == ["gone"]


@pytest.mark.parametrize(
    ("new", "taken_up"),
    [
        ({}, True),
        ({"sectors": ("ict",)}, True),  # all and one sector have firms in common
        ({"journey_stages": ()}, True),  # its stage is unknown: it may have
        ({"journey_stages": ("aware",)}, False),
        ({"sme_size": ("medium",)}, False),
        ({"support_type": "grant"}, False),
        ({"status": "doubtful"}, False),
    ],
)
def test_a_running_service_of_the_same_kind_stage_and_firms_takes_the_work_up(new, taken_up):
    assert left_behind(offers(gone={"end_year": 2024}, new=new)) == ([] if taken_up else ["gone"])


# --- cells -----------------------------------------------------------------------------------------------------

CELLS = pd.DataFrame([("maker", "enter", "finance", 1.0)], columns=["persona_id", "stage", "need", "weight"])


def verdict(frame, searched, **fit):
    fits = pd.DataFrame(
        [
            {
                "persona_id": "maker", "service_id": key, "eligible": "yes", "reachable": "yes", "closed_by": (),
                "barred_by": (), "not_recorded": (), **fit,
            }
            for key in frame["service_id"]
        ],
        columns=["persona_id", "service_id", "eligible", "reachable", "closed_by", "barred_by", "not_recorded"],
    )  # fmt: skip
    cell = gaps.judge_cells(CELLS, frame, fits, searched=searched).iloc[0]
    return cell["status"], cell["kind"], cell["because"]


def provided(*needs):
    return pd.DataFrame(
        {
            "service_id": ["s"],
            "support_type": ["loan"],
            "journey_stages": [("enter",)],
            "need_area": [needs],
            "need_area_from": ["own"],
        }
    )


@pytest.mark.parametrize(
    ("state", "kind", "because"),
    [
        ("nothing-found", "absolute", "at no stage"),
        ("unclear", "evidence", "the search was unclear"),
        ("not-searched", "evidence", "nobody searched"),
    ],
)
def test_an_empty_place_is_a_gap_only_if_it_was_searched(state, kind, because):
    found = verdict(provided("awareness"), {"finance": state})
    assert found == ("gap" if kind == "absolute" else "unknown", kind, because)


def test_that_no_service_lets_a_firm_in_is_a_gap_only_if_others_were_looked_for():
    shut = {"eligible": "no", "closed_by": ("sme_size",)}
    assert verdict(provided("finance"), {"finance": "nothing-found"}, **shut)[1] == "eligibility"
    assert verdict(provided("finance"), {"finance": "not-searched"}, **shut)[1] == "evidence"
    assert verdict(provided("finance"), {}, **shut)[1] == "evidence"
    assert verdict(provided("finance"), None, **shut)[1] == "eligibility"  # not a region's own services


def test_what_bars_a_firm_is_there_and_needs_no_search():
    barred = {"reachable": "no", "barred_by": ("channel",)}
    assert verdict(provided("finance"), {"finance": "not-searched"}, **barred)[:2] == ("gap", "access")


def test_a_service_that_was_read_and_lowers_no_need_could_fill_no_empty_place():
    read, unread = provided(), provided().assign(need_area_from="unknown")
    searched = {"finance": "nothing-found"}
    assert verdict(read, searched)[1] == "absolute"
    assert verdict(unread, searched)[1] == "evidence"


def test_a_service_that_is_not_shown_to_run_serves_nobody_and_leaves_no_gap():
    doubtful = provided("finance").assign(status="doubtful")
    assert verdict(doubtful, {"finance": "nothing-found"}) == ("unknown", "evidence", "not shown to run")
