"""Scenes of learning mechanics: dynamics of training with exact laws, from recent papers."""

POST = "Learning mechanics"
