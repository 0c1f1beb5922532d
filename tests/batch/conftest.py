"""Fixtures of the batch tests: small projects, real kernels, real command lines."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from project import ROOT, write_project

from eis_lib.batch.graph import STEPS
from eis_lib.batch.manifest import Surroundings
from eis_lib.batch.run import Event, Request, Summary, run
from eis_lib.batch.task import Task


@pytest.fixture(scope="module", autouse=True)  # not longer: other folders' tests share the process
def _library_that_stays_as_it_is(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a library that is edited while its tests run from being what makes a notebook out of date."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(ROOT / "eis_lib", folder / "eis_lib", ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Surroundings, "code", "the library's code")
        patch.setenv("PYTHONPATH", str(folder))
        yield


@pytest.fixture
def ask() -> Callable[..., Request]:
    """Return what makes a request to run a small project."""

    def make(root: Path, *regions: str, **changes: object) -> Request:
        partners = tuple(sorted(p.name for p in (root / "parameters").iterdir() if p.name != "_common"))
        settings = {
            "workbooks": root / "workbooks",
            "parameters": root / "parameters",
            "outputs": root / "outputs",
            "regions": regions or partners,
            "partners": partners,
            "jobs": 2,
            **changes,
        }
        return Request(**settings)

    return make


@pytest.fixture
def go(ask: Callable[..., Request]) -> Callable[..., tuple[Summary, list[Event]]]:
    """Return what runs a small project in this process, and returns summary and events."""

    def make(root: Path, *regions: str, **changes: object) -> tuple[Summary, list[Event]]:
        events: list[Event] = []
        return run(ask(root, *regions, **changes), events.append), events

    return make


@pytest.fixture
def task(tmp_path: Path) -> Callable[..., Task]:
    """Return what makes a task to execute one workbook, with a cell of one's own, in this process."""
    counter = iter(range(100))

    def make(
        step: str = "map", *, root: Path | None = None, timeout: float = 60, warm: bool = True, **extra: str
    ) -> Task:
        if root is None:
            root = write_project(tmp_path / f"project{next(counter)}", "alpha", **extra)
        scratch = root / f"scratch{next(counter)}"
        scratch.mkdir()
        return Task(
            "alpha", step, root / "workbooks", root / "parameters", root / "outputs", ("alpha",),
            scratch / "checked.txt", scratch, timeout, warm,
        )  # fmt: skip

    return make


class Running:
    """A command `eis run` that goes on in another process."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "eis_lib.cli", "run", *arguments],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "NO_COLOR": "1"},
            # a shell starts what it runs in the background with Ctrl-C ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads
        )

    def descendants(self) -> list[psutil.Process]:
        """Return all processes it started."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def send(self, signum: int) -> None:
        """Send a signal to the run process alone."""
        os.kill(self.process.pid, signum)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; return exit status, results and talk."""
        out, err = self.process.communicate(timeout=600)
        return self.process.returncode, out, err


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    """Return what starts `eis run`; whatever is left at the end of the test is killed."""
    started: list[Running] = []

    def start(root: Path, *arguments: str) -> Running:
        started.append(Running(root, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def eis(root: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Return what an `eis` command came to."""
    return subprocess.run(
        [sys.executable, "-m", "eis_lib.cli", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "300"},
        **settings,
    )


def wait_for(what: Callable[[], object], seconds: float = 300) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"it was not so within {seconds} seconds"
        time.sleep(0.05)


def gone(processes: list[psutil.Process], seconds: float = 10) -> list[psutil.Process]:
    """Return the processes that are still there after some seconds."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return alive


def files_of(outputs: Path) -> dict[str, bytes]:
    """Return every output but the manifests, which hold seconds."""
    return {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in sorted(outputs.rglob("*"))
        if path.is_file() and path.name not in {"manifest.json", ".lock"}
    }


SLEEP = """\
import pathlib, time
flag = pathlib.Path({flag!r})
pathlib.Path({flag!r} + ".asleep").touch()
while flag.exists():
    time.sleep(0.1)
"""


def sleeping(flag: Path) -> str:
    """Return the code of a cell that sleeps as long as a file is there, and says when it does."""
    flag.touch()
    return SLEEP.format(flag=str(flag))


def is_asleep(flag: Path) -> bool:
    """Return whether a kernel has come to the sleeping cell."""
    return Path(f"{flag}.asleep").exists()


__all__ = ["STEPS", "signal"]
