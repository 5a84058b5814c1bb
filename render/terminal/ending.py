"""How the command ends: every failure is one line and an exit code."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import click

from render.errors import DONE, ERROR, INTERRUPTED, USAGE, exit_code
from render.printable import printable, printable_text
from render.terminal import console


def run(command: click.Command) -> None:
    """Run a command and end the process. Warnings are a line each, once."""
    said = set()

    def show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        # other categories come from libraries and are about numbers that the run checks itself
        if category is UserWarning and str(message) not in said:
            said.add(str(message))
            click.echo(f"render: warning: {printable(message)}", err=True)

    warnings.showwarning = show_warning
    try:
        raise SystemExit(command.main(prog_name="render", standalone_mode=False) or DONE)
    except click.ClickException as error:
        click.echo(f"render: {printable_text(error.format_message())}", err=True)
        raise SystemExit(USAGE if isinstance(error, click.UsageError) else ERROR) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("render: interrupted; every file is whole, the old one or the new", err=True)
        sys.stdout.flush()
        os._exit(INTERRUPTED)  # a thread may still be inside XLA, and would be waited for
    except Exception as error:
        console.print_traceback(error)
        click.echo(f"render: {console.one_line(error)}", err=True)
        raise SystemExit(exit_code(error)) from None
