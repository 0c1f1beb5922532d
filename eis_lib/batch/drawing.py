"""Charts drawn for kernels by the worker they belong to.

The renderer starts an engine of its own, which costs a fresh process half a second and is slow at its first charts. A
worker that executes one notebook after another keeps it running, and its kernels send their specifications over a
local socket. A picture is a function of what is sent alone, so it is the same whoever draws it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from multiprocessing.connection import Connection, Listener

from eis_lib.charts import renderer

FIRST_CHART = b'{"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}'
"""Drawn while the first notebook is still starting, as the engine starts with its first chart."""


@functools.cache
def _address(_process: int) -> str:
    """Start to draw for other processes, and return where they reach this one."""
    renderer.vl_convert()  # here, as it sets an environment variable for a moment
    listener = Listener(family="AF_UNIX")  # in a folder of this process that only its user may open
    threading.Thread(target=_listen, args=(listener,), name="drawing", daemon=True).start()
    return str(listener.address)


def drawing_address() -> str:
    """Return the socket at which this process draws charts for its kernels; empty where there are no such sockets."""
    return _address(os.getpid()) if os.name == "posix" else ""


def _listen(listener: Listener) -> None:
    renderer.answer(b"svg\n" + FIRST_CHART)
    while True:
        with contextlib.suppress(OSError):  # a kernel that was killed while it connected
            threading.Thread(target=_serve, args=(listener.accept(),), daemon=True).start()


def _serve(connection: Connection) -> None:
    """Answer one kernel until it is gone."""
    with connection, contextlib.suppress(EOFError, OSError):
        while True:
            connection.send_bytes(renderer.answer(connection.recv_bytes()))
