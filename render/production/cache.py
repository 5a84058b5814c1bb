"""Runs and compiled programs kept between commands, so that a change of looks never trains again.

The key of an entry is a digest of everything that determines a run, and the entry has a checksum: one that is
truncated, altered or of another version counts as missing, and the run is trained again. Only a folder of the user's
own is believed, since programs are run: one that nobody else can write to. jax is not imported to look an entry up, nor
are the drawing modules until one is found.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import stat
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.device import CPU
from render.printable import printable
from render.production import programs, sources
from render.production.entries import opened, signed
from render.temporary import replacing

if TYPE_CHECKING:
    from render.picture.recording import Recording

HEADER = b"frame-potential recording 1\n"
LIMIT_BYTES = 256 * 10**6


@dataclass(frozen=True)
class Cache:
    """A folder of recordings, and of the programs that jax compiled, of at most `limit_bytes`."""

    folder: Path
    limit_bytes: int = LIMIT_BYTES

    @classmethod
    def of_user(cls) -> Cache:
        """In $FRAME_POTENTIAL_CACHE, or where the system keeps a user's caches. Raises ValueError for ~NOBODY."""
        chosen = os.environ.get("FRAME_POTENTIAL_CACHE")
        try:
            return cls(Path(chosen).expanduser() if chosen else _users_folder())
        except RuntimeError as error:
            raise ValueError(f"FRAME_POTENTIAL_CACHE is {chosen}: there is no such user; name a folder") from error

    @classmethod
    def if_wanted(cls, wanted: bool) -> Cache | None:
        return cls.of_user() if wanted else None

    def load(self, key: str) -> Recording | None:
        """The recording stored under `key`; None unless there is a whole one in the current format."""
        path = self._path(key)
        if not path.exists() or not self._is_own():
            return None
        from render.picture.recording import from_bytes

        try:
            payload = opened(HEADER, key, path.read_bytes())
            if payload is None:
                return None
            recording = from_bytes(payload)
            os.utime(path)  # `prune` removes the least recently used first
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None
        return recording

    def store(self, key: str, recording: Recording) -> None:
        """Keep a recording, whole or not at all; where that cannot be, warn and go on."""
        from render.picture.recording import Unrecordable, to_bytes

        try:
            payload = to_bytes(recording)
            if not self._is_own(make=True):
                return
            with replacing(self._path(key)) as temporary:
                temporary.write_bytes(signed(HEADER, key, payload))
            self.prune()
        except Unrecordable:
            pass
        except OSError as error:
            warnings.warn(f"nothing is cached: {error.filename or self.folder}: {error.strerror}", stacklevel=2)

    def keep_programs(self) -> None:
        """Turn on jax's compilation cache in this folder, a subfolder per kind of processor: machine code differs."""
        try:
            if not self._is_own(make=True):
                return
            folder = self.folder / "programs" / _processor()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return
        import jax

        if not programs.check_entries():
            return
        # jax compiles a damaged entry again, so that its warning helps nobody
        warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache entry")
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

    def durations(self) -> dict[str, float]:
        """Seconds that each scene took the last time, by name; empty if unknown."""
        try:
            if not (self.folder / "durations.json").exists() or not self._is_own():
                return {}
            found = json.loads((self.folder / "durations.json").read_bytes())
            return {str(name): float(seconds) for name, seconds in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def note_durations(self, seconds: Mapping[str, float]) -> None:
        with suppress(OSError):
            if not self._is_own(make=True):
                return
            with replacing(self.folder / "durations.json") as temporary:
                temporary.write_text(json.dumps(seconds), encoding="utf-8")

    def files(self) -> Iterator[Path]:
        """Everything that is kept."""
        yield from self.folder.glob("*.recording")
        yield from self.folder.glob("programs/*/*-cache")

    def prune(self) -> None:
        """Remove what was used longest ago until the rest is within the limit."""
        entries = sorted(self._sizes(), reverse=True)
        kept = 0
        for _, size, path in entries:
            kept += size
            if kept > self.limit_bytes:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything that is kept, and nothing else that the folder may hold."""
        for path in self.files():
            path.unlink(missing_ok=True)

    def size_bytes(self) -> int:
        return sum(size for _, size, _ in self._sizes())

    def sentence(self) -> str:
        """How much is kept, and where."""
        count, size, limit = len(list(self.files())), self.size_bytes() / 1e6, self.limit_bytes / 1e6
        return f"{printable(self.folder)}: {count} files, {size:.1f} MB of at most {limit:.0f} MB"

    def _is_own(self, make: bool = False) -> bool:
        """Whether the folder is the user's alone to write to; warns where it is not. Raises OSError.

        make: make it where it is not there, for the user alone to read, too.
        """
        if make:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = self.folder.stat()
        if status.st_uid != os.geteuid():
            why = "belongs to another user"
        elif status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = "can be written to by others, who could put programs into it"
        else:
            if status.st_mode & 0o077 and self._holds_nothing_else():
                self.folder.chmod(0o700)
            return True
        warnings.warn(f"nothing is cached: {self.folder} {why}: name your own in FRAME_POTENTIAL_CACHE", stacklevel=3)
        return False

    def _holds_nothing_else(self) -> bool:
        """Whether all that is in the folder is the cache's."""
        return all(
            path.name in ("programs", "durations.json") or path.suffix == ".recording" for path in self.folder.iterdir()
        )

    def _sizes(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.files():
            try:
                status = path.stat()
            except FileNotFoundError:  # another process has just pruned it
                continue
            yield status.st_mtime, status.st_size, path

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.recording"


def _users_folder() -> Path:
    """Where the system keeps a user's caches; that of temporary files for a user who has no home."""
    import platformdirs

    try:
        folder = platformdirs.user_cache_path("frame-potential")
    except RuntimeError:
        folder = Path("~")  # as older versions have it
    return folder if folder.is_absolute() else Path(tempfile.gettempdir(), f"frame-potential-{os.geteuid()}")


def run_key(reference: str, options: Mapping[str, Any], settings: Sequence[str]) -> str:
    """Key of a recording: digest of code, versions, options, settings, machine, and the environment of JAX and XLA."""
    where = [platform.machine(), sys.platform, os.environ.get("JAX_PLATFORMS", CPU), os.environ.get("XLA_FLAGS")]
    return sources.recorded(reference).digest(reference, dict(options), list(settings), *where)


def _processor() -> str:
    """Short digest of the processor's architecture and instruction sets."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        able = next(line for line in lines if line.startswith(("flags", "Features")))
    except (OSError, StopIteration):
        able = platform.processor()
    return hashlib.sha256(f"{platform.machine()} {able}".encode()).hexdigest()[:12]
