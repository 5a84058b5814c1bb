"""The table of numbers: each row has an oracle, and is told, drawn and listened to wherever numbers are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from render.audit import alarms, ladders, numbers, theory
from render.audit.files.series import open_series
from render.audit.files.snapshots import open_snapshot
from render.audit.measured import Pieces
from render.audit.number import Number
from render.audit.picture import told
from render.audit.picture.dashboard import animation
from render.audit.report import Report, audit
from render.audit.series import audit_series
from tests.render.audit import oracles
from tests.render.audit.audit_helpers import clusters, save

DATA = clusters(600, 12, 5)
WEIGHTS = np.random.default_rng(1).normal(size=(5, 12))
VIEWS = DATA["features"] + 0.3 * np.random.default_rng(2).normal(size=DATA["features"].shape)
ADDED = Number(
    "largest_variance",
    "variance of the first mode",
    "modes",
    lambda modes: modes.values[0],
    theory.zero,
    ladders.FIT,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return audit(
        open_snapshot(save(tmp_path_factory.mktemp("numbers") / "a.npz", **DATA, weights=WEIGHTS, views=VIEWS))
    )


def require_oracles(values: dict[str, float], expected: dict[str, float]) -> None:
    """Each number of the table has the value of its oracle, and none is without."""
    assert set(numbers.names()) == set(expected), "a number without an oracle, or the reverse"
    assert set(values) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=name)


def test_every_number_is_that_of_plain_numpy(report: Report) -> None:
    require_oracles(report.values, oracles.numbers(**DATA, weights=WEIGHTS, views=VIEWS))


def test_a_number_without_an_oracle_fails(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "NUMBERS", (*numbers.NUMBERS, ADDED))
    with pytest.raises(AssertionError, match="without an oracle"):
        require_oracles(report.values, oracles.numbers(**DATA, weights=WEIGHTS, views=VIEWS))


def test_a_number_that_is_added_to_the_table_alone_is_told_and_listened_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="no number called largest_variance"):
        alarms.parse(["largest_variance>1"])
    monkeypatch.setattr(numbers, "NUMBERS", (*numbers.NUMBERS, ADDED))
    for step in range(3):
        save(tmp_path / f"step-{step}.npz", **clusters(80, 6, 3, spread=1 + step))
    audited = audit_series(open_series(tmp_path).snapshots, audit)
    features = np.load(tmp_path / "step-2.npz")["features"].astype(float)
    expected = np.linalg.eigvalsh(np.cov(features.T, bias=True))[-1]
    # the report
    finding = audited.last.numbers[-1]
    assert finding.cells()[0] == "largest_variance"
    np.testing.assert_allclose(finding.value, expected, rtol=1e-5)
    # its JSON
    told = json.loads(json.dumps(audited.told[-1]))["numbers"]["largest_variance"]
    assert (told["value"], told["theory"], told["verdict"]) == (finding.value, 0.0, "far")
    # the arrays of its pictures
    moving = animation("a", audited.album, audited.drawn, 3)
    np.testing.assert_allclose(moving.arrays["value/largest_variance"][-1], expected, rtol=1e-5)
    # alarms
    (rung,) = alarms.ringing(alarms.parse(["largest_variance>0"]), [alarms.Step(2, audited.last.values)])
    assert rung.startswith("largest_variance is ")


def test_rows_of_the_table_name_what_there_is() -> None:
    for number in numbers.NUMBERS:
        assert number.given in Pieces._fields, number.name
        assert number.group in numbers.GROUPS, number.name
        assert (number.ladder is None) == (number.theory is theory.none), number.name


def test_a_picture_tells_numbers_that_there_are() -> None:
    for goal in theory.GOALS:
        assert set(told.names(goal)) <= set(numbers.names()), goal
