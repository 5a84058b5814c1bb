"""What is stale after a change is what the change can reach through imports: no more, and no less."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from render.ledger import claims
from render.production import manifest, sources
from render.production.cache import run_key
from render.production.edition import Edition
from scenes import CLAIMS, SCENES
from tests.conftest import TINY_SCENE, TOLD_SCENE

PROJECT = sources.ROOT
ALL, NONE = frozenset(SCENES), frozenset[str]()
ON_DIGITS = frozenset(
    (
        *("rich-vs-lazy", "target-downscaling", "weight-decay-only", "scalar-regression", "label-shuffling"),
        *("distillation", "same-score", "rate-and-decay"),
    )
)
COLLAPSE, CONTRASTIVE, BOUNDARY = (
    frozenset([name]) for name in ("neural-collapse", "align-uniform", "simplicity-bias")
)
ROWS = frozenset(["rows"])  # of the ledger, which are no scene's

# What is touched -> the scenes whose pictures are stale, whose runs are lost, whose figures in the ledger are stale.
TABLE = {
    # what speaks to the terminal
    "render/terminal/console.py": (NONE, NONE, NONE),
    "render/terminal/progress.py": (NONE, NONE, NONE),
    "cli.py": (NONE, NONE, NONE),
    # what finds, keeps and lists
    "render/production/batch.py": (NONE, NONE, NONE),
    "render/production/cache.py": (NONE, NONE, NONE),
    "render/ledger/claims.py": (NONE, NONE, NONE),
    "render/production/manifest.py": (NONE, NONE, NONE),
    "render/production/sources.py": (NONE, NONE, NONE),
    "render/registry.py": (NONE, NONE, NONE),
    "scenes/__init__.py": (NONE, NONE, NONE),
    "render/audit/report.py": (NONE, NONE, NONE),
    "scenes/claims.py": (NONE, NONE, ROWS),
    "scenes/richness/claims.py": (NONE, NONE, ROWS),
    "scenes/three_states/studies.py": (NONE, NONE, ROWS),  # and what a study runs, as below
    # what trains and measures
    "render/training/trajectory.py": (ALL, ALL, ALL | ROWS),
    "render/scene.py": (ALL, ALL, ALL | ROWS),
    "render/training/threads.py": (ALL, ALL, ALL | ROWS),
    "render/stages.py": (ALL, ALL, ALL | ROWS),
    "scenes/digits.py": (ON_DIGITS, ON_DIGITS, ON_DIGITS),
    "render/metrics/contrastive.py": (CONTRASTIVE, CONTRASTIVE, CONTRASTIVE | ROWS),
    "render/metrics/boundary.py": (BOUNDARY, BOUNDARY, BOUNDARY | ROWS),
    # a scene; also where only its title is another: what is kept of a run has the title in it
    "scenes/three_states/neural_collapse.py": (COLLAPSE, COLLAPSE, COLLAPSE),
    # how a scene is told: its words are kept with the run, and change no number of the ledger
    "scenes/three_states/neural_collapse_picture.py": (COLLAPSE, COLLAPSE, NONE),
    # what judges and records
    "render/training/checks.py": (NONE, NONE, ALL),
    "render/target.py": (ALL, ALL, ALL | ROWS),
    "render/picture/recording.py": (ALL, ALL, NONE),
    # what draws
    "render/picture/marks/region.py": (BOUNDARY, NONE, NONE),
    "render/picture/sheet.py": (NONE, NONE, NONE),
    "render/picture/composition.py": (ALL, NONE, NONE),
    "render/picture/strip.py": (ALL, NONE, NONE),
    "render/picture/words.py": (ALL, NONE, NONE),
    "render/picture/theme.py": (ALL, NONE, NONE),
    "render/picture/ink.py": (ALL, NONE, NONE),
    "render/picture/figure.py": (ALL, NONE, NONE),
    "render/encoding/gif.py": (ALL, NONE, NONE),
    "render/encoding/palette.py": (ALL, NONE, NONE),
}

# What only draws loses no run, and is of the pictures that are drawn with it: of a story, of one in cards.
DRAWN_WITH = {
    "render/picture/marks/points.py": (True, False),
    "render/picture/marks/threads.py": (True, False),
    "render/picture/marks/base.py": (True, False),
    "render/picture/frames.py": (True, False),
    "render/picture/group.py": (True, False),
    "render/picture/marks/tiles.py": (False, False),
    "render/picture/panels/history.py": (False, True),
    "render/picture/panels/region.py": (False, False),
    "render/picture/stage.py": (True, True),  # what draws knows both
    "render/picture/cards.py": (True, True),
}


@pytest.mark.parametrize("path", DRAWN_WITH)
def test_what_only_draws_makes_stale_what_is_drawn_with_it_and_no_run(path: str, tmp_path: Path) -> None:
    for part in ("render", "scenes"):
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))

    def stated() -> list[str]:
        kinds = (sources.picture, sources.recorded, sources.ledger)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "ROOT", tmp_path)
            return [kind(str(scene)).digest() for kind in kinds for scene in (TOLD_SCENE, TINY_SCENE)]

    before, file = stated(), tmp_path / path
    file.write_text(f"{file.read_text()}\nTOUCHED = True\n")
    stale = [was != now for was, now in zip(before, stated(), strict=True)]
    assert stale == [*DRAWN_WITH[path], False, False, False, False]


OTHER_VERSIONS = {
    "contourpy": (BOUNDARY, NONE, NONE),
    "scikit-learn": (ON_DIGITS, ON_DIGITS, ON_DIGITS),
    "scipy": (ALL, ALL, ALL | ROWS),  # the bound of every verdict is SciPy's
    "jax": (ALL, ALL, ALL | ROWS),
    "jaxlib": (ALL, ALL, ALL | ROWS),
    "numpy": (ALL, ALL, ALL | ROWS),
    "matplotlib": (ALL, NONE, NONE),
    "pillow": (ALL, NONE, NONE),
    "jaxtyping": (NONE, NONE, NONE),
    "rich": (NONE, NONE, NONE),
    "imageio": (NONE, NONE, NONE),
}

Digests = tuple[dict[str, str], ...]


def digests() -> Digests:
    """Of every scene's picture, of its run, of its figures in the ledger."""
    pictures = {name: manifest.inputs_digest(reference, Edition(Path()), {}) for name, reference in SCENES.items()}
    runs = {name: run_key(reference, {}, ()) for name, reference in SCENES.items()}
    ledger = claims.digests(SCENES, CLAIMS)
    return pictures, runs, {**ledger["scenes"], "rows": ledger["rows"]}


def changed(before: Digests, after: Digests) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(name for name in old if old[name] != new[name]) for old, new in zip(before, after, strict=True)
    )


Touch = Callable[[str, Callable[[str], str]], tuple[frozenset[str], ...]]


@pytest.fixture(scope="module")
def touch(tmp_path_factory: pytest.TempPathFactory) -> Touch:
    """Change a file of a copy of the project for a moment. -> whose picture, run and figures that takes away."""
    root = tmp_path_factory.mktemp("project")
    for part in ("render", "scenes"):
        shutil.copytree(PROJECT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "cli.py", root)

    def change(path: str, edit: Callable[[str], str]) -> tuple[frozenset[str], ...]:
        text = (root / path).read_text()
        assert edit(text) != text, path
        (root / path).write_text(edit(text))
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sources, "ROOT", root)
                return changed(before, digests())
        finally:
            (root / path).write_text(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "ROOT", root)
        before = digests()
    assert before == digests()  # of what is said, not of where or when it is
    return change


@pytest.mark.parametrize("path", TABLE)
def test_a_change_of_code_makes_stale_what_it_can_reach(touch: Touch, path: str) -> None:
    assert touch(path, lambda text: f"{text}\nTOUCHED = True\n") == TABLE[path]


def test_another_title_is_another_picture_and_another_recording(touch: Touch) -> None:
    path = "scenes/three_states/neural_collapse.py"
    assert touch(path, lambda text: text.replace('title="', 'title="So: ')) == TABLE[path]


@pytest.mark.parametrize("path", ["render/training/trajectory.py", "render/encoding/gif.py", "scenes/digits.py"])
def test_a_comment_a_docstring_or_another_layout_makes_nothing_stale(touch: Touch, path: str) -> None:
    def reword(text: str) -> str:
        return "# before all\n" + text.replace('"""', '"""In other words: ', 1).replace("\n\n\n", "\n\n\n\n# so\n\n")

    assert touch(path, reword) == (NONE, NONE, NONE)


@pytest.mark.parametrize("package", OTHER_VERSIONS)
def test_another_version_makes_stale_what_imports_the_package(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, installed = digests(), sources.version
    monkeypatch.setattr(sources, "version", lambda name: "0.0.1" if name == package else installed(name))
    assert changed(before, digests()) == OTHER_VERSIONS[package]


def test_the_packages_have_the_versions_that_are_imported() -> None:
    import jax
    import PIL

    versions = sources.picture(SCENES["label-shuffling"]).versions()
    assert versions["jax"] == jax.__version__
    assert versions["pillow"] == PIL.__version__
    assert all(versions.values())


def test_all_digests_are_found_without_importing_a_scene_or_what_it_computes_with() -> None:
    code = (
        "import sys\n"
        "from render.production import sources\n"
        "from scenes import SCENES\n"
        "for reference in SCENES.values():\n"
        "    sources.picture(reference).digest(), sources.recorded(reference).digest(), sources.ledger(reference)\n"
        "assert not {'jax', 'numpy', 'scipy', 'matplotlib', *SCENES.values()} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_what_python_imports_for_a_scene_is_in_its_closure() -> None:
    code = "import sys, scenes.three_states.simplicity_bias, render.training.trajectory; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True, text=True)
    imported = {name for name in done.stdout.split() if sources.within(name, ("render", "scenes"))}
    packages = {name for name in imported if (PROJECT / name.replace(".", "/")).is_dir()}
    found = sources.closure(SCENES["simplicity-bias"], "render.training.trajectory")
    assert imported - packages - {"render.registry"} == found.modules.keys()  # by which packages only name scenes
    assert {"jax", "optax", "numpy", "matplotlib", "contourpy"} <= found.packages


FORMS = {
    "import app.deep.leaf": {"app.deep.leaf"},
    "import app.deep.leaf as other": {"app.deep.leaf"},
    "from app.deep import leaf": {"app.deep.leaf"},
    "from app.deep import leaf as other, twig": {"app.deep.leaf", "app.deep.twig"},
    "from app.deep.leaf import value": {"app.deep.leaf"},
    "from app.deep.leaf import *": {"app.deep.leaf"},
    "from .deep import leaf": {"app.deep.leaf"},
    "from . import side": {"app.side"},
    "from .side import value": {"app.side"},
    "def f():\n    from app import side": {"app.side"},
    "class A:\n    def f(self):\n        import app.side": {"app.side"},
    "try:\n    import app.side\nexcept ImportError:\n    pass": {"app.side"},
    "from importlib import import_module\nimport_module('app.side')": {"app.side"},
    "import importlib\nimportlib.import_module('app.side')": {"app.side"},
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app import side": set(),
    "import typing\nif typing.TYPE_CHECKING:\n    import app.side\nelse:\n    import app.deep.leaf": {"app.deep.leaf"},
    "from app.deep import handed": {"app.side"},  # the package hands it on
    "from app.deep import renamed": {"app.side"},
    "from app.deep import own": {"app.deep", "app.side"},
    "from app.circle import one": {"app.circle", "app.main"},
    "x = 'import app.side'": set(),
}


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_an_import_is_followed(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "app/__init__.py": "import app.twig",
        "app/main.py": text,
        "app/side.py": "value = 1",
        "app/circle.py": "import app.main\none = 1",
        "app/deep/__init__.py": "from app.side import handed\nfrom ..side import value as renamed\nown = 1",
        "app/deep/leaf.py": "value = 1",
        "app/deep/twig.py": "",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    by_name = sources.closure("app.main")
    assert by_name.modules.keys() - {"app.main"} == FORMS[text] - {"app.main"}
    assert by_name.packages == frozenset()
    assert sources.closure(str(tmp_path / "app" / "main.py")).digest() == by_name.digest()
    assert sources.closure("app.main", leaving_out=("app.side",)).modules.keys() == by_name.modules.keys() - {
        "app.side"
    }


def test_a_package_and_its_checkout_agree_on_what_is_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a package the scenes are in `render`: its pictures, ledger and curves of seeds are the checkout's.

    The entry point names them so in a checkout, too, where they lie beside it.
    """
    shutil.copytree(PROJECT / "render", tmp_path / "render", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "scenes", tmp_path / "render" / "scenes", ignore=shutil.ignore_patterns("__pycache__"))
    expected = claims.digests(SCENES, CLAIMS)
    pictures = {name: sources.picture(SCENES[name]).digest() for name in ("neural-collapse", "nystrom")}
    inside = {name: f"render.{reference}" for name, reference in SCENES.items()}
    assert {name: sources.picture(inside[name]).digest() for name in pictures} == pictures
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    assert claims.digests(inside, f"render.{CLAIMS}") == expected
    assert {name: sources.picture(inside[name]).digest() for name in pictures} == pictures


def test_a_scene_of_another_package_counts_with_all_that_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "theirs_of_a_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "mine.py").write_text(
        "import PIL.Image, no_such_package\nfrom . import data\nfrom render import views\n"
    )
    (package / "data.py").write_text("import scipy.special, os.path\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = sources.closure("theirs_of_a_test.mine")
    assert found.modules.keys() == {"theirs_of_a_test.mine", "theirs_of_a_test.data", "render.views"}
    assert found.packages == {"pillow", "scipy", "numpy", "no_such_package"}
    assert found.versions()["no_such_package"] == ""


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("scenes.nothing", r"no module scenes\.nothing"),
        ("nothing_at_all.mine", r"no module nothing_at_all\.mine"),
        ("missing.py", r"missing\.py is no file"),
    ],
)
def test_what_is_no_module_says_so(reference: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=says):
        sources.picture(reference)


def test_a_file_that_is_no_python_is_left_to_who_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    found = []
    for text in ("def (", "def ((", "x = '\0'"):
        path.write_text(text)
        found.append(sources.picture(str(path)).digest())
    assert len(set(found)) == 3
