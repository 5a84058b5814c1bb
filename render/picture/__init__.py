"""What is seen of a run: the recording, the figure, its frames and marks or its panels, its look and its theme.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = [
    *("figure", "frames", "group", "ink", "look", "marks", "printed", "panels", "recording", "sheet", "theme"),
    *("strip", "words"),
]
