"""The claims ledger: what the posts say in numbers, what their own scripts give, and what our scenes give over seeds.

Nothing here imports jax until figures are made anew.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from render.ledger import readme
from render.ledger.rows import Claim, Reading, Study
from render.places import replacing
from render.production import manifest, ribbons, sources
from render.production.cache import Cache
from render.target import Arrays, Target, judge
from render.terminal.console import percent

if TYPE_CHECKING:
    from render.scene import Scene
    from render.terminal.progress import Board

COLUMNS = ("post", "claim", "published", "our scene, default seed", "worst of the seeds", "verdict")


def digests(scenes: Mapping[str, str], rows: str) -> dict[str, Any]:
    """Digests of the code behind a ledger: under "scenes" one for each scene, under "rows" that of the claims.

    scenes: name -> reference. rows: the module that states the claims.
    """
    of_scenes = {name: sources.ledger(reference).digest() for name, reference in scenes.items()}
    return {"rows": sources.rows(rows).digest(), "scenes": of_scenes}


def evaluate(
    claims: Sequence[Claim],
    names: Iterable[str],
    load: Callable[[str], Scene],
    stages_of: Callable[[str], Any],
    current: Mapping[str, Any],
    keep: Callable[[str, Mapping[str, np.ndarray]], None] = lambda name, curves: None,
) -> dict[str, Any]:
    """The ledger with fresh figures, and the verdicts on all targets of the scenes, each on its own number of seeds.

    names: of the scenes, at least those that claims are about. load: name -> scene. current: from `digests`. keep: is
    given a scene's name and what it draws as curves, (seeds, frames) each, for its own seeds; none without randomness.
    """
    from render import device
    from render.training import trajectory

    device.require()
    rows: list[dict[str, Any]] = [{"figures": []} for _ in claims]
    scenes = {name: load(name) for name in names}
    read_by = {claim: figures(claim, scenes.get(claim.scene)) for claim in claims}
    verdicts_on: dict[str, Any] = {}

    def tell(by: str | Study, runs: Sequence[Arrays]) -> None:
        for row, claim in zip(rows, claims, strict=True):
            if by in (claim.scene, claim.study):
                both = zip(claim.figures, read_by[claim], strict=True)
                row["figures"] = [{**_told(read, runs[: read.seeds]), "text": figure.text} for figure, read in both]

    for name, scene in scenes.items():
        stated = scene.targets(scene.config())
        own = [read for claim in claims if claim.scene == name for read in read_by[claim]]
        every = [*stated.values(), *own]
        random = ribbons.random_seeds(stated.values())
        curves = ribbons.curves(scene.panels(scene.config(), stated)) if random else ()
        with stages_of(name) as stages:
            seeds = range(max(read.seeds for read in every))
            runs = trajectory.run_seeds(
                scene, scene.config(), seeds, {*curves, *(read.array for read in every)}, stages
            )
        keep(name, {curve: np.stack([run[curve] for run in runs[:random]]) for curve in curves})
        verdicts_on[name] = [judge(target, runs[: target.seeds], seeds).as_json() for target in stated.values()]
        tell(name, runs)
    for study in dict.fromkeys(claim.study for claim in claims if claim.study):
        with stages_of(study.name) as stages, stages("train"):
            drawn = study.runs(study.draws)
        tell(study, drawn)
    return {
        "sources": dict(current),
        "targets": verdicts_on,
        "claims": [
            {
                "post": claim.post,
                "claim": claim.claim,
                "published": claim.published,
                "scene": claim.scene,
                "study": claim.study.name if claim.study else "",
                **row,
                "verdict": claim.verdict,
                "because": claim.because,
            }
            for claim, row in zip(claims, rows, strict=True)
        ],
    }


def _told(read: Target | Reading, runs: Sequence[Arrays]) -> dict[str, Any]:
    if isinstance(read, Reading):
        return read.read(runs)
    verdict = judge(read, runs, range(len(runs)))
    return {**verdict.as_json(), "default": verdict.values[0]}


def figures(claim: Claim, scene: Scene | None) -> tuple[Target | Reading, ...]:
    """Targets and readings of a claim's figures, in their order. Raises ValueError for a key without a target."""
    known = scene.targets(scene.config()) if scene else {}
    unknown = [f.reads for f in claim.figures if isinstance(f.reads, str) and f.reads not in known]
    if unknown:
        name = scene.name if scene else claim.claim
        raise ValueError(f"{name} has no target {unknown[0]!r}; it has {', '.join(known)}")
    return tuple(known[f.reads] if isinstance(f.reads, str) else f.reads for f in claim.figures)


def stored() -> Path:
    """Where the ledger is kept: with what the blog serves, or as package data where there is no checkout."""
    return manifest.published_folder() / "claims.json"


def refresh(references: Mapping[str, str], rows: str, board: Board) -> dict[str, Any]:
    """The ledger made anew, stored, and its table put into the project's docs.

    references: of all scenes, by name. rows: the module that states the claims. Raises ValueError outside a checkout,
    before anything is trained.
    """
    if not manifest.in_checkout():
        written = "public/claims.json, public/seeds/ and the table in docs/ledger.md"
        raise ValueError(f"--refresh writes {written} of a checkout, and this is an installed package: run it in one")
    from render.loading import load_scene

    Cache.of_user().keep_programs()
    claims, current = import_module(rows).CLAIMS, digests(references, rows)

    def keep(name: str, curves: Mapping[str, np.ndarray]) -> None:
        ribbons.write(manifest.public_folder(), references[name], current["scenes"][name], curves)

    with board:
        ledger = evaluate(claims, references, lambda name: load_scene(references[name]), board.line, current, keep)
    write(ledger, stored(), manifest.ROOT / "docs" / "ledger.md")
    return ledger


def read(path: Path, current: Mapping[str, Any]) -> dict[str, Any]:
    """The stored ledger; warns if its digests are not `current`, those from `digests`.

    Raises ValueError when the file is missing or is not JSON.
    """
    try:
        ledger = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: `render claims --refresh` makes it") from error
    if ledger.get("sources") != current:
        old = f"{path.name} is older than its sources: `render claims --refresh`"
        other = f"{path.name} was made with other versions of packages than are installed: `render check` tries these"
        warnings.warn(old if manifest.in_checkout() else other, stacklevel=2)
    return ledger


def cells(ledger: Mapping[str, Any]) -> list[list[str]]:
    """The ledger as rows of text, one cell a column of COLUMNS."""
    rows = []
    for claim in ledger["claims"]:
        ours = ["; ".join(_text(f["text"], f[key]) for f in claim["figures"]) for key in ("default", "value")]
        still = "no randomness" if claim["figures"] else ""
        worst = f"{ours[1]} ({_count(claim['figures'])})" if _count(claim["figures"]) else still
        verdict = claim["verdict"] + (f": {claim['because']}" if claim["because"] else "")
        rows.append([claim["post"], claim["claim"], claim["published"], ours[0], worst, verdict])
    return rows


def markdown(ledger: Mapping[str, Any]) -> str:
    """The ledger as a table for the docs."""
    return readme.table(COLUMNS, cells(ledger))


def write(ledger: Mapping[str, Any], path: Path, shown_in: Path) -> None:
    """Store the ledger as JSON and put its table into the page `shown_in`."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(ledger, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    readme.replace_between(shown_in, "claims", markdown(ledger))


def _count(figures: Sequence[Mapping[str, Any]]) -> str:
    """Text: on how many seeds the target with the smallest lower bound holds; for readings, the number of seeds."""
    held = [figure for figure in figures if figure.get("lower_bound") is not None]
    if held:
        least = min(held, key=lambda figure: figure["lower_bound"])
        return f"{least['seeds_met']} of {least['seeds']}: at least {percent(least['lower_bound'])}"
    seeds = max((figure["seeds"] for figure in figures), default=0)
    return f"of {seeds}" if seeds > 1 else ""


def _text(text: str, value: float | None) -> str:
    """A figure's text with its number filled in: to 3 or 4 significant digits unless the text has a format."""
    if value is None:
        return text.split("{")[0] + "not finite"
    short = f"{value:.0f}" if value == round(value) and abs(value) < 1e4 else f"{value:.{4 if abs(value) >= 1 else 3}g}"
    return re.sub(r"-(?=\d)", "−", text.replace("{}", short).format(value))
