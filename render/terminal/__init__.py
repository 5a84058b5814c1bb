"""What the command prints: tables, lines, progress.

`__all__` names the modules that other packages of the project may import.
"""

__all__ = ["accelerator", "batch_report", "console", "ending", "options", "paragraphs", "progress", "streams"]
