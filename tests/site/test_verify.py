"""`eis verify`: what it says of good results, and of results that somebody or something touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eis_lib.publish.differences import name_differences
from eis_lib.publish.verify import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def touched(made, tmp_path):
    """A copy of the results of one step, and of what they rest on, to be touched."""
    outputs, parameters = tmp_path / "outputs", tmp_path / "parameters"
    shutil.copytree(made.outputs / "example", outputs / "example")
    shutil.copytree(made.parameters, parameters)
    manifest = json.loads((outputs / "example" / "manifest.json").read_text("utf-8"))
    manifest["steps"] = {"map": manifest["steps"]["map"]}
    (outputs / "example" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return outputs, parameters


def lines_of(made, touched) -> list[str]:
    outputs, parameters = touched
    (verdict,) = verify(outputs, parameters, made.workbooks, ["example"])
    assert verdict.holds is (len(verdict.lines()) == 1)
    return verdict.lines()


def test_all_six_steps_are_made_again_to_the_same_bytes(made):
    verdicts = verify(made.outputs, made.parameters, made.workbooks, ["example", "hostile"], jobs=2)
    assert [verdict.lines() for verdict in verdicts] == [
        ["example: reproduced 6/6"],
        ["hostile: reproduced 6/6"],
    ]


def test_an_altered_chart_is_named_down_to_the_value(made, touched):
    chart = touched[0] / "example" / "charts" / "map" / "coverage.json"
    spec = json.loads(chart.read_text("utf-8"))
    (name,) = spec["datasets"]
    was = spec["datasets"][name][0]["services"]
    spec["datasets"][name][0]["services"] = 99
    chart.write_text(json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    assert lines_of(made, touched) == [
        "example: reproduced 0/1",
        "  edited output: charts/map/coverage.json (1_map)",
        f"    datasets.{name}[1].services: '99' instead of '{was}'",
    ]


def test_an_altered_input_row_is_an_input_and_shows_in_what_comes_of_it(made, touched):
    services = touched[1] / "example" / "services.csv"
    services.write_text(services.read_text("utf-8").replace(",Export check,", ",Export checks,"), "utf-8")
    lines = lines_of(made, touched)
    assert lines[0] == "example: reproduced 0/1"
    assert lines[1] == "  edited input: example/services.csv (1_map)"
    changed = next(i for i, line in enumerate(lines) if "services_in_force.csv" in line)
    assert lines[changed] == "  not reproduced: tables/map/services_in_force.csv (1_map)"
    assert "made again: row 3, column name: 'Export checks' instead of 'Export check'" in lines[changed + 1]
    assert not any(line.startswith(("  edited output", "  other library")) for line in lines)


def test_another_pandas_in_the_manifest_is_told_apart(made, touched):
    path = touched[0] / "example" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    now = manifest["steps"]["map"]["packages"]["pandas"]
    manifest["steps"]["map"]["packages"]["pandas"] = "2.0.3"
    path.write_text(json.dumps(manifest), "utf-8")
    assert lines_of(made, touched) == [
        "example: reproduced 1/1, but not from what was recorded",
        f"  other library version: pandas 2.0.3 when it was run, {now} here (1_map)",
    ]


def test_a_missing_a_foreign_and_a_swapped_file_are_named(made, touched):
    folder = touched[0] / "example"
    (folder / "tables" / "map" / "coverage.csv").unlink()
    (folder / "charts" / "map" / "extra.svg").write_text("<svg/>", "utf-8")
    notebook = folder / "1_map.ipynb"
    content = json.loads(notebook.read_text("utf-8"))
    cell = next(cell for cell in content["cells"] if cell["id"] == "headline")
    cell["outputs"][0]["data"]["text/markdown"] = ["All is well."]
    notebook.write_text(json.dumps(content), "utf-8")
    lines = lines_of(made, touched)
    assert lines[:3] == [
        "example: reproduced 0/1",
        "  missing file: tables/map/coverage.csv (1_map)",
        "  edited output: 1_map.ipynb (1_map)",
    ]
    assert lines[3].startswith(
        "    cell [headline], output 1: text/markdown: 'All is well.' instead of '- **"
    )
    assert lines[4] == "  edited output: charts/map/extra.svg was not left by the run (1_map)"


def test_the_command_says_it_and_gives_its_status(made, touched):
    outputs, parameters = touched
    where = ["--outputs", str(outputs), "--parameters", str(parameters)]

    def eis(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "eis_lib.cli", *arguments],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            text=True,
        )

    good = eis("verify", "example", *where)
    assert (good.returncode, good.stdout) == (0, "example: reproduced 1/1\n"), good.stderr
    (outputs / "example" / "charts" / "map" / "coverage.svg").unlink()
    bad = eis("verify", *where)
    assert bad.returncode == 1
    assert "missing file: charts/map/coverage.svg" in bad.stdout
    unknown = eis("verify", "exmaple", *where)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "Did you mean 'example'?" in unknown.stderr
    never = eis("verify", "hostile", *where)
    assert (never.returncode, never.stdout) == (2, "")
    assert "there are no results of 'hostile'" in never.stderr


def test_differences_of_tables_are_named_by_row_and_column():
    assert name_differences(b"a,b\n1,2\n3,4\n", b"a,b\n1,2\n3,5\n", "x.csv") == [
        "row 3, column b: '4' instead of '5'"
    ]
    assert name_differences(b"a\n1\n", b"a\n1\n2\n", "x.csv") == ["1 rows instead of 2", "row 3 is gone: '2'"]
    assert name_differences(b"b\n1\n", b"a\n1\n", "x.csv") == ["columns 'b' instead of 'a'"]
    assert name_differences(b"a\n1\n", b"a\n1\n", "x.csv") == []


def test_many_differences_are_counted_and_unreadable_files_are_said_to_be():
    rows = "".join(f"{number}\n" for number in range(40))  # thirteen of them hold a 1
    found = name_differences(f"a\n{rows}".encode(), f"a\n{rows.replace('1', '7')}".encode(), "x.csv")
    assert found[-1] == "and 1 more"
    assert name_differences(b"{", b"{}", "x.json") == ["it can no longer be read as what its name says"]
    assert name_differences(b"abc", b"abd", "x.png") == [
        "3 bytes instead of 3; the first that differs is byte 3"
    ]
