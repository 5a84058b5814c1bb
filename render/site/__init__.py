"""The site: a gallery, a page a scene, the ledger, the metrics and the guides, as static files.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["command"]
