"""Where notebooks are executed: processes of this machine, or the workers of a Dask cluster.

Both are reached through :class:`concurrent.futures.Executor`, and both do the same: :func:`work`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eis_lib.batch import kernels

if TYPE_CHECKING:
    from eis_lib.batch.notebook import Result, Task


class ClusterError(RuntimeError):
    """Raised when the workers of a cluster cannot do what this machine would do."""


@dataclass(frozen=True)
class Workers:
    """Executors of notebooks.

    Attributes
    ----------
    executor : Executor
    slots : int
        Notebooks executed at a time.
    """

    executor: Executor
    slots: int

    def submit(self, task: Task) -> Future[Result]:
        """Hand out a notebook."""
        with kernels.without_main():  # a process pool starts its processes when it is given work
            return self.executor.submit(work, task)

    def stop(self) -> None:
        """Tell those at work to stop; each hands back its notebook as far as it got."""
        for process in multiprocessing.active_children():
            process.terminate()


@contextlib.contextmanager
def local_workers(jobs: int, *, warm: bool) -> Iterator[Workers]:
    """Give as many processes of this machine as there are jobs; none is left behind."""
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_working, initargs=(warm,)
    )
    with pool:
        yield Workers(pool, jobs)


_stopping = False
_working = False


def _begin_working(warm: bool) -> None:
    """Prepare a worker process: it ends with the run, and while it imports, so does its fork server."""
    kernels.leave_out_slow_extras()
    kernels.end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then says so by SIGTERM
    signal.signal(signal.SIGTERM, _stop)
    if warm and not kernels.why_not_warm():
        kernels.start_server()
    import eis_lib.batch.notebook  # noqa: F401 - while the server imports its share


def _stop(_signum: int, _frame: object) -> None:
    global _stopping  # noqa: PLW0603 - a signal handler has nowhere else to say it
    if not _stopping and _working:
        _stopping = True
        raise KeyboardInterrupt
    _stopping = True


def work(task: Task) -> Result:
    """Execute a notebook, unless the worker was told to stop."""
    global _working  # noqa: PLW0603
    kernels.leave_out_slow_extras()
    from eis_lib.batch import notebook

    if _stopping:
        return notebook.Result(task.region, task.step, notebook.STOPPED)
    _working = True
    try:
        return notebook.execute(task)
    finally:
        _working = False
