"""A server of files on this machine, which takes range requests or does not, and breaks off where it is told to."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SMALL = 600  # bytes of an answer that never breaks off


@dataclass
class Server:
    """What it serves and how; and what it was asked for: the path of each answer, with the bytes that were sent.

    ranges: it sends parts of files; breaks: so many answers end in the middle; status: of every answer, if not 200.
    """

    folder: Path
    ranges: bool = True
    breaks: int = 0
    status: int = 200
    url: str = ""
    sent: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def bytes_of(self, name: str) -> int:
        return sum(count for path, count in self.sent if path.endswith(name))


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, told: Server, *given: Any, **more: Any) -> None:
        self.told = told
        super().__init__(*given, **more)

    def log_message(self, *said: Any) -> None:
        pass

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if self.told.status != 200:
            return self.send_error(self.told.status)
        if not file.is_file():
            return super().do_GET()  # the page that lists a folder, or that nothing is there
        content = file.read_bytes()
        asked = re.match(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        first, last = 0, len(content) - 1
        if asked and self.told.ranges:
            first = int(asked[1]) if asked[1] else len(content) - int(asked[2])
            last = min(int(asked[2]) if asked[1] and asked[2] else last, last)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        else:
            self.send_response(200)
        part = content[first : last + 1]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        with self.told.lock:
            breaks = len(part) > SMALL and self.told.breaks > 0
            self.told.breaks -= breaks
            self.told.sent.append((self.path, len(part)))
        self.wfile.write(part[: len(part) // 2] if breaks else part)
        if breaks:
            self.wfile.flush()
            self.close_connection = True
        return None


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of clients that hang up, as those do who are refused ranges."""

    def handle_error(self, *of: Any) -> None:
        pass


@contextmanager
def serving(folder: Path, **how: Any) -> Iterator[Server]:
    """A server of a folder, while the block lasts."""
    told = Server(folder, **how)
    with Quiet(("127.0.0.1", 0), partial(Handler, told, directory=str(folder))) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
