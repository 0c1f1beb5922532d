"""Gaps: which cells there are, which kind of gap a cell has, how heavy it is, and what cannot be judged."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import gaps, landscape

STAGES = ("aware", "assess", "plan", "prepare", "enter", "grow")
EQUAL = pd.Series(0.25, index=["payment-security", "awareness", "finance", "unlisted-need"])


def personas(**changes):
    return pd.DataFrame(
        [
            {
                "persona_id": "maker", "start_stage": "prepare", "goal_stage": "enter", "barriers": ("payment-security",), "weight": 1.0,
                **changes,
            }
        ]
    )  # fmt: skip


def services(**rows):
    base = {
        "support_type": "loan",
        "journey_stages": ("enter",),
        "need_area": ("payment-security",),
        "dating": landscape.OPEN_END,
    }
    return pd.DataFrame([{**base, "service_id": key, **changes} for key, changes in rows.items()])


def fits(frame, **verdicts):
    """Return verdicts for the persona *maker*: open unless said otherwise."""
    base = {"eligible": "yes", "reachable": "yes", "closed_by": (), "barred_by": (), "not_recorded": ()}
    return pd.DataFrame(
        [{"persona_id": "maker", "service_id": s, **base, **verdicts.get(s, {})} for s in frame["service_id"]]
    )


TELLS = {"support_type": "information", "journey_stages": ("aware",), "need_area": ("awareness",)}


def judged(frame, referrals=None, **verdicts):
    """Return the one cell of *maker*: payment security on entering the market."""
    cells = gaps.demand_cells(personas(), STAGES, EQUAL)
    return gaps.judge_cells(cells, frame, fits(frame, **verdicts), referrals).iloc[0]


# --- cells -----------------------------------------------------------------------------------------------------


def test_a_need_counts_at_the_stages_of_the_journey_at_which_it_bites():
    cells = gaps.demand_cells(personas(goal_stage="grow"), STAGES, EQUAL)
    assert cells["stage"].tolist() == ["enter", "grow"]
    assert cells["weight"].tolist() == [0.5, 0.5]


def test_a_need_of_an_earlier_stage_counts_where_the_journey_starts():
    cells = gaps.demand_cells(personas(barriers=("awareness",)), STAGES, EQUAL)
    assert cells["stage"].tolist() == ["prepare"]


def test_a_need_beyond_the_goal_is_no_demand_of_this_journey():
    cells = gaps.demand_cells(
        personas(goal_stage="prepare", barriers=("payment-security", "finance")), STAGES, EQUAL
    )
    assert cells["need"].tolist() == ["finance"]


def test_a_need_without_stages_of_its_own_counts_at_all():
    cells = gaps.demand_cells(personas(barriers=("unlisted-need",)), STAGES, EQUAL)
    assert cells["stage"].tolist() == ["prepare", "enter"]


def test_weights_are_persona_times_need_and_add_up_to_one():
    people = pd.concat(
        [
            personas(),
            personas(
                persona_id="other", weight=3.0, barriers=("payment-security", "finance"), goal_stage="prepare"
            ),
        ]
    )
    weights = pd.Series({"payment-security": 0.6, "finance": 0.2})
    cells = gaps.demand_cells(people, STAGES, weights).set_index(["persona_id", "need"])["weight"]
    # maker 1 × 0.6 = 0.6; other 3 × 0.2 = 0.6 (its payment security lies beyond its goal)
    assert cells.to_dict() == pytest.approx({("maker", "payment-security"): 0.5, ("other", "finance"): 0.5})


def test_a_need_no_survey_asked_about_takes_the_mean_and_not_nought():
    weights = gaps.weigh_needs(pd.Series({"a": 0.6, "b": 0.4, "c": math.nan}))
    assert weights.tolist() == pytest.approx([0.4, 4 / 15, 1 / 3])
    assert gaps.weigh_needs(pd.Series({"a": math.nan, "b": math.nan})).tolist() == [0.5, 0.5]


def test_a_need_without_weight_is_named():
    with pytest.raises(KeyError, match="no demand weight for payment-security"):
        gaps.demand_cells(personas(), STAGES, pd.Series({"finance": 1.0}))


# --- seven kinds -----------------------------------------------------------------------------------------------


def test_a_cell_with_an_open_service_of_which_the_firm_can_hear_is_served():
    cell = judged(services(s={}, tells=TELLS))
    assert cell[["status", "kind", "open_services", "service_ids"]].tolist() == ["served", "", 1, ("s",)]


def test_absolute_says_whether_the_need_is_served_anywhere():
    nowhere = judged(services(tells=TELLS))
    assert nowhere[["status", "kind", "because"]].tolist() == ["gap", "absolute", "at no stage"]
    elsewhere = judged(services(tells=TELLS, s={"journey_stages": ("prepare", "plan")}))
    assert elsewhere["kind"] == "absolute"
    assert set(elsewhere["because"].removeprefix("only at: ").split("; ")) == {"plan", "prepare"}


def test_eligibility_names_the_facet_that_shuts_out():
    cell = judged(services(s={}, tells=TELLS), s={"eligible": "no", "closed_by": ("sme_size",)})
    assert cell[["kind", "because", "service_ids"]].tolist() == ["eligibility", "sme_size", ("s",)]


def test_access_names_what_bars_the_firm():
    cell = judged(services(s={}, tells=TELLS), s={"reachable": "no", "barred_by": ("channel",)})
    assert cell[["kind", "because", "open_services"]].tolist() == ["access", "channel", 0]


def test_awareness_is_missing_where_nothing_tells_the_firm():
    assert judged(services(s={}))["kind"] == "awareness"


def test_a_recorded_route_from_an_open_service_makes_a_service_known():
    frame = services(s={}, first={"journey_stages": ("plan",), "need_area": ("finance",)})
    route = pd.DataFrame({"from_service": ["first"], "to_service": ["s"], "kind": ["referral"]})
    assert judged(frame, route)["status"] == "served"
    assert judged(frame, route, first={"eligible": "no", "closed_by": ("modes",)})["kind"] == "awareness"


def test_capacity_is_a_gap_only_where_every_service_is_known_to_be_full():
    full = {"capacity_per_year": 10.0, "take_up_per_year": 10.0}
    room = {"capacity_per_year": 10.0, "take_up_per_year": 9.0}
    none = {"capacity_per_year": math.nan, "take_up_per_year": math.nan}
    assert judged(services(s=full, t=full, tells=TELLS))["kind"] == "capacity"
    assert judged(services(s=full, t=room, tells=TELLS))["status"] == "served"
    assert judged(services(s=full, t=none, tells=TELLS))["status"] == "served"


def test_what_the_records_cannot_tell_is_unknown_and_no_gap():
    unknown_facet = judged(
        services(s={}, tells=TELLS), s={"eligible": "unknown", "not_recorded": ("sme_size",)}
    )
    assert unknown_facet[["status", "kind", "because"]].tolist() == ["unknown", "evidence", "sme_size"]
    undated = judged(services(s={"dating": landscape.NO_START}, tells=TELLS))
    assert undated[["status", "kind", "because"]].tolist() == ["unknown", "evidence", "not shown to run"]


def test_one_dated_service_is_enough_beside_an_undated_one():
    assert judged(services(s={"dating": landscape.NO_START}, t={}, tells=TELLS))["status"] == "served"


def test_continuity_breaks_where_a_need_is_served_at_one_stage_and_not_at_the_next():
    people = personas(goal_stage="grow")
    frame = services(s={}, tells=TELLS)
    cells = gaps.judge_cells(gaps.demand_cells(people, STAGES, EQUAL), frame, fits(frame))
    assert cells[["stage", "status", "continuity"]].to_numpy().tolist() == [
        ["enter", "served", False],
        ["grow", "gap", True],
    ]


def test_what_was_learnt_while_preparing_still_helps_on_entering_and_money_does_not():
    weights = pd.Series({"admin-procedures": 0.5, "finance": 0.5})
    people = personas(barriers=("admin-procedures", "finance"))
    frame = services(
        course={"journey_stages": ("prepare",), "need_area": ("admin-procedures", "finance")}, tells=TELLS
    )
    cells = gaps.judge_cells(gaps.demand_cells(people, STAGES, weights), frame, fits(frame))
    assert cells[["need", "stage", "status"]].to_numpy().tolist() == [
        ["admin-procedures", "prepare", "served"],
        ["admin-procedures", "enter", "served"],
        ["finance", "prepare", "served"],
        ["finance", "enter", "gap"],
    ]


# --- measures --------------------------------------------------------------------------------------------------


def test_coverage_keeps_the_unknown_apart():
    cells = pd.DataFrame({"weight": [0.5, 0.2, 0.3], "status": ["served", "unknown", "gap"]})
    assert gaps.coverage_share(cells) == (0.5, 0.7)
    assert all(math.isnan(v) for v in gaps.coverage_share(cells.head(0)))


def test_redundancy_counts_second_and_further_services():
    # Σ w·max(0, m−1) = 0.5·2 + 0.3·0 = 1.0 ; Σ w·m = 0.5·3 + 0.3·1 = 1.8
    cells = pd.DataFrame({"weight": [0.5, 0.3, 0.2], "open_services": [3, 1, 0]})
    assert gaps.redundancy(cells) == pytest.approx(1.0 / 1.8)
    assert math.isnan(gaps.redundancy(cells.assign(open_services=0)))


def some_cells():
    return pd.DataFrame(
        [
            ("a", "enter", "finance", 0.2, "gap", "absolute", False, (), "at no stage"),
            ("b", "enter", "finance", 0.3, "gap", "absolute", True, (), "at no stage"),
            ("a", "plan", "awareness", 0.1, "unknown", "evidence", False, ("s",), "not shown to run"),
            ("b", "plan", "awareness", 0.4, "served", "", False, ("s",), ""),
        ],
        columns=[
            "persona_id",
            "stage",
            "need",
            "weight",
            "status",
            "kind",
            "continuity",
            "service_ids",
            "because",
        ],
    )


def test_gaps_are_ranked_by_weight_times_severity():
    ranked = gaps.rank_gaps(some_cells())
    assert ranked["gap_id"].tolist() == [
        "absolute:enter:finance",
        "continuity:enter:finance",
        "evidence:plan:awareness",
    ]
    assert ranked["score"].tolist() == pytest.approx([0.5 * 1.0, 0.3 * 0.5, 0.1 * 0.2])
    assert ranked.loc[0, "persona_ids"] == ("a", "b")


def test_without_gaps_there_is_an_empty_ranking():
    assert gaps.rank_gaps(some_cells().query("status == 'served'")).empty


def test_weights_move_the_place_of_a_gap_and_never_whether_it_exists():
    people = personas(barriers=("payment-security", "finance"))
    cells = gaps.judge_cells(
        gaps.demand_cells(people, STAGES, EQUAL), services(tells=TELLS), fits(services(tells=TELLS))
    )
    schemes = {
        "equal": EQUAL,
        "money": pd.Series(
            {"payment-security": 0.1, "finance": 0.9, "awareness": math.nan, "unlisted-need": math.nan}
        ),
    }
    ranks = gaps.rank_under_weights(people, STAGES, cells, schemes)
    place = ranks.set_index(["scheme", "gap_id"])["rank"]
    # equal: payment security has one cell (½), finance two (¼ each); money: 0.1 against 0.45 each
    assert place["equal", "absolute:enter:payment-security"] == 1
    assert place["money", "absolute:enter:payment-security"] == 3
    assert set(ranks.loc[ranks["scheme"] == "equal", "gap_id"]) == set(
        ranks.loc[ranks["scheme"] == "money", "gap_id"]
    )


def test_agreement_of_two_rankings_is_kendalls_tau():
    ranks = pd.DataFrame(
        {"gap_id": list("abcabc"), "scheme": ["x"] * 3 + ["y"] * 3, "score": [3.0, 2.0, 1.0, 2.0, 3.0, 1.0]}
    )
    assert gaps.rank_agreement(ranks, "x", "y") == pytest.approx(1 / 3)  # one of three pairs turned round
    assert gaps.rank_agreement(ranks, "x", "x") == 1.0
    assert math.isnan(gaps.rank_agreement(ranks[ranks["gap_id"] == "a"], "x", "y"))


# --- what can be judged ----------------------------------------------------------------------------------------


def test_capacity_is_not_assessable_without_capacity_and_take_up():
    answers = {k.kind: k.answer for k in gaps.assess_kinds(services(s={}), None)}
    assert answers["capacity"] == "no"
    assert set(answers) == set(gaps.KINDS)


@pytest.mark.parametrize(("second", "answer"), [(3.0, "yes"), (math.nan, "in part")])
def test_capacity_is_assessable_as_far_as_it_is_recorded(second, answer):
    frame = services(
        s={"capacity_per_year": 5.0, "take_up_per_year": 5.0},
        t={"capacity_per_year": 5.0, "take_up_per_year": second},
    )
    assert {k.kind: k.answer for k in gaps.assess_kinds(frame, None)}["capacity"] == answer


# --- properties ------------------------------------------------------------------------------------------------

OFFER = st.lists(
    st.fixed_dictionaries(
        {
            "journey_stages": st.sampled_from([("enter",), ("prepare", "enter"), ("grow",), ("aware",)]),
            "need_area": st.sampled_from(
                [("payment-security",), ("finance",), ("payment-security", "finance")]
            ),
            "support_type": st.sampled_from(["loan", "information"]),
            "dating": st.sampled_from([landscape.OPEN_END, landscape.NO_START]),
            "eligible": st.sampled_from(["yes", "no", "unknown"]),
            "reachable": st.sampled_from(["yes", "no"]),
        }
    ),
    max_size=6,
)


def cells_of(offer):
    frame = services(
        none={"journey_stages": (), "need_area": ()}, **{f"s{n}": row for n, row in enumerate(offer)}
    )
    verdicts = {
        f"s{n}": {"eligible": row["eligible"], "reachable": row["reachable"]} for n, row in enumerate(offer)
    }
    people = personas(barriers=("payment-security", "finance"), goal_stage="grow")
    return gaps.judge_cells(
        gaps.demand_cells(people, STAGES, EQUAL), frame, fits(frame, none={"eligible": "no"}, **verdicts)
    )


@settings(max_examples=50, deadline=None)
@given(OFFER)
def test_every_cell_has_one_status_and_a_gap_exactly_one_kind(offer):
    cells = cells_of(offer)
    assert set(cells["status"]) <= {"served", "gap", "unknown"}
    assert ((cells["kind"] == "") == (cells["status"] == "served")).all()
    assert ((cells["kind"] == "evidence") == (cells["status"] == "unknown")).all()
    assert cells["weight"].sum() == pytest.approx(1.0)
    primary = gaps.rank_gaps(cells).query("kind != 'continuity'")
    assert primary["weight"].sum() + gaps.coverage_share(cells)[0] == pytest.approx(1.0)


@settings(max_examples=50, deadline=None)
@given(OFFER)
def test_adding_a_service_never_lowers_coverage(offer):
    if offer:
        fewer, more = gaps.coverage_share(cells_of(offer[:-1])), gaps.coverage_share(cells_of(offer))
        assert more[0] >= fewer[0] - 1e-12


# --- what an empty place says, and plain frames ----------------------------------------------------------------


def test_a_need_that_coding_can_not_reach_is_unknown_and_no_gap():
    cells = gaps.demand_cells(personas(), STAGES, EQUAL)
    frame = services(tells=TELLS)
    cell = gaps.judge_cells(cells, frame, fits(frame), untold={"payment-security"}).iloc[0]
    assert cell[["status", "kind", "because"]].tolist() == ["unknown", "evidence", gaps.NEED_UNTOLD]
    served = services(s={}, tells=TELLS)
    found = gaps.judge_cells(cells, served, fits(served), untold={"payment-security"}).iloc[0]
    assert found["status"] == "served"


@pytest.mark.parametrize(
    "lacks", [{"journey_stages": ()}, {"need_area": ()}, {"journey_stages": None, "need_area": None}]
)
def test_a_service_without_stage_or_need_could_fill_an_empty_place(lacks):
    assert judged(services(tells=TELLS, vague=lacks))["kind"] == "evidence"
    of_another_need = {"journey_stages": (), "need_area": ("finance",)}
    assert judged(services(tells=TELLS, vague=of_another_need))["kind"] == "absolute"


def test_open_share_counts_what_is_open_and_coverage_what_is_served():
    cells = pd.DataFrame(
        {"weight": [0.5, 0.3, 0.2], "open_services": [2, 1, 0], "status": ["served", "gap", "gap"]}
    )
    assert gaps.open_share(cells) == pytest.approx(0.8)
    assert gaps.coverage_share(cells) == pytest.approx((0.5, 0.5))
    assert math.isnan(gaps.open_share(cells.iloc[:0]))


def test_weights_of_nothing_are_refused_and_no_need_has_no_weight():
    with pytest.raises(ValueError, match="add up to nothing"):
        gaps.weigh_needs(pd.Series({"finance": 0.0, "awareness": 0.0}))
    assert gaps.weigh_needs(pd.Series(dtype="float64")).empty


def test_text_lists_and_numbers_as_ids_give_the_same_verdicts():
    cells = gaps.demand_cells(personas(), STAGES, EQUAL)
    plain = services(s={}, tells=TELLS)
    texts = plain.assign(
        service_id=[7, 8],
        journey_stages=["enter", "aware"],
        need_area=["payment-security", "awareness"],
    )
    people = personas(persona_id=1, barriers="payment-security")
    own = fits(texts).assign(persona_id=1)
    found = gaps.judge_cells(gaps.demand_cells(people, STAGES, EQUAL), texts, own).iloc[0]
    expected = gaps.judge_cells(cells, plain, fits(plain)).iloc[0]
    assert (
        found[["status", "kind", "on_record"]].tolist() == expected[["status", "kind", "on_record"]].tolist()
    )
    assert found["service_ids"] == ("7",)


# --- how easily it falls -----------------------------------------------------------------------------------------


def verdicts(*rows):
    return pd.DataFrame(
        [
            {"persona_id": p, "stage": "plan", "need": n, "weight": w, "status": s, "service_ids": ids}
            for p, n, w, s, ids in rows
        ]
    )


def test_the_persona_that_carries_most_of_the_gaps_comes_first_with_what_is_met_without_it():
    cells = verdicts(
        ("a", "x", 0.25, "gap", ()), ("a", "y", 0.25, "served", ("s",)), ("b", "x", 0.5, "served", ("s",))
    )
    assert gaps.by_persona(cells).values.tolist() == [["a", 1.0, 1.0], ["b", 0.0, 0.5]]
    assert gaps.by_persona(cells.tail(2))["gap_share"].isna().all()


def test_the_services_on_which_five_points_hang_are_the_fewest():
    one = verdicts(("a", "x", 0.6, "served", ("s",)), ("a", "y", 0.4, "served", ("t", "u")))
    assert gaps.services_to_lose(one) == ("s",)
    two = verdicts(("a", "x", 0.6, "served", ("s", "t")), ("a", "y", 0.4, "served", ("t", "u", "v")))
    assert set(gaps.services_to_lose(two)) == {"s", "t"}
    three = verdicts(("a", "x", 1.0, "served", ("s", "t", "u")))
    assert set(gaps.services_to_lose(three)) == {"s", "t", "u"}
    assert gaps.services_to_lose(verdicts(("a", "x", 1.0, "gap", ()))) == ()


def test_a_gap_of_one_persona_leads_no_list_and_what_cannot_be_told_comes_last():
    rows = [
        ("a", "plan", "x", 0.5, "absolute"),
        ("a", "plan", "y", 0.1, "absolute"),
        ("b", "plan", "y", 0.1, "absolute"),
        ("a", "plan", "z", 0.9, "evidence"),
    ]
    cells = pd.DataFrame(rows, columns=["persona_id", "stage", "need", "weight", "kind"]).assign(
        continuity=False, service_ids=[()] * 4, because="at no stage"
    )
    assert gaps.rank_gaps(cells)["need"].tolist() == ["y", "x", "z"]
