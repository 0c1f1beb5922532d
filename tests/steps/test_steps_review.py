"""The sections of step 6: their prose follows the numbers, and the same rules serve every region."""

import ast
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.charts.picture import specification
from eis_lib.language.templates import Words
from eis_lib.methods import gaps, monitor
from eis_lib.notebook.opening import step_leaves
from eis_lib.pack.pack import Pack, load_common, load_pack
from eis_lib.pack.settings import ParameterError, ReviewParameters, resolve_parameters
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.review import Review, Sources
from eis_lib.section.section import Section
from eis_lib.section.table_text import frame_from_csv, frame_to_csv
from eis_lib.steps import review as step
from eis_lib.steps import test as step_three
from eis_lib.steps.review import _alerts
from eis_lib.steps.review._alerting import _survey_alerts, _surveys_compared
from eis_lib.steps.review._demand import _cells
from eis_lib.steps.review._hindsight import _begin
from eis_lib.steps.review._series import _context_series, _own_series

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"
COMMON = load_common(PARAMETERS)
EXAMPLE = load_pack(PARAMETERS / "example")
HAMPSHIRE = load_pack(PARAMETERS / "hampshire")
POMERANIA = load_pack(PARAMETERS / "pomerania")
SECTIONS = (
    step.headline, step.sources, step.tracking, step.control, step.hindsight, step.alerts, step.landscape_change,
    step.need_change, step.scorecard, step.calendar, step.meaning, step.limits,
)  # fmt: skip
"""Every section but the one that reads the plan, which needs the plan of all regions."""


def a_review(pack=EXAMPLE, *, earlier=None, **parameters):
    sources = Sources(PARAMETERS, (pack.id,), earlier)
    return Review("review", pack, COMMON, ReviewParameters(**parameters), sources, step_leaves)


def changed(pack=EXAMPLE, **tables):
    """Return a pack with some tables replaced; an empty one counts as absent."""
    present = frozenset(pack.present - {name for name, frame in tables.items() if frame.empty})
    return Pack(pack.id, pack.region, {**pack.tables, **tables}, present)


def decided(kind, subject, decision, pack=EXAMPLE):
    row = EXAMPLE.decisions.iloc[:1].assign(
        decision_id="new", subject_kind=kind, subject_id=subject, decision=decision, date="2024-09-01"
    )
    return changed(pack, decisions=pd.concat([EXAMPLE.decisions, row], ignore_index=True))


PACKS = {
    "example": EXAMPLE,
    "hampshire": HAMPSHIRE,
    "pomerania": POMERANIA,
    "bare": changed(
        EXAMPLE,
        **{
            name: EXAMPLE.tables[name].iloc[:0]
            for name in ("measurements", "decisions", "governance", "referrals")
        },
    ),
}


@cache
def outcomes(name):
    """Return every section of a pack, computed once."""
    review = a_review(PACKS[name])
    return {section.__name__: section(review) for section in SECTIONS}


def texts(outcome: Section):
    yield outcome.answer
    yield outcome.how_sure
    yield outcome.to_check
    for chart in outcome.charts.values():
        spec = specification(chart)
        yield spec["description"]
        yield json.dumps((spec["vconcat"][0] if "vconcat" in spec else spec)["title"], ensure_ascii=False)
    if "findings" in outcome.tables:
        yield from outcome.tables["findings"].frame["statement"]


@pytest.mark.parametrize("name", PACKS)
def test_numbers_and_nouns_agree_for_none_one_and_many(name):
    nouns = "service|provider|policy|action|alert|indicator|row|finding|candidate|persona|date|event"
    plurals = (
        "services|providers|policies|actions|alerts|indicators|rows|findings|candidates|personas|dates|events"
    )
    wrong = re.compile(
        rf"\b1 ({plurals})\b|\b(\d\d+|[02-9]) ({nouns})\b|\bnan\b|<NA>|\bNone\b(?! (of|with|is))|  |\(\)|\.\."
    )
    for section, outcome in outcomes(name).items():
        for text in texts(outcome):
            found = wrong.search(text)
            assert not found, f"{section}: …{text[max(0, found.start() - 60) : found.end() + 20]}…"


@pytest.mark.parametrize("name", PACKS)
def test_every_section_answers_and_says_how_sure(name):
    for section, outcome in outcomes(name).items():
        assert outcome.answer.strip(), section
        assert outcome.how_sure.strip(), section


def test_names_of_tables_and_charts_are_unique_in_the_step():
    made = [*outcomes("example").values()]
    for kind, least in (("tables", 15), ("charts", 5)):
        names = [name for outcome in made for name in getattr(outcome, kind)]
        assert len(names) == len(set(names))
        assert len(names) >= least


@pytest.mark.parametrize("table", sorted(set(step.LEAVES) - {"action_decisions"}))
def test_what_others_read_is_left_flat_and_survives_its_csv(table):
    made_by = step.LEAVES[table].__name__
    frame = outcomes("example")[made_by].tables[table].frame
    assert len(frame)
    assert not any(isinstance(cell, (tuple, list)) for column in frame for cell in frame[column])
    text = frame_to_csv(frame)
    assert frame_to_csv(frame_from_csv(text)) == text


def test_the_headline_names_the_region_and_differs_between_regions():
    first, second = (outcomes(name)["headline"].answer for name in ("hampshire", "pomerania"))
    assert "Hampshire" in first
    assert "Pomerania" in second
    assert first != second


def test_findings_have_the_agreed_columns_and_unique_ids():
    for name in PACKS:
        findings = outcomes(name)["meaning"].tables["findings"].frame
        assert tuple(findings.columns) == FINDING_COLUMNS
        assert findings["finding_id"].is_unique
        assert set(findings["status"]) <= {"finding", "candidate", "unknown"}


def test_every_row_a_finding_names_is_in_the_pack():
    for name in PACKS:
        pack = PACKS[name]
        known = {f"services:{s}" for s in pack.services["service_id"]}
        known |= {f"actions:{a}" for a in pack.actions["action_id"]}
        known |= {f"measurements:{i}" for i in pack.measurements["indicator_id"]}
        for rows in outcomes(name)["meaning"].tables["findings"].frame["rows"]:
            assert set(filter(None, rows.split(";"))) <= known


# --- targets ---------------------------------------------------------------------------------------------------


def test_the_invented_indicators_stand_where_they_were_put():
    tracked = outcomes("example")["tracking"].tables["tracking"].frame.set_index("indicator_id")
    assert tracked["state"].to_dict() == {
        "ex-ind-vouchers": "far behind",  # 25 of 25 to 50, nothing gained
        "ex-ind-advice-days": "on track",  # 42 → 31 on the way to 20, half of the time
        "ex-ind-online": "on track",  # 30 of 60 after two of four years
        "ex-ind-first-talks": "on track",  # 59 on the way from 42 to 70
        "ex-ind-warm": "out of date",
        "ex-ind-satisfied": "no way to state it",
    }
    assert tracked.loc["ex-ind-advice-days", "attainment"] == 0.5


def test_a_pack_without_measurements_says_so_and_lists_what_is_missing():
    outcome = outcomes("hampshire")["tracking"]
    assert "no table of measurements" in outcome.answer
    assert not outcome.charts
    wanted = outcome.tables["to_measure"].frame
    assert len(wanted) == len(HAMPSHIRE.actions)
    assert outcome.tables["tracking"].frame.empty


def test_stricter_marks_turn_a_light():
    review = a_review(green=1.2, amber=1.1)
    states = step.tracking(review).tables["tracking"].frame.set_index("indicator_id")["state"]
    assert states["ex-ind-advice-days"] == "far behind"


# --- control charts and alerts ---------------------------------------------------------------------------------


def test_the_rise_of_february_2024_is_found_by_chart_and_change_point():
    answer = step.control(a_review(), indicator="ex-ind-first-talks").answer
    assert "2024-02: outside the limits" in answer
    assert answer.endswith("none.") is False
    assert re.search(r"penalty \d+\): 2024-02\.", answer)


def test_an_unknown_series_is_refused_with_the_nearest_name():
    with pytest.raises(ParameterError, match="Did you mean 'ex-ind-first-talks'"):
        step.control(a_review(), indicator="ex-ind-first-talk")


def test_an_indicator_with_few_values_is_shown_and_gives_no_signal():
    outcome = step.control(a_review(), indicator="ex-ind-advice-days")
    assert "gives no signal" in outcome.answer
    assert (outcome.tables["control_points"].frame["signal"] == "").all()


def test_a_longer_baseline_changes_the_limits():
    lower = [
        step.control(a_review(POMERANIA), baseline_points=n).tables["control_points"].frame["lower"].iloc[0]
        for n in (12, 24)
    ]
    assert lower[0] != lower[1]


def test_no_value_after_the_review_is_looked_at():
    last = outcomes("hampshire")["control"].tables["control_points"].frame["period"].max()
    early = replace(HAMPSHIRE, region=HAMPSHIRE.region.model_copy(update={"review_date": "2026-01-31"}))
    points = step.control(a_review(early)).tables["control_points"].frame
    assert points["period"].max() == "2026-01" < last  # the rates held run beyond it
    assert (
        step.control(a_review(HAMPSHIRE, year=2021)).tables["control_points"].frame["period"].max()
        == "2021-12"
    )


def test_sterling_and_zloty_signal_the_months_worked_out_beforehand():
    # from the rates themselves: sterling +6.4 % in March 2020 and +3.5 % in September 2022; zloty +3.8, +4.5 and +3.1 %
    for pack, opened in ((HAMPSHIRE, ["2020-03", "2022-09"]), (POMERANIA, ["2020-03", "2022-03", "2023-09"])):
        series = next(s for s in _context_series(a_review(pack)) if s.kind == "exchange-rate")
        assert series.events.loc[series.events["prospective"].astype(bool), "opened"].tolist() == opened


def test_a_pegged_rate_gives_no_alert_for_a_tremble():
    denmark = load_pack(PARAMETERS / "central-denmark")
    series = next(s for s in _context_series(a_review(denmark)) if s.kind == "exchange-rate")
    assert series.events.empty
    assert series.ignored > 0


def test_a_chart_that_was_crossed_by_too_little_does_not_say_it_was_kept():
    made = step.control(a_review(load_pack(PARAMETERS / "central-denmark")))
    words = str(made.charts["control_chart"].to_dict())
    assert "DKK per euro crossed its limits by less than 1 %: too little for an alert" in words
    assert "stayed within its limits" not in words


def test_every_alert_names_rule_limit_step_and_due_date():
    for name in PACKS:
        table = outcomes(name)["alerts"].tables["alerts"].frame
        assert tuple(table.columns) == monitor.ALERT_COLUMNS
        assert table["alert_id"].is_unique
        for column in ("rule", "statement", "reopens_step", "owner", "data_vintage", "date"):
            assert table[column].ne("").all(), column
        assert table.loc[table["state"] == "open", "due_date"].ne("").all()
        assert table.loc[table["state"] == "closed", "closed_on"].ne("").all()


def test_two_series_of_one_climate_are_one_alert():
    table = outcomes("pomerania")["alerts"].tables["alerts"].frame
    climate = table[table["kind"] == "business-climate"]
    assert len(climate) == 1
    assert "Economic sentiment" in climate["seen_also_in"].iloc[0]


def test_closed_partnerships_raise_an_alert_that_names_what_is_left():
    table = outcomes("hampshire")["alerts"].tables["alerts"].frame.set_index("subject")
    row = table.loc["enterprise-m3-lep"]
    assert (row["kind"], row["state"], row["reopens_step"]) == ("provider-closed", "open", "map")
    assert "ham-em3-scaleup" in row["affects_services"]


def test_series_that_ended_together_are_one_alert():
    table = outcomes("hampshire")["alerts"].tables["alerts"].frame
    stale = table[table["kind"] == "stale"]
    together = stale[stale["seen_also_in"].fillna("") != ""]
    assert together["seen_also_in"].str.count("Industrial confidence").sum() == 1
    assert "Industrial confidence (UK)" in together["seen_also_in"].tolist()
    assert stale["alert_id"].is_unique


def test_a_confirmed_alert_is_decided_and_moves_the_baseline():
    pack = decided("alert", "measurement:ex-ind-first-talks:2024-02", "confirmed")
    series = next(s for s in _own_series(a_review(pack)) if s.key == "ex-ind-first-talks")
    assert series.chart["phase"].max() == 1
    table = step.alerts(a_review(pack)).tables["alerts"].frame.set_index("alert_id")
    row = table.loc["measurement:ex-ind-first-talks:2024-02"]
    assert (row["state"], row["decision"], row["due_date"]) == ("decided", "confirmed", "")


def test_a_programme_that_closes_within_six_months_is_an_alert():
    ending = EXAMPLE.policies.assign(
        end_year=EXAMPLE.policies["end_year"].mask(EXAMPLE.policies["policy_id"] == "ex-export-plan", 2024)
    )
    table = step.alerts(a_review(changed(policies=ending))).tables["alerts"].frame
    row = table[table["kind"] == "programme-closing"].iloc[0]
    assert (row["subject"], row["value"], row["reopens_step"]) == ("ex-export-plan", 92, "plan")


def test_what_is_not_watched_is_said():
    triggers = outcomes("hampshire")["alerts"].tables["triggers"].frame.set_index("trigger")
    assert triggers.loc["Tariff or sanctions change in a top-5 market", "watched"] == "no"
    assert triggers.loc["Own indicator far behind its target", "remark"] == "no table of measurements"


def test_a_newer_survey_that_moves_a_top_gap_is_an_alert():
    # two surveys of the same country: before 2023 digital skills weigh most, after it finance
    def survey(year, shares):
        return COMMON.barriers.iloc[:3].assign(
            ref_area="XX", year=year, population="firms", source_title=f"Survey of {year}", barrier=list(shares),
            barrier_name=list(shares), share_percent=list(shares.values()),
        )  # fmt: skip

    old = survey(2020, {"digital-capability": 90.0, "finance": 5.0, "payment-security": 5.0})
    new = survey(2023, {"digital-capability": 1.0, "finance": 94.0, "payment-security": 5.0})
    common = replace(COMMON, barriers=pd.concat([old, new], ignore_index=True))
    review = Review(
        "review", EXAMPLE, common, ReviewParameters(), Sources(PARAMETERS, ("example",)), step_leaves
    )
    before, now, top_then, top_now = _surveys_compared(review, 2022)
    assert (before.split("-")[1][:4], now.split("-")[1][:4]) == ("2020", "2023")
    assert top_then != top_now
    alerts = _survey_alerts(review, 2022)
    assert [a["kind"] for a in alerts] == ["survey-shift"]
    assert _survey_alerts(review, 2023) == []


def test_a_survey_grown_too_old_is_no_newer_survey():
    rows = COMMON.barriers[COMMON.barriers["ref_area"] == "EU25"]
    review = replace(a_review(year=2022), common=replace(COMMON, barriers=rows))
    before, now, _then, _now = _surveys_compared(review, 2020)
    assert (before, now) == ("EU25-2006", "")
    assert _survey_alerts(review, 2020) == []
    words = Words(_alerts.__file__)
    assert words.surveys_to_use(before, now) == "EU25-2006 then, no survey now"
    assert words.surveys_to_use("", "") == "no survey to use at either date"


# --- hindsight -------------------------------------------------------------------------------------------------


def test_nothing_could_be_signalled_in_2016():
    for name in ("hampshire", "pomerania"):
        table = outcomes(name)["hindsight"].tables["hindsight"].frame
        assert set(table.loc[table["shock_month"] == "2016-06", "verdict"]) <= {
            "no data",
            "too few points yet",
        }


def test_where_the_series_begin_is_read_off_them():
    review = a_review(load_pack(PARAMETERS / "central-denmark"))
    months, years = _context_series(review), _context_series(review, annual_twins=True)
    assert _begin(months, years) == (
        "Monthly series held here begin in 2019; annual series held here begin in 2008 and 2010; before 2016 no series had the 10 "
        "points a signal takes."
    )
    long = [replace(s, chart=pd.concat([s.chart.assign(period="2001")] * 2)) for s in months[:1]]
    assert _begin(long).endswith("limits stood before 2016.")


def test_the_same_series_as_levels_are_noisier_than_as_changes():
    table = outcomes("pomerania")["hindsight"].tables["hindsight"].frame
    one = table.drop_duplicates(["series", "basis"])
    rate = one[one["series"] == "PLN per euro"].set_index("basis")
    assert rate.loc["change on the month before", "reading"] == "useful"
    assert rate.loc["level", "reading"] == "noise"
    assert rate.loc["level", "calm_signals"] > rate.loc["change on the month before", "calm_signals"]


# --- what changed ----------------------------------------------------------------------------------------------


def test_a_row_found_later_is_told_apart_from_a_new_service():
    table = outcomes("example")["landscape_change"].tables["landscape_change"].frame.set_index("id")
    assert table.loc["ex-adviser-school", ["change", "nature"]].tolist() == ["entered record", "better data"]
    assert table.loc["ex-go-local", ["change", "nature"]].tolist() == ["added", "real change"]
    assert table.loc["ex-web-shop", ["change", "nature"]].tolist() == ["closed", "real change"]


def test_a_replaced_service_names_its_successor():
    diff = (
        step.landscape_change(a_review(), previous_year=2021).tables["landscape_change"].frame.set_index("id")
    )
    assert diff.loc["ex-voucher-board", ["change", "counterpart"]].tolist() == ["replaced", "ex-voucher"]
    assert diff.loc["ex-voucher", "counterpart"] == "ex-voucher-board"


def test_a_year_compared_with_itself_shows_no_change():
    outcome = step.landscape_change(a_review(), previous_year=2024)
    assert outcome.tables["landscape_change"].frame.empty
    assert step.need_change(a_review(), previous_year=2024).tables["gap_change"].frame.empty


def test_a_year_after_the_review_is_read_as_the_review_itself():
    assert step.landscape_change(a_review(), previous_year=2030).tables["landscape_change"].frame.empty


def test_demand_is_judged_as_in_step_three():
    review = a_review()
    mine = _cells(review, review.year)
    theirs = review.earlier("test", "gap_cells")
    key = ["persona_id", "stage", "need"]
    both = mine.merge(theirs, on=key, suffixes=("_mine", "_theirs"))
    assert len(both) == len(mine) == len(theirs)
    assert (both["status_mine"] == both["status_theirs"]).all()
    share = gaps.coverage_share(mine)[0]
    assert f"and {share:.0%} in 2024" in outcomes("example")["need_change"].answer
    assert step_three.LEAVES["gap_cells"] is not None


# --- governance, actions, calendar -----------------------------------------------------------------------------


def test_coordination_nobody_recorded_is_unknown():
    assert "recorded coordinator" in outcomes("hampshire")["scorecard"].answer.split("nothing to count")[1]


def test_actions_are_decided_proposed_or_added(tmp_path):
    folder = tmp_path / "example" / "tables"
    for name, text in {
        "plan/recommendations": "rank,recommendation_id,title,why,status,need\n"
        "1,gap:a,Help with <taxes>,Nobody helps,proposed,foreign-taxes\n"
        "2,gap:b,Help with language,Nobody helps,proposed,language-skills\n"
        "3,gap:c,Help with complaints,Nobody helps,rejected,cross-border-complaints\n",
    }.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    outcome = step.action_decisions(a_review(earlier=tmp_path))
    table = outcome.tables["action_decisions"].frame.set_index("action_id")
    assert table.loc["ex-act-more-vouchers", "proposal"] == "adapt"
    assert table.loc["ex-act-web-shop", ["state", "proposal", "decision"]].tolist() == [
        "stopped",
        "stop",
        "stop",
    ]
    assert table.loc["gap:a", ["state", "proposal"]].tolist() == ["not begun", "add"]
    assert "gap:b" not in table.index  # the language pool is planned
    assert "gap:c" not in table.index  # rejected
    assert "&lt;taxes&gt;" in outcome.answer


def test_the_calendar_is_in_order_and_holds_the_full_review():
    table = outcomes("example")["calendar"].tables["calendar"].frame
    assert table["date"].is_monotonic_increasing
    assert "2025-09-30" in set(table.loc[table["what"].str.startswith("Keep a snapshot"), "date"])


def test_text_of_a_pack_is_shown_as_the_text_it_is():
    rows = EXAMPLE.measurements.assign(indicator_name="<script>alert(1)</script>")
    outcome = step.tracking(a_review(changed(measurements=rows)))
    assert "<script>" not in outcome.answer
    assert "&lt;script&gt;" in outcome.answer


def test_the_parameters_cell_of_the_notebook_names_every_parameter():
    notebook = json.loads((ROOT / "workbooks" / "6_review.ipynb").read_text("utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    assigned = {
        node.target.id for node in ast.parse(cells["parameters"]).body if isinstance(node, ast.AnnAssign)
    }
    assert assigned == {"region", *ReviewParameters.model_fields}
    called = set(re.findall(r"book\.explore\(step\.(\w+)", "".join(cells.values())))
    assert called == {section.__name__ for section in (*SECTIONS, step.action_decisions)}
    assert cells["made"] == "book.provenance()"


def test_a_baseline_below_ten_points_is_refused_in_words():
    with pytest.raises(
        ParameterError, match="baseline_points: holds 4; allowed: a whole number, at least 10"
    ):
        resolve_parameters("review", {"baseline_points": 4}, {})
