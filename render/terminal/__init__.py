"""What the command prints: tables, lines, progress.

`__all__` names the modules that other rooms may use.
"""

__all__ = ["batch_report", "console", "ending", "options", "progress"]
