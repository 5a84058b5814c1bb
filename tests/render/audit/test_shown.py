"""Names that others chose are shown escaped wherever an audit shows them, and paths that hang end in a line."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from render import Recorder
from render.audit.in_memory import report
from render.audit.telling import code, escaped, table
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

DATA = clusters(60, 4, 3)
Z, Y = DATA["features"], DATA["labels"]
Audit = Callable[..., Ended]
EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\x9b\r\n|<b>`$\\frac{$[x](y)"  # obeyed, turned round, a line, markup, mathematics
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


def require_safe(text: str) -> None:
    assert OBEYED.search(text) is None, OBEYED.search(text)
    assert "\n|<b>" not in text


def write_npz(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)


def write_csv(path: Path, arrays: dict[str, Any]) -> None:
    one_line = {name.replace("\n", " ").replace("\r", " "): array for name, array in arrays.items()}
    np.savetxt(path, np.stack([*one_line.values()], axis=1), delimiter=",", header=",".join(one_line), comments="")


def write_jsonl(path: Path, arrays: dict[str, Any]) -> None:
    rows = zip(*arrays.values(), strict=True)
    path.write_text("".join(json.dumps(dict(zip(arrays, map(float, row), strict=True))) + "\n" for row in rows))


def write_parquet(path: Path, arrays: dict[str, Any]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table(arrays), path)


def write_safetensors(path: Path, arrays: dict[str, Any]) -> None:
    pytest.importorskip("safetensors.numpy").save_file({name: a.copy() for name, a in arrays.items()}, path)


def write_torch(path: Path, arrays: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    torch.save({name: torch.tensor(array) for name, array in arrays.items()}, path)


def write_hdf5(path: Path, arrays: dict[str, Any]) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def write_zarr(path: Path, arrays: dict[str, Any]) -> None:
    group = pytest.importorskip("zarr").open_group(path, mode="w")
    for name, array in arrays.items():
        group.create_array(name, data=array)


WRITERS = {
    ".npz": write_npz,
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".parquet": write_parquet,
    ".safetensors": write_safetensors,
    ".pt": write_torch,
    ".h5": write_hdf5,
    ".zarr": write_zarr,
}


@pytest.mark.parametrize("suffix", WRITERS)
def test_of_every_format_names_are_listed_escaped_and_are_keys_as_they_are_shown(audit: Audit, suffix: str) -> None:
    evil, mild = "x\x1b[31m\u202e", "y\x9b\x07"
    path = Path(f"run\x1b[31m{suffix}")
    WRITERS[suffix](path, {evil: Z[:, 0], mild: Z[:, 1]})
    ended = audit(path)
    require_line(ended, "run\\x1b[31m", "x\\x1b[31m\\u202e", "y\\x9b\\x07")
    require_safe(ended.err)
    if suffix not in (".csv", ".jsonl", ".parquet"):  # of columns a table makes its array
        require_line(audit(path, "--features", "x\\x1b[31m\\u202e"), "has shape (60,)")
        require_line(audit(path, "--features", evil), "has shape (60,)")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A snapshot all of whose names are hostile: its own, of layers, classes, a scalar, and what has no role."""
    arrays: dict[str, Any] = {f"layer/a{EVIL}": Z, f"layer/b{EVIL}": 2 * Z, f"scalar/s{EVIL}": 1.0, f"rest{EVIL}": Z}
    classes = np.array([f"{kind}{EVIL}" for kind in ("cat", "dog", "bird")])[Y]
    return save(tmp_path / f"run{EVIL.replace('/', '')}.npz", labels=classes, **arrays)


def test_everywhere_that_a_report_is_shown_names_are_escaped(audit: Audit, hostile: Path) -> None:
    for form in ("text", "md"):
        ended = audit(hostile, "--format", form, "--html", "page.html", "--fail-on", f"s{EVIL}>9")
        assert ended.code == 2
        require_safe(ended.err)
        ended = audit(hostile, "--format", form, "--html", "page.html", "--json", "told.json")
        assert ended.code == 0, ended
        require_safe(ended.out)
        require_safe(ended.err)
        assert "rest\\" in ended.out
    assert "[x](y)" not in ended.out.replace("\\[x\\]", "")
    page = Path("page.html").read_text(encoding="utf-8")
    require_safe(page)
    assert 'alt="Audit of run\\x1b]0;' in page
    assert "<b>" not in page
    require_safe(Path("told.json").read_text(encoding="utf-8").replace("\\n", ""))
    (snapshot,) = json.loads(Path("told.json").read_text(encoding="utf-8"))["snapshots"]
    assert snapshot["path"] == str(hostile)
    (picture,) = Path("out").iterdir()
    require_safe(picture.name)
    with Image.open(picture) as image:
        image.load()


def test_a_comparison_and_a_series_show_them_escaped_too(audit: Audit, hostile: Path) -> None:
    ended = audit(hostile, "--against", hostile, "--format", "md")
    assert ended.code == 0, ended
    require_safe(ended.out)
    folder = Path(f"series{EVIL.replace('/', '')}")
    folder.mkdir()
    for step in (1, 2):
        save(folder / f"step-{step}{EVIL.split('/')[0][:8]}.npz", features=Z * step, labels=Y)
    (folder / f"bad{EVIL}.npy").write_bytes(b"none")
    ended = audit(folder, "--html", "page.html")
    assert ended.code == 2
    require_safe(ended.out)
    require_safe(ended.err)
    require_safe(Path("page.html").read_text(encoding="utf-8"))
    (animation,) = Path("out").glob("*-audit.gif")
    with Image.open(animation) as image:
        require_safe(image.info["comment"].decode())


def test_what_a_recorder_and_a_report_in_memory_say_is_escaped(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        Recorder(tmp_path / f"run{EVIL}").log(0, features=Z, labels=Y[:5])
    assert said
    for one in said:
        require_safe(str(one.message))
    found = report(Z, np.array([f"k{EVIL}{label}" for label in Y]), name=EVIL)
    for text in (str(found), repr(found), found._repr_html_()):
        require_safe(text)


def test_markdown_shows_names_as_they_are() -> None:
    assert escaped("a*b [x](y) \\* <i> c|d & $e$") == "a\\*b \\[x\\](y) \\\\\\* \\<i\\> c\\|d \\& \\$e\\$"
    assert code("a_b") == "`a_b`"
    assert code("a`<i>") == "a\\`\\<i\\>"
    assert table(["a"], [["x|y"], [escaped("x|y")]]) == "| a |\n| --- |\n| x\\|y |\n| x\\|y |"


def test_of_a_folder_only_what_is_bad_is_left_out(audit: Audit) -> None:
    run = Path("run")
    run.mkdir()
    for step in (1, 2):
        save(run / f"step-{step}.npz", features=Z * step, labels=Y)
    (run / "step-3.npz").symlink_to("step-3.npz")
    os.mkfifo(run / "step-4.npz")
    (run / "step-5.npz").symlink_to("/dev/zero")
    (run / "step-6.npz").mkdir()
    (run / "step-7.npz").symlink_to("nothing")
    (run / "x.zarr").mkdir()
    (run / "x.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    (run / "x.zarr" / "loop").symlink_to("loop")
    ended = audit(run, "--no-picture")
    assert ended.code == 2
    assert "run/step-2.npz, step 2: 60 points" in ended.out
    left_out = re.findall("^render: left out: run/(\\S+): [^\n]+$", ended.err, re.MULTILINE)
    assert sorted(left_out) == [*(f"step-{step}.npz" for step in range(3, 8)), "x.zarr/loop"]
    assert len(ended.err.splitlines()) == 6
    assert audit(run, "--no-picture", "--partial").code == 0


def test_whatever_one_file_raises_the_others_are_audited(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    from render.audit.files import series

    Path("run").mkdir()
    for step in (1, 2, 3):
        save(Path("run") / f"step-{step}.npz", features=Z * step, labels=Y)
    whole = series.open_snapshot

    def breaks(path: Path, *how: Any, **more: Any) -> Any:
        if path.stem == "step-2":
            raise RecursionError("too deep")
        return whole(path, *how, **more)

    monkeypatch.setattr(series, "open_snapshot", breaks)
    ended = audit("run", "--no-picture")
    assert ended.code == 2
    assert ended.err == "render: left out: run/step-2.npz: cannot be read (RecursionError: too deep)\n"
    assert "step-3.npz" in ended.out


@pytest.mark.parametrize("option", ["", "--against", "--alarms"])
def test_what_hangs_whoever_reads_it_is_refused(audit: Audit, option: str) -> None:
    save(Path("a.npz"), features=Z, labels=Y)
    os.mkfifo("fifo.npz")
    Path("loop.npz").symlink_to("loop.npz")
    for path, says in (
        ("fifo.npz", "is not a regular file but a FIFO"),
        ("/dev/zero", "is not a regular file but a device"),
        ("loop.npz", "Too many levels of symbolic links"),
        ("n" * 300, "File name too long"),
    ):
        require_line(audit(*(["a.npz", option] if option else []), path), says)


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_outputs_are_looked_at_before_the_audit(audit: Audit, option: str) -> None:
    os.mkfifo("fifo")
    for path, says in (("fifo", "a FIFO, which is not written to"), ("n" * 250, "its name has 250 bytes")):
        require_line(audit("missing.npz", option, path), says)
    save(Path("a.npz"), features=Z, labels=Y)
    Path("link").symlink_to("told")
    assert audit("a.npz", "--no-picture", "-q", option, "link").code == 0
    assert Path("link").is_symlink()
    assert Path("told").stat().st_size > 1000


def test_a_picture_whose_name_would_be_too_long_is_said_before_the_audit(audit: Audit) -> None:
    long = save(Path(f"{'n' * 236}.npz"), features=Z, labels=Y)
    require_line(audit(long), "its name has 247 bytes, and 241 are written at most", "--no-picture")
    assert audit(long, "--no-picture", "-q").code == 0
    save(Path("a.npz"), features=Z, labels=Y)
    require_line(audit("a.npz", "--against", long), "and 241 are written at most")


def test_pictures_go_through_links(audit: Audit) -> None:
    save(Path("a.npz"), features=Z, labels=Y)
    Path("out").mkdir()
    Path("out/a-audit.png").symlink_to("kept.png")
    assert audit("a.npz", "-q").code == 0
    assert Path("out/a-audit.png").is_symlink()
    assert Path("out/kept.png").read_bytes().startswith(b"\x89PNG")
