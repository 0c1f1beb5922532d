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
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from eis_lib.kernels.server import PRELOAD, PreloadError, start_server, why_not_warm, without_main
from eis_lib.kernels.signals import end_with_parent

PROVISIONER = "eis-forkserver"

KERNEL_SETTINGS = (
    "--HistoryManager.enabled=False",
    "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
    "--IPKernelApp.log_level=50",
)
"""Settings of IPython for a kernel nobody types into: no history, no start-up file, no talk."""

START_TIMEOUT = 180.0


class WarmKernelError(RuntimeError):
    """Raised when the fork server gave no kernel."""


def manager_class(*, warm: bool) -> type[AsyncKernelManager]:
    """Return the kernel manager that starts kernels warm, or the one that starts them cold."""
    return WarmKernelManager if warm and not why_not_warm() else ColdKernelManager


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
