"""Journeys: who is let in, the best and the typical way, and what a firm meets on it."""

import itertools
import math
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import journey
from eis_lib.pack.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary(Path(__file__).resolve().parents[2] / "parameters" / "_common")
STAGES = VOCABULARY.codes("journey_stage")

SERVICE = {
    "support_type": "advice",
    "journey_stages": ("plan",),
    "modes": ("export",),
    "sme_size": ("micro", "small"),
    "experience": ("non-exporter",),
    "sectors": ("all",),
    "market_scope": ("intra-eu",),
    "channel": "hybrid",
    "cost_to_sme": "free",
    "need_area": ("finance",),
}
PERSONA = {
    "persona_id": "maker",
    "sme_size": "micro",
    "sectors": ("agrofood",),
    "start_stage": "plan",
    "goal_stage": "enter",
    "modes": ("export",),
    "experience": "non-exporter",
    "market_scope": ("intra-eu",),
    "barriers": ("finance",),
    "traits": (),
    "languages": (),
    "digital": "yes",
    "budget_eur": 1000.0,
    "weight": 1.0,
}
A_LINE = {"a": ("plan",), "b": ("prepare",), "c": ("enter",)}


def services(**rows):
    return pd.DataFrame(
        [
            {**SERVICE, "service_id": key, "provider_id": f"p-{key}", **changes}
            for key, changes in rows.items()
        ]
    )


def line(**changes):
    """Return three services of three bodies, one per stage of the persona's journey."""
    return services(
        **{key: {"journey_stages": stages, **changes.get(key, {})} for key, stages in A_LINE.items()}
    )


def personas(*changes):
    return pd.DataFrame([{**PERSONA, **change} for change in changes or ({},)])


def routes(*rows):
    return pd.DataFrame(rows, columns=["from_service", "to_service", "kind"])


def land_of(frame, referrals=None, self_found=None):
    providers = pd.DataFrame({"provider_id": frame["provider_id"].unique()}).assign(level="regional")
    return journey.build_landscape(frame, providers, VOCABULARY, referrals, self_found=self_found)


def walked(frame, people=None, referrals=None, self_found=None):
    people = personas() if people is None else people
    fits = journey.fit(frame, people, VOCABULARY, ("en",))
    return journey.walk_all(land_of(frame, referrals, self_found), people, fits)


def one(frame, referrals=None, self_found=None, **persona):
    return walked(frame, personas(persona), referrals, self_found).measures.iloc[0]


def fit_of(service=None, **persona):
    return journey.fit(services(s=service or {}), personas(persona), VOCABULARY, ("hr",)).iloc[0]


# --- who is let in ---------------------------------------------------------------------------------------------


def test_a_firm_inside_every_facet_is_let_in():
    row = fit_of()
    assert (row["eligible"], row["closed_by"]) == ("yes", ())


@pytest.mark.parametrize(
    ("facet", "code"),
    [
        ("sme_size", ("medium",)),
        ("experience", ("regular",)),
        ("sectors", ("tourism",)),
        ("modes", ("fdi",)),
        ("market_scope", ("extra-eu",)),
    ],
)
def test_each_facet_can_shut_a_firm_out_and_is_named(facet, code):
    row = fit_of({facet: code})
    assert (row["eligible"], row["closed_by"]) == ("no", (facet,))


def test_a_service_for_a_wider_sector_takes_the_narrower_firm_and_not_the_reverse():
    assert fit_of({"sectors": ("manufacturing",)})["eligible"] == "yes"
    assert fit_of({"sectors": ("wine-and-drinks",)})["eligible"] == "no"


def test_what_serves_markets_on_both_sides_of_the_eu_border_serves_those_behind_any_border():
    across = {"market_scope": ("cross-border",)}
    assert fit_of({"market_scope": ("intra-eu", "extra-eu")}, **across)["eligible"] == "yes"
    assert fit_of({"market_scope": ("extra-eu",)}, **across)["eligible"] == "no"


def test_a_facet_that_is_not_recorded_makes_eligibility_unknown():
    row = fit_of({"sme_size": ()})
    assert row["eligible"] == "unknown"
    assert "sme_size" in row["not_recorded"]


def test_a_facet_that_shuts_out_decides_whatever_else_is_not_recorded():
    assert fit_of({"sme_size": (), "modes": ("fdi",)})["eligible"] == "no"


def test_a_firm_that_cannot_go_online_is_barred_from_online_only_and_not_from_hybrid():
    assert fit_of({"channel": "online"}, digital="no")["barred_by"] == ("channel",)
    assert fit_of({"channel": "hybrid"}, digital="no")["barred_by"] == ()


def test_language_bars_only_where_none_is_shared_with_firm_or_region():
    assert fit_of({"languages": ("de",)})["barred_by"] == ("languages",)
    assert fit_of({"languages": ("de", "hr")})["barred_by"] == ()
    assert fit_of({"languages": ("en",)}, languages=("en",))["barred_by"] == ()


@pytest.mark.parametrize(
    ("service", "budget", "barred"),
    [
        ({"cost_to_sme": "paid", "price_eur": 1001.0}, 1000.0, ("price",)),
        ({"cost_to_sme": "paid", "price_eur": 1000.0}, 1000.0, ()),
        ({"cost_to_sme": "paid"}, 1000.0, ()),
        ({"cost_to_sme": "co-funded"}, 0.0, ("price",)),
        ({"cost_to_sme": "free"}, 0.0, ()),
        ({"cost_to_sme": "paid", "price_eur": 10.0}, math.nan, ()),
    ],
)
def test_price_bars_where_it_is_known_to_exceed_what_the_firm_can_pay(service, budget, barred):
    assert fit_of(service, budget_eur=budget)["barred_by"] == barred


def test_an_unknown_price_is_said_to_be_unknown():
    assert "price" in fit_of({"cost_to_sme": "paid"})["not_recorded"]


# --- the best way ----------------------------------------------------------------------------------------------


def test_a_line_of_three_bodies_takes_three_steps_and_two_cold_hand_offs():
    row = one(line())
    assert row[["reach", "steps", "hand_offs", "cold_hand_offs"]].tolist() == [1, 3, 2, 2]
    assert row["basis"] == journey.ALONE


def test_one_service_for_all_stages_is_one_step_without_hand_off():
    row = one(services(s={"journey_stages": ("plan", "prepare", "enter")}))
    assert row[["reach", "steps", "hand_offs"]].tolist() == [1, 1, 0]


def test_a_move_within_one_organisation_is_no_hand_off_even_if_given_jointly():
    row = one(line(b={"provider_id": "p-a"}, c={"co_providers": ("p-a",)}))
    assert row[["steps", "hand_offs"]].tolist() == [3, 0]


def test_a_warm_hand_over_is_a_hand_off_that_is_not_cold():
    row = one(line(), routes(("a", "b", "warm-handover"), ("b", "c", "signpost")))
    assert row[["hand_offs", "cold_hand_offs"]].tolist() == [2, 1]
    assert row["basis"] == journey.RECORDED


def test_between_ways_of_equal_length_the_one_that_meets_a_need_wins_then_the_lower_id():
    frame = services(
        a={"journey_stages": ("plan", "prepare", "enter"), "need_area": ("awareness",)},
        c={"journey_stages": ("plan", "prepare", "enter")},
        b={"journey_stages": ("plan", "prepare", "enter")},
    )
    paths = walked(frame).paths
    assert set(paths.loc[paths["path"] == "best", "service_id"]) == {"b"}


def test_a_known_price_goes_before_an_unknown_one():
    frame = services(
        a={"journey_stages": ("plan", "prepare", "enter"), "cost_to_sme": "paid"},
        b={"journey_stages": ("plan", "prepare", "enter"), "cost_to_sme": "paid", "price_eur": 900.0},
    )
    row = one(frame)
    assert row[["out_of_pocket_eur", "prices_unknown"]].tolist() == [900.0, 0]


def test_money_and_days_are_sums_of_what_is_known_with_the_unknown_counted():
    frame = line(
        a={"cost_to_sme": "paid", "price_eur": 100.0, "processing_days": 10.0},
        b={"cost_to_sme": "paid"},
        c={"processing_days": 5.5},
    )
    row = one(frame)
    assert row[["out_of_pocket_eur", "prices_unknown"]].tolist() == [100.0, 1]
    assert row[["elapsed_days", "days_unknown"]].tolist() == [15.5, 1]


def test_a_sum_of_nothing_known_is_missing_and_not_nought():
    row = one(line())
    assert math.isnan(row["elapsed_days"])
    assert row["days_unknown"] == 3


def test_the_same_paper_asked_for_by_two_bodies_is_a_repeated_request_by_one_body_it_is_not():
    papers = {"evidence_required": ("accounts", "vat number")}
    assert one(line(a=papers, b={"evidence_required": ("accounts",)}))["repeated_requests"] == 1
    assert one(line(a=papers, b={**papers, "provider_id": "p-a"}))["repeated_requests"] == 0
    assert math.isnan(one(line())["repeated_requests"])


def test_a_stage_without_service_ends_the_journey_there():
    row = one(line().iloc[[0, 2]])
    assert row[["reach", "lost_at"]].tolist() == [0, "prepare"]
    assert math.isnan(row["steps"])


def test_a_born_global_may_enter_late_and_skip_stages():
    row = one(line().iloc[[0, 2]], traits=("born-global",))
    assert row[["reach", "steps"]].tolist() == [1, 1]


def test_a_recorded_route_to_a_later_stage_helps_only_who_may_skip():
    skip = routes(("a", "c", "referral"))
    frame = line().iloc[[0, 2]]
    assert one(frame, skip)["reach"] == 0
    assert one(frame, skip, traits=("born-global",))["reach"] == 1


def test_a_service_that_requires_another_is_reached_only_through_it():
    frame = services(
        a={"journey_stages": ("plan", "prepare")},
        b={"journey_stages": ("enter",), "requires": ("x",)},
        x={"journey_stages": ("prepare",)},
    )
    found = walked(frame)
    best = found.paths[found.paths["path"] == "best"]
    assert best["service_id"].tolist() == ["a", "x", "b"]
    assert found.measures.iloc[0]["steps"] == 3


def test_a_service_that_requires_one_the_firm_may_not_use_is_shut():
    frame = services(
        a={"journey_stages": ("plan", "prepare")},
        b={"journey_stages": ("enter",), "requires": ("x",)},
        x={"journey_stages": ("prepare",), "sme_size": ("medium",)},
    )
    assert one(frame)["reach"] == 0
    assert one(frame.iloc[:2])["reach"] == 0  # nor where the required service is not in the landscape


def test_a_required_service_may_be_used_long_before():
    frame = services(
        x={"journey_stages": ("plan",)},
        y={"journey_stages": ("plan",), "need_area": ("awareness",)},
        b={"journey_stages": ("prepare",)},
        c={"journey_stages": ("enter",), "requires": ("y",)},
    )
    found = walked(frame)
    assert found.paths[found.paths["path"] == "best"]["service_id"].tolist() == ["y", "b", "c"]


def test_a_barred_firm_cannot_use_the_service():
    assert one(line(b={"channel": "online"}), digital="no")["reach"] == 0


# --- dead ends, loops, orphans ---------------------------------------------------------------------------------


def test_a_persona_eligible_for_nothing_has_reach_nought_and_one_dead_end_at_the_start():
    row = one(line(), sme_size="medium")
    assert row[["reach", "dead_ends", "open_services"]].tolist() == [0, 1, 0]
    walk = walked(line(), personas({"sme_size": "medium"})).walkers["maker"]
    assert journey.dead_ends(walk) == (journey.START,)


def test_on_recorded_routes_a_service_without_onward_route_is_a_dead_end():
    found = walked(line(), referrals=routes(("a", "b", "referral")))
    assert journey.dead_ends(found.walkers["maker"]) == ("b",)
    assert found.measures.iloc[0][["reach", "lost_at"]].tolist() == [0, "enter"]


def test_a_service_at_the_goal_is_no_dead_end():
    assert journey.dead_ends(walked(line()).walkers["maker"]) == ()


def test_a_cycle_is_reported_once_whoever_walks_it():
    frame = services(a={}, b={}, c={}, d={"journey_stages": ("prepare", "enter")})
    ring = routes(
        ("a", "b", "referral"), ("b", "c", "referral"), ("c", "a", "signpost"), ("c", "d", "referral")
    )
    found = walked(frame, personas({}, {"persona_id": "twin"}), ring)
    assert found.loops == (("a", "b", "c"),)
    assert found.measures["loops"].tolist() == [1, 1]


def test_being_sent_back_and_forth_is_a_loop_and_going_forward_is_none():
    back = routes(("a", "b", "referral"), ("b", "a", "referral"), ("b", "c", "referral"))
    assert walked(line(), referrals=back).loops == (("a", "b"),)
    assert walked(line(), referrals=back.iloc[[0, 2]]).loops == ()
    assert walked(line()).loops == ()


def test_orphans_are_told_apart_by_why_nobody_gets_there():
    frame = services(
        a={"journey_stages": ("plan",)},
        b={"journey_stages": ("prepare", "enter")},
        large={"sme_size": ("medium",)},
        apart={"journey_stages": ("enter",)},
    )
    found = walked(frame, referrals=routes(("a", "b", "referral")))
    assert found.orphans.set_index("service_id")["why"].to_dict() == {
        "large": "open to no persona",
        "apart": "no way in for any persona",
    }


def test_choice_load_counts_look_alikes_of_one_type_at_one_stage():
    frame = services(a={}, b={}, c={"support_type": "grant"}, d={"journey_stages": ("prepare",)})
    assert one(frame)[["choice_load", "choice_stage", "choice_type"]].tolist() == [2, "plan", "advice"]


# --- the typical way -------------------------------------------------------------------------------------------


def test_the_typical_firm_stays_with_its_service_then_follows_the_warmest_route():
    frame = services(
        a={"journey_stages": ("plan", "prepare")},
        b={"journey_stages": ("prepare",)},
        c={"journey_stages": ("enter",)},
        d={"journey_stages": ("enter",)},
    )
    sent = routes(("a", "c", "signpost"), ("a", "d", "warm-handover"))
    found = walked(frame, referrals=sent, self_found=True)
    typical = found.paths[found.paths["path"] == "typical"]
    assert typical["service_id"].tolist() == ["a", "a", "d"]
    assert typical["way"].tolist() == ["self-found", "same-service", "warm-handover"]
    assert typical["hand_off"].tolist() == ["none", "none", "warm"]


def test_the_typical_firm_can_be_lost_where_the_best_way_gets_through():
    # a leads nowhere, b leads on; a firm that knows only the next door takes a
    frame = services(a={}, b={}, c={"journey_stages": ("prepare", "enter")})
    found = walked(frame, referrals=routes(("b", "c", "referral")))
    row = found.measures.iloc[0]
    assert row[["reach", "typical_done", "lost_at"]].tolist() == [1, 0, "prepare"]


def test_the_typical_firm_goes_to_the_nearest_level_first():
    frame = services(a={}, b={}, c={"journey_stages": ("prepare", "enter")})
    providers = pd.DataFrame({"provider_id": ["p-a", "p-b", "p-c"], "level": ["national", "local", "eu"]})
    land = journey.build_landscape(frame, providers, VOCABULARY)
    walk = journey.walker(land, PERSONA, ["a", "b", "c"])
    assert land.ids[journey.typical_path(walk).nodes[0][0]] == "b"


def test_a_round_trip_never_traps_the_typical_firm():
    frame = services(a={}, b={})
    found = walked(frame, referrals=routes(("a", "b", "referral"), ("b", "a", "referral")))
    assert found.measures.iloc[0]["typical_done"] == 0


# --- all personas ----------------------------------------------------------------------------------------------


def test_completion_is_weighted_by_population():
    people = personas({"weight": 0.75}, {"persona_id": "large", "sme_size": "medium", "weight": 0.25})
    assert journey.completion(walked(line(), people).measures) == 0.75


def test_without_personas_completion_is_unknown():
    assert math.isnan(journey.completion(pd.DataFrame({"weight": [], "reach": []})))


def test_an_empty_landscape_strands_everybody_at_the_start():
    row = one(line().head(0))
    assert row[["reach", "dead_ends", "choice_load", "lost_at"]].tolist() == [0, 1, 0, "plan"]


def test_row_order_of_services_and_routes_changes_nothing():
    sent = routes(("a", "b", "warm-handover"), ("b", "c", "signpost"))
    first, second = walked(line(), referrals=sent), walked(line().iloc[::-1], referrals=sent.iloc[::-1])
    pd.testing.assert_frame_equal(first.measures, second.measures)
    pd.testing.assert_frame_equal(first.paths, second.paths)


# --- properties, and the same answers as listing every path ----------------------------------------------------

IDS = tuple("abcdefgh")
A_SERVICE = st.fixed_dictionaries(
    {
        "journey_stages": st.sampled_from(
            [
                ("plan",),
                ("prepare",),
                ("enter",),
                ("plan", "prepare"),
                ("prepare", "enter"),
                ("plan", "enter"),
                ("aware",),
            ]
        ),
        "provider_id": st.sampled_from(["p", "q", "r"]),
        "need_area": st.sampled_from([("finance",), ("awareness",)]),
        "sme_size": st.sampled_from([("micro",), ("medium",), ("micro", "medium")]),
        "cost_to_sme": st.sampled_from(["free", "paid"]),
        "price_eur": st.sampled_from([10.0, 0.1, 0.2, math.nan]),
        "processing_days": st.sampled_from([1.5, 20.0, math.nan]),
    }
)
FRAMES = st.lists(A_SERVICE, min_size=1, max_size=len(IDS)).map(
    lambda rows: services(**dict(zip(IDS, rows, strict=False)))
)
ROUTES = st.lists(
    st.tuples(
        st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from(["warm-handover", "referral", "signpost"])
    ),
    max_size=10,
    unique_by=lambda r: r[:2],
)
SKIPS = st.sampled_from([(), ("born-global",)])


def listed(walk):
    """Return reach, the cheapest cost, dead ends and nodes with a way in, by listing every simple path with networkx."""
    graph = nx.DiGraph()
    graph.add_nodes_from([journey.START, journey.OUTCOME])

    def add(source, target, price):
        known = graph.get_edge_data(source, target)
        if known is None or price < known["cost"]:
            graph.add_edge(source, target, cost=price)

    for node in walk.entries():
        add(journey.START, node, journey.price_of_move(walk, None, node[0], journey.SELF_FOUND))
    for node in walk.nodes():
        graph.add_node(node)
        on = walk.stays(node)
        ways = [(on, journey.STAYS)] if on else []
        ways += [*walk.sent(node), *((n, journey.SELF_FOUND) for n in walk.finds(node))]
        for target, kind in ways:
            add(node, target, journey.price_of_move(walk, node[0], target[0], kind))
        if node[1] == walk.goal:
            add(node, journey.OUTCOME, (0,) * 8)
    costs = []
    for path in nx.all_simple_paths(graph, journey.START, journey.OUTCOME):
        cost = (0,) * 8
        for source, target in itertools.pairwise(path):
            cost = journey.add_costs(cost, graph.edges[source, target]["cost"])
        costs.append(cost)
    stuck = sorted({n[0] for n in graph if isinstance(n, tuple) and graph.out_degree(n) == 0})
    start = () if graph.out_degree(journey.START) else (journey.START,)
    found = {n for n in nx.descendants(graph, journey.START) if isinstance(n, tuple)}
    return min(costs, default=None), (*start, *(walk.land.ids[s] for s in stuck)), found


@settings(max_examples=50, deadline=None)
@given(FRAMES, ROUTES, SKIPS, st.booleans())
def test_the_search_gives_what_listing_every_simple_path_gives(frame, sent, traits, alone):
    walk = walked(frame, personas({"traits": traits}), routes(*sent), alone).walkers["maker"]
    best = journey.best_path(walk)
    cost, stuck, found = listed(walk)
    assert (best.cost if best else None) == cost
    assert journey.dead_ends(walk) == stuck
    assert journey.reachable_nodes(walk) == found


@settings(max_examples=50, deadline=None)
@given(FRAMES, ROUTES, SKIPS, st.booleans())
def test_adding_a_route_never_adds_steps_nor_dead_ends_nor_takes_reach_away(frame, sent, traits, alone):
    people = personas({"traits": traits})
    before = walked(frame, people, routes(*sent[:-1]), alone).walkers["maker"]
    after = walked(frame, people, routes(*sent), alone).walkers["maker"]
    assert set(journey.dead_ends(after)) <= set(journey.dead_ends(before))
    first, second = journey.best_path(before), journey.best_path(after)
    if first is not None:
        assert second is not None
        assert second.cost <= first.cost
        assert second.cost[0] <= first.cost[0]


@settings(max_examples=30, deadline=None)
@given(FRAMES, ROUTES, SKIPS, st.booleans())
def test_the_typical_way_is_never_shorter_than_the_best(frame, sent, traits, alone):
    row = walked(frame, personas({"traits": traits}), routes(*sent), alone).measures.iloc[0]
    if row["typical_done"]:
        assert row["reach"] == 1
        assert row["steps"] <= row["typical_steps"]


@settings(max_examples=30, deadline=None)
@given(FRAMES, ROUTES)
def test_every_step_of_a_path_follows_a_way_on(frame, sent):
    walk = walked(frame, referrals=routes(*sent), self_found=True).walkers["maker"]
    best = journey.best_path(walk)
    if best is not None:
        assert best.nodes[0] in set(walk.entries())
        assert best.nodes[-1][1] == walk.goal
        for node, after in itertools.pairwise(best.nodes):
            ways = {walk.stays(node), *(n for n, _ in walk.sent(node)), *walk.finds(node)}
            assert after in ways


# --- plain frames ----------------------------------------------------------------------------------------------


def test_ids_may_be_numbers_and_lists_text():
    texts = line().assign(
        service_id=[3, 1, 2], journey_stages=["plan", "prepare", "enter"], sme_size="micro; small"
    )
    people = personas({"persona_id": 9, "barriers": "finance", "traits": ""})
    found = walked(texts, people, routes((3, 1, "referral"), (1, 2, "warm-handover")))
    row = found.measures.iloc[0]
    assert row[["persona_id", "reach", "steps", "hand_offs", "cold_hand_offs"]].tolist() == ["9", 1, 3, 2, 1]


def test_tables_of_journeys_are_made_only_when_asked_for():
    found = walked(line(b={"sme_size": "large"}))
    assert found.outcomes["no_way_at"].tolist() == ["prepare"]
    assert "typical" not in found.walked[0].__dict__
    assert found.measures["lost_at"].tolist() == ["prepare"]
    assert "typical" in found.walked[0].__dict__


def test_the_same_firms_on_recorded_routes_are_those_walked_there_from_the_first():
    sent = routes(("a", "b", "warm-handover"), ("b", "a", "referral"))
    both = walked(line(), referrals=sent, self_found=True).on_recorded_routes()
    alone = walked(line(), referrals=sent, self_found=False)
    assert both.basis == alone.basis == journey.RECORDED
    pd.testing.assert_frame_equal(both.measures, alone.measures)
    pd.testing.assert_frame_equal(both.paths, alone.paths)
    assert both.loops == alone.loops == (("a", "b"),)
