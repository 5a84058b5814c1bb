"""The numbers of information collapse, recomputed from the saved features in float64."""

from __future__ import annotations

import numpy as np

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
