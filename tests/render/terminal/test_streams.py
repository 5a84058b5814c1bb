"""A terminal shows what it can, in every encoding, and what it cannot show or take ends nothing."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import click
import pytest

from render.terminal import streams
from render.terminal.streams import Output, guarded, plain, plain_json, tell

ROOT = Path(__file__).parents[3]
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")


@pytest.mark.parametrize(
    ("text", "in_ascii", "in_latin_1"),
    [
        ("✓ it holds", "ok it holds", "ok it holds"),
        ("✗ σ² ≥ 10⁻⁸", "x sigma^2 >= 10^-8", "x sigma² >= 10^-8"),
        ("−½ ln(2C/(C−1))", "-1/2 ln(2C/(C-1))", "-½ ln(2C/(C-1))"),
        ("Σ λ₁ ± ε → ∞…", "Sigma lambda1 +- epsilon -> inf...", "Sigma lambda1 ± epsilon -> inf..."),
        ("Schrödinger 5 µm", "Schrodinger 5 um", "Schrödinger 5 µm"),
        ("⠋ 漢 \udce9", "* ? ?", "* ? ?"),
    ],
)
def test_what_an_encoding_lacks_is_replaced_by_what_stands_for_it(text: str, in_ascii: str, in_latin_1: str) -> None:
    assert plain(text, "ascii") == in_ascii
    assert plain(text, "latin-1") == in_latin_1
    assert plain(text.replace("\udce9", ""), "utf-8") == text.replace("\udce9", "")


def test_whatever_the_project_prints_has_something_that_stands_for_it() -> None:
    """Of all letters in the code and the ledger none becomes a question mark."""
    paths = [ROOT / "cli.py", ROOT / "public" / "claims.json", *(ROOT / "render").rglob("*.py")]
    paths = [path for path in [*paths, *(ROOT / "scenes").rglob("*.py")] if path.name != "streams.py"]
    letters = {letter for path in paths for letter in path.read_text(encoding="utf-8") if not letter.isascii()}
    assert len(letters) > 20
    for encoding in ("ascii", "latin-1", "cp1252"):
        assert [letter for letter in letters if "?" in plain(letter, encoding)] == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_json_means_the_same_in_every_encoding(encoding: str) -> None:
    told = {"é≥😀": ["\udce9", "x"]}
    text = plain_json(json.dumps(told, ensure_ascii=False), encoding)
    assert json.loads(text.encode(encoding).decode(encoding)) == told


def shown(encoding: str, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What is printed from now on, on a terminal with this encoding."""
    file = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(file, encoding=encoding, errors="strict"))
    return file


@pytest.mark.parametrize(("encoding", "mark"), [("ascii", b"ok"), ("latin-1", b"ok"), ("utf-8", "✓".encode())])
def test_print_and_click_show_the_same(encoding: str, mark: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shown(encoding, monkeypatch)
    with guarded():
        print("✓")
        click.echo("✓")
        click.echo("✓".encode())
        tell("✓")
    assert file.getvalue() == (mark + b"\n") * 4


@FULL
def test_what_cannot_be_written_is_lost_and_what_is_only_told_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # closing it fails, unless nothing is left in it
        monkeypatch.setattr(sys, "stdout", full)
        with guarded() as out:
            tell("told")
            assert out.lost is None
            print("printed")
            click.echo("printed")
            assert out.lost is not None
            assert out.lost.strerror == os.strerror(28)


def test_streams_that_were_closed_take_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(streams, "_occupy", lambda: None)  # those of the tests are open
    with guarded() as out:
        tell("told")
        click.echo("told", err=True)
        assert not sys.stdout.isatty()
        assert out.lost is None
        print("printed")
        assert out.lost is not None
    assert sys.stdout is None


def test_an_output_is_what_it_writes_to(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(sys.stdout)
    assert (out.writable(), out.isatty(), out.encoding) == (True, False, sys.stdout.encoding)
    assert out.write("text") == 4
    assert capsys.readouterr().out == "text"
