"""The sections of step 3: prose follows the numbers, a candidate is never told as a finding, tables carry what later steps read."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.charts.picture import specification, to_json
from eis_lib.methods import overlap
from eis_lib.notebook.opening import step_leaves
from eis_lib.pack.pack import Pack, load_common, load_pack
from eis_lib.pack.settings import ParameterError, TestParameters
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.review import Review, Sources
from eis_lib.section.table_text import frame_from_csv, frame_to_csv
from eis_lib.steps import test as step
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.needs import _schemes

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"
COMMON = load_common(PARAMETERS)
EXAMPLE = load_pack(PARAMETERS / "example")
SECTIONS = (
    step.headline,
    step.sources,
    step.candidates,
    step.fragmentation,
    step.gaps,
    step.missing_support,
    step.sensitivity,
    step.profile,
    step.journeys,
    step.one_journey,
    step.meaning,
    step.limits,
)


def a_review(pack=EXAMPLE, **parameters):
    return Review(
        "test", pack, COMMON, TestParameters(**parameters), Sources(PARAMETERS, (pack.id,)), step_leaves
    )


def changed(absent=(), **tables):
    """Return the invented region with other tables, and without some."""
    frames = {name: frame.iloc[:0] if name in absent else frame for name, frame in EXAMPLE.tables.items()}
    return Pack("example", EXAMPLE.region, {**frames, **tables}, EXAMPLE.present - set(absent))


def some(number):
    """Return the first services for firms of the invented region, tied to nothing."""
    rows = EXAMPLE.services[
        EXAMPLE.services["audience"].isna() | (EXAMPLE.services["audience"] == "resident-sme")
    ]
    return (
        rows.head(number)
        .assign(part_of=None, succeeds=None, start_year=2015, end_year=2030)
        .astype({"start_year": "Int64", "end_year": "Int64"})
    )


PACKS = {
    "example": EXAMPLE,
    "donegal": load_pack(PARAMETERS / "donegal"),
    "koprivnica": load_pack(PARAMETERS / "koprivnica"),
    "bare": changed(absent=("referrals", "decisions", "governance")),
    "no service": changed(services=some(0)),
    "one service": changed(services=some(1)),
    "two services": changed(services=some(2)),
}


@cache
def outcomes(name):
    review = a_review(PACKS[name])
    return {section.__name__: section(review) for section in SECTIONS}


def texts(outcome):
    yield outcome.answer
    yield outcome.how_sure
    yield outcome.to_check
    for chart in outcome.charts.values():
        spec = specification(chart)
        yield spec["description"]
        yield json.dumps(spec["vconcat"][0]["title"], ensure_ascii=False)
    if "findings" in outcome.tables:
        yield from outcome.tables["findings"].frame["statement"]


def table(name, outcome):
    return next(o.tables[outcome].frame for o in outcomes(name).values() if outcome in o.tables)


# --- every section ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKS)
def test_every_section_answers_and_says_how_sure(name):
    for section, outcome in outcomes(name).items():
        assert outcome.answer.strip(), section
        assert outcome.how_sure.strip(), section


@pytest.mark.parametrize("name", PACKS)
def test_numbers_and_nouns_agree_and_nothing_missing_is_printed_as_a_number(name):
    nouns = "service|provider|candidate|pair|gap|persona|hand-off|referral|limb|need|body|level|loop"
    plurals = "services|providers|candidates|pairs|gaps|personas|hand-offs|referrals|limbs|needs|bodies|levels|loops"
    wrong = re.compile(
        rf"(?<!of )(?<!\.)\b1 ({plurals})\b|\b(\d\d+|[02-9]) (duplication |overlap |cold |recorded )?({nouns})\b(?!-| areas)|\bnan\b|<NA>|\bNone\b"
    )
    for section, outcome in outcomes(name).items():
        for text in texts(outcome):
            found = wrong.search(text)
            assert not found, f"{section}: …{text[max(0, found.start() - 60) : found.end() + 20]}…"


def test_names_of_tables_and_charts_are_unique_in_the_step():
    for kind in ("tables", "charts"):
        names = [name for outcome in outcomes("example").values() for name in getattr(outcome, kind)]
        assert len(names) == len(set(names))
        assert len(names) >= 8


@pytest.mark.parametrize("name", step.LEAVES)
def test_what_later_steps_read_is_left_flat_and_survives_its_csv(name):
    for pack in ("example", "donegal", "no service"):
        frame = outcomes(pack)[step.LEAVES[name].__name__].tables[name].frame
        text = frame_to_csv(frame)
        assert not any(isinstance(cell, (tuple, list)) for column in frame for cell in frame[column])
        assert frame_to_csv(frame_from_csv(text)) == text


def test_the_agreed_tables_are_left():
    assert {"candidates", "fragmentation", "gaps", "journeys", "profile", "findings"} <= set(step.LEAVES)


def test_the_headline_names_the_region_and_differs_between_regions():
    first, second = (outcomes(name)["headline"].answer for name in ("koprivnica", "donegal"))
    assert "Koprivnica" in first
    assert "Donegal" in second
    assert first.splitlines()[1] != second.splitlines()[1]


def test_the_same_review_gives_the_same_bytes():
    for section in (step.candidates, step.journeys):
        one, two = section(a_review()), section(a_review())
        assert [to_json(c) for c in one.charts.values()] == [to_json(c) for c in two.charts.values()]
        assert [frame_to_csv(t.frame) for t in one.tables.values()] == [
            frame_to_csv(t.frame) for t in two.tables.values()
        ]


def test_text_of_a_pack_is_shown_as_the_text_it_is():
    services = EXAMPLE.services.copy()
    services["name"] = "<script>alert(1)</script> [x](http://y)"
    review = a_review(changed(services=services))
    for section in SECTIONS:
        outcome = section(review)
        assert "<script>" not in outcome.answer
        assert "[x](http" not in outcome.answer


# --- pairs -----------------------------------------------------------------------------------------------------


def test_an_unvalidated_pair_is_never_told_as_a_finding():
    for name in PACKS:
        if "findings" not in outcomes(name)["meaning"].tables:
            continue
        findings = table(name, "findings")
        pairs = table(name, "candidates").set_index("pair_id")["status"]
        told = findings[findings["kind"].isin(["duplication", "overlap"])]
        for row in told.itertuples():
            real = overlap.is_validated(pairs[row.subject])
            assert (row.status == "finding") == real
            assert ("nobody has checked it" in row.statement) != real


def test_a_decision_on_record_turns_a_candidate_into_a_finding():
    before = step.candidates(a_review(PACKS["bare"])).tables["candidates"].frame
    after = table("example", "candidates")
    assert set(before["status"]) == {"candidate"}
    assert after.set_index("pair_id")["status"]["ex-check-agency~ex-check-chamber"] == "effect-assessed"
    assert after.set_index("pair_id")["status"]["ex-advice-national~ex-advice-town"] == "kept-on-purpose"


def test_the_share_of_firms_moves_what_a_duplication_is_and_not_what_is_a_pair():
    few, many = (
        step.candidates(a_review(PACKS["donegal"]), duplication_share=share).tables["candidates"].frame
        for share in (0.1, 1.0)
    )
    assert set(few["pair_id"]) == set(many["pair_id"])
    twins = [set(f.loc[f["pair_class"] == overlap.DUPLICATION, "pair_id"]) for f in (few, many)]
    assert twins[1] < twins[0]


def test_services_for_incoming_investors_and_umbrellas_are_set_aside_from_pairs():
    now = view(a_review())
    assert set(now.counted["service_id"]) <= set(now.services["service_id"]) <= set(now.current["service_id"])
    assert not now.services["audience"].isin(["inward", "intermediary"]).any()
    parents = set(EXAMPLE.services["part_of"].dropna())
    assert parents
    assert not parents & set(now.counted["service_id"])


def test_the_year_moves_the_landscape():
    early, late = (view(a_review(PACKS["koprivnica"]), year) for year in (2016, 2026))
    assert set(early.services["service_id"]) != set(late.services["service_id"])


# --- gaps ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["example", "donegal", "koprivnica"])
def test_gaps_and_what_is_served_add_up_to_all_demand(name):
    gaps, cells = table(name, "gaps"), table(name, "gap_cells")
    assert cells["weight"].sum() == pytest.approx(1, abs=1e-5)
    missed = gaps.loc[gaps["kind"] != "continuity", "weight"].sum()
    assert missed + cells.loc[cells["status"] == "served", "weight"].sum() == pytest.approx(1, abs=1e-4)


def test_a_kind_that_cannot_be_judged_is_left_empty_and_named():
    kinds = table("donegal", "gap_kinds").set_index("kind")
    assert kinds.loc["capacity", "assessable"] == "no"
    assert pd.isna(kinds.loc["capacity", "cells"])
    assert "too little capacity (that is not zero)" in outcomes("donegal")["gaps"].answer


def test_evidence_gaps_are_unknown_and_other_gaps_candidates():
    gaps = table("koprivnica", "gaps")
    assert set(gaps.loc[gaps["kind"] == "evidence", "status"]) == {"unknown"}
    assert set(gaps.loc[gaps["kind"] != "evidence", "status"]) == {"candidate"}


def test_a_decision_on_a_gap_is_shown():
    gap = table("bare", "gaps")["gap_id"].iloc[0]
    decision = EXAMPLE.decisions.head(1).assign(subject_kind="gap", subject_id=gap, decision="confirmed")
    review = a_review(changed(decisions=decision))
    gaps = step.gaps(review).tables["gaps"].frame.set_index("gap_id")
    assert gaps.loc[gap, "status"] == "confirmed"
    findings = step.meaning(review).tables["findings"].frame.set_index("subject")
    assert findings.loc[gap, "status"] == "finding"


def test_weights_can_be_chosen_and_a_missing_survey_of_the_region_is_said():
    review = a_review(PACKS["koprivnica"])
    assert "Every need weighs the same" in step.gaps(review, weights="equal").answer
    assert "There is no survey of the region itself" in step.gaps(review, weights="own").answer


def test_demand_weights_are_those_that_step_two_left():
    review = a_review(PACKS["donegal"])
    demand = review.earlier("examine", "demand").set_index("barrier")["weight"]
    used = _schemes(review, review.year)["published"][1]
    pd.testing.assert_series_equal(
        used.dropna().sort_index(), demand.dropna().sort_index(), check_names=False
    )


# --- journeys --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["example", "donegal", "koprivnica", "bare"])
def test_every_persona_walks_and_measures_belong_to_those_who_arrive(name):
    journeys = table(name, "journeys")
    assert set(journeys["persona_id"]) == set(COMMON.personas["persona_id"])
    lost = journeys["reach"] == 0
    assert journeys.loc[lost, "steps"].isna().all()
    assert journeys.loc[lost, "lost_at"].ne("").all()
    assert journeys.loc[~lost, "steps"].ge(1).all()
    assert (journeys.loc[~lost, "cold_hand_offs"] <= journeys.loc[~lost, "hand_offs"]).all()


def test_without_referrals_the_recorded_routes_are_missing_and_not_nought():
    journeys = table("bare", "journeys")
    assert journeys["reach_recorded"].isna().all()
    assert "No referral between services" in outcomes("bare")["journeys"].answer


def test_recorded_routes_alone_never_reach_further_than_all_routes():
    journeys = table("example", "journeys")
    assert (journeys["reach_recorded"] <= journeys["reach"]).all()


def test_one_service_from_first_to_last_stage_is_not_credited_to_referrals():
    through = changed(
        services=some(2).assign(journey_stages=[("aware", "assess", "plan", "prepare", "enter", "grow")] * 2),
        referrals=EXAMPLE.referrals.head(1).assign(
            from_service=some(2)["service_id"].iloc[0], to_service=some(2)["service_id"].iloc[1]
        ),
    )
    findings = step.meaning(a_review(through)).tables["findings"].frame.set_index("subject")
    assert re.fullmatch(
        r"Without finding a second door by themselves (\d+)% get there, \1% of all with one service throughout and 0% by the "
        r"referral on record\.",
        findings.at["recorded-routes", "statement"],
    )


# --- steps 1 to 3 tell the same -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["example", "donegal", "koprivnica"])
def test_what_step_one_can_not_tell_is_no_gap_in_step_three(name):
    review = a_review(PACKS[name])
    needs = review.earlier("map", "need_areas").set_index("need_area")["status"]
    cells = table(name, "gap_cells")
    untold = cells[cells["need"].map(needs) == "unknown"]
    assert set(untold["kind"]) <= {"evidence"}
    areas = table(name, "fragmentation").set_index("need_area")["status"]
    assert areas[areas == "unknown"].index.isin(needs[needs == "unknown"].index).all()


@pytest.mark.parametrize("name", ["example", "donegal", "koprivnica"])
def test_a_coordinator_that_step_two_names_is_named_in_step_three(name):
    review = a_review(PACKS[name])
    roles = review.earlier("examine", "governance_areas")
    expected = set(roles.loc[(roles["role"] == "coordinates") & (roles["bodies"] > 0), "need_area"])
    areas = table(name, "fragmentation")
    assert set(areas.loc[areas["coordination"] == "named", "need_area"]) == expected


def test_the_loop_of_the_invented_region_is_reported_once():
    findings = table("example", "findings")
    assert findings.loc[findings["kind"] == "loop", "subject"].tolist() == [
        "ex-advice-town~ex-check-agency~ex-check-chamber"
    ]


def test_a_persona_can_be_chosen_and_an_unknown_one_names_the_nearest():
    name = COMMON.personas.set_index("persona_id").loc["wine-grower", "name"]
    assert name in step.one_journey(a_review(), persona="wine-grower").answer
    with pytest.raises(ParameterError, match="Did you mean 'wine-grower'"):
        step.one_journey(a_review(persona="wine-growr"))


# --- profile and findings --------------------------------------------------------------------------------------


def test_the_profile_has_one_row_per_need_and_stage_and_holds_all_demand():
    profile = table("donegal", "profile")
    assert len(profile) == len(COMMON.vocabulary.codes("barrier")) * len(
        COMMON.vocabulary.codes("journey_stage")
    )
    parts = profile[["served_weight", "unknown_weight", "gap_weight"]].sum(axis=1)
    assert (parts - profile["demand_weight"]).abs().max() < 1e-6
    assert profile["demand_weight"].sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["example", "donegal", "koprivnica", "one service", "no service"])
def test_findings_have_the_agreed_columns_and_name_rows_that_exist(name):
    findings = table(name, "findings")
    assert tuple(findings.columns) == FINDING_COLUMNS
    assert findings["finding_id"].is_unique
    assert set(findings["status"]) <= {"finding", "candidate", "unknown"}
    known = {
        "services": set(PACKS[name].services["service_id"]),
        "personas": set(COMMON.personas["persona_id"]),
    }
    for rows in findings["rows"].dropna():
        for row in filter(None, rows.split(";")):
            kind, key = row.split(":", 1)
            assert key in known[kind]


# --- the notebook ----------------------------------------------------------------------------------------------


def cells():
    return json.loads((ROOT / "workbooks" / "3_test.ipynb").read_text(encoding="utf-8"))["cells"]


def test_the_parameters_cell_lists_exactly_the_parameters_of_the_step():
    cell = next(c for c in cells() if "parameters" in c["metadata"].get("tags", []))
    assigned = [
        node.target.id
        for node in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(node, ast.AnnAssign)
    ]
    assert set(assigned) == {"region", *TestParameters.model_fields}
    assert all("#" in line for line in "".join(cell["source"]).splitlines())


def test_every_section_has_its_place_in_the_notebook_and_no_output_is_stored():
    source = "\n".join("".join(c["source"]) for c in cells() if c["cell_type"] == "code")
    for section in SECTIONS:
        assert f"step.{section.__name__}" in source
    assert all(not c.get("outputs") for c in cells())


def test_every_choice_offered_starts_at_the_value_of_the_parameter():
    from eis_lib.lab.controls import Control

    settings = TestParameters()
    offers = {
        "year": (step.YEARS, "as reviewed"),
        "weights": (step.WEIGHTS, "published survey"),
        "duplication_share": (step.SHARES, 0.4),
        "persona": (step.persona_choices(a_review()), "the one hardest to serve"),
    }
    for name, (choice, shown) in offers.items():
        assert Control(name, choice, getattr(settings, name), print).widget.value == shown


def test_another_year_is_taken_from_the_parameters():
    review = a_review(PACKS["koprivnica"], year=2016)
    assert "in 2016" in step.sources(review).answer
