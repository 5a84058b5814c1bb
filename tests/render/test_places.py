"""What is no file is neither read nor replaced; what a link leads to is what is written."""

from __future__ import annotations

import ast
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from render import places
from render.places import replacing, require_file, require_folder, require_reachable, require_regular, written_to

ROOT = Path(places.__file__).parents[1]


@pytest.fixture
def device() -> Iterator[tuple[Path, int]]:
    """A device of the test's own, and what reads what is written to it."""
    reader, writer = os.openpty()
    yield Path(os.ttyname(writer)), reader
    os.close(reader)
    os.close(writer)


def written(path: Path, content: bytes = b"new") -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link, target = tmp_path / "link.json", tmp_path / "store" / "report.json"
    link.symlink_to("store/report.json")
    for content in (b"the first", b"the second"):  # at first it leads to nothing
        require_file(link)
        written(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["link.json", "report.json", "store"]


def test_a_link_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, target = tmp_path / "report.json", tmp_path / "own.txt"
    target.write_text("mine")
    link.symlink_to(target)
    monkeypatch.setattr(os, "geteuid", lambda: link.lstat().st_uid + 1)
    if link.lstat().st_uid == 0:
        os.lchown(link, 12345, 12345)
    for use in (require_file, written, written_to):
        with pytest.raises(ValueError, match=r"report\.json: is a symlink of another user"):
            use(link)
    assert target.read_text() == "mine"


def test_a_device_is_written_into_and_stays_one(device: tuple[Path, int]) -> None:
    path, reader = device
    require_file(path)
    written(path, b"report")
    assert os.read(reader, 100) == b"report"
    assert path.is_char_device()


def test_a_link_to_a_device_leads_into_it(tmp_path: Path, device: tuple[Path, int]) -> None:
    link = tmp_path / "report.json"
    link.symlink_to(device[0])
    require_file(link)
    written(link, b"report")
    assert os.read(device[1], 100) == b"report"
    assert link.is_symlink()
    assert list(tmp_path.iterdir()) == [link]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system names no open files")
def test_what_is_open_is_written_into_behind_what_is_there(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        file.write(b"before, ")
        file.flush()
        path = Path(f"/dev/fd/{file.fileno()}")
        require_file(path)
        written(path)
    assert (tmp_path / "out").read_bytes() == b"before, new"
    with pytest.raises(ValueError, match="is not open"):
        require_file(Path("/dev/fd/987654"))


def test_when_the_block_fails_nothing_is_written(device: tuple[Path, int]) -> None:
    with pytest.raises(KeyError), replacing(device[0]) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise KeyError
    os.set_blocking(device[1], False)
    with pytest.raises(BlockingIOError):
        os.read(device[1], 100)


def test_a_fifo_a_socket_and_a_folder_are_no_place_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    os.mkfifo("fifo")
    Path("folder").mkdir()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        for name, says in (("fifo", "but a FIFO"), ("socket", "but a socket"), ("folder", "is a folder")):
            before = os.lstat(name)
            for use in (require_file, written, written_to):
                if use is not written or name != "folder":
                    with pytest.raises(ValueError, match=says):
                        use(Path(name))
            assert os.lstat(name) == before


def test_what_a_link_leads_to_has_the_same_suffix_where_that_decides(tmp_path: Path) -> None:
    link = tmp_path / "a.gif"
    link.symlink_to("b.png")
    with pytest.raises(ValueError, match=r"is no file that ends in \.gif"):
        written_to(link)
    link.unlink()
    link.symlink_to("b.gif")
    assert written_to(link) == tmp_path / "b.gif"


def test_links_that_go_round_are_a_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    for use in (require_file, require_folder, require_reachable):
        with pytest.raises(ValueError, match="loop"):
            use(loop)


@pytest.mark.parametrize("letter", ["n", "é"])
def test_a_name_is_refused_from_where_on_it_cannot_be_written(tmp_path: Path, letter: str) -> None:
    most = (places.NAME_BYTES - places.ADDED_BYTES) // len(letter.encode())
    written(tmp_path / (letter * most))
    require_file(tmp_path / (letter * most))
    for count in (most + 1, 300, 5000):
        with pytest.raises(ValueError, match=f"{letter}{{40}}\\.\\.\\.") as refused:
            require_file(tmp_path / (letter * count))
        assert len(str(refused.value)) < 400
    for use in (require_reachable, require_folder):
        with pytest.raises(ValueError, match=f"{letter}{{40}}\\.\\.\\."):
            use(tmp_path / (letter * 300))


def test_what_is_no_file_is_not_read(tmp_path: Path, device: tuple[Path, int]) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    for path, kind in ((tmp_path / "fifo", "a FIFO"), (tmp_path / "link", "a FIFO"), (device[0], "a device")):
        with pytest.raises(ValueError, match=f"is not a regular file but {kind}"):
            require_regular(path)
    (tmp_path / "file").touch()
    require_regular(tmp_path / "file")


def test_only_what_no_user_names_is_replaced_without_a_look() -> None:
    """`temporary.replacing` replaces whatever is there: it is for files of the project's own folders."""
    using = set()
    for path in (ROOT / "render").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in ("render.files", "render.temporary"):
                using |= {path.stem for alias in node.names if alias.name == "replacing"}
    assert using == {"cache", "programs", "ribbons", "writing"}  # writing is given what `written_to` says
    assert "render.files" in sys.modules
