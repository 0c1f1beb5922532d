"""`eis verify`: what it says of good results, and of results that somebody or something touched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eis_lib.batch.differences import name_differences
from eis_lib.batch.verify import verify

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


def eis(outputs: Path, parameters: Path, *arguments: str) -> subprocess.CompletedProcess:
    where = ["--outputs", str(outputs), "--parameters", str(parameters)]
    return subprocess.run(
        [sys.executable, "-m", "eis_lib.cli", *arguments, *where], cwd=ROOT, capture_output=True, text=True
    )


def test_all_six_steps_are_made_again_to_the_same_bytes(made):
    done = eis(made.outputs, made.parameters, "verify", "example")
    assert (done.returncode, done.stdout) == (0, "example: reproduced 6/6\n"), done.stderr


def test_touched_outputs_are_named_down_to_the_value(made, touched):
    folder = touched[0] / "example"
    chart = folder / "charts" / "map" / "coverage.json"
    spec = json.loads(chart.read_text("utf-8"))
    (name,) = spec["datasets"]
    was = spec["datasets"][name][0]["services"]
    spec["datasets"][name][0]["services"] = 99
    chart.write_text(json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    (folder / "tables" / "map" / "coverage.csv").unlink()
    (folder / "charts" / "map" / "extra.svg").write_text("<svg/>", "utf-8")
    notebook = folder / "1_map.ipynb"
    content = json.loads(notebook.read_text("utf-8"))
    cell = next(cell for cell in content["cells"] if cell["id"] == "headline")
    cell["outputs"][0]["data"]["text/markdown"] = ["All is well."]
    notebook.write_text(json.dumps(content), "utf-8")

    done = eis(*touched, "verify")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[:3] == [
        "example: reproduced 0/1",
        "  missing file: tables/map/coverage.csv (1_map)",
        "  edited output: 1_map.ipynb (1_map)",
    ]
    assert lines[3].startswith(
        "    cell [headline], output 1: text/markdown: 'All is well.' instead of '- **"
    )
    assert lines[4:] == [
        "  edited output: charts/map/coverage.json (1_map)",
        f"    data row 1, services: '99' instead of '{was}'",
        "  edited output: charts/map/extra.svg was not left by the run (1_map)",
    ]


def test_an_altered_input_row_is_an_input_and_shows_in_what_comes_of_it(made, touched):
    services = touched[1] / "example" / "services.csv"
    services.write_text(services.read_text("utf-8").replace(",Export check,", ",Export checks,"), "utf-8")
    lines = lines_of(made, touched)
    assert lines[0] == "example: reproduced 0/1"
    assert lines[1] == "  edited input: example/services.csv (1_map)"
    assert lines[2].startswith(
        "    neither a snapshot nor git's history holds the file as it was read, so its cells cannot be compared ("
    )
    changed = next(i for i, line in enumerate(lines) if "services_in_force.csv" in line)
    assert lines[changed] == "  not reproduced: tables/map/services_in_force.csv (1_map)"
    assert "made again: row 3, column name: 'Export checks' instead of 'Export check'" in lines[changed + 1]
    assert not any(line.startswith(("  edited output", "  other library")) for line in lines)


def test_cells_of_an_edited_input_are_named_where_git_holds_what_was_read(made, touched):
    pack = touched[1] / "example"
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Keep the pack as it was read"]):
        who = ["-c", "user.name=Officer", "-c", "user.email=officer@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=pack, check=True)
    services = pack / "services.csv"
    services.write_text(services.read_text("utf-8").replace(",Export check,", ",Export checks,"), "utf-8")
    lines = lines_of(made, touched)
    assert lines[1:3] == [
        "  edited input: example/services.csv (1_map)",
        "    row 3, column name: 'Export checks' instead of 'Export check'",
    ]


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


def test_a_region_that_is_not_there_or_has_no_results_is_one_message(touched):
    unknown = eis(*touched, "verify", "exmaple")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "Did you mean 'example'?" in unknown.stderr
    never = eis(*touched, "verify", "hostile")
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
