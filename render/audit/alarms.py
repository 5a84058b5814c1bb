"""Conditions on the numbers of a run that shall stop a pipeline: "participation_ratio<4", "mean_cosine>0.9 for 3"."""

from __future__ import annotations

import difflib
import math
import operator
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from render.places import require_regular

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
REFERENCES: dict[str, Callable[[Sequence[float]], float]] = {
    "max": max,
    "min": min,
    "first": lambda values: values[0],
}  # what a limit may be a multiple of: of the values of the steps so far
GRAMMAR = (
    "write a number, one of < <= > >=, and a limit, as in nc1>0.5; the limit may be a multiple of what was, 0.5*max, "
    "0.5*min or 2*first; it is of the last step, unless 'at any', 'after 500' or 'for 3' (steps in a row) follows"
)
CHANGED = {
    "nc1": "nc1 is (1/C) Tr(Sigma_W pinv Sigma_B) since 0.2, with Sigma_B the plain mean over classes; it was without "
    "1/C, with classes weighed by their counts: for classes of equal size divide your limit by their number C",
    "alignment": "alignment is of two views of a point since 0.2 (an array views, or pairs); that of two points of a "
    "class, which it was, is class_alignment",
}  # until 1.0: numbers whose meaning is another one than it was
FORM = re.compile(
    r"\s*((?:[^\s<>=][^<>=]*:)?[\w./-]+)\s*(<=|>=|<|>)\s*(?:([^\s*]+)\s*\*\s*(max|min|first)|([^\s*]+))"
    r"(?:\s+(at\s+any))?(?:\s+after\s+(\d+))?(?:\s+for\s+(\d+))?\s*"
)


class Step(NamedTuple):
    """The numbers of one step of a run, by name."""

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Alarm:
    """A condition on the number `name` that rings where its comparison with `limit` is true.

    of: what the limit is a multiple of, of the values so far; "" for the limit itself. It is of the last step, or, with
    `anywhere`, of any; only of those behind step `after`; `times` of them in a row.
    """

    name: str
    comparison: str
    limit: float
    of: str = ""
    anywhere: bool = False
    after: int | None = None
    times: int = 1

    def __str__(self) -> str:
        limit = f"{self.limit:g}*{self.of}" if self.of else f"{self.limit:g}"
        after = "" if self.after is None else f" after {self.after}"
        rest = f" for {self.times}" if self.times > 1 else ""
        return f"{self.name}{self.comparison}{limit}{' at any' if self.anywhere else ''}{after}{rest}"

    @property
    def of_steps(self) -> bool:
        """Whether it needs more than the last step."""
        return self.anywhere or self.after is not None or self.times > 1 or bool(self.of)

    def rings(self, value: float, before: Sequence[float] = ()) -> bool:
        """Whether the value is what the alarm is for, after those `before`; NaN always is."""
        limit = self.limit * REFERENCES[self.of]([*before, value]) if self.of else self.limit
        return value != value or COMPARISONS[self.comparison](value, limit)

    def rung(self, steps: Sequence[Step]) -> tuple[int, float] | None:
        """The first step at which it rings, and the value there; None where it does not."""
        at_the_end = not (self.anywhere or self.after is not None or self.times > 1)
        watch = Watch(self)
        found = [watch.rung(one) for one in steps]
        return next((one for one in (found[-1:] if at_the_end else found) if one is not None), None)


class Rang(RuntimeError):
    """Error: an alarm rings, and was asked to end a training."""


@dataclass
class Watch:
    """An alarm that is given the steps of a run one after another, and keeps no more of them than it needs.

    ringing: whether it does at the last step given.
    """

    alarm: Alarm
    ringing: bool = False
    _reference: list[float] = field(default_factory=list)  # what the limit is a multiple of, of the steps so far
    _row: int = 0  # steps in a row at which the condition held

    def rung(self, one: Step) -> tuple[int, float] | None:
        """The step and its value, if the alarm rings there, as the last of those so far; None if not."""
        alarm, value = self.alarm, one.values.get(self.alarm.name)
        if value is None:
            self._row, self.ringing = 0, False
            return None
        counts = alarm.after is None or one.step > alarm.after
        self._row = self._row + 1 if counts and alarm.rings(value, self._reference) else 0
        self.ringing = self._row >= alarm.times
        if alarm.of and not math.isnan(value):  # of which nothing can be a multiple
            self._reference = [REFERENCES[alarm.of]([*self._reference, value])]
        return (one.step, value) if self.ringing else None


def parse(texts: Iterable[str], scalars: Collection[str] | None = (), compared: bool = False) -> tuple[Alarm, ...]:
    """Alarms from texts such as "nc1 > 0.5", "entropy_rank<0.5*max" or "mean_cosine>0.9 for 3".

    They are of numbers of the audit or of `scalars` of the run; where these are not known yet, None, of any name. With
    `compared` also of the numbers of a comparison: "cka<0.9", "nc1_change>0".
    Raises ValueError for another form, with the forms that there are, and for an unknown name, with those that there
    are.
    """
    return tuple(_parse(text, scalars, compared) for text in texts)


def _parse(text: str, scalars: Collection[str] | None, compared: bool) -> Alarm:
    found = FORM.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        name, comparison, factor, of, limit, anywhere, after, times = found.groups()
        alarm = Alarm(
            *(name, comparison, float(factor or limit), of or "", anywhere is not None),
            after=None if after is None else int(after),
            times=int(times or 1),
        )
        if alarm.limit != alarm.limit or alarm.times < 1:
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is no condition: {GRAMMAR}") from None
    if scalars is not None and alarm.name not in scalars:
        from render.audit import depth, numbers  # which import jax: without conditions what is wrong is said before
        from render.audit.against import likeness

        layer, _, number = alarm.name.rpartition(":")
        if layer:
            names: tuple[str, ...] = (*depth.NAMES, depth.CKA)
            if number not in names:
                raise ValueError(f"{text!r}: {unknown(number, names, 'number of layers')}")
            return alarm
        names = (*numbers.names(), *scalars)
        more = {*likeness.NAMES, *(f"{name}{likeness.CHANGE}" for name in numbers.names())}
        if alarm.name in more and not compared:
            raise ValueError(f"{text!r}: {alarm.name} is of a comparison: say with what, --against FILE")
        names = (*names, *likeness.NAMES) if compared else names
        if alarm.name not in (*names, *more):
            raise ValueError(f"{text!r}: {unknown(alarm.name, names)}")
    return alarm


def unknown(name: str, names: Collection[str], what: str = "number") -> str:
    """Sentence on a name that none of these is."""
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"there is no {what} called {name}; {hint}there are {', '.join(names)}"


def read(path: Path) -> list[str]:
    """Conditions of a TOML file, from its table [alarms]: `mean_cosine = ">0.9 for 3"`, or several in a list.

    What begins with a name is a condition as it stands, whatever its key. Raises ValueError for another form.
    """
    try:
        require_regular(path, "name a TOML file")
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is no TOML ({str(error).rstrip('.')}): correct it") from error
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}: name a TOML file") from error
    table = told.get("alarms")
    if isinstance(table, list):
        table = {"alarms": table}
    if not isinstance(table, dict) or not table:
        raise ValueError(f'{path}: has no table [alarms]: write one, as in [alarms] and mean_cosine = ">0.9 for 3"')
    found = []
    for key, value in table.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str):
                raise ValueError(f'{path}: {key} is {text!r}: write a condition in quotes, as "<4" or ">0.9 for 3"')
            found.append(f"{key}{text}" if text.lstrip()[:1] in ("<", ">") else text)
    return found


def ringing(alarms: Iterable[Alarm], steps: Sequence[Step]) -> list[str]:
    """Sentences about the alarms that ring over the steps of a run, one each; those without their number do not."""
    found = [(alarm, alarm.rung(steps)) for alarm in alarms]
    return [
        f"{alarm.name} is {rung[1]:.6g}{f' at step {rung[0]}' if alarm.of_steps else ''}: {alarm}"
        for alarm, rung in found
        if rung is not None
    ]


def unjudged(alarms: Iterable[Alarm], steps: Sequence[Step]) -> list[str]:
    """Sentences about the alarms on numbers that the steps they are of lack, one each."""
    found = []
    for alarm in alarms:
        some = [one for one in steps if alarm.after is None or one.step > alarm.after]
        some = some if alarm.of_steps and (alarm.anywhere or alarm.after is not None or alarm.times > 1) else some[-1:]
        if not some:
            found.append(f"{alarm} cannot be judged: no step is after {alarm.after}")
        elif not any(alarm.name in one.values for one in some):
            there = [name.rpartition(":") for name in some[-1].values]
            layers = dict.fromkeys(layer for layer, _, _ in there if layer)
            only = layers if ":" in alarm.name and layers else [name for layer, _, name in there if not layer]
            what = "layers " if ":" in alarm.name and layers else ""
            found.append(f"{alarm} cannot be judged: the data give no {alarm.name}, only {what}{', '.join(only)}")
    return found


def changed(alarms: Iterable[Alarm], known: Collection[str] = ()) -> list[str]:
    """A line for each number of the alarms whose meaning is another one than it was.

    Of alignment only where it is not `known`: data that have it are of two views, and had none before.
    """
    names = dict.fromkeys(alarm.name for alarm in alarms)
    return [CHANGED[name] for name in names if name in CHANGED and not (name == "alignment" and name in known)]


__all__ = ["Alarm", "Rang", "Step", "Watch", "changed", "parse", "read", "ringing", "unjudged", "unknown"]
