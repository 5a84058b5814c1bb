"""How the command ends: every failure is one line and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from render import temporary
from render.errors import DONE, ERROR, INTERRUPTED, USAGE, exit_code
from render.printable import printable, printable_text
from render.terminal import console, streams

ENDINGS = (signal.SIGTERM, signal.SIGHUP)  # that end a run as Ctrl-C does
AGAIN_SECONDS = 0.05
LEAKED = "ignore:resource_tracker:UserWarning"  # of a process that cleans up after one that was killed


def run(command: click.Command) -> None:
    """Run a command and end the process. Warnings are a line each, once.

    SIGTERM and SIGHUP end it as Ctrl-C does. What the terminal cannot show fails no run whose files are written; one
    that prints what it is for, and cannot, ends with ERROR.
    """
    quiet_libraries()
    with streams.guarded() as out, _as_ctrl_c():
        code = _code(command)
        if out.lost and code == DONE and not temporary.has_written():
            if out.lost.errno != errno.EPIPE:  # who has read enough knows
                click.echo(f"render: standard output: {out.lost.strerror}", err=True)
            code = ERROR
    raise SystemExit(code)


def quiet_libraries() -> None:
    """Let libraries log to handlers that a user has set up, and print nothing by themselves."""
    logging.lastResort = logging.NullHandler()
    if LEAKED not in sys.warnoptions:
        sys.warnoptions.append(LEAKED)  # which processes that are started inherit


def _code(command: click.Command) -> int | str:
    said = set()

    def show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        # other categories come from libraries and are about numbers that the run checks itself
        if category is UserWarning and str(message) not in said:
            said.add(str(message))
            click.echo(f"render: warning: {printable(message)}", err=True)

    warnings.showwarning = show_warning
    try:
        return command.main(prog_name="render", standalone_mode=False) or DONE
    except SystemExit as ended:
        return DONE if ended.code is None else ended.code
    except click.ClickException as error:
        click.echo(f"render: {printable_text(error.format_message())}", err=True)
        return USAGE if isinstance(error, click.UsageError) else ERROR
    except (KeyboardInterrupt, click.Abort):
        click.echo("render: interrupted; every file is whole, the old one or the new", err=True)
        _kill_children()
        os._exit(INTERRUPTED)  # a thread may still be inside XLA, and would be waited for
    except Exception as error:
        console.print_traceback(error)
        click.echo(f"render: {console.one_line(error)}", err=True)
        return exit_code(error)


def _kill_children() -> None:
    """End processes that a library was still starting, as Dask does its workers, when it was interrupted."""
    processes = sys.modules.get("multiprocessing")  # what nobody imported has started none
    for child in processes.active_children() if processes else ():
        child.kill()


@contextmanager
def _as_ctrl_c() -> Iterator[None]:
    """Let ENDINGS interrupt the block as Ctrl-C does, unless they are ignored or have a handler.

    Where an interrupt is raised in a destructor, which Python goes on after, it is sent again.
    """
    if threading.current_thread() is not threading.main_thread():  # Python hears signals in the main one alone
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def show_unraisable(ignored: Any) -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt) and heard:
            threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), heard[0])).start()
        else:
            sys.__unraisablehook__(ignored)

    heard = [number for number in ENDINGS if signal.getsignal(number) == signal.SIG_DFL]
    for number in heard:
        signal.signal(number, interrupt)
    hook, sys.unraisablehook = sys.unraisablehook, show_unraisable
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number in heard:
            signal.signal(number, signal.SIG_DFL)
