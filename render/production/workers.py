"""Start and end of a worker process: it ends when it is told to, and when its parent ends, however that does."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

from render.terminal import ending

GRACE_SECONDS = 1.5  # for workers to clean up after themselves when they are told to end
PR_SET_PDEATHSIG = 1  # of Linux's prctl: the signal that the kernel sends when the parent dies
HELD = (signal.SIGINT, *ending.ENDINGS)  # while workers are started: they inherit what is blocked

terminated: list[int] = []  # the signals that told this worker to end


def start() -> None:
    """In a worker: leave Ctrl-C to the parent, and make an exception of SIGTERM, so that temporary files go.

    A worker whose parent dies is told to end as well, and killed if it has not after GRACE_SECONDS.
    """
    ending.quiet_libraries()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in ending.ENDINGS:
        if number == signal.SIGTERM or signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _unwind)
    _end_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ending.ENDINGS)


def _unwind(number: int, frame: FrameType | None) -> None:
    if not terminated:  # once: a second exception would end the cleaning up
        terminated.append(number)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # inside a destructor Python would print the exception, and go on
        raise SystemExit(number)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if sys.platform == "linux":  # the thread has to wait for Python's lock, the kernel does not
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent.pid:  # it died before anybody watched
        os._exit(1)


def _watch(parent: Any) -> None:
    """Thread's loop: wait for the end of a pipe that the parent holds open, and end this process."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
