"""What holds for every scene of the registry, now and later."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import itertools
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import jax
import numpy as np
import pytest
from matplotlib.figure import Figure

import render
import scenes
from render import bounds
from render.files import package_of
from render.film import Layout
from render.picture import figure
from render.picture.group import Group
from render.picture.marks import level as marks_level
from render.picture.panels.base import Level
from render.picture.panels.history import History
from render.picture.panels.points import Points
from render.picture.theme import LIGHT
from render.registry import entry_of
from render.scene import Config, Scene, belongs, family, field_types, flat
from render.target import Target
from scenes import ENTRIES, SCENES, networks
from tests.conftest import default_recording, default_run

every_scene = pytest.mark.parametrize("name", SCENES)


def module_of(name: str) -> ModuleType:
    return importlib.import_module(SCENES[name])


def scene_of(name: str) -> Scene:
    return module_of(name).SCENE


def sources(package: ModuleType) -> list[Path]:
    (folder,) = package.__path__
    return sorted(Path(folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Dotted names of what a file of the project imports: modules, and what is taken from them."""
    package = package_of(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


class Recorded(dict):
    """Arrays that remember which of them were read."""

    def __init__(self, arrays):
        super().__init__(arrays)
        self.read: set[str] = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


def panels_of(name: str):
    run = default_run(name)
    return run.scene.panels(run.config, run.scene.targets(run.config))


@functools.cache
def drawn_arrays(name: str) -> frozenset[str]:
    """Names of the arrays that panels or marks read while they are built and moved through every frame."""
    run = default_run(name)
    arrays = Recorded(run.arrays)
    if run.scene.story:
        film = dataclasses.replace(default_recording(name), arrays=arrays)
        picture = figure.new_picture(film, LIGHT)[1]
        for frame in range(film.frames):
            picture.show(frame)
        return frozenset(arrays.read)
    for panel in panels_of(name):
        moving = panel.build(Figure().add_axes((0.1, 0.1, 0.8, 0.8)), arrays, LIGHT)
        for frame in range(run.config.frames):
            moving.update(frame)
    return frozenset(arrays.read)


def trains(name: str, monkeypatch) -> bool:
    """Whether a step is a step of the optimiser that training scenes share."""
    calls = []
    descend = networks.descend
    monkeypatch.setattr(networks, "descend", lambda *args: calls.append(args) or descend(*args))
    scene, config = scene_of(name), scene_of(name).config()
    jax.eval_shape(lambda: scene.step(config, scene.init(config, jax.random.key(0))))
    return bool(calls)


@every_scene
def test_a_scene_has_the_name_of_its_entry_and_says_what_it_is(name):
    scene = scene_of(name)
    assert ENTRIES[name] == entry_of(SCENES[name], scene), "scenes/__init__.py says something else of it"
    assert scene.name == name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert re.fullmatch(r"[a-z0-9]+([-/][a-z0-9]+)*", scene.output)
    for text in (scene.title, scene.subtitle, scene.alt, scene.post, scene.source):
        assert text == text.strip() != ""
    assert scene.alt.endswith(".")
    assert inspect.getdoc(module_of(name))
    assert inspect.getdoc(scene.config)


def test_no_two_scenes_share_an_output_or_a_module():
    assert len({scene_of(name).output for name in SCENES}) == len(set(SCENES.values())) == len(SCENES) > 0


@every_scene
def test_the_module_lies_in_a_folder_of_scenes_and_is_read_in_five_minutes(name):
    path = Path(module_of(name).__file__)
    assert path.parent.parent == Path(scenes.__file__).parent
    assert len(path.read_text().splitlines()) <= 260


@every_scene
def test_the_config_is_frozen_hashable_and_builds_from_its_defaults(name):
    config = scene_of(name).config()
    assert isinstance(config, Config)
    assert hash(config) == hash(scene_of(name).config())
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 1
    assert set(field_types(type(config)).values()) <= {int, float, str, bool}
    assert all(field.kw_only for field in dataclasses.fields(config))
    assert config == dataclasses.replace(config, seed=config.seed)


@every_scene
def test_the_config_rejects_what_every_config_rejects(name):
    for field, value in {"frames": 0, "frame_ms": 7, "hold_ms": 15, "seed": -1, "steps": 0}.items():
        with pytest.raises(ValueError, match=f"{field}={value}"):
            scene_of(name).config(**{field: value})


@every_scene
def test_every_number_of_the_config_has_bounds_and_what_is_just_beyond_them_is_refused(name):
    config = scene_of(name).config
    known = bounds.of(config)
    numbers = {field: kind for field, kind in field_types(config).items() if kind in (int, float)}
    assert numbers.keys() - {field.name for field in dataclasses.fields(Config)} <= known.keys()
    for field, kind in numbers.items():
        low, high = known[field].low, known[field].high
        assert low <= getattr(config, field) <= high
        assert max(abs(low), abs(high)) <= 2**32 if kind is int else max(abs(low), abs(high)) <= 1e30
        if field != "steps":  # the number of frames sets its lower bound
            assert low == 0 or abs(low) >= 1e-30
        for value in (low - 1, high + 1) if kind is int else (np.nextafter(low, -np.inf), np.nextafter(high, np.inf)):
            value = kind(value)
            with pytest.raises(ValueError, match="is not accepted") as error:
                config(**{field: value})
            message = str(error.value)
            assert message.startswith(f"{field}={value!r} is not accepted: {field} takes "), message
            assert "\n" not in message
            said = message.partition(" takes ")[2]
            assert f"{low:g}" in said or str(low) in said, message
            assert f"{high:g}" in said or str(high) in said, message


@every_scene
def test_the_schedule_rises_strictly_from_zero_to_the_last_step_for_any_number_of_frames(name):
    scene = scene_of(name)
    default = scene.config()
    for frames in {2, 3, 17, default.frames, min(default.steps + 1, 2000)}:
        if frames - 1 > default.steps:
            continue
        config = scene.config(frames=frames)
        steps = scene.steps(config)
        assert len(steps) == frames
        assert (steps[0], steps[-1]) == (0, config.steps)
        assert (np.diff(steps) >= 1).all()


def layouts_of(name: str) -> Iterator[tuple[Layout, int, bool]]:
    """Every layout of a scene, of how many parts it is, and whether all of them must be in it."""
    story, panels = scene_of(name).story, panels_of(name)
    if story is None:
        scene = scene_of(name)
        yield Layout(scene.layout, scene.widths, scene.heights), len(panels), True
        return
    yield story.wide, len(panels), True
    yield story.column, len(panels), False
    for group in panels:
        yield group.layout, len(group.frames), True
        yield group.in_cut("column"), len(group.frames), False


@every_scene
def test_the_layout_has_a_rectangle_for_each_part(name):
    for layout, parts, whole in layouts_of(name):
        require_rectangles(layout, parts, whole)


def require_rectangles(layout: Layout, parts: int, whole: bool) -> None:
    rows, letters = layout.rows, sorted(set("".join(layout.rows)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert letters == list(string.ascii_lowercase[:parts]) or (not whole and letters[0] == "a")
    assert set(letters) <= set(string.ascii_lowercase[:parts])
    for letter in set("".join(rows)):
        cells = [(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell == letter]
        tall, wide = (len({cell[axis] for cell in cells}) for axis in (0, 1))
        assert len(cells) == tall * wide
        assert max(r for r, _ in cells) - min(r for r, _ in cells) == tall - 1
        assert max(c for _, c in cells) - min(c for _, c in cells) == wide - 1
    assert len(layout.widths) in (0, len(rows[0]))
    assert len(layout.heights) in (0, len(rows))
    assert min((*layout.widths, *layout.heights, 1)) > 0


@every_scene
def test_every_array_of_the_run_is_finite_and_has_frames_first_where_it_is_measured(name):
    run = default_run(name)
    for array in run.measured.values():
        assert array.shape[0] == run.config.frames
    for array_name, array in {**run.constants, **run.measured}.items():
        assert np.isfinite(array).all(), array_name
        assert array.dtype.itemsize <= 4 or array.dtype.kind != "f", f"{array_name} is float32 on the device"
    assert set(run.measured) & set(run.constants) == set()


@every_scene
def test_panels_read_arrays_of_the_run(name):
    assert drawn_arrays(name) <= set(default_run(name).arrays)
    assert drawn_arrays(name)


@every_scene
def test_a_target_reads_a_scalar_or_an_array_with_frames_first(name):
    run = default_run(name)
    targets = run.scene.targets(run.config).values()
    assert len({target.name for target in targets}) == len(targets) > 0
    for target in targets:
        array = run.arrays[target.array]
        assert array.ndim == 0 or array.shape[0] == run.config.frames, target.name
        assert target.rule in ("at most", "at least", "within")
        assert target.at in ("first", "last", "every")
        assert target.formula
        assert target.seeds >= 1
        assert 0 < target.share <= 1
        assert np.isfinite(target.goal)
        assert target.tolerance == 0 or (target.rule == "within" and target.tolerance > 0)


def holds(target: Target, array: np.ndarray) -> bool:
    """Whether all numbers that count are where the target says, by its definition."""
    array = np.asarray(array, np.float64)
    if array.ndim:
        array = {"first": array[:1], "last": array[-1:], "every": array}[target.at]
    if target.rule == "within":
        return bool((np.abs(array - target.goal) <= target.tolerance).all())
    return bool((array <= target.goal).all() if target.rule == "at most" else (array >= target.goal).all())


@every_scene
def test_the_default_run_meets_every_target(name):
    run = default_run(name)
    missed = {
        target.name: target.value(run.arrays)
        for target in run.scene.targets(run.config).values()
        if not (holds(target, run.arrays[target.array]) and target.met(target.value(run.arrays)))
    }
    assert missed == {}


@every_scene
def test_derive_reads_measured_arrays_and_constants(name):
    run = default_run(name)
    known = {*run.measured, *run.constants, "step"}
    for read in run.scene.derive_reads:
        assert any(belongs(path, read) for path in known), read


@every_scene
def test_what_is_derived_has_a_name_of_its_own(name):
    run = default_run(name)
    device = {**run.constants, **run.measured, "step": run.arrays["step"]}
    derived = flat(run.scene.derive(run.config, **{read: family(device, read) for read in run.scene.derive_reads}))
    assert set(derived) & set(device) == set()
    assert set(run.arrays) == {*device, *derived}


def levels_of(panel) -> list[Level]:
    """The dashed levels of a panel: its own, and those of its curves; or of a group's frames."""
    if isinstance(panel, Group):
        marks = [mark for frame in panel.frames for mark in frame.marks if isinstance(mark, marks_level.Level)]
        return [Level(mark.value, mark.label) for mark in marks if not isinstance(mark.value, str)]
    own = [getattr(panel, "goal", None), *getattr(panel, "levels", ())]
    return [
        level for level in (*own, *(getattr(curve, "goal", None) for curve in getattr(panel, "curves", ()))) if level
    ]


def dashed_heights(panel, arrays) -> set[float]:
    """Where the dashed levels of a panel stand once it is drawn: lines across the axes, or up them."""
    axes = Figure().add_axes((0.1, 0.1, 0.8, 0.8))
    panel.build(axes, arrays, LIGHT)
    across = [line.get_ydata() for line in axes.lines if line.is_dashed() and list(line.get_xdata()) == [0, 1]]
    up = [line.get_xdata() for line in axes.lines if line.is_dashed() and list(line.get_ydata()) == [0, 1]]
    return {float(ends[0]) for ends in (*across, *up)}


@every_scene
def test_every_level_of_a_story_is_a_goal_that_it_does_not_retype_or_says_what_it_is(name):
    run = default_run(name)
    for level in itertools.chain.from_iterable(map(levels_of, panels_of(name))):
        if isinstance(level.value, Target):
            assert level.value in run.scene.targets(run.config).values()
            typed = re.sub(r"\{[^{}]*\}", "", level.label)
            assert f"{level.height:g}" not in re.findall(r"[\d.]*\d", typed), f"{level.label} retypes its goal"
        else:
            assert level.label


@every_scene
def test_the_states_of_a_story_follow_each_other_and_each_has_a_name_and_a_sentence(name):
    recording = default_recording(name)
    states = recording.arrays[recording.story.state]
    assert states.shape == (len(recording.arrays["step"]),)
    assert np.issubdtype(states.dtype, np.integer)
    assert (np.diff(states) >= 0).all()
    assert len(recording.story.names) == len(recording.story.sentences)
    assert 0 <= states.min() <= states.max() < len(recording.story.names)
    for said in (recording.message, *recording.story.sentences):
        assert said == said.strip() != ""
        assert not set("{}") & set(said)


@every_scene
def test_a_goal_that_is_changed_is_drawn_where_it_is_now(name):
    run = default_run(name)
    goals = run.scene.targets(run.config)
    moved = {key: dataclasses.replace(target, goal=2 * target.goal + 0.5) for key, target in goals.items()}
    before = [level for panel in panels_of(name) for level in levels_of(panel)]
    after = [level for panel in run.scene.panels(run.config, moved) for level in levels_of(panel)]
    for was, now in zip(before, after, strict=True):
        of_target = isinstance(was.value, Target)
        assert now.height == (2 * was.height + 0.5 if of_target else was.height)
        assert not of_target or "{" not in was.label or now.text != was.text


@every_scene
def test_the_badge_has_a_word_for_every_state(name):
    run = default_run(name)
    badge = getattr(run.scene, "badge", None)
    words, colours = (badge.words, badge.colours) if badge else (("none",), ("met",))
    states = run.arrays[badge.array] if badge else np.zeros(run.config.frames, int)
    assert states.shape == (run.config.frames,)
    assert np.issubdtype(states.dtype, np.integer)
    assert len(words) == len(colours)
    assert 0 <= states.min() <= states.max() < len(words)
    assert set(colours) <= {"met", *LIGHT.series}


@every_scene
def test_the_alt_text_has_its_numbers_filled_in(name):
    run = default_run(name)
    fields = [field for _, field, _, _ in string.Formatter().parse(run.scene.alt) if field is not None]
    names = {re.split(r"[.\[]", field)[0] for field in fields}
    assert names <= set(run.arrays) | set(vars(run.config))
    assert names & set(run.arrays), "the alt text has the final numbers in it"
    described = run.scene.describe(run.config, run.arrays)
    assert not set("{}") & set(described)
    assert "nan" not in described.split()
    assert len(described) > 40


@every_scene
def test_a_scene_that_trains_measures_its_loss_and_draws_it_in_cards(name, monkeypatch):
    run = default_run(name)
    seen = set(run.measured) if run.scene.story else set(run.measured) & drawn_arrays(name)
    assert not trains(name, monkeypatch) or "loss" in seen
    assert "loss" not in run.measured or run.measured["loss"].shape == (run.config.frames,)


@every_scene
def test_curves_over_steps_share_one_step_axis(name):
    curves = [panel for panel in panels_of(name) if isinstance(panel, History)]
    assert len({panel.x_axis.scale for panel in curves if panel.x == "step"}) <= 1


@every_scene
def test_a_labelled_representation_is_measured_with_its_labels(name):
    run = default_run(name)
    for panel in panels_of(name):
        if isinstance(panel, Points) and panel.labels:
            points, labels = run.arrays[panel.points], run.arrays[panel.labels]
            assert points.shape[:1] == (run.config.frames,)
            assert labels.shape == points.shape[1:2]
            assert np.issubdtype(labels.dtype, np.integer)
            assert labels.min() >= 0
            assert {panel.labels} <= set(run.constants) | set(run.measured)


@every_scene
def test_something_moves(name):
    run = default_run(name)
    assert any(
        np.ptp(run.arrays[array].astype(float), axis=0).max() > 0
        for array in drawn_arrays(name) - {"step"}
        if run.arrays[array].shape[:1] == (run.config.frames,)
    )


@every_scene
def test_a_scene_imports_no_other_scene_and_draws_nothing(name):
    modules = set(imported(Path(module_of(name).__file__)))
    others = [module for key, module in SCENES.items() if key != name]
    assert [module for module in modules if any(within(module, other) for other in others)] == []
    for foreign in (
        "matplotlib",
        "PIL",
        "imageio",
        "render.picture.figure",
        "render.encoding.gif",
        "render.training.trajectory",
        "cli",
    ):
        assert [module for module in modules if within(module, foreign)] == []
    for unsteady in ("time", "random", "datetime", "secrets", "uuid"):
        assert [module for module in modules if within(module, unsteady)] == []


@every_scene
def test_a_scene_has_no_scan_of_its_own(name):
    tree = ast.parse(Path(module_of(name).__file__).read_text())
    names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert "scan" not in names
    assert not [module for module in imported(Path(module_of(name).__file__)) if module.endswith("lax.scan")]


def test_what_scenes_share_never_imports_a_scene():
    shared = [path for path in sources(scenes) if path.parent == Path(scenes.__file__).parent]
    for path in shared:
        assert [module for module in imported(path) if any(within(module, of) for of in SCENES.values())] == [], path


def test_modules_of_scenes_import_each_other_relatively():
    """So that the folder can be part of another package, under another name."""
    for path in sources(scenes):
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        assert not [node.module for node in nodes if node.level == 0 and within(node.module, "scenes")], path
    command = Path(scenes.__file__).parent.with_name("cli.py")
    assert not [module for module in imported(command) if within(module, "scenes")]
    assert command.read_text().count('import_module("render.scenes" if __package__ else "scenes")') == 1  # in one place


def test_what_is_shared_never_imports_scenes():
    paths = sources(render)
    assert len(paths) > 10
    for path in paths:
        assert [module for module in imported(path) if within(module, "scenes") or within(module, "cli")] == [], path


def test_metrics_and_the_encoder_know_of_no_figure_and_what_draws_computes_no_metric():
    for path in sources(render):
        modules = list(imported(path))
        if "metrics" in path.parts or path.name == "gif.py":
            assert not [module for module in modules if within(module, "matplotlib")], path
        if "panels" in path.parts or "marks" in path.parts:
            assert not [module for module in modules if within(module, "jax") or within(module, "render.metrics")], path


def test_the_training_scan_exists_once():
    scans = [
        path.name
        for path in (*sources(render), *sources(scenes))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "scan" and "metrics" not in path.parts
    ]
    assert scans == ["trajectory.py"]
