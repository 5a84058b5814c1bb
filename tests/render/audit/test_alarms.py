"""Alarms: what is no condition, and when one rings."""

from __future__ import annotations

import pytest

from render.audit import alarms


@pytest.mark.parametrize("text", ["nc1", "nc1=3", "nc1<", "<3", "nc1<three", "nc1<nan", "nc1 << 3"])
def test_an_alarm_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition: write a number, one of"):
        alarms.parse([text])


def test_alarms_ring_when_their_condition_holds_and_for_nan() -> None:
    values = {"nc1": 2.0, "entropy_rank": float("nan")}
    for text, rings in {"nc1<2": 0, "nc1 <= 2": 1, "nc1>1.5": 1, "nc1>=2.1": 0, "entropy_rank>0": 1}.items():
        assert len(alarms.ringing(alarms.parse([text]), values)) == rings
    (said,) = alarms.unjudged(alarms.parse(["nc1>9", "collapse_ratio>1"]), values)
    assert "collapse_ratio>1 cannot be judged: the data give no collapse_ratio" in said
