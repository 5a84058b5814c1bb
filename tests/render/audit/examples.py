"""Audits of every kind, as they are drawn: they are looked at as the scenes are."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.against.comparison import compare
from render.audit.files.series import open_series
from render.audit.files.snapshots import open_snapshot
from render.audit.picture.album import Album
from render.audit.picture.dashboard import animation, dashboard
from render.audit.picture.morph import morph
from render.audit.report import Report, audit
from render.audit.series import AuditedSeries, audit_series
from render.film import Film
from tests.render.audit.audit_helpers import clusters, save

SCALARS = ("loss", "lr", "a_name_that_is_long", "another")
LARGE = 7 * 10**8  # the longest numbers that steps have


def reports(steps: list[int], *without: str, unlabelled: bool = False, scalars: int = 0, **how: Any) -> AuditedSeries:
    """A series whose classes contract, without some of its arrays, and with scalars that fall over decades or not."""
    with tempfile.TemporaryDirectory() as name:
        for step in steps:
            part = (step - steps[0]) / max(steps[-1] - steps[0], 1)
            arrays = clusters(spread=3.0 * (1 - part) + 0.01, **how)
            left_out = {*without, *(("labels",) if unlabelled else ())}
            kept = {role: array for role, array in arrays.items() if role not in left_out}
            fallen = [2.3 * np.exp(-9 * part), 1e-3 * (1 - part), -1.0, 5.0][:scalars]
            traces = {f"scalar/{named}": np.float64(one) for named, one in zip(SCALARS, fallen, strict=False)}
            save(Path(name) / f"step-{step}.npz", **kept, **traces)
        return audit_series(open_series(Path(name)).snapshots, audit)


def layered(
    steps: list[int], names: Sequence[str], labelled: bool = True, scalars: int = 0, **how: Any
) -> AuditedSeries:
    """A series of layers whose classes contract over the steps, and the more the deeper they are."""
    with tempfile.TemporaryDirectory() as folder:
        for step in steps:
            part = (step - steps[0] + 1) / (steps[-1] - steps[0] + 1)
            found: dict[str, Any] = {}
            more = {f"scalar/{name}": np.float64(part) for name in SCALARS[:scalars]}
            for place, name in enumerate(names):
                arrays = clusters(spread=3.0 - 2.99 * part * (place + 1) / len(names), **how)
                found |= {f"layer/{name}": arrays["features"], "outputs": arrays["outputs"]}
            save(
                Path(folder) / f"step-{step}.npz", **found, **({"labels": arrays["labels"]} if labelled else {}), **more
            )
        return audit_series(open_series(Path(folder)).snapshots, audit)


def report(**how: Any) -> Report:
    return reports([3], **how).last


EVEN = [100 * step for step in range(12)]
GEOMETRIC = [0, 1, 2, 4, 8, 16, 40, 150, 900, 9_000, 80_000, LARGE]
SERIES: dict[str, Any] = {
    "audit of classes and outputs": lambda: reports(EVEN, points=900, classes=10, dim=24),
    "audit of classes": lambda: reports(GEOMETRIC, "outputs", classes=3),
    "audit of two classes": lambda: reports([LARGE - 90, LARGE], classes=2, dim=2),
    "audit of many classes": lambda: reports(EVEN, points=3000, classes=40, dim=6),
    "audit of a trace of scalars": lambda: reports(EVEN, points=600, classes=4, dim=16, scalars=4),
    "audit of a loss": lambda: reports([0, 100], "outputs", unlabelled=True, scalars=1),
    "audit of points": lambda: reports(EVEN, "outputs", unlabelled=True),
    "audit of layers": lambda: layered(EVEN, ["conv1", "conv2", "conv3", "fc"], points=500, classes=10, dim=24),
    "audit of layers and scalars": lambda: layered(EVEN, ["conv", "fc"], scalars=2, points=80),
    "audit of deep layers": lambda: layered([0, LARGE], [f"encoder.blocks.{k}.mlp" for k in range(30)], points=60),
    "audit of unlabelled layers": lambda: layered(EVEN, ["W" * 40, "fc"], labelled=False, points=80),
    "audit of points and outputs": lambda: reports(EVEN, unlabelled=True, dim=40, points=60),
}
SNAPSHOTS: dict[str, Any] = {
    "dashboard of classes and outputs": lambda: reports([LARGE], points=900, classes=10, dim=24),
    "dashboard of two classes": lambda: reports([0], "outputs", classes=2, dim=1),
    "dashboard of many classes": lambda: reports([0], points=3000, classes=40, dim=6),
    "dashboard of layers": lambda: layered([LARGE], ["conv1", "conv2", "conv3", "fc"], points=500, classes=10, dim=24),
    "dashboard of points": lambda: reports([0], "outputs", unlabelled=True, dim=1),
}


def compared(unlabelled: bool = False, **how: Any) -> Film:
    """Classes that have moved apart since, and whose columns were others."""
    with tempfile.TemporaryDirectory() as name:
        found = []
        for spread in (0.4, 1.2):
            arrays = clusters(spread=spread, **how)
            turn = np.linalg.qr(np.random.default_rng(1).normal(size=(arrays["features"].shape[1],) * 2))[0]
            features = arrays["features"] @ turn if spread > 1 else arrays["features"]
            labels = {} if unlabelled else {"labels": arrays["labels"]}
            found.append(audit(open_snapshot(save(Path(name) / f"{spread}.npz", features=features, **labels))))
    return morph("the later state", "the state before it", Album(found[0]), compare(*found))


COMPARISONS: dict[str, Any] = {
    "comparison of classes": lambda: compared(points=900, classes=10, dim=24),
    "comparison of two classes": lambda: compared(classes=2, dim=2),
    "comparison of many classes": lambda: compared(points=3000, classes=40, dim=6),
    "comparison of points": lambda: compared(unlabelled=True, dim=40, points=60),
}


@functools.cache
def audited(name: str) -> Film:
    if name in COMPARISONS:
        return COMPARISONS[name]()
    course = (SERIES | SNAPSHOTS)[name]()
    if name in SERIES:
        return animation(name, course.album, course.drawn, 12, course.headline)
    return dashboard(name, course.album, *course.pages, course.headline)
