"""Alarms: what is no condition, and at which steps of a run one rings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit import alarms
from render.audit.alarms import Step
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]
NOT = """
nc1|nc1=3|nc1<|<3|nc1<three|nc1<nan|nc1 << 3|nc1<2*|nc1<2*median|nc1<3 always|nc1<3 at step 4|nc1<3 after|nc1<3 for 0|
nc1<3 after -1|nc1<max|nc1<3 for 2 after 4|nc1<3 and nc3<2
"""


def run(*values: float | None, name: str = "nc1") -> list[Step]:
    return [Step(100 * k, {} if value is None else {name: value}) for k, value in enumerate(values)]


@pytest.mark.parametrize("text", [text.strip() for text in NOT.split("|")])
def test_an_alarm_of_another_form_is_refused_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no condition: write a number, one of .* 0.5.max.*'at any'.*'for 3'"):
        alarms.parse([text])


def test_alarms_ring_when_their_condition_holds_and_for_nan() -> None:
    steps = [Step(0, {"nc1": 2.0, "entropy_rank": float("nan")})]
    for text, rings in {"nc1<2": 0, "nc1 <= 2": 1, "nc1>1.5": 1, "nc1>=2.1": 0, "entropy_rank>0": 1}.items():
        assert len(alarms.ringing(alarms.parse([text]), steps)) == rings
    (said,) = alarms.unjudged(alarms.parse(["nc1>9", "collapse_ratio>1"]), steps)
    assert "collapse_ratio>1 cannot be judged: the data give no collapse_ratio" in said


DIP = run(5, 5, 1, 5, 5)
FALL = run(8, 6, 3, 2, 2.5)


@pytest.mark.parametrize(
    ("text", "steps", "rung"),
    [
        ("nc1<2", DIP, None),
        ("nc1<2 at any", DIP, 200),
        ("nc1<2 after 100", DIP, 200),
        ("nc1<2 after 200", DIP, None),
        ("nc1>4 for 2", DIP, 100),
        ("nc1>4 for 3", DIP, None),
        ("nc1>4 after 200 for 2", DIP, 400),
        ("nc1 < 0.5 * max", FALL, 400),
        ("nc1<0.3*max", FALL, None),
        ("nc1<0.3*max at any", FALL, 300),
        ("nc1>1.2*min", FALL, 400),
        ("nc1<0.4*first", FALL, 400),
        ("nc1>4 for 2", run(5, None, 5, 4, 5), None),
        ("nc1>4 at any", run(None, 5, None), 100),
        ("nc1>4", run(5, None), None),
        ("nc1<=1e-3 at any", run(1, 1e-3), 100),
    ],
)
def test_conditions_are_of_the_steps_that_they_say(text: str, steps: list[Step], rung: int | None) -> None:
    (alarm,) = alarms.parse([text])
    found = alarm.rung(steps)
    assert (found and found[0]) == rung
    assert len(alarms.ringing([alarm], steps)) == (rung is not None)
    assert alarms.parse([str(alarm)]) == (alarm,)


def test_what_cannot_be_judged_is_said() -> None:
    for text, steps, says in (
        ("nc1>4", run(5, None), "give no nc1"),
        ("nc1>4 at any", run(None, None), "give no nc1"),
        ("nc1>4 after 900", run(5, 5), "no step is after 900"),
    ):
        (said,) = alarms.unjudged(alarms.parse([text]), steps)
        assert says in said
    assert alarms.unjudged(alarms.parse(["nc1>4 at any"]), run(5, None)) == []


def series(spreads: list[float]) -> None:
    Path("run").mkdir()
    for step, spread in enumerate(spreads):
        save(Path(f"run/step-{step}.npz"), **clusters(60, 4, 3, spread=spread))


def test_a_collapse_in_mid_run_rings_although_the_end_is_fine(audit: Audit) -> None:
    series([1.0, 0.001, 1.0])
    assert audit("run", "--no-picture", "--fail-on", "collapse_ratio<0.01").code == 0
    ended = audit("run", "--no-picture", "-q", "--fail-on", "collapse_ratio<0.01 at any")
    assert ended.code == 3
    assert ended.err.startswith("render: alarm: collapse_ratio is ")
    assert ended.err.endswith(" at step 1: collapse_ratio<0.01 at any\n")


def test_conditions_of_a_file_are_those_of_the_command(audit: Audit) -> None:
    series([1.0, 0.001, 1.0])
    Path("a.toml").write_text(
        '[alarms]\ncollapse_ratio = ["<0.01 at any", ">9"]\nslow = "participation_ratio<0.1*max"\n'
    )
    ended = audit("run", "--no-picture", "-q", "--alarms", "a.toml")
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    Path("b.toml").write_text('alarms = ["collapse_ratio>9"]')
    assert audit("run", "--no-picture", "-q", "--alarms", "b.toml") == Ended(0, "", "")
    for text, says in (
        ("[alarms", "b.toml: is no TOML"),
        ("[other]\n", "b.toml: has no table [alarms]"),
        ("[alarms]\nnc1 = 4\n", "b.toml: nc1 is 4: write a condition in quotes"),
        ('[alarms]\nnc1 = "<x"\n', "b.toml: 'nc1<x' is no condition"),
        ('[alarms]\nnc7 = "<1"\n', "there is no number called nc7; did you mean nc"),
    ):
        Path("b.toml").write_text(text)
        require_line(audit("run", "--alarms", "b.toml"), says)
    require_line(audit("run", "--alarms", "none.toml"), "none.toml: No such file")


def test_a_condition_on_a_number_that_means_something_else_now_says_so(audit: Audit) -> None:
    save(Path("a.npz"), **clusters(60, 4, 3))
    ended = audit("a.npz", "--no-picture", "--fail-on", "nc1>1e9", "--fail-on", "nc1>1e8")
    assert (ended.code, ended.err.count("\n")) == (0, 1)
    assert "plain mean over classes; it was without 1/C" in ended.err


def test_a_number_of_a_step_that_lacks_it_hides_no_other(audit: Audit) -> None:
    series([1.0, 1.0])
    data = clusters(60, 4, 3)
    save(
        Path("run/step-1.npz"),
        features=0 * np.asarray(data["features"]) + 1,
        labels=data["labels"],
        outputs=data["outputs"],
    )
    ended = audit("run", "--no-picture", "-q", "--fail-on", "collapse_ratio>0 at any", "--fail-on", "collapse_ratio>0")
    assert ended.code == 3
    unjudged, rung = ended.err.splitlines()
    assert unjudged.startswith("render: collapse_ratio>0 cannot be judged")
    assert rung.startswith("render: alarm: collapse_ratio is ")


def test_a_step_without_a_number_is_nothing_to_be_a_multiple_of() -> None:
    (alarm,) = alarms.parse(["nc1>2*first"])
    steps = [alarms.Step(0, {"nc1": float("nan")}), alarms.Step(1, {"nc1": 1.0}), alarms.Step(2, {"nc1": 5.0})]
    assert alarm.rung(steps) == (2, 5.0)
