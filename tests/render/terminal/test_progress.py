"""What is being done is shown on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys
import time

import pytest

from render.terminal import progress
from render.terminal.progress import LiveBoard


def test_without_a_terminal_what_takes_long_is_a_line_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress.board(False) as board, board.line("neural-collapse") as stages:
        assert stages.foretells
        with stages("train"):
            assert not stages.foretell("train", 4.0)
            assert stages.foretell("train", 60.0, at_least=True)
            assert stages.foretell("train", 180.0)
    told = "neural-collapse trains for at least 60 s\nneural-collapse trains for about 3 min\n"
    assert capsys.readouterr() == ("", told)
    with progress.board(True) as board, board.line("neural-collapse") as stages:
        assert not stages.foretells
        stages.foretell("train", 180.0)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_what_takes_long_is_part_of_the_line() -> None:
    shown: list[str] = []
    stages = progress.ToldStages(lambda *what: shown.append(progress.in_words(*what)))
    stages.foretell("train", 180.0)
    with stages("train"):
        pass
    stages.foretell("draw", 3.0)
    stages.show("draw", 4, 80)
    assert shown == ["train for about 3 min", "train for about 3 min", "draw 5/80"]


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


def test_a_label_is_shown_as_it_is_and_never_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    with LiveBoard() as board, board.line("run[/red]\x1b]0;owned\x07") as stages, stages("read"):
        board._progress.refresh()
    assert "run[/red]\\x1b]0;owned\\x07" in terminal.getvalue()
    assert "\x1b]0;" not in terminal.getvalue()
    monkeypatch.undo()
    with progress.NotingBoard().line("run\x1b[31m") as stages:
        stages.foretell("train", 60.0)
    assert "\x1b" not in capsys.readouterr().err
