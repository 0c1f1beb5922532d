"""Recommendations: made from findings, leaning on lessons, decided by people; and what a plan has to pass."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.methods import recommendation as advice
from eis_lib.pack.vocabulary import load_vocabulary
from eis_lib.section.finding import FINDING_COLUMNS

VOCABULARY = load_vocabulary(Path(__file__).resolve().parents[2] / "parameters" / "_common")
PERSONAS = pd.DataFrame({"persona_id": ["p1", "p2"], "weight": [0.6, 0.4]})


def finding(finding_id: str, **values: object) -> dict[str, object]:
    _, kind, subject = finding_id.split(":", 2)
    base = {
        "finding_id": finding_id,
        "kind": kind,
        "subject": subject,
        "statement": "So it is.",
        "value": 0.1,
        "unit": "",
        "how_sure": "low",
    }
    return {**base, "status": "candidate", "rows": "", **values}  # fmt: skip


def gap(gap_id: str, score: float, status: str = "candidate", personas: str = "p1") -> dict[str, object]:
    kind, stage, need = gap_id.split(":")
    return {
        "gap_id": gap_id, "kind": kind, "stage": stage, "need": need, "weight": score, "score": score, "status": status,
        "because": "", "service_ids": "", "persona_ids": personas,
    }  # fmt: skip


def match(practice_id: str, gap_ids: str, **values: object) -> dict[str, object]:
    return {
        "practice_id": practice_id, "region": "there", "region_name": "There", "title": f"Practice {practice_id}", "support_type": "loan",
        "gap_ids": gap_ids, "needs": "finance", "context_fit": 0.5, "evidence_grade": 1.0, "effort": "medium", "cost_eur_per_year": math.nan,
    } | values  # fmt: skip


PAIR = {
    "pair_id": "s1~s2", "service_a": "s1", "service_b": "s2", "status": "candidate", "shared_needs": "finance", "reason": "",
    "decided_by": "", "decided_on": "",
}  # fmt: skip
MATCH_COLUMNS = list(match("x", ""))
DECISIONS = pd.DataFrame(columns=["subject_kind", "subject_id", "decision", "decided_by", "date"])
REMARKS = pd.DataFrame(columns=["review_id", "kind", "barrier", "statement"])


def evidence(**frames: object) -> advice.Evidence:
    cells = pd.DataFrame(
        [("p1", "enter", "finance", 0.2, "served", 2, "s1;s2")],
        columns=["persona_id", "stage", "need", "weight", "status", "open_services", "service_ids"],
    )
    base = advice.Evidence(
        findings=pd.DataFrame([finding("test:gap:absolute:enter:finance")], columns=list(FINDING_COLUMNS)),
        gaps=pd.DataFrame(
            [gap("absolute:enter:finance", 0.08), gap("absolute:grow:finance", 0.02, personas="p2")]
        ),
        gap_cells=cells,
        candidates=pd.DataFrame([PAIR]),
        matches=pd.DataFrame(columns=MATCH_COLUMNS),
        remarks=REMARKS,
        decisions=DECISIONS,
        support_type_barriers=pd.DataFrame({"support_type": ["loan"], "barrier": ["finance"]}),
        services=pd.DataFrame(
            {"service_id": ["s1", "s2"], "name": ["One", "Two"], "provider_id": ["a", "b"]}
        ),
    )
    return replace(base, **frames)


def recommend(given: advice.Evidence) -> pd.DataFrame:
    return advice.recommend(given, VOCABULARY, PERSONAS).set_index("recommendation_id")


def test_gaps_of_one_kind_and_need_make_one_recommendation_that_names_its_findings_and_rows() -> None:
    row = recommend(evidence()).loc["gap:absolute:finance"]
    assert row["option"] == "add"
    assert row["findings"] == "test:gap:absolute:enter:finance"
    assert row["rows"] == "gaps:absolute:enter:finance;gaps:absolute:grow:finance"
    assert row["value"] == pytest.approx(0.10)
    assert row["firms"] == pytest.approx(1.0)
    assert row["status"] == "proposed"


def test_without_a_finding_nothing_is_recommended() -> None:
    assert recommend(
        evidence(findings=pd.DataFrame(columns=list(FINDING_COLUMNS)).astype({"finding_id": "str"}))
    ).empty


def test_a_gap_that_people_rejected_makes_no_recommendation() -> None:
    gaps = pd.DataFrame([gap("absolute:enter:finance", 0.08, status="rejected")])
    assert recommend(evidence(gaps=gaps)).empty


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("absolute", "add"),
        ("eligibility", "redesign"),
        ("access", "redesign"),
        ("capacity", "add"),
        ("awareness", "coordinate"),
    ],
)
def test_each_kind_of_gap_has_its_option(kind: str, option: str) -> None:
    found = evidence(
        findings=pd.DataFrame([finding(f"test:gap:{kind}:enter:finance")]),
        gaps=pd.DataFrame([gap(f"{kind}:enter:finance", 0.1)]),
    )
    assert recommend(found)["option"].tolist() == [option]


def pair_evidence(status: str) -> advice.Evidence:
    return evidence(
        findings=pd.DataFrame([finding("test:duplication:s1~s2")]),
        candidates=pd.DataFrame([{**PAIR, "status": status, "decided_by": "board"}]),
    )


@pytest.mark.parametrize(
    ("status", "option"),
    [
        ("candidate", "coordinate"),
        ("confirmed", "coordinate"),
        ("kept-on-purpose", "keep"),
        ("effect-assessed", "merge"),
        ("close", "close"),
    ],
)
def test_look_alikes_are_closed_only_where_people_decided_to(status: str, option: str) -> None:
    row = recommend(pair_evidence(status)).iloc[0]
    assert row["option"] == option
    assert row["weight"] == pytest.approx(0.2)  # the cell both serve


def test_no_option_to_close_is_open_for_a_pair_nobody_validated() -> None:
    table = advice.list_options(pd.DataFrame([PAIR])).set_index("option")
    assert table["open"].to_dict() == {
        "keep": "yes",
        "coordinate": "yes",
        "merge": "no: nobody has confirmed the pair",
        "transfer": "no: nobody has confirmed the pair",
        "redesign": "no: nobody has confirmed the pair",
        "close": "no: similarity alone is no reason",
    }


def test_closing_opens_only_after_effects_are_assessed() -> None:
    by_status = {
        status: advice.list_options(pd.DataFrame([{**PAIR, "status": status}]))
        .set_index("option")
        .at["close", "open"]
        for status in ("confirmed", "effect-assessed")
    }
    assert by_status == {"confirmed": "no: effects not assessed", "effect-assessed": "yes"}


def test_the_lesson_is_the_practice_whose_instrument_lowers_the_barrier() -> None:
    matches = pd.DataFrame(
        [
            match("p-fair", "absolute:enter:finance", support_type="trade-fair", evidence_grade=4.0),
            match("p-loan", "absolute:enter:finance", cost_eur_per_year=50000.0),
            match("p-other", "absolute:enter:awareness"),
        ]
    )
    row = recommend(evidence(matches=matches)).iloc[0]
    assert row["practice_id"] == "p-loan"
    assert row["lessons"] == "practice:there/p-loan;practice:there/p-fair"
    assert (row["cost_eur_per_year"], row["effort"], row["evidence_grade"]) == (50000, "medium", 1)
    assert row["cost_basis"] == "published cost a year in There, not scaled"


def test_without_a_practice_cost_stays_missing_and_evidence_is_none() -> None:
    row = recommend(evidence()).iloc[0]
    assert math.isnan(row["cost_eur_per_year"])
    assert (row["practice_id"], row["lessons"], row["evidence_grade"], row["effort"]) == ("", "", 0, "high")


def test_a_remark_of_peers_on_the_same_need_is_a_lesson() -> None:
    remarks = pd.DataFrame(
        [("pr-1", "weakness", "finance", "No money."), ("pr-2", "strength", "finance", "Fine.")],
        columns=REMARKS.columns,
    )
    assert recommend(evidence(remarks=remarks)).iloc[0]["lessons"] == "peer-review:pr-1"


def test_what_people_decided_last_is_the_status() -> None:
    decisions = pd.DataFrame(
        [
            ("recommendation", "gap:absolute:finance", "confirmed", "board", "2024-05-01"),
            ("recommendation", "gap:absolute:finance", "rejected", "board", "2024-06-01"),
        ],
        columns=DECISIONS.columns,
    )
    row = recommend(evidence(decisions=decisions)).iloc[0]
    assert (row["status"], row["decided_by"], row["decided_on"]) == ("rejected", "board", "2024-06-01")


def test_published_actions_meet_recommendations_by_need_or_service() -> None:
    proposals = advice.recommend(pair_evidence("candidate"), VOCABULARY, PERSONAS)
    actions = pd.DataFrame(
        {
            "action_id": ["a1", "a2", "a3"],
            "barriers_addressed": [("finance",), (), ("awareness",)],
            "services": [("s1",), ("s2",), ()],
            "support_type": ["loan", "loan", "loan"],
        }
    )
    pairs = advice.meet(actions, proposals)
    assert dict(zip(pairs["action_id"], pairs["shares"], strict=True)) == {
        "a1": "need and service",
        "a2": "service",
    }


def test_only_plain_euros_are_read_as_amounts() -> None:
    read = advice.parse_funding
    assert read("ERDF 120000; Town 60000.50") == [("ERDF", 120000.0), ("Town", 60000.5)]
    for text in (
        "Alentejo 2020",
        "RPO 2014-2020",
        "ERDF DKK 225m",
        "25m GBP government",
        "ERDF 2021-27 for 5 million; rest not stated",
    ):
        assert all(math.isnan(amount) for _, amount in read(text)), text
    assert read(float("nan")) == []


def test_sources_are_held_against_the_cost() -> None:
    table = advice.funding_table(
        pd.DataFrame(
            {
                "action_id": list("abcde"),
                "cost_eur": [100000.0, 100000.0, 100000.0, math.nan, 5.0],
                "funding": ["ERDF 60000; Town 40000", "ERDF 60000", "ERDF", "ERDF", math.nan],
            }
        )
    ).drop_duplicates("action_id")
    assert table["adds_up"].tolist() == [
        "yes",
        "no",
        "amounts not published",
        "cost not published",
        "no source named",
    ]


def test_exactly_one_body_is_accountable() -> None:
    rows = [
        ("x", "A1", "A"),
        ("x", "A1", "R"),
        ("y", "A1", "A"),
        ("y", "B1", "A"),
        ("y", "B1", "R"),
        ("z", "A1", "A"),
    ]
    faults = advice.raci_faults(pd.DataFrame(rows, columns=["action_id", "body", "role"]))
    assert list(faults.itertuples(index=False, name=None)) == [("y", 2, 1), ("z", 1, 0)]


SOUND = {
    "action_id": "x", "findings": "test:gap:x", "lessons": "practice:there/p", "players": "Council: answers for the action;Chamber: is consulted",
    "accountable": "Council", "start_year": 2027, "end_year": 2029, "costs_eur": 100000.0, "funding": "ERDF 60000; Town 40000",
    "instrument_name": "Programme", "date": "", "signature": "", "stamp": "",
}  # fmt: skip


def test_a_sound_action_passes_every_check() -> None:
    assert set(advice.check_plan(pd.DataFrame([SOUND]))["passed"]) == {"yes"}


@pytest.mark.parametrize(
    ("change", "check", "passed"),
    [
        ({"findings": ""}, "finding", "no"),
        ({"lessons": ""}, "lesson", "no"),
        ({"players": "Council: answers;Chamber"}, "players", "no"),
        ({"accountable": "Council;Chamber"}, "accountable", "no"),
        ({"end_year": 2026}, "timeframe", "no"),
        ({"funding": ""}, "funding", "no"),
        ({"funding": "ERDF 60000"}, "sum", "no"),
        ({"costs_eur": math.nan, "funding": ""}, "funding", "not applicable"),
        ({"instrument_name": ""}, "instrument", "no"),
        ({"signature": "A. Person"}, "signature", "no"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_each_check_can_fail(change: dict[str, object], check: str, passed: str) -> None:
    checks = advice.check_plan(pd.DataFrame([{**SOUND, **change}])).set_index("check")
    assert checks.at[check, "passed"] == passed


def test_indicators_carry_the_codes_of_their_period_and_one_of_their_own() -> None:
    new = advice.indicators_for("add", "grant", "2021-2027", has_practice=True)
    assert [code for _, code, _ in new] == ["RCO02", "RCR19", "RCR104", ""]
    old = advice.indicators_for("coordinate", "", "2014-2020", has_practice=False)
    assert [(level, code) for level, code, _ in old] == [("output", "CO04"), ("programme-specific", "")]
    assert "exports" in advice.NO_EXPORT_CODE
