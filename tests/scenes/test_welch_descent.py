"""Welch descent, recomputed in float64 from the codes, against the icosahedron's six lines written down."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from render.training import trajectory
from scenes.latent_audit.welch_descent import SCENE, WelchDescent

SEEDS = (0, 1, 2, 3)
GOLDEN = (1 + 5**0.5) / 2
LINES = np.array([[0, 1, GOLDEN], [0, -1, GOLDEN], [1, GOLDEN, 0], [-1, GOLDEN, 0], [GOLDEN, 0, 1], [GOLDEN, 0, -1]])
LINES = LINES / np.linalg.norm(LINES, axis=1, keepdims=True)
PAIRS = np.triu_indices(6, k=1)
WIDEST = np.degrees(np.arctan(2))  # between two of them


@pytest.fixture(scope="module")
def runs() -> list[dict[str, np.ndarray]]:
    names = {"codes", "cosines", "loss", "coherence", "frame_eigenvalues", "tightness_gap", "angle_spread", "welch_gap"}
    lines = {"angles", "narrowest", "angle_off", "tracked", "protractor", "needles", "state", "pairs"}
    lines |= {"ray", "view", "seen", "slices", "kind", "diameters", "spokes", "spoke_numbers", "sectors"}
    lines |= {"tracked_angle/1", "tracked_angle/2"}
    return trajectory.run_seeds(SCENE, WelchDescent(), SEEDS, names | lines)


def triple_products(codes: np.ndarray) -> np.ndarray:
    """Signs of cos_ij cos_jk cos_ki: what lines keep when a code is replaced by its opposite."""
    table = codes @ codes.T
    return np.array([table[i, j] * table[j, k] * table[k, i] for i, j, k in itertools.combinations(range(6), 3)])


def test_the_icosahedron_reaches_the_floor_and_is_tight():
    np.testing.assert_allclose(np.abs(LINES @ LINES.T)[PAIRS], 1 / 5**0.5, atol=1e-12)
    np.testing.assert_allclose(LINES.T @ LINES, 2 * np.eye(3), atol=1e-12)
    coherence = SCENE.targets(WelchDescent())["coherence"]
    assert coherence.goal == pytest.approx(1 / 5**0.5)
    assert coherence.goal == pytest.approx(0.44721, abs=5e-6)


def test_numbers_are_those_of_the_codes(runs):
    for run in runs:
        for frame in (0, 20, -1):
            codes = run["codes"][frame].astype(np.float64)
            table = codes @ codes.T
            cosines = np.abs(table[PAIRS])
            eigenvalues = np.linalg.eigvalsh(codes.T @ codes)[::-1]
            np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1, atol=1e-6)
            np.testing.assert_allclose(run["cosines"][frame], table, atol=1e-6)
            assert run["coherence"][frame] == pytest.approx(cosines.max(), abs=1e-6)
            assert run["welch_gap"][frame] == pytest.approx(max(cosines.max() - 5**-0.5, 0), abs=1e-6)
            np.testing.assert_allclose(run["frame_eigenvalues"][frame], eigenvalues, atol=1e-5)
            assert run["tightness_gap"][frame] == pytest.approx(np.abs(eigenvalues - 2).max(), abs=1e-5)
            smooth = np.log(np.exp(30 * cosines).sum()) / 30
            tightness = np.square(eigenvalues - 2).sum() / 12
            assert run["loss"][frame] == pytest.approx(smooth + 0.15 * tightness, abs=1e-5)
            angles = np.rad2deg(np.arccos(cosines))
            assert run["angle_spread"][frame] == pytest.approx(angles.max() - angles.min(), abs=1e-2)


def test_the_last_frame_is_the_icosahedron_as_far_as_lines_can_say(runs):
    ideal = np.sort(triple_products(LINES))
    for run in runs:
        np.testing.assert_allclose(np.sort(triple_products(run["codes"][-1].astype(np.float64))), ideal, atol=1e-5)


def test_every_target_is_met(runs):
    for target in SCENE.targets(WelchDescent()).values():
        assert all(target.met(target.value(run)) for run in runs), target.name
        assert target.seeds == 64


def angle_between(first: np.ndarray, second: np.ndarray) -> float:
    """Angle of two directions in degrees, by the arc tangent."""
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def line_angle(first: np.ndarray, second: np.ndarray) -> float:
    """Angle of two lines in degrees, at most 90."""
    angle = angle_between(first, second)
    return min(angle, 180 - angle)


def test_angles_are_those_between_lines_and_end_at_that_of_the_icosahedron(runs):
    for run in runs:
        assert run["pairs"].tolist() == [list(pair) for pair in itertools.combinations(range(6), 2)]
        for frame in (0, 20, -1):
            codes = run["codes"][frame].astype(np.float64)
            expected = np.array([line_angle(codes[i], codes[j]) for i, j in itertools.combinations(range(6), 2)])
            np.testing.assert_allclose(run["angles"][frame], expected, atol=1e-3)
            assert run["narrowest"][frame] == pytest.approx(expected.min(), abs=1e-3)
            assert run["angle_off"][frame] == pytest.approx(np.abs(expected - WIDEST).max(), abs=1e-3)
        np.testing.assert_allclose(run["angles"][-1], WIDEST, atol=1e-3)


def test_the_tracked_pairs_are_the_narrowest_and_the_widest_at_first(runs):
    for run in runs:
        start = {pair: line_angle(*run["codes"][0, list(pair)]) for pair in itertools.combinations(range(6), 2)}
        chosen = [min(start, key=start.get), max(start, key=start.get)]
        assert [tuple(pair) for pair in run["tracked"]] == chosen
        for frame in (0, 30, -1):
            expected = [line_angle(*run["codes"][frame, list(pair)]) for pair in chosen]
            found = [run["tracked_angle/1"][frame], run["tracked_angle/2"][frame]]
            np.testing.assert_allclose(found, expected, atol=1e-3)


def test_the_protractor_has_a_dot_a_pair_on_an_arc_of_its_own(runs):
    for run in runs:
        x, y = run["protractor"].transpose(2, 0, 1)
        np.testing.assert_allclose(np.degrees(np.arctan2(y, x)), run["angles"], atol=1e-4)
        radii = np.hypot(x, y)
        np.testing.assert_allclose(radii, np.tile(radii[0], (len(radii), 1)), atol=1e-12)
        np.testing.assert_allclose(radii[0][np.argsort(run["angles"][0])], np.linspace(0.3, 1, 15), atol=1e-12)
        ((foot, tip),) = run["ray"]
        np.testing.assert_array_equal(foot, 0)
        np.testing.assert_allclose(tip / np.linalg.norm(tip), [5**-0.5, 2 * 5**-0.5], atol=1e-12)
        assert np.linalg.norm(tip) > radii.max()  # it is seen beyond the dots
        rows = [run["pairs"].tolist().index(pair) for pair in run["tracked"].tolist()]
        np.testing.assert_array_equal(run["needles"][:, :, 1], run["protractor"][:, rows])
        np.testing.assert_array_equal(run["needles"][:, :, 0], 0)
        assert [int(run["kind"][row]) for row in rows] == [1, 2]
        assert np.count_nonzero(run["kind"]) == 2


def test_the_view_is_a_rotation_that_changes_no_line(runs):
    for run in runs:
        np.testing.assert_allclose(run["view"] @ run["view"].T, np.eye(3), atol=1e-12)
        assert np.linalg.det(run["view"]) == pytest.approx(1)
        turned = run["codes"].astype(np.float64) @ run["view"].T
        signs = (turned * run["seen"]).sum(axis=2)
        np.testing.assert_allclose(np.abs(signs), 1, atol=1e-5)
        assert (np.sign(signs) == np.sign(signs[0])).all()  # no line is turned over on the way
        np.testing.assert_allclose(run["seen"], turned * np.sign(signs)[:, :, None], atol=1e-12)
        for pair, ends in zip(run["tracked"], run["slices"].transpose(1, 0, 2, 3), strict=True):
            np.testing.assert_allclose(np.abs((ends * turned[:, pair]).sum(axis=2)), 1, atol=1e-5)
        np.testing.assert_allclose(np.abs((run["slices"][:, 0] * run["seen"][:, run["tracked"][0]]).sum(2)), 1, 1e-5)


def test_lines_go_from_end_to_end_and_a_slice_is_a_sector_between_its_two_sides(runs):
    for run in runs:
        np.testing.assert_array_equal(run["diameters"][:, :, 1], run["seen"])
        np.testing.assert_array_equal(run["diameters"][:, :, 0], -run["seen"])
        np.testing.assert_array_equal(run["spokes"][:, :, 0], 0)
        np.testing.assert_array_equal(run["spokes"][:, :, 1].reshape(-1, 2, 2, 3), run["slices"])
        assert run["spoke_numbers"].tolist() == [0, 0, 1, 1]
        sectors = run["sectors"]
        np.testing.assert_array_equal(sectors[:, :, 0], 0)
        np.testing.assert_allclose(np.linalg.norm(sectors[:, :, 1:], axis=-1), 1, atol=1e-6)
        np.testing.assert_allclose(sectors[:, :, [1, -1]], run["slices"], atol=1e-6)
        normals = np.cross(run["slices"][:, :, 0], run["slices"][:, :, 1])
        np.testing.assert_allclose(np.einsum("fskx,fsx->fsk", sectors, normals), 0, atol=1e-6)  # it lies in its plane


def test_the_end_view_shows_both_slices_alike_open_and_from_the_front(runs):
    for run in runs:
        flat = run["slices"][-1, :, :, :2]
        first, second = (sorted(np.linalg.norm(ends, axis=1)) for ends in flat)
        np.testing.assert_allclose(first, second, atol=2e-3)
        openings = [angle_between(np.append(ends[0], 0), np.append(ends[1], 0)) for ends in flat]
        assert openings[0] == pytest.approx(openings[1], abs=0.1)
        areas = [abs(np.linalg.det(ends)) / np.sin(np.radians(WIDEST)) for ends in flat]
        assert areas[0] == pytest.approx(areas[1], abs=1e-3)
        assert min(areas) > 0.57
        middles = run["slices"][-1].sum(axis=1)
        assert (middles[:, 2] > 0).all()
        assert middles[0, 0] < middles[1, 0]
        np.testing.assert_allclose([angle_between(*ends) for ends in run["slices"][-1]], WIDEST, atol=1e-3)
        rest = [code for code in range(6) if code not in run["tracked"]]
        assert (run["seen"][-1, rest, 2] >= 0).all()


def test_states_follow_the_spread_and_never_go_back(runs):
    for run in runs:
        spread = np.ptp(run["angles"], axis=1)
        for state, limit in ((1, 20), (2, 0.1)):
            first = int(np.argmax(run["state"] >= state))
            assert spread[first - 1] > limit
            assert (spread[first:] <= limit).all()
        assert (np.diff(run["state"]) >= 0).all()
        assert set(run["state"].tolist()) == {0, 1, 2}


def test_frames_lie_at_every_step_to_60_and_at_every_fifth_to_130():
    steps = SCENE.steps(WelchDescent())
    assert steps.tolist() == [*range(61), *range(65, 131, 5), 200, 900]
    assert SCENE.steps(WelchDescent(steps=100, frames=77))[-1] == 100


def test_what_is_played_ends_once_all_are_equal():
    assert SCENE.steps(WelchDescent())[SCENE.shown(WelchDescent())] == 200
    for frames in (2, 5, 20, 77, 300):
        config = WelchDescent(frames=frames)
        steps, last = SCENE.steps(config), SCENE.shown(config)
        assert last == 1 or steps[last] <= 200
        assert last == frames - 1 or steps[last + 1] > 200
    assert SCENE.shown(WelchDescent(steps=100)) == 76


@pytest.mark.parametrize("classes", [4, 5, 7, 10])
def test_other_numbers_of_lines_are_seen_too(classes):
    run = trajectory.run(SCENE, WelchDescent(classes=classes)).arrays
    assert run["protractor"].shape == (77, classes * (classes - 1) // 2, 2)
    assert np.linalg.det(run["view"]) == pytest.approx(1)
    areas = [abs(np.linalg.det(ends[:, :2])) for ends in run["slices"][-1]]
    assert min(areas) > 0.3


@pytest.mark.parametrize(
    ("key", "array", "value"),
    [("equal", "angle_off", 0.02), ("crowded", "angle_spread", 19.0), ("opened", "narrowest", 63.4)],
)
def test_a_target_of_the_angles_is_missed_by_other_angles(runs, key, array, value):
    target = SCENE.targets(WelchDescent())[key]
    assert target.met(target.value(runs[0]))
    assert not target.met(target.value({array: np.full(77, value)}))


def test_no_code_jumps_and_the_start_is_far_from_the_end(runs):
    for run in runs:
        assert np.linalg.norm(np.diff(run["codes"], axis=0), axis=2).max() < 0.5  # the sphere is 2 wide
        assert run["coherence"][0] > 0.6


@pytest.mark.parametrize(
    ("field", "value"), [("classes", 3), ("classes", 11), ("beta", 0.0), ("tightness", -1.0), ("learning_rate", 0.0)]
)
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=f"{field}=.*is not accepted"):
        WelchDescent(**{field: value})
