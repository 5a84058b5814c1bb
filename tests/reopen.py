"""Reopen every GIF that a folder's manifest lists, and hold it against what the manifest says."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import imageio.v3 as iio


def reopen(folder: Path) -> int:
    """Number of GIFs that are as the manifest says. Raises AssertionError for one that is not."""
    outputs = json.loads((folder / "manifest.json").read_text())["outputs"]
    for output, entry in outputs.items():
        for name, digest in entry["files"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} has another digest"
        path, poster = (folder / name for name in entry["files"])
        with iio.imopen(path, "r", plugin="pillow") as file:
            frames, height, width, *_ = file.properties(index=...).shape
            delays = [file.metadata(index=frame, exclude_applied=False)["duration"] for frame in range(frames)]
            loop = file.metadata(index=0)["loop"]
        assert (frames, width, height) == (entry["frames"], entry["width"], entry["height"]), path
        assert delays == [entry["frame_ms"]] * (frames - 1) + [entry["hold_ms"]], path
        assert loop == 0, path
        assert iio.imread(poster).shape[:2] == (height, width), path
        print(f"{output}: {frames} frames, {sum(delays)} ms, {width}x{height}, as the manifest says")
    return len(outputs)


if __name__ == "__main__":
    assert reopen(Path(sys.argv[1])) > 0, "the manifest lists nothing"
