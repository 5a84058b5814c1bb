"""The numbers of information collapse, recomputed from the saved features in float64."""

from __future__ import annotations

import numpy as np

from scenes.latent_spectrum.information_collapse import simplex
from tests.conftest import default_run


def test_every_frame_s_spectra_are_those_of_its_covariances() -> None:
    arrays = default_run("information-collapse").arrays
    labels = arrays["labels"]
    for frame in range(len(arrays["step"])):
        features = arrays["features"][frame].astype(np.float64)
        means = np.stack([features[labels == c].mean(axis=0) for c in range(4)])
        within, between = features - means[labels], means[labels] - features.mean(axis=0)
        prototypes = np.linalg.eigvalsh(between.T @ between / len(labels))[::-1]
        information = np.linalg.eigvalsh(within.T @ within / len(labels))[::-1]
        np.testing.assert_allclose(arrays["between_spectrum"][frame], prototypes / prototypes[0], atol=1e-4)
        np.testing.assert_allclose(arrays["within_spectrum"][frame], information / prototypes[0], rtol=2e-3, atol=1e-5)
        ratio = information.sum() / prototypes.sum()
        np.testing.assert_allclose(arrays["within_between_ratio"][frame], ratio, rtol=1e-3)
        assert arrays["between_modes"][frame] == (prototypes > 1e-6 * prototypes[0]).sum() == 3
    np.testing.assert_allclose(arrays["between_flatness"][-1], prototypes[2] / prototypes[0], atol=1e-3)


def test_the_picture_keeps_every_length_and_theory_is_a_tetrahedron() -> None:
    arrays = default_run("information-collapse").arrays
    labels, means = arrays["labels"], arrays["class_means"].astype(np.float64)
    first, second = np.triu_indices(4, k=1)
    for frame in (0, 40, 79):
        examples = arrays["examples"][frame]
        centres = np.stack([examples[labels == c].mean(axis=0) for c in range(4)])
        np.testing.assert_allclose(arrays["centres"][frame], centres - centres.mean(axis=0), atol=1e-4)
        np.testing.assert_allclose(arrays["threads"][frame, :, 1], arrays["centres"][frame][labels], atol=1e-12)
    true = np.linalg.norm(means[-1, first] - means[-1, second], axis=1)
    drawn = np.linalg.norm(np.diff(arrays["edges"][-1], axis=1)[:, 0], axis=1)
    np.testing.assert_allclose(drawn / drawn.mean(), true / true.mean(), atol=1e-5)
    theory = np.linalg.norm(np.diff(arrays["simplex"], axis=1)[:, 0], axis=1)
    np.testing.assert_allclose(theory, theory[0], rtol=1e-9)
    np.testing.assert_allclose(drawn, theory, rtol=0.03)
    ratio = arrays["within_between_ratio"]
    np.testing.assert_allclose(arrays["inside"], ratio / (1 + ratio))
    assert list(dict.fromkeys(arrays["state"])) == [0, 1, 2]


def test_a_simplex_has_edges_of_one_length_and_its_centre_at_zero() -> None:
    for classes in (2, 3, 4, 7):
        corners = simplex(classes)
        assert corners.shape == (classes, classes - 1)
        np.testing.assert_allclose(corners @ corners.T, np.eye(classes) - 1 / classes, atol=1e-12)
