"""Compiled runs: the one training scan, on which device, over which seeds, and how long it will take.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["checks", "threads", "trajectory"]
