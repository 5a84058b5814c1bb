"""The contract of a scene: a frozen configuration, a handful of pure functions, and the theory it must hit."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from render import bounds
from render.bounds import between
from render.target import Arrays, Goals

if TYPE_CHECKING:
    from render.film import Badge, Story
    from render.picture.group import Group
    from render.picture.panels.base import Panel

MAX_FRAMES = 2000
MIN_DELAY_MS = 20  # browsers play anything shorter at 100 ms
MAX_DELAY_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Config:
    """Configuration that all scenes share; a scene adds fields, each with a default and bounds (`render.bounds`).

    seed: determines the whole run: data, initial weights, noise.
    frames: pictures in the animation, the first at step 0 and the last at `steps`.
    frame_ms, hold_ms: delay of a frame and of the last one, multiples of 10 ms (GIF counts in 10 ms).
    steps: optimiser steps, or notches of a dial, in the whole run.

    Raises ValueError, naming field, value and what is accepted, when built from a senseless value.
    """

    seed: int = between(0, 0, 2**32 - 1)
    frames: int = between(80, 2, MAX_FRAMES)
    frame_ms: int = between(60, MIN_DELAY_MS, MAX_DELAY_MS, of=10)
    hold_ms: int = between(1500, MIN_DELAY_MS, MAX_DELAY_MS, of=10)
    steps: int = between(1000, 1, 2**31 - 1)

    def __post_init__(self) -> None:
        bounds.require(self)
        least = self.frames - 1
        self.require("steps", self.steps >= least, f"at least frames - 1 = {least}: each frame needs a step of its own")

    def require(self, field: str, holds: bool, accepts: str) -> None:
        """Raise ValueError unless `holds`: for conditions on several fields, in a scene's `__post_init__`."""
        if not holds:
            bounds.refuse(field, getattr(self, field), accepts)


def strictly(spaced: np.ndarray, config: Any) -> np.ndarray:
    """Strictly increasing steps (frames,) int, near `spaced`, (frames,) that rise from 0 to `steps`.

    `spaced` is rounded; frames that would share a step are one step apart.
    """
    steps = np.round(spaced).astype(int)
    for frame in range(1, config.frames):
        steps[frame] = max(steps[frame], steps[frame - 1] + 1)
    return np.minimum(steps, config.steps - np.arange(config.frames)[::-1])


def geometric_schedule(config: Any) -> np.ndarray:
    """Steps at which frames are measured, spaced geometrically: (frames,) int, from 0 to `steps`, strictly increasing.

    Training changes fastest early on; where the spacing is below one step, frames are one step apart.
    """
    return strictly(np.geomspace(1, config.steps + 1, config.frames) - 1, config)


def gradual_schedule(config: Any, even_until: float) -> np.ndarray:
    """Steps at which frames are measured, (frames,) int, strictly increasing: even in log(1 + step / even_until).

    Up to `even_until` they are about evenly spaced and then geometrically, for runs in which the first steps do little.
    """
    return strictly(even_until * np.expm1(np.linspace(0, np.log1p(config.steps / even_until), config.frames)), config)


def stretched_schedule(config: Any, frames: tuple[int, ...], steps: tuple[int, ...]) -> np.ndarray:
    """Steps at which frames are measured, (frames,) int: `frames` are of `steps` and of the last step, evenly between.

    frames: numbers, of which the first is 0; another number of frames than their last and one has them stretched.
    """
    places = np.linspace(0, frames[-1], config.frames)
    return strictly(np.interp(places, frames, (*steps, config.steps)), config)


def last_frame_by(step: float, steps: np.ndarray) -> int:
    """Number of the last frame of `step` or before it, and at least 1. steps: of the frames, by their schedule."""
    return max(int(np.searchsorted(steps, step, side="right")) - 1, 1)


def even_schedule(config: Any) -> np.ndarray:
    """Steps at which frames are measured, spaced evenly: (frames,) int, from 0 to `steps`, strictly increasing."""
    return np.round(np.linspace(0, config.steps, config.frames)).astype(int)


def nothing(config: Any, state: Any) -> dict[str, Any]:
    return {}


def derives_nothing(config: Any) -> dict[str, np.ndarray]:
    return {}


def plays_all(config: Any) -> int:
    return config.frames - 1


def no_targets(config: Any) -> Goals:
    return {}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Data plus pure functions; `state` is any pytree.

    config: the Config subclass; its defaults are the scene's claim.
    init(config, key) -> state: parameters, optimiser state and data, all from the key.
    step(config, state) -> state: one optimiser step, or one notch of a dial.
    measure(config, state) -> dict of arrays, once a frame, inside the compiled scan.
    constants(config, state) -> dict of arrays, once a run (labels, input points): what no step changes.
    raw(config, state) -> dict of arrays, called only for raw arrays: what the metrics are computed from: features,
        outputs, labels, targets, weights; one of several networks adds its name at the end (features_rich).
    derive(config, *, ...) -> dict of NumPy arrays that need the whole run at once; its keyword arguments are named
        after the measured arrays and constants that it reads, and nothing else is given to it. `step` is (frames,).
    targets(config): what theory says of the run, a mapping of keys of one's own to Targets.
    panels(config, goals): a tuple of declarative values; `goals` are the scene's targets by key.
    badge: the state of the run in a word, read off a derived array; shown in the header.
    schedule(config): the step of each frame, (frames,), strictly increasing from 0 to `config.steps`.
    layout: rows of letters, one letter a panel in the order of `panels`: ("abd", "acc").
    widths, heights: relative sizes of the layout's columns and rows (equal if empty).
    title, subtitle: `{field}` stands for a field of the config.
    alt: alt text; `{name}` and `{name:.3f}` stand for the last frame's value of an array, or a field of the config.
    step_name: what the header counts: "step", or "notch" of a dial.
    source: the post, section and figure that the scene re-creates, and the papers.
    output: path below public/, without suffix.
    message: one sentence that a newcomer understands. look_for: where to look, in one or two sentences.
    formulas: pairs of what is computed, in words, and its formula in LaTeX; for pages, which show them as MathML.
    group: what the scene is about, by which lists are ordered: states, spectrum, frames, richness, ...
    story: how the run is told; then `panels` gives groups of marks, and layout, widths, heights and badge are not used.
    shown(config): number of the last frame that is played, where nothing more is to be seen after it.

    What is measured or derived may be nested: {"low_rank": {"rich": ..., "lazy": ...}} are the arrays low_rank/rich and
    low_rank/lazy; a series that names `low_rank` draws them all, `derive(config, *, low_rank)` is given the mapping.

    `seed`, `frame_ms` and `hold_ms` have their defaults in the config that init, step and measure see: the seed comes
    as the key and delays change no number, so that one compiled program serves all of their values.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    post: str
    source: str
    output: str
    config: type[Config]
    init: Callable[[Any, Any], Any]
    step: Callable[[Any, Any], Any]
    measure: Callable[[Any, Any], dict[str, Any]]
    panels: Callable[[Any, Goals], tuple[Panel | Group, ...]]
    message: str = ""
    look_for: str = ""
    formulas: tuple[tuple[str, str], ...] = ()
    group: str = ""
    story: Story | None = None
    shown: Callable[[Any], int] = plays_all
    layout: tuple[str, ...] = ("a",)
    targets: Callable[[Any], Goals] = no_targets
    constants: Callable[[Any, Any], dict[str, Any]] = nothing
    raw: Callable[[Any, Any], dict[str, Any]] = nothing
    derive: Callable[..., dict[str, Any]] = derives_nothing
    schedule: Callable[[Any], np.ndarray] = geometric_schedule
    badge: Badge | None = None
    step_name: str = "step"
    widths: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    width_px: int = 1100
    height_px: int = 520

    def steps(self, config: Config) -> np.ndarray:
        """The schedule, checked. Raises ValueError when it breaks the contract."""
        steps = np.asarray(self.schedule(config))
        if steps.shape != (config.frames,) or steps[0] != 0 or steps[-1] != config.steps or (np.diff(steps) < 1).any():
            raise ValueError(
                f"{self.name}: schedule must have {config.frames} entries that increase strictly from 0 to "
                f"{config.steps}; it gave {steps.size} from {steps.flat[0]} to {steps.flat[-1]}"
            )
        return steps

    @property
    def derive_reads(self) -> tuple[str, ...]:
        """Names of the arrays and families of arrays that `derive` reads: its keyword arguments."""
        parameters = inspect.signature(self.derive).parameters.values()
        return tuple(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)

    def heading(self, config: Config) -> tuple[str, str]:
        """Title and subtitle with the config's fields filled in."""
        return self.title.format(**vars(config)), self.subtitle.format(**vars(config))

    def describe(self, config: Config, arrays: Arrays) -> str:
        """The alt text with the config's fields and the last frame's numbers filled in."""
        return _filled(self.alt, config, arrays)

    def told(self, config: Config, arrays: Arrays) -> Story | None:
        """The story with the config's fields and the last frame's numbers filled in."""
        if self.story is None:
            return None
        sentences = tuple(_filled(sentence, config, arrays) for sentence in self.story.sentences)
        return replace(self.story, sentences=sentences)


def _filled(text: str, config: Config, arrays: Arrays) -> str:
    last = {name: (array[-1] if np.ndim(array) and len(array) else array) for name, array in arrays.items()}
    return text.format(**{**vars(config), **last})


def flat(arrays: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested arrays by their path: {"low_rank": {"rich": x}} -> {"low_rank/rich": x}."""
    found: dict[str, Any] = {}
    for name, value in arrays.items():
        path = f"{above}{name}"
        found |= flat(value, f"{path}/") if isinstance(value, Mapping) else {path: value}
    return found


def family(arrays: Mapping[str, Any], name: str) -> Any:
    """Array `name`, or the family below it: {rest of the path: array}. Raises KeyError if there is neither."""
    if name in arrays:
        return arrays[name]
    members = {path.removeprefix(f"{name}/"): array for path, array in arrays.items() if path.startswith(f"{name}/")}
    if not members:
        raise KeyError(name)
    return members


def belongs(path: str, name: str) -> bool:
    """Whether an array is the one of this name or one of its family."""
    return path == name or path.startswith(f"{name}/")


def field_types(config: type[Config]) -> dict[str, type]:
    """Name -> type of each field of a config, read off its default."""
    return {field.name: type(field.default) for field in dataclasses.fields(config)}
