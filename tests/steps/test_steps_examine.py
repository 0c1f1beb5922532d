"""The sections of step 2: what they say follows from the rows, and what the rows lack is said to be unknown."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eis_lib.methods import policy
from eis_lib.pack.pack import Pack, load_common, load_pack
from eis_lib.pack.settings import ExamineParameters
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.method import GATHERED
from eis_lib.section.review import Review, Sources
from eis_lib.section.section import Section
from eis_lib.section.table_text import frame_from_csv, frame_to_csv
from eis_lib.steps import examine as step

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"
COMMON = load_common(PARAMETERS)
EXAMPLE = load_pack(PARAMETERS / "example")
SECTIONS = (
    step.headline,
    step.sources,
    step.demand,
    step.barrier_coverage,
    step.delivery,
    step.services_backed,
    step.money,
    step.logic,
    step.objectives,
    step.coherence,
    step.criteria,
    step.agreement,
    step.governance,
    step.meaning,
    step.limits,
)
OPTIONAL = ("governance", "assessments", "coherence", "measurements", "decisions")


def a_review(pack=EXAMPLE, common=COMMON, **parameters):
    values = ExamineParameters(**{"draws": 100, **parameters})
    return Review("examine", pack, common, values, Sources(PARAMETERS, (pack.id,)))


def with_tables(**tables):
    """Return the invented region with some tables replaced; an empty one counts as absent."""
    absent = {name for name, frame in tables.items() if frame.empty}
    return Pack(
        "example",
        EXAMPLE.region,
        {**EXAMPLE.tables, **tables},
        EXAMPLE.present - absent | (tables.keys() - absent),
    )


BARE = with_tables(**{name: EXAMPLE.tables[name].iloc[:0] for name in OPTIONAL})


@cache
def sections_of(name: str) -> dict[str, Section]:
    pack = {"example": EXAMPLE, "bare": BARE}.get(name) or load_pack(PARAMETERS / name)
    return {section.__name__: section(a_review(pack)) for section in SECTIONS}


@pytest.mark.parametrize("name", ["example", "bare", "donegal", "koprivnica"])
def test_every_section_answers_and_says_how_sure(name):
    for title, section in sections_of(name).items():
        assert section.answer.strip(), title
        assert title == "limits" or section.how_sure, title
        assert re.search(r"\bnan\b|None(?! names)|<NA>|\bno [a-z]+ of \d", section.answer) is None, (
            title,
            section.answer,
        )


@pytest.mark.parametrize("name", ["example", "bare", "donegal", "koprivnica"])
def test_names_are_unique_and_tables_are_flat(name):
    tables = [key for section in sections_of(name).values() for key in section.tables]
    drawn = [key for section in sections_of(name).values() for key in section.charts]
    assert len(set(tables)) == len(tables)
    assert len(set(drawn)) == len(drawn)
    assert len(drawn) >= 5
    for section in sections_of(name).values():
        for key, table in section.tables.items():
            cells = table.frame.map(lambda cell: isinstance(cell, (tuple, list, dict, set)))
            assert not cells.to_numpy().any(), key
            assert frame_from_csv(frame_to_csv(table.frame)).shape == table.frame.shape, key


@pytest.mark.parametrize("name", ["example", "bare", "donegal", "koprivnica"])
def test_each_table_left_for_later_steps_is_made_where_it_is_said_to_be(name):
    for table, section in step.LEAVES.items():
        assert table in sections_of(name)[section.__name__].tables, table
    gathered = {table for table, source in GATHERED.items() if source == "examine"}
    assert gathered <= set(step.LEAVES)


@pytest.mark.parametrize("name", ["example", "bare", "donegal", "koprivnica"])
def test_findings_rest_on_rows_that_exist_and_come_surest_first(name):
    found = sections_of(name)["meaning"].tables["findings"].frame
    pack = {"example": EXAMPLE, "bare": BARE}.get(name) or load_pack(PARAMETERS / name)
    assert list(found.columns) == list(FINDING_COLUMNS)
    assert found["finding_id"].is_unique
    assert list(found["status"]) == sorted(found["status"], key=["finding", "candidate", "unknown"].index)
    keys = {
        table: set(frame.iloc[:, 0])
        for table, frame in pack.tables.items()
        if table not in {"referrals", "coherence"}
    }
    keys["barriers"] = set(policy.list_surveys(COMMON.barriers)["survey_id"])
    for row in found.itertuples():
        assert row.rows, row.finding_id
        for reference in row.rows.split(";"):
            table, _, key = reference.partition(":")
            assert key in keys[table], reference


def test_the_first_screen_names_the_region_and_its_counts():
    answer = sections_of("donegal")["headline"].answer
    pack = load_pack(PARAMETERS / "donegal")
    standing = policy.standing(pack.policies, pack.region.review_year).isin(["in-force", "undated"]).sum()
    assert f"{standing} of the {len(pack.policies)} policies on record for Donegal" in answer
    assert answer.count("\n- ") in range(2, 5)


def test_prose_differs_between_regions():
    for name in ("headline", "barrier_coverage", "governance", "meaning"):
        assert sections_of("donegal")[name].answer != sections_of("koprivnica")[name].answer


def test_the_year_moves_what_stands():
    review = a_review(load_pack(PARAMETERS / "donegal"))
    then = step.delivery(review, year=2019).tables["alignment"].frame.set_index("policy_id")["standing"]
    assert then["don-eis-action-plan"] == "in-force"
    later = step.delivery(review, year=2026).tables["alignment"].frame.set_index("policy_id")["standing"]
    assert later["don-eis-action-plan"] == "ended"


def test_without_ratings_nothing_is_assessed_and_nothing_is_zero():
    section = sections_of("bare")["criteria"]
    frame = section.tables["criteria"].frame
    assert set(frame["status"]) == {"not assessed"}
    assert frame["level"].isna().all()
    assert "not assessed" in section.answer
    assert "undefined" in sections_of("bare")["agreement"].answer


def test_without_judgements_the_matrix_is_blank_and_pairs_are_candidates():
    section = sections_of("bare")["coherence"]
    assert "blank, not neutral" in section.answer
    assert set(section.charts) <= {"coherence_candidates"}
    assert len(section.tables["coherence_candidates"].frame) > 0


def test_without_governance_rows_owners_decide_and_coordination_is_unknown():
    section = sections_of("bare")["governance"]
    roles = section.tables["governance_roles"].frame
    assert set(roles["role"]) == {"decides", "delivers"}
    assert set(roles["basis"]) == {"derived"}
    areas = section.tables["governance_areas"].frame
    coordinates = areas[(areas["role"] == "coordinates") & (areas["state"] != "no policy")]
    assert set(coordinates["state"]) == {"not recorded"}
    assert "unknown rather than absent" in section.answer


def test_without_measurements_indicators_cannot_be_judged():
    frame = sections_of("bare")["logic"].tables["logic_summary"].frame.set_index("fault")
    assert frame.loc["indicator-no-target", "judged"] == 0
    assert "cannot be judged" in sections_of("bare")["logic"].answer


def test_an_absent_table_is_named_as_absent():
    assert (
        "no table of governance, assessments, coherence and measurements"
        in sections_of("bare")["sources"].answer
    )


def test_the_regions_own_survey_replaces_the_published_one():
    code = EXAMPLE.region.nuts_code
    own = COMMON.barriers.head(3).assign(
        ref_area=code,
        barrier=["finance", "awareness", "legal-rules"],
        share_percent=[10.0, 30.0, 20.0],
        population="firms of the region",
        year=2023,
        source_title="Survey of the region",
    )
    common = replace(COMMON, barriers=pd.concat([COMMON.barriers, own], ignore_index=True))
    section = step.demand(a_review(common=common, weights="own"))
    frame = section.tables["demand"].frame.set_index("barrier")
    assert frame.loc["awareness", "weight"] == pytest.approx(0.5)  # 30 of 10 + 30 + 20
    assert frame["asked"].sum() == 3
    assert set(frame["survey_id"]) == {f"{code}-2023"}
    assert "Survey of the region" in section.answer


def test_asking_for_an_own_survey_that_is_not_there_says_what_stands_in():
    section = step.demand(a_review(weights="own"))
    assert "no survey of its own" in section.answer
    assert "ref_area XX01" in section.answer


def test_the_reader_moves_the_weights():
    review = a_review(load_pack(PARAMETERS / "donegal"))
    equal = step.barrier_coverage(review, weights="equal").tables["barrier_coverage"].frame
    published = step.barrier_coverage(review, weights="published").tables["barrier_coverage"].frame
    assert equal["weight"].max() == equal["weight"].min()
    assert published["weight"].sum() == pytest.approx(1)
    assert published["weight"].isna().any()


def test_the_reader_moves_the_criterion():
    section = step.criteria(a_review(), criterion="relevance")
    assert set(section.tables["criteria"].frame["criterion"]) == {"relevance"}
    assert set(section.tables["rubric"].frame["criterion"]) == {"relevance"}
    assert set(step.CRITERION_CHOICES.values()) == {"all", *policy.CRITERIA}


def test_agreement_is_that_of_the_ratings_in_the_table():
    section = sections_of("example")["agreement"]
    whole = section.tables["agreement"].frame.iloc[0]
    expected = policy.krippendorff_alpha(policy.ratings_matrix(EXAMPLE.assessments))
    assert whole["alpha"] == pytest.approx(expected)
    assert f"{expected:.3f}" in section.answer
    few = section.tables["agreement"].frame
    assert set(few.loc[few["units"] < step.LEAST_UNITS, "reading"]) <= {"too few units"}


def decisions(finding_id, decision):
    return EXAMPLE.decisions.head(1).assign(
        subject_kind="candidate", subject_id=finding_id, decision=decision
    )


def test_a_confirmed_candidate_becomes_a_finding_and_a_rejected_one_goes():
    before = sections_of("example")["meaning"].tables["findings"].frame.set_index("finding_id")
    finding_id = next(key for key in before.index if before.loc[key, "status"] == "candidate")
    confirmed = step.meaning(a_review(with_tables(decisions=decisions(finding_id, "confirmed"))))
    row = confirmed.tables["findings"].frame.set_index("finding_id").loc[finding_id]
    assert row["status"] == "finding"
    assert "Confirmed by" in row["statement"]
    rejected = step.meaning(a_review(with_tables(decisions=decisions(finding_id, "rejected"))))
    assert finding_id not in set(rejected.tables["findings"].frame["finding_id"])


def test_a_gap_is_a_finding_only_by_a_survey_near_in_place_and_time():
    far = sections_of("koprivnica")["meaning"].tables["findings"].frame
    assert "need-no-policy" not in set(far["kind"])
    assert set(far.loc[far["kind"] == "need-unmeasured", "status"]) == {"unknown"}
    own = COMMON.barriers.head(3).assign(
        ref_area="HR",
        barrier=["language-skills", "foreign-taxes", "delivery-costs"],
        year=2024,
        population="exporters",
        source_title="Survey",
    )
    pack = load_pack(PARAMETERS / "koprivnica")
    # a standing policy of which nobody coded the barriers could name any of them
    told = pack.policies[pack.policies["barriers_addressed"].map(len) > 0]
    near = (
        step.meaning(
            a_review(
                replace(pack, tables={**pack.tables, "policies": told}),
                replace(COMMON, barriers=pd.concat([COMMON.barriers, own])),
            )
        )
        .tables["findings"]
        .frame
    )
    assert set(near.loc[near["kind"] == "need-no-policy", "status"]) == {"finding"}


def test_text_of_a_pack_is_shown_as_it_stands():
    policies = EXAMPLE.policies.copy()
    policies["title"] = ["<script>alert(1)</script> *bold*", *policies["title"][1:]]
    policies["delivered_by"] = [()] * len(policies)
    answer = step.delivery(a_review(with_tables(policies=policies))).answer
    assert "<script>" not in answer
    assert r"\*bold\*" in answer


def test_a_region_with_no_policy_in_force_is_answered_all_the_same():
    policies = EXAMPLE.policies.assign(end_year=pd.array([2021] * len(EXAMPLE.policies), dtype="Int64"))
    review = a_review(with_tables(policies=policies), year=2024)
    for section in SECTIONS:
        answer = section(review).answer
        assert answer, section.__name__
        assert re.search(r"\bnan\b|<NA>", answer) is None, (section.__name__, answer)


def test_a_body_that_ceased_leaves_its_policies_without_an_answer():
    providers = EXAMPLE.providers.copy()
    owner = EXAMPLE.policies.set_index("policy_id").loc["ex-port-plan", "owner"]
    providers["end_year"] = providers["end_year"].mask(providers["provider_id"] == owner, 2021)
    policies = EXAMPLE.policies.assign(end_year=pd.array([pd.NA] * len(EXAMPLE.policies), dtype="Int64"))
    found = (
        step.meaning(a_review(with_tables(providers=providers, policies=policies))).tables["findings"].frame
    )
    assert "examine:owner-ceased:ex-port-plan" in set(found["finding_id"])


def test_the_same_review_gives_the_same_tables_twice():
    again = {
        section.__name__: section(a_review()) for section in (step.agreement, step.governance, step.meaning)
    }
    for name, section in again.items():
        for key, table in section.tables.items():
            assert frame_to_csv(table.frame) == frame_to_csv(sections_of("example")[name].tables[key].frame)


def test_shares_in_the_findings_are_shares():
    for name in ("example", "donegal", "koprivnica"):
        found = sections_of(name)["meaning"].tables["findings"].frame
        shares = found.loc[found["unit"].fillna("").str.startswith("share"), "value"]
        assert shares.between(0, 1).all()
        assert np.isfinite(shares).all()


def test_money_is_drawn_only_where_a_budget_is_published():
    pack = load_pack(PARAMETERS / "hampshire")
    policies = pack.policies.assign(budget_eur=float("nan"))
    bare = step.money(a_review(replace(pack, tables={**pack.tables, "policies": policies})))
    assert bare.charts == {}
    assert "no budget that we found" in bare.answer
    first = policies.index[0]
    policies.loc[first, "budget_eur"] = 1e6
    assert set(step.money(a_review(replace(pack, tables={**pack.tables, "policies": policies}))).charts) == {
        "money"
    }
