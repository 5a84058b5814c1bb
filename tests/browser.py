"""The site in a real browser: `make test-browser` runs it, the suite does not.

Chromium comes from the system's packages (`apt-get install chromium`), under one of NAMES or at $CHROMIUM.
"""

from __future__ import annotations

import base64
import functools
import http.server
import io
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make test-browser does")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: make test-browser does"
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTHS, THEMES = (390, 700, 1280), ("light", "dark")
PLAYED = {"neural-collapse": "ts-neural-collapse", "grokking": "richness/grokking"}
LIGHTEST = 1_500_000  # bytes that the gallery may load before anything plays
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built by the command; $SITE names one that is built already."""
    if os.environ.get("SITE"):
        return Path(os.environ["SITE"]).resolve()
    out = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "cli", "site", "--out", out, "-q"], check=True)
    return out


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where it is served, two folders down: no page may know where it lies."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix("/any/folder")) if path.startswith("/any/folder/") else "/-"

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a page that is left breaks off what it loads
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/any/folder"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: install Chromium, which is looked for as {', '.join(NAMES)} and in $CHROMIUM")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


class Visit:
    """A page in a window of its own: what it asked for, what it weighs, what it complained of."""

    def __init__(self, browser: Any, **looks: Any) -> None:
        looks.setdefault("viewport", {"width": looks.pop("width", 1280), "height": 900})
        self.context = browser.new_context(**{"reduced_motion": "reduce", **looks})
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.weight = 0
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", self._weigh)
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _weigh(self, response: Any) -> None:
        self.weight += int(response.headers.get("content-length", 0))

    def close(self) -> None:
        self.context.close()

    def frame(self, number: int) -> None:
        """Wait until the player shows this frame."""
        self.page.wait_for_function(f"document.querySelector('.player').dataset.frame === '{number}'")

    def scrub(self, number: int) -> None:
        move = "(k) => { const s = document.querySelector('.controls input'); s.max = Math.max(s.max, k); s.value = k; "
        self.page.evaluate(f"{move} s.dispatchEvent(new Event('input')); }}", number)
        self.frame(number)

    def canvas(self) -> np.ndarray:
        data = self.page.evaluate("document.querySelector('.player canvas').toDataURL()")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))).convert("RGB"))


def pages(site: Path) -> list[str]:
    return sorted(str(path.relative_to(site)) for path in [*site.glob("*.html"), *site.glob("scenes/*.html")])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_says_no_error_and_stays_in_its_folder(
    browser: Any, site: Path, address: str, width: int, theme: str
) -> None:
    visit = Visit(browser, width=width, color_scheme=theme)
    for page in pages(site):
        visit.page.goto(f"{address}/{page}", wait_until="load")
        over = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, (page, width, over)
    assert not visit.complaints
    outside = [url for url in visit.asked if not url.startswith(address) and not url.startswith("data:")]
    assert not outside
    visit.close()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(browser: Any, site: Path, address: str, theme: str) -> None:
    visit, found = Visit(browser, color_scheme=theme), []
    for page in pages(site):
        visit.page.goto(f"{address}/{page}")
        for broken in axe.Axe().run(visit.page).response["violations"]:
            if broken["impact"] in SERIOUS:
                found.append((page, broken["id"], broken["nodes"][0]["html"][:200]))
    visit.close()
    assert not found


@pytest.mark.parametrize("decoder", ["the browser's", "the site's"])
@pytest.mark.parametrize("name", PLAYED)
def test_the_canvas_shows_the_very_frame(browser: Any, site: Path, address: str, name: str, decoder: str) -> None:
    visit = Visit(browser)
    if decoder == "the site's":
        visit.page.add_init_script("delete globalThis.ImageDecoder")
    visit.page.goto(f"{address}/scenes/{name}.html")
    with Image.open(site / "pictures" / f"{PLAYED[name]}.gif") as film:
        last = film.n_frames - 1  # type: ignore[attr-defined]
        for frame in (0, 5, 40, 17, last, 3):
            visit.scrub(frame)
            film.seek(frame)
            np.testing.assert_array_equal(visit.canvas(), np.asarray(film.convert("RGB")))
    assert any("modern-gif.js" in url for url in visit.asked) == (decoder == "the site's")
    assert not visit.complaints
    visit.close()


def test_a_film_plays_pauses_and_says_its_state(browser: Any, address: str) -> None:
    visit = Visit(browser, reduced_motion="no-preference")
    visit.page.goto(f"{address}/scenes/neural-collapse.html")
    visit.page.wait_for_function("Number(document.querySelector('.player').dataset.frame) >= 3")
    visit.page.get_by_role("button", name="Pause").click()
    frame = visit.page.evaluate("document.querySelector('.player').dataset.frame")
    visit.page.wait_for_timeout(500)
    now = visit.page.evaluate("document.querySelector('.player').dataset.frame")
    assert int(now) - int(frame) <= 1  # one that was being drawn
    second = visit.page.locator(".states li").nth(1)
    second.get_by_role("button").click()
    visit.frame(int(second.get_attribute("data-frame")))
    assert visit.page.locator(".sentence").inner_text() == second.get_attribute("data-sentence")
    assert "now" in second.get_attribute("class")
    visit.page.locator("[aria-label=Speed]").select_option("2")
    visit.page.get_by_role("button", name="Play", exact=True).click()
    visit.page.wait_for_function(
        "Number(document.querySelector('.player').dataset.frame) !== " + second.get_attribute("data-frame")
    )
    visit.close()


def test_the_keyboard_alone_is_enough(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.page.goto(f"{address}/scenes/rank-collapse.html")
    press = visit.page.keyboard.press
    press("ArrowRight")
    visit.frame(1)
    press("ArrowRight")
    visit.frame(2)
    press("ArrowLeft")
    visit.frame(1)
    press("End")
    visit.frame(int(visit.page.locator(".controls input").get_attribute("max")))
    press("Home")
    visit.frame(0)
    press(" ")
    visit.page.wait_for_function("Number(document.querySelector('.player').dataset.frame) >= 1")
    press(" ")
    assert visit.page.locator("[data-do=play]").get_attribute("aria-label") == "Play"
    visit.page.goto(f"{address}/index.html")
    reached = set()
    for _ in range(12):
        press("Tab")
        reached.add(visit.page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Skip to the content", "Ledger", "Dark"} <= reached
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    visit.close()


def test_who_wants_no_motion_sees_three_moments_and_nothing_plays(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.page.goto(f"{address}/index.html")
    card = visit.page.locator(".card").first
    card.hover()
    visit.page.wait_for_timeout(300)
    assert visit.page.locator(".moving").count() == 0
    shown = card.locator("img").first.evaluate("image => image.currentSrc")
    assert shown.endswith(("-card.webp", "-steps.webp"))
    assert "column-card" not in shown
    visit.page.goto(f"{address}/scenes/grokking.html")
    visit.page.wait_for_timeout(300)
    assert visit.page.locator(".player canvas").is_hidden()
    assert not [url for url in visit.asked if url.endswith(".gif")]
    visit.close()


def test_cards_play_one_at_a_time_and_the_gallery_is_light(browser: Any, address: str) -> None:
    visit = Visit(browser, reduced_motion="no-preference")
    visit.page.goto(f"{address}/index.html", wait_until="networkidle")
    before = visit.weight
    assert before < LIGHTEST
    assert not [url for url in visit.asked if url.endswith(".gif")]
    cards = visit.page.locator(".card")
    cards.nth(0).hover()
    visit.page.wait_for_selector(".card:nth-child(1) .moving")
    cards.nth(1).hover()
    visit.page.wait_for_selector(".card:nth-child(2) .moving")
    assert visit.page.locator(".moving").count() == 1
    visit.page.wait_for_load_state("networkidle")
    print(f"gallery: {before / 1000:,.0f} kB before, {visit.weight / 1000:,.0f} kB after two films")
    visit.page.get_by_role("button", name="Motion").click()
    assert visit.page.locator(".moving").count() == 0
    cards.nth(2).hover()
    visit.page.wait_for_timeout(200)
    assert visit.page.locator(".moving").count() == 0
    visit.close()


def test_the_theme_follows_the_reader_and_can_be_switched(browser: Any, address: str) -> None:
    visit = Visit(browser, color_scheme="dark")
    visit.page.goto(f"{address}/scenes/grokking.html")
    shown = "document.querySelector('picture.scripted img').currentSrc"
    assert visit.page.evaluate(shown).endswith("grokking-dark-preview.png")
    visit.page.locator("#theme").click()
    visit.page.wait_for_function(f"{shown}.endsWith('grokking-preview.png')")
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(251, 250, 247)"
    visit.page.goto(f"{address}/index.html")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    visit.close()
    narrow = Visit(browser, width=390)
    narrow.page.goto(f"{address}/scenes/grokking.html")
    assert narrow.page.evaluate(shown).endswith("grokking-column-preview.png")
    narrow.close()


def test_the_ledger_shows_one_verdict_alone(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.page.goto(f"{address}/ledger.html")
    rows = visit.page.locator("[aria-label=claims] tbody tr:visible")
    whole = rows.count()
    choice = visit.page.get_by_role("button", name="does not hold")
    choice.click()
    assert rows.count() == int(choice.inner_text().split()[0]) < whole
    choice.click()
    assert rows.count() == whole
    visit.close()


def test_settings_write_the_command(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.page.goto(f"{address}/scenes/neural-collapse.html")
    visit.page.get_by_text("Change its settings").click()
    visit.page.locator("#set-seed").fill("7")
    visit.page.locator("#set-classes").fill("4")
    said = visit.page.locator(".settings code").inner_text()
    assert said == "render scene --name neural-collapse --seed 7 --set classes=4"
    visit.page.locator("#set-spread").fill("-1")
    assert visit.page.locator("#set-spread").get_attribute("aria-invalid") == "true"
    assert visit.page.locator("#set-classes").get_attribute("aria-invalid") == "false"
    visit.close()


def test_from_a_disk_it_shows_and_says_everything(browser: Any, site: Path) -> None:
    visit = Visit(browser)
    visit.page.goto((site / "scenes" / "neural-collapse.html").as_uri())
    loaded = "document.querySelector('picture.scripted img').naturalWidth"
    visit.page.wait_for_function(f"{loaded} > 0")
    visit.page.get_by_role("button", name="Play", exact=True).click()
    visit.page.wait_for_function("document.querySelector('picture.scripted img').src.endsWith('.gif')")
    assert visit.page.locator(".states li").count() == 3
    assert visit.page.locator("h2", has_text="What theory says").is_visible()
    visit.page.get_by_role("button", name="Pause").click()
    visit.page.wait_for_function("document.querySelector('picture.scripted img').src.endsWith('-preview.png')")
    visit.close()


def test_without_scripts_the_picture_itself_is_there(browser: Any, address: str) -> None:
    visit = Visit(browser, java_script_enabled=False, reduced_motion="no-preference")
    visit.page.goto(f"{address}/scenes/neural-collapse.html")
    assert visit.page.locator("noscript img, .screen img").first.is_visible()
    assert any(url.endswith("ts-neural-collapse.gif") for url in visit.asked)
    assert visit.page.locator("picture.scripted").is_hidden()
    assert visit.page.locator(".controls").is_hidden()
    visit.close()
