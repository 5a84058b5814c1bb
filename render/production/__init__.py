"""From what was asked for to files: what is due, runs kept or trained, pictures written, the manifest.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = [
    *("batch", "cache", "counts", "drawings", "edition", "manifest"),
    *("outputs", "ribbons", "runs", "seeds", "sources", "writing"),
]
