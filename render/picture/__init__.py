"""What is seen of a run: the recording, the figure, its panels and its theme.

`__all__` names the modules that other rooms may use.
"""

__all__ = ["figure", "ink", "panels", "recording", "theme"]
