"""The gallery: a card a scene, by group, with the number that its hero is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from render.site import groups, telling
from render.site.pages import Shown, Site
from render.target import Target


def page(site: Site, shown: Sequence[Shown], cards: Mapping[str, Mapping[str, Any]], best: str) -> str:
    """The gallery. shown: group after group. cards: name -> files of a card, as `render.site.building` makes them."""
    by_group: dict[str, list[Shown]] = {}
    for one in shown:
        by_group.setdefault(one.scene.group, []).append(one)
    told = [
        {
            "key": telling.slug(group or groups.OTHER),
            "title": groups.title(group),
            "cards": [_card(one, cards) for one in members],
        }
        for group, members in by_group.items()
    ]
    first = next((one for one in shown if one.name == best), shown[0])
    picture = (first.drawn.main.poster, first.alt) if first.drawn.main else ("", "")
    description = (
        "Animated figures of how representations form while a network trains, measured live and held against theory."
    )
    more = {"groups": told, "count": len(shown), "guides": [*site.pages, *site.more]}
    return site.page("gallery.html", "index.html", "Frame Potential", description, picture, **more)


def _card(one: Shown, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    said = {
        "name": one.name,
        "page": one.page,
        "title": one.title,
        "message": one.scene.message,
        "verdict": verdict(one),
    }
    return {"poster": "", **said, **cards.get(one.name, {})}


def verdict(one: Shown) -> dict[str, Any] | None:
    """The worst seed's number of the target that the hero is drawn against, or of the first; None without verdicts."""
    known = {told["name"]: told for told in one.verdicts}
    panels = one.scene.panels(one.config, one.goals)
    drawn = [target for panel in panels for target in _targets(panel) if target.name in known]
    target = next(iter([*drawn, *(target for target in one.goals.values() if target.name in known)]), None)
    if target is None:
        return None
    told = known[target.name]
    seeds = "" if told["lower_bound"] is None else f", {told['seeds_met']} of {told['seeds']} seeds"
    worst = "" if told["lower_bound"] is None else "at worst "
    text = f"{target.name}: {worst}{telling.number(told['value'])}, theory {telling.goal(target)}{seeds}"
    return {"text": text, "met": not told["failed"]}


def _targets(value: Any) -> list[Target]:
    """Targets that are drawn in a panel, a group or a mark, in their order."""
    if isinstance(value, Target):
        return [value]
    if isinstance(value, tuple | list):
        return [target for part in value for target in _targets(part)]
    if is_dataclass(value):
        return [target for field in fields(value) for target in _targets(getattr(value, field.name))]
    return []


__all__ = ["page", "verdict"]
