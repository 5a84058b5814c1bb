"""`render audit AFTER --against BEFORE`: what it prints, writes and refuses, and what rings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

DATA = clusters(120, 6, 3)
Z, Y = DATA["features"], DATA["labels"]
LATER = (Z @ np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]).astype(np.float32)
LATER[Y == 2] += 2.0
Audit = Callable[..., Ended]


@pytest.fixture
def files(audit: Audit) -> None:
    """A state before and one after, in the folder that the command runs in."""
    save(Path("before.npz"), features=Z, labels=Y)
    save(Path("after.npz"), features=LATER, labels=Y)


@pytest.mark.usefixtures("files")
def test_every_number_is_told_with_its_difference(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ended = audit("after.npz", "--against", "before.npz", "--json", "out.json", "--no-picture")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(Path("out.json").read_text())
    against = told["against"]
    assert against["path"] == "before.npz"
    assert against["points"] == 120
    numbers = told["snapshots"][-1]["numbers"]
    for name, one in against["differences"].items():
        assert one["after"] == numbers[name]["value"]
        assert one["change"] == pytest.approx(one["after"] - one["before"])
        assert any(line.split()[:1] == [name] for line in ended.out.splitlines())
    assert set(against["likeness"]) == {"cka", "procrustes_residual", "neighbours_kept"}
    assert against["likeness"]["cka"]["unrelated_deviation"] == pytest.approx((2 / (120 * 117)) ** 0.5)
    assert against["likeness"]["neighbours_kept"]["unrelated"] == pytest.approx(10 / 119)
    assert against["moved"][0]["class"] == "2"
    assert ended.out.startswith(against["headline"]["text"][:20])
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.usefixtures("files")
def test_markdown_tells_the_same(audit: Audit) -> None:
    told = audit("after.npz", "--against", "before.npz", "--format", "md", "--no-picture").out
    assert "| `cka` |" in told
    assert "| number | before | after | change |" in told


@pytest.mark.usefixtures("files")
def test_conditions_may_be_of_the_likeness_and_of_changes(audit: Audit) -> None:
    def rung(condition: str) -> Ended:
        return audit("after.npz", "--against", "before.npz", "--no-picture", "-q", "--fail-on", condition)

    assert rung("cka<0.999").code == 3
    assert rung("cka<0.1") == Ended(0, "", "")
    assert "alarm: within_between_ratio_change is -" in rung("within_between_ratio_change<0").err
    require_line(rung("ckas<0.1"), "did you mean cka?", "neighbours_kept")
    alone = audit("after.npz", "--no-picture", "--fail-on", "cka<0.9")
    require_line(alone, "cka is of a comparison: say with what, --against FILE")


@pytest.mark.usefixtures("files")
def test_one_state_turns_into_the_other_in_a_picture(audit: Audit) -> None:
    assert audit("after.npz", "--against", "before.npz", "--theme", "dark").code == 0
    with Image.open("out/after-against-before-dark.gif") as animation:
        assert animation.n_frames == 30
    assert Path("out/after-against-before-dark.png").is_file()
    assert Path("out/after-audit-dark.png").is_file()


@pytest.mark.usefixtures("files")
def test_a_folder_is_held_against_by_its_last_step_and_a_run_by_its_own(audit: Audit) -> None:
    for folder, states in (("a", (LATER, Z)), ("b", (Z, LATER))):
        Path(folder).mkdir()
        for step, features in enumerate(states):
            save(Path(f"{folder}/step-{step}.npz"), features=features, labels=Y)
    of_runs = json.loads(audit("b", "--against", "a", "--no-picture", "--json", "-").out)["against"]
    of_files = json.loads(audit("after.npz", "--against", "before.npz", "--no-picture", "--json", "-").out)["against"]
    assert of_runs["step"] == 1
    assert of_runs["differences"] == of_files["differences"]
    assert of_runs["likeness"] == of_files["likeness"]


@pytest.mark.usefixtures("files")
def test_rows_that_are_not_the_same_are_refused(audit: Audit) -> None:
    save(Path("short.npz"), features=Z[:-1])
    save(Path("rolled.npz"), features=Z, labels=np.roll(Y, 1))
    save(Path("named.npz"), features=Z, labels=np.array(["cat", "dog", "eel"])[Y])
    save(Path("three.npz"), features=Z[:3])
    same = "states of the same rows, in the same order"
    require_line(audit("after.npz", "--against", "short.npz"), "short.npz: has 119 rows and after.npz 120", same)
    first = int(np.flatnonzero(np.roll(Y, 1) != Y)[0])
    require_line(audit("after.npz", "--against", "rolled.npz"), f"rolled.npz: row {first} has label", same)
    require_line(audit("after.npz", "--against", "named.npz"), "named.npz: row 0 has label", same)
    require_line(audit("three.npz", "--against", "three.npz"), "three.npz: has 3 rows", "4 at least")
    require_line(audit("after.npz", "--against", "nowhere.npz"), "nowhere.npz: there is no such file")
    Path("empty").mkdir()
    require_line(audit("after.npz", "--against", "empty"), "empty: has no snapshot in it")
    assert not list(Path("out").glob("*"))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("labels", [Y.astype(float), Y[:, None], np.eye(3)[Y], Y.astype(str), None])
def test_the_same_labels_in_another_form_are_the_same(audit: Audit, labels: np.ndarray | None) -> None:
    save(Path("other.npz"), features=Z, **({} if labels is None else {"labels": labels}))
    told = audit("after.npz", "--against", "other.npz", "--no-picture", "--json", "-")
    assert (told.code, told.err) == (0, "")
    against = json.loads(told.out)["against"]
    assert "within_between_ratio" in against["differences"]
    assert {one["class"] for one in against["moved"]} == {"0", "1", "2"}


@pytest.mark.usefixtures("files")
def test_other_columns_no_labels_and_missing_rows_are_compared(audit: Audit) -> None:
    wide = np.concatenate([Z, Z[:, :2]], axis=1)
    wide[7, 3] = np.nan
    np.save("wide.npy", wide)
    np.save("plain.npy", LATER)
    ended = audit("plain.npy", "--against", "wide.npy", "--no-picture", "--partial")
    assert ended.code == 0
    assert "plain.npy (6 columns) against wide.npy (8 columns): of 119 of 120 rows" in ended.out
    assert "classes that moved" not in ended.out
    assert audit("plain.npy", "--against", "wide.npy", "--no-picture").code == 2  # the report is partial, as of one
    np.save("broken.npy", np.full_like(Z, np.nan))
    require_line(audit("plain.npy", "--against", "broken.npy", "--no-picture"), "broken.npy: ", "no row is left")


def test_numbers_and_headlines_of_a_comparison_are_explained(audit: Audit) -> None:
    assert "of unrelated rows: 0 in the mean" in audit("--explain", "cka").out
    assert "neighbourhoods redrawn" in audit("--explain", "against").out.replace("\n    ", " ")
    assert audit("--explain", "against", "--format", "md").out.startswith("| kind | looks at |")
    assert audit("--explain", "rotated").out.startswith("rotated: procrustes_residual")
