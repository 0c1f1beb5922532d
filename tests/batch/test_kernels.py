"""Kernels forked from a server: warm, fresh, and gone afterwards."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver

import nbformat
import psutil
import pytest
from project import ROOT, where_it_runs, write_project
from running import eis

from eis_lib.batch import execute as notebook
from eis_lib.batch.execute import execute, failed_name
from eis_lib.batch.executors import check
from eis_lib.kernels import warm
from eis_lib.kernels.server import PRELOAD, apart, remark
from eis_lib.kernels.signals import deaf_to_ctrl_c
from eis_lib.record.errand import Errand

pytestmark = pytest.mark.kernel


def outputs_of(path) -> str:
    """Return the text a notebook printed."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "".join(
        "".join(output.get("text", ""))
        for cell in cells
        for output in cell.get("outputs", [])
        if "text" in output
    )


TRACES = """\
import textwrap, pandas
print("variable", "left_behind" in globals())
print("environment", os.environ.get("LEFT_BEHIND"))
print("attribute", hasattr(textwrap, "left_behind"), pandas.options.display.max_rows)
print("folder", pathlib.Path.cwd() == pathlib.Path("/"))
left_behind = 1
os.environ["LEFT_BEHIND"] = "yes"
textwrap.left_behind = 1
pandas.options.display.max_rows = 7
os.chdir("/")
"""


def test_nothing_of_one_notebook_is_seen_by_the_next(task):
    """A variable, an environment change, a changed module attribute and a changed folder."""
    for _ in range(2):
        one = task(map=TRACES)
        result = execute(one)
        assert result.message == ""
        assert outputs_of(result.folder / "1_map.ipynb").splitlines()[:4] == [
            "variable False", "environment None", "attribute False 60", "folder False",
        ]  # fmt: skip


def test_each_notebook_has_a_process_of_its_own_which_is_gone_afterwards(task):
    pids = []
    for _ in range(2):
        one = task(map='print("pid", os.getpid(), os.getppid(), os.getpgrp())')
        result = execute(one)
        assert result.message == ""
        words = outputs_of(result.folder / "1_map.ipynb").split()
        pid, parent, group = map(int, words[1:4])
        assert parent == forkserver._forkserver._forkserver_pid, "a kernel is a fork of the server"
        assert group == pid, "a kernel leads a group of its own, so that Ctrl-C does not reach it"
        assert not psutil.pid_exists(pid)
        pids.append(pid)
    assert len({*pids, os.getpid()}) == 3


def test_the_server_has_one_thread_so_that_its_forks_are_whole(task):
    execute(task())
    server = psutil.Process(forkserver._forkserver._forkserver_pid)
    assert server.num_threads() == 1


SHOW_NEW_MODULES = (
    f"import sys\nprint('modules', *sorted(set(sys.modules) - set(sys.modules[{PRELOAD!r}].THERE)))"
)


def test_a_kernel_imports_next_to_nothing_while_it_starts(task):
    """What the fork server does not have costs every notebook; numbers as of ipykernel 7.4."""
    one = task(map=SHOW_NEW_MODULES)
    result = execute(one)
    assert result.message == ""
    new = outputs_of(result.folder / "1_map.ipynb").split()[1:]
    new = new[: new.index("alpha")]
    assert len(new) < 10, new


def test_a_workbook_imports_nothing_more_to_show_and_keep_its_tables_and_charts(task, tmp_path):
    root = write_project(tmp_path, "alpha")
    workbook = nbformat.read(ROOT / "workbooks" / "1_map.ipynb", as_version=4)
    workbook.cells.append(nbformat.v4.new_code_cell(SHOW_NEW_MODULES))
    nbformat.write(workbook, root / "workbooks" / "1_map.ipynb")
    one = task(root=root)
    found = check(root / "parameters", ["_common", "alpha"])
    one.checked.write_text("\n".join(sha256 for _, hashes in found.values() for sha256 in hashes))
    result = execute(one)
    assert result.message == ""
    new = outputs_of(result.folder / "1_map.ipynb").partition("modules")[2].split()
    assert not [name for name in new if not name.startswith(("multiprocessing.", "zmq."))], new


def test_a_kernel_starts_faster_than_its_imports_would_take(task):
    execute(task())
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import eis_lib.workbook"], check=True)
    cold = time.perf_counter() - begin
    assert min(execute(task()).seconds["start"] for _ in range(2)) < cold / 2


def test_a_function_apart_runs_in_a_fork_that_has_all_imports_and_is_gone_afterwards():
    word, pid, parent, was_warm = apart(where_it_runs, "here", warm=True)
    assert (word, parent, was_warm) == ("here", forkserver._forkserver._forkserver_pid, True)
    assert pid != os.getpid()
    assert not psutil.pid_exists(pid)


def test_where_kernels_start_cold_a_function_is_called_here():
    assert apart(where_it_runs, "here", warm=False)[1] == os.getpid()


def test_what_a_function_apart_raises_is_raised_here():
    with pytest.raises(ValueError, match="invalid literal"):
        apart(int, "no number", warm=True)


PRELOAD_PROBE = """\
import multiprocessing.forkserver, os, sys
from pathlib import Path
from eis_lib.kernels import server
server.PRELOAD = sys.argv[1]
from eis_lib.batch import execute
from eis_lib.record.task import Task
if __name__ == "__main__":
    root = Path(sys.argv[2])
    (root / "scratch").mkdir()
    print(execute.execute(Task("alpha", "map", root / "workbooks", root / "parameters", root / "outputs",
          ("alpha",), root / "checked", root / "scratch", 60, True)).message)
"""


def probe(tmp_path, preload: str) -> str:
    """Return the message of a notebook whose fork server preloads the module."""
    write_project(tmp_path, "alpha")
    (tmp_path / "probe.py").write_text(PRELOAD_PROBE)
    done = subprocess.run(
        [sys.executable, "probe.py", preload, str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    return done.stdout.strip() + done.stderr


def test_a_preload_that_cannot_be_imported_is_an_error_that_names_it(tmp_path):
    (tmp_path / "broken_library.py").write_text("import nothing_of_that_name\n")
    (tmp_path / "broken_preload.py").write_text(
        "from eis_lib.kernels.preload import import_all\nPROBLEMS = import_all(('broken_library', 'json'))\n"
    )
    message = probe(tmp_path, "broken_preload")
    assert message.startswith(
        "PreloadError: broken_library could not be imported: ModuleNotFoundError: No module named 'nothing_of_that_name'"
    )


def test_a_preload_that_the_fork_server_swallowed_is_an_error_too(tmp_path):
    """multiprocessing's fork server says nothing of a preload that raises ImportError."""
    assert probe(tmp_path, "nowhere_to_be_found").startswith(
        "PreloadError: nowhere_to_be_found could not be imported: the fork server did not import it"
    )


def test_where_forking_is_not_to_be_had_the_stock_kernel_serves_and_says_so_once(
    task, monkeypatch, go, tmp_path
):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert warm.manager_class(warm=True) is warm.ColdKernelManager
    result = execute(task())
    assert result.message == ""
    assert (
        result.remark
        == f"kernels start cold, each importing everything anew: {sys.platform} has no fork server"
    )


def test_a_daemon_that_may_have_no_children_is_told_what_to_set(monkeypatch):
    monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True})
    assert "set DASK_DISTRIBUTED__WORKER__DAEMON=False" in remark()


def test_plain_papermill_finds_the_provisioner_by_its_entry_point(tmp_path):
    """Anyone who runs papermill's Python interface may use the warm kernels by naming their provisioner."""
    root = write_project(tmp_path, "alpha")
    (root / "record").mkdir()
    code = (
        "import papermill\n"
        "if __name__ == '__main__':\n"
        "    papermill.execute_notebook('workbooks/1_map.ipynb', 'out.ipynb', {'region': 'alpha'}, progress_bar=False)\n"
    )
    env = {
        **os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": warm.PROVISIONER, "EIS_PARAMETERS": "parameters",
        **Errand("record", "outputs", ("alpha",)).environment(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert "alpha has" in outputs_of(root / "out.ipynb")


def test_kernels_may_be_started_from_many_threads(task):
    """A Dask worker executes its notebooks in threads."""
    tasks = [task() for _ in range(3)]
    messages = {}
    threads = [
        threading.Thread(target=lambda one=one: messages.update({one.scratch: execute(one).message}))
        for one in tasks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert messages == {one.scratch: "" for one in tasks}


__all__ = ["ROOT", "eis", "failed_name", "notebook"]


def test_a_kernel_slow_to_start_is_ready_as_soon_as_it_answers(task, monkeypatch):
    """Several requests are waiting when it comes up; the answer to any of them will do."""

    class Late(warm.ColdKernelManager):
        @property
        def kernel_spec(self):
            spec = super().kernel_spec
            late = "import runpy, sys, time; time.sleep(3.5); del sys.argv[1:2]; runpy.run_module('ipykernel_launcher', run_name='__main__')"
            spec.argv = [sys.executable, "-c", late, *spec.argv[2:]]
            return spec

    monkeypatch.setattr(warm, "ColdKernelManager", Late)
    result = execute(task(warm=False))
    assert result.message == ""
    assert 3.5 < result.seconds["start"] < 30


def test_processes_do_not_hear_of_ctrl_c_and_the_one_that_starts_them_does():
    hears = [
        sys.executable,
        "-c",
        "import signal; print(signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ()))",
    ]
    answers = []

    def start() -> None:
        answers.append(subprocess.run(hears, capture_output=True, text=True, check=True).stdout)
        os.kill(os.getpid(), signal.SIGINT)
        answers.append(subprocess.run(hears, capture_output=True, text=True, check=True).stdout)

    # a shell starts what it runs in the background with Ctrl-C ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            deaf_to_ctrl_c(start)
    finally:
        signal.signal(signal.SIGINT, before)
    assert answers == ["False\n", "False\n"]


def test_a_warm_kernel_can_be_interrupted():
    async def interrupt() -> str:
        manager = warm.manager_class(warm=True)()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(60)
            client.execute("import time\nprint('sleeping', flush=True)\ntime.sleep(60)")
            while True:
                message = await client.get_iopub_msg(timeout=30)
                if message["msg_type"] == "stream":
                    await manager.interrupt_kernel()
                if message["msg_type"] == "error":
                    return message["content"]["ename"]
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    with ThreadPoolExecutor() as thread:  # a browser of other tests may have left this one an event loop
        assert thread.submit(asyncio.run, interrupt()).result() == "KeyboardInterrupt"
