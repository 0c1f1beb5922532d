"""How processes end: by hand, with the parent, and without hearing of Ctrl-C."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import resource_tracker
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def ended_by_hand() -> Iterator[None]:
    """End at once, when this process is stopped by hand, the processes that it waits for."""
    try:
        yield
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():
            process.terminate()
        raise


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
