"""Containers of animations, written and read back.

`__all__` names the modules that other rooms may use.
"""

__all__ = ["encoders", "reading"]
