"""The landscape described: expected values are worked out by hand on tables small enough to read."""

import datetime as dt
import math

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import landscape

STAGES = ("aware", "assess", "plan", "prepare", "enter", "grow")
TYPES = ("training", "grant", "matchmaking")


def a_service(service_id, provider_id="p1", **columns):
    return {
        "service_id": service_id,
        "provider_id": provider_id,
        "co_providers": (),
        "support_type": "training",
        "journey_stages": ("aware",),
        "modes": ("export",),
        "experience": ("non-exporter",),
        "sectors": ("all",),
        "cost_to_sme": "free",
        "start_year": 2010,
        "end_year": pd.NA,
        "part_of": None,
        "succeeds": None,
    } | columns


def table(*services):
    frame = pd.DataFrame(list(services))
    return frame.astype({"start_year": "Int64", "end_year": "Int64"}) if len(frame) else frame


PROVIDERS = pd.DataFrame(
    {
        "provider_id": ["p1", "p2", "p3"],
        "name": ["One", "Two", "Three"],
        "level": ["local", "national", "national"],
        "kind": ["chamber", "national-ministry", "bank-or-fund"],
    }
)
CODING = pd.DataFrame(
    {
        "support_type": ["training", "training", "grant"],
        "barrier": ["specialised-staff", "market-knowledge", "finance"],
    }
)


# -------------------------------------------------------------------------------- time


def test_a_service_counts_in_its_first_and_its_last_year():
    services = table(a_service("s", start_year=2016, end_year=2018))
    counts = [year for year in range(2014, 2021) if len(landscape.in_force(services, year))]
    assert counts == [2016, 2017, 2018]


def test_a_missing_year_neither_ends_a_service_nor_makes_it_certain():
    services = table(
        a_service("dated", start_year=2010, end_year=2030),
        a_service("open", start_year=2010),
        a_service("undated", start_year=pd.NA),
        a_service("no_start", start_year=pd.NA, end_year=2030),
        a_service("over", start_year=pd.NA, end_year=2020),
        a_service("later", start_year=2025),
    )
    found = landscape.in_force(services, 2024)
    assert dict(zip(found["service_id"], found["dating"], strict=True)) == {
        "dated": "dated",
        "open": "no end recorded",
        "undated": "no start recorded",
        "no_start": "no start recorded",
    }


def test_what_has_ended_or_is_announced_without_a_year_counts_in_no_year():
    services = table(
        a_service("ended", status="ended", checked_on=pd.Timestamp("2026-11-29")),
        a_service("ended_unseen", status="ended"),
        a_service("ended_with_year", status="ended", end_year=2030, checked_on=pd.Timestamp("2026-11-29")),
        a_service("announced", status="announced", start_year=pd.NA),
        a_service("announced_with_year", status="announced", start_year=2027),
        a_service("doubtful", status="doubtful"),
        a_service("running", status="running"),
    )
    in_2026, in_2025, in_2027 = (
        set(landscape.in_force(services, year)["service_id"]) for year in (2026, 2025, 2027)
    )
    assert in_2026 == {"ended_with_year", "doubtful", "running"}
    assert in_2025 == in_2026 | {"ended"}  # it was seen in 2026 that it has ended, and not before
    assert in_2027 == in_2026 | {"announced_with_year"}


def test_in_force_leaves_its_argument_alone():
    services = table(a_service("s"))
    before = services.copy(deep=True)
    landscape.in_force(services, 2024)
    pd.testing.assert_frame_equal(services, before)


def test_a_successor_is_no_new_service_and_its_predecessor_is_not_closed():
    services = table(
        a_service("old", start_year=2010, end_year=2019),
        a_service("new", start_year=2020, succeeds="old"),
        a_service("gone", start_year=2010, end_year=2018),
        a_service("fresh", start_year=2022),
        a_service("kept", start_year=2010, end_year=2030),
        a_service("assumed", start_year=2010),
        a_service("between", start_year=2019, end_year=2020),
    )
    found = landscape.turnover(services, 2018, 2024).set_index("service_id")
    assert found["change"].to_dict() == {
        "old": "replaced",
        "new": "successor",
        "gone": "closed",
        "fresh": "opened",
        "kept": "stayed",
        "assumed": "stayed",
    }
    assert found.index[found["rests_on_missing_year"]].tolist() == ["assumed"]


def test_turnover_refuses_years_in_the_wrong_order():
    with pytest.raises(ValueError, match="the later year 2018 lies before 2024"):
        landscape.turnover(table(a_service("s")), 2024, 2018)


def test_two_years_lie_side_by_side_with_what_is_certain_apart():
    services = table(
        a_service("a", start_year=2010, end_year=2019),
        a_service("b", start_year=2010),
        a_service("c", support_type="grant", start_year=2020, end_year=2025),
    )
    found = landscape.compare_years(services, "support_type", [2018, 2024], TYPES)
    counts = found.set_index(["code", "year", "dating"])["services"]
    assert len(found) == 3 * 2 * 3
    assert counts["training", 2018, "dated"] == 1
    assert counts["training", 2018, "no end recorded"] == 1
    assert counts["training", 2024, "dated"] == 0
    assert counts["grant", 2024, "dated"] == 1
    assert counts["matchmaking"].sum() == 0
    assert list(dict.fromkeys(found["code"])) == list(TYPES)


# -------------------------------------------------------------------------------- unit of analysis


def test_investor_services_reach_no_resident_firm_but_an_unstated_audience_does():
    services = table(
        a_service("a", audience=None),
        a_service("b", audience="inward"),
        a_service("c", audience="resident-sme"),
    )
    assert landscape.reaches_smes(services)["service_id"].tolist() == ["a", "c"]


def test_putting_services_under_one_name_changes_no_count_of_services():
    apart = table(a_service("a"), a_service("b"), a_service("c"))
    under_one_name = table(
        a_service("umbrella"),
        a_service("a", part_of="umbrella"),
        a_service("b", part_of="umbrella"),
        a_service("c", part_of="umbrella"),
    )
    assert landscape.count_services(apart) == {"rows": 3, "services": 3, "names": 3}
    assert landscape.count_services(under_one_name) == {"rows": 4, "services": 3, "names": 1}


def test_an_umbrella_counts_where_none_of_its_parts_stands():
    services = table(
        a_service("umbrella", journey_stages=("aware", "grow")),
        a_service("part", part_of="umbrella", journey_stages=("aware",)),
    )
    found = landscape.facet_counts(services, "journey_stages", STAGES).set_index("code")["service_ids"]
    assert found["aware"] == ("part",)
    assert found["grow"] == ("umbrella",)


def test_a_scheme_that_contains_itself_ends_where_it_meets_itself():
    above = landscape.umbrellas(table(a_service("a", part_of="b"), a_service("b", part_of="a")))
    assert above == {"a": frozenset({"b"}), "b": frozenset({"a"})}


# -------------------------------------------------------------------------------- facets and coverage


def test_own_barriers_go_before_derived_ones_and_no_coding_reads_unknown():
    services = table(
        a_service("own", barriers_addressed=("finance",)),
        a_service("derived", barriers_addressed=()),
        a_service("neither", support_type="voucher", barriers_addressed=()),
    )
    found = landscape.add_facets(services, PROVIDERS, CODING)
    assert found["need_area"].tolist() == [("finance",), ("specialised-staff", "market-knowledge"), ()]
    assert found["need_area_from"].tolist() == ["own", "derived", "unknown"]


def test_what_was_read_has_the_needs_that_were_seen_in_it_even_if_that_is_none():
    services = table(
        a_service("coded", barriers_addressed=("finance",)),
        a_service("none_seen", barriers_addressed=()),
        a_service("unread", barriers_addressed=()),
    )
    codings = pd.DataFrame({"service_id": ["coded", "none_seen"], "coder": ["a", "a"]})
    found = landscape.add_facets(services, PROVIDERS, CODING, codings)
    assert found["need_area"].tolist() == [("finance",), (), ("specialised-staff", "market-knowledge")]
    assert found["need_area_from"].tolist() == ["own", "own", "derived"]


def test_a_joint_service_has_the_levels_of_all_who_give_it():
    services = table(a_service("s", "p1", co_providers=("p2", "p3")))
    found = landscape.add_facets(services, PROVIDERS, CODING)
    assert found["provider_level"].tolist() == [("local", "national")]
    assert found["provider_kind"].tolist() == [("chamber", "national-ministry", "bank-or-fund")]


def test_none_and_unknown_are_two_answers():
    services = table(
        a_service("a", journey_stages=("aware",)), a_service("b", support_type="grant", journey_stages=())
    )
    found = landscape.coverage(
        services, "support_type", "journey_stages", codes_a=TYPES, codes_b=STAGES
    ).set_index(["code_a", "code_b"])
    assert found.loc[("training", "aware"), "status"] == "covered"
    assert found.loc[("training", "grow"), "status"] == "none"
    assert found.loc[("grant", "grow"), "status"] == "unknown"
    assert found.loc[("grant", "grow"), "possible"] == 1
    assert found.loc[("grant", "unknown"), "service_ids"] == ("b",)
    assert found.loc[("matchmaking", "grow"), "status"] == "none"


def test_a_sector_without_a_service_of_its_own_may_use_those_for_all_sectors():
    services = table(a_service("a"), a_service("b", support_type="grant", sectors=("maritime",)))
    found = landscape.coverage(
        services, "support_type", "sectors", codes_a=TYPES, codes_b=("all", "maritime")
    ).set_index(["code_a", "code_b"])
    assert found.loc[("training", "maritime"), "status"] == "general"
    assert found.loc[("training", "maritime"), "services"] == 0
    assert found.loc[("grant", "maritime"), "status"] == "covered"
    assert found.loc[("grant", "all"), "status"] == "none"


def test_the_same_facet_twice_is_refused():
    with pytest.raises(ValueError, match="two different facets, not 'modes' twice"):
        landscape.coverage(table(a_service("s")), "modes", "modes")


def test_an_unknown_facet_is_named_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no facet 'stage'; known: support_type"):
        landscape.facet_counts(table(a_service("s")), "stage")


some_codes = st.lists(st.sampled_from(STAGES), max_size=3, unique=True).map(tuple)


@st.composite
def landscapes(draw, smallest=1):
    """Draw up to eight services; a service may be part of one listed before it, so that references resolve."""
    size = draw(st.integers(smallest, 8))
    rows = []
    for n in range(size):
        rows.append(
            a_service(
                f"s{n}",
                draw(st.sampled_from(["p1", "p2", "p3"])),
                support_type=draw(st.sampled_from(TYPES)),
                journey_stages=draw(some_codes),
                part_of=draw(st.sampled_from([None, *(f"s{m}" for m in range(n))])),
                co_providers=draw(st.sampled_from([(), ("p2",)])),
            )
        )
    return table(*rows)


def cells(services):
    return landscape.coverage(services, "support_type", "journey_stages", codes_a=TYPES, codes_b=STAGES)


@settings(max_examples=50, deadline=None)
@given(landscapes(smallest=2))
def test_adding_a_service_never_reduces_coverage(services):
    fewer, more = (
        cells(frame).set_index(["code_a", "code_b"])["services"] for frame in (services.iloc[:-1], services)
    )
    assert (more.reindex(fewer.index, fill_value=-1) >= fewer).all()


@settings(max_examples=50, deadline=None)
@given(landscapes(), st.randoms(use_true_random=False))
def test_coverage_does_not_depend_on_the_order_of_services(services, random):
    order = list(services.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(cells(services.loc[order].reset_index(drop=True)), cells(services))


@settings(max_examples=50, deadline=None)
@given(landscapes())
def test_counts_add_up_and_every_count_names_its_services(services):
    plain = services.assign(part_of=None)
    found = cells(plain)
    assert (found["service_ids"].map(len) == found["services"]).all()
    by_stage = found.groupby("code_b")["services"].sum()
    alone = landscape.facet_counts(plain, "journey_stages", STAGES).set_index("code")["services"]
    assert by_stage.reindex(alone.index).tolist() == alone.tolist()
    assert set().union(*found["service_ids"]) == set(plain["service_id"])


@settings(max_examples=50, deadline=None)
@given(landscapes())
def test_hhi_lies_between_one_over_n_and_one(services):
    found = landscape.concentration(landscape.add_facets(services, PROVIDERS, CODING), PROVIDERS)
    held = found[found["services"] > 0]
    assert (held["hhi"] <= 1 + 1e-12).all()
    assert (held["hhi"] >= 1 / held["providers"] - 1e-12).all()
    assert (held["effective_providers"] <= held["providers"] + 1e-9).all()
    assert held["largest_share"].between(0, 1).all()


# -------------------------------------------------------------------------------- concentration


def test_herfindahl_of_equal_holders_is_one_over_their_number():
    assert landscape.herfindahl([3, 3, 3, 3]) == 0.25


def test_herfindahl_of_nothing_is_missing_not_zero():
    assert math.isnan(landscape.herfindahl([]))
    with pytest.raises(ValueError, match="negative"):
        landscape.herfindahl([-1, 2])


def test_concentration_states_its_share_and_splits_a_joint_service():
    # Finance: p1 gives two alone, p2 and p3 one together: shares 2/3, 1/6, 1/6 → HHI 4/9 + 2/36 = 1/2.
    services = table(
        a_service("a", "p1", support_type="grant"),
        a_service("b", "p1", support_type="grant"),
        a_service("c", "p2", support_type="grant", co_providers=("p3",)),
    )
    found = landscape.concentration(
        landscape.add_facets(services, PROVIDERS, CODING), PROVIDERS, ("finance", "awareness")
    ).set_index("need_area")
    finance = found.loc["finance"]
    assert finance["hhi"] == pytest.approx(0.5)
    assert finance["effective_providers"] == pytest.approx(2)
    assert (finance["providers"], finance["levels"], finance["level_codes"]) == (3, 2, ("local", "national"))
    assert (finance["largest_provider"], finance["largest_share"]) == ("p1", pytest.approx(2 / 3))
    assert finance["from_own_coding"] == 0
    assert found.loc["awareness", "services"] == 0
    assert math.isnan(found.loc["awareness", "hhi"])


def test_a_need_that_coding_can_not_reach_is_unknown_until_every_service_names_its_needs():
    services = table(
        a_service("a", support_type="grant"), a_service("b", barriers_addressed=("language-skills",))
    )
    needs = ("finance", "language-skills", "specialised-staff", "foreign-taxes")
    found = landscape.need_status(landscape.add_facets(services, PROVIDERS, CODING), needs, CODING)
    assert found == {
        "finance": "covered",
        "language-skills": "covered",
        "specialised-staff": "none",
        "foreign-taxes": "unknown",
    }
    named = landscape.add_facets(services.iloc[1:], PROVIDERS, CODING)
    assert landscape.need_status(named, needs, CODING)["foreign-taxes"] == "none"


def test_capacity_is_used_only_where_every_service_states_it():
    services = table(
        a_service("a", "p1", support_type="grant", capacity_per_year=30.0),
        a_service("b", "p2", support_type="grant", capacity_per_year=10.0),
        a_service("c", "p1", capacity_per_year=5.0),
        a_service("d", "p2", capacity_per_year=float("nan")),
    )
    found = landscape.concentration(landscape.add_facets(services, PROVIDERS, CODING), PROVIDERS).set_index(
        "need_area"
    )
    # 30 and 10 of 40: 9/16 + 1/16 = 0.625
    assert found.loc["finance", "hhi_capacity"] == pytest.approx(0.625)
    assert math.isnan(found.loc["specialised-staff", "hhi_capacity"])
    assert found.loc["specialised-staff", "capacity_known"] == 1


# -------------------------------------------------------------------------------- roles and network


def test_roles_follow_their_rule():
    services = table(
        a_service("door", "p1", journey_stages=("aware", "plan")),
        a_service(
            "money", "p1", support_type="grant", journey_stages=("enter", "grow"), cost_to_sme="co-funded"
        ),
        a_service("meet", "p1", support_type="matchmaking", journey_stages=("enter",)),
        a_service("loan1", "p2", support_type="loan", journey_stages=("grow",), cost_to_sme="paid"),
        a_service("loan2", "p2", support_type="loan", journey_stages=("grow",), cost_to_sme="paid"),
    )
    found = landscape.provider_roles(services, PROVIDERS).set_index("provider_id")
    assert found["role"].to_dict() == {
        "p1": "entry point and hub",
        "p2": "specialist",
        "p3": "no service listed",
    }
    assert found.loc["p1", ["services", "stages", "support_types"]].tolist() == [3, 4, 3]
    assert found.index[0] == "p1"


def test_a_paid_service_or_one_for_exporters_opens_no_door():
    services = table(
        a_service("paid", "p1", cost_to_sme="paid"), a_service("regular", "p2", experience=("regular",))
    )
    found = landscape.provider_roles(services, PROVIDERS)
    assert not found["is_entry_point"].any()
    assert found["is_entry_at_a_price"].tolist() == [True, False, False]
    assert found["role"].tolist() == ["single offer", "single offer", "no service listed"]


def test_without_referrals_hand_offs_are_unknown_not_none():
    found = landscape.network(table(a_service("a")), PROVIDERS)
    assert not found.has_referrals
    assert found.services[["referrals_in", "referrals_out", "position"]].isna().all(axis=None)


def test_referrals_tell_entries_hubs_ends_and_isolated_services_apart():
    services = table(
        a_service("a", "p1"),
        a_service("b", "p1"),
        a_service("c", "p2"),
        a_service("d", "p2"),
        a_service("e", "p3"),
    )
    referrals = pd.DataFrame(
        {
            "from_service": ["a", "b", "c", "a"],
            "to_service": ["c", "c", "d", "closed"],
            "kind": ["signpost", "warm-handover", "referral", "referral"],
        }
    )
    found = landscape.network(services, PROVIDERS, referrals)
    positions = found.services.set_index("service_id")
    assert positions["position"].to_dict() == {
        "a": "entry",
        "b": "entry",
        "c": "hub",
        "d": "end",
        "e": "isolated",
    }
    assert positions["warm_out"].to_dict() == {"a": 0, "b": 1, "c": 0, "d": 0, "e": 0}
    # c lies on a→d and b→d: 2 of the (5−1)(5−2) = 12 ordered pairs
    assert positions.loc["c", "betweenness"] == pytest.approx(2 / 12)
    assert found.left_out == 1
    providers = found.providers.set_index("provider_id")
    assert providers["linked_providers"].to_dict() == {"p1": 1, "p2": 1, "p3": 0}
    assert providers.loc["p3", "is_isolated"]
    assert providers.loc["p1", "group"] == providers.loc["p2", "group"] == 1


def test_joint_services_parts_and_requirements_tie_providers():
    services = table(
        a_service("a", "p1", co_providers=("p2",)),
        a_service("b", "p3", requires=("a",)),
        a_service("c", "p3"),
    )
    found = landscape.network(services, PROVIDERS).providers.set_index("provider_id")
    assert found["linked_providers"].to_dict() == {"p1": 2, "p2": 1, "p3": 1}
    assert found.loc["p1", "linked_by"] == ("joint service", "requires")


# -------------------------------------------------------------------------------- quality of the inventory


def test_completeness_counts_cells_for_fields_and_records_for_the_rest():
    records = pd.DataFrame(
        {
            "name": ["A", "B", ""],
            "modes": [("export",), (), ("import",)],
            "source_url": ["u", "u", None],
            "source_title": ["t", None, "t"],
            "evidence": ["published", "own-judgement", "published"],
            "checked_on": ["2024-06-01", "2023-05-31", None],
            "start_year": pd.array([2010, 2011, None], dtype="Int64"),
            "end_year": pd.array([2020, None, None], dtype="Int64"),
        }
    )
    found = landscape.completeness(
        records, ["name", "modes"], review_date="2024-06-30", wanted={"capacity_per_year": "Capacity known"}
    ).set_index("measure")
    assert found["filled"].to_dict() == {
        "mandatory": 4,
        "named_source": 1,
        "evidence_published": 2,
        "evidence_own-judgement": 1,
        "checked_12_months": 1,
        "dated": 1,
        "start_year": 2,
        "end_year": 1,
        "capacity_per_year": 0,
    }
    assert found.loc["mandatory", "share"] == pytest.approx(4 / 6)
    assert not found.loc["capacity_per_year", "recorded"]


def test_no_check_date_at_all_is_not_the_same_as_no_recent_check():
    records = pd.DataFrame({"name": ["A"], "evidence": ["published"], "checked_on": ["2001-01-01"]})
    never = landscape.completeness(records.drop(columns="checked_on"), ["name"], review_date="2024-01-01")
    old = landscape.completeness(records, ["name"], review_date="2024-01-01")
    assert not never.set_index("measure").loc["checked_12_months", "recorded"]
    assert old.set_index("measure").loc["checked_12_months", "recorded"]


def test_chapman_gives_the_published_trout_of_gebhards_lake():
    # Krebs, Ecological Methodology: 109 marked, 177 caught, 57 of them marked; N̂ = 110 · 178 / 58 − 1 = 336.6.
    # Seber's variance by hand: 110 · 178 · 52 · 120 / (58² · 59) = 615.6.
    found = landscape.chapman(109, 177, 57)
    assert found.value == pytest.approx(336.59, abs=0.01)
    assert found.variance == pytest.approx(615.59, abs=0.01)
    assert found.seen == 229
    assert found.seen < found.low < found.value < found.high


def test_two_identical_lists_leave_nothing_to_estimate():
    found = landscape.chapman(20, 20, 20)
    assert (found.value, found.variance, found.low, found.high) == (20, 0, 20, 20)


def test_more_on_both_lists_than_on_one_is_refused():
    with pytest.raises(ValueError, match="5 services on both lists can not come from lists of 4 and 9"):
        landscape.chapman(4, 9, 5)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.data())
def test_the_estimate_never_falls_below_what_was_listed(first, second, data):
    both = data.draw(st.integers(0, min(first, second)))
    found = landscape.chapman(first, second, both)
    assert found.value >= found.seen - 1e-9
    assert found.seen <= found.low + 1e-9
    assert found.low <= found.value + 1e-9 <= found.high + 2e-9


def searched(*found, day="2026-11-29", layer=""):
    return pd.DataFrame(
        [(day, ids, layer) for ids in found], columns=["searched_on", "found_ids", "layer"], dtype=object
    )


def known(**first_seen):
    """Return services by the day on which each entered the pack; what begins with ``eu`` is a layer's."""
    return pd.DataFrame(
        {
            "service_id": list(first_seen),
            "first_seen": list(first_seen.values()),
            "layer": ["eu" if service.startswith("eu") else "" for service in first_seen],
        }
    )


def test_the_second_list_is_what_the_searches_found_and_what_came_in_with_them():
    services = known(a=None, b=None, c="2022-03-01", new="2026-11-29", late="2026-12-01", eu1=None)
    found = landscape.two_lists(services, searched(("b", "some-policy"), ("c", "eu1"), ()))
    assert found == landscape.Lists(first=3, second=4, both=2)
    assert found.estimate() == landscape.chapman(3, 4, 2)


def test_the_first_of_several_search_days_divides_the_lists():
    searches = pd.concat([searched(("a",), day="2026-12-05"), searched((), day="2026-11-29")])
    assert landscape.two_lists(known(a=None, b="2026-11-30"), searches) == landscape.Lists(1, 2, 1)


def test_without_a_search_of_the_region_itself_there_is_no_second_list():
    services = known(a=None)
    for searches in (None, searched(), searched(("a",), layer="eu")):
        assert landscape.two_lists(services, searches) is None


def test_no_service_at_all_leaves_two_empty_lists():
    found = landscape.two_lists(known(), searched(("a",)))
    assert found == landscape.Lists(0, 0, 0)
    assert found.estimate().value == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_no_service_is_lost_between_the_two_lists(rows):
    services = known(**{f"s{n}": "2026-11-29" if new else None for n, (new, _) in enumerate(rows)})
    named = tuple(f"s{n}" for n, (_, found) in enumerate(rows) if found)
    lists = landscape.two_lists(services, searched(named))
    assert lists.first + lists.second - lists.both == len(rows)
    assert lists.both <= min(lists.first, lists.second)


# -------------------------------------------------------------------------------- age of the evidence

AGES = pd.DataFrame(
    {"kind": ["services", "indicators"], "fresh_years": [1.0, 3.0], "stale_years": [3.0, 5.0], "reason": ""}
)


def test_a_row_is_fresh_ageing_stale_or_undated_by_its_day_and_a_period_by_its_end():
    days = pd.Series(["2026-01-01", "2025", "2025-Q3", "2024-05", "2010", None, ""])
    states = landscape.mark_ages(days, "2026-06-30", 1, 3).tolist()
    assert states == ["fresh", "fresh", "fresh", "ageing", "stale", "undated", "undated"]


def test_the_ages_themselves_still_belong_to_the_fresher_state():
    days = pd.Series(["2025-06-30", "2025-06-29", "2023-07-01", "2023-06-28"])
    assert landscape.mark_ages(days, "2026-06-30", 1, 3).tolist() == ["fresh", "ageing", "ageing", "stale"]


def test_rows_are_counted_by_kind_and_a_kind_without_an_age_is_left_out():
    rows = {
        "services": pd.Series(["2026-01-01", None], dtype=object),
        "indicators": pd.Series([], dtype=object),
        "providers": pd.Series(["2026-01-01"]),
    }
    found = landscape.freshness(rows, AGES, "2026-06-30").set_index("kind")
    assert found.loc["services", ["rows", *landscape.FRESHNESS]].tolist() == [2, 1, 0, 0, 1]
    assert found.loc["indicators", "rows"] == 0
    assert "providers" not in found.index


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | st.dates(dt.date(1995, 1, 1), dt.date(2030, 1, 1)).map(str), max_size=20))
def test_every_row_has_one_state_and_a_later_review_makes_none_fresher(days):
    column = pd.Series(days, dtype=object)
    now, later = (landscape.mark_ages(column, day, 1, 3) for day in ("2024-01-01", "2026-01-01"))
    order = landscape.FRESHNESS.index
    assert all(order(one) <= order(two) for one, two in zip(now, later, strict=True))
    assert [state == landscape.UNDATED for state in now] == [day is None for day in days]


# --- published answers and plain frames ------------------------------------------------------------------------


def test_hhi_gives_the_example_of_the_merger_guidelines_in_points():
    # U.S. Department of Justice and FTC, Horizontal Merger Guidelines 2010, 5.3: four firms with 30, 30, 20 and 20 per cent
    assert landscape.herfindahl([30, 30, 20, 20]) * 10_000 == pytest.approx(2600)
    # the same guidelines: merging firms with 20 and 10 per cent adds 2 x 20 x 10 = 400 points
    before, after = landscape.herfindahl([20, 10, 70]), landscape.herfindahl([30, 70])
    assert (after - before) * 10_000 == pytest.approx(400)


@pytest.mark.parametrize(
    ("shares", "published"),
    [
        ([0.75, 0.25], 1.60),
        ([0.75, 0.1] + [0.01] * 15, 1.74),
        ([0.55, 0.45], 1.98),
        ([0.55, 0.1, 0.1, 0.1] + [0.01] * 15, 2.99),
        ([0.35, 0.35, 0.3], 2.99),
        ([0.35, 0.1, 0.1, 0.1, 0.1, 0.1] + [0.01] * 15, 5.75),
        ([0.15] + [0.1] * 7 + [0.01] * 15, 10.64),
    ],
)
def test_the_effective_number_is_that_of_golosovs_constellations(shares, published):
    # Golosov (2010), The effective number of parties: a new approach, Party Politics 16(2), Laakso-Taagepera column
    assert 1 / landscape.herfindahl(shares) == pytest.approx(published, abs=0.005)


def test_a_missing_amount_leaves_concentration_unknown():
    assert math.isnan(landscape.herfindahl([3, None]))
    assert math.isnan(landscape.herfindahl([3, pd.NA]))
    assert math.isnan(landscape.herfindahl([]))


def test_betweenness_of_referrals_is_that_of_krackhardts_kite():
    # Krackhardt (1990), Assessing the political landscape; values as in the tests of networkx, to three places
    published = [0.023, 0.023, 0.0, 0.102, 0.0, 0.231, 0.231, 0.389, 0.222, 0.0]
    kite = nx.krackhardt_kite_graph()
    services = pd.DataFrame({"service_id": [f"s{n}" for n in range(10)], "provider_id": "p"})
    providers = pd.DataFrame({"provider_id": ["p"]})
    both_ways = pd.DataFrame(
        [(f"s{a}", f"s{b}", "referral") for one, two in kite.edges for a, b in ((one, two), (two, one))],
        columns=["from_service", "to_service", "kind"],
    )
    found = landscape.network(services, providers, both_ways).services
    assert found["betweenness"].tolist() == pytest.approx(published, abs=0.0006)
    assert found.loc[found["position"] == "hub", "service_id"].tolist() == ["s7"]


def test_list_cells_may_be_text_a_tuple_a_list_or_a_set():
    services = pd.DataFrame(
        {
            "service_id": ["text", "tuple", "list", "set", "bare"],
            "provider_id": "p",
            "journey_stages": ["plan; aware", ("aware", "plan"), ["aware", "plan"], {"plan", "aware"}, None],
        }
    )
    counts = landscape.facet_counts(services, "journey_stages").set_index("code")["services"]
    assert counts.to_dict() == {"aware": 4, "plan": 4, "unknown": 1}


def test_no_service_at_all_leaves_empty_tables_with_their_columns():
    services = landscape.add_facets(table(a_service("s")).iloc[:0], PROVIDERS, CODING)
    assert "hhi" in landscape.concentration(services, PROVIDERS)
    assert landscape.untold_needs(services, ["foreign-taxes"], CODING) == frozenset()
    assert landscape.count_services(services) == {"rows": 0, "services": 0, "names": 0}
