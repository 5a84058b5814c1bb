"""`make bench`: what a picture costs, against what people do today, on one machine in one run.

Naive is the same run and the same look as people draw them: a new figure for every frame, all frames held, and
`imageio.mimsave`; one process a scene. The figures are ratios, since machines differ and are shared. A benchmark is no
test: it prints, writes JSON if asked, and exits 0.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.production.manifest import ROOT
from render.training import threads
from scenes import SCENES

WIDE_BYTES = 4 * 4096 * 10**6  # of the largest table that is audited, where there is a place for it
HEADLINE = "collapse-in-cards"  # a scene of the benchmark's own: a change of a scene is no change of speed
MEASURED = {HEADLINE: str(ROOT / "tests" / "bench_scene.py"), **SCENES}
RENDER = [sys.executable, str(ROOT / "cli.py")]
# The command with the benchmark's own scene for its registry: the run of a scene in a file is never kept.
OWN = [sys.executable, "-c", f"import cli; cli.SCENES = {{{HEADLINE!r}: 'tests.bench_scene'}}; cli.main()"]


@dataclass(frozen=True)
class Row:
    """One line of the table. ratio: of ours to naive's, or as `what` says; bar: what it is to be, "" for none."""

    what: str
    ours: str
    naive: str
    ratio: float
    bar: str

    @property
    def verdict(self) -> str:
        if not self.bar:
            return ""
        limit = float(self.bar[2:])
        return "✓" if (self.ratio >= limit if self.bar.startswith("≥") else self.ratio <= limit) else "missed"


@dataclass(frozen=True)
class Process:
    """What a whole process took: seconds from start to end, its largest memory, and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def process(command: Sequence[str], cache: Path, **environment: str) -> Process:
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        variables = {**threads.environment(), **os.environ, "FRAME_POTENTIAL_CACHE": str(cache), **environment}
        child = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss counts bytes there, KiB elsewhere
    return Process(seconds, usage.ru_maxrss / unit, printed)


def child(kind: str, name: str, folder: Path, frames: int | None = None) -> tuple[dict[str, float], Process]:
    """Run a part of this module in a process of its own: its figures, and what the process took."""
    command = [sys.executable, "-m", "tests.bench", "--child", kind, name, str(folder), str(frames or "")]
    done = process(command, folder / "no cache")
    return json.loads(done.output.splitlines()[-1]), done


def naive_child(name: str, folder: Path, frames: int | None) -> dict[str, float]:
    """Train, draw and encode as people do."""
    import imageio
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from render.picture import figure
    from render.picture.theme import LIGHT

    recording = _recorded(name, frames)
    drawn, clock = [], [time.perf_counter()]
    for frame in range(recording.frames):
        with figure.default_style():
            canvas, picture = figure.new_picture(recording, LIGHT)
            picture.show(frame)
            assert isinstance(canvas.canvas, FigureCanvasAgg)
            canvas.canvas.draw()
            drawn.append(np.asarray(canvas.canvas.buffer_rgba()).copy())
        clock.append(time.perf_counter())
    path = folder / "naive.gif"
    imageio.mimsave(path, drawn, duration=recording.config["frame_ms"], palettesize=128, subrectangles=True)
    encoded = time.perf_counter() - clock[-1]
    return {"draw_ms": _median_ms(clock), "encode_s": encoded, "kB": path.stat().st_size / 1e3}


def our_child(name: str, folder: Path, frames: int | None) -> dict[str, float]:
    """Draw and encode apart, so that the file can be compared with what was drawn."""
    from render.encoding import gif
    from render.picture import figure
    from render.picture.theme import LIGHT

    recording = _recorded(name, frames)
    drawn, clock = [], [time.perf_counter()]
    for frame in figure.frames(recording, LIGHT):
        drawn.append(frame)
        clock.append(time.perf_counter())
    path = folder / "ours.gif"
    start = time.perf_counter()
    gif.write(path, iter(drawn), recording.delays, recording.alt, LIGHT.exact_colours())
    encoded = time.perf_counter() - start
    clip, worst = psnr(path, drawn)
    return {
        "draw_ms": _median_ms(clock),
        "encode_s": encoded,
        "kB": path.stat().st_size / 1e3,
        "clip_db": clip,
        "worst_db": worst,
    }


def stream_child(name: str, folder: Path, frames: int | None) -> dict[str, float]:
    """Draw and encode in one go, as a render does."""
    from render.encoding import gif
    from render.picture import figure
    from render.picture.theme import LIGHT

    recording = _recorded(name, frames)
    start = time.perf_counter()
    gif.write(folder / "ours.gif", figure.frames(recording, LIGHT), recording.delays)
    return {"seconds": time.perf_counter() - start}


CHILDREN: dict[str, Callable[[str, Path, int | None], dict[str, float]]] = {
    "naive": naive_child,
    "ours": our_child,
    "stream": stream_child,
}


def _recorded(name: str, frames: int | None) -> Any:
    from render.production import runs
    from render.stages import Stages

    return runs.find(MEASURED[name], {"frames": frames}).recording(Stages())


def _median_ms(clock: list[float]) -> float:
    """Of all frames but the first, which pays for what is done once."""
    return 1e3 * statistics.median(np.diff(clock)[1:])


def psnr(path: Path, drawn: list[np.ndarray]) -> tuple[float, float]:
    """Peak signal-to-noise ratio in dB of the file against the drawn frames: over the clip, and of the worst frame."""
    import imageio.v3 as iio

    errors = []
    for shown, frame in zip(iio.imiter(path, mode="RGB"), drawn, strict=True):
        channels = frame.view(np.uint8).reshape(*frame.shape[:2], 4)[..., :3]
        errors.append(float(((shown.astype(float) - channels) ** 2).mean()))
    clip, worst = (10 * np.log10(255**2 / max(error, 1e-12)) for error in (np.mean(errors), np.max(errors)))
    return clip, worst


def scene_rows(name: str, folder: Path) -> tuple[dict[str, Any], Process]:
    """The figures of one scene, and naive's whole process."""
    naive, naive_process = child("naive", name, folder)
    ours, _ = child("ours", name, folder)
    return {
        "scene": name,
        "draw ms": ours["draw_ms"],
        "naive ms": naive["draw_ms"],
        "drawn": naive["draw_ms"] / ours["draw_ms"],
        "encode s": ours["encode_s"],
        "naive s": naive["encode_s"],
        "encoded": naive["encode_s"] / ours["encode_s"],
        "kB": ours["kB"],
        "naive kB": naive["kB"],
        "bytes": ours["kB"] / naive["kB"],
        "PSNR dB": ours["clip_db"],
        "worst dB": ours["worst_db"],
    }, naive_process


def drawing_rows(scenes: list[dict[str, Any]]) -> Iterator[Row]:
    def least(key: str) -> dict[str, Any]:
        return min(scenes, key=lambda scene: scene[key])

    for scene in scenes:
        if scene["scene"] == HEADLINE:
            ours, naive = (f"{scene[key]:.1f} ms" for key in ("draw ms", "naive ms"))
            yield Row(f"a frame drawn, {HEADLINE}: naive / ours", ours, naive, scene["drawn"], "≥ 15")
    slowest, means = least("drawn"), {key: statistics.geometric_mean(s[key] for s in scenes) for key in ("drawn",)}
    ours, naive = (f"{slowest[key]:.1f} ms" for key in ("draw ms", "naive ms"))
    yield Row(f"a frame drawn, least of all scenes ({slowest['scene']})", ours, naive, slowest["drawn"], "≥ 8")
    yield Row("a frame drawn, geometric mean of the scenes", "", "", means["drawn"], "≥ 10")
    slowest = least("encoded")
    ours, naive = (f"{slowest[key]:.2f} s" for key in ("encode s", "naive s"))
    yield Row(f"encode, least of all scenes ({slowest['scene']})", ours, naive, slowest["encoded"], "≥ 4.5")
    encoded = statistics.geometric_mean(scene["encoded"] for scene in scenes)
    yield Row("encode, geometric mean of the scenes", "", "", encoded, "≥ 4.5")
    mean = statistics.mean(scene["bytes"] for scene in scenes)
    yield Row("bytes, ours / naive, mean of the scenes", "", "", mean, "≤ 0.60")
    largest = max(scenes, key=lambda scene: scene["kB"])
    yield Row(f"largest GIF in kB ({largest['scene']})", "", f"{largest['naive kB']:.0f}", largest["kB"], "≤ 900")
    yield Row("PSNR of the clip in dB, least of all scenes", "", "", least("PSNR dB")["PSNR dB"], "≥ 50")
    yield Row("PSNR of a frame in dB, least of all scenes", "", "", least("worst dB")["worst dB"], "≥ 45")


def process_rows(naive: dict[str, Process], folder: Path) -> Iterator[Row]:
    """Whole processes, as a user starts them."""

    def against(what: str, ours: Process, theirs: Process, bar: str) -> Row:
        shown = (f"{done.seconds:.1f} s" for done in (ours, theirs))
        return Row(what, *shown, ours.seconds / theirs.seconds, bar)

    if HEADLINE in naive:
        cache, theirs = folder / "cache", naive[HEADLINE]
        command = [*OWN, "scene", "--name", HEADLINE, "--out", str(folder / "out"), "--timings"]
        cold = process(command, cache)
        print(f"{HEADLINE}, nothing cached: {cold.output.splitlines()[-1]}", file=sys.stderr)
        yield against(f"render scene, {HEADLINE}, nothing cached", cold, theirs, "≤ 0.28")
        again = process([*command, "--theme", "dark"], cache)
        print(f"{HEADLINE}, another theme: {again.output.splitlines()[-1]}", file=sys.stderr)
        yield against("the same in another theme: the run is cached", again, theirs, "≤ 0.12")
        seed = process([*command, "--seed", "1"], cache)
        yield against("the same with another seed: the program is cached", seed, theirs, "")
        peaks = f"{cold.peak_mb:.0f} MB", f"{theirs.peak_mb:.0f} MB"
        yield Row("peak memory, nothing cached", *peaks, cold.peak_mb / theirs.peak_mb, "≤ 0.55")
    if not SCENES.keys() <= naive.keys():
        return
    total = sum(naive[name].seconds for name in SCENES)
    alls = {jobs: folder / f"all{jobs}" for jobs in (1, 2)}
    render_all = [*RENDER, "all", "--quiet", "--out"]
    one, two = (process([*render_all, str(out), "--jobs", str(jobs)], out / "cache") for jobs, out in alls.items())
    shown = f"{two.seconds:.1f} s", f"{total:.1f} s"
    yield Row("render all, nothing cached, --jobs 2", *shown, two.seconds / total, "≤ 0.20")
    shown = f"{two.seconds:.1f} s", f"{one.seconds:.1f} s"
    yield Row("--jobs 1 / --jobs 2", *shown, one.seconds / two.seconds, "≥ 1.6")
    nothing = process([*render_all, str(alls[2])], alls[2] / "cache")
    yield Row("render all, nothing changed, in seconds", "", "", nothing.seconds, "≤ 1.0")
    small = [name for name, reference in SCENES.items() if not reference.startswith("scenes.richness.")]
    for what, names, bar in (
        (f"check of the {len(small)} scenes that are not of richness, in seconds", small, "≤ 180"),
        (f"check of all {len(SCENES)} scenes, in seconds", list(SCENES), ""),
    ):
        named = [part for name in names for part in ("--name", name)]
        checked = process([*RENDER, "check", "--quiet", "--seeds", "own", *named], folder / "no cache")
        yield Row(what, "", "", checked.seconds, bar)


def growth_rows(folder: Path) -> Iterator[Row]:
    """Ten times the frames: draw and encode, and the largest memory of the process."""
    (few, few_process), (many, many_process) = (child("stream", HEADLINE, folder, frames) for frames in (80, 800))
    shown = f"{many['seconds']:.2f} s", f"{few['seconds']:.2f} s"
    yield Row("draw and encode, 800 frames / 80", *shown, many["seconds"] / few["seconds"], "≤ 10.5")
    shown = f"{many_process.peak_mb:.0f} MB", f"{few_process.peak_mb:.0f} MB"
    yield Row("peak memory, 800 frames / 80", *shown, many_process.peak_mb / few_process.peak_mb, "≤ 1.5")


def richness_rows() -> Iterator[Row]:
    """The low-rank measure of many samples, against the one matrix product that it cannot do without."""
    from tests import bench_richness

    found = bench_richness.measure()
    shown = f"{found['seconds']:.2f} s", f"{found['product_seconds']:.2f} s"
    yield Row("low_rank_measure of 100,000 x 1,024 / the product Phi'Phi", *shown, found["ratio"], "≤ 1.5")
    yield Row("its memory beyond the inputs, in MB", "", "", found["extra_mb"], "≤ 300")


def audit_rows() -> Iterator[Row]:
    """Audits of ever more points against the one product that they cannot do without, wherever this machine can."""
    from render.audit import placing
    from tests import bench_audit

    cores, device = os.cpu_count() or 1, "gpu" if placing.seems_there() else ""
    several = sorted({1, min(2, cores), cores})
    bars = {"2 cores": "≤ 1.25", **{f"{count} cores": "≤ 2" for count in several if count >= 8}, "device gpu": "≤ 1.5"}
    sizes = [(100_000, 512), (300_000, 512), (1_000_000, 512)]
    if shutil.disk_usage(tempfile.gettempdir()).free > 4 * WIDE_BYTES and (device or cores >= 8):
        sizes.append((1_000_000, 4096))
    for rows, columns in sizes:
        workers = (1, 2, 4) if (rows, columns) == sizes[2] and importlib.util.find_spec("distributed") else ()
        figures = bench_audit.measure(rows, columns, several, device, workers)
        for where, found in figures["all"].items():
            shown = f"{found['seconds']:.2f} s", f"{found['product_seconds']:.2f} s"
            bar = bars.get(where, "") if rows == 1_000_000 else ""
            yield Row(f"audit of {rows:,} x {columns:,}, {where} / the product X'X", *shown, found["ratio"], bar)
        bar = f"≤ {600 + 32 * cores}" if (rows, columns) == sizes[2] else ""
        yield Row("its memory beyond the libraries, in MB", "", "", figures["extra_mb"], bar)


def recorder_rows() -> Iterator[Row]:
    """What it costs to log a step."""
    from tests import bench_recorder

    logged = bench_recorder.logs(4096, 512)
    ours, bare = (logged[kind][1] for kind in ("numbers", "no numbers"))
    yield Row("Recorder.log of 4,096 x 512 / without numbers", f"{ours:.1f} ms", f"{bare:.1f} ms", ours / bare, "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", help="scenes [default: all, and everything that is one of a kind]")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        kind, name, place, frames = arguments.child
        print(json.dumps(CHILDREN[kind](name, Path(place), int(frames) if frames else None)))
        return
    scenes: list[dict[str, Any]] = []
    naive: dict[str, Process] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in arguments.scenes or MEASURED:
            scene, naive[name] = scene_rows(name, folder)
            scenes.append(scene)
            if len(scenes) == 1:
                print("  ".join(f"{key:>9}" for key in scene))
            values = [f"{v:>9.3g}" if isinstance(v, float) else v for v in scene.values()]
            print("  ".join(values), flush=True)
        rows = [*drawing_rows(scenes), *process_rows(naive, folder)]
        if not arguments.scenes:
            rows += [*growth_rows(folder), *richness_rows(), *audit_rows(), *recorder_rows()]
    print()
    for row in rows:
        print(f"{row.what:<62}{row.ours:>10}{row.naive:>10}{row.ratio:>9.3g}  {row.bar:<7}{row.verdict}")
    if arguments.json:
        table = [{**asdict(row), "verdict": row.verdict} for row in rows]
        arguments.json.write_text(json.dumps({"scenes": scenes, "table": table}, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
