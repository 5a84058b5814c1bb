"""Numbers of a report as a picture shows them: which of them in which panel, and each with its goal or its verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from render.audit.number import Place
from render.audit.picture.album import Album
from render.audit.report import Finding
from render.picture.panels.base import Readout
from render.target import Arrays, Target


def shared(album: Album, arrays: Arrays) -> list[Finding]:
    """The numbers of the last report that every page has."""
    return [finding for finding in album.last.numbers if finding.name in arrays]


def placed(findings: Iterable[Finding], kind: Literal["card", "course", "beside"]) -> dict[str, list[Finding]]:
    """Titles of the panels of a kind that the table has for these numbers, each with its numbers, in their order."""
    findings = list(findings)
    panels: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        place: Place | None = getattr(finding.number, kind)
        if place is None or (place.judged and finding.theory is None):
            continue
        if place.instead_of not in (other.name for other in findings):
            panels[place.title].append(finding)
    return dict(panels)


def formula(finding: Finding) -> str:
    """The goal as a level says it: formula = value."""
    if finding.theory is None or finding.formula in ("", "0"):
        return "0"
    return f"{finding.formula} = {finding.theory:.3g}".replace("-", "−")


def _target(finding: Finding) -> Target | None:
    if finding.theory is None or finding.tolerance is None:
        return None
    return Target(finding.name, finding.name, "within", finding.theory, finding.formula, finding.tolerance)


def readout(finding: Finding) -> Readout:
    """A live number, with the value that theory gives it."""
    goal = "" if finding.theory is None else f"theory {finding.theory:.3g}"
    name = finding.name.removeprefix("class_").replace("_", " ")
    return Readout(name, finding.name, "{:.4g}", target=_target(finding), note=goal)


def verdict(finding: Finding) -> Readout:
    """A number with its verdict in words."""
    goal = finding.verdict
    if finding.theory is not None:
        goal += f" (theory {finding.theory:.3g})"
    return Readout(finding.name.replace("_", " "), finding.name, "{:.4g}", target=_target(finding), note=goal)


__all__ = ["formula", "placed", "readout", "shared", "verdict"]
