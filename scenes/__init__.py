"""The registry: every scene by name, in gallery order. A scene is imported when it is asked for."""

SCENES = {
    "neural-collapse": "scenes.three_states.neural_collapse",
}
