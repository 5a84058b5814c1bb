"""Watching a run that is still going: its folder is looked at again and again, and drawn anew when a step is whole."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from render.audit.files.opening import FORMATS
from render.audit.files.series import Series
from render.audit.files.snapshots import Snapshot
from render.audit.loop.folder import LOCK
from render.audit.report import Report
from render.audit.series import AuditedSeries, audit_series

MOST_BYTES = 2**29  # of samples that are kept of the steps that were audited; of later ones none is
SHORTEST_S = 0.1  # between two looks

Seen = tuple[tuple[str, int, int], ...]


class Kept:
    """A function from snapshots to reports that keeps them: what did not change is not audited again."""

    def __init__(self, report_on: Callable[[Snapshot], Report]) -> None:
        self._report_on = report_on
        self._reports: dict[tuple, Report] = {}
        self._bytes = 0

    def __call__(self, snapshot: Snapshot) -> Report:
        found = snapshot.path.stat()
        names = tuple(column.name for column in (snapshot.features, *snapshot.layers))
        key = (snapshot.path, found.st_mtime_ns, found.st_size, found.st_ino, names, snapshot.left_out)
        if key in self._reports:
            return self._reports[key]
        report = self._report_on(snapshot)
        self._bytes += report.sample.features.nbytes + report.measured.class_means.nbytes + report.measured.cdnv.nbytes
        if self._bytes <= MOST_BYTES and not snapshot.path.is_dir():  # a store may change within
            self._reports[key] = report
        return report


def watch(
    path: Path,
    opened: Callable[[], Series],
    report_on: Callable[[Snapshot], Report],
    show: Callable[[AuditedSeries], None],
    every: float,
) -> Kept:
    """Look into a folder every so many seconds, and `show` its audit when a whole file is new there.

    Ends when the run has ended: nothing is new, and the recorder that wrote there does so no more, by its lock; of a
    folder without a recorder it does not know. Ends, too, with Ctrl-C once something was shown. -> the reports, for
    what is done with them then. A file that cannot be read is tried again when it changes.

    Raises ValueError for what is no folder, for one that vanishes, and as `opened` and `audit_series` do where no file
    gives a report and none changes.
    """
    if not path.is_dir():
        what = "there is no such folder" if not path.exists() else "is a file"
        raise ValueError(f"{path}: {what}: --watch is for the folder that a run writes to")
    kept = Kept(report_on)
    seen: Seen | None = None
    shown, error = False, None
    try:
        while True:
            now = _files(path)
            if now == seen:  # only then is the lock tried: trying takes it, if it is free
                if error is not None:
                    raise error
                if ended(path):
                    return kept
            elif now:
                try:
                    audited, error = audit_series(opened().snapshots, kept), None
                except (ValueError, OSError) as caught:
                    error = caught
                else:
                    show(audited)
                    shown = True
            seen = now
            time.sleep(max(every, SHORTEST_S))
    except KeyboardInterrupt:
        if not shown:
            raise
        return kept


def ended(folder: Path) -> bool:
    """Whether a recorder wrote into a folder and none does any more: its lock is there, and free."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # held, or on a file system that knows no locks
        return False
    finally:
        os.close(descriptor)
    return True


def _files(folder: Path) -> Seen:
    """The snapshots of a folder by name, time and size."""
    found = []
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith(".") or Path(entry.name).suffix.lower() not in FORMATS:
                continue
            try:
                status = entry.stat()
            except OSError:  # replaced or removed since it was listed, or a symlink to itself
                continue
            found.append((entry.name, status.st_mtime_ns, status.st_size))
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(f"{folder}: is gone: its picture shows what was there") from None
    return tuple(sorted(found))


__all__ = ["Kept", "ended", "watch"]
