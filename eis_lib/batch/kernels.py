"""Kernels that start warm: forked from a server that has imported what every workbook imports.

A kernel is a fresh process for each notebook, as papermill's are; only the imports are not paid again. The server is
the fork server of :mod:`multiprocessing`: one for a run and all its workers, which are forks of it as well, or one for
each worker of a cluster. jupyter_client finds the provisioner by its entry point, ``eis-forkserver``. Where forking is
not to be had, its own provisioner serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from queue import Empty
from typing import Any, TypeVar

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

T = TypeVar("T")

PROVISIONER = "eis-forkserver"
PRELOAD = "eis_lib.batch.preload"

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

KERNEL_SETTINGS = (
    "--HistoryManager.enabled=False",
    "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
    "--IPKernelApp.log_level=50",
)
"""Settings of IPython for a kernel nobody types into: no history, no start-up file, no talk."""

START_TIMEOUT = 180.0


def leave_out_slow_extras() -> None:
    """Make an optional import of jsonschema fail that costs two seconds in each process and that nobody here needs.

    JupyterLab's server brings ``rfc3987_syntax``, which compiles a grammar of internationalised web addresses when it
    is imported; jsonschema does without. To go when that import becomes lazy.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class PreloadError(RuntimeError):
    """Raised when the fork server could not import what every workbook needs."""


class WarmKernelError(RuntimeError):
    """Raised when the fork server gave no kernel."""


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


def manager_class(*, warm: bool) -> type[AsyncKernelManager]:
    """Return the kernel manager that starts kernels warm, or the one that starts them cold."""
    return WarmKernelManager if warm and not why_not_warm() else ColdKernelManager


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


@contextlib.contextmanager
def ended_by_hand() -> Iterator[None]:
    """End at once, when this process is stopped by hand, the processes that it waits for."""
    try:
        yield
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():
            process.terminate()
        raise


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


# --- the side of the run ---------------------------------------------------------------------------------------


class PromptClient(AsyncKernelClient):
    """A client that knows the kernel is ready from its messages, and does not sit out a silence to be sure."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        """Start the channels; without the heartbeat, as the manager sees the process itself."""
        super().start_channels(shell, iopub, stdin, hb, control)

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the base class
        """Return as soon as the kernel answers and its messages arrive.

        Raises
        ------
        RuntimeError
            If it died, or has not answered after `timeout` seconds.
        """
        deadline = time.monotonic() + (timeout or START_TIMEOUT)
        requests: set[str] = set()
        while time.monotonic() < deadline:
            requests.add(self.kernel_info())
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                # The subscription has arrived if what the kernel publishes about a request does.
                while reply["parent_header"].get("msg_id") in requests:
                    message = await self.iopub_channel.get_msg(timeout=0.2)
                    is_ours = message["parent_header"].get("msg_id") in requests
                    if is_ours and message["content"].get("execution_state") == "idle":
                        self._handle_kernel_info_reply(reply)
                        return
            if not await self.is_alive():
                msg = "Kernel died before replying to kernel_info"
                raise RuntimeError(msg)
        msg = f"Kernel didn't respond in {timeout or START_TIMEOUT:g} seconds"
        raise RuntimeError(msg)


class ColdKernelManager(AsyncKernelManager):
    """The stock kernel of the running Python, whatever kernels a user has installed."""

    provisioner_name = "local-provisioner"

    def __init__(self, **kwargs: Any) -> None:
        """Prepare a manager whose connection file and sockets lie in a short folder of their own."""
        # A local socket's path may have little more than 100 characters, and needs no port.
        self._folder = tempfile.TemporaryDirectory(prefix="eis-", ignore_cleanup_errors=True)
        if os.name == "posix":
            kwargs["transport"] = "ipc"
        super().__init__(
            connection_file=str(Path(self._folder.name) / "k"),
            client_class=f"{__name__}.PromptClient",
            **kwargs,
        )

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return how the kernel is started."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *KERNEL_SETTINGS],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": self.provisioner_name}},
        )

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            self._folder.cleanup()

    cleanup_resources = _async_cleanup_resources


class WarmKernelManager(ColdKernelManager):
    """A kernel forked from this process's fork server."""

    provisioner_name = PROVISIONER


class _ForkedKernel:
    """A forked process with the few methods of :class:`subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServerProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of this process's fork server.

    jupyter_client's entry point ``eis-forkserver``.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, and return when its sockets are there to be connected to.

        Raises
        ------
        PreloadError
            If the server could not import what every workbook needs; the modules and reasons are named.
        WarmKernelError
            If the server gave no kernel.
        """
        start_server()
        context: ForkServerContext = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=False)
        # what follows `python -m ipykernel_launcher` on the command line
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process = context.Process(
            target=_be_a_kernel,
            args=(theirs, PRELOAD, arguments, dict(kwargs["env"]), str(kwargs.get("cwd") or Path.cwd())),
            name="kernel",
        )
        try:
            # the server may still be importing; JupyterLab has other things to answer meanwhile
            await asyncio.to_thread(_start, process)
            theirs.close()
            self.process = _ForkedKernel(process)  # type: ignore[assignment]
            self.pid = self.pgid = process.pid
            self.cwd = kwargs.get("cwd")
            await asyncio.to_thread(_receive, ours)  # what could not be imported
            await asyncio.to_thread(_receive, ours)  # the sockets are bound
        except (EOFError, ConnectionError) as error:
            msg = "the fork server or its kernel ended while starting"
            raise WarmKernelError(msg) from error
        finally:
            ours.close()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and return when it is gone, so that nobody has to look again a little later."""
        process = self.process
        await super().kill(restart=restart)
        if process is not None:
            await asyncio.to_thread(process.wait, 5)


def _start(process: ForkServerProcess) -> None:
    with without_main():
        process.start()


def _receive(connection: Connection) -> None:
    if not connection.poll(START_TIMEOUT):
        msg = f"no kernel came from the fork server in {START_TIMEOUT:g} seconds"
        raise WarmKernelError(msg)
    problems = connection.recv()
    if problems:
        raise PreloadError(
            "; ".join(f"{name} could not be imported: {why}" for name, why in problems.items())
        )


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


def deaf_to_ctrl_c(function: Callable[[], T]) -> T:
    """Call a function whose processes from their first moment do not hear of Ctrl-C, which this one answers for all.

    What a thread does not hear of, the processes it starts do not either. So it is called in another thread, and this
    one goes on hearing.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return function()
    # started in there, it would have the thread hear again
    resource_tracker.ensure_running()
    hears_nothing = (signal.SIG_BLOCK, {signal.SIGINT})
    with ThreadPoolExecutor(1, initializer=signal.pthread_sigmask, initargs=hears_nothing) as thread:
        return thread.submit(function).result()


# --- the side of the kernel ------------------------------------------------------------------------------------


def end_with_parent() -> None:
    """End this process and those it started, whatever they do, when the process that asked for it is gone."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is None:
            return
        parent.join()
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


def leave_the_end_to_parent() -> None:
    """End with the parent process, which alone hears of Ctrl-C in the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _be_a_kernel(
    started: Connection, preload: str, arguments: list[str], env: dict[str, str], cwd: str
) -> None:
    """Turn this freshly forked process into an IPython kernel, unless something was not imported."""
    there = sys.modules.get(preload)
    problems = dict(there.PROBLEMS) if there else {preload: "the fork server did not import it"}
    started.send(problems)
    if problems:
        return
    # a group of its own, as a stock kernel has: Ctrl-C in the terminal is for the run to handle. The server hears of
    # none; a kernel must, or it could not be interrupted.
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    end_with_parent()
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *arguments]
    app = IPKernelApp.instance()
    app.initialize(arguments)
    started.send({})
    started.close()
    app.start()
