"""What is seen of a run: the recording, the figure, its panels and its theme.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["figure", "ink", "panels", "recording", "theme"]
