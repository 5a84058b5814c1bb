"""The page of a scene: its picture, what theory says of it, and the command that makes it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from markupsafe import Markup

from render import bounds
from render.site import looks, telling
from render.site.pages import Shown, Site
from render.terminal.console import percent
from render.terminal.options import FIELDS

COLUMNS = ("target", "goal", "this run", "worst of the seeds", "holds on", "from")


def page(site: Site, one: Shown, before: Shown | None, after: Shown | None) -> str:
    """The page of a scene."""
    main = one.drawn.main
    downloads = [(picture.file, _download(picture)) for picture in [*one.drawn.looks.values(), *one.drawn.others]]
    return site.page(
        "scene.html",
        one.page,
        f"{one.title} | Frame Potential",
        one.scene.message or one.title,
        (main.poster, one.alt) if main else ("", ""),
        scene_title=one.title,
        name=one.name,
        message=one.scene.message,
        look_for=one.scene.look_for,
        source=one.scene.source,
        main=main,
        alt=one.alt,
        reason=one.reason,
        states=main.entry.get("states", []) if main else [],
        variants=looks.of_page(one.drawn),
        films=looks.without_scripts(one.drawn) if main else [],
        formulas=[(what, telling.mathml(latex)) for what, latex in one.scene.formulas],
        targets=_table(one) if one.goals else "",
        counted=_counted(one),
        fields=_fields(one),
        downloads=downloads,
        others=one.drawn.others,
        before=before,
        after=after,
    )


def _table(one: Shown) -> Markup:
    known = {told["name"]: told for told in one.verdicts}
    ours = {told["name"]: told for told in one.drawn.main.entry["targets"]} if one.drawn.main else {}
    rows: list[list[Markup | str]] = []
    for target in one.goals.values():
        told, run = known.get(target.name), ours.get(target.name)
        random = told is not None and told["lower_bound"] is not None
        held = f"{told['seeds_met']} of {told['seeds']}" if told and random else "no randomness" if told else "–"
        kind = "missed" if told and told["failed"] else "met"
        mark = (
            Markup('<span class="{}">{} {}</span>').format(kind, "✗" if kind == "missed" else "✓", held)
            if told
            else held
        )
        worst = telling.number(told["value"]) if told and random else "–"
        rows.append(
            [
                target.name,
                telling.goal(target),
                telling.number(run["value"]) if run else "–",
                f"{worst} (seed {told['worst_seed']})" if told and random else worst,
                mark,
                target.formula,
            ]
        )
    return telling.table(COLUMNS, rows, "targets")


def _counted(one: Shown) -> str:
    """What the counts prove, of the target that is checked on the fewest seeds."""
    least = [told["lower_bound"] for told in one.verdicts if told["lower_bound"] is not None]
    if not one.verdicts:
        return "Not checked over seeds with the code as it is."
    if not least:
        return "Nothing in this scene is random: another seed gives the same."
    share = percent(min(least))
    return f"Each target holds on at least {share} of all seeds, at 95 % confidence (Clopper & Pearson 1934)."


def _fields(one: Shown) -> list[dict[str, Any]]:
    """Settings of a scene: name, default, what it accepts, and its option where it has one of its own."""
    known = bounds.of(one.scene.config)
    return [
        _field(
            field.name, getattr(one.config, field.name), known.get(field.name) or bounds.ANY.get(type(field.default))
        )
        for field in fields(one.config)
    ]


def _field(name: str, value: Any, accepted: bounds.Bounds | None) -> dict[str, Any]:
    numeric = accepted is not None and isinstance(value, int | float) and not isinstance(value, bool)
    written = (
        f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
    )
    limits = {"low": accepted.low, "high": accepted.high} if accepted else {"low": "", "high": ""}
    return {
        "name": name,
        "default": written,
        "accepts": accepted.accepts if accepted else type(value).__name__,
        "option": "--" + name.replace("_", "-") if name in FIELDS else "",
        "numeric": numeric,
        "step": "any" if isinstance(value, float) or not accepted else accepted.of,
        **limits,
    }


def _download(picture: Any) -> str:
    entry = picture.entry
    size = f"{entry['width']} × {entry['height']}, {entry['bytes'] / 1000:,.0f} kB"
    kind = {"gif": "GIF", "webp": "WebP", "apng": "APNG", "mp4": "MP4", "webm": "WebM"}[entry.get("container", "gif")]
    return f"{kind}, {entry['theme']}, {size}"


__all__ = ["page"]
