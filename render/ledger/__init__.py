"""What the posts say in numbers, what our scenes give over seeds, and the parts of the README that are measured.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["claims", "readme", "rows"]
