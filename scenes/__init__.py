"""The registry: every scene by name, in gallery order. A scene is imported when it is asked for."""

SCENES = {
    "spectrum-states": "scenes.three_states.spectrum_states",
    "simplicity-bias": "scenes.three_states.simplicity_bias",
    "neural-collapse": "scenes.three_states.neural_collapse",
    "align-uniform": "scenes.three_states.align_uniform",
    "information-collapse": "scenes.latent_spectrum.information_collapse",
}
