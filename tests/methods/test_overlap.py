"""Pairs of services: what is a pair, which limbs match, which class, and how far a decision takes it."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import overlap
from eis_lib.pack.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary(Path(__file__).resolve().parents[2] / "parameters" / "_common")

BASE = {
    "provider_id": "p",
    "name": "A service",
    "description": "Helps.",
    "support_type": "grant",
    "journey_stages": ("plan", "enter"),
    "modes": ("export",),
    "sme_size": ("micro", "small"),
    "experience": ("non-exporter", "occasional"),
    "sectors": ("all",),
    "market_scope": ("intra-eu",),
    "channel": "hybrid",
    "cost_to_sme": "free",
    "start_year": 2020,
    "end_year": 2024,
    "need_area": ("finance", "investment-cost"),
    "need_area_from": "own",
}


def services(**rows):
    """Return services by id, each the base row with what is given changed, and a provider of its own."""
    frame = pd.DataFrame(
        [{**BASE, "service_id": key, "provider_id": f"p-{key}", **changes} for key, changes in rows.items()]
    )
    for year in ("start_year", "end_year"):
        frame[year] = frame[year].astype("Int64")
    return frame


RELATED = [("grant", "voucher"), ("matchmaking", "trade-fair")]


def pairs(frame, **choices):
    return overlap.find_pairs(frame, VOCABULARY, **{"related": RELATED, **choices}).set_index("pair_id")


# --- sets ------------------------------------------------------------------------------------------------------


def test_jaccard_of_a_small_set_inside_a_large_one_and_of_an_empty_one():
    assert overlap.jaccard({"a"}, {"a", "b", "c", "d"}) == 0.25
    assert np.isnan(overlap.jaccard(set(), {"a"}))


def test_a_pair_has_one_name_in_either_order():
    assert overlap.pair_id("b", "a") == overlap.pair_id("a", "b") == "a~b"


# --- what is a pair --------------------------------------------------------------------------------------------


def test_twins_of_two_providers_are_a_duplication_candidate():
    row = pairs(services(a={}, b={})).loc["a~b"]
    assert (row["pair_class"], row["group"]) == (overlap.DUPLICATION, overlap.TO_DISCUSS)
    assert row[["need_jaccard", "stage_jaccard", "firm_jaccard", "a_in_b", "b_in_a"]].tolist() == [1.0] * 5
    assert (row["shared_needs"], row["shared_stages"]) == ("finance;investment-cost", "plan;enter")


@pytest.mark.parametrize(
    "change",
    [
        {"support_type": "loan"},
        {"support_type": None},
        {"journey_stages": ("aware",)},
        {"journey_stages": ()},
        {"sme_size": ("medium",)},
        {"sectors": ()},
        {"modes": ("import",)},
        {"start_year": 2025, "end_year": 2026},
        {"territory": "DK03"},
        {"part_of": "a"},
        {"succeeds": "a"},
        {"excludes_clients_of": ("p-a",)},
    ],
    ids="+".join,
)
def test_without_kind_stage_firms_years_or_place_in_common_there_is_no_pair(change):
    assert pairs(services(a={"territory": "DK04"}, b={"territory": "DK041", **change})).empty


def test_a_related_kind_of_support_is_a_pair_in_either_order_and_never_a_duplication():
    for one, two in (("grant", "voucher"), ("voucher", "grant")):
        found = pairs(services(a={"support_type": one}, b={"support_type": two}))
        assert found[["pair_class", "same_kind"]].values.tolist() == [[overlap.OVERLAP, False]]
    assert pairs(services(a={}, b={"support_type": "voucher"}), related=()).empty


def test_two_related_kinds_that_name_other_needs_are_no_pair():
    frame = services(a={}, b={"support_type": "voucher", "need_area": ("awareness",)})
    assert pairs(frame).empty
    assert len(pairs(frame.assign(support_type="grant"))) == 1
    assert len(pairs(frame.assign(need_area_from=["own", "derived"]))) == 1


def test_one_year_in_common_is_enough_and_a_missing_one_is_marked():
    assert pairs(services(a={}, b={"start_year": 2024, "end_year": 2030}))["periods"].tolist() == [
        overlap.SIDE_BY_SIDE
    ]
    assert pairs(services(a={}, b={"end_year": pd.NA}))["periods"].tolist() == [overlap.ASSUMED]


@pytest.mark.parametrize("relation", ["follows", "complements", "part-of", "same-offer", "excludes"])
def test_services_whose_relation_is_known_are_no_candidates(relation):
    known = pd.DataFrame({"service_id": ["b"], "other_service": ["a"], "relation": [relation]})
    frame = services(a={}, b={}, c={})
    assert pairs(frame, relations=known).index.tolist() == ["a~c", "b~c"]
    assert len(pairs(frame, relations=known.head(0))) == 3


def test_a_family_holds_through_a_predecessor_that_is_not_listed_any_more():
    assert pairs(services(a={"succeeds": "old"}, b={"part_of": "old"})).empty


def test_derived_needs_are_no_second_evidence():
    found = pairs(services(a={"need_area_from": "derived"}, b={})).loc["a~b"]
    assert found["pair_class"] == overlap.OVERLAP
    assert np.isnan(found["need_jaccard"])
    assert found["shared_needs"] == ""


@pytest.mark.parametrize(("sizes", "is_twin"), [(("micro", "small"), True), (("micro",), True), ((), None)])
def test_a_duplication_shares_two_fifths_of_the_firms(sizes, is_twin):
    found = pairs(services(a={"sme_size": ("micro", "small")}, b={"sme_size": sizes}))
    assert [c == overlap.DUPLICATION for c in found["pair_class"]] == ([] if is_twin is None else [is_twin])


def test_less_than_two_fifths_of_the_firms_is_an_overlap_and_the_share_can_be_chosen():
    frame = services(a={"sme_size": ("micro", "small", "medium")}, b={"sme_size": ("micro",)})
    assert pairs(frame)["pair_class"].tolist() == [overlap.OVERLAP]
    assert pairs(frame)[["firm_jaccard", "a_in_b", "b_in_a"]].round(3).values.tolist() == [[0.333, 0.333, 1]]
    assert pairs(frame, duplication_share=0.3)["pair_class"].tolist() == [overlap.DUPLICATION]
    with pytest.raises(ValueError, match="duplication_share"):
        pairs(frame, duplication_share=0)


def test_other_needs_or_stages_are_no_duplication():
    for change in ({"need_area": ("finance", "awareness")}, {"journey_stages": ("plan", "grow")}):
        assert pairs(services(a={}, b=change))["pair_class"].tolist() == [overlap.OVERLAP]


# --- where it is listed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "group"),
    [
        ({}, {"provider_id": "p-a"}, overlap.ONE_HOUSE),
        ({}, {"co_providers": ("p-a",)}, overlap.ONE_HOUSE),
        ({"layer": "eu"}, {"layer": "eu"}, overlap.BEYOND),
        ({"layer": "eu"}, {"layer": ""}, overlap.BEYOND),
        ({"layer": ""}, {"layer": ""}, overlap.TO_DISCUSS),
        ({"provider_level": ("eu",)}, {"provider_level": ("local",)}, overlap.BEYOND),
        ({"provider_level": ("eu", "local")}, {"provider_level": ()}, overlap.TO_DISCUSS),
        ({"status": "doubtful"}, {"provider_id": "p-a"}, overlap.DOUBTFUL),
        ({"status": "running"}, {"status": None}, overlap.TO_DISCUSS),
    ],
)
def test_what_two_bodies_cannot_discuss_is_listed_apart(one, two, group):
    assert pairs(services(a=one, b=two))["group"].tolist() == [group]


# --- the order -------------------------------------------------------------------------------------------------


def fits(**open_to):
    return pd.DataFrame(
        [
            {
                "persona_id": firm,
                "service_id": s,
                "eligible": "yes" if s in doors else "no",
                "reachable": "yes",
            }
            for firm, doors in open_to.items()
            for s in "abcd"
        ]
    )


def ordered(frame, firms):
    people = pd.DataFrame({"persona_id": list(firms), "weight": [1.0] * len(firms)})
    return overlap.order_pairs(
        overlap.find_pairs(frame, VOCABULARY, related=RELATED),
        frame,
        overlap.doors_met(fits(**firms), people),
    )


def test_pairs_that_more_firms_meet_come_first():
    frame = services(a={"need_area": ("awareness",)}, b={}, c={"need_area": ("legal-rules",)})
    found = ordered(frame, {"x": "ab", "y": "ab", "z": "bc"})
    assert found.set_index("pair_id")["firms_met"].round(3).to_dict() == {
        "a~b": 0.667,
        "b~c": 0.333,
        "a~c": 0,
    }
    assert found["pair_id"].tolist()[0] == "a~b"


def test_a_duplication_candidate_leads_its_group_and_ranks_begin_anew_in_each():
    frame = services(a={}, b={"need_area": ("awareness",)}, c={}, d={"provider_id": "p-a"})
    found = ordered(frame, {"x": "abc", "y": "ab"})
    assert found["pair_id"].iloc[0] == "a~c"
    assert found["pair_class"].iloc[0] == overlap.DUPLICATION
    assert found.groupby("group")["rank"].min().tolist() == [1, 1]


def test_a_pair_of_which_no_firm_meets_both_doors_comes_last_whatever_its_class():
    found = ordered(services(a={}, b={"need_area": ("awareness",)}, c={}), {"x": "ab", "y": "bc"})
    assert found[["pair_id", "firms_met"]].iloc[-1].tolist() == ["a~c", 0]
    assert found["pair_class"].iloc[-1] == overlap.DUPLICATION


def test_words_order_the_list_and_never_decide_what_is_on_it():
    frame = services(a={"name": "Export voucher"}, b={"name": "Export voucher"}, c={"name": "Something else"})
    assert ordered(frame, {"x": "abc"})["pair_id"].iloc[0] == "a~b"
    assert set(ordered(frame.assign(name=""), {"x": "abc"})["pair_id"]) == {"a~b", "a~c", "b~c"}


# --- edges -----------------------------------------------------------------------------------------------------


def test_an_empty_landscape_has_no_pairs_and_the_same_columns():
    frame = services(a={}, b={})
    assert pairs(frame.head(0)).columns.tolist() == pairs(frame).columns.tolist()
    assert len(ordered(frame.head(0), {"x": "a"})) == 0


def test_more_than_sixty_four_codes_are_compared_as_well():
    many = tuple(f"need-{n}" for n in range(70))
    found = pairs(services(a={"need_area": many}, b={"need_area": many[-2:]})).loc["a~b"]
    assert found["shared_needs"] == "need-68;need-69"


def test_without_need_areas_the_message_says_where_they_come_from():
    with pytest.raises(KeyError, match="add_facets"):
        pairs(services(a={}, b={}).drop(columns="need_area"))


def test_a_service_that_can_not_be_paired_is_named_with_what_it_lacks():
    found = overlap.undecidable(services(a={}, b={"support_type": None, "sectors": ()}))
    assert found.values.tolist() == [["b", "support_type; sectors"]]


def test_nothing_handed_in_is_changed():
    frame = services(a={}, b={})
    before = frame.copy(deep=True)
    pairs(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_ids_may_be_numbers_and_lists_text():
    texts = services(a={}, b={}).assign(
        service_id=[2, 10], journey_stages="plan; enter", sme_size=["micro;small", "small;micro"]
    )
    assert pairs(texts).index.tolist() == ["10~2"]


# --- the same pairs as the plain definitions -------------------------------------------------------------------

NEEDS = ("finance", "awareness", "legal-rules")
SIZES = ("micro", "small", "medium")
A_SERVICE = st.fixed_dictionaries(
    {
        "provider_id": st.sampled_from(["p", "q", "r"]),
        "support_type": st.sampled_from(["grant", "loan"]),
        "journey_stages": st.sets(st.sampled_from(["aware", "plan", "enter"]), min_size=1)
        .map(sorted)
        .map(tuple),
        "need_area": st.sets(st.sampled_from(NEEDS)).map(sorted).map(tuple),
        "sme_size": st.sets(st.sampled_from(SIZES)).map(sorted).map(tuple),
        "sectors": st.sampled_from([("all",), ("manufacturing",), ("agrofood",), ("agrofood", "tourism")]),
        "territory": st.sampled_from(["DK", "DK04", "DK041", "DK03"]),
        "period": st.sampled_from(
            [(2015, 2016), (2020, 2021), (2016, 2020), (2018, pd.NA), (pd.NA, 2017), (pd.NA, pd.NA)]
        ),
    }
).map(lambda row: {**row, "start_year": row["period"][0], "end_year": row["period"][1]})
LANDSCAPE = st.lists(A_SERVICE, min_size=2, max_size=12).map(
    lambda rows: services(**{f"s{n:02d}": row for n, row in enumerate(rows)})
)


SECTORS = [c for c in VOCABULARY.codes("sector") if c != "all"]
BELOW = {c: {n for n in SECTORS if c in VOCABULARY.ancestors("sector", n)} for c in SECTORS} | {
    "all": set(SECTORS)
}


def firms_of(row):
    return {
        (size, sector)
        for size in row["sme_size"]
        for sector in set().union(*(BELOW[s] for s in row["sectors"]))
    }


def plain_pairs(frame, share):
    """Return pair → (class, group) straight from the definitions, pair by pair, with sets."""
    found = {}
    for a, b in combinations(frame.to_dict("records"), 2):
        start = max(-1 if pd.isna(r["start_year"]) else r["start_year"] for r in (a, b))
        end = min(9999 if pd.isna(r["end_year"]) else r["end_year"] for r in (a, b))
        nested = a["territory"].startswith(b["territory"]) or b["territory"].startswith(a["territory"])
        stages, needs, firms = (
            [set(r["journey_stages"]) for r in (a, b)],
            [set(r["need_area"]) for r in (a, b)],
            [firms_of(r) for r in (a, b)],
        )
        if start > end or not nested or a["support_type"] != b["support_type"]:
            continue
        if not (stages[0] & stages[1] and firms[0] & firms[1]):
            continue
        inside = all(x and y and (x <= y or y <= x) for x, y in (stages, needs))
        twin = inside and overlap.jaccard(*firms) >= share
        found[overlap.pair_id(a["service_id"], b["service_id"])] = (
            overlap.DUPLICATION if twin else overlap.OVERLAP,
            overlap.ONE_HOUSE if a["provider_id"] == b["provider_id"] else overlap.TO_DISCUSS,
        )
    return found


@settings(max_examples=50, deadline=None)
@given(LANDSCAPE, st.sampled_from([0.25, 0.4, 1.0]))
def test_the_pairs_are_exactly_those_of_the_definitions(frame, share):
    found = pairs(frame, duplication_share=share)
    assert dict(
        zip(found.index, zip(found["pair_class"], found["group"], strict=True), strict=True)
    ) == plain_pairs(frame, share)


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(frame, random):
    rows = list(range(len(frame)))
    random.shuffle(rows)
    pd.testing.assert_frame_equal(pairs(frame), pairs(frame.iloc[rows]))


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE, st.sampled_from(["support_type", "journey_stages", "need_area", "sme_size", "sectors"]))
def test_emptying_a_coded_cell_never_makes_a_pair_appear(frame, column):
    emptied = frame.copy()
    emptied[column] = emptied[column].astype(object)
    emptied.at[0, column] = None if column == "support_type" else ()
    before, after = pairs(frame), pairs(emptied)
    assert set(after.index) <= set(before.index)
    twins = [set(f.index[f["pair_class"] == overlap.DUPLICATION]) for f in (after, before)]
    assert twins[0] <= twins[1]


# --- the status ladder -----------------------------------------------------------------------------------------


def decide(*rows):
    """Return decisions on the pair a~b, one per (decision, date)."""
    return pd.DataFrame(
        [
            {
                "subject_kind": "candidate", "subject_id": "a~b", "decision": decision, "decided_by": "steering group",
                "date": date, "reason": "Looked at it.",
            }
            for decision, date in rows
        ]
    )  # fmt: skip


def status(decisions):
    found = overlap.find_pairs(services(a={}, b={}), VOCABULARY, related=())
    row = overlap.apply_decisions(found, decisions).iloc[0]
    return row["status"], row["ladder_note"]


def test_a_computed_pair_is_a_candidate_and_no_finding():
    assert status(None) == ("candidate", "")
    assert not overlap.is_validated("candidate")


def test_a_pair_climbs_from_confirmed_over_its_effect_to_an_option():
    steps = [("confirmed", "2024-01-01"), ("effect-assessed", "2024-02-01"), ("merge", "2024-03-01")]
    assert [status(decide(*steps[:n]))[0] for n in (1, 2, 3)] == ["confirmed", "effect-assessed", "merge"]


def test_decisions_are_read_by_date_whatever_their_order_in_the_file():
    assert (
        status(decide(("kept-on-purpose", "2024-03-01"), ("confirmed", "2024-01-01")))[0] == "kept-on-purpose"
    )


def test_an_option_for_a_pair_nobody_confirmed_leaves_it_a_candidate_and_says_so():
    found, note = status(decide(("merge", "2024-01-01")))
    assert found == "candidate"
    assert note == "'merge' is recorded, but nobody has confirmed the pair"


def test_a_rejected_pair_is_not_validated_and_can_be_confirmed_later():
    assert status(decide(("rejected", "2024-01-01")))[0] == "rejected"
    assert not overlap.is_validated("rejected")
    assert status(decide(("rejected", "2024-01-01"), ("confirmed", "2025-01-01")))[0] == "confirmed"


def test_a_pair_may_be_named_in_either_order_and_other_subjects_are_passed_over():
    decisions = decide(("confirmed", "2024-01-01")).assign(subject_id="b~a")
    assert status(decisions)[0] == "confirmed"
    assert status(decisions.assign(subject_kind="gap"))[0] == "candidate"


# --- fragmentation ---------------------------------------------------------------------------------------------


def test_fragmentation_counts_bodies_per_area_and_not_pairs():
    frame = services(a={}, b={}, c={"provider_id": "p-a"}, d={"need_area": ("awareness",)})
    providers = pd.DataFrame({"provider_id": ["p-a", "p-b", "p-d"], "level": ["local", "national", "local"]})
    found = overlap.find_pairs(frame, VOCABULARY, related=())
    areas = overlap.fragmentation(
        frame, providers, found, ["finance", "awareness", "language-skills"]
    ).set_index("need_area")
    # finance: p-a gives two of three services, p-b one: HHI = (2/3)² + (1/3)² = 5/9
    assert areas.loc["finance", ["providers", "levels"]].tolist() == [2, 2]
    assert areas.loc["finance", "hhi"] == pytest.approx(5 / 9)
    assert areas.loc["finance", "effective_providers"] == pytest.approx(9 / 5)
    assert areas.loc["finance", "duplications"] == 2  # a~b and b~c; a~c is one body's
    assert areas["fragmented"].tolist()[:3] == [True, False, False]
    assert areas.loc["finance", "coordination"] == "not recorded"


def test_a_governance_table_tells_no_coordinator_from_not_recorded():
    frame = services(a={}, b={})
    providers = pd.DataFrame({"provider_id": ["p-a", "p-b"], "level": ["local", "local"]})
    governance = pd.DataFrame(
        {"provider_id": ["p-a", "p-b"], "need_area": ["finance", "finance"], "role": ["coordinates", "funds"]}
    )
    areas = overlap.fragmentation(
        frame, providers, overlap.find_pairs(frame, VOCABULARY, related=()), governance=governance
    ).set_index("need_area")
    assert areas.loc["finance", "coordinators"] == ("p-a",)
    assert areas["coordination"].to_dict() == {"finance": "named", "investment-cost": "none named"}
    silent = overlap.fragmentation(
        frame, providers, overlap.find_pairs(frame, VOCABULARY, related=()), governance=governance.tail(1)
    )
    assert set(silent["coordination"]) == {
        "not recorded"
    }  # nobody coordinates anything on record: no news of an area
