"""Report on arrays in memory, as a notebook shows it: the numbers, the headline and the dashboard."""

from __future__ import annotations

import base64
import html
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from render.audit.files.snapshots import open_snapshot
from render.audit.headline import Headline, Remark
from render.audit.loop.given import given
from render.audit.loop.values import beside_training, source_of
from render.audit.series import AuditedSeries, audit_series
from render.printable import printable, printable_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from render.audit.report import Finding
    from render.film import Film

WIDTH = 80  # columns of the printed report


class InMemory:
    """Report of an audit of arrays in memory: `print` it, index it by a number's name, or let a notebook show it.

    values: every number by its name; headline: what is going on, its status and the next step; findings: all that was
    found, the headline first. `report["nc4"]` has the value, theory, formula and verdict of a number; raises KeyError,
    with the names that there are, for one that these data do not give.
    """

    def __init__(self, audited: AuditedSeries, name: str):
        self._audited, self._name = audited, printable(name)

    @property
    def values(self) -> dict[str, float]:
        return self._audited.last.values

    @property
    def headline(self) -> Headline:
        return self._audited.headline

    @property
    def findings(self) -> list[Remark]:
        return self._audited.last.findings()

    @property
    def partial(self) -> tuple[str, ...]:
        """What is bad with some of the arrays, a sentence each; empty for data that are good."""
        return self._audited.last.partial

    def __getitem__(self, name: str) -> Finding:
        for number in self._audited.last.numbers:
            if number.name == name:
                return number
        raise KeyError(f"no number called {name} here; there are {', '.join(self.values)}")

    def as_json(self) -> dict[str, Any]:
        """The report as `json.dumps` takes it, as `render audit --json` writes it."""
        return self._audited.as_json()

    def __str__(self) -> str:
        from render.audit import telling

        lacks = [
            line for one in self.partial for line in textwrap.wrap(f"partial: {one}", WIDTH, subsequent_indent="  ")
        ]
        return printable_text("\n".join([telling.text(self._audited, 1, WIDTH), *lacks]))

    def __repr__(self) -> str:
        return f"<report on {self._name}: {self.headline.text}>"

    def figure(self, theme: str = "light") -> Figure:
        """The dashboard as a Matplotlib figure of its own, for `savefig`. theme: "light" or "dark"."""
        from render.picture import figure
        from render.picture.theme import THEMES

        if theme not in THEMES:
            raise ValueError(f"theme is {theme!r}: say {' or '.join(map(repr, THEMES))}")
        with figure.default_style():
            return figure.still(self._film(), THEMES[theme], [0])

    def _film(self) -> Film:
        from render.audit.picture import writing

        return writing.film_of(self._name, self._audited)

    def _repr_png_(self) -> bytes:
        from render.audit.picture import writing

        return writing.png(self._film(), "light")

    def _repr_html_(self) -> str:
        film = self._film()
        picture = base64.b64encode(self._repr_png_()).decode()
        return (
            f'<img src="data:image/png;base64,{picture}" alt="{html.escape(film.alt)}" '
            f'width="{film.width_px}" style="max-width: 100%; height: auto">'
        )


def report(
    features: Any,
    labels: Any = None,
    *,
    outputs: Any = None,
    targets: Any = None,
    weights: Any = None,
    views: Any = None,
    pairs: Any = None,
    goal: str | None = None,
    ignore: Sequence[str] | str | int = (),
    normalize: bool = False,
    name: str = "arrays",
) -> InMemory:
    """The report on arrays in memory, the one that `render audit` gives of a file with them; writes nothing.

    features (N, d); labels (N,) whole numbers or names, or (N, C) one-hot; outputs and targets (N, C); weights (C, d)
    of the last layer; views, the same points seen otherwise, (N, d) or (V - 1, N, d), or pairs (P, 2) of rows that are
    two views of a point. Of NumPy, JAX, PyTorch (on any device, with or without gradients), or lists. goal, ignore,
    normalize: as `render audit` has them. name: what the picture calls them. Raises ValueError, in one line, for arrays
    that cannot be audited, and warns of those that are left out.
    """
    from render.audit.report import audit
    from render.audit.theory import GOALS

    if goal is not None and goal not in GOALS:
        raise ValueError(f"goal is {goal!r}: say {', '.join(GOALS[:-1])} or {GOALS[-1]}")
    ignored = [str(one) for one in ((ignore,) if isinstance(ignore, str | int) else ignore or ())]
    path = Path(name)
    arrays = {"features": features, "labels": labels, "outputs": outputs, "targets": targets}
    for role, array in {**arrays, "weights": weights, "views": views, "pairs": pairs}.items():
        _check(role, array)
    checked = given(path, arrays, {}, views, weights, pairs)
    there = replace(checked, pairs=None).kept(None)  # all points, and not only those of pairs
    if checked.pairs is not None:
        there["pairs"] = checked.pairs
    with beside_training():
        snapshot = open_snapshot(path, source=source_of(there))
        found = audit_series([snapshot], partial(audit, goal=goal, ignored=ignored, normalize=normalize))
    for sentence in found.last.partial:
        warnings.warn(f"render.report: {printable(sentence)}", stacklevel=2)
    return InMemory(found, name)


def _check(role: str, array: Any) -> None:
    """Raise ValueError for what is no array of numbers, with the way to one."""
    if hasattr(array, "toarray"):
        raise ValueError(f"{role} is a sparse matrix: give {role}.toarray()")
    if np.ma.isMaskedArray(array) and np.ma.is_masked(array):
        raise ValueError(f"{role} has masked entries: fill them, or leave their rows out")
    try:
        kind = np.asarray(array).dtype.kind if isinstance(array, list | tuple | np.ndarray) else ""
    except ValueError as error:
        raise ValueError(f"{role} has rows of different lengths: make all of one length") from error
    if kind == "O" or (array is not None and not kind and not hasattr(array, "shape")):
        raise ValueError(f"{role} is no array of numbers, but {type(array).__name__} with Python objects: give numbers")


__all__ = ["InMemory", "report"]
