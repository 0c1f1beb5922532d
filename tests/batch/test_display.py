"""What a run shows: lines, JSON, and the board of regions and steps."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from eis_lib.batch.display import Board, json_line, log_line, showing, summary_lines
from eis_lib.batch.request import Event, Summary
from eis_lib.record.graph import Node
from eis_lib.section.method import STEPS

DONE = Event("done", "donegal", "test", seconds=1.24, tables=12, charts=8, path="donegal/3_test.ipynb")
FAILED = Event(
    "failed", "donegal", "plan", "cell 7 [portfolio]: ValueError: [no] budget", 2.0, path="donegal/5_plan.failed.ipynb"
)  # fmt: skip


def test_each_event_is_one_line_that_names_region_step_and_cell():
    assert log_line(DONE) == "donegal 3_test: done in 1.2 s, 12 tables, 8 charts"
    assert log_line(FAILED) == (
        "donegal 5_plan: FAILED: cell 7 [portfolio]: ValueError: [no] budget; "
        "kept as far as it got: donegal/5_plan.failed.ipynb"
    )
    assert log_line(Event("skipped", "donegal", "review", "it rests on donegal 5_plan")) == (
        "donegal 6_review: skipped: it rests on donegal 5_plan"
    )
    assert log_line(Event("refused", "donegal", message="2 faults in its pack", faults=("a:1", "b:2"))) == (
        "donegal: refused: 2 faults in its pack\n  a:1\n  b:2"
    )
    assert log_line(Event("gathered", message="7 tables of 2 regions")) == "gathered 7 tables of 2 regions"
    assert log_line(Event("fresh", "donegal", "map")) == ""


def test_json_leaves_out_what_is_empty_and_keeps_letters():
    assert json.loads(json_line(DONE)) == {
        "kind": "done", "region": "donegal", "step": "test", "seconds": 1.24, "tables": 12, "charts": 8,
        "path": "donegal/3_test.ipynb",
    }  # fmt: skip
    assert json_line(Event("remark", message="Křižovatka")) == '{"kind": "remark", "message": "Křižovatka"}'
    assert json.loads(json_line(Event("plan", nodes=(Node("a", "map"), Node("a", "test"))))) == {
        "kind": "plan", "notebooks": 2,
    }  # fmt: skip


def test_the_summary_counts_names_and_says_where():
    summary = Summary(
        Path("/somewhere/outputs"), done=[Node("a", "map")], fresh=[Node("a", "examine")], failed=[Node("a", "test")],
        skipped=[Node("a", "compare")], refused={"b": ("x",)}, tables=5, charts=7, seconds=61.4, stopped=True,
    )  # fmt: skip
    assert summary_lines(summary) == [
        "4 notebooks: 1 done, 1 fresh, 1 failed, 1 skipped, 1 region refused; 5 tables, 7 charts; 1 min 1 s",
        "in /somewhere/outputs",
        "failed: a 3_test",
        "skipped: a 4_compare",
        "refused: b",
        "stopped by hand; the next run picks up what is missing",
    ]
    assert summary_lines(Summary(Path("o")))[0] == "0 notebooks: nothing to do; 0 tables, 0 charts; 0.0 s"


def test_the_board_counts_and_estimates_from_what_is_done():
    board = Board()
    nodes = tuple(Node(region, step) for region in ("alpha", "beta") for step in STEPS)
    board.add(Event("plan", nodes=nodes))
    assert board.remaining() is None
    board.add(Event("start", "alpha", "map"))
    board.add(Event("start", "beta", "map"))
    board.add(Event("start", "alpha", "examine"))  # one waits, so that no worker does
    board.add(Event("done", "alpha", "map", seconds=3.0))
    # eleven are open, at three seconds each, two at a time
    assert board.remaining() == 11 * 3.0 / 2
    console = Console(file=io.StringIO(), width=100)
    console.print(board)
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("1 of 12 notebooks, 0:0")
    assert lines[0].rstrip().endswith("about 0:16 remain")
    assert lines[1].split() == ["region", *STEPS]
    assert lines[2].split() == ["alpha", "✓", "▸"]
    assert lines[3].split() == ["beta", "▸"]


def test_a_board_of_many_regions_shows_those_at_work():
    board = Board()
    board.add(Event("plan", nodes=tuple(Node(f"r{n:03}", step) for n in range(242) for step in STEPS)))
    board.add(Event("start", "r007", "map"))
    board.add(Event("failed", "r009", "map", "no"))
    console = Console(file=io.StringIO(), width=100)
    console.print(board)
    text = console.file.getvalue()
    assert "r007" in text
    assert "r009" in text
    assert len(text.splitlines()) < 30


def test_text_of_a_failure_is_not_read_as_markup_of_the_terminal():
    console = Console(file=io.StringIO(), force_terminal=False, width=60)
    with showing(console, quiet=False, as_json=False) as show:
        show(FAILED)
    assert "[no] budget" in console.file.getvalue()
    assert len(console.file.getvalue().splitlines()) == 1, "a log line is not wrapped"


def test_quiet_says_only_what_went_wrong():
    console = Console(file=io.StringIO(), force_terminal=False)
    with showing(console, quiet=True, as_json=False) as show:
        show(DONE)
        show(Event("gathered", message="7 tables"))
        assert console.file.getvalue() == ""
        show(FAILED)
    assert "FAILED" in console.file.getvalue()
