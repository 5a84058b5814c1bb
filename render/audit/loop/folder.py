"""The folder that a recorder writes to: held by one process at a time, and perhaps with steps in it already."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

from render.audit.files.numpys import open_npz
from render.audit.files.scalars import PREFIX

LOCK = ".recorder"  # held in a folder by the process that writes to it
Form = dict[str, tuple[int, ...]]  # the shape of each array

_LOCKS: dict[Path, int] = {}  # descriptors of the folders that this process writes to, open until it ends


def take(folder: Path) -> None:
    """Take a folder for this process, which may do so again. Raises ValueError where another process has it."""
    place = folder.resolve()
    if place in _LOCKS:
        return
    place.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ValueError(
            f"{folder} is written by another process: give each its own folder, as {folder}/rank-1, or log from one"
        ) from None
    except OSError:  # a file system that knows no locks
        os.close(descriptor)
        return
    _LOCKS[place] = descriptor


def _leave_to_parent() -> None:
    """A process that was forked shares the descriptors, and with them the locks: they are its parent's."""
    for descriptor in _LOCKS.values():
        os.close(descriptor)
    _LOCKS.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


def form_of(arrays: Mapping[str, object]) -> Form:
    """The shapes of arrays, by name; the step and scalars apart."""
    return {
        name: tuple(array.shape)  # type: ignore[attr-defined]
        for name, array in arrays.items()
        if name != "step" and not name.startswith(PREFIX)
    }


def form_at(path: Path) -> Form | None:
    """The form of a file; None where there is none that can be read."""
    if not path.is_file():
        return None
    try:
        return form_of(open_npz(path).columns)
    except (ValueError, OSError):
        return None


def said(form: Form) -> str:
    """A form in words."""
    return ", ".join(f"{name} {shape}" for name, shape in form.items()) or "nothing"


def earlier(folder: Path, path: Path, form: Form) -> str:
    """Sentence on the steps that a folder has before its recorder saves the first, to `path`; empty if none matters."""
    there = sorted(folder.glob("step-*.npz"))
    if not there:
        return ""
    other = form_at(there[-1])
    if other is not None and other != form:
        return (
            f"{folder} has steps of another run, {len(there):,} up to {there[-1].name}, with {said(other)}, and here "
            f"is {said(form)}: all are kept, an audit takes the form that most have; give each run its own folder"
        )
    later = [file for file in there if file.name >= path.name]
    if not later:
        return ""
    return (
        f"{folder} has steps of an earlier run, {len(later):,} from {later[0].name} on: those logged again are "
        f"replaced, the others stay; give each run its own folder, unless this one goes on with it"
    )


def differences(form: Form, usual: Form) -> str:
    """Sentence on how the arrays of a step differ from those of the steps before; empty where they do not."""
    parts = [f"has {name} {form[name]}" for name in form if name not in usual]
    parts += [f"lacks {name}" for name in usual if name not in form]
    parts += [
        f"has {name} {form[name]}, {usual[name]} before" for name in form if form[name] != usual.get(name, form[name])
    ]
    rest = "an audit of the run takes the steps that are as most are, and says which it leaves out"
    return f"{', '.join(parts)}: {rest}" if parts else ""


__all__ = ["Form", "differences", "earlier", "form_at", "form_of", "said", "take"]
