"""Conditions on the numbers of a report that shall stop a pipeline: "participation_ratio<4"."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Alarm:
    """A condition on the number `name` that rings where its comparison with `limit` is true."""

    name: str
    comparison: str
    limit: float

    def __str__(self) -> str:
        return f"{self.name}{self.comparison}{self.limit:g}"

    def rings(self, value: float) -> bool:
        """Whether the value is what the alarm is for; NaN always is."""
        return value != value or COMPARISONS[self.comparison](value, self.limit)


def parse(texts: Iterable[str]) -> tuple[Alarm, ...]:
    """Alarms from texts such as "nc1 > 0.5".

    Raises ValueError for another form, with the forms that there are, and for an unknown number, with all their names.
    """
    return tuple(map(_parse, texts))


def _parse(text: str) -> Alarm:
    found = re.fullmatch(r"\s*(\w+)\s*(<=|>=|<|>)\s*(\S+)\s*", text)
    try:
        if found is None:
            raise ValueError
        alarm = Alarm(found[1], found[2], float(found[3]))
        if alarm.limit != alarm.limit:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{text!r} is no condition: write a number, one of < <= > >=, and a limit, as in nc1>0.5"
        ) from None
    from render.audit import numbers  # which imports jax: an audit without conditions says what is wrong before that

    names = numbers.names()
    if alarm.name not in names:
        close = difflib.get_close_matches(alarm.name, names, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"{text!r}: there is no number called {alarm.name}; {hint}there are {', '.join(names)}")
    return alarm


def ringing(alarms: Iterable[Alarm], values: dict[str, float]) -> list[str]:
    """Sentences about the alarms that ring, one each; alarms whose number is missing do not."""
    return [
        f"{alarm.name} is {values[alarm.name]:.6g}: {alarm}"
        for alarm in alarms
        if alarm.name in values and alarm.rings(values[alarm.name])
    ]


def unjudged(alarms: Iterable[Alarm], values: dict[str, float]) -> list[str]:
    """Sentences about the alarms on numbers that the report lacks, one each."""
    return [
        f"{alarm} cannot be judged: the data give no {alarm.name}, only {', '.join(values)}"
        for alarm in alarms
        if alarm.name not in values
    ]


__all__ = ["Alarm", "parse", "ringing", "unjudged"]
