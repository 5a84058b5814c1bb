"""What the posts say in numbers, what our scenes give over seeds, and the parts of the README that are measured.

`__all__` names the modules that other rooms may use.
"""

__all__ = ["claims", "readme"]
