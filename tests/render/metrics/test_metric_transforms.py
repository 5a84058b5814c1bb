"""Every public metric says the same eagerly, under jit, and under vmap."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render import metrics
from render.metrics import (
    attention,
    boundary,
    codes,
    collapse,
    contrastive,
    dimension,
    eigenfunctions,
    factored_output,
    geometry,
    kernels,
    large_rates,
    linear_networks,
    moments,
    orders,
    prototypes,
    report,
    richness,
    signed_rules,
    similarity,
    single_output,
    spectrum,
    tokens,
    weight_norms,
)
from render.metrics import views as of_views
from tests.render.metrics.metric_helpers import require_full_precision, require_no_batch

BATCH, POINTS, DIM, CLASSES = 2, 20, 4, 5

# The others are no metrics: they are what metrics are made of.
MODULES = [
    importlib.import_module(f"{metrics.__name__}.{module.name}")
    for module in pkgutil.iter_modules(metrics.__path__)
    if module.name not in ("linear_algebra", "namespace", "rows")
]

rng = np.random.default_rng(0)
features, views = rng.normal(size=(2, BATCH, POINTS, DIM)).astype(np.float32)
labels = rng.integers(0, CLASSES, size=(BATCH, POINTS))
logits = rng.normal(size=(BATCH, POINTS, CLASSES)).astype(np.float32)
rows, others = rng.normal(size=(2, BATCH, CLASSES, DIM)).astype(np.float32)
gram, target = (x @ np.swapaxes(x, 1, 2) for x in (rows, others))
spectra = np.sort(rng.exponential(size=(BATCH, DIM)).astype(np.float32))[:, ::-1]
vector, bias = rows[:, 0], logits[:, 0]
grid = rng.integers(0, 3, size=(BATCH, 8, 8))
positive = np.array([0.5, 2.0], dtype=np.float32)
numbers = np.array([3, 6])
sizes, everyone = rng.exponential(size=(BATCH, CLASSES)).astype(np.float32), rng.integers(0, 2, (BATCH, POINTS)) > 0
near = rng.exponential(size=(BATCH, POINTS)).astype(np.float32)
layers = np.random.default_rng(1).normal(size=(BATCH, DIM + CLASSES, 3)).astype(np.float32)


def outer(points: Any) -> Any:
    """Points are unique up to the sign of an axis: their inner products are unique."""
    return jnp.matmul(points, points.T, precision="highest")


def summed(x: Any, y: Any) -> Any:
    return moments.moments_of(x, y, CLASSES)


def seen(x: Any, y: Any) -> Any:
    """Sums over two views."""
    return of_views.view_sums(jnp.stack([x, y]))


def products(x: Any, y: Any) -> Any:
    """Of features and what is beside them in the same rows."""
    both = moments.moments_of(jnp.concatenate([x, y], axis=1))
    return both.products(slice(0, x.shape[1]), slice(x.shape[1], None))


CASES: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "attention.entropy_by_variance": (attention.entropy_by_variance, (logits,)),
    "attention.gap_of": (lambda x: attention.gap_of(x, 7), (positive,)),
    "attention.highest_entropy": (lambda x: attention.highest_entropy(x, 7), (positive,)),
    "attention.logit_length": (attention.logit_length, (logits,)),
    "attention.lowest_entropy": (lambda x: attention.lowest_entropy(x, 7), (positive,)),
    "attention.softmax_entropy": (attention.softmax_entropy, (logits,)),
    "boundary.boundary_complexity": (boundary.boundary_complexity, (grid,)),
    "boundary.linear_discriminant": (lambda x, y: boundary.linear_discriminant(x, y, CLASSES), (features, labels)),
    "boundary.linear_discriminant_decisions": (boundary.linear_discriminant_decisions, (features, rows, bias)),
    "codes.centred_welch_floor": (codes.centred_welch_floor, (numbers, numbers[::-1])),
    "codes.centred_welch_gap": (codes.centred_welch_gap, (rows,)),
    "codes.closest_cosine": (codes.closest_cosine, (rows,)),
    "codes.coherence": (codes.coherence, (rows,)),
    "codes.cosine_spread": (codes.cosine_spread, (rows,)),
    "codes.frame_eigenvalues": (codes.frame_eigenvalues, (rows,)),
    "codes.frame_potential": (codes.frame_potential, (rows,)),
    "codes.frame_potential_floor": (codes.frame_potential_floor, (numbers, numbers[::-1])),
    "codes.gram": (codes.gram, (rows,)),
    "codes.simplex_cosine_error": (codes.simplex_cosine_error, (rows,)),
    "codes.simplex_error": (codes.simplex_error, (rows,)),
    "codes.simplex_gram": (lambda x: x * codes.simplex_gram(CLASSES), (positive,)),
    "codes.simplex_spectrum": (lambda x: codes.simplex_spectrum(jax.nn.softmax(x)), (bias,)),
    "codes.smooth_coherence": (codes.smooth_coherence, (rows, positive)),
    "codes.tightness_error": (codes.tightness_error, (rows,)),
    "codes.welch_floor": (codes.welch_floor, (numbers, numbers[::-1])),
    "codes.welch_gap": (codes.welch_gap, (rows,)),
    "contrastive.alignment": (contrastive.alignment, (features, views)),
    "contrastive.circle_uniformity_optimum": (lambda t: contrastive.circle_uniformity_optimum(7, t), (positive,)),
    "collapse.balanced_nc1_of": (lambda x, y: collapse.balanced_nc1_of(summed(x, y)), (features, labels)),
    "collapse.cdnv": (collapse.cdnv, (sizes, rows)),
    "collapse.decisions_agreement": (collapse.decisions_agreement, (features, labels, rows, everyone)),
    "collapse.frobenius_self_duality": (collapse.frobenius_self_duality, (rows, others)),
    "collapse.left_out_recall": (collapse.left_out_recall, (features, labels, rows, sizes + 2, everyone)),
    "collapse.nearest_mean_accuracy": (collapse.nearest_mean_accuracy, (features, labels, rows, everyone)),
    "collapse.nearest_means": (collapse.nearest_means, (features, rows)),
    "collapse.pairwise_cdnv": (collapse.pairwise_cdnv, (sizes, rows)),
    "collapse.squared_distances": (collapse.squared_distances, (features, rows)),
    "collapse.uniformity_gap": (collapse.uniformity_gap, (rows,)),
    "collapse.uniformity_spread": (collapse.uniformity_spread, (rows,)),
    "collapse.riesz_energy": (collapse.riesz_energy, (rows,)),
    "collapse.worst_cdnv": (collapse.worst_cdnv, (sizes, rows)),
    "contrastive.mean_cosine": (contrastive.mean_cosine, (vector, numbers)),
    "contrastive.uniformity": (contrastive.uniformity, (features, positive)),
    "contrastive.circle_uniformity": (
        lambda x: contrastive.circle_uniformity(geometry.unit_rows(x[:, :2])),
        (features,),
    ),
    "dimension.isotropic_entropy_rank": (dimension.isotropic_entropy_rank, (numbers, numbers[::-1])),
    "dimension.isotropic_participation": (dimension.isotropic_participation, (numbers, numbers[::-1])),
    "dimension.participation_ratio_of": (
        lambda x, y: dimension.participation_ratio_of(summed(x, y)),
        (features, labels),
    ),
    "dimension.rankme": (dimension.rankme, (spectra,)),
    "dimension.spectral_fit": (dimension.spectral_fit, (spectra,)),
    "dimension.spectral_slope": (dimension.spectral_slope, (spectra,)),
    "dimension.stable_rank": (dimension.stable_rank, (spectra,)),
    "dimension.two_nearest_dimension": (dimension.two_nearest_dimension, (near, 2 * near, everyone)),
    "eigenfunctions.cumulative_quality": (eigenfunctions.cumulative_quality, (features, logits)),
    "eigenfunctions.cumulative_utilization": (eigenfunctions.cumulative_utilization, (features, logits)),
    "eigenfunctions.eigenfunctions": (
        lambda x, y: jax.tree.map(jnp.abs, eigenfunctions.eigenfunctions(x, y)),
        (features, views),
    ),
    "eigenfunctions.span_dimension": (eigenfunctions.span_dimension, (features, logits)),
    "eigenfunctions.span_dimension_of": (
        lambda x, y: eigenfunctions.span_dimension_of(spectrum.modes_of(moments.moments_of(x)), products(x, y)),
        (features, logits),
    ),
    "factored_output.descended": (
        lambda f, g: factored_output.descended(f, jnp.abs(f) + 2, 9, 0.7, g),
        (vector, vector[::-1]),
    ),
    "factored_output.output_and_kernel": (factored_output.output_and_kernel, (rows, others)),
    "geometry.accuracy": (geometry.accuracy, (logits, labels)),
    "geometry.centred_class_means": (lambda x, y: geometry.centred_class_means(x, y, CLASSES), (features, labels)),
    "geometry.class_counts": (lambda y: geometry.class_counts(y, CLASSES), (labels,)),
    "geometry.class_covariances": (lambda x, y: geometry.class_covariances(x, y, CLASSES), (features, labels)),
    "geometry.class_means": (lambda x, y: geometry.class_means(x, y, CLASSES), (features, labels)),
    "geometry.collapse_ratio": (lambda x, y: geometry.collapse_ratio(x, y, CLASSES), (features, labels)),
    "geometry.classes_present_of": (lambda x, y: geometry.classes_present_of(summed(x, y)), (features, labels)),
    "geometry.collapse_ratio_of": (lambda x, y: geometry.collapse_ratio_of(summed(x, y)), (features, labels)),
    "geometry.constant_columns_of": (lambda x, y: geometry.constant_columns_of(summed(x, y)), (features, labels)),
    "geometry.nearest_class_centre_agreement": (geometry.nearest_class_centre_agreement, (features, labels, logits)),
    "geometry.norm_variation": (geometry.norm_variation, (rows,)),
    "geometry.pairwise_cosines": (geometry.pairwise_cosines, (rows,)),
    "geometry.pairwise_distances": (geometry.pairwise_distances, (rows,)),
    "geometry.self_duality": (geometry.self_duality, (rows, others)),
    "geometry.unit_rows": (geometry.unit_rows, (rows,)),
    "geometry.within_between_ratio": (lambda x, y: geometry.within_between_ratio(x, y, CLASSES), (features, labels)),
    "geometry.within_class_variance": (
        lambda x, y: geometry.within_class_variance(x, y, CLASSES, normalize_means=True),
        (features, labels),
    ),
    "geometry.within_between_ratio_of": (
        lambda x, y: geometry.within_between_ratio_of(summed(x, y)),
        (features, labels),
    ),
    "geometry.within_class_variance_of": (
        lambda x, y: geometry.within_class_variance_of(summed(x, y)),
        (features, labels),
    ),
    "kernels.classical_mds": (lambda k: outer(kernels.classical_mds(k, 2)), (gram,)),
    "kernels.cycle_distances": (lambda x: x * kernels.cycle_distances(CLASSES), (positive,)),
    "kernels.dark_mass": (lambda x: kernels.dark_mass(jax.nn.softmax(x)), (bias,)),
    "kernels.double_centre": (kernels.double_centre, (gram,)),
    "kernels.gaussian_kernel": (kernels.gaussian_kernel, (np.abs(gram), positive)),
    "kernels.graded_kernel": (lambda width: kernels.graded_kernel(CLASSES, width, cyclic=True), (positive,)),
    "kernels.gram_error": (kernels.gram_error, (gram, target)),
    "kernels.kernel_alignment": (kernels.kernel_alignment, (gram, target)),
    "kernels.line_distances": (lambda x: x * kernels.line_distances(CLASSES), (positive,)),
    "kernels.linear_cka": (kernels.linear_cka, (features, views)),
    "kernels.low_rank_gram": (kernels.low_rank_gram, (gram, spectra)),
    "kernels.soft_assignment": (kernels.soft_assignment, (vector, rows, positive)),
    "kernels.spectral_codebook": (lambda k: outer(kernels.spectral_codebook(k, 2)), (gram,)),
    "large_rates.imbalance_after": (large_rates.imbalance_after, (sizes, sizes[:, ::-1], positive)),
    "large_rates.valley_curvature": (large_rates.valley_curvature, (vector,)),
    "linear_networks.aligned_share": (lambda x: linear_networks.aligned_share(x, 1e-3, 2.0), (positive,)),
    "linear_networks.balance_gap": (linear_networks.balance_gap, (rows, np.swapaxes(others, 1, 2))),
    "linear_networks.linear_flow": (lambda x, y: outer(linear_networks.linear_flow(x, y, 0.3)), (layers, rows)),
    "linear_networks.relative_balance_gap": (
        linear_networks.relative_balance_gap,
        (rows, np.swapaxes(others, 1, 2)),
    ),
    "linear_networks.stacked_weights": (linear_networks.stacked_weights, (rows, np.swapaxes(others, 1, 2))),
    "moments.Moments": (lambda x, y: moments.Moments(*jax.tree.leaves(summed(x, y)), 0.0).between, (features, labels)),
    "moments.class_centre": (lambda x, y: moments.class_centre(summed(x, y).counts, x[:CLASSES]), (features, labels)),
    "moments.class_counts": (lambda y: moments.class_counts(y, CLASSES), (labels,)),
    "moments.class_means": (lambda x, y: moments.class_means(x, y, CLASSES), (features, labels)),
    "moments.moments_of": (summed, (features, labels)),
    "orders.observed_order": (orders.observed_order, (1 + sizes, 1 + sizes**2)),
    "orders.relative_error": (orders.relative_error, (rows, others)),
    "prototypes.critical_sharpness": (prototypes.critical_sharpness, (features,)),
    "prototypes.parting_curvature": (prototypes.parting_curvature, (features, positive)),
    "prototypes.prototype_loss": (prototypes.prototype_loss, (features, rows, positive)),
    "prototypes.prototype_pull": (prototypes.prototype_pull, (features, rows, positive)),
    "prototypes.soft_shares": (prototypes.soft_shares, (features, rows, positive)),
    "report.latent_geometry_report": (lambda x, y: report.latent_geometry_report(x, y, CLASSES), (features, labels)),
    "richness.kernel_deviation": (richness.kernel_deviation, (features, views)),
    "richness.low_rank_measure": (richness.low_rank_measure, (features, logits)),
    "richness.low_rank_measure_of": (lambda x, y: richness.low_rank_measure_of(products(x, y)), (features, logits)),
    "richness.nc1_of": (lambda x, y: richness.nc1_of(summed(x, y), ridge=1e-2), (features, labels)),
    "richness.output_rank_of": (lambda x, y: richness.output_rank_of(products(x, y)), (features, logits)),
    "richness.nc1": (lambda x, y: richness.nc1(x, y, CLASSES, ridge=1e-2), (features, labels)),
    "richness.output_rank": (richness.output_rank, (logits,)),
    "richness.parameter_norm": (lambda x, y: richness.parameter_norm({"weights": [x], "bias": y}), (rows, bias)),
    "signed_rules.kept_by_units": (signed_rules.kept_by_units, (rows, sizes, bias)),
    "similarity.Procrustes": (
        lambda x, y: similarity.Procrustes(*similarity.procrustes(x, y)).residual,
        (features, logits),
    ),
    "similarity.linear_cka": (similarity.linear_cka, (features, logits)),
    "similarity.neighbours_kept": (lambda x, y: similarity.neighbours_kept(x, y, 3), (features, logits)),
    "similarity.procrustes": (similarity.procrustes, (features, logits)),
    "similarity.procrustes_residual": (similarity.procrustes_residual, (features, logits)),
    "similarity.unrelated_cka_deviation": (
        lambda x: x * similarity.unrelated_cka_deviation(POINTS),
        (positive,),
    ),
    "single_output.kernel_at_end": (
        lambda x, v, b: single_output.kernel_at_end(outer(x.T), 1.0, v / jnp.linalg.norm(v), b),
        (rows, vector, others[:, 0]),
    ),
    "single_output.readout_at_end": (single_output.readout_at_end, (positive, positive)),
    "single_output.reduced_kernel": (
        lambda x, v, b, s: single_output.reduced_kernel(outer(x.T), s, v, b, s),
        (rows, vector, others[:, 0], positive),
    ),
    "single_output.tangent_kernel": (single_output.tangent_kernel, (rows, bias)),
    "spectrum.Modes": (lambda x: spectrum.numerical_rank_of(spectrum.Modes(x, outer(x[:, None]), x[-1])), (spectra,)),
    "spectrum.covariance_eigenvalues_of": (
        lambda x, y: spectrum.covariance_eigenvalues_of(summed(x, y)),
        (features, labels),
    ),
    "spectrum.modes_of": (lambda x, y: spectrum.modes_of(summed(x, y)).values, (features, labels)),
    "spectrum.numerical_rank_of": (
        lambda x, y: spectrum.numerical_rank_of(spectrum.modes_of(summed(x, y))),
        (features, labels),
    ),
    "spectrum.rounding_of": (lambda x, y: spectrum.rounding_of(summed(x, y)), (features, labels)),
    "spectrum.second_moment_eigenvalues_of": (
        lambda x, y: spectrum.second_moment_eigenvalues_of(summed(x, y)),
        (features, labels),
    ),
    "spectrum.covariance_eigenvalues": (spectrum.covariance_eigenvalues, (features,)),
    "spectrum.effective_dimension": (spectrum.effective_dimension, (spectra,)),
    "spectrum.entropy": (spectrum.entropy, (spectra,)),
    "spectrum.entropy_rank": (spectrum.entropy_rank, (spectra,)),
    "spectrum.generalization_error": (spectrum.generalization_error, (spectra, spectra, positive)),
    "spectrum.learnability": (spectrum.learnability, (spectra, positive)),
    "spectrum.participation_ratio": (spectrum.participation_ratio, (spectra,)),
    "spectrum.relative_eigenvalues": (spectrum.relative_eigenvalues, (spectra,)),
    "spectrum.second_moment_eigenvalues": (spectrum.second_moment_eigenvalues, (features,)),
    "tokens.attended": (tokens.attended, (rows, positive)),
    "tokens.equidistant_attention": (lambda x, s: tokens.equidistant_attention(x, 7, s), (positive, positive)),
    "tokens.equidistant_derivative": (lambda x, s: tokens.equidistant_derivative(x, 7, s), (positive, positive)),
    "tokens.equidistant_layer": (lambda x, s: tokens.equidistant_layer(x, 7, s, 1.0, 0.2), (positive, positive)),
    "tokens.equidistant_participation": (lambda x: tokens.equidistant_participation(x, 7), (positive,)),
    "tokens.equidistant_split_layer": (lambda x, s: tokens.equidistant_split_layer(x, 7, s, 0.2), (positive, positive)),
    "tokens.logit_derivative": (tokens.logit_derivative, (rows, positive)),
    "tokens.mean_and_centred": (tokens.mean_and_centred, (rows,)),
    "views.ViewSums": (lambda x, y: of_views.ViewSums(*of_views.view_sums(jnp.stack([x, y]))).apart, (features, views)),
    "views.alignment_of": (lambda x, y: of_views.alignment_of(seen(x, y)), (features, views)),
    "views.alignment_ratio_of": (lambda x, y: of_views.alignment_ratio_of(seen(x, y)), (features, views)),
    "views.class_alignment": (of_views.class_alignment, (rows, 3 + sizes)),
    "views.partner_rank1": (lambda x, y: of_views.partner_rank1(jnp.stack([x, y])), (features, views)),
    "views.present": (lambda x, y: of_views.present(jnp.stack([x, y])), (features, views)),
    "views.view_gap_of": (lambda x, y: of_views.view_gap_of(seen(x, y)), (features, views)),
    "views.view_sums": (lambda x, y: seen(x, y).units, (features, views)),
    "weight_norms.expected_squared_gradient": (
        lambda x, s: weight_norms.expected_squared_gradient(x, s, 3),
        (sizes, positive),
    ),
    "weight_norms.settled": (lambda x, s: weight_norms.settled(0.1 * x, 0.1, s, 3), (positive, positive)),
    "weight_norms.squared_gradient_average": (
        lambda x, s: weight_norms.squared_gradient_average(x, x, 0.1 * s, 0.1),
        (sizes, positive),
    ),
    "weight_norms.squared_norm_after": (
        lambda x, s: weight_norms.squared_norm_after(x, x, 0.1 * s, 0.1),
        (sizes, positive),
    ),
}


def test_every_public_metric_has_a_case() -> None:
    public = {f"{module.__name__.split('.')[-1]}.{name}" for module in MODULES for name in module.__all__}
    assert set(CASES) == public


@pytest.mark.parametrize("name", CASES)
def test_same_under_jit_and_vmap(name: str) -> None:
    function, arguments = CASES[name]
    arguments = tuple(jnp.asarray(argument) for argument in arguments)
    runs = [function(*(argument[run] for argument in arguments)) for run in range(BATCH)]
    eager = jax.tree.map(lambda *leaves: np.stack(leaves), *runs)
    # one program for both, because compiling is what takes the time
    single, batched = jax.jit(lambda *xs: (function(*(x[0] for x in xs)), jax.vmap(function)(*xs)))(*arguments)
    for found, expected in ((single, runs[0]), (batched, eager)):
        assert jax.tree.structure(found) == jax.tree.structure(expected)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5), found, expected)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(eager))


@pytest.mark.parametrize("name", CASES)
def test_no_batch_is_factored_and_products_are_exact_whatever_the_default_precision(name: str) -> None:
    function, arguments = CASES[name]
    require_told(jax.vmap(function), arguments)


def test_so_it_is_of_all_that_the_report_says_and_of_gradients() -> None:
    def rich(x: Any, y: Any, z: Any) -> Any:
        return report.latent_geometry_report(x, y, CLASSES, outputs=z)

    require_told(jax.vmap(rich), (features, labels, logits))
    require_told(jax.vmap(jax.grad(lambda *xs: rich(*xs)["utilization_dimension"])), (features, labels, logits))


def require_told(function: Callable[..., Any], arguments: tuple[np.ndarray, ...]) -> None:
    with jax.default_matmul_precision("bfloat16"):
        told = jax.jit(function).lower(*arguments).as_text()
    require_no_batch(told)
    require_full_precision(told)
