"""`eis run` and `eis status` as they are typed: words, exit statuses, and what is left when they are stopped."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from project import write_project
from running import eis, files_of, gone, is_asleep, sleeping, wait_for

from eis_lib.section.method import STEPS

pytestmark = pytest.mark.kernel


def test_a_region_that_does_not_exist_is_one_message_before_anything_is_written(tmp_path):
    root = write_project(tmp_path, "alpha", "beta")
    for name, message in {
        "alpa": "eis: there is no region 'alpa'. Did you mean 'alpha'? Known: alpha, beta.",
        "../alpha": "eis: '../alpha' cannot be the name of a region: use lower-case letters, digits and '-'. "
        "Known: alpha, beta.",
        "a/b": "eis: 'a/b' cannot be the name of a region: use lower-case letters, digits and '-'. Known: alpha, beta.",
    }.items():
        done = eis(root, "run", name)
        assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", message)
    assert not (root / "outputs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "tset"], "eis: there is no step 'tset'. Did you mean 'test'? Known: map, examine, test, compare, plan, review, or 1-6."),
        (["--steps", "7"], "eis: there is no step '7'. Known: map, examine, test, compare, plan, review, or 1-6."),
        (["--parameters", "nowhere"], "eis: there is no folder 'nowhere'"),
        (["--outputs", "workbooks/1_map.ipynb"], "eis: 'workbooks/1_map.ipynb' is a file; the results go to a folder"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_one_message(tmp_path, arguments, message):
    done = eis(write_project(tmp_path, "alpha"), "run", *arguments)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", message)


def test_what_a_run_its_repetition_and_status_print(tmp_path):
    root = write_project(tmp_path, "alpha", test='if region == "alpha":\n    raise ValueError("no")')
    first = eis(root, "run", "--steps", "1-3")
    assert first.returncode == 1
    talk = first.stderr.splitlines()
    assert sorted(line.split(" in ")[0] for line in talk) == [
        "alpha 1_map: done",
        "alpha 2_examine: done",
        "alpha 3_test: FAILED: cell 5 [extra]: ValueError: no; kept as far as it got: alpha/3_test.failed.ipynb",
    ]
    assert all(line.endswith(" s, 3 tables, 2 charts") for line in talk if ": done in " in line)
    results = first.stdout.splitlines()
    assert results[0].startswith("3 notebooks: 2 done, 1 failed; 6 tables, 4 charts; ")
    assert results[1:3] == [f"in {root / 'outputs'}", "failed: alpha 3_test"]
    assert results[3].endswith(f" pages: {root / 'outputs' / 'site' / 'index.html'}")

    status = eis(root, "status", "alpha")
    assert status.returncode == 0
    assert [line.split(":")[0] for line in status.stdout.splitlines()] == [
        "alpha",
        "  1_map      fresh",
        "  2_examine  fresh",
        "  3_test     failed",
        "  4_compare  never run",
        "  5_plan     never run",
        "  6_review   never run",
    ]

    again = eis(root, "run", "--steps", "1-3", "--json")
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert [(e["kind"], e.get("step")) for e in events] == [
        ("plan", None), ("fresh", "map"), ("fresh", "examine"), ("start", "test"), ("failed", "test"), ("summary", None),
    ]  # fmt: skip
    assert events[-1] | {"seconds": 0} == {
        "kind": "summary", "done": 0, "fresh": 2, "failed": 1, "skipped": 0, "refused": 0,
        "tables": 6, "charts": 4, "seconds": 0, "outputs": str(root / "outputs"),
    }  # fmt: skip

    quiet = eis(root, "run", "--steps", "1-2", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_faulty_pack_is_refused_in_the_words_of_eis_check(tmp_path):
    root = write_project(tmp_path, "alpha", "beta")
    path = root / "parameters" / "beta" / "services.csv"
    path.write_text(path.read_text("utf-8") + path.read_text("utf-8").splitlines()[-1] + "\n", "utf-8")
    check = eis(root, "check", "beta").stdout.splitlines()
    assert check
    done = eis(root, "run", "--steps", "map")
    assert done.returncode == 1
    assert [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")] == check
    assert "refused: beta" in done.stdout.splitlines()
    assert (root / "outputs" / "alpha" / "1_map.ipynb").exists()
    assert not (root / "outputs" / "beta").exists()

    pages = files_of(root / "outputs" / "site")
    alone = eis(root, "run", "beta", "--steps", "map")  # nothing but bad input
    assert alone.returncode == 2
    assert files_of(root / "outputs" / "site") == pages


def test_from_another_folder_to_another_folder_the_same_bytes(tmp_path):
    """What `diff -r` would show is nothing but seconds."""
    root = write_project(tmp_path / "project", "alpha")
    elsewhere = root / "workbooks"
    assert eis(root, "run", "--steps", "1-3", "--outputs", str(tmp_path / "A")).returncode == 0
    assert eis(elsewhere, "run", "--steps", "1-3", "--outputs", "../../B", "--jobs", "1").returncode == 0
    assert files_of(tmp_path / "A") == files_of(tmp_path / "B")
    assert len(files_of(tmp_path / "A")) > 20


def test_a_second_run_into_the_same_folder_says_so_and_leaves(tmp_path, running):
    """And Ctrl-C of the first keeps its notebook as far as it got; the next run picks up what is missing."""
    flag = tmp_path / "flag"
    root = write_project(tmp_path / "project", "alpha", examine=sleeping(flag))
    first = running(root, "--steps", "1-3")
    wait_for(lambda: is_asleep(flag) and (root / "outputs" / "alpha" / "1_map.ipynb").exists())
    second = eis(root, "run")
    assert second.returncode == 2
    assert second.stderr.strip() == (
        f"eis: another run is writing to {root / 'outputs'}; wait for it to end, or choose another folder with --outputs"
    )

    processes = first.descendants()
    assert len(processes) >= 4, "a fork server, two workers, a kernel"
    first.send(signal.SIGINT)
    status, out, err = first.end()
    assert status == 130
    assert "stopped by hand; the next run picks up what is missing" in out
    assert "alpha 2_examine: FAILED: cell 5 [extra]: stopped by hand; kept as far as it got" in err
    assert "Traceback" not in err
    assert gone(processes) == []
    assert not (root / "outputs" / ".scratch").exists()
    kept = json.loads((root / "outputs" / "alpha" / "2_examine.failed.ipynb").read_text("utf-8"))
    assert "stopped by hand" in "".join(kept["cells"][0]["source"])

    flag.unlink()
    assert eis(root, "run", "--steps", "1-3").stdout.startswith("3 notebooks: 2 done, 1 fresh; ")
    assert not (root / "outputs" / "alpha" / "2_examine.failed.ipynb").exists()


def test_ctrl_c_in_a_terminal_while_a_run_is_starting_is_answered_by_the_run_alone(tmp_path, running):
    run = running(write_project(tmp_path, "alpha"))
    # multiprocessing's resource tracker and the fork server, or the process that checks packs: still importing
    wait_for(lambda: len(run.descendants()) >= 2)
    processes = run.descendants()
    os.killpg(run.process.pid, signal.SIGINT)
    status, out, err = run.end()
    assert status == 130
    assert out.startswith("0 notebooks: nothing to do; ")
    assert err == ""
    assert gone(processes) == []


def test_ctrl_c_while_the_pages_are_made_leaves_the_results_the_old_pages_and_no_process(tmp_path, running):
    root = write_project(tmp_path / "project", "alpha")
    assert eis(root, "run", "--steps", "1-2").returncode == 0
    outputs = root / "outputs"
    (outputs / "site" / "made_from.json").write_text("something else")
    before = files_of(outputs)
    run = running(root, "--steps", "1-2")
    wait_for(lambda: any(outputs.glob(".site-*")) and len(run.descendants()) >= 3)
    processes = run.descendants()
    run.send(signal.SIGINT)
    status, out, err = run.end()
    assert status == 130
    assert out.startswith("2 notebooks: 2 fresh; ")
    assert err.splitlines() == ["eis: stopped by hand before the pages were made: 'eis site' makes them"]
    assert gone(processes) == []
    assert not list(outputs.glob(".site-*"))
    assert files_of(outputs) == before


def test_after_kill_9_outputs_are_whole_no_process_is_left_and_the_next_run_completes(tmp_path, running):
    flag = tmp_path / "flag"
    root = write_project(tmp_path / "project", "alpha", "beta")
    assert eis(root, "run", "--steps", "1-2").returncode == 0
    before = files_of(root / "outputs")
    write_project_cell(root, "map", sleeping(flag))
    run = running(root, "--steps", "1-2")
    wait_for(lambda: is_asleep(flag))
    processes = run.descendants()
    run.send(signal.SIGKILL)
    run.end()
    assert gone(processes) == []
    after = {
        name: data for name, data in files_of(root / "outputs").items() if not name.startswith(".scratch")
    }
    assert after == before
    flag.unlink()
    done = eis(root, "run", "--steps", "1-2")
    assert done.stdout.startswith("4 notebooks: 2 done, 2 fresh; "), done.stdout + done.stderr
    assert not (root / "outputs" / ".scratch").exists()


def write_project_cell(root: Path, step: str, code: str) -> None:
    """Give one workbook another cell."""
    from project import write_workbooks

    shutil.rmtree(root / "workbooks")
    write_workbooks(root / "workbooks", **{step: code})


def test_a_full_disk_is_a_result_and_the_other_notebooks_are_made(tmp_path):
    """A limit on the size of a file stands for the full disk: what is larger cannot be written."""
    root = write_project(
        tmp_path, "alpha",
        map='keep({"large": "x" * 300_000}, [])',
        examine='print("y" * 300_000)',
    )  # fmt: skip
    done = eis(
        root, "run", "--steps", "1-3",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    talk = sorted(done.stderr.splitlines())
    assert talk[0].startswith(
        "alpha 1_map: FAILED: cell 5 [extra]: OSError: [Errno 27] File too large; kept as far as"
    )
    assert talk[1] == "alpha 2_examine: FAILED: cell 6 [answer]: OSError: [Errno 27] File too large"
    assert talk[2] == "alpha 3_test: skipped: it rests on alpha 1_map, alpha 2_examine"
    assert sorted(path.name for path in (root / "outputs" / "alpha").iterdir()) == [
        "1_map.failed.ipynb", "manifest.json",
    ]  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_really_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        root = write_project(tmp_path / "project", "alpha", examine='keep({"large": "x" * 16_000_000}, [])')
        outputs = ("--outputs", str(disk / "outputs"))
        assert eis(root, "run", "--steps", "map", *outputs).returncode == 0
        done = eis(root, "run", "--steps", "1-2", *outputs)
        assert done.returncode == 1
        assert (
            "alpha 2_examine: FAILED: cell 5 [extra]: OSError: [Errno 28] No space left on device"
            in done.stderr
        )
        assert "1_map      fresh" in eis(root, "status", *outputs).stdout
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert eis(root, "run", "--steps", "1-2", *outputs).returncode == 0
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_terminal_shows_regions_by_steps_with_time(tmp_path):
    """Under a pseudo-terminal the live table is drawn; `script` gives one."""
    root = write_project(tmp_path, "alpha")
    if shutil.which("script") is None:
        pytest.skip("there is no 'script' to give a terminal")
    done = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m eis_lib.cli run --steps 1-3", "/dev/null"],
        cwd=root, capture_output=True, text=True, timeout=600, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "3 of 3 notebooks, 0:" in done.stdout
    assert all(step in done.stdout for step in STEPS)
    assert "✓" in done.stdout


__all__ = ["psutil", "time"]
