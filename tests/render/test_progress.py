"""What is being done is shown on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys
import time

import pytest

from render.progress import LiveBoard


def test_on_a_terminal_label_stage_and_a_counter_from_one_are_shown_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    with LiveBoard() as board, board.line("neural-collapse") as stages:
        for text, arguments in {"neural-collapse  train": ("train",), "draw 3/80": ("draw", 2, 80)}.items():
            stages.show(*arguments)
            deadline = time.monotonic() + 20
            while text not in terminal.getvalue() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert text in terminal.getvalue()
