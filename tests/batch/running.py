"""Command lines that run, what they leave, and how to see that they sleep, end and are gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil


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
