"""The registry: every scene by name, in gallery order. A scene is imported when it is asked for."""

SCENES = {
    "spectrum-states": "scenes.three_states.spectrum_states",
    "simplicity-bias": "scenes.three_states.simplicity_bias",
    "neural-collapse": "scenes.three_states.neural_collapse",
    "align-uniform": "scenes.three_states.align_uniform",
    "spectral-codebook": "scenes.latent_spectrum.spectral_codebook",
    "mds-reconstruction": "scenes.latent_spectrum.mds_reconstruction",
    "information-collapse": "scenes.latent_spectrum.information_collapse",
    "dark-knowledge": "scenes.latent_spectrum.dark_knowledge",
    "class-collapse": "scenes.latent_audit.class_collapse",
    "rank-collapse": "scenes.latent_audit.rank_collapse",
    "simplex-descent": "scenes.latent_audit.simplex_descent",
    "welch-descent": "scenes.latent_audit.welch_descent",
    "benign-landscape": "scenes.latent_audit.benign_landscape",
    "rich-vs-lazy": "scenes.richness.rich_vs_lazy",
    "target-downscaling": "scenes.richness.target_downscaling",
    "weight-decay-only": "scenes.richness.weight_decay_only",
    "heaviside-features": "scenes.richness.heaviside_features",
    "grokking": "scenes.richness.grokking",
    "scalar-regression": "scenes.richness.scalar_regression",
    "label-shuffling": "scenes.richness.label_shuffling",
}
