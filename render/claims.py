"""The claims ledger: what the posts say in numbers, what their own scripts give, and what our scenes give over seeds.

Nothing here imports jax until figures are made anew.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from render import readme
from render.console import percent
from render.files import replacing
from render.manifest import ROOT, digest_of_files, versions

if TYPE_CHECKING:
    from render.scene import Scene, Target

COLUMNS = ("post", "claim", "published", "our scene, default seed", "worst of the seeds", "verdict")


@dataclass(frozen=True)
class Figure:
    """One number of ours, `{}` or `{:.4f}` in `text`. reads: a target of the scene by name, or one made for this."""

    reads: str | Target
    text: str


@dataclass(frozen=True)
class Claim:
    """A numeric claim of a post. published: what its own script gives. because: why the verdict is what it is."""

    post: str
    claim: str
    published: str
    scene: str
    figures: tuple[Figure, ...]
    verdict: Literal["holds", "holds with our experiment", "does not hold"]
    because: str = ""


def number(text: str, array: str, rule: Literal["at most", "at least"] = "at most", seeds: int = 64) -> Figure:
    """A figure that is no target of its scene: shown, and its worst is its largest ("at most") or smallest."""
    from render.scene import Target

    goal = 1e6 if rule == "at most" else -1e6  # out of reach, and near enough that margins keep their digits
    return Figure(Target(array, array, rule, goal, "by definition", seeds=seeds), text)


def sources_digest() -> str:
    """Digest of all that decides a figure: scenes, metrics, the driver, the targets; versions. Not how it is drawn."""
    numeric = [ROOT / "render" / f"{name}.py" for name in ("scene", "trajectory", "views", "checks", "claims")]
    paths = sorted([*(ROOT / "scenes").rglob("*.py"), *(ROOT / "render" / "metrics").glob("*.py"), *numeric])
    digest = digest_of_files((path.relative_to(ROOT).as_posix(), path) for path in paths)
    digest.update(json.dumps(versions(), sort_keys=True).encode())
    return digest.hexdigest()


def evaluate(
    claims: Sequence[Claim],
    names: Iterable[str],
    load: Callable[[str], Scene],
    stages_of: Callable[[str], Any],
) -> dict[str, Any]:
    """The ledger with fresh figures, and the verdicts on all targets of the scenes, each on its own number of seeds.

    names: of the scenes, at least those that claims are about. load: name -> scene.
    """
    from render import checks, device

    device.require()
    rows: list[dict[str, Any]] = [{} for _ in claims]
    scenes = {name: load(name) for name in names}
    targets_of = {claim: targets(claim, scenes[claim.scene]) for claim in claims}
    verdicts_on: dict[str, Any] = {}
    for name, scene in scenes.items():
        own = [(k, f) for k, claim in enumerate(claims) if claim.scene == name for f in claim.figures]
        stated = scene.targets(scene.config())
        wanted = [target for claim in claims if claim.scene == name for target in targets_of[claim]]
        with stages_of(name) as stages:
            verdicts = checks.check(scene, None, stages=stages, targets=(*stated, *wanted))
        verdicts_on[name] = [verdict.as_json() for verdict in verdicts[: len(stated)]]
        for (k, figure), verdict in zip(own, verdicts[len(stated) :], strict=True):
            figures = rows[k].setdefault("figures", [])
            is_target = isinstance(figure.reads, str)
            figures.append(
                {**verdict.as_json(), "default": verdict.values[0], "text": figure.text, "target": is_target}
            )
    return {
        "sources": sources_digest(),
        "targets": verdicts_on,
        "claims": [
            {
                "post": claim.post,
                "claim": claim.claim,
                "published": claim.published,
                "scene": claim.scene,
                **row,
                "verdict": claim.verdict,
                "because": claim.because,
            }
            for claim, row in zip(claims, rows, strict=True)
        ],
    }


def targets(claim: Claim, scene: Scene) -> tuple[Target, ...]:
    """The targets that a claim's figures read. Raises ValueError for a name that is no target of the scene."""
    known = {target.name: target for target in scene.targets(scene.config())}
    unknown = [f.reads for f in claim.figures if isinstance(f.reads, str) and f.reads not in known]
    if unknown:
        raise ValueError(f"{scene.name} has no target {unknown[0]!r}; it has {', '.join(known)}")
    return tuple(known[f.reads] if isinstance(f.reads, str) else f.reads for f in claim.figures)


def read(path: Path) -> dict[str, Any]:
    """The stored ledger; warns when sources have changed since. Raises ValueError when there is none to be read."""
    try:
        ledger = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: `render claims --refresh` makes it") from error
    if ledger.get("sources") != sources_digest():
        warnings.warn(f"{path.name} is older than its sources: `render claims --refresh`", stacklevel=2)
    return ledger


def counts(path: Path, scene: str) -> dict[str, dict[str, Any]]:
    """On how many seeds each target of a scene was checked and holds, by its name; empty for a ledger that is stale.

    seeds, seeds_met, lower_bound: as in `render.checks.Verdict`.
    """
    try:
        ledger = json.loads(path.read_bytes())
        if ledger["sources"] != sources_digest():
            return {}
        kept = ("seeds", "seeds_met", "lower_bound")
        return {verdict["name"]: {key: verdict[key] for key in kept} for verdict in ledger["targets"][scene]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def cells(ledger: Mapping[str, Any]) -> list[list[str]]:
    """The ledger as rows of text, one cell a column of COLUMNS."""
    rows = []
    for claim in ledger["claims"]:
        ours = ["; ".join(_text(f["text"], f[key]) for f in claim["figures"]) for key in ("default", "value")]
        worst = f"{ours[1]} ({_count(claim['figures'])})" if _count(claim["figures"]) else "no randomness"
        verdict = claim["verdict"] + (f": {claim['because']}" if claim["because"] else "")
        rows.append([claim["post"], claim["claim"], claim["published"], ours[0], worst, verdict])
    return rows


def markdown(ledger: Mapping[str, Any]) -> str:
    """The ledger as a table for the README."""
    return readme.table(COLUMNS, cells(ledger))


def write(ledger: Mapping[str, Any], path: Path, shown_in: Path) -> None:
    """Store the ledger as JSON and put its table into the README `shown_in`."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(ledger, indent=2, ensure_ascii=False) + "\n")
    readme.replace_between(shown_in, "claims", markdown(ledger))


def _count(figures: Sequence[Mapping[str, Any]]) -> str:
    """On how many seeds a claim's targets hold, with the least bound; without any, over how many its figures are."""
    held = [figure for figure in figures if figure["target"] and figure["lower_bound"] is not None]
    if held:
        least = min(held, key=lambda figure: figure["lower_bound"])
        return f"{least['seeds_met']} of {least['seeds']}: at least {percent(least['lower_bound'])}"
    seeds = max(figure["seeds"] for figure in figures)
    return f"of {seeds}" if seeds > 1 else ""


def _text(text: str, value: float | None) -> str:
    """A figure's text with its number: three or four significant digits unless it says otherwise."""
    if value is None:
        return text.split("{")[0] + "not finite"
    short = f"{value:.0f}" if value == round(value) and abs(value) < 1e4 else f"{value:.{4 if abs(value) >= 1 else 3}g}"
    return re.sub(r"-(?=\d)", "−", text.replace("{}", short).format(value))
