"""What a manifest knows, and when a notebook is out of date."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from eis_lib.pack.tables import PACK_TABLES
from eis_lib.record.graph import Node
from eis_lib.record.manifest import (
    ABOUT_RESULTS,
    Entry,
    Failure,
    Input,
    Manifest,
    Surroundings,
    key_of,
    read_manifest,
    sha256_of,
    stale_reasons,
    write_manifest,
)

MAP = Node("alpha", "map")


@pytest.fixture
def now(tmp_path: Path) -> Surroundings:
    """Return a project of one workbook, one pack and one output."""
    for name, text in {
        "workbooks/1_map.ipynb": "{}",
        "parameters/alpha/region.yaml": "name: Alpha",
        "parameters/alpha/services.csv": "service_id\n",
        "parameters/_common/barriers.csv": "code\n",
        "outputs/alpha/1_map.ipynb": "executed",
        "outputs/alpha/tables/map/coverage.csv": "count\n1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Surroundings(tmp_path / "workbooks", tmp_path / "parameters", tmp_path / "outputs")


def entry_of(now: Surroundings) -> Entry:
    names = [("pack", "alpha/services.csv"), ("common", "_common/barriers.csv")]
    return Entry(
        notebook=sha256_of(now.workbooks / "1_map.ipynb"),
        parameters={"year": None},
        code=now.code,
        packages=now.packages,
        python=now.python,
        inputs=tuple(Input(kind, name, sha256_of(now.place_of(kind, name))) for kind, name in names),
        folders={"alpha": now.files_of("alpha"), "_common": now.files_of("_common")},
        outputs={
            name: sha256_of(now.outputs / "alpha" / name)
            for name in ("1_map.ipynb", "tables/map/coverage.csv")
        },
        headline="Alpha has one service.",
        seconds={"total": 1.5},
    )


def reasons(now: Surroundings, entry: Entry | None = None) -> tuple[str, ...]:
    manifest = Manifest("alpha").with_entry("map", entry or entry_of(now))
    return stale_reasons(MAP, manifest, Surroundings(now.workbooks, now.parameters, now.outputs))


def test_a_written_manifest_reads_back_the_same(now):
    manifest = (
        Manifest("alpha").with_entry("map", entry_of(now)).with_failure("test", Failure("no", "cell 3 [x]"))
    )
    write_manifest(now.outputs, manifest)
    assert read_manifest(now.outputs, "alpha") == manifest
    assert [path.name for path in (now.outputs / "alpha").glob(".*")] == []


def test_a_manifest_that_is_not_there_or_not_whole_is_an_empty_one(now):
    assert read_manifest(now.outputs, "alpha") == Manifest("alpha")
    (now.outputs / "alpha" / "manifest.json").write_text('{"region": "alpha", "steps"')
    assert read_manifest(now.outputs, "alpha") == Manifest("alpha")
    (now.outputs / "alpha" / "manifest.json").write_text('{"steps": {"map": {"inputs": 3}}, "failures": {}}')
    assert read_manifest(now.outputs, "alpha") == Manifest("alpha")


def test_seconds_are_all_that_depends_on_the_day(now):
    write_manifest(now.outputs, Manifest("alpha").with_entry("map", entry_of(now)))
    one = json.loads((now.outputs / "alpha" / "manifest.json").read_text())
    write_manifest(
        now.outputs, Manifest("alpha").with_entry("map", replace(entry_of(now), seconds={"total": 9}))
    )
    other = json.loads((now.outputs / "alpha" / "manifest.json").read_text())
    assert one != other
    del one["steps"]["map"]["seconds"], other["steps"]["map"]["seconds"]
    assert one == other
    assert str(now.outputs) not in json.dumps(one)


def test_a_success_takes_away_an_earlier_failure_and_a_failure_keeps_the_earlier_success(now):
    manifest = Manifest("alpha").with_entry("map", entry_of(now)).with_failure("map", Failure("no"))
    assert manifest.steps["map"] == entry_of(now)
    assert manifest.with_entry("map", entry_of(now)).failures == {}


def test_nothing_changed_is_no_reason(now):
    assert reasons(now) == ()


def test_never_run_and_failed_are_reasons(now):
    assert stale_reasons(MAP, Manifest("alpha"), now) == ("never run",)
    failed = Manifest("alpha").with_entry("map", entry_of(now)).with_failure("map", Failure("cell 3 [x]: no"))
    assert stale_reasons(MAP, failed, now) == ("failed: cell 3 [x]: no",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("workbooks/1_map.ipynb", "the workbook changed"),
        ("parameters/alpha/services.csv", "alpha/services.csv changed"),
        ("parameters/_common/barriers.csv", "_common/barriers.csv changed"),
        ("parameters/alpha/referrals.csv", "alpha/referrals.csv is new"),
        ("outputs/alpha/1_map.ipynb", "its output 1_map.ipynb is not what the run left"),
    ],
)
def test_each_change_is_a_reason_and_named(now, change, reason):
    entry = entry_of(now)
    (now.parameters.parent / change).write_text("something else")
    assert reasons(now, entry) == (reason,)


def test_what_is_gone_is_a_reason_said_once(now):
    entry = entry_of(now)
    (now.parameters / "alpha" / "services.csv").unlink()
    (now.outputs / "alpha" / "tables" / "map" / "coverage.csv").unlink()
    assert reasons(now, entry) == (
        "alpha/services.csv is gone",
        "its output tables/map/coverage.csv is gone",
    )


def test_other_code_or_versions_are_reasons(now):
    packages = {**now.packages, "pandas": "2.0", "left-behind": "1"}
    entry = replace(entry_of(now), code="another", python="3.0", packages=packages)
    assert reasons(now, entry) == (
        "the library's code changed",
        f"Python 3.0 became {now.python}",
        "left-behind 1 became absent",
        f"pandas 2.0 became {now.packages['pandas']}",
    )


def test_the_key_follows_what_went_in_and_not_what_came_out(now):
    entry = entry_of(now)
    assert key_of(entry) == key_of(replace(entry, outputs={}, headline="", seconds={}))
    assert key_of(entry) != key_of(replace(entry, parameters={"year": 2019}))
    assert key_of(entry) != key_of(replace(entry, inputs=entry.inputs[:1]))


def test_a_recorded_input_is_found_where_it_lies(now):
    assert Input.recorded("pack", "alpha/services.csv", "").name == "alpha/services.csv"
    assert Input.recorded("common", "barriers.csv", "").name == "_common/barriers.csv"
    assert Input.recorded("earlier", "alpha/map/coverage", "").name == "alpha/tables/map/coverage.csv"
    assert Input.recorded("gathered", "coverage", "").name == "_gathered/coverage.csv"
    assert now.place_of("gathered", "_gathered/coverage.csv") == now.outputs / "_gathered" / "coverage.csv"
    assert now.place_of("common", "_common/barriers.csv") == now.parameters / "_common" / "barriers.csv"


def test_hashes_are_those_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
    assert sha256_of(tmp_path / "not-there") == ""


def test_tables_that_speak_about_results_are_those_of_the_schema():
    assert {table.file for table in PACK_TABLES.values() if table.about_results} == ABOUT_RESULTS


def test_every_package_the_project_depends_on_is_recorded(now):
    assert {"altair", "pandas", "papermill", "scipy", "vl-convert-python"} <= set(now.packages)
    assert "pytest" not in now.packages
    assert "distributed" not in now.packages, "an optional extra is no reason to run anything again"
