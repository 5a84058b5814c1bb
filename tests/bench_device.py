"""A GPU against the CPU of the same machine: every target on it, and what it takes, in a few minutes.

`python -m tests.bench_device` with JAX for CUDA installed; names of scenes, and `--seeds 64 1024`, choose what.
Each figure is of processes as a user starts them: first with nothing cached, then again with what was compiled. Those
of all scenes are one a core, at most 8, since most of the first is compiling, on one core of the host.
A benchmark is no test, but targets are: it ends with 3 where one is missed on the device. `--device cpu` rehearses it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenes import SCENES
from tests.bench import RENDER, ROOT

MANY = ("class-collapse", "mds-reconstruction", "welch-descent", "same-score")  # of short programs, over many seeds
MOST_AT_ONCE = 8  # processes that share a GPU


@dataclass(frozen=True)
class Checked:
    """One `render check`: seconds from start to end, its verdicts by scene, and the end of what it said on stderr."""

    seconds: float
    verdicts: dict[str, list[dict[str, Any]]]
    said: str

    @property
    def missed(self) -> list[str]:
        return [
            f"{scene}: {one['name']} is {one['value']}, goal {one['goal']}, seed {one['worst_seed']}"
            for scene, found in self.verdicts.items()
            for one in found
            if one["failed"]
        ]


def check(device: str, names: list[str], seeds: int, cache: Path) -> Checked:
    named = [part for name in names for part in ("--name", name)]
    command = [*RENDER, "check", "--quiet", "--device", device, "--seeds", str(seeds), "--json", "-", *named]
    start = time.perf_counter()
    environment = {**_environment(), "FRAME_POTENTIAL_CACHE": str(cache)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.strip() or f"{' '.join(command)} ended with {done.returncode}")
    return Checked(seconds, json.loads(done.stdout), done.stderr.strip())


def check_side_by_side(device: str, names: list[str], seeds: int, cache: Path) -> Checked:
    jobs = min(len(names), os.cpu_count() or 1, MOST_AT_ONCE)
    start = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda job: check(device, names[job::jobs], seeds, cache), range(jobs)))
    verdicts = {name: found for part in parts for name, found in part.verdicts.items()}
    return Checked(time.perf_counter() - start, verdicts, "\n".join(filter(None, dict.fromkeys(p.said for p in parts))))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("JAX_PLATFORMS", "NPROC")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", help="scenes [default: all on 4 seeds, and few on many]")
    parser.add_argument("--seeds", type=int, nargs="+", default=[64, 1024], help="numbers of seeds of the few scenes")
    parser.add_argument("--device", default="gpu", choices=("gpu", "cpu"))
    asked = parser.parse_args()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        cache = Path(place)
        names = asked.scenes or list(SCENES)
        print(f"{'check':<44}{'seeds':>6}{asked.device + ' s':>9}{'cpu s':>9}{'cpu / ' + asked.device:>11}  targets")
        rows = [("all targets, compiled first", names, 4), ("the same again", names, 4)]
        rows += [(name, [name], seeds) for name in asked.scenes or MANY for seeds in asked.seeds]
        for what, some, seeds in rows:
            ours, theirs = (check_side_by_side(device, some, seeds, cache / device) for device in (asked.device, "cpu"))
            if ours.said:
                print(ours.said)
            missed += ours.missed
            held = "met" if not ours.missed else f"{len(ours.missed)} missed"
            ratio = theirs.seconds / ours.seconds
            print(f"{what:<44}{seeds:>6}{ours.seconds:>9.1f}{theirs.seconds:>9.1f}{ratio:>11.2f}  {held}", flush=True)
    for line in dict.fromkeys(missed):
        print(line)
    sys.exit(3 if missed else 0)


if __name__ == "__main__":
    main()
