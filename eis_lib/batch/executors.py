"""Where notebooks are executed: processes of this machine, or the workers of a Dask cluster.

Both are reached through :class:`concurrent.futures.Executor`, and both do the same: :func:`work`.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from eis_lib.kernels.server import (
    is_server_lost,
    leave_out_slow_extras,
    share_server,
    start_server,
    why_not_warm,
    without_main,
)
from eis_lib.kernels.signals import deaf_to_ctrl_c, ended_by_hand, leave_the_end_to_parent
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.record.manifest import COMMON, SCRATCH, Surroundings, sha256_of, sha256_of_folder
from eis_lib.record.task import STOPPED, Result, Task

if TYPE_CHECKING:
    from distributed import Client


P = ParamSpec("P")
T = TypeVar("T")


class ClusterError(RuntimeError):
    """Raised when a cluster is not to be had, or its workers could not do what this machine would do."""


@dataclass(frozen=True)
class Workers:
    """Where the notebooks of a run are executed.

    Attributes
    ----------
    executor : Executor
    checking : callable
        Gives an executor that checks packs, as a context.
    slots : callable
        Returns how many notebooks are executed at a time.
    stop : callable
        Tells those at work on these notebooks to stop; where it can, each hands back its notebook as far as it got.
    """

    executor: Executor
    checking: Callable[[], contextlib.AbstractContextManager[Executor]]
    slots: Callable[[], int]
    stop: Callable[[Collection[Future[Result]]], None]

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand out a task.

        Raises
        ------
        BrokenExecutor
            If workers have ended, or could not be started as their fork server has.
        """
        with without_main():  # a process pool starts its processes when it is given work
            try:
                return self.executor.submit(function, *args, **kwargs)
            except (EOFError, ConnectionError) as error:
                raise BrokenExecutor("the fork server has ended") from error

    def check(self, parameters: Path, names: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
        """Return the faults of packs, or of the tables all regions share, and the hashes of their files, by name."""
        # a process that checks has first to import what it needs
        share = max(1, min(self.slots(), math.ceil(len(names) / PACKS_PER_PROCESS)))
        with self.checking() as executor, ended_by_hand():
            with without_main():
                asked = deaf_to_ctrl_c(
                    lambda: [
                        executor.submit(check, parameters, names[first::share]) for first in range(share)
                    ]
                )
            return {name: answer for some in asked for name, answer in some.result().items()}


PACKS_PER_PROCESS = 10
"""As many packs are checked in the time in which a process imports what it checks them with."""


@contextlib.contextmanager
def local_workers(jobs: int, *, warm: bool) -> Iterator[Workers]:
    """Give as many processes of this machine as there are jobs; none is left behind.

    Warm, they are forks of a server that is only beginning to import when this returns; packs are checked meanwhile.
    """

    def stop(_notebooks: Collection[Future[Result]]) -> None:
        for process in multiprocessing.active_children():
            if process.pid is not None:
                with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                    os.kill(process.pid, STOP)

    def checking() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, mp_context=spawn, initializer=leave_the_end_to_parent)

    spawn = multiprocessing.get_context("spawn")
    warm = warm and not why_not_warm()
    if warm:
        start_server()
    context = multiprocessing.get_context("forkserver") if warm else spawn
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_working, initargs=(warm,))
    with pool:
        yield Workers(pool, checking, lambda: jobs, stop)


@contextlib.contextmanager
def cluster_workers(address: str, now: Surroundings) -> Iterator[Workers]:
    """Give the workers of a Dask cluster, which stays as it is.

    Parameters
    ----------
    address : str
        Of the scheduler, e.g. ``tcp://10.0.0.5:8786``.
    now : Surroundings
        What every worker has to see as this machine does: code, packages, and the same folders under the same names.

    Raises
    ------
    ClusterError
        If there is no scheduler or no worker, or a worker differs.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            "a scheduler needs Dask: pip install 'eis-workbooks[cluster]', here and on every worker"
        ) from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}") from error

    def slots() -> int:
        return sum(client.nthreads().values())

    def stop(notebooks: Collection[Future[Result]]) -> None:
        for notebook in notebooks:
            notebook.cancel()

    with client:
        _compare_workers(client, now)
        executor = client.get_executor(pure=False)
        yield Workers(executor, lambda: contextlib.nullcontext(executor), slots, stop)


CONNECT_SECONDS = 10


def _compare_workers(client: Client, now: Surroundings) -> None:
    """Check that every worker of a cluster would make what this machine would make."""
    here = look(now)
    try:
        there = client.run(look, now)
    except ImportError as error:
        raise ClusterError(f"a worker cannot import what it needs: {error}") from error
    if not there:
        raise ClusterError("the scheduler has no workers")
    faults = [
        f"worker {worker}: {what} is {found.get(what, '')[:12] or 'not there'}, here it is {value[:12]}"
        for worker, found in sorted(there.items())
        for what, value in here.items()
        if found.get(what) != value
    ]
    if faults:
        raise ClusterError("\n".join(faults))


def look(now: Surroundings) -> dict[str, str]:
    """Return what this process sees of the surroundings of a run: code, packages and folders."""
    seen = Surroundings(now.workbooks, now.parameters, now.outputs)
    folders = {
        str(folder): sha256_of_folder(folder, "*") if folder.is_dir() else ""
        for folder in (
            now.workbooks,
            now.parameters / COMMON,
            now.parameters / LAYERS_FOLDER,
            now.outputs / SCRATCH,
        )
    }
    return {"the library's code": seen.code, "Python": seen.python, **seen.packages, **folders}


STOP = getattr(signal, "SIGUSR1", signal.SIGTERM)
"""Tells a worker to hand back what it has. SIGTERM ends it: a broken pool sends that to its workers, and waits for their end."""

_stopping = False
_working = False


def _begin_working(warm: bool) -> None:
    """Prepare a worker process, which ends with the run."""
    leave_out_slow_extras()
    leave_the_end_to_parent()
    signal.signal(STOP, _stop)
    from eis_lib.batch import drawing, execute  # noqa: F401 - a fork of the server has imported it

    if warm:
        share_server()
        drawing.drawing_address()


def _stop(_signum: int, _frame: object) -> None:
    global _stopping  # noqa: PLW0603 - a signal handler has nowhere else to say it
    if not _stopping and _working:
        _stopping = True
        raise KeyboardInterrupt
    _stopping = True


def check(parameters: Path, names: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Return the faults of packs, or of the tables all regions share, and the hashes of their files, by name."""
    leave_out_slow_extras()
    from eis_lib.pack.pack import check_common, check_pack

    found = {}
    for name in names:
        folder = parameters / name
        files = sorted(folder.glob("*.csv"))
        if name == COMMON:  # with what all regions share, layers are checked
            files += sorted((parameters / LAYERS_FOLDER).glob("*/*.csv"))
        hashes = [sha256_of(path) for path in files]
        faults = check_common(parameters) if name == COMMON else check_pack(folder)
        found[name] = (list(map(str, faults)), hashes)
    return found


def work(task: Task) -> Result:
    """Execute a notebook, unless the worker was told to stop.

    Raises
    ------
    BrokenExecutor
        If it came to nothing because the fork server has ended, which the run may hear of later.
    """
    global _working  # noqa: PLW0603
    if _stopping:
        return Result(task.region, task.step, STOPPED)
    leave_out_slow_extras()
    from eis_lib.batch import execute

    _working = True
    try:
        result = execute.execute(task)
    finally:
        _working = False
    if result.message and is_server_lost():
        raise BrokenExecutor("the fork server has ended")
    return result
