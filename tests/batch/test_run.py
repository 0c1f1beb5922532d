"""A run: everything once, nothing twice, and only what changed after that."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
import signal
import time
from concurrent.futures import BrokenExecutor
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from project import write_project, write_workbooks
from running import files_of, wait_for

from eis_lib.batch import executors
from eis_lib.batch.request import Event
from eis_lib.batch.run import run
from eis_lib.batch.state import states
from eis_lib.kernels.server import start_server, without_main
from eis_lib.record.graph import Node
from eis_lib.record.manifest import read_manifest
from eis_lib.record.task import Task
from eis_lib.section.method import GATHERED, STEPS

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a project of two regions that has been run once; tests work on copies."""
    from eis_lib.batch.request import Request

    root = write_project(tmp_path_factory.mktemp("finished"), "alpha", "beta")
    summary = run(
        Request(
            root / "workbooks",
            root / "parameters",
            root / "outputs",
            ("alpha", "beta"),
            ("alpha", "beta"),
            jobs=2,
        )
    )
    return root, summary


@pytest.fixture
def project(finished, tmp_path) -> Path:
    """Return a copy, in another folder, of a project that has been run."""
    return shutil.copytree(finished[0], tmp_path / "copy")


def touch_a_row(root: Path, region: str) -> None:
    """Change one word of one service of a region."""
    path = root / "parameters" / region / "services.csv"
    lines = path.read_text("utf-8").split("\n")
    header = next(csv.reader([lines[0]]))
    row = next(csv.reader([lines[1]]))
    row[header.index("name")] += " (renamed)"
    lines[1] = ",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in row)
    path.write_text("\n".join(lines), "utf-8")


def by_kind(events) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if event.step:
            found.setdefault(event.kind, []).append(f"{event.region} {event.step}")
    return {kind: sorted(names) for kind, names in found.items()}


def test_a_first_run_makes_every_notebook_with_its_tables_charts_and_manifest(finished):
    root, summary = finished
    assert summary.is_complete
    assert len(summary.done) == 12
    # three tables each of map and examine, four of test, one of the other three; two charts a notebook
    assert (summary.tables, summary.charts) == (2 * (3 + 3 + 4 + 3), 2 * 6 * 2)
    for region in ("alpha", "beta"):
        folder = root / "outputs" / region
        assert sorted(path.name for path in folder.iterdir()) == [
            *(step.notebook for step in STEPS.values()), "charts", "manifest.json", "tables",
        ]  # fmt: skip
        assert set(read_manifest(root / "outputs", region).steps) == set(STEPS)
    assert sorted(path.stem for path in (root / "outputs" / "_gathered").iterdir()) == sorted(
        [*GATHERED, "packs"]
    )
    assert not (root / "outputs" / ".scratch").exists()


def test_a_second_run_finds_everything_fresh_even_in_another_folder(project, go):
    before = files_of(project / "outputs")
    summary, events = go(project)
    assert len(summary.fresh) == 12
    assert (summary.tables, summary.charts) == (26, 24)
    assert by_kind(events)["fresh"] == sorted(f"{r} {s}" for r in ("alpha", "beta") for s in STEPS)
    assert files_of(project / "outputs") == before


def test_one_changed_row_runs_that_regions_chain_and_everyones_comparison_onwards(project, go):
    touch_a_row(project, "beta")
    summary, events = go(project)
    assert summary.is_complete
    # beta has as many services as before, so that what it left is what it left before: the packs tell them apart
    assert by_kind(events)["done"] == [f"beta {step}" for step in sorted(STEPS)]
    assert by_kind(events)["fresh"] == [f"alpha {step}" for step in sorted(STEPS)]


def test_a_changed_table_runs_everyones_comparison_onwards_and_nothing_before(project, go):
    path = project / "parameters" / "beta" / "services.csv"
    path.write_text(
        path.read_text("utf-8") + path.read_text("utf-8").splitlines()[-1].replace("", "another-", 1) + "\n"
    )
    summary, events = go(project)
    assert summary.is_complete
    assert by_kind(events)["done"] == sorted(
        [f"beta {step}" for step in STEPS] + [f"alpha {step}" for step in ("compare", "plan", "review")]
    )


def test_what_a_step_left_unchanged_runs_nothing_after_it(project, go):
    """A new comment in one workbook is one notebook per region."""
    path = project / "workbooks" / "3_test.ipynb"
    path.write_text(path.read_text("utf-8").replace("# test?", "# test, again?"))
    _, events = go(project)
    assert by_kind(events)["done"] == ["alpha test", "beta test"]


def test_force_runs_what_is_asked_for_and_gives_the_same_bytes(project, go):
    before = files_of(project / "outputs")
    summary, events = go(project, "alpha", steps=("test",), force=True)
    assert by_kind(events)["done"] == ["alpha test"]
    assert files_of(project / "outputs") == before
    assert len(summary.fresh) == 2


def test_a_lost_output_is_made_again(project, go):
    before = files_of(project / "outputs")
    (project / "outputs" / "alpha" / "charts" / "plan" / "first.svg").unlink()
    (project / "outputs" / "beta" / "2_examine.ipynb").write_text("{}")
    _, events = go(project)
    assert by_kind(events)["done"] == ["alpha plan", "beta examine"]
    assert files_of(project / "outputs") == before


def test_a_table_or_chart_no_longer_made_is_taken_away(project, go):
    stray = project / "outputs" / "alpha" / "tables" / "map" / "old.csv"
    stray.write_text("left by an earlier workbook\n")
    go(project, "alpha", steps=("map",), force=True)
    assert not stray.exists()


def test_the_stock_kernel_gives_the_same_bytes_whatever_its_hash_seed(project, go, monkeypatch):
    monkeypatch.setattr("eis_lib.kernels.server.QUIET_ENVIRONMENT", {"PYTHONHASHSEED": "7"})
    summary, _ = go(project, outputs=project / "other", warm=False)
    assert len(summary.done) == 12
    assert files_of(project / "other") == files_of(project / "outputs")


def test_status_says_of_each_notebook_how_it_stands_and_why(project, ask):
    touch_a_row(project, "beta")
    (project / "outputs" / "alpha" / "6_review.ipynb").unlink()
    found = {state.node: state for state in states(ask(project))}
    assert found[Node("alpha", "map")].word == "fresh"
    assert found[Node("beta", "map")].reasons == ("beta/services.csv changed",)
    assert found[Node("beta", "test")].reasons == (
        "beta/services.csv changed", "it rests on 1_map, which is stale", "it rests on 2_examine, which is stale",
    )  # fmt: skip
    assert found[Node("alpha", "compare")].reasons == ("steps 1-3 of beta are not up to date",)
    assert found[Node("alpha", "review")].reasons == (
        "its output 6_review.ipynb is gone", "it rests on 5_plan, which is stale",
    )  # fmt: skip


def test_one_region_is_compared_with_all_and_their_later_steps_are_left_alone(tmp_path, go):
    root = write_project(tmp_path, "alpha", "beta")
    summary, events = go(root, "alpha", steps=("compare",))
    assert summary.is_complete
    assert by_kind(events)["done"] == sorted(
        ["alpha compare", *(f"{r} {s}" for r in ("alpha", "beta") for s in ("map", "examine", "test"))]
    )
    assert not (root / "outputs" / "beta" / "4_compare.ipynb").exists()


def test_a_failed_notebook_holds_up_what_rests_on_it_and_nothing_else(project, go):
    before = files_of(project / "outputs")
    write_workbooks(
        project / "workbooks", test='if region == "alpha":\n    raise ValueError("no such thing")'
    )
    summary, events = go(project)
    assert by_kind(events)["failed"] == ["alpha test"]
    assert by_kind(events)["skipped"] == ["alpha compare", "alpha plan", "alpha review"]
    assert by_kind(events)["done"] == ["beta compare", "beta plan", "beta review", "beta test"]
    assert not summary.is_complete
    skipped = {event.step: event.message for event in events if event.kind == "skipped"}
    assert skipped["compare"] == "it rests on alpha 3_test"
    assert (
        next(e.message for e in events if e.kind == "failed") == "cell 5 [extra]: ValueError: no such thing"
    )
    assert next(e.message for e in events if e.kind == "gathered").endswith("of 1 regions, without alpha")
    after = files_of(project / "outputs")
    assert "alpha/3_test.failed.ipynb" in after
    kept = [name for name in before if name.startswith("alpha/")]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}, (
        "what was good still stands"
    )

    write_workbooks(project / "workbooks")
    summary, events = go(project)
    assert summary.is_complete
    assert "alpha test" in by_kind(events)["done"]
    assert files_of(project / "outputs") == before


def test_workers_and_kernels_are_forks_of_one_server(tmp_path, go):
    root = write_project(
        tmp_path, "alpha", "beta",
        map="import multiprocessing, psutil\n"
        "worker = psutil.Process(multiprocessing.parent_process().pid)\nassert worker.ppid() == os.getppid() != 1",
    )  # fmt: skip
    summary, events = go(root, steps=("map",))
    assert summary.is_complete, by_kind(events)


KILL_WORKER = "psutil.Process(multiprocessing.parent_process().pid).kill()"
"""The kernel's parent in the table of processes is the fork server; the one it was made for is the worker."""


@pytest.mark.parametrize("kill", [KILL_WORKER, "psutil.Process().parent().kill()"], ids=["worker", "server"])
def test_a_worker_or_fork_server_that_dies_is_replaced_and_its_notebook_made(tmp_path, go, kill):
    flag = tmp_path / "once"
    flag.touch()
    root = write_project(
        tmp_path / "project", "alpha", "beta",
        # whichever kernel takes the flag away kills; to look first would let both of them try
        map=f"import multiprocessing, psutil, time\nflag = pathlib.Path({str(flag)!r})\ntry:\n    flag.unlink()\n"
        f"except FileNotFoundError:\n    pass\nelse:\n    {kill}\n    time.sleep(9)",
    )  # fmt: skip
    summary, _ = go(root, steps=("map",))
    assert summary.is_complete
    assert len(summary.done) == 2
    assert not flag.exists()


def kill_the_server() -> None:
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    time.sleep(1)


def end_the_workers() -> None:
    for process in multiprocessing.active_children():
        process.terminate()
        process.join(10)
        assert not process.is_alive(), "a pool that is broken waits for them"


@pytest.mark.parametrize("end", [kill_the_server, end_the_workers])
def test_workers_that_end_between_two_notebooks_are_replaced(tmp_path, ask, end):
    """The run hears of it when it hands out the next one."""
    root = write_project(tmp_path, "alpha", "beta")
    ended = []

    def end_once(event: Event) -> None:
        if event.kind == "done" and not ended:
            ended.append(event)
            end()

    summary = run(ask(root, steps=("map", "examine"), jobs=1), end_once)
    assert ended
    assert summary.is_complete, summary
    assert len(summary.done) == 4


def fail_after_the_server(task: Task, to: Connection) -> None:
    """Have a worker execute a notebook when its fork server has just been killed."""
    executors._begin_working(warm=True)
    server = os.getppid()
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: os.getppid() != server)
    try:
        to.send(executors.work(task))
    except BrokenExecutor as error:
        to.send(error)


def test_a_notebook_that_failed_for_want_of_the_server_is_not_its_own_failure(task):
    context = multiprocessing.get_context("forkserver")
    from_it, to = context.Pipe(duplex=False)
    start_server()
    with without_main():
        context.Process(target=fail_after_the_server, args=(task(), to)).start()
    to.close()
    assert str(from_it.recv()) == "the fork server has ended"


def test_a_worker_that_dies_each_time_is_given_up_and_named(tmp_path, go):
    root = write_project(
        tmp_path, "alpha", map=f"import multiprocessing, psutil, time\n{KILL_WORKER}\ntime.sleep(9)"
    )
    summary, events = go(root, steps=("map",))
    assert summary.failed == [Node("alpha", "map")]
    assert (
        next(e.message for e in events if e.kind == "failed")
        == "its worker was lost 2 times (BrokenProcessPool)"
    )


def test_a_faulty_pack_is_refused_with_the_words_of_the_check_and_the_others_run(project, go):
    from eis_lib.pack.pack import check_pack

    before = files_of(project / "outputs" / "alpha")
    path = project / "parameters" / "alpha" / "services.csv"
    path.write_text(path.read_text("utf-8") + path.read_text("utf-8").splitlines()[-1] + "\n")
    faults = tuple(map(str, check_pack(project / "parameters" / "alpha")))
    assert faults
    summary, events = go(project)
    assert summary.refused == {"alpha": faults}
    assert next(e for e in events if e.kind == "refused").faults == faults
    assert by_kind(events)["done"] == ["beta compare", "beta plan", "beta review"]
    assert files_of(project / "outputs" / "alpha") == before


def test_manifests_of_two_runs_differ_in_nothing_but_seconds(project, go):
    go(project, outputs=project / "other")
    for region in ("alpha", "beta"):
        one, other = (
            json.loads((project / name / region / "manifest.json").read_text())
            for name in ("outputs", "other")
        )
        for manifest in (one, other):
            for entry in manifest["steps"].values():
                assert set(entry["seconds"]) == {"start", "cells", "shutdown", "save", "total"}
                del entry["seconds"]
        assert one == other
