from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import cli
from tests.render.audit.audit_helpers import Ended


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ended]:
    """`render audit` with these arguments, in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # which the command replaces

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["render", "audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return Ended(stopped.value.code, *capsys.readouterr())

    return run
