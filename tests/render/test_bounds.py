"""Fields with bounds beside them: the default is a plain default, and what lies outside is refused in one line."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import pytest

from render import bounds
from render.bounds import between, positive, share
from render.scene import Config


@dataclass(frozen=True, kw_only=True)
class Bounded(Config):
    rate: float = positive(0.05)
    tilt: float = between(30.0, -90.0, 90.0)
    classes: int = between(4, 2, 10, ", one colour a class")
    points: int = between(32, 16, 64, of=2)
    part: float = share(0.5, high=0.99)
    free: float = 1.0
    count: int = 3


@dataclass(frozen=True, kw_only=True)
class Narrower(Bounded):
    rate: float = positive(0.05, high=1.0)
    classes: int = 6


def test_defaults_are_read_as_plain_ones() -> None:
    config = Bounded()
    assert (config.rate, config.tilt, config.classes, config.points, config.part) == (0.05, 30.0, 4, 32, 0.5)
    assert Bounded.rate == 0.05
    assert {field.name: field.default for field in dataclasses.fields(Bounded)}["classes"] == 4


def test_limits_are_accepted() -> None:
    for low_and_high in bounds.of(Bounded), bounds.of(Narrower):
        assert {"rate", "tilt", "classes", "points", "part", "seed", "frames"} <= low_and_high.keys()
    for field, (low, high) in {
        "rate": (1e-30, 1e30),
        "tilt": (-90.0, 90.0),
        "classes": (2, 10),
        "points": (16, 64),
        "part": (0.0, 0.99),
    }.items():
        for value in (low, high):
            assert getattr(Bounded(**{field: value}), field) == value
            assert (bounds.of(Bounded)[field].low, bounds.of(Bounded)[field].high) == (low, high)


@pytest.mark.parametrize(
    ("field", "value", "accepts"),
    [
        ("rate", 0.0, "a positive number from 1e-30 to 1e+30"),
        ("rate", 1e308, "a positive number from 1e-30 to 1e+30"),
        ("rate", 1e-308, "a positive number from 1e-30 to 1e+30"),
        ("rate", -1, "a positive number from 1e-30 to 1e+30"),
        ("rate", math.nan, "a finite number"),
        ("rate", "fast", "a value of type float"),
        ("tilt", math.nextafter(90, 100), "-90 to 90"),
        ("classes", 1, "2 to 10, one colour a class"),
        ("classes", 11, "2 to 10, one colour a class"),
        ("classes", 4.0, "a value of type int"),
        ("classes", True, "a value of type int"),
        ("points", 33, "a multiple of 2 from 16 to 64"),
        ("points", 66, "a multiple of 2 from 16 to 64"),
        ("part", 1.0, "a share from 0 to 0.99"),
        ("free", 1e39, "a finite number from -1e+30 to 1e+30"),
        ("count", 2**31, "an integer from -2^31 to 2^31 - 1"),
    ],
)
def test_what_is_refused_is_named_with_what_is_accepted(field: str, value: object, accepts: str) -> None:
    with pytest.raises(ValueError, match="is not accepted") as error:
        Bounded(**{field: value})
    assert str(error.value) == f"{field}={value!r} is not accepted: {field} takes {accepts}"


def test_a_field_that_only_changes_the_default_keeps_its_bounds_and_one_with_its_own_has_those() -> None:
    assert Narrower().classes == 6
    with pytest.raises(ValueError, match="classes=11 is not accepted: classes takes 2 to 10"):
        Narrower(classes=11)
    with pytest.raises(ValueError, match="rate=2 is not accepted"):
        Narrower(rate=2)
    assert Bounded(rate=2).rate == 2


def test_a_default_out_of_its_own_bounds_is_refused_too() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Wrong(Config):
        rate: float = between(3.0, 0.0, 1.0)

    with pytest.raises(ValueError, match=r"rate=3\.0 is not accepted"):
        Wrong()
