"""What is doubted in a pack and what is not, rule by rule, and what `eis check` makes of it."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eis_lib.cli import app
from eis_lib.pack.doubts import RULES, check_packs, find_doubts
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.pack.schema import Doubt
from eis_lib.pack.tables import PACK_TABLES

TODAY = dt.date(2026, 11, 29)
SOURCE = {"source_url": "https://example.org/p", "source_title": "Page", "evidence": "published"}
DEFAULTS = {
    "providers": {"name": "Body", "name_en": "Body", "kind": "chamber", "level": "regional"},
    "services": {"provider_id": "agency", "name": "Another", "support_type": "advice"},
    "policies": {"title": "Policy", "kind": "strategy", "level": "regional", "owner": "council", "objectives": "more"},
    "good_practices": {"title": "Practice", "summary": "What.", "support_type": "advice"},
    "actions": {"title": "Action", "summary": "What.", "owner": "council"},
    "referrals": {"kind": "referral"},
    "relations": {"coded_by": "a"},
    "searches": {"topic": "A", "level": "any", "searched_on": "2024-05-01", "where": "pages", "query": "q"},
    "governance": {},
    "peer_reviews": {"reviewers": "A", "date": "2024-05-01", "kind": "strength", "statement": "Good."},
    "measurements": {"indicator_name": "Sales", "indicator_id": "sales", "action_id": "act-1"},
}  # fmt: skip
Change = dict[str, str]


def put(folder: Path, table: str, **cells: str) -> int:
    """Write cells into the row of their key, or a new row of them; return its row as a spreadsheet counts it."""
    schema, path = PACK_TABLES[table], folder / f"{table}.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8"))) if path.is_file() else []
    key = schema.key[0]
    found = [row for row in rows if len(schema.key) == 1 and row[key] == cells[key]]
    if not found:
        of_table = {**DEFAULTS[table], **SOURCE}
        rows.append({name: of_table.get(name, "") for name in schema.by_name})
        found = rows[-1:]
    found[0].update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [name for name in schema.by_name if any(name in row for row in rows)]
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows.index(found[0]) + 2


def region(folder: Path, **keys: str) -> None:
    path = folder / "region.yaml"
    lines = [line for line in path.read_text("utf-8").splitlines() if line.split(":")[0] not in keys]
    path.write_text("\n".join([*lines, *(f"{k}: {v}" for k, v in keys.items())]) + "\n", "utf-8")


def layer(folder: Path, **cells: str) -> None:
    """Give the region a layer with one service."""
    lent = folder.parent / "_layers" / "eu"
    lent.mkdir(parents=True)
    (lent / "layer.yaml").write_text("name: Europe\ncountries: [DK]\n", "utf-8")
    put(lent, "providers", provider_id="ec")
    put(lent, "services", **{"service_id": "eu-check", "provider_id": "ec", "name": "The Check", **cells})
    region(folder, layers="[eu]")


def doubts_of(folder: Path) -> dict[str, list[Doubt]]:
    found = find_doubts(load_pack(folder), load_common(folder.parent), TODAY)
    rules = {heading: rule.__name__ for heading, rule in RULES}
    return {rules[heading]: doubts for heading, doubts in found.items()}


def change(folder: Path, changes: list[tuple[str, Change]]) -> int:
    row = 0
    for table, cells in changes:
        if table == "region":
            region(folder, **cells)
        elif table == "layer":
            layer(folder, **cells)
        else:
            row = put(folder, table, **cells)
    return row


def service(name: str = "new", **cells: str) -> tuple[str, Change]:
    return "services", {"service_id": name, **cells}


def policy(name: str = "plan-1", **cells: str) -> tuple[str, Change]:
    return "policies", {"policy_id": name, **cells}


def practice(**cells: str) -> tuple[str, Change]:
    return "good_practices", {"practice_id": "gp", **cells}


def action(**cells: str) -> tuple[str, Change]:
    return "actions", {"action_id": "act-1", **cells}


def closed(year: str, **cells: str) -> tuple[str, Change]:
    return "providers", {"provider_id": "old", "end_year": year, **cells}


def search(**cells: str) -> tuple[str, Change]:
    return "searches", {"search_id": "search-advice", "support_type": "advice", **cells}


def referral(**cells: str) -> tuple[str, Change]:
    return "referrals", {"from_service": "advice-1", "to_service": "new", **cells}


def role(number: str, **cells: str) -> tuple[str, Change]:
    return "governance", {"governance_id": number, "provider_id": "council", "policy_id": "plan-1", **cells}


def sales(**cells: str) -> tuple[str, Change]:
    return "measurements", {"indicator_id": "sales", "value": "1", **cells}


CROATIAN: tuple[str, Change] = ("region", {"country": "HR", "nuts_code": "HR06", "currency": "EUR"})
REVIEWED: tuple[str, Change] = ("peer_reviews", {"review_id": "r1"})

CASES: list[tuple[str, list[tuple[str, Change]], str, list[tuple[str, Change]]]] = [
    # rule, what makes it fire, the place it names (the last row written), what does not
    ("runs_past_its_end", [service(status="running", end_year="2022")], "services:status",
     [service(status="running", end_year="2024")]),
    ("runs_before_its_start", [policy("p", status="running", start_year="2025")], "policies:status",
     [policy("p", status="announced", start_year="2025")]),
    ("announced_and_begun", [service(status="announced", start_year="2023")], "services:status",
     [service(status="announced", start_year="2024")]),
    ("ended_without_year", [service(status="ended")], "services:end_year", [service(status="doubtful")]),
    ("ended_before_its_end", [policy("p", status="ended", end_year="2026")], "policies:status",
     [policy("p", status="ended", end_year="2024")]),
    ("note_says_it_ended", [service(status="running", note="The office has Closed.")], "services:note",
     [service(status="running", note="Disclosed, unended.")]),
    ("checked_after_the_review", [service(checked_on="2024-07-01")], "services:checked_on",
     [service(checked_on="2024-06-30")]),
    ("checked_after_the_review", [("region", {"review_date": "2099-01-01"}), service(checked_on="2098-01-01")],
     "services:checked_on", [("region", {"review_date": "2099-01-01"}), service(checked_on="2026-11-29")]),
    ("action_against_its_years", [action(status="running")], "actions:status", [action(status="done")]),
    ("action_against_its_years", [action(status="done", start_year="2026", end_year="2027")], "actions:status",
     [action(status="planned", start_year="2026", end_year="2027")]),
    ("practice_ended_without_reason", [practice(end_year="2020")], "good_practices:reason_ended",
     [practice(end_year="2020", reason_ended="No money.")]),
    ("lesson_of_an_ended_practice", [practice(status="ended", end_year="2020"), action(inspired_by="gp")],
     "actions:inspired_by", [practice(end_year="2020", reason_ended="No money."), action(inspired_by="gp;EIS")]),
    ("action_after_its_service", [service(end_year="2019"), action(services="new")], "actions:services",
     [service(end_year="2021"), action(services="new")]),
    ("action_after_its_policy", [policy(end_year="2020"), action(services="advice-1")], "actions:start_year",
     [policy(end_year="2020"), policy("p", delivered_by="advice-1"), action(services="advice-1")]),
    ("action_of_a_closed_body", [closed("2020"), action(owner="old")], "actions:owner",
     [closed("2021"), action(owner="old")]),
    ("accountable_and_player", [action(players="Agency;Testland council")], "actions:players",
     [action(players="Agency;Council of Europe")]),
    ("accountable_and_player", [action(owner="", owner_name="Ministry", players="ministry")], "actions:players",
     [action(owner="", owner_name="Ministry", players="council")]),
    ("policy_without_services", [service(end_year="2021"), policy(delivered_by="new")], "policies:delivered_by",
     [service(end_year="2021"), policy(delivered_by="new;advice-1")]),
    ("policy_without_services", [service(end_year="2021"), policy("p", delivered_by="new")], "policies:delivered_by",
     [service(end_year="2021"), policy("p", delivered_by="new", end_year="2021")]),
    ("policy_on_doubtful_services", [service(status="doubtful"), policy(delivered_by="new")], "policies:delivered_by",
     [service(status="doubtful"), policy(delivered_by="new;advice-1")]),
    ("policy_of_a_closed_body", [closed("2022"), policy(owner="old")], "policies:owner",
     [closed("2022"), policy(owner="old", end_year="2022")]),
    ("service_of_a_closed_body", [closed("2022"), service(provider_id="old")], "services:provider_id",
     [closed("2022"), service(provider_id="old", end_year="2022")]),
    ("rests_on_what_ended", [service("new", end_year="2020"), service("part", part_of="new")], "services:part_of",
     [service("new", end_year="2020"), service("part", part_of="new", end_year="2020")]),
    ("rests_on_what_ended", [service("new", end_year="2020"), service("part", requires="new;grant-1")],
     "services:requires", [service("part", requires="grant-1")]),
    ("successor_of_what_runs", [service(succeeds="advice-1")], "services:succeeds", [service(succeeds="grant-1")]),
    ("successor_begins_first", [service(succeeds="grant-1", start_year="2019")], "services:start_year",
     [service(succeeds="grant-1", start_year="2024")]),
    ("successor_begins_first", [service(succeeds="grant-1", end_year="2022")], "services:end_year",
     [service(succeeds="grant-1", end_year="2026")]),
    ("succession_told_once",
     [service(), ("relations", {"service_id": "new", "other_service": "grant-1", "relation": "succeeds"})],
     "relations:relation",
     [service(succeeds="grant-1"),
      ("relations", {"service_id": "new", "other_service": "grant-1", "relation": "succeeds"})]),
    ("way_to_a_closed_door", [service(end_year="2020"), referral()], "referrals:to_service",
     [service("new", end_year="2024"), referral()]),
    ("way_within_one_house", [service(provider_id="council"), referral()], "referrals:to_service",
     [service(provider_id="council"), referral(kind="signpost")]),
    ("decides_and_advises", [role("g1", role="decides"), role("g2", role="advises")], "governance:role",
     [role("g1", role="decides"), role("g2", role="advises", provider_id="agency")]),
    ("currency_given_up", [("region", CROATIAN[1] | {"currency": "HRK"})], "region:currency", [CROATIAN]),
    ("currency_given_up", [("region", CROATIAN[1] | {"currency": "HRK"})], "region:currency",
     [("region", CROATIAN[1] | {"currency": "HRK", "review_date": "2022-06-30"})]),
    ("figures_in_a_currency_given_up", [CROATIAN, sales(unit="million HRK", period="2023-05")], "measurements:unit",
     [CROATIAN, sales(unit="million HRK", period="2022-12")]),
    ("peer_review_denied", [REVIEWED, ("region", {"note": "Plan and peer review were not found."})], "region:note",
     [REVIEWED, ("region", {"note": "A peer review was found. The plan was not found."})]),
    ("peer_review_denied", [REVIEWED, ("region", {"note": "No peer review is known."})], "region:note",
     [("region", {"note": "No peer review is known."})]),
    ("instrument_has_ended", [("region", {"policy_instrument": "ERDF 2014-20"})], "region:policy_instrument",
     [("region", {"policy_instrument": "ERDF 2021–2027"})]),
    ("instrument_has_ended", [policy(end_year="2023"), ("region", {"policy_instrument": "The Growth plan"})],
     "region:policy_instrument", [("region", {"policy_instrument": "The Growth plan"})]),
    ("population_is_old", [("region", {"population_year": "2013"})], "region:population_year",
     [("region", {"population_year": "2014"})]),
    ("searched_in_vain_beside_a_service", [search(outcome="nothing-found")], "searches:outcome",
     [search(outcome="nothing-found", support_type="voucher")]),
    ("searched_in_vain_beside_a_service", [search(outcome="nothing-found")], "searches:outcome",
     [search(outcome="nothing-found"), ("searches", search()[1] | {"search_id": "s2", "outcome": "found"})]),
    ("found_and_not_entered", [search(outcome="found", found_ids="advice-1;lost")], "searches:found_ids",
     [search(outcome="found", found_ids="advice-1;plan-1;agency")]),
    ("same_offer_in_layer", [("layer", {}), ("services", {"service_id": "new", "name": "the CHECK!"})],
     "services:instance_of",
     [("layer", {"source_url": "https://example.org/eu"}),
      ("services", {"service_id": "new", "name": "The check", "instance_of": "eu-check"})]),
    ("same_offer_in_layer",
     [("layer", {"source_url": "https://www.example.org/eu/"}), service(source_url="http://example.org/eu#top")],
     "services:instance_of",
     [("layer", {"source_url": "https://example.org/eu"}), service(source_url="https://example.org/eu/dk")]),
    ("stands_for_what_ended",
     [("layer", {"status": "ended", "end_year": "2020"}), service(instance_of="eu-check", status="running")],
     "services:instance_of",
     [("layer", {"status": "ended", "end_year": "2020"}), service(instance_of="eu-check", end_year="2020")]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fires", "place", "rests"), CASES)
def test_a_rule_finds_its_contradiction_and_nothing_where_there_is_none(
    rule: str,
    fires: list[tuple[str, Change]],
    place: str,
    rests: list[tuple[str, Change]],
    parameters: Path,
    pack: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    other = shutil.copytree(parameters, tmp_path_factory.mktemp("other") / "parameters") / pack.name
    row = change(pack, fires)
    (doubt,) = doubts_of(pack)[rule]
    table, column = place.split(":")
    if table == "region":
        assert (doubt.file, doubt.row, doubt.column) == ("testland/region.yaml", 0, column)
    else:
        assert (doubt.file, doubt.row, doubt.column) == (f"testland/{table}.csv", row, column)
    assert str(doubt).count("; to settle: ") == 1
    change(other, rests)
    assert rule not in doubts_of(other)


def test_a_sound_pack_raises_no_doubt_and_every_rule_has_its_case(pack: Path) -> None:
    assert doubts_of(pack) == {}
    assert {rule.__name__ for _, rule in RULES} == {case[0] for case in CASES}


def test_the_row_is_that_of_the_region_s_own_file_beside_a_layer(pack: Path) -> None:
    layer(pack, end_year="2020", status="running")
    row = put(pack, "services", service_id="new", status="running", end_year="2020")
    (doubt,) = doubts_of(pack)["runs_past_its_end"]  # the layer's row is no row of the region's file
    assert str(doubt) == (
        f"testland/services.csv:{row}:status: says 'running', and its last year was 2020; "
        "to settle: a later end_year, or 'ended'"
    )


def test_shared_figures_in_kuna_after_the_euro_are_doubted_at_their_row(pack: Path) -> None:
    region(pack, **CROATIAN[1])
    path = pack.parent / "_common" / "indicators.csv"
    lines = path.read_text("utf-8").splitlines()
    late = next(line for line in lines if ",HRK per EUR,2022," in line).replace(",2022,", ",2024,")
    path.write_text("\n".join([*lines, late]) + "\n", "utf-8")
    (doubt,) = doubts_of(pack)["figures_in_a_currency_given_up"]
    assert (doubt.file, doubt.row) == ("_common/indicators.csv", len(lines) + 1)


def test_doubts_of_a_faulty_pack_are_not_looked_for(parameters: Path, pack: Path) -> None:
    put(pack, "services", service_id="new", status="running", end_year="2020")
    put(pack, "services", service_id="new", support_type="grants")
    faults, doubts = check_packs(parameters, [pack])
    assert len(faults) == 1
    assert doubts == {}


def check(parameters: Path, *options: str) -> tuple[int, list[str], str]:
    done = CliRunner().invoke(app, ["check", "--parameters", str(parameters), *options])
    return done.exit_code, done.stdout.splitlines(), done.stderr


def test_eis_check_lists_doubts_apart_and_only_strict_minds_them(parameters: Path, pack: Path) -> None:
    assert check(parameters, "--strict") == (0, [], "1 region pack checked: no fault, no doubt\n")
    row = put(pack, "services", service_id="new", status="running", end_year="2020")
    status, lines, talk = check(parameters)
    assert status == 0
    assert lines == [
        "",
        "Doubts: each of these cells is allowed, and contradicts something else",
        "",
        "Said to run after their last year: 1",
        f"  testland/services.csv:{row}:status: says 'running', and its last year was 2020; "
        "to settle: a later end_year, or 'ended'",
    ]
    assert talk == "1 region pack checked: no fault, 1 doubt in 1 file\n"
    assert check(parameters, "--strict") == (2, lines, talk)


def test_eis_check_of_a_fault_says_that_doubts_come_after(parameters: Path, pack: Path) -> None:
    put(pack, "services", service_id="new", support_type="grants")
    status, lines, talk = check(parameters)
    assert (status, len(lines)) == (2, 1)
    assert talk.splitlines() == [
        "1 region pack checked: 1 fault in 1 file, no doubt",
        "doubts are looked for in packs without a fault",
    ]
