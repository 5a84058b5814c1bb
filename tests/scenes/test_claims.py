"""The ledger is current, the docs say what it says, and no verdict is kinder than its figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from render.ledger import claims
from render.ledger.rows import Claim, Figure, Reading, Study
from render.loading import load_scene
from render.production import counts, manifest, sources
from render.terminal.progress import Board
from scenes import CLAIMS as ROWS
from scenes import SCENES
from scenes.claims import CLAIMS
from tests.conftest import TINY_SCENE

LEDGER = json.loads((manifest.ROOT / "public" / "claims.json").read_text())
PAGE = (manifest.ROOT / "docs" / "ledger.md").read_text()


@pytest.mark.locked
def test_the_stored_figures_are_those_of_the_sources_as_they_are() -> None:
    assert LEDGER["sources"] == claims.digests(SCENES, ROWS), "`make claims` makes them anew"


def test_every_claim_is_in_the_ledger_as_it_is_stated() -> None:
    said = ("post", "claim", "published", "scene", "verdict", "because")
    assert [row["study"] for row in LEDGER["claims"]] == [claim.study.name if claim.study else "" for claim in CLAIMS]
    assert [{key: row[key] for key in said} for row in LEDGER["claims"]] == [
        {key: getattr(claim, key) for key in said} for claim in CLAIMS
    ]


def test_the_docs_show_the_stored_ledger() -> None:
    rows = PAGE.partition("<!-- claims -->")[2].partition("<!-- end of claims -->")[0].strip().splitlines()
    assert len(rows) == 2 + len(LEDGER["claims"])
    for row, claim in zip(rows[2:], LEDGER["claims"], strict=True):
        assert claim["claim"] in row
        assert claim["published"] in row
        assert claim["verdict"] in row
    assert claims.markdown(LEDGER) in PAGE


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.claim)
def test_a_claim_reads_its_scene_and_holds_only_if_its_targets_do(claim: Claim) -> None:
    reads = claims.figures(claim, load_scene(SCENES[claim.scene]) if claim.scene else None)
    (row,) = [row for row in LEDGER["claims"] if row["claim"] == claim.claim]
    for read, figure in zip(reads, row["figures"], strict=True):
        assert figure["seeds"] == read.seeds
        if isinstance(read, Reading):  # also of a claim that does not hold: our figures are what they are said to be
            low, high = read.expected
            assert (figure["name"], figure["expected"]) == (read.array, [low, high])
            assert low <= figure["value"] <= high
            assert figure["seeds_met"] == figure["seeds"]
        else:
            assert figure["name"] == read.name
            assert read.met(figure["value"]) == (figure["seeds_met"] == figure["seeds"])
            if claim.verdict.startswith("holds"):
                assert not figure["failed"]
    assert claim.verdict != "does not hold" or claim.because
    assert bool(claim.figures) == (claim.verdict != "not shown")


def test_every_scene_has_its_rows() -> None:
    assert set(SCENES) - {claim.scene for claim in CLAIMS} == set()


@pytest.mark.parametrize("study", dict.fromkeys(claim.study for claim in CLAIMS if claim.study), ids=lambda s: s.name)
def test_a_study_says_the_same_of_fewer_draws(study: Study) -> None:
    runs = study.runs(study.few)
    for claim in CLAIMS:
        for figure in claim.figures if claim.study == study else ():
            assert isinstance(figure.reads, Reading)
            assert figure.reads.seeds == study.draws
            told = figure.reads.read(runs)
            low, high = figure.reads.expected
            assert low <= told["value"] <= high, told


def test_a_study_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rates: slow has shape \(2,\): \(3,\) or \(\) is meant"):
        Study("rates", lambda draws: {"slow": np.zeros(2)}, draws=30, few=3).runs(3)


@pytest.mark.parametrize(
    ("scene", "figures", "verdict", "because"),
    [("", (), "holds", ""), ("grokking", (), "not shown", "no data"), ("", (), "not shown", "")],
)
def test_a_claim_is_of_a_scene_or_a_study_or_says_why_it_is_not_shown(scene, figures, verdict, because) -> None:
    with pytest.raises(ValueError, match=r"a claim: (its figures are|what is not shown)"):
        Claim("post", "a claim", "1", scene, figures, verdict, because)


def test_what_a_reading_is_expected_to_be_can_fail() -> None:
    readings = [figure.reads for claim in CLAIMS for figure in claim.figures if isinstance(figure.reads, Reading)]
    assert readings
    for reading in readings:
        low, high = reading.expected
        assert 0 < high - low < 1, reading.array


def test_a_name_that_is_no_target_is_refused_before_anything_trains() -> None:
    wrong = Claim("post", "claim", "1", "welch-descent", (Figure("cohesion", "{}"),), "holds")
    with pytest.raises(ValueError, match="welch-descent has no target 'cohesion'"):
        claims.evaluate(
            [wrong], [wrong.scene], lambda name: load_scene(SCENES[name]), lambda label: pytest.fail("it trains"), {}
        )


@pytest.mark.parametrize(("worst", "value", "seed"), [("largest", 0.0323, 6), ("smallest", 0.031, 5)])
def test_a_reading_is_the_worst_of_its_seeds_in_the_last_frame(worst: str, value: float, seed: int) -> None:
    runs = [{"ratio": np.array([9.0, last])} for last in (0.032, 0.031, 0.0323)]
    told = Reading("ratio", (0.0315, 0.04), worst).read(runs, first_seed=4)
    assert (told["name"], told["value"], told["worst_seed"]) == ("ratio", value, seed)
    assert (told["seeds_met"], told["seeds"], told["default"]) == (2, 3, 0.032)
    assert told["expected"] == [0.0315, 0.04]


@pytest.mark.parametrize(("worst", "value"), [("largest", 3.0), ("smallest", 1.0)])
def test_a_reading_takes_a_number_of_the_whole_run_or_the_worst_of_several(worst: str, value: float) -> None:
    for array in (np.array(value), np.array([[9.0, 9.0], [1.0, 3.0]])):
        assert Reading("ratio", (0.5, 3.5), worst).read([{"ratio": array}])["value"] == value


def test_a_reading_that_is_not_finite_is_told_as_none_and_is_not_what_was_expected() -> None:
    told = Reading("ratio", (0.0, 1.0)).read([{"ratio": np.array(np.nan)}])
    assert (told["value"], told["seeds_met"]) == (None, 0)


def test_the_verdicts_on_all_targets_are_kept_and_the_manifest_gives_their_counts() -> None:
    outputs = manifest.read(manifest.ROOT / "public")
    assert LEDGER["targets"].keys() == SCENES.keys()
    for entry in outputs.values():
        scene = load_scene(SCENES[entry["name"]])
        kept = {verdict["name"]: verdict for verdict in LEDGER["targets"][entry["name"]]}
        for target, told in zip(scene.targets(scene.config()).values(), entry["targets"], strict=True):
            verdict = kept[target.name]
            assert told["seeds"] == verdict["seeds"] == target.seeds
            assert (told["seeds_met"], told["lower_bound"]) == (verdict["seeds_met"], verdict["lower_bound"])
            assert (told["lower_bound"] is None) == (target.seeds == 1)


def test_counts_are_given_only_while_the_ledger_is_of_the_scene_as_it_is(tmp_path: Path) -> None:
    path, reference = tmp_path / "claims.json", str(TINY_SCENE)
    verdict = {"name": "ratio", "seeds": 64, "seeds_met": 63, "lower_bound": 0.928, "margin": 1.0}
    now = sources.ledger(reference).digest()

    def store(digest: str) -> None:
        digests = {"rows": "of then", "scenes": {"shrinking": digest, "another": "of then"}}
        targets = {"shrinking": [verdict], "another": [verdict]}
        path.write_text(json.dumps({"sources": digests, "targets": targets}))

    store(now)
    assert counts.counts(path, "shrinking", reference) == {
        "ratio": {"seeds": 64, "seeds_met": 63, "lower_bound": 0.928}
    }
    assert counts.counts(path, "another", reference) == counts.counts(path, "unknown", reference) == {}
    store("of then")
    assert counts.counts(path, "shrinking", reference) == {}
    for content in ("{", "[]", '{"sources": "of then", "targets": {}}'):
        path.write_text(content)
        assert counts.counts(path, "shrinking", reference) == {}
    assert counts.counts(tmp_path / "none.json", "shrinking", reference) == {}


def test_a_ledger_that_is_older_than_anything_it_is_made_of_says_so(tmp_path: Path) -> None:
    path, then = tmp_path / "claims.json", {"rows": "a", "scenes": {"shrinking": "b"}}
    path.write_text(json.dumps({"sources": then}))
    assert claims.read(path, then)["sources"] == then
    for now in ({**then, "rows": "c"}, {**then, "scenes": {"shrinking": "c"}}, {**then, "scenes": {}}):
        with pytest.warns(UserWarning, match=r"claims\.json is older than its sources: `render claims --refresh`"):
            claims.read(path, now)


def test_outside_a_checkout_the_ledger_is_not_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says what would be written before anything is trained; that versions differ is no fault of the package."""
    monkeypatch.setattr(manifest, "in_checkout", lambda: False)
    monkeypatch.setattr(claims, "evaluate", lambda *_: pytest.fail("it trains"))
    with pytest.raises(
        ValueError, match=r"public/claims\.json, public/seeds/ and the table in docs/ledger\.md of a checkout"
    ):
        claims.refresh(SCENES, ROWS, Board())
    path = tmp_path / "claims.json"
    path.write_text('{"sources": {}}')
    with pytest.warns(UserWarning, match="made with other versions of packages than are installed: `render check`"):
        claims.read(path, {"rows": "c"})
