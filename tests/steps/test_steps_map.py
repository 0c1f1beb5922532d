"""The sections of step 1: their prose follows the numbers, their tables carry what later steps read."""

import ast
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.charts.picture import specification
from eis_lib.pack.pack import Pack, load_common, load_pack
from eis_lib.pack.settings import MapParameters
from eis_lib.section.finding import FINDING_COLUMNS
from eis_lib.section.review import Review, Sources
from eis_lib.section.section import Section
from eis_lib.section.table_text import frame_from_csv, frame_to_csv
from eis_lib.steps import map as step
from eis_lib.steps.map._view import _chart_names, _short
from eis_lib.steps.shared.landscape import view

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"
COMMON = load_common(PARAMETERS)
EXAMPLE = load_pack(PARAMETERS / "example")
SECTIONS = (
    step.headline,
    step.sources,
    step.completeness,
    step.in_force,
    step.years,
    step.coverage,
    step.need_areas,
    step.codings,
    step.concentration,
    step.providers,
    step.network,
    step.meaning,
    step.limits,
)


def a_review(pack=EXAMPLE, **parameters):
    return Review("map", pack, COMMON, MapParameters(**parameters), Sources(PARAMETERS, (pack.id,)))


def with_services(services, **tables):
    """Return the invented region with other services, and without referrals unless they are given."""
    changed = {"services": services.reset_index(drop=True), "referrals": EXAMPLE.referrals.iloc[:0]} | tables
    return Pack("example", EXAMPLE.region, {**EXAMPLE.tables, **changed}, EXAMPLE.present)


def without(table):
    """Return the invented region without one of its tables."""
    tables = {**EXAMPLE.tables, table: EXAMPLE.tables[table].iloc[:0]}
    return Pack("example", EXAMPLE.region, tables, EXAMPLE.present - {table})


def some(number):
    """Return the first services for firms of the invented region, tied to nothing."""
    rows = EXAMPLE.services[
        EXAMPLE.services["audience"].isna() | (EXAMPLE.services["audience"] == "resident-sme")
    ]
    return (
        rows.head(number)
        .assign(part_of=None, succeeds=None, start_year=2015, end_year=None)
        .astype({"start_year": "Int64", "end_year": "Int64"})
    )


PACKS = {
    "example": EXAMPLE,
    "koprivnica": load_pack(PARAMETERS / "koprivnica"),
    "pomerania": load_pack(PARAMETERS / "pomerania"),
    "no service": with_services(some(0)),
    "one service": with_services(some(1)),
    "two services": with_services(some(2)),
}


@cache
def outcomes(name):
    """Return every section of a pack, computed once."""
    return {section.__name__: section(a_review(PACKS[name])) for section in SECTIONS}


def texts(outcome: Section):
    yield outcome.answer
    yield outcome.how_sure
    yield outcome.to_check
    for chart in outcome.charts.values():
        spec = specification(chart)
        yield spec["description"]
        yield json.dumps(spec["vconcat"][0]["title"], ensure_ascii=False)
    if "findings" in outcome.tables:
        yield from outcome.tables["findings"].frame["statement"]


@pytest.mark.parametrize("name", PACKS)
def test_numbers_and_nouns_agree_for_none_one_and_many(name):
    nouns = "service|provider|kind|need|level|body|referral|record|stage|row|point|finding"
    wrong = re.compile(
        rf"\b1 (services|providers|kinds|needs|levels|bodies|referrals|records|stages|rows|points|findings)\b"
        rf"|\b(\d\d+|[02-9]) ({nouns})\b(?! row)|\bno ({nouns})\b(?= (is|are) )|\bnan\b|<NA>|\bNone\b(?! (of|is|on|opened))"
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
    for kind in ("tables", "charts"):
        names = [name for outcome in outcomes("example").values() for name in getattr(outcome, kind)]
        assert len(names) == len(set(names))
        assert len(names) >= 8


@pytest.mark.parametrize("table", step.LEAVES)
def test_what_later_steps_read_is_left_flat_and_survives_its_csv(table):
    frame = step.LEAVES[table](a_review()).tables[table].frame
    assert len(frame)
    text = frame_to_csv(frame)
    assert not any(isinstance(cell, (tuple, list)) for column in frame for cell in frame[column])
    assert frame_to_csv(frame_from_csv(text)) == text


def test_the_headline_names_the_region_and_differs_between_regions():
    first, second = (outcomes(name)["headline"].answer for name in ("koprivnica", "pomerania"))
    assert "Koprivnica" in first
    assert "Pomerania" in second
    assert first.splitlines()[1] != second.splitlines()[1]


def test_findings_have_the_agreed_columns_and_unique_ids():
    for name in ("example", "koprivnica", "pomerania", "one service"):
        findings = outcomes(name)["meaning"].tables["findings"].frame
        assert tuple(findings.columns) == FINDING_COLUMNS
        assert findings["finding_id"].is_unique
        assert set(findings["status"]) <= {"finding", "candidate", "unknown"}


def test_every_row_a_finding_names_is_in_the_pack():
    for name in ("example", "koprivnica", "pomerania"):
        pack = PACKS[name]
        keys = {"services": set(pack.services["service_id"]), "providers": set(pack.providers["provider_id"])}
        for rows in outcomes(name)["meaning"].tables["findings"].frame["rows"]:
            for row in filter(None, rows.split(";")):
                table, key = row.split(":", 1)
                assert key in keys[table]


def test_what_rests_on_nothing_being_on_record_is_never_called_a_finding():
    for name in ("example", "koprivnica", "pomerania"):
        findings = outcomes(name)["meaning"].tables["findings"].frame
        firm = findings[findings["status"] == "finding"]
        assert (
            not firm["kind"]
            .isin(["absent-support", "ended-support", "idle-provider", "single-provider"])
            .any()
        )
        assert (firm["rows"].str.len() > 0).sum() >= len(
            firm
        ) - 1  # no first door at all is read off every provider


def test_a_cell_of_the_coverage_names_as_many_services_as_it_counts():
    cells = outcomes("koprivnica")["coverage"].tables["coverage"].frame
    named = cells["service_ids"].map(lambda ids: len(ids.split(";")) if ids else 0)
    assert named.tolist() == cells["services"].tolist()
    assert set(cells["facet"]) == set(step.COVERAGE_FACETS)
    assert (cells.loc[cells["status"] == "none", "services"] == 0).all()


def test_the_coverage_left_for_later_steps_does_not_depend_on_what_the_reader_chose():
    chosen = step.coverage(a_review(), by="need_area", facet="modes").tables["coverage"].frame
    pd.testing.assert_frame_equal(chosen, step.coverage(a_review()).tables["coverage"].frame)


def test_the_same_facet_twice_is_answered_not_raised():
    outcome = step.coverage(a_review(), by="modes", facet="modes")
    assert "choose two different ones" in outcome.answer
    assert not outcome.charts


def test_the_same_year_twice_is_answered_not_raised():
    assert "choose another year" in step.years(a_review(year=2024), other_year=2024).answer


def test_two_chosen_years_are_laid_side_by_side_in_order_of_time():
    table = step.years(a_review(year=2018), other_year=2024).tables["two_years"].frame
    assert sorted(set(table["year"])) == [2018, 2024]
    assert "counted in 2018" in step.years(a_review(year=2018), other_year=2024).answer


def test_a_service_for_investors_is_kept_in_the_inventory_but_out_of_the_counts():
    services = some(2)
    services.loc[services.index[0], "audience"] = "inward"
    pack = with_services(services)
    table = step.in_force(a_review(pack)).tables["services_in_force"].frame
    assert len(table) == 2
    assert view(a_review(pack)).total == 1


def test_no_referrals_read_as_unknown_and_referrals_of_closed_services_too():
    none = step.network(a_review(with_services(some(2))))
    assert "unknown, not absent" in none.answer
    assert "handoffs" not in none.charts
    closed = step.network(a_review(with_services(some(2), referrals=EXAMPLE.referrals.tail(2))))
    assert "no longer" in closed.answer
    assert "handoffs" in outcomes("example")["network"].charts


def test_a_need_the_coding_can_not_reach_is_said_to_be_unknown():
    table = outcomes("example")["need_areas"].tables["need_areas"].frame.set_index("need_area")
    assert table.loc["cross-border-complaints", "status"] == "unknown"
    assert "it can not be told" in outcomes("example")["need_areas"].answer
    # where every service was read, that none answers a need is no artefact of the coding
    read = outcomes("koprivnica")["need_areas"].tables["need_areas"].frame.set_index("need_area")
    assert read.loc["cross-border-complaints", "status"] == "none"


def test_a_second_list_gives_an_estimate_with_its_interval():
    # 10 services counted, 8 on the other list, 5 on both: 11 · 9 / 6 − 1 = 15.5
    answer = step.completeness(a_review(with_services(some(10)), second_list=8, on_both_lists=5)).answer
    assert re.search(r"there are about 1[56] \(95 % interval \d+ to \d+\)", answer)
    assert "independently" in answer


def test_the_searches_give_the_second_list_where_none_was_given():
    services, searches = some(10), PACKS["koprivnica"].searches.head(1)
    # the first 8 were known before, the searches found 5 of these and the 2 new ones: 9 · 8 / 6 − 1 = 11
    services["first_seen"] = [None] * 8 + ["2026-11-29"] * 2
    searches = searches.assign(found_ids=[tuple(services["service_id"].iloc[3:8])])
    pack = replace(with_services(services, searches=searches), present=EXAMPLE.present | {"searches"})
    outcome = step.completeness(a_review(pack))
    assert "10 of about 11" in outcome.answer
    assert "not independent" in outcome.answer
    measures = outcome.tables["completeness"].frame.set_index("measure").head(4)
    assert measures["filled"].to_dict() == {
        "listed": 10, "first_list": 8, "second_list": 7, "on_both_lists": 5
    }  # fmt: skip
    listed = measures.loc["listed"]
    assert listed["share_low"] < listed["share"] < listed["share_high"] <= 1
    assert "about 11 services" in step.headline(a_review(pack)).answer
    given = step.completeness(a_review(pack, second_list=8, on_both_lists=5))
    assert "A second list names 8 services" in given.answer


def test_without_searches_nothing_is_estimated():
    outcome = step.completeness(a_review(without("searches")))
    assert outcome.answer.startswith("No search gave a second list")
    assert "listed" not in set(outcome.tables["completeness"].frame["measure"])


@pytest.mark.parametrize("name", sorted(set(PACKS) - {"no service"}))
def test_the_headline_has_five_sentences_and_says_what_is_of_europe(name):
    review, answer = a_review(PACKS[name]), outcomes(name)["headline"].answer
    counted = view(review).counted
    points = answer.splitlines()
    assert len(points) == 5
    beyond = int((counted["layer"] != "").sum())
    assert points[0].endswith(
        f"{len(counted) - beyond} of the region and its country, {beyond or 'none'} of Europe."
    )
    assert "fresh" in points[-1]


def test_the_age_of_the_evidence_counts_each_row_once():
    frame = outcomes("koprivnica")["completeness"].tables["freshness"].frame.set_index("kind")
    assert (frame[["fresh", "ageing", "stale", "undated"]].sum(axis=1) == frame["rows"]).all()
    pack = PACKS["koprivnica"]
    assert frame.loc["services", "rows"] == view(a_review(pack)).total
    assert frame.loc["policies", "rows"] == len(pack.policies)
    assert f"of {frame['rows'].sum()} rows" in outcomes("koprivnica")["headline"].answer


def test_a_row_checked_long_ago_is_stale_and_one_never_checked_undated():
    services = some(3).assign(checked_on=[EXAMPLE.region.review_date, "2015-01-01", None])
    review = a_review(with_services(services))
    marked = step.in_force(review).tables["services_in_force"].frame
    assert marked["freshness"].tolist() == ["fresh", "stale", "undated"]
    frame = step.completeness(review).tables["freshness"].frame
    assert frame.set_index("kind").loc["services", ["fresh", "ageing", "stale", "undated"]].tolist() == [
        1,
        0,
        1,
        1,
    ]


def test_two_readers_are_held_against_each_other_by_need():
    outcome = outcomes("koprivnica")["codings"]
    frame = outcome.tables["codings"].frame
    assert frame["barrier"].iloc[0] == "all"
    assert frame["disputed"].iloc[0] == frame["disputed"].iloc[1:].sum()
    assert 0.8 < frame["alpha"].iloc[0] <= 1
    assert frame["reading"].iloc[0] == "reliable"
    assert "53 services" in outcome.answer
    disputed = outcome.tables["disputed_codings"].frame
    assert {"a", "b", "settled"} == set(disputed["coder"])


def test_without_two_readers_agreement_is_not_told_and_what_is_derived_is():
    outcome = step.codings(a_review(without("codings")))
    assert "cannot be told" in outcome.answer
    assert "still derived" in outcome.answer
    assert outcome.tables["disputed_codings"].frame.empty


def test_the_hub_rule_follows_its_parameters():
    loose = step.providers(a_review(hub_stages=1, hub_support_types=1)).tables["provider_roles"].frame
    strict = step.providers(a_review(hub_stages=6, hub_support_types=18)).tables["provider_roles"].frame
    assert loose["is_hub"].sum() == (loose["services"] > 0).sum()
    assert strict["is_hub"].sum() == 0


def test_text_of_a_pack_can_not_become_markup():
    providers = EXAMPLE.providers.assign(name_en="<script>alert(1)</script> *bold*")
    pack = with_services(some(3), providers=providers)
    for section in (step.headline, step.providers, step.meaning):
        answer = section(a_review(pack)).answer
        assert "<script" not in answer
        assert " *bold*" not in answer


def test_a_long_name_is_cut_between_words_and_not_after_an_and():
    assert _short("Croatian Bank for Reconstruction and Development") == "Croatian Bank for Reconstruction…"
    assert _short("Short name") == "Short name"
    assert _short("Agency of the North (partner that covers the border counties)") == "Agency of the North"
    assert (
        _short("PORA, Development Agency of Podravina and Prigorje")
        == "PORA, Development Agency of Podravina…"
    )


def test_two_providers_that_would_look_alike_in_a_chart_are_told_apart():
    names = ["Chamber of the Economy", "Chamber of the Economy, chamber of the county of the east", "Other"]
    providers = EXAMPLE.providers.head(3).assign(provider_id=["a", "b", "c"], name_en=names)
    shown = _chart_names(a_review(with_services(some(0), providers=providers)))
    assert shown == {"a": "Chamber of the Economy", "b": "Chamber of the Economy [b]", "c": "Other"}


def test_sections_leave_the_pack_alone():
    before = {name: frame.copy(deep=True) for name, frame in EXAMPLE.tables.items()}
    for section in SECTIONS:
        section(a_review(replace(EXAMPLE)))
    for name, frame in before.items():
        pd.testing.assert_frame_equal(EXAMPLE.tables[name], frame)


def test_the_notebook_offers_every_parameter_shows_every_section_and_holds_no_output():
    cells = json.loads((ROOT / "workbooks" / "1_map.ipynb").read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    parameters = {node.target.id for node in ast.parse(code[0]).body}
    assert parameters == {"region", *MapParameters.model_fields}
    shown = re.findall(r"book\.explore\(step\.(\w+)", "\n".join(code))
    assert shown == [section.__name__ for section in SECTIONS]
    assert not any(cell.get("outputs") for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)
