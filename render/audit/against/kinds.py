"""The headline of a comparison: what happened between two states, of a table of kinds with their limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from render.audit.headline import Headline, Kind
from render.audit.remarks import share

if TYPE_CHECKING:
    from render.audit.against.comparison import Comparison, Difference

RATIO, RANK = "within_between_ratio", "participation_ratio"
KINDS: tuple[Kind, ...] = (
    Kind(
        "constant",
        "variance of the two states",
        "one of them has none",
        (),
        "what is everywhere the same is like nothing",
        ("act", "act", "act"),
    ),
    Kind(
        "unchanged",
        "largest change of an entry, over the largest entry",
        "10⁻⁶ or less",
        (1e-6,),
        "float32 rounds to 6·10⁻⁸ of a number, and sums of a layer to some of these",
        ("-", "-", "-"),
    ),
    Kind(
        "rotated",
        "procrustes_residual, and that of the same rows in another order",
        "10⁻⁴ or less, and at least 100 times as much in another order",
        (1e-4, 100.0),
        "1 % of all lengths, which no picture shows; with more columns than rows anything can be turned onto anything",
        ("-", "-", "-"),
    ),
    Kind(
        "unrelated",
        "cka and neighbours_kept, over those of unrelated rows",
        "cka within 6 deviations; neighbours_kept too, or at most twice as many; neither by 0.3 more",
        (6.0, 0.3),
        "rows in another order pass that in less than one case of 300, even where one direction carries all, and rows "
        "that are near many others meet more often; of a dozen rows deviations allow everything",
        ("act", "act", "act"),
    ),
    Kind(
        "contracted",
        "within_between_ratio before over after",
        "5",
        (5.0, 1e-9),
        "half of a decade and more is no noise, as of the headline 'collapsing'",
        ("good", "act", "-"),
    ),
    Kind(
        "dispersed",
        "within_between_ratio after over before",
        "5",
        (5.0, 1e-9),
        "as of 'contracted'",
        ("watch", "-", "-"),
    ),
    Kind(
        "narrowed",
        "participation_ratio before over after",
        "2",
        (2.0,),
        "half of the directions: samples of the same rows change it by a few percent",
        ("-", "watch", "watch"),
    ),
    Kind(
        "widened",
        "participation_ratio after over before",
        "2",
        (2.0,),
        "as of 'narrowed'",
        ("-", "-", "-"),
    ),
    Kind(
        "alike",
        "cka, and neighbours_kept",
        "0.9 or more, and 0.5 or more",
        (0.9, 0.5),
        "Kornblith et al. 2019 find over 0.9 between the same layers of two runs; half of the neighbours is what "
        "'neighbourhoods kept' says in any headline, and a fifth or less 'neighbourhoods redrawn'",
        ("-", "-", "-"),
    ),
    Kind("changed", "none of the above", "always", (), "what is left", ("-", "-", "-")),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
KEPT, REDRAWN = 0.5, 0.2  # shares of neighbours from which on, and up to which, words say so


def headline(comparison: Comparison) -> Headline:
    """The first kind of the table that is so: a sentence with the numbers behind it, a word, and a next step."""
    for name, find in FINDERS.items():
        found = find(comparison)
        if found is not None:
            text, step = found
            return Headline(name, BY_NAME[name].word(comparison.after.setting.goal, raw=False), text, step)
    raise AssertionError("the last kind is always found")


Found = tuple[str, str] | None


def _constant(comparison: Comparison) -> Found:
    flat = [
        str(report.snapshot.path)
        for report, rows in ((comparison.before, comparison.laid.before), (comparison.after, comparison.laid.after))
        if report.measured.eigenvalues[0] == 0 or not rows.any()
    ]
    if not flat:
        return None
    return f"{' and '.join(flat)} {'has' if len(flat) == 1 else 'have'} no variance", "see why all rows are the same"


def _unchanged(comparison: Comparison) -> Found:
    if comparison.laid.largest_change > BY_NAME["unchanged"].limits[0]:
        return None
    return (
        f"the same up to rounding, in all {comparison.points:,} rows compared",
        "give two different states, if these should be two",
    )


def _rotated(comparison: Comparison) -> Found:
    limit, least = BY_NAME["rotated"].limits
    residual = comparison.laid.values["procrustes_residual"]
    if residual > limit or comparison.laid.unrelated["procrustes_residual"] < least * max(residual, limit):
        return None
    scale = comparison.laid.scale
    scaled = f" and a scale of {scale:.3g}" if abs(scale - 1) > 0.01 else ""
    return (
        f"the same up to a rotation{scaled}: at most {limit:.2%} of the variance is left over".replace("%", " %"),
        "compare distances, the same but for the scale, and no single columns: those are turned",
    )


def _unrelated(comparison: Comparison) -> Found:
    laid, (deviations, most) = comparison.laid, BY_NAME["unrelated"].limits
    chance = laid.unrelated["neighbours_kept"]
    if laid.values["cka"] > min(deviations * laid.deviation, most):
        return None
    if laid.values["neighbours_kept"] - chance > min(max(deviations * laid.kept_deviation, chance), most):
        return None
    return (
        f"no more alike than unrelated rows: {_likeness(comparison)}",
        "check that both files have their rows in the same order",
    )


def _spread(comparison: Comparison, fell: bool) -> Found:
    one = comparison.of(RATIO)
    factor, floor = BY_NAME["contracted"].limits
    if one is None or not _times(one, factor, fell, floor):
        return None
    return (
        _with_likeness(comparison, f"spread within classes {_course(one, fell)}"),
        _look_at(comparison) if fell else f"see whether that was meant; {_look_at(comparison)}",
    )


def _directions(comparison: Comparison, fell: bool) -> Found:
    one = comparison.of(RANK)
    if one is None or not _times(one, BY_NAME["narrowed"].limits[0], fell):
        return None
    return (
        _with_likeness(comparison, f"directions in use {_course(one, fell)}"),
        _look_at(comparison),
    )


def _alike(comparison: Comparison) -> Found:
    values, (cka, kept) = comparison.laid.values, BY_NAME["alike"].limits
    if values["cka"] < cka or values["neighbours_kept"] < kept:
        return None
    return f"much alike: {_likeness(comparison)}", _look_at(comparison)


def _changed(comparison: Comparison) -> Found:
    said = _kept(comparison).removesuffix(", ") or "partly changed"
    return f"{said}: {_likeness(comparison)}", _look_at(comparison)


FINDERS: Mapping[str, Callable[[Comparison], Found]] = {
    "constant": _constant,
    "unchanged": _unchanged,
    "rotated": _rotated,
    "unrelated": _unrelated,
    "contracted": lambda comparison: _spread(comparison, True),
    "dispersed": lambda comparison: _spread(comparison, False),
    "narrowed": lambda comparison: _directions(comparison, True),
    "widened": lambda comparison: _directions(comparison, False),
    "alike": _alike,
    "changed": _changed,
}


def _times(one: Difference, factor: float, fell: bool, floor: float = 0.0) -> bool:
    large, small = (one.before, one.after) if fell else (one.after, one.before)
    return large > floor and large >= factor * small


def _course(one: Difference, fell: bool) -> str:
    return f"{'fell' if fell else 'rose'} from {one.before:.3g} to {one.after:.3g}"


def _kept(comparison: Comparison) -> str:
    kept = comparison.laid.values["neighbours_kept"]
    return "neighbourhoods kept, " if kept >= KEPT else "neighbourhoods redrawn, " if kept <= REDRAWN else ""


def _with_likeness(comparison: Comparison, said: str) -> str:
    """What is said, after a word on neighbours or before numbers of them."""
    kept = _kept(comparison)
    return f"{kept}{said}" if kept else f"{said}; {_likeness(comparison)}"


def _likeness(comparison: Comparison) -> str:
    values = comparison.laid.values
    return f"CKA {cka_said(values['cka'])}, {share(values['neighbours_kept'])} of neighbours kept"


def cka_said(cka: float) -> str:
    """A CKA as sentences and pictures have it."""
    return f"{cka:.3f}".replace("-0.000", "0.000").replace("-", "−")


def _look_at(comparison: Comparison) -> str:
    """The classes that moved most, if there are any that did not move alike."""
    if len(comparison.moved) < 3:
        return "look at rows whose neighbours changed: are those right that they have now?"
    (first, far), (second, near) = comparison.moved[:2]
    return f"look at '{first}' and '{second}', which moved most: by {far:.2g} and {near:.2g} standard deviations"


def rows() -> list[list[str]]:
    """The table of kinds as text, as in `headline.COLUMNS`."""
    return [[kind.name, kind.looks_at, kind.said_from, kind.why, *kind.status] for kind in KINDS]


__all__ = ["BY_NAME", "KINDS", "cka_said", "headline", "rows"]
