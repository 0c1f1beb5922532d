"""Dated copies of packs and results."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from eis_lib.pack.pack import load_pack
from eis_lib.pages.site import build_site
from eis_lib.record.manifest import read_manifest, sha256_of
from eis_lib.record.snapshots import (
    SnapshotError,
    check_name,
    find_snapshot,
    keep_snapshot,
    list_snapshots,
    snapshot_pack,
)


@pytest.fixture
def kept(made, tmp_path):
    outputs, parameters = tmp_path / "outputs", tmp_path / "parameters"
    shutil.copytree(made.outputs, outputs, ignore=shutil.ignore_patterns("site", ".*"))
    shutil.copytree(made.parameters, parameters)
    keep_snapshot(outputs, parameters, "2024-10", ["example"])
    return outputs, parameters


def test_a_snapshot_holds_the_pack_and_every_result_but_the_png(kept):
    outputs, _ = kept
    (snapshot,) = list_snapshots(outputs)
    assert (snapshot.name, snapshot.regions, snapshot.results) == ("2024-10", ("example",), 6)
    recorded = read_manifest(outputs, "example").steps["test"].outputs
    for name, sha256 in recorded.items():
        if not name.endswith(".png"):
            assert sha256_of(snapshot.outputs / "example" / name) == sha256
    assert not list(snapshot.folder.rglob("*.png"))


def test_the_pack_of_a_snapshot_stays_as_it_was(kept):
    outputs, parameters = kept
    before = load_pack(parameters / "example")
    services = parameters / "example" / "services.csv"
    services.write_text(services.read_text("utf-8").replace(",Export check,", ",Export checks,"), "utf-8")
    old = snapshot_pack(outputs, "2024-10", "example")
    pd.testing.assert_frame_equal(old.services, before.services)
    assert "Export checks" in set(load_pack(parameters / "example").services["name"])
    assert old.sha256 == before.sha256


def test_a_snapshot_is_never_written_over_and_its_name_is_a_plain_one(kept):
    outputs, _ = kept
    with pytest.raises(SnapshotError, match="there is a snapshot '2024-10' already"):
        check_name(outputs, "2024-10")
    for name in ("", "../x", "a/b", ".hidden", "2026 11"):
        with pytest.raises(SnapshotError, match="cannot be the name of a snapshot"):
            check_name(outputs, name)


def test_what_is_not_there_is_named_with_what_is(kept):
    outputs, _ = kept
    with pytest.raises(
        SnapshotError, match=r"no snapshot '2024-11'. Did you mean '2024-10'\? Known: 2024-10"
    ):
        find_snapshot(outputs, "2024-11")
    with pytest.raises(SnapshotError, match="does not hold 'hostile'. It holds: example"):
        snapshot_pack(outputs, "2024-10", "hostile")


def test_the_site_lists_snapshots_and_what_changed_since(kept):
    outputs, parameters = kept
    pages = build_site(outputs, parameters).folder
    assert "<h2>Example Region (invented), 2024-10 to now</h2><p>Nothing changed.</p>" in (
        pages / "snapshots.html"
    ).read_text("utf-8")
    services = parameters / "example" / "services.csv"
    rows = services.read_text("utf-8").splitlines()
    (number,) = (i for i, row in enumerate(rows) if row.startswith("ex-training,"))
    services.write_text("\n".join(rows[:number] + rows[number + 1 :]) + "\n", "utf-8")
    referrals = parameters / "example" / "referrals.csv"
    kept_lines = [line for line in referrals.read_text("utf-8").splitlines() if "ex-training" not in line]
    referrals.write_text("\n".join(kept_lines) + "\n", "utf-8")
    html = (build_site(outputs, parameters).folder / "snapshots.html").read_text("utf-8")
    assert find_snapshot(outputs, "2024-10").sha256 in html
    assert "2024-10 to now" in html
    table = html.partition("What changed: ")[2]
    assert "left record" in table
    assert "ex-training" in table
