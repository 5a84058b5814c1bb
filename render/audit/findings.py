"""Findings: all that there is to say of a report, and the headline that the first of it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.audit import notes, remarks
from render.audit.headline import BY_NAME, KINDS, WITHIN, Headline, Remark

if TYPE_CHECKING:
    from render.audit.report import Report

PLACES = {kind.name: place for place, kind in enumerate(KINDS)}

OF_CLASSES = {"merged_classes", "collapsed", "collapsing", "no_class_structure", "separate_classes"}


def headline(report: Report, first: float | None = None) -> Headline:
    """The headline of a report; `first` is the within_between_ratio of the first step where it is the last of a run."""
    said = found(report, first)[0]
    kind = BY_NAME["duplicates" if said.kind == WITHIN else said.kind]
    raw = report.snapshot.outputs is None and report.snapshot.step is None
    word = kind.word(report.setting.goal, raw) if report.setting.points > 1 else None
    return Headline(kind.name, word, said.text, said.next)


def found(report: Report, first: float | None = None) -> list[Remark]:
    """All that there is to say of a report: what the headline says, the other remarks, and notes."""
    said = [remark for find in remarks.FINDERS if (remark := find(report, first)) is not None]
    strong = {remark.kind for remark in said if remark.strong}
    besides = {"overlapping_classes": strong & OF_CLASSES, "healthy": strong - {"healthy"}}
    said = [remark for remark in said if not besides.get(remark.kind)]
    # what rounding does to features that have collapsed says less than their classes do
    place = {WITHIN: PLACES["dead_units"]} | PLACES
    return [*sorted(said, key=lambda remark: (not remark.strong, place[remark.kind])), *notes.notes(report)]


__all__ = ["found", "headline"]
