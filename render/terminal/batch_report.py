"""What the command prints of many scenes: a line each as they end, what is left, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from render.errors import ERROR, exit_code
from render.printable import printable
from render.stages import duration
from render.terminal import console, streams

if TYPE_CHECKING:
    from render.production.batch import Outcome
    from render.production.edition import Edition


class Report:
    """Report on the outcomes of a batch in an edition, `total` in all. written: names of files below its folder."""

    def __init__(self, edition: Edition, total: int, quiet: bool) -> None:
        self._edition, self._total, self._quiet = edition, total, quiet
        self._outcomes: list[Outcome] = []

    @property
    def written(self) -> list[str]:
        return [name for outcome in self._outcomes if outcome.entry for name in outcome.entry["files"]]

    def add(self, outcome: Outcome) -> None:
        """Print how a scene ended. Raises an error that concerns every scene of the batch, such as NoDevice."""
        if outcome.error is not None and getattr(outcome.error, "concerns_all", False):
            raise outcome.error
        self._outcomes.append(outcome)
        if outcome.error is not None:
            console.print_traceback(outcome.error)
            click.echo(f"render: {printable(outcome.name)}: {console.one_line(outcome.error)}", err=True)
        elif outcome.entry is not None and not self._quiet:
            path = self._edition.folder / self._edition.files(outcome.output)[0]
            left = f", about {duration(outcome.left_seconds)} left" if outcome.left_seconds else ""
            done = f"[{len(self._outcomes)} of {self._total}{left}]"
            streams.tell(f"{console.line(path, outcome.entry, outcome.seconds or {})}  {done}")

    def end(self, differing: Sequence[str]) -> None:
        """Print what was written and what of it is not as committed, and end with the exit code of the errors."""
        entries = [outcome.entry for outcome in self._outcomes if outcome.entry]
        for line in console.summary(self._edition.folder, entries, differing) if entries and not self._quiet else ():
            streams.tell(line)
        lacking = dict.fromkeys(entry["name"] for entry in entries if entry.get("lacks_seeds"))
        if lacking and not self._quiet:
            made = "without the curves of other seeds, which `make claims` in a checkout makes"
            streams.tell(f"{made}: {', '.join(lacking)}")
        codes = {exit_code(outcome.error) for outcome in self._outcomes if outcome.error is not None}
        if codes:
            raise SystemExit(codes.pop() if len(codes) == 1 else ERROR)
