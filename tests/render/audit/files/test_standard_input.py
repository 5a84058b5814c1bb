"""Standard input is audited as a file of its format would be, and nothing of it is left."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit.files.standard_input import suffix_of
from tests.render.audit.audit_helpers import Ended, clusters, require_line

DATA = clusters(60, 4, 3)
Z, Y = DATA["features"].astype(float), DATA["labels"]
Audit = Callable[..., Ended]


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, features=Z, labels=Y)
    return file.getvalue()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, Z)
    return file.getvalue()


def text(delimiter: str) -> bytes:
    lines = [delimiter.join(map(str, [*row, label])) for row, label in zip(Z, Y, strict=True)]
    return "\n".join([delimiter.join(["features0", "features1", "features2", "features3", "labels"]), *lines]).encode()


def lines() -> bytes:
    return b"".join(
        json.dumps({"features": list(row), "labels": int(label)}).encode() + b"\n"
        for row, label in zip(Z, Y, strict=True)
    )


SENT = {"stdin.npz": npz, "stdin.npy": npy, "stdin.csv": lambda: text(","), "stdin.tsv": lambda: text("\t")}
SENT["stdin.jsonl"] = lines


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[bytes], None]:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize("name", SENT)
def test_a_file_of_each_format_can_be_sent(
    audit: Audit, send: Callable[[bytes], None], name: str, tmp_path: Path
) -> None:
    send(SENT[name]())
    ended = audit("-", "--json", "-", "--no-picture")
    assert ended.code == 0, ended
    (told,) = json.loads(ended.out)["snapshots"]
    Path(name).write_bytes(SENT[name]())
    as_file = json.loads(audit(name, "--json", "-", "--no-picture").out)["snapshots"]
    assert told == as_file[0]
    assert told["path"] == name
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "standard input is empty"),
        (b"\0" * 9000, "standard input holds none of the formats"),
        (npz()[:200], "stdin.npz: is damaged"),
        (b"a,b\n1,2\n", "stdin.csv: has no array called features, it has: a; b"),
    ],
)
def test_what_cannot_be_audited_is_a_line_without_the_place_where_it_was_kept(
    audit: Audit, send: Callable[[bytes], None], content: bytes, says: str, tmp_path: Path
) -> None:
    send(content)
    ended = audit("-")
    require_line(ended, says)
    assert "tmp" not in ended.err
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_format_is_told_by_how_a_file_begins() -> None:
    header = b'{"features":{"dtype":"F64"}}'
    assert suffix_of(len(header).to_bytes(8, "little") + header) == ".safetensors"
    assert suffix_of(b"PAR1\x15\x04") == ".parquet"
    assert suffix_of(b"\x89HDF\r\n\x1a\n\0") == ".h5"
    assert suffix_of(b"PK\x03\x04" + b"\0" * 26 + b"archive/data.pkl") == ".pt"
    assert suffix_of("\ufeff特徴\t1\n".encode()) == ".tsv"
    assert suffix_of(b" \n") is None


def test_it_is_no_folder_to_watch_and_no_terminal(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    require_line(audit("-", "--watch"), "--watch is for the folder")
    require_line(audit("-", "--workers", "2"), "read a file that they find by its name")
    monkeypatch.setattr(sys, "stdin", None)
    require_line(audit("-"), "standard input is a terminal, or closed")
