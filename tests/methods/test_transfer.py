import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eis_lib.methods import transfer

quick = settings(max_examples=40, deadline=None)
DIMENSIONS = {"people": "size", "industry": "sectors", "research": "technology"}


def regions(values=None):
    given_values = [[1.0, 10, 1], [2.0, 20, 1.5], [9.0, 40, 3]] if values is None else values
    names = [f"r{i}" for i in range(len(given_values))]
    return pd.DataFrame(given_values, index=names, columns=list(DIMENSIONS))


# -- structural peers -------------------------------------------------------------------------------------------------


def test_squared_euclidean_distance_by_hand():
    # One variable 0 and 2: standardised with the population deviation −1 and 1, so the distance is 4.
    table = pd.DataFrame({"people": [0.0, 2.0]}, index=["a", "b"])
    result = transfer.structural_distance(table, {"people": "size"})
    assert result.distance.at["a", "b"] == pytest.approx(4)


def test_variables_of_a_dimension_are_averaged_before_the_distance():
    table = pd.DataFrame({"x": [0.0, 2], "y": [2.0, 0]}, index=["a", "b"])
    together = transfer.structural_distance(table, {"x": "one", "y": "one"})
    apart = transfer.structural_distance(table, {"x": "one", "y": "two"})
    assert together.distance.at["a", "b"] == pytest.approx(0)
    assert apart.distance.at["a", "b"] == pytest.approx(4)


def test_gower_mixes_numbers_and_categories():
    table = pd.DataFrame({"people": [0.0, 5, 10], "currency": ["EUR", "EUR", "DKK"]}, index=["a", "b", "c"])
    result = transfer.structural_distance(
        table, {"people": "size", "currency": "institutions"}, method="gower"
    )
    assert result.distance.at["a", "b"] == pytest.approx((0.5 + 0) / 2)
    assert result.distance.at["a", "c"] == pytest.approx(1)


def test_categories_in_the_euclidean_distance_are_refused():
    table = pd.DataFrame({"currency": ["EUR", "DKK"]}, index=["a", "b"])
    with pytest.raises(transfer.TransferError, match="gower"):
        transfer.structural_distance(table, {"currency": "institutions"})


def test_outcomes_never_enter_the_distance():
    with pytest.raises(transfer.TransferError, match="exports-gdp, unemployment-rate"):
        transfer.refuse_outcomes(["population", "exports-gdp", "unemployment-rate"])
    transfer.refuse_outcomes(["population", "employment-industry-share", "rd-expenditure-gdp"])


def test_a_constant_variable_is_left_out_and_named():
    table = regions().assign(industry=5.0)
    result = transfer.structural_distance(table, DIMENSIONS)
    assert result.dropped == ("industry is the same for every region and tells none apart",)
    assert set(result.parts["dimension"]) == {"size", "technology"}


def test_a_missing_dimension_leaves_its_weight_to_the_others():
    table = pd.DataFrame({"people": [0.0, 2, 0], "industry": [1.0, np.nan, 3]}, index=["a", "b", "c"])
    result = transfer.structural_distance(table, {"people": "size", "industry": "sectors"})
    parts = result.parts[(result.parts["region"] == "a") & (result.parts["other"] == "b")]
    assert list(parts["dimension"]) == ["size"]
    assert parts["part"].sum() == pytest.approx(result.distance.at["a", "b"])


@quick
@given(hnp.arrays(float, (5, 3), elements=st.integers(-20, 20).map(float)), st.floats(0.1, 100))
def test_distance_is_symmetric_zero_to_itself_and_blind_to_units(values, factor):
    table = regions(values)
    if (table.nunique() < 2).all():
        return
    for method in ("euclidean", "gower"):
        result = transfer.structural_distance(table, DIMENSIONS, method=method).distance
        scaled = transfer.structural_distance(table * factor, DIMENSIONS, method=method).distance
        assert np.allclose(result, result.T)
        assert np.allclose(np.diag(result), 0)
        assert np.allclose(result, scaled)


def test_nearest_regions_leave_out_whom_they_are_told_to_and_say_why():
    structure = transfer.structural_distance(regions(), DIMENSIONS)
    near = transfer.nearest_regions(structure, "r0", count=2)
    assert near["other"].tolist() == ["r1", "r2"]
    assert transfer.nearest_regions(structure, "r0", count=2, leave_out=["r1"])["other"].tolist() == ["r2"]
    parts = structure.parts.query("region == 'r0' and other == 'r1'").set_index("dimension")["part"]
    assert near.iloc[0]["closest_in"] == parts.idxmin()
    assert near.iloc[0]["furthest_in"] == parts.idxmax()
    assert structure.likeness.at["r0", "r2"] == pytest.approx(0)


# -- practices and gaps -----------------------------------------------------------------------------------------------


def gap(kind, stage, need, weight, severity=1.0, *, region=None):
    row = {"gap_id": f"{kind}:{stage}:{need}", "kind": kind, "stage": stage, "need": need, "weight": weight}
    row["score"] = weight * severity
    return row if region is None else {"region": region, **row}


def practice(code, region, needs, *, stages=("enter",), grade=1.0, effort="low", cost=np.nan):
    return {
        "region": region,
        "practice_id": code,
        "title": code.upper(),
        "support_type": "training",
        "journey_stages": stages,
        "barriers_addressed": needs,
        "evidence_grade": grade,
        "effort": effort,
        "cost_eur_per_year": cost,
    }


GAPS = pd.DataFrame(
    [
        gap("absolute", "enter", "foreign-taxes", 0.2),
        gap("access", "prepare", "language-skills", 0.1, 0.6),
        gap("evidence", "grow", "finance", 0.3, 0.2),
        gap("continuity", "grow", "finance", 0.3, 0.5),
    ]
)


def test_a_practice_without_a_tested_gap_is_not_proposed_however_good():
    best = practice("p", "b", ("finance",), stages=("grow",), grade=4.0)
    matches, refused = transfer.match_practices("a", GAPS, pd.DataFrame([best]))
    assert matches.empty
    assert refused["reason"].tolist() == ["answers no gap that was tested here"]


def test_the_same_stage_fits_wholly_and_another_by_half():
    table = pd.DataFrame([practice("p", "b", ("foreign-taxes", "language-skills"), stages=("enter",))])
    pairs = transfer.fit_problems(GAPS, table).set_index("need")
    assert pairs["problem_fit"].to_dict() == {"foreign-taxes": 1.0, "language-skills": 0.5}
    matches, _ = transfer.match_practices("a", GAPS, table)
    assert matches.at[0, "gap_score_met"] == pytest.approx(0.2 + 0.06 / 2)
    assert matches.at[0, "gap_ids"] == ("absolute:enter:foreign-taxes", "access:prepare:language-skills")
    assert matches.at[0, "gap_weight"] == pytest.approx(0.3)


def test_own_practices_are_not_proposed_to_their_owner():
    matches, refused = transfer.match_practices(
        "a", GAPS, pd.DataFrame([practice("p", "a", ("foreign-taxes",))])
    )
    assert matches.empty
    assert refused.empty


def test_weak_and_ungraded_evidence_is_refused_with_its_reason():
    table = pd.DataFrame(
        [
            practice("p", "b", ("foreign-taxes",), grade=0.0),
            practice("q", "b", ("foreign-taxes",), grade=np.nan),
        ]
    )
    matches, refused = transfer.match_practices("a", GAPS, table, minimum_grade=1)
    assert matches.empty
    assert refused["reason"].tolist() == [
        "evidence too weak: no result reported",
        "its evidence was never graded",
    ]
    assert len(transfer.match_practices("a", GAPS, table)[0]) == 2


def test_equal_gaps_are_read_in_the_order_evidence_context_effort():
    table = pd.DataFrame(
        [
            practice("p", "b", ("foreign-taxes",), grade=1.0, effort="low"),
            practice("q", "c", ("foreign-taxes",), grade=2.0, effort="high"),
            practice("s", "c", ("foreign-taxes",), grade=1.0, effort="low"),
        ]
    )
    likeness = pd.Series({"b": 0.2, "c": 0.9})
    matches, _ = transfer.match_practices("a", GAPS, table, likeness=likeness)
    assert matches["practice_id"].tolist() == ["q", "s", "p"]
    assert matches["context_fit"].tolist() == [0.9, 0.9, 0.2]


def test_questions_come_from_what_the_record_leaves_open():
    weak = practice("p", "b", ("foreign-taxes",))
    asked = transfer.questions(weak, kind="absolute", same_level=False, most=6)
    assert any("without it" in q for q in asked)
    assert any("level of government" in q for q in asked)
    assert any("cost a year" in q for q in asked)
    strong = practice("p", "b", ("foreign-taxes",), grade=3.0, cost=1000.0)
    asked = transfer.questions(strong, kind="absolute", same_level=True, most=6)
    assert not any("without it" in q or "level of government" in q or "cost a year" in q for q in asked)


# -- the partnership --------------------------------------------------------------------------------------------------


def partnership():
    gaps = pd.DataFrame(
        [
            gap("absolute", "enter", "foreign-taxes", 0.2, region="a"),
            gap("absolute", "enter", "language-skills", 0.1, region="b"),
            gap("absolute", "enter", "finance", 0.1, region="c"),
        ]
    )
    practices = pd.DataFrame(
        [
            practice("pb", "b", ("foreign-taxes", "finance")),
            practice("pc", "c", ("language-skills",)),
            practice("pa", "a", ("finance",), stages=("plan",)),
        ]
    )
    return gaps, practices


def test_each_gap_counts_once_per_giver():
    gaps, practices = partnership()
    twice = pd.concat([practices, pd.DataFrame([practice("pb2", "b", ("foreign-taxes",))])])
    values = transfer.exchange_values(gaps, twice).set_index(["taker", "giver"])
    assert values.at[("a", "b"), "value"] == pytest.approx(0.2)
    assert values.at[("a", "b"), "share"] == pytest.approx(1)
    assert values.at[("a", "b"), "practice_ids"] == ("pb", "pb2")
    assert values.at[("c", "a"), "share"] == pytest.approx(0.5)


def test_the_exchange_is_the_best_of_all_assignments():
    gaps, practices = partnership()
    values = transfer.exchange_values(gaps, practices)
    exchange = transfer.best_exchange(values)
    share = values.set_index(["taker", "giver"])["share"]
    names = ["a", "b", "c"]
    best = max(
        sum(share[v, h] for v, h in zip(names, hosts, strict=True))
        for hosts in itertools.permutations(names)
        if all(v != h for v, h in zip(names, hosts, strict=True))
    )
    assert exchange["share"].sum() == pytest.approx(best)
    assert exchange["host"].is_unique
    assert exchange.set_index("visitor").at["c", "first_wish"] == "b"


def test_nobody_is_sent_where_nothing_would_be_met():
    gaps, practices = partnership()
    exchange = transfer.best_exchange(
        transfer.exchange_values(gaps, practices[practices["practice_id"] == "pb"])
    )
    assert set(exchange["visitor"]) <= {"a", "c"}
    assert (exchange["share"] > 0).all()


def test_one_region_alone_has_no_exchange():
    gaps, practices = partnership()
    assert transfer.best_exchange(transfer.exchange_values(gaps[:1], practices[:0])).empty


def test_a_region_is_strong_where_most_of_the_demand_is_served():
    columns = [
        "region",
        "need_area",
        "stage",
        "demand_weight",
        "served_weight",
        "unknown_weight",
        "gap_weight",
    ]
    rows = [
        ("a", "finance", "enter", 0.2, 0.2, 0.0, 0.0),
        ("a", "finance", "grow", 0.1, 0.0, 0.0, 0.1),
        ("b", "finance", "enter", 0.1, 0.0, 0.02, 0.08),
        ("c", "finance", "enter", 0.1, 0.02, 0.04, 0.04),
        ("d", "finance", "enter", 0.0, 0.0, 0.0, 0.0),
    ]
    table = transfer.strong_where(pd.DataFrame(rows, columns=columns)).set_index("region")
    assert table.at["a", "served_share"] == pytest.approx(2 / 3)
    assert table["standing"].to_dict() == {"a": "strong", "b": "weak", "c": "cannot tell", "d": "no demand"}


def test_a_gap_that_people_turned_down_is_not_matched():
    gaps = GAPS.assign(status=["rejected", "candidate", "candidate", "candidate"])
    assert transfer.tested_gaps(gaps)["need"].tolist() == ["language-skills"]


def test_coverage_differences_keep_unknown_apart_from_none():
    def cell(region, services, status):
        return {
            "region": region, "facet": "journey_stages", "support_type": "loan", "code": "enter",
            "services": services, "status": status,
        }  # fmt: skip

    table = pd.DataFrame([cell("a", 0, "none"), cell("b", 2, "covered"), cell("c", 0, "unknown")])
    row = transfer.coverage_differences(table, "a").iloc[0]
    assert (row["others"], row["others_with"], row["others_unknown"]) == (2, 1, 1)
    assert row["difference"] == pytest.approx(-1)
    assert row["standing"] == "missing here"
    assert transfer.coverage_differences(table, "c").iloc[0]["standing"] == "unknown"
    assert transfer.coverage_differences(table, "b").iloc[0]["standing"] == "only here"


@quick
@given(st.permutations(list(range(4))))
def test_the_order_of_rows_does_not_matter(order):
    table = pd.DataFrame(
        [
            practice(f"p{i}", "b", ("foreign-taxes", "language-skills")[: 1 + i % 2], grade=float(i % 3))
            for i in range(4)
        ]
    )
    first, _ = transfer.match_practices("a", GAPS, table)
    again, _ = transfer.match_practices("a", GAPS, table.iloc[list(order)])
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dimensions": {"peple": "size"}}, "'peple' has no column"),
        ({"weights": {"siez": 1}}, "'siez' is no dimension: size"),
        ({"weights": {"size": -1}}, "the weight of 'size' is -1"),
        ({"method": "manhattan"}, "known: euclidean, gower"),
        ({"values": pd.DataFrame({"people": [1, 2]}, index=["A", "A"])}, "'A' is listed twice"),
    ],
)
def test_a_distance_that_can_not_be_computed_says_why(change, message):
    given = {
        "values": pd.DataFrame({"people": [1, 2]}, index=["A", "B"]),
        "dimensions": {"people": "size"},
    } | change
    with pytest.raises(transfer.TransferError, match=message):
        transfer.structural_distance(**given)


def test_peers_of_a_region_that_is_not_there_are_an_error():
    found = transfer.structural_distance(
        pd.DataFrame({"people": [1, 2]}, index=["A", "B"]), {"people": "size"}
    )
    with pytest.raises(transfer.TransferError, match="no region 'Z'; there are A, B"):
        transfer.nearest_regions(found, "Z")


def test_exchange_values_sum_what_each_pair_shares():
    rng = np.random.default_rng(3)
    needs, stages, regions = ("n1", "n2", "n3"), ("plan", "enter"), ("a", "b", "c", "d")
    gaps = pd.DataFrame(
        {
            "gap_id": [f"g{i}" for i in range(40)],
            "region": rng.choice(regions, 40),
            "kind": rng.choice(["absolute", "access", "evidence"], 40),
            "stage": rng.choice(stages, 40),
            "need": rng.choice(needs, 40),
            "score": rng.random(40),
            "weight": rng.random(40),
        }
    )
    practices = pd.DataFrame(
        {
            "practice_id": [f"p{i}" for i in range(12)],
            "region": rng.choice(regions, 12),
            "barriers_addressed": [tuple(needs[: 1 + i % 3]) for i in range(12)],
            "journey_stages": [stages[: i % 3] for i in range(12)],
        }
    )
    for row in transfer.exchange_values(gaps, practices).itertuples():
        pairs = transfer.fit_problems(
            gaps[gaps["region"] == row.taker], practices[practices["region"] == row.giver]
        )
        met = pairs.assign(met=pairs["score"] * pairs["problem_fit"]).sort_values("met", ascending=False)
        best = met.drop_duplicates("gap_id")
        assert row.value == pytest.approx(best["met"].sum())
        assert row.gaps_met == len(best)
        assert set(row.needs) == set(best["need"])
        order = met.groupby("practice_id")["met"].sum().sort_values(ascending=False)
        assert row.practice_ids == tuple(order.index)
