"""The fork server of a process: started, shared, and asked whether kernels can start warm."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from eis_lib.kernels.signals import T, deaf_to_ctrl_c, ended_by_hand, leave_the_end_to_parent

PRELOAD = "eis_lib.kernels.preload"

QUIET_ENVIRONMENT = {
    # A sum over many threads depends on how many there are: one, on every machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # The order of a set of texts must not depend on the process.
    "PYTHONHASHSEED": "0",
    # ipykernel imports its debugger whether one is wanted or not, and that warns of Python's own frozen modules.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""What the environment of every kernel holds, so that its results do not depend on the machine or the process."""


def leave_out_slow_extras() -> None:
    """Make an optional import of jsonschema fail that costs two seconds in each process and that nobody here needs.

    JupyterLab's server brings ``rfc3987_syntax``, which compiles a grammar of internationalised web addresses when it
    is imported; jsonschema does without. To go when that import becomes lazy.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class PreloadError(RuntimeError):
    """Raised when the fork server could not import what every workbook needs."""


def why_not_warm() -> str:
    """Return why kernels cannot be forked in this process; an empty text where they can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return f"{sys.platform} has no fork server"
    if multiprocessing.current_process().daemon:
        return (
            "this worker is a daemon and may have no children "
            "(for a Dask worker, set DASK_DISTRIBUTED__WORKER__DAEMON=False)"
        )
    return ""


def remark() -> str:
    """Return what is to be said about the kernels of this process; nothing where they start warm."""
    reason = why_not_warm()
    return f"kernels start cold, each importing everything anew: {reason}" if reason else ""


def start_server(*more: str) -> None:
    """Start this process's fork server, which goes on importing while this returns; nothing where it runs already.

    Parameters
    ----------
    *more : str
        Modules it imports beside those that every run needs.
    """
    from multiprocessing import forkserver

    os.environ.update(QUIET_ENVIRONMENT)
    forkserver.set_forkserver_preload([PRELOAD, *more])
    with without_main():
        deaf_to_ctrl_c(forkserver.ensure_running)


_shared_server = 0


def share_server() -> None:
    """Let this process, itself a fork of a server, get its kernels from that server; of its own it needs none.

    multiprocessing means it to ("a child process will just reuse the forkserver started by its parent") and gives a
    fork all that is needed, but since Python 3.7 looks for a server that is a child of the process. Where the server
    ends, its forks count as ended too, and the run starts others.
    """
    from multiprocessing import forkserver

    global _shared_server  # noqa: PLW0603 - as long as this process lives
    _shared_server = os.getppid()
    server = forkserver._forkserver  # noqa: SLF001
    server.ensure_running = forkserver.ensure_running = lambda: None  # type: ignore[method-assign]


def is_server_lost() -> bool:
    """Return whether the server that this process shares has ended: then it can get no kernel, and has lost those it had."""
    return _shared_server not in (0, os.getppid())


def apart(function: Callable[..., T], *args: object, warm: bool) -> T:
    """Call a function in a fork of this process's server, which has imported what it needs; else here.

    So a process that executes notebooks imports nothing of what they import.
    """
    if not warm or why_not_warm():
        return function(*args)
    start_server()
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=leave_the_end_to_parent)
    with pool, ended_by_hand():
        with without_main():
            called = pool.submit(function, *args)
        return called.result()


_main_lock = threading.Lock()


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Start processes that do not import the main module of this one: a kernel needs nothing of it."""
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
