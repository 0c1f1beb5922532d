"""Pairs of services: what is a pair, which limbs match, which class, and how far a decision takes it."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import overlap
from eis_lib.methods.overlap import _pairs
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


def pairs(frame, **choices):
    found = overlap.find_candidates(frame, VOCABULARY, **{"minimum_grade": 1, **choices})
    return found.set_index("pair_id")


# --- names -----------------------------------------------------------------------------------------------------


def test_a_pair_has_one_name_in_either_order():
    assert overlap.pair_id("b", "a") == overlap.pair_id("a", "b") == "a~b"


# --- what is a pair --------------------------------------------------------------------------------------------


def test_twins_of_two_providers_are_a_duplication_candidate_with_three_limbs():
    row = pairs(services(a={}, b={})).loc["a~b"]
    assert row["pair_class"] == overlap.DUPLICATION
    assert (row["grade"], row["limbs"]) == (3, "goal; activity; beneficiary")


def test_services_that_never_run_at_the_same_time_are_no_pair():
    assert pairs(services(a={"end_year": 2019, "start_year": 2015}, b={})).empty


def test_one_year_in_common_is_enough():
    assert len(pairs(services(a={"start_year": 2015, "end_year": 2020}, b={}))) == 1


def test_a_missing_year_leaves_a_pair_standing_and_marks_it():
    found = pairs(services(a={"end_year": pd.NA}, b={}))
    assert found.loc["a~b", "periods"] == overlap.ASSUMED
    assert pairs(services(a={}, b={})).loc["a~b", "periods"] == overlap.SIDE_BY_SIDE


@pytest.mark.parametrize(
    ("one", "two", "count"),
    [("DK04", "DK041", 1), ("DK04", "DK03", 0), ("DK", "DK041", 1), ("EU", "DK041", 1), (pd.NA, "DK042", 1)],
)
def test_territories_meet_if_one_contains_the_other(one, two, count):
    frame = services(a={"territory": one}, b={"territory": two})
    assert len(pairs(frame, territory="DK04")) == count


def test_one_provider_under_one_brand_is_no_rival_of_itself():
    frame = services(a={"provider_id": "p"}, b={"provider_id": "p"})
    assert pairs(frame).empty
    assert len(pairs(frame, within_provider=True)) == 1


def test_two_brands_of_one_provider_are_a_pair():
    frame = services(a={"provider_id": "p", "brand": "Red"}, b={"provider_id": "p", "brand": "Blue"})
    assert len(pairs(frame)) == 1


def test_a_service_given_jointly_is_no_rival_of_its_co_provider():
    frame = services(
        a={"provider_id": "p", "co_providers": ("q",)}, b={"provider_id": "q", "co_providers": ()}
    )
    assert pairs(frame).empty


def test_a_part_is_no_rival_of_its_scheme_nor_of_its_sister_parts():
    frame = services(scheme={}, part={"part_of": "scheme"}, sister={"part_of": "scheme"}, other={})
    assert set(pairs(frame).index) == {"other~part", "other~scheme", "other~sister"}


def test_a_service_is_no_rival_of_what_it_replaced_however_many_steps_ago():
    frame = services(a={}, b={"succeeds": "a"}, c={"succeeds": "b"})
    assert pairs(frame).empty


def test_a_family_holds_through_a_predecessor_that_is_not_listed_any_more():
    assert pairs(services(b={"succeeds": "gone"}, c={"succeeds": "gone"})).empty


# --- limbs -----------------------------------------------------------------------------------------------------


def test_a_local_scheme_inside_a_national_one_has_containment_one_and_a_small_jaccard():
    frame = services(
        local={"sectors": ("tourism",), "sme_size": ("micro",)},
        national={"sme_size": ("micro", "small", "medium")},
    )
    row = pairs(frame).loc["local~national"]
    # 2 cells (1 size × 2 experience × 1 sector) inside 3 × 2 × 24 = 144
    assert row["beneficiary_containment"] == 1.0
    assert row["beneficiary_jaccard"] == pytest.approx(2 / 144)
    assert row["narrower"] == "local"
    assert row["pair_class"] == overlap.DUPLICATION


def test_a_wider_sector_contains_the_narrower_one_and_not_the_other_way():
    frame = services(
        wide={"sectors": ("manufacturing",)},
        narrow={"sectors": ("wine-and-drinks",)},
        apart={"sectors": ("tourism",)},
    )
    found = pairs(frame)
    assert found.loc["narrow~wide", "beneficiary_containment"] == 1.0
    assert found.loc["apart~wide", "beneficiary_containment"] == 0.0


def test_cells_are_a_product_so_that_one_facet_apart_parts_all():
    row = pairs(services(a={}, b={"modes": ("import",)})).loc["a~b"]
    assert row["beneficiary_jaccard"] == 0.0
    assert row["limbs"] == "goal; activity"


def test_the_same_activity_needs_the_same_support_type():
    row = pairs(services(a={}, b={"support_type": "loan"})).loc["a~b"]
    assert row["activity_jaccard"] == 0.0
    assert row["limbs"] == "goal; beneficiary"
    assert row["pair_class"] == overlap.OVERLAP


def test_the_same_support_type_at_other_stages_is_another_activity():
    row = pairs(services(a={"journey_stages": ("aware",)}, b={"journey_stages": ("grow",)})).loc["a~b"]
    assert not row["activity"]
    assert row["pair_class"] == overlap.OVERLAP


def test_half_in_common_matches_at_the_default_threshold_and_not_above_it():
    frame = services(a={"need_area": ("finance", "awareness")}, b={"need_area": ("finance", "legal-rules")})
    assert not pairs(frame).loc["a~b", "goal"]  # 1 of 3
    frame = services(
        a={"need_area": ("finance", "awareness", "legal-rules")},
        b={"need_area": ("finance", "awareness", "foreign-taxes")},
    )
    assert pairs(frame).loc["a~b", "goal"]  # 2 of 4
    assert not pairs(frame, threshold=0.6).loc["a~b", "goal"]


def test_a_pair_is_classified_once_at_its_sharpest():
    found = overlap.find_candidates(
        services(a={}, b={}, c={"support_type": "loan"}), VOCABULARY, minimum_grade=1
    )
    assert not found["pair_id"].duplicated().any()
    assert found.set_index("pair_id")["pair_class"].to_dict() == {
        "a~b": overlap.DUPLICATION,
        "a~c": overlap.OVERLAP,
        "b~c": overlap.OVERLAP,
    }


def test_a_lower_containment_lets_more_pairs_be_duplication_candidates():
    frame = services(a={"sme_size": ("micro", "small")}, b={"sme_size": ("small", "medium")})
    assert pairs(frame).loc["a~b", "pair_class"] == overlap.OVERLAP
    assert pairs(frame, duplication_containment=0.5).loc["a~b", "pair_class"] == overlap.DUPLICATION


def test_a_limb_that_lacks_data_is_named_and_never_matches():
    frame = services(a={"need_area": ()}, b={})
    row = pairs(frame).loc["a~b"]
    assert (row["missing"], row["limbs"]) == ("goal", "activity; beneficiary")
    assert np.isnan(row["goal_jaccard"])
    assert overlap.undecidable(frame).to_dict("records") == [
        {"service_id": "a", "limb": "goal", "lacks": "need_area"}
    ]


def test_a_facet_that_is_not_recorded_makes_the_beneficiaries_unknown_not_none():
    row = pairs(services(a={"market_scope": ()}, b={})).loc["a~b"]
    assert row["missing"] == "beneficiary"
    assert np.isnan(row["beneficiary_containment"])


def test_services_that_share_no_clients_by_rule_are_no_duplication():
    # Local Enterprise Offices leave clients of the Gaeltacht authority out: the same grant, for other firms
    twins = services(office={}, gaeltacht={"co_providers": ("authority",)}, third={})
    apart = twins.assign(excludes_clients_of=["authority", None, None])
    before, after = pairs(twins), pairs(apart)
    assert before.at["gaeltacht~office", "pair_class"] == overlap.DUPLICATION
    row = after.loc["gaeltacht~office"]
    assert row[["pair_class", "grade", "limbs"]].tolist() == [overlap.OVERLAP, 2, "goal; activity"]
    assert row[["beneficiary_jaccard", "beneficiary_containment"]].tolist() == [0, 0]
    others = ["gaeltacht~third", "office~third"]
    assert after.loc[others, "pair_class"].tolist() == before.loc[others, "pair_class"].tolist()


def test_words_order_the_list_and_never_decide_what_is_on_it():
    plain = services(a={}, b={}, c={})
    worded = services(a={"name": "Export grant"}, b={"name": "Zebra"}, c={"name": "Export grant"})
    assert set(pairs(plain).index) == set(pairs(worded).index)
    assert pairs(worded).index[0] == "a~c"


def test_more_than_sixty_four_codes_are_compared_as_well():
    many = tuple(f"need-{n:03d}" for n in range(130))
    row = pairs(services(a={"need_area": many}, b={"need_area": many[:65]})).loc["a~b"]
    assert row["goal_jaccard"] == 0.5
    assert row["goal_containment"] == 1.0


def test_without_need_areas_the_message_says_where_they_come_from():
    with pytest.raises(KeyError, match="add_facets"):
        overlap.encode(services(a={}).drop(columns="need_area"), VOCABULARY)


@pytest.mark.parametrize("choice", [{"threshold": 0}, {"duplication_containment": 1.5}, {"minimum_grade": 4}])
def test_a_choice_outside_its_range_is_refused(choice):
    with pytest.raises(ValueError, match="minimum_grade is|are shares"):
        pairs(services(a={}, b={}), **choice)


def test_an_empty_landscape_has_no_candidates():
    assert pairs(services(a={}, b={}).head(0)).empty


def test_nothing_handed_in_is_changed():
    frame = services(a={}, b={})
    before = frame.copy(deep=True)
    pairs(frame)
    pd.testing.assert_frame_equal(frame, before)


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


def alike(x, y):
    """Return |X∩Y| / |X∪Y| and |X∩Y| / min(|X|, |Y|); neither holds against a number where a set is empty."""
    shared = len(x & y)
    return (shared / len(x | y), shared / min(len(x), len(y))) if x and y else (np.nan, np.nan)


def plain_pairs(frame, threshold, minimum_grade):
    """Return pair → (class, limbs) straight from the definitions, pair by pair, with sets."""
    sectors = [c for c in VOCABULARY.codes("sector") if c != "all"]
    below = {c: {n for n in sectors if c in VOCABULARY.ancestors("sector", n)} for c in sectors} | {
        "all": set(sectors)
    }
    found = {}
    for a, b in combinations(frame.to_dict("records"), 2):
        start = [-1 if pd.isna(r["start_year"]) else r["start_year"] for r in (a, b)]
        end = [9999 if pd.isna(r["end_year"]) else r["end_year"] for r in (a, b)]
        nested = a["territory"].startswith(b["territory"]) or b["territory"].startswith(a["territory"])
        if max(start) > min(end) or not nested or a["provider_id"] == b["provider_id"]:
            continue
        cells = [
            {
                (size, experience, sector)
                for size in r["sme_size"]
                for experience in r["experience"]
                for sector in set().union(*(below[s] for s in r["sectors"]))
            }
            for r in (a, b)
        ]
        activity = [{(r["support_type"], stage) for stage in r["journey_stages"]} for r in (a, b)]
        sets = {
            "goal": (set(a["need_area"]), set(b["need_area"])),
            "activity": activity,
            "beneficiary": cells,
        }
        likeness = {limb: alike(*both) for limb, both in sets.items()}
        limbs = [limb for limb, (jaccard, inside) in likeness.items() if jaccard >= threshold or inside == 1]
        inside = all(inside == 1 for _, inside in likeness.values())
        if len(limbs) >= minimum_grade:
            found[overlap.pair_id(a["service_id"], b["service_id"])] = (
                overlap.DUPLICATION if inside else overlap.OVERLAP,
                "; ".join(limbs),
            )
    return found


@settings(max_examples=50, deadline=None)
@given(LANDSCAPE, st.sampled_from([0.25, 0.5, 0.75, 1.0]), st.integers(1, 3))
def test_the_blocks_find_exactly_the_pairs_of_the_definitions(frame, threshold, minimum_grade):
    found = pairs(frame, threshold=threshold, minimum_grade=minimum_grade)
    ours = {row.Index: (row.pair_class, row.limbs) for row in found.itertuples()}
    assert ours == plain_pairs(frame, threshold, minimum_grade)


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(pairs(frame), pairs(frame.iloc[order].reset_index(drop=True)))


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE)
def test_adding_a_service_takes_no_pair_away(frame):
    assert set(pairs(frame.iloc[:-1]).index) <= set(pairs(frame).index)


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE)
def test_raising_threshold_or_grade_never_adds_a_pair(frame):
    assert set(pairs(frame, threshold=0.75).index) <= set(pairs(frame, threshold=0.5).index)
    assert set(pairs(frame, minimum_grade=3).index) <= set(pairs(frame, minimum_grade=2).index)


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE)
def test_shares_stay_between_nought_and_one_and_containment_is_never_below_jaccard(frame):
    found = pairs(frame)
    for limb in overlap.LIMBS:
        j, k = found[f"{limb}_jaccard"].dropna(), found[f"{limb}_containment"].dropna()
        assert ((j >= 0) & (k <= 1) & (j <= k)).all()


def test_pairs_streamed_in_small_blocks_are_the_same_pairs(monkeypatch):
    rows = {f"s{n:02d}": {"sme_size": SIZES[n % 3 :], "need_area": NEEDS[: 1 + n % 3]} for n in range(30)}
    facets = overlap.encode(services(**rows), VOCABULARY)
    whole = overlap.find_pairs(facets)
    monkeypatch.setattr(_pairs, "_CHUNK", 7)
    assert sum(1 for _ in overlap.stream_pairs(facets)) > 5
    again = overlap.find_pairs(facets)
    assert (whole.left == again.left).all()
    assert (whole.right == again.right).all()
    assert (whole.flags == again.flags).all()


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE, st.sampled_from((0.1, 0.5, 0.8, 1.0)), st.integers(1, 3))
def test_a_threshold_laid_on_what_was_compared_once_gives_the_same_pairs(frame, threshold, grade):
    facets = overlap.encode(frame, VOCABULARY)
    compared = overlap.compare_pairs(facets)
    judged = compared.judge(threshold=threshold, minimum_grade=grade)
    found = overlap.find_pairs(facets, threshold=threshold, minimum_grade=grade)
    for part in ("left", "right", "flags"):
        assert getattr(judged, part).tolist() == getattr(found, part).tolist()
    assert compared.count(threshold) == len(overlap.find_pairs(facets, threshold=threshold, minimum_grade=1))


@settings(max_examples=25, deadline=None)
@given(LANDSCAPE, st.integers(0, 6))
def test_the_first_rows_of_a_shortlist_are_those_of_the_whole_list(frame, most):
    facets = overlap.encode(frame, VOCABULARY)
    found = overlap.Shortlist(frame, facets, overlap.find_pairs(facets, minimum_grade=1))
    whole = found.rows()
    pd.testing.assert_frame_equal(found.rows(most), whole.head(most))
    named = [
        overlap.pair_id(b, a) for a, b in zip(whole["service_a"][:2], whole["service_b"][:2], strict=True)
    ]
    assert found.named([*named, "no~such", "no-pair"]).rows()["pair_id"].tolist() == named


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
    found = overlap.find_candidates(services(a={}, b={}), VOCABULARY)
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
    found = overlap.find_candidates(frame, VOCABULARY)
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
        frame, providers, overlap.find_candidates(frame, VOCABULARY), governance=governance
    ).set_index("need_area")
    assert areas.loc["finance", "coordinators"] == ("p-a",)
    assert areas["coordination"].to_dict() == {"finance": "named", "investment-cost": "none named"}
    silent = overlap.fragmentation(
        frame, providers, overlap.find_candidates(frame, VOCABULARY), governance=governance.tail(1)
    )
    assert set(silent["coordination"]) == {
        "not recorded"
    }  # nobody coordinates anything on record: no news of an area


# --- plain frames ----------------------------------------------------------------------------------------------


def test_ids_may_be_numbers_and_lists_text():
    texts = services(a={}, b={}).assign(
        service_id=[2, 10],
        journey_stages="plan; enter",
        sme_size=["micro;small", "small;micro"],
        need_area="finance;investment-cost",
    )
    found = pairs(texts)
    expected = pairs(services(a={}, b={}))
    assert found.index.tolist() == ["10~2"]
    measures = ["pair_class", "grade", "goal_jaccard", "activity_jaccard", "beneficiary_jaccard"]
    assert found[measures].iloc[0].tolist() == expected[measures].iloc[0].tolist()
