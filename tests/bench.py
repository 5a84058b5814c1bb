"""`make bench`: drawing and encoding against what people do today, scene by scene, in one run on one machine.

Naive is a new figure for every frame and `imageio.mimsave` of the RGBA frames; same run, same look. The figures are
ratios, since machines differ and are shared. A benchmark is no test: it prints, and exits 0.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio
import imageio.v3 as iio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from render import figure, gif, trajectory
from render.loading import load_scene
from render.theme import LIGHT
from render.trajectory import Trajectory
from scenes import SCENES


def naive_frames(run: Trajectory) -> Iterator[np.ndarray]:
    """What people do today: everything anew for every frame. (height, width, 4) uint8."""
    for frame in range(run.config.frames):
        with figure.default_style():
            canvas, picture = figure.new_picture(run, LIGHT)
            picture.show(frame)
            assert isinstance(canvas.canvas, FigureCanvasAgg)
            canvas.canvas.draw()
            yield np.asarray(canvas.canvas.buffer_rgba()).copy()


def timed(frames: Iterator[np.ndarray]) -> tuple[list[np.ndarray], float]:
    """The frames, and the median milliseconds of all but the first."""
    drawn, clock = [], [time.perf_counter()]
    for frame in frames:
        drawn.append(frame)
        clock.append(time.perf_counter())
    return drawn, 1e3 * statistics.median(np.diff(clock)[1:])


def psnr(path: Path, drawn: list[np.ndarray]) -> tuple[float, float]:
    """Peak signal-to-noise ratio in dB of the file against the drawn frames: over the clip, and of the worst frame."""
    errors = []
    for shown, frame in zip(iio.imiter(path, mode="RGB"), drawn, strict=True):
        channels = frame.view(np.uint8).reshape(*frame.shape[:2], 4)[..., :3]
        errors.append(float(((shown.astype(float) - channels) ** 2).mean()))
    clip, worst = (10 * np.log10(255**2 / max(error, 1e-12)) for error in (np.mean(errors), np.max(errors)))
    return clip, worst


def bench(name: str, folder: Path) -> dict[str, Any]:
    scene = load_scene(SCENES[name])
    run = trajectory.run(scene, scene.config())
    config = run.config
    ours, ours_ms = timed(figure.frames(run, LIGHT))
    naive, naive_ms = timed(naive_frames(run))

    path, naive_path = folder / "ours.gif", folder / "naive.gif"
    start = time.perf_counter()
    gif.write(path, iter(ours), config.frame_ms, config.hold_ms, "", LIGHT.exact_colours())
    encoded = time.perf_counter()
    imageio.mimsave(naive_path, naive, duration=config.frame_ms, palettesize=128, subrectangles=True)
    naive_encoded = time.perf_counter()
    clip, worst = psnr(path, ours)
    return {
        "scene": name,
        "draw ms": ours_ms,
        "naive ms": naive_ms,
        "drawn": naive_ms / ours_ms,
        "encode s": encoded - start,
        "naive s": naive_encoded - encoded,
        "encoded": (naive_encoded - encoded) / (encoded - start),
        "kB": path.stat().st_size / 1e3,
        "naive kB": naive_path.stat().st_size / 1e3,
        "bytes": path.stat().st_size / naive_path.stat().st_size,
        "PSNR dB": clip,
        "worst dB": worst,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", default=list(SCENES), help="scenes [default: all]")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.scenes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(bench(name, Path(folder)))
        if len(rows) == 1:
            print("  ".join(f"{key:>9}" for key in rows[0]))
        print("  ".join(f"{value:>9.3g}" if isinstance(value, float) else value for value in rows[-1].values()))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
