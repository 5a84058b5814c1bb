"""Conditions of an audit: those that are asked for, and how a program ends that judged by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import click

from render import errors
from render.audit import alarms
from render.audit.alarms import Alarm, Step
from render.printable import printable


def conditions(
    texts: Sequence[str], file: Path | None, scalars: Collection[str] | None, compared: bool
) -> tuple[Alarm, ...]:
    """Those of the command and of a file, on `scalars` too. Raises ValueError for those that are none."""
    wanted: tuple[Alarm, ...] = ()
    given = [("--fail-on ", tuple(texts))]
    if file is not None:
        given.append((f"{file}: ", tuple(alarms.read(file))))
    for whose, some in given:
        try:
            wanted += alarms.parse(some, scalars, compared)
        except ValueError as error:
            raise ValueError(f"{whose}{error}") from error
    return wanted


def end(
    wanted: tuple[Alarm, ...],
    steps: Sequence[Step],
    failed: Sequence[str],
    partial: Sequence[str],
    lacks: str,
    quiet: bool,
    partial_is_fine: bool,
) -> None:
    """Say on stderr what is missing and what rings, and end the program with the exit code of the worst of it.

    failed: snapshots that give no report, and why; partial: what is bad with some arrays; lacks: why the last snapshot
    cannot be judged, or empty.
    """
    rung = [*alarms.ringing(wanted, steps), *([lacks] if wanted and lacks else [])]
    unjudged = alarms.unjudged(wanted, steps)
    changed = [] if quiet else alarms.changed(wanted, steps[-1].values)
    said = ("", changed), ("left out: ", failed), ("partial report: ", partial), ("", unjudged), ("alarm: ", rung)
    for kind, texts in said:
        for text in texts:
            click.echo(f"render: {kind}{printable(text)}", err=True)
    if rung:
        raise SystemExit(errors.TARGET_MISSED)
    if unjudged or ((failed or partial) and not partial_is_fine):
        raise SystemExit(errors.USAGE)


__all__ = ["conditions", "end"]
