"""A real Dask scheduler and real workers on loopback, one of which is killed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from project import ROOT, write_project
from running import eis, files_of, gone, is_asleep, sleeping, wait_for

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
pytestmark = [pytest.mark.kernel, pytest.mark.cluster]

# A worker of Dask is a daemon unless told otherwise, and a daemon may not have the fork server's children.
WORKER = {"DASK_DISTRIBUTED__WORKER__DAEMON": "False", "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s"}


class Cluster:
    """A scheduler and its workers, each a process of its own, found by its pid and ended by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.processes = [
            self._start(
                "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
            )
        ]

    def _start(self, what: str, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{what}-{time.monotonic_ns()}.log").open("wb")
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
            cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **WORKER, **env},
        )  # fmt: skip

    def add_worker(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        worker = self._start(
            "worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard",
            "--local-directory", str(self.folder), *arguments, **env,
        )  # fmt: skip
        self.processes.append(worker)
        return worker

    def count_workers(self) -> int:
        with distributed.Client(self.address, timeout=600, set_as_default=False) as client:
            return len(client.nthreads())

    def wait_for_workers(self, count: int) -> None:
        with distributed.Client(self.address, timeout=600, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=600)

    def end(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Return a scheduler with two workers, one of which nobody starts again."""
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield found
    finally:
        found.end()


def test_a_scheduler_that_is_not_there_is_one_message(tmp_path):
    root = write_project(tmp_path, "alpha")
    done = eis(root, "run", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1] == "eis: no Dask scheduler answers at tcp://127.0.0.1:9"


def test_a_run_ends_complete_though_a_worker_is_killed_and_gives_the_same_bytes(cluster, tmp_path, running):
    flag = tmp_path / "flag"
    root = write_project(tmp_path / "project", "alpha", "beta", map=sleeping(flag))
    cluster.add_worker("--no-nanny")
    doomed = cluster.add_worker("--no-nanny")
    cluster.wait_for_workers(2)
    run = running(root, "--scheduler", cluster.address)
    wait_for(lambda: is_asleep(flag))
    # two regions' notebooks are at work, one on each worker; one is killed with its kernel
    wait_for(lambda: len(psutil.Process(doomed.pid).children(recursive=True)) >= 2)
    kernels = psutil.Process(doomed.pid).children(recursive=True)
    doomed.kill()
    assert gone(kernels) == [], "the kernels of a killed worker end with it"
    flag.unlink()
    status, out, err = run.end()
    assert status == 0, err
    assert out.startswith("12 notebooks: 12 done; 26 tables, 24 charts; "), out

    shutil.copytree(root, tmp_path / "local", ignore=shutil.ignore_patterns("outputs"))
    assert eis(tmp_path / "local", "run").returncode == 0
    assert files_of(root / "outputs") == files_of(tmp_path / "local" / "outputs")
    assert eis(root, "run").stdout.startswith("12 notebooks: 12 fresh; "), (
        "a cluster's manifest is a local one"
    )


def test_ctrl_c_lets_go_of_the_cluster(cluster, tmp_path, running):
    flag = tmp_path / "flag"
    root = write_project(tmp_path / "project", "alpha", map=sleeping(flag))
    cluster.wait_for_workers(1)
    run = running(root, "--steps", "map", "--scheduler", cluster.address)
    wait_for(lambda: is_asleep(flag))
    run.send(signal.SIGINT)
    status, _, err = run.end()
    assert status == 130, err
    assert "Traceback" not in err
    assert not (root / "outputs" / "alpha" / "1_map.ipynb").exists()
    flag.unlink()
    assert eis(root, "run", "--steps", "map", "--scheduler", cluster.address).returncode == 0


def test_a_worker_with_other_code_is_refused_by_name(cluster, tmp_path):
    """Its bytes would be other ones; here it is a worker that nobody brought up to date."""
    root = write_project(tmp_path / "project", "alpha")
    shutil.copytree(ROOT / "eis_lib", tmp_path / "old" / "eis_lib")
    with (tmp_path / "old" / "eis_lib" / "methods" / "policy" / "_standing.py").open("a") as module:
        module.write("# as it was before\n")
    strange = cluster.add_worker("--no-nanny", PYTHONPATH=str(tmp_path / "old"))
    try:
        wait_for(lambda: cluster.count_workers() == 2)
        done = eis(root, "run", "--scheduler", cluster.address)
        assert done.returncode == 2
        assert re.fullmatch(
            r"eis: worker tcp://127\.0\.0\.1:\d+: the library's code is [0-9a-f]{12}, here it is [0-9a-f]{12}",
            done.stderr.strip().splitlines()[-1],
        )
        assert not (root / "outputs" / "alpha").exists()
    finally:
        strange.kill()
        strange.wait()
