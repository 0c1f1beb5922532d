"""The plan of the invented region: every section, and what moving a choice does to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from reviewing import compare_only

from eis_lib.notebook.opening import open_review
from eis_lib.pack.settings import PlanParameters
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.section.table_text import frame_to_csv
from eis_lib.steps import plan as step

NOTEBOOK = Path(__file__).resolve().parents[2] / "workbooks" / "5_plan.ipynb"
SECTIONS = (
    "headline", "sources", "recommendations", "published", "options", "simplification", "journeys_to_be", "priorities", "portfolio",
    "action_plan", "responsibilities", "indicators", "money", "meaning", "limits",
)  # fmt: skip


@pytest.fixture(scope="module")
def review() -> Iterator[Review]:
    with pytest.MonkeyPatch.context() as patch:
        compare_only(patch, "donegal")  # two regions are enough to have lessons from elsewhere
        yield open_review("plan", "example")


@pytest.fixture(scope="module")
def made(review: Review) -> dict[str, Section]:
    return {name: getattr(step, name)(review) for name in SECTIONS}


def test_the_notebook_shows_every_section_and_ends_with_its_provenance() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    for name in SECTIONS:
        assert f"book.explore(step.{name}" in code, name
    assert "".join(cells[-2]["source"]).startswith("## How this was made")
    assert "".join(cells[-1]["source"]) == "book.provenance()"
    parameters = next("".join(c["source"]) for c in cells if c["metadata"].get("tags") == ["parameters"])
    named = {line.split(":")[0] for line in parameters.splitlines()}
    assert named == {"region", *PlanParameters.model_fields}


def test_names_of_tables_and_charts_are_unique_in_the_step(made: dict[str, Section]) -> None:
    for kind in ("tables", "charts"):
        names = [name for section in made.values() for name in getattr(section, kind)]
        assert len(names) == len(set(names))
    assert sum(len(section.charts) for section in made.values()) >= 5


def test_every_table_left_is_made_by_the_section_named(made: dict[str, Section]) -> None:
    for table, section in step.LEAVES.items():
        assert table in made[section.__name__].tables, table


def test_the_budget_may_be_left_to_the_parameters() -> None:
    assert None in step.BUDGETS.values()
    assert {*step.EMPHASES.values()} == set(step.SWINGS)


def test_the_same_review_gives_the_same_tables_twice(review: Review, made: dict[str, Section]) -> None:
    for name in ("recommendations", "simplification", "portfolio"):
        again = getattr(step, name)(review)
        for table, kept in made[name].tables.items():
            assert frame_to_csv(again.tables[table].frame) == frame_to_csv(kept.frame), table


def test_every_recommendation_names_a_finding_and_a_row(made: dict[str, Section]) -> None:
    table = made["recommendations"].tables["recommendations"].frame
    assert (table["findings"].str.len() > 0).all()
    assert table["recommendation_id"].is_unique
    closing = table[table["option"] == "close"]
    assert closing.empty  # nobody decided to close anything in the invented region


def test_slimming_loses_no_served_demand_and_keeps_what_people_keep_on_purpose(
    made: dict[str, Section],
) -> None:
    measures = made["journeys_to_be"].tables["landscapes"].frame.set_index("measure")
    served = measures.loc["Demand that is served (share)"]
    assert served["slimmed"] == pytest.approx(served["as_it_is"])
    assert served["slimmed_with_proposals"] > served["slimmed"]
    services = measures.loc["Services for firms of the region"]
    assert services["slimmed"] < services["as_it_is"]
    verdicts = made["simplification"].tables["simplification"].frame.set_index("service_id")["verdict"]
    assert verdicts["ex-advice-town"] == "held"  # decision ex-dec-4
    assert verdicts["ex-tech-partners"] == "held"  # no first year on record


def test_more_redundancy_lets_fewer_services_go(review: Review) -> None:
    gone = [
        int(
            (
                step.simplification(review, redundancy=r).tables["simplification"].frame["verdict"]
                == "could go"
            ).sum()
        )
        for r in (1, 2, 3)
    ]
    assert gone == sorted(gone, reverse=True)
    own = step.simplification(review, levels="own").tables["simplification"].frame
    assert set(own.loc[own["verdict"] == "could go", "level"]) <= {"local", "regional"}


def test_who_loses_what_has_one_row_for_each_service_that_could_go(made: dict[str, Section]) -> None:
    tables = made["simplification"].tables
    could_go = tables["simplification"].frame.query("verdict == 'could go'")["service_id"]
    assert set(tables["who_loses"].frame["service_id"]) == set(could_go)


def test_the_published_rules_of_the_invented_actions_hold(made: dict[str, Section]) -> None:
    chosen = made["portfolio"].tables["portfolio"].frame.query("chosen == 'yes'")
    ids = set(chosen["action_id"])
    assert not {"ex-act-one-check", "ex-act-share-checks"} <= ids
    assert "ex-act-more-vouchers" not in ids or "ex-act-front-door" in ids
    assert chosen["cost_eur"].sum() <= 450000
    assert "ex-act-web-shop" not in set(made["portfolio"].tables["portfolio"].frame["action_id"])  # stopped


def test_actions_without_a_published_cost_stand_apart(made: dict[str, Section]) -> None:
    tables = made["portfolio"].tables
    known, unknown = tables["portfolio"].frame, tables["costs_unknown"].frame
    assert known["cost_eur"].notna().all()
    assert set(known["action_id"]).isdisjoint(unknown["action_id"])
    assert "cost_eur" not in unknown.columns


@pytest.mark.slow
def test_more_money_never_buys_less(review: Review) -> None:
    values = []
    for budget in (50_000.0, 300_000.0, 900_000.0):
        table = step.portfolio(review, budget_eur=budget).tables["portfolio_answers"].frame
        values.append(float(table.set_index("answer").at["best", "value"]))
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_another_emphasis_may_put_another_first_and_only_reorders(review: Review) -> None:
    orders = {
        e: step.priorities(review, emphasis=e).tables["priorities"].frame["recommendation_id"].tolist()
        for e in step.SWINGS
    }
    assert len({tuple(sorted(order)) for order in orders.values()}) == 1
    assert len({tuple(order) for order in orders.values()}) > 1


def test_the_default_is_what_a_batch_run_shows(review: Review, made: dict[str, Section]) -> None:
    by_hand = step.priorities(review, emphasis="balanced").tables["priorities"].frame
    pd.testing.assert_frame_equal(by_hand, made["priorities"].tables["priorities"].frame)


def test_the_action_plan_is_for_people_to_sign(made: dict[str, Section]) -> None:
    plan = made["action_plan"].tables["action_plan"].frame
    assert list(plan.columns) == list(step.PLAN_COLUMNS)
    assert (plan[["date", "signature", "stamp", "contact_person"]] == "").all(axis=None)
    assert len(plan) == PlanParameters().actions
    checks = made["action_plan"].tables["action_plan_checks"].frame
    assert set(
        checks.loc[
            checks["check"].isin(["finding", "players", "accountable", "timeframe", "signature"]), "passed"
        ]
    ) == {"yes"}


def test_a_county_s_plan_names_the_nuts_2_region_around_it(review: Review, made: dict[str, Section]) -> None:
    assert set(made["action_plan"].tables["action_plan"].frame["nuts_2_region"]) == {"XX01 (NUTS 2021)"}
    county = review.pack.region.model_copy(update={"nuts_code": "IE041", "nuts_level": 3})
    assert county.nuts_2_code == "IE04"
    of_county = step.action_plan(replace(review, pack=replace(review.pack, region=county), _memo={}))
    assert set(of_county.tables["action_plan"].frame["nuts_2_region"]) == {"IE04 (NUTS 2021)"}
    country = county.model_copy(update={"nuts_code": "LU", "nuts_level": 0})
    assert country.nuts_2_code == ""


def test_exactly_one_body_is_accountable_for_each_action(made: dict[str, Section]) -> None:
    raci = made["responsibilities"].tables["raci"].frame
    accountable = raci[raci["role"] == "A"]
    assert accountable["action_id"].is_unique
    assert set(accountable["action_id"]) == set(raci["action_id"])


def test_published_and_proposed_are_kept_apart(review: Review, made: dict[str, Section]) -> None:
    published = set(review.pack.actions["action_id"])
    plan = made["action_plan"].tables["action_plan"].frame
    assert published.isdisjoint(plan["action_id"])
    meeting = made["published"].tables["published_and_proposed"].frame
    assert set(meeting["action_id"]) <= published


def test_a_region_without_published_actions_is_said_to_have_none(
    review: Review, made: dict[str, Section]
) -> None:
    assert "an indicator and" in made["indicators"].answer
    none = {**review.pack.tables, "actions": review.pack.actions.head(0)}
    answer = step.indicators(replace(review, pack=replace(review.pack, tables=none))).answer
    assert answer.endswith("The pack lists no published action.")


def test_findings_have_the_agreed_columns(made: dict[str, Section]) -> None:
    frame = made["meaning"].tables["findings"].frame
    assert list(frame.columns) == list(FINDING_COLUMNS)
    assert frame["finding_id"].is_unique
    assert set(frame["status"]) <= {"finding", "candidate", "unknown"}
