"""Step 2: need, alignment, intervention logic, coherence, criteria and governance."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import policy as p

BARRIERS = pd.DataFrame(
    [
        ("IE", "finance", "money", 20.0, "non-exporters", 2014, "Monitor"),
        ("IE", "awareness", "not knowing", 10.0, "non-exporters", 2014, "Monitor"),
        ("IE", "investment-cost", "entry cost", 10.0, "non-exporters", 2014, "Monitor"),
        ("EU27_2020", "finance", "money", 5.0, "SMEs", 2025, "Eurobarometer"),
        ("EU27_2020", "legal-rules", "rules", 30.0, "SMEs", 2025, "Eurobarometer"),
        ("EU27_2020", "awareness", "not knowing", 15.0, "SMEs", 2025, "Eurobarometer"),
        ("EU27_2020", "digital-capability", "standards", 24.0, "SMEs online", 2020, "Eurobarometer"),
        ("EU25", "finance", "money", 61.0, "retailers", 2006, "Old survey"),
        ("EU25", "language-skills", "language", 43.0, "retailers", 2006, "Old survey"),
        ("EU25", "legal-rules", "rules", 55.0, "retailers", 2006, "Old survey"),
    ],
    columns=["ref_area", "barrier", "barrier_name", "share_percent", "population", "year", "source_title"],
).assign(source_url="https://example.org")
CODES = ("finance", "awareness", "investment-cost", "legal-rules", "language-skills", "digital-capability")


def policies(*rows: dict) -> pd.DataFrame:
    base = {
        "kind": "strategy",
        "level": "local",
        "owner": np.nan,
        "start_year": 2018,
        "end_year": 2022,
        "budget_eur": np.nan,
        "objectives": ("do good",),
        "barriers_addressed": (),
        "delivered_by": (),
    }
    return pd.DataFrame([{**base, "title": row["policy_id"].upper(), **row} for row in rows])


def services(*rows: dict) -> pd.DataFrame:
    base = {"provider_id": "office", "support_type": "advice", "start_year": 2018, "end_year": 2022}
    return pd.DataFrame([{**base, "name": row["service_id"].upper(), **row} for row in rows])


def service_barriers(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["service_id", "barrier"])


# --- standing


def test_a_row_without_an_end_year_is_undated_not_in_force() -> None:
    rows = pd.DataFrame(
        {"start_year": [2014, 2014, pd.NA, 2021, 2000], "end_year": [2020, pd.NA, 2020, 2022, 2018]}
    )
    assert list(p.standing(rows, 2020)) == ["in-force", "undated", "undated", "not-started", "ended"]


def test_a_record_that_thins_out_shows_year_by_year() -> None:
    table = policies(
        {"policy_id": "a", "barriers_addressed": ("finance",)},
        {"policy_id": "b", "barriers_addressed": ("finance", "awareness"), "end_year": pd.NA},
    )
    found = p.standing_by_year(table, [2017, 2020, 2024])
    assert found.to_dict("list") == {
        "year": [2017, 2020, 2024],
        "in_force": [0, 1, 0],
        "undated": [0, 1, 1],
        "barriers_named": [0, 2, 2],
    }


# --- surveys


def test_a_survey_is_one_title_year_population_and_area() -> None:
    found = p.list_surveys(BARRIERS).set_index("survey_id")
    assert list(found.index) == ["EU25-2006", "EU27_2020-2020", "EU27_2020-2025", "IE-2014"]
    assert not found.loc["EU27_2020-2020", "usable"]


def test_two_populations_of_one_year_are_two_surveys() -> None:
    rows = BARRIERS[BARRIERS["ref_area"] == "IE"].copy()
    rows.loc[rows.index[0], "population"] = "exporters"
    assert list(p.list_surveys(rows)["survey_id"]) == ["IE-2014-a", "IE-2014-b"]


def test_the_country_comes_before_the_eu_however_old_its_survey() -> None:
    surveys = p.list_surveys(BARRIERS)
    assert p.choose_survey(surveys, ["IE", "EU"], 2025) == "IE-2014"
    assert p.choose_survey(surveys, ["HR", "EU"], 2024) == "EU27_2020-2025"
    assert p.choose_survey(surveys, ["HR", "EU"], 2010) == "EU25-2006"
    assert p.choose_survey(surveys, ["HR"], 2010) is None


def test_a_survey_of_long_ago_weighs_nothing_today() -> None:
    surveys = p.list_surveys(BARRIERS)
    old = surveys[surveys["survey_id"] == "EU25-2006"]
    assert p.choose_survey(old, ["HR", "EU"], 2021) == "EU25-2006"
    assert p.choose_survey(old, ["HR", "EU"], 2022) is None


def test_weights_are_shares_of_the_survey_and_unasked_barriers_stay_missing() -> None:
    weights = p.weigh_barriers(BARRIERS, CODES, "IE-2014").set_index("barrier")
    assert weights.loc["finance", "weight"] == pytest.approx(0.5)  # 20 of 20 + 10 + 10
    assert list(weights.loc[["finance", "awareness", "investment-cost"], "rank"]) == [1, 2, 2]
    assert not weights.loc["legal-rules", "asked"]
    assert np.isnan(weights.loc["legal-rules", "weight"])


def test_equal_weights_rank_nothing() -> None:
    weights = p.weigh_barriers(BARRIERS, CODES)
    assert weights["weight"].tolist() == pytest.approx([1 / 6] * 6)
    assert weights["rank"].isna().all()


def test_an_unknown_survey_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no survey is called 'FR-2020'.*IE-2014"):
        p.weigh_barriers(BARRIERS, CODES, "FR-2020")


@given(st.lists(st.floats(1, 100), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_weights_of_a_survey_sum_to_one(shares: list[float]) -> None:
    rows = pd.DataFrame({"barrier": CODES[: len(shares)], "share_percent": shares}).assign(
        ref_area="XX", population="all", year=2020, source_title="one", source_url="https://example.org"
    )
    weights = p.weigh_barriers(rows, CODES, "XX-2020")
    assert weights["weight"].sum() == pytest.approx(1)
    assert weights["asked"].sum() == len(shares)


# --- barrier × policy


def test_coverage_counts_dated_policies_apart_from_undated_ones() -> None:
    table = policies(
        {"policy_id": "a", "barriers_addressed": ("finance",)},
        {"policy_id": "b", "barriers_addressed": ("finance", "awareness"), "end_year": pd.NA},
        {"policy_id": "c", "barriers_addressed": ("investment-cost",), "end_year": 2019},
    )
    found = p.cover_barriers(table, p.weigh_barriers(BARRIERS, CODES, "IE-2014"), 2020).set_index("barrier")
    assert found.loc["finance", ["in_force", "undated"]].tolist() == [1, 1]
    assert found.loc["finance", "policies"] == "a;b"
    assert found["coverage"].to_dict() == {
        "finance": "in force",
        "awareness": "undated only",
        "investment-cost": "lapsed or not begun",
        "legal-rules": "no policy",
        "language-skills": "no policy",
        "digital-capability": "no policy",
    }
    assert p.coverage_share(found.reset_index()) == pytest.approx((0.5, 0.75))


def test_a_standing_policy_that_names_no_barrier_makes_the_rest_unknown() -> None:
    table = policies({"policy_id": "a", "barriers_addressed": ("finance",)}, {"policy_id": "silent"})
    found = p.cover_barriers(table, p.weigh_barriers(BARRIERS, CODES), 2020).set_index("barrier")
    assert found.loc["finance", "coverage"] == "in force"
    assert found.loc["awareness", "coverage"] == "unknown"


@given(
    st.lists(st.lists(st.sampled_from(CODES), max_size=4, unique=True), min_size=1, max_size=5),
    st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
)
@settings(max_examples=40, deadline=None)
def test_another_policy_never_lowers_coverage_and_order_does_not_matter(
    named: list[list[str]], more: list[str]
) -> None:
    weights = p.weigh_barriers(BARRIERS, CODES)
    rows = [{"policy_id": f"p{i}", "barriers_addressed": tuple(codes)} for i, codes in enumerate(named)]
    before = p.coverage_share(p.cover_barriers(policies(*rows), weights, 2020))
    turned = p.coverage_share(p.cover_barriers(policies(*rows[::-1]), weights, 2020))
    after = p.coverage_share(
        p.cover_barriers(
            policies(*rows, {"policy_id": "new", "barriers_addressed": tuple(more)}), weights, 2020
        )
    )
    assert before == turned
    assert all(low <= high for low, high in zip(before, after, strict=True))
    assert 0 <= after[0] <= after[1] <= 1 + 1e-12


def test_service_barriers_are_derived_only_where_the_service_gives_none() -> None:
    table = services(
        {"service_id": "s1", "barriers_addressed": ("finance",)},
        {"service_id": "s2", "barriers_addressed": ()},
    )
    coding = pd.DataFrame({"support_type": ["advice", "advice"], "barrier": ["legal-rules", "awareness"]})
    found = p.derive_service_barriers(table, coding)
    assert found.to_dict("list") == {
        "service_id": ["s1", "s2", "s2"],
        "barrier": ["finance", "awareness", "legal-rules"],
        "basis": ["given", "derived", "derived"],
    }


def test_the_rank_of_an_uncovered_barrier_moves_with_the_survey() -> None:
    weights = {s: p.weigh_barriers(BARRIERS, CODES, s) for s in ("EU25-2006", "EU27_2020-2025")}
    coverage = p.cover_barriers(
        policies({"policy_id": "a", "barriers_addressed": ("language-skills",)}), weights["EU25-2006"], 2020
    )
    dependence = p.rank_dependence(coverage, {"equal": p.weigh_barriers(BARRIERS, CODES), **weights})
    spread = p.rank_spread(dependence).set_index("barrier")
    # EU25: finance 61 before rules 55; EU27: rules 30, awareness 15, finance 5; equal weights rank nothing
    assert spread.loc["finance", ["surveys", "rank_low", "rank_high", "moves"]].tolist() == [2, 1, 3, 2]
    assert spread.loc["legal-rules", ["surveys", "rank_low", "rank_high", "moves"]].tolist() == [2, 1, 2, 1]
    assert spread.loc["investment-cost", "surveys"] == 0
    assert pd.isna(spread.loc["investment-cost", "rank_low"])
    assert "language-skills" not in spread.index


def test_surveys_are_compared_only_over_three_common_barriers() -> None:
    shares = {"a": [30.0, 20, 10], "b": [10.0, 20, 30]}
    rows = pd.concat(
        pd.DataFrame({"barrier": CODES[:3], "share_percent": values}).assign(
            ref_area=area, population="all", year=2020, source_title="s", source_url="u"
        )
        for area, values in shares.items()
    )
    coverage = p.cover_barriers(policies({"policy_id": "x"}), p.weigh_barriers(rows, CODES), 2020)
    schemes = {s: p.weigh_barriers(rows, CODES, s) for s in ("a-2020", "b-2020")}
    found = p.rank_agreement(p.rank_dependence(coverage, schemes))
    assert found.loc[0, "kendall_tau"] == pytest.approx(-1)
    short = p.rank_agreement(
        p.rank_dependence(
            coverage, {s: p.weigh_barriers(BARRIERS, CODES, s) for s in ("IE-2014", "EU25-2006")}
        )
    )
    assert short.loc[0, "barriers_in_both"] == 1
    assert np.isnan(short.loc[0, "kendall_tau"])


# --- alignment


def test_a_policy_whose_services_have_ended_is_not_delivered() -> None:
    table = policies(
        {"policy_id": "a", "delivered_by": ("s1",), "budget_eur": 0.0},
        {"policy_id": "b", "delivered_by": ("s2",)},
        {"policy_id": "c"},
    )
    running = services({"service_id": "s1"}, {"service_id": "s2", "end_year": 2019})
    found = p.align_policies(table, running, 2020).set_index("policy_id")
    assert found["delivery"].tolist() == ["delivered", "no named service stands", "no service named"]
    assert found["budget_published"].tolist() == [True, False, False]  # a published zero is published
    assert np.isnan(found.loc["b", "budget_eur"])


def test_backing_takes_the_sharpest_tie() -> None:
    table = policies(
        {"policy_id": "a", "owner": "office", "delivered_by": ("s1",), "barriers_addressed": ("finance",)},
        {"policy_id": "old", "end_year": 2019, "delivered_by": ("s1", "s2")},
    )
    offer = services(
        {"service_id": "s1"},
        {"service_id": "s2", "provider_id": "bank"},
        {"service_id": "s3"},
        {"service_id": "s4", "provider_id": "bank"},
        {"service_id": "s5", "provider_id": "bank"},
        {"service_id": "s6", "provider_id": "bank", "part_of": "s1"},
        {"service_id": "gone", "end_year": 2019},
    )
    found = p.align_services(offer, table, 2020, service_barriers(("s4", "finance"), ("s5", "awareness")))
    assert dict(zip(found["service_id"], found["backing"], strict=True)) == {
        "s1": "named by a standing policy",
        "s2": "named only by an ended policy",
        "s3": "provider owns a policy that does not name it",
        "s4": "shares a barrier only",
        "s5": "no tie",
        "s6": "named by a standing policy",  # through its scheme
    }


def test_a_promise_rests_on_its_own_service_another_or_none() -> None:
    table = policies(
        {
            "policy_id": "a",
            "delivered_by": ("s1",),
            "barriers_addressed": ("finance", "awareness", "legal-rules"),
        }
    )
    offer = services({"service_id": "s1"}, {"service_id": "s2"})
    found = p.align_promises(table, offer, 2020, service_barriers(("s1", "finance"), ("s2", "awareness")))
    assert found["support"].tolist() == ["own service", "other service", "no service"]


# --- intervention logic


def test_each_kind_of_break_in_the_logic_is_found() -> None:
    table = policies(
        {
            "policy_id": "a",
            "barriers_addressed": ("finance",),
            "delivered_by": ("s1",),
            "results": ("more exporters",),
            "indicators": ("exporters",),
        },
        {"policy_id": "b", "objectives": ("one", "two"), "results": ("jobs",), "indicators": ()},
    )
    offer = services({"service_id": "s1"}, {"service_id": "s2"})
    measured = pd.DataFrame(
        {
            "indicator_id": ["i1"],
            "indicator_name": ["exporters"],
            "baseline_value": [1.0],
            "target_value": [np.nan],
        }
    )
    faults = p.logic_faults(table, offer, ["finance", "legal-rules"], 2020, measured)
    summary = p.logic_summary(faults).set_index("fault")
    assert summary[["judged", "faults", "unjudged"]].to_dict("index") == {
        "objective-no-activity": {"judged": 3, "faults": 2, "unjudged": 0},
        "activity-no-objective": {"judged": 2, "faults": 1, "unjudged": 0},
        "result-no-indicator": {"judged": 2, "faults": 1, "unjudged": 0},
        "indicator-no-target": {"judged": 1, "faults": 1, "unjudged": 0},
        "need-no-objective": {"judged": 2, "faults": 1, "unjudged": 0},
        "objective-no-need": {"judged": 3, "faults": 2, "unjudged": 0},
    }


def test_what_the_tables_lack_cannot_be_judged_and_is_no_clean_bill() -> None:
    table = policies({"policy_id": "a", "barriers_addressed": ("finance",), "delivered_by": ("s1",)})
    faults = p.logic_faults(table, services({"service_id": "s1"}), ["finance"], 2020)
    summary = p.logic_summary(faults).set_index("fault")
    assert summary.loc["result-no-indicator", ["judged", "unjudged"]].tolist() == [0, 1]
    assert summary.loc["indicator-no-target", ["judged", "unjudged"]].tolist() == [0, 1]
    with_indicator = table.assign(indicators=[("exporters",)])
    again = p.logic_faults(with_indicator, services({"service_id": "s1"}), ["finance"], 2020)
    assert again.loc[again["fault"] == "indicator-no-target", "verdict"].tolist() == ["cannot be judged"]


def test_the_logic_graph_runs_from_need_to_indicator() -> None:
    table = policies(
        {
            "policy_id": "a",
            "barriers_addressed": ("finance",),
            "delivered_by": ("s1",),
            "outputs": ("loans",),
            "results": ("exports",),
            "indicators": ("exporters",),
        }
    )
    graph = p.logic_graph(table, services({"service_id": "s1"}))
    assert list(graph.edges) == [
        ("need:finance", "a:objective:1"),
        ("a:objective:1", "service:s1"),
        ("service:s1", "a:output:1"),
        ("a:output:1", "a:result:1"),
        ("a:result:1", "a:indicator:1"),
    ]
    assert graph.nodes["service:s1"] == {"kind": "activity", "label": "S1", "policy_id": None}
    assert p.logic_reach(graph).loc[0].tolist() == ["finance", 1, "indicator", 1, 1, 1, 1, 1]


def test_a_need_whose_policy_has_no_activity_reaches_its_objective_only() -> None:
    graph = p.logic_graph(
        policies(
            {"policy_id": "a", "barriers_addressed": ("finance",)},
            {"policy_id": "b", "barriers_addressed": ("finance", "awareness"), "delivered_by": ("s1",)},
        )
    )
    found = p.logic_reach(graph).set_index("need")
    assert found.loc["finance", ["policies", "reaches", "objective"]].tolist() == [2, "activity", 2]
    only = p.logic_reach(p.logic_graph(policies({"policy_id": "a", "barriers_addressed": ("finance",)})))
    assert only.loc[0, "reaches"] == "objective"


def test_a_year_in_an_objective_does_not_make_it_measurable() -> None:
    table = policies(
        {"policy_id": "a", "objectives": ("grow by 2020", "exports of 26bn EUR by 2020"), "end_year": pd.NA}
    )
    found = p.check_objectives(table, 2020)
    assert found["measurable"].tolist() == ["no", "yes"]
    assert found["time_bound"].tolist() == ["no", "no"]
    assert set(found["achievable"]) == {"cannot be judged"}


def test_indicators_without_measurements_cannot_be_judged_on_racer() -> None:
    actions = pd.DataFrame({"action_id": ["x"], "indicator": ["firms helped"]})
    bare = p.check_indicators(policies({"policy_id": "a"}), actions).loc[0]
    assert (
        bare[["relevant", "accepted", "credible", "easy", "robust"]].tolist()
        == ["yes"] + ["cannot be judged"] * 4
    )
    measured = pd.DataFrame(
        {
            "indicator_id": ["firms"],
            "indicator_name": ["firms helped"],
            "action_id": ["x"],
            "unit": ["firms"],
            "direction": ["up"],
            "baseline_value": [3.0],
            "target_value": [9.0],
            "value": [4.0],
            "evidence": ["published"],
        }
    )
    full = p.check_indicators(policies({"policy_id": "a"}), actions, measured)
    assert len(full) == 1
    assert full.loc[0, ["credible", "easy", "robust"]].tolist() == ["yes", "yes", "yes"]


# --- coherence


COHERENCE = pd.DataFrame(
    [
        ("a", "b", "3", "r1"),
        ("a", "b", "1", "r2"),
        ("b", "a", "-2", "r1"),
        ("a", "c", "-1", "r1"),
        ("c", "c", "3", "r1"),
    ],
    columns=["policy_from", "policy_to", "score", "rater"],
)


def test_coherence_is_directed_and_blanks_stay_blank() -> None:
    matrix = p.coherence_matrix(COHERENCE, ["a", "b", "c", "d"])
    assert matrix.loc["a", "b"] == 2  # median of 3 and 1
    assert matrix.loc["b", "a"] == -2
    assert np.isnan(matrix.loc["c", "a"])
    assert np.isnan(matrix.loc["c", "c"])
    sums = p.coherence_sums(matrix).set_index("policy_id")
    assert sums.loc["a", ["influence", "influence_cells", "dependence"]].tolist() == [1, 2, -2]
    assert np.isnan(sums.loc["d", "influence"])
    assert np.isnan(sums.loc["c", "influence"])


def test_the_worst_pair_comes_first() -> None:
    pairs = p.coherence_pairs(COHERENCE)
    assert pairs.loc[0, ["policy_from", "policy_to", "label"]].tolist() == ["b", "a", "counteracting"]
    assert pairs.loc[pairs["score"] == 2, "spread"].tolist() == [2]
    halves = pd.DataFrame([("a", "b", "-2", "r1"), ("a", "b", "-3", "r2")], columns=COHERENCE.columns)
    assert p.coherence_pairs(halves).loc[0, "label"] == "between cancelling and counteracting"


def test_candidates_share_a_barrier_and_years_and_were_not_judged_both_ways() -> None:
    table = policies(
        {"policy_id": "a", "barriers_addressed": ("finance", "awareness")},
        {"policy_id": "b", "barriers_addressed": ("finance",)},
        {"policy_id": "c", "barriers_addressed": ("finance",), "start_year": 2023, "end_year": 2025},
        {"policy_id": "d", "barriers_addressed": ("finance",), "end_year": pd.NA, "level": "eu"},
        {"policy_id": "e", "barriers_addressed": ("legal-rules",)},
    )
    found = p.coherence_candidates(table, COHERENCE)
    pairs = list(zip(found["policy_a"], found["policy_b"], strict=True))
    assert sorted(pairs) == [("a", "d"), ("b", "d"), ("c", "d")]
    row = p.coherence_candidates(table).set_index(["policy_a", "policy_b"]).loc[("a", "b")]
    assert row[["years_shared", "jaccard", "containment"]].tolist() == [5, 0.5, 1.0]
    assert found.loc[0, "relation"] == "across levels"
    assert found["periods"].unique().tolist() == ["one open"]


# --- criteria and agreement


def test_not_assessable_is_a_value_and_unrated_is_another() -> None:
    rows = pd.DataFrame(
        [
            ("a", "relevance", "r1", "4", "high", "2020-01-01"),
            ("a", "relevance", "r2", "3", "low", "2020-01-01"),
            ("a", "efficiency", "r1", "not-assessable", "high", "2020-01-01"),
            ("a", "relevance", "r1", "2", "medium", "2020-06-01"),
        ],
        columns=["policy_id", "criterion", "rater", "level", "confidence", "date"],
    )
    found = p.score_criteria(rows, policies({"policy_id": "a"})).set_index("criterion")
    assert found.loc["relevance", ["level", "level_low", "level_high", "raters"]].tolist() == [2, 2, 3, 2]
    assert found.loc["relevance", "confidence"] == "low"
    assert found["status"].to_dict() == {
        "effectiveness": "not assessed",
        "efficiency": "not assessable",
        "relevance": "scored",
        "coherence": "not assessed",
        "eu-added-value": "not assessed",
    }
    ratings = p.ratings_matrix(rows, "relevance")
    assert ratings.loc["r1", "a | relevance"] == 2  # the later judgement


def test_every_criterion_has_five_anchors_and_not_assessable() -> None:
    table = p.rubric()
    assert set(table["criterion"]) == set(p.CRITERIA)
    assert table.groupby("criterion")["level"].agg(list).map(len).eq(6).all()
    assert table["anchor"].str.len().gt(20).all()


NAN = np.nan
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: 4 observers, 12 units
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def alpha_by_hand(ratings: np.ndarray, level: str) -> float:
    """The coincidence matrix, written out as in the definition."""
    units = [[v for v in column if not np.isnan(v)] for column in ratings.T]
    units = [values for values in units if len(values) >= 2]
    domain = sorted({v for values in units for v in values})
    seat = {v: i for i, v in enumerate(domain)}
    o = np.zeros((len(domain), len(domain)))
    for values in units:
        for left, right in itertools.permutations(range(len(values)), 2):
            o[seat[values[left]], seat[values[right]]] += 1 / (len(values) - 1)
    n_c = o.sum(axis=1)
    n = n_c.sum()

    def delta(i: int, k: int) -> float:
        c, d = domain[i], domain[k]
        if level == "nominal":
            return float(i != k)
        if level == "interval":
            return (c - d) ** 2
        if level == "ratio":
            return ((c - d) / (c + d)) ** 2
        low, high = sorted((i, k))
        return (n_c[low : high + 1].sum() - (n_c[i] + n_c[k]) / 2) ** 2

    pairs = list(itertools.product(range(len(domain)), repeat=2))
    observed = sum(o[i, k] * delta(i, k) for i, k in pairs) / n
    expected = sum(n_c[i] * n_c[k] * delta(i, k) for i, k in pairs) / (n * (n - 1))
    return 1 - observed / expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)],
)
def test_alpha_reproduces_the_published_example(level: str, expected: float) -> None:
    assert p.krippendorff_alpha(KRIPPENDORFF_2011, level) == pytest.approx(expected, abs=5e-7)
    assert alpha_by_hand(KRIPPENDORFF_2011, level) == pytest.approx(expected, abs=5e-7)


@given(
    st.integers(2, 4).flatmap(
        lambda raters: st.lists(
            st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NAN]), min_size=raters, max_size=raters),
            min_size=2,
            max_size=8,
        )
    ),
    st.sampled_from(["nominal", "ordinal", "interval", "ratio"]),
)
@settings(max_examples=50, deadline=None)
def test_alpha_equals_the_coincidence_matrix_wherever_it_is_defined(
    units: list[list[float]], level: str
) -> None:
    ratings = np.array(units).T
    found = p.krippendorff_alpha(ratings, level)
    pairable = [
        v for column in ratings.T if (~np.isnan(column)).sum() >= 2 for v in column if not np.isnan(v)
    ]
    if len(set(pairable)) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(alpha_by_hand(ratings, level))
        assert found == pytest.approx(p.krippendorff_alpha(ratings[::-1, ::-1], level))


def test_alpha_is_undefined_where_all_values_are_equal_and_may_be_negative() -> None:
    assert np.isnan(p.krippendorff_alpha([[3, 3, 3], [3, 3, 3]]))
    assert np.isnan(p.krippendorff_alpha([[1, 2, NAN], [NAN, NAN, 3]]))
    assert p.krippendorff_alpha([[1, 5], [5, 1]]) < 0
    # 3 and 3 are the only pairable values; the lone 4 drops out
    assert np.isnan(p.krippendorff_alpha([[3, 4], [3, NAN]]))
    with pytest.raises(ValueError, match="level is 'ordinary'"):
        p.krippendorff_alpha([[1, 2], [1, 2]], "ordinary")


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (0.8, "reliable"),
        (0.7999, "tentative only"),
        (0.667, "tentative only"),
        (0.66, "do not use"),
        (NAN, "undefined"),
    ],
)
def test_alpha_is_read_by_the_customary_marks(alpha: float, words: str) -> None:
    assert p.read_alpha(alpha) == words


def test_the_bootstrap_interval_is_seeded_and_holds_alpha() -> None:
    first = p.agreement_interval(KRIPPENDORFF_2011, resamples=200, seed=7)
    assert first == p.agreement_interval(KRIPPENDORFF_2011, resamples=200, seed=7)
    assert first != p.agreement_interval(KRIPPENDORFF_2011, resamples=200, seed=8)
    assert first.low < first.alpha < first.high <= 1
    assert (first.raters, first.units, first.values) == (4, 11, 40)  # unit 12 drops out: 40 pairable values
    assert first.reading == "reliable"


def test_one_unit_gives_no_interval() -> None:
    lone = p.agreement_interval([[1.0], [2.0]], resamples=50)
    assert np.isnan(lone.low)
    empty = p.agreement_interval(pd.DataFrame(), resamples=50)
    assert np.isnan(empty.alpha)
    assert empty.units == 0


# --- two coders of needs


def codings(**services: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    rows = [(service, coder, needs) for service, said in services.items() for coder, needs in said.items()]
    return pd.DataFrame(rows, columns=["service_id", "coder", "barriers_addressed"])


def test_two_coders_agree_or_differ_on_each_need() -> None:
    found = p.coder_agreement(
        codings(
            one={"a": ("finance",), "b": ("finance",)},
            two={"a": ("finance", "awareness"), "b": ("finance",), "settled": ("finance",)},
            three={"a": (), "b": ("awareness",)},
            alone={"a": ("finance",), "settled": ("finance",)},
        ),
        ["finance", "awareness", "legal-rules"],
    )
    assert found.services == ("one", "three", "two")
    assert found.differing == ("three", "two")
    assert found.settled == ("two",)
    needs = found.needs.set_index("barrier")
    assert needs["agreed"].to_dict() == {"finance": 2, "awareness": 0, "legal-rules": 0}
    assert needs["disputed"].to_dict() == {"finance": 0, "awareness": 2, "legal-rules": 0}
    assert needs.loc["finance", "alpha"] == 1
    assert np.isnan(needs.loc["legal-rules", "alpha"])  # all are alike: undefined, not perfect
    # 18 values, 6 yes and 12 no, 2 of 9 pairs differ: alpha = 1 − 17 · 4 / (2 · 6 · 12)
    assert found.alpha == pytest.approx(1 - 17 * 4 / (2 * 6 * 12))


@pytest.mark.parametrize("rows", [{}, {"one": {"a": ("finance",), "settled": ("finance",)}}])
def test_without_a_second_coder_agreement_is_undefined(rows: dict[str, dict[str, tuple[str, ...]]]) -> None:
    found = p.coder_agreement(codings(**rows), ["finance"])
    assert found.services == ()
    assert np.isnan(found.alpha)
    assert found.needs["disputed"].tolist() == [0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.sampled_from(CODES)), min_size=1, max_size=8))
def test_coders_who_say_the_same_never_differ(said: list[set[str]]) -> None:
    same = {f"s{n}": {"a": tuple(sorted(needs)), "b": tuple(sorted(needs))} for n, needs in enumerate(said)}
    found = p.coder_agreement(codings(**same), CODES)
    assert found.differing == ()
    assert np.isnan(found.alpha) or found.alpha == pytest.approx(1)


# --- governance


def test_recorded_roles_come_before_derived_ones_and_nothing_else_is_derived() -> None:
    table = policies(
        {"policy_id": "a", "owner": "council", "delivered_by": ("s1",), "barriers_addressed": ("finance",)},
        {"policy_id": "b", "owner_name": "Ministry", "barriers_addressed": ("finance", "awareness")},
    )
    offer = services({"service_id": "s1", "co_providers": ("chamber",)})
    given_rows = pd.DataFrame(
        [
            ("council", "a", "finance", "decides"),
            ("bank", "a", np.nan, "funds"),
            ("forum", np.nan, "awareness", "coordinates"),
        ],
        columns=["provider_id", "policy_id", "need_area", "role"],
    )
    roles = p.governance_roles(table, offer, 2020, given_rows)
    found = {
        tuple(row)
        for row in roles[["body", "policy_id", "need_area", "role", "basis"]].itertuples(index=False)
    }
    assert found == {
        ("council", "a", "finance", "decides", "given"),
        ("bank", "a", "finance", "funds", "given"),
        ("forum", "", "awareness", "coordinates", "given"),
        ("office", "a", "finance", "delivers", "derived"),
        ("chamber", "a", "finance", "delivers", "derived"),
        ("Ministry", "b", "finance", "decides", "derived"),
        ("Ministry", "b", "awareness", "decides", "derived"),
    }
    assert not roles.loc[roles["body"] == "Ministry", "listed"].any()
    areas = p.area_roles(roles, ["finance", "awareness", "legal-rules"]).set_index(["need_area", "role"])
    assert areas.loc[("finance", "decides"), ["bodies", "state"]].tolist() == [2, "several bodies"]
    assert areas.loc[("finance", "coordinates"), "state"] == "nobody recorded"
    assert areas.loc[("awareness", "coordinates"), "state"] == "one body"
    assert areas.loc[("finance", "advises"), "state"] == "not recorded"
    assert areas.loc[("legal-rules", "decides"), "state"] == "no policy"


def test_roles_of_an_ended_policy_do_not_stand() -> None:
    table = policies(
        {"policy_id": "a", "owner": "council", "end_year": 2019, "barriers_addressed": ("finance",)}
    )
    roles = p.governance_roles(table, services({"service_id": "s1"}), 2020)
    assert roles["standing"].tolist() == ["ended"]
    assert p.area_roles(roles, ["finance"])["bodies"].sum() == 0


def test_a_body_that_has_ceased_decides_nothing() -> None:
    table = policies({"policy_id": "a", "owner": "board", "barriers_addressed": ("finance",)})
    providers = pd.DataFrame({"provider_id": ["board", "office"], "end_year": [2019, pd.NA]})
    roles = p.governance_roles(table, services({"service_id": "s1"}), 2020, None, providers)
    assert roles["standing"].tolist() == ["body ceased"]
    assert p.area_roles(roles, ["finance"])["bodies"].sum() == 0
    before = p.governance_roles(table, services({"service_id": "s1"}), 2019, None, providers)
    assert before["standing"].tolist() == ["in-force"]


def test_an_action_answers_to_a_listed_provider_a_name_or_nobody() -> None:
    actions = pd.DataFrame(
        {
            "action_id": ["x", "y", "z"],
            "title": ["X", "Y", "Z"],
            "owner": ["office", np.nan, np.nan],
            "owner_name": [np.nan, "A committee", np.nan],
            "indicator": ["firms", np.nan, np.nan],
            "target": ["20", np.nan, np.nan],
            "cost_eur": [0.0, np.nan, np.nan],
        }
    )
    found = p.action_accountability(actions)
    assert found["accountability"].tolist() == ["listed provider", "named, not a listed provider", "nobody"]
    assert found["has_cost"].tolist() == [True, False, False]


def test_functions_return_new_frames_and_leave_their_arguments_alone() -> None:
    table = policies({"policy_id": "a", "barriers_addressed": ("finance",), "delivered_by": ("s1",)})
    before = table.copy()
    p.cover_barriers(table, p.weigh_barriers(BARRIERS, CODES), 2020)
    p.align_policies(table, services({"service_id": "s1"}), 2020)
    p.governance_roles(table, services({"service_id": "s1"}), 2020)
    pd.testing.assert_frame_equal(table, before)


# --- published answers and plain frames ------------------------------------------------------------------------

# Three coders, fifteen units, of the encyclopaedia's article on the coefficient; the answers are those that the tests of the
# library fast-krippendorff and the R package irr print for it.
THREE_CODERS = [
    [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
    [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
    [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
]


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.691358), ("interval", 0.810845)])
def test_alpha_of_the_three_coders(level: str, expected: float) -> None:
    assert p.krippendorff_alpha(THREE_CODERS, level) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("missing", [NAN, None, "", "nan", pd.NA])
def test_alpha_of_names_is_that_of_the_librarys_own_test(missing: object) -> None:
    rows = [["pos", "neg", "neu", missing], ["pos", "neg", "neu", "pos"], ["pos", "neg", "pos", "pos"]]
    assert p.krippendorff_alpha(rows, "nominal") == pytest.approx(0.722222, abs=5e-7)
    with pytest.raises(ValueError, match="'pos' is no number; only nominal ratings may be names"):
        p.krippendorff_alpha(rows, "ordinal")


def test_alpha_takes_nullable_columns_numbers_as_text_and_ratio_nought() -> None:
    whole = pd.DataFrame(KRIPPENDORFF_2011).astype("Int64")
    assert p.krippendorff_alpha(whole, "ordinal") == pytest.approx(0.815388, abs=5e-7)
    assert p.agreement_interval(whole, "ordinal", resamples=0).values == 40
    assert p.krippendorff_alpha([["1", "2", "3"], ["1", "2", "4"]], "interval") == p.krippendorff_alpha(
        [[1, 2, 3], [1, 2, 4]], "interval"
    )
    assert p.krippendorff_alpha([[0, 1, 2], [0, 1, 2]], "ratio") == 1.0


@pytest.mark.parametrize("ratings", [[[1, 2, 3]], [[4, 4], [4, 4]], [], [[NAN, NAN], [NAN, NAN]]])
def test_one_rater_one_value_or_nothing_leaves_alpha_undefined(ratings: list[list[float]]) -> None:
    found = p.agreement_interval(ratings)
    assert np.isnan([found.alpha, found.low, found.high]).all()
    assert found.reading == "undefined"


def test_a_score_off_the_seven_point_scale_is_refused_with_its_pair() -> None:
    scores = pd.DataFrame({"policy_from": ["a"], "policy_to": ["b"], "score": [5]})
    for judge in (p.coherence_pairs, lambda frame: p.coherence_matrix(frame, ["a", "b"])):
        with pytest.raises(ValueError, match="the score of 'a' on 'b' is 5; the scale runs"):
            judge(scores)


def test_tau_of_two_surveys_is_that_of_the_statistics_manual() -> None:
    # the example of scipy.stats.kendalltau: tau-b = -0.47140452079103173 (ties in both)
    left, right = [12, 2, 1, 12, 2], [1, 4, 7, 1, 0]
    rows = pd.DataFrame(
        [
            (f"b{n}", name, share)
            for name, shares in (("x", left), ("y", right))
            for n, share in enumerate(shares)
        ],
        columns=["barrier", "scheme", "share_percent"],
    )
    found = p.rank_agreement(rows)
    assert found["kendall_tau"].tolist() == pytest.approx([-0.47140452079103173])


def test_a_policy_without_objectives_gives_a_need_no_objective() -> None:
    table = policies(
        {"policy_id": "aims", "barriers_addressed": ("finance",), "objectives": ("more loans",)},
        {"policy_id": "names", "barriers_addressed": ("awareness",), "objectives": ()},
    )
    found = p.logic_faults(table, services({"service_id": "s"}), ["finance", "awareness"], 2020)
    needs = found[found["fault"] == "need-no-objective"].set_index("subject")["verdict"]
    assert needs.to_dict() == {"awareness": "fault", "finance": "sound"}


def test_a_policy_outlives_its_owner_only_on_paper() -> None:
    table = policies(
        {"policy_id": "left", "owner": "lep", "end_year": np.nan},
        {"policy_id": "kept", "owner": "council"},
        {"policy_id": "nobody"},
    )
    bodies = pd.DataFrame({"provider_id": ["lep", "council"], "end_year": [2019, np.nan]})
    assert p.owner_closed(table, bodies, 2020).tolist() == [True, False, False]
    assert not p.owner_closed(table, bodies, 2019).any()


def test_a_promise_on_a_barrier_our_coding_can_not_reach_cannot_be_told() -> None:
    table = policies({"policy_id": "x", "barriers_addressed": ("finance", "awareness")})
    found = p.align_promises(
        table, services({"service_id": "s"}), 2020, service_barriers(), untold={"awareness"}
    )
    assert dict(zip(found["barrier"], found["support"], strict=True)) == {
        "finance": "no service", "awareness": "cannot be told",
    }  # fmt: skip
