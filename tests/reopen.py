"""Reopen every GIF that a folder's manifest lists, and hold it against what the manifest says."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from render.encoding import reading


def reopen(folder: Path) -> int:
    """Number of GIFs that are as the manifest says. Raises AssertionError for one that is not."""
    outputs = json.loads((folder / "manifest.json").read_text())["outputs"]
    for output, entry in outputs.items():
        for name, digest in entry["files"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} has another digest"
        (path,) = (folder / name for name in entry["files"] if name.endswith(".gif"))
        (poster,) = (folder / name for name in entry["files"] if name.endswith(".png"))
        found = reading.properties(path)
        size = found.width, found.height
        assert (found.frames, *size) == (entry["frames"], entry["width"], entry["height"]), path
        *playing, hold = found.delays_ms
        assert (sum(found.delays_ms), hold) == (entry["duration_ms"], entry["hold_ms"]), path
        assert min(playing) == entry["frame_ms"], path
        assert "look" in entry or set(playing) == {entry["frame_ms"]}, path
        assert found.loop == 0, path
        assert reading.frame(poster, 0).shape[:2] == size[::-1], path
        milliseconds = sum(found.delays_ms)
        print(f"{output}: {found.frames} frames, {milliseconds} ms, {size[0]}x{size[1]}, as the manifest says")
    return len(outputs)


if __name__ == "__main__":
    assert reopen(Path(sys.argv[1])) > 0, "the manifest lists nothing"
