"""Containers of animations, written and read back.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["encoders", "reading"]
