"""The page of an audit: whole in one file, and nothing in it that a file says is markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from render.audit import numbers
from render.audit.files.snapshots import open_snapshot
from render.audit.report import audit as report
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save

Audit = Callable[..., Ended]
HOSTILE = "<script>alert('x')</script>\"&amp;"


class Read(HTMLParser):
    """Tags of a page that are open and closed in order, its pictures, headings and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.tags.append(tag)
        self.links += [value or "" for name, value in found.items() if name in ("src", "href", "srcset")]
        if tag == "img":
            self.images.append(found)
        if tag not in ("img", "source", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def audit_values() -> dict[str, float]:
    return report(open_snapshot(Path("a.npz"))).values


def test_a_snapshot_is_one_page_that_loads_nothing(audit: Audit) -> None:
    save(Path("a.npz"), **clusters(200, 6, 3))
    ended = audit("a.npz", "--html", "a.html")
    assert ended.code == 0
    assert "a.html" in ended.out
    page = Read(Path("a.html").read_text(encoding="utf-8"))
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert "script" not in page.tags
    (image,) = page.images
    assert image["alt"].startswith("Audit of a, 200 rows: ")
    assert (image["width"], image["height"]) == ("1100", "760")
    for name in ("nc1", "participation_ratio", "within_between_ratio"):
        assert name in page.text
    told = [number for number in numbers.NUMBERS if number.name in audit_values()]
    assert all(f"{number.name}\n{number.definition}" in page.text for number in told)
    assert Path("a.html").stat().st_size < 1_000_000


def test_of_a_run_it_has_the_animation_and_a_still_for_who_wants_no_motion(audit: Audit) -> None:
    Path("run").mkdir()
    for step in range(3):
        save(Path("run") / f"step-{step}.npz", **clusters(100, 5, 3, spread=1 / (1 + step)))
    assert audit("run", "--html", "run.html", "-q").code == 0
    page = Read(Path("run.html").read_text(encoding="utf-8"))
    assert page.images[0]["src"].startswith("data:image/gif;base64,")
    assert "prefers-reduced-motion" in Path("run.html").read_text(encoding="utf-8")


def test_names_in_a_file_are_never_markup(audit: Audit) -> None:
    data = clusters(60, 4, 2)
    labels = np.array([HOSTILE, "b"])[data["labels"]]
    save(Path("a.npz"), features=data["features"], labels=labels, **{"<b>bold</b>": np.ones(3)})
    assert audit("a.npz", "--html", "a.html", "-q", "--no-picture").code == 0
    text = Path("a.html").read_text(encoding="utf-8")
    page = Read(text)
    assert {"script", "b"}.isdisjoint(page.tags)
    assert HOSTILE not in text
    assert "<b>bold</b>" in page.text
    assert page.images == []


def test_layers_and_a_comparison_are_on_it(audit: Audit) -> None:
    data = clusters(120, 6, 3)
    layers = {"layer/one": data["features"] + 3, "layer/two": data["features"]}
    save(Path("a.npz"), labels=data["labels"], **layers)
    save(Path("b.npz"), labels=data["labels"], features=data["features"] * 2)
    assert audit("a.npz", "--html", "a.html", "-q", "--no-picture").code == 0
    assert "by depth: " in Read(Path("a.html").read_text(encoding="utf-8")).text
    save(Path("c.npz"), labels=data["labels"], features=data["features"])
    assert audit("c.npz", "--against", "b.npz", "--html", "c.html", "-q", "--no-picture").code == 0
    assert re.search(r"cka +1", Read(Path("c.html").read_text(encoding="utf-8")).text)


@pytest.mark.parametrize(("place", "says"), [("folder", "is a folder"), ("a.npz/page.html", "a.npz is a file")])
def test_a_place_that_cannot_be_is_said_before_anything_is_read(audit: Audit, place: str, says: str) -> None:
    Path("folder").mkdir()
    save(Path("a.npz"), **clusters(60, 4, 2))
    require_line(audit("a.npz", "--html", place), says)
    assert not Path("out").exists()
