"""One notebook executed: what it leaves, and how it fails."""

from __future__ import annotations

import json

import nbformat
import pytest

from eis_lib.batch.cleaning import plain_notebook
from eis_lib.batch.execute import FAILED_TAG, execute, failed_name
from eis_lib.record.manifest import sha256_of

pytestmark = pytest.mark.kernel


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


def test_a_notebook_leaves_its_tables_charts_and_record(task):
    one = task()
    result = execute(one)
    assert result.message == ""
    assert sorted(result.outputs) == [
        "1_map.ipynb",
        *(f"charts/map/{name}.{ending}" for name in ("first", "second") for ending in ("json", "png", "svg")),
        *(f"tables/map/{name}.csv" for name in ("concentration", "coverage", "findings")),
    ]
    assert result.outputs["tables/map/coverage.csv"] == sha256_of(
        result.folder / "record" / "tables" / "coverage.csv"
    )
    assert [item["name"] for item in result.record["inputs"]] == ["alpha/services.csv", "barriers.csv"]
    assert set(result.seconds) == {"start", "cells", "shutdown", "save", "total"}
    assert result.seconds["total"] == pytest.approx(
        sum(result.seconds.values()) - result.seconds["total"], abs=0.01
    )


def test_an_executed_notebook_says_nothing_of_machine_day_or_versions(task, tmp_path):
    one = task()
    text = (execute(one).folder / "1_map.ipynb").read_text("utf-8")
    assert str(tmp_path) not in text
    notebook = json.loads(text)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
    assert [cell["id"] for cell in notebook["cells"]] == [
        "title",
        "parameters",
        "injected-parameters",
        "setup",
        "answer",
    ]
    assert 'region = "alpha"\n' in notebook["cells"][2]["source"]


def test_two_executions_are_the_same_bytes(task):
    one, other = execute(task()), execute(task())
    assert one.outputs == other.outputs
    assert one.folder != other.folder


def test_a_notebook_is_not_changed_by_being_made_plain():
    cell = nbformat.v4.new_code_cell("1", metadata={"papermill": {"duration": 1}, "tags": []})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}})
    plain = plain_notebook(notebook)
    assert plain.cells[0].metadata == {}
    assert notebook.cells[0].metadata != {}


def test_an_error_in_a_cell_is_named_and_the_notebook_kept_as_far_as_it_got(task):
    one = task(map='print("so far")\nraise ValueError("a wrong\\n  number")')
    result = execute(one)
    assert result.message == "cell 5 [extra]: ValueError: a wrong number"
    assert result.cell == "cell 5 [extra]"
    assert result.outputs == {}
    assert result.saved == failed_name("map") == "1_map.failed.ipynb"
    cells = cells_of(result.folder / result.saved)
    assert cells[0].metadata.tags == [FAILED_TAG]
    assert "Region alpha, step map: cell 5 \\[extra\\]: ValueError: a wrong number" in cells[0].source
    assert [cell.id for cell in cells[1:]] == [
        "title",
        "parameters",
        "injected-parameters",
        "setup",
        "extra",
        "answer",
    ]
    assert cells[5].outputs[0].text == "so far\n"
    assert cells[5].outputs[-1].ename == "ValueError"
    assert not cells[6].outputs


def test_a_killed_kernel_is_named_and_the_notebook_kept(task):
    one = task(map="import signal\nprint('so far', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)")
    result = execute(one)
    assert result.message == "cell 5 [extra]: its kernel was killed (out of memory?)"
    assert cells_of(result.folder / result.saved)[0].metadata.tags == [FAILED_TAG]


@pytest.mark.parametrize("warm", [True, False])
def test_a_notebook_past_its_time_is_given_up(task, warm):
    one = task(timeout=8, warm=warm, map="import time\nprint('so far', flush=True)\ntime.sleep(60)")
    execute(task())  # the fork server is there
    result = execute(one)
    assert result.message == "cell 5 [extra]: it was not done after 8 seconds"
    assert 7 < result.seconds["total"] < 30
    assert cells_of(result.folder / result.saved)[5].outputs[0].text == "so far\n"


def test_the_time_is_the_notebooks_and_not_each_cells(task):
    one = task(timeout=10, map="import time\ntime.sleep(6)", review="")
    notebook = nbformat.read(one.workbooks / "1_map.ipynb", as_version=4)
    notebook.cells[-1].source = "time.sleep(6)"
    nbformat.write(notebook, one.workbooks / "1_map.ipynb")
    execute(task())  # the fork server is there
    assert execute(one).message == "cell 6 [answer]: it was not done after 10 seconds"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("keep = lambda tables, charts: None", "it left no record of what it read and made"),
        (
            "kept = keep\nkeep = lambda tables, charts: kept(tables, [])",
            "it ran to its end but made no charts",
        ),
        (
            "kept = keep\nkeep = lambda tables, charts: kept({'findings': 'x'}, charts)",
            "it ran to its end but made no the table 'coverage', which is gathered from every region, "
            "no the table 'concentration', which is gathered from every region",
        ),
        (
            "kept = keep\ndef keep(tables, charts):\n    kept(tables, charts)\n    (record / 'charts/first.svg').write_text('')",
            "it ran to its end but made no charts/first.svg",
        ),
    ],
)
def test_a_notebook_that_made_none_of_what_it_should_has_failed(task, code, message):
    result = execute(task(map=code))
    assert result.message.endswith(message)
    assert result.outputs == {}


def test_a_workbook_that_is_no_notebook_is_a_failure_and_not_an_exception(task):
    one = task()
    (one.workbooks / "1_map.ipynb").write_text("{")
    result = execute(one)
    assert result.message.startswith("NotJSONError:")
    assert result.saved == ""


def test_text_of_an_error_cannot_become_markup_in_the_marked_notebook(task):
    one = task(map='raise ValueError("<script>alert(1)</script> **bold**")')
    result = execute(one)
    source = cells_of(result.folder / result.saved)[0].source
    assert "<script>" not in source.replace("\\<", "")
