"""What the posts say in numbers, what our scenes give over seeds, and the parts of README and docs that are measured.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["claims", "containers", "readme", "rows"]
