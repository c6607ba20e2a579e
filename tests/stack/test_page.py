"""The live page in a real browser. Set PICTURES to a folder to keep a picture of every view."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from sinks.live.server import Live, serving
from tests.sinks.live.cases import NAMES, build, poland, report, sample, step
from tests.stack.browser import Chromium
from tests.stack.servers.process import free_port
from treatywatch.model import Case, Flag, Severity, Stage

WALL = datetime(2025, 8, 21, 6, 0, tzinfo=UTC)
VIEWS = (  # name, path, width, height, dark
    ("now", "/", 1440, 900, False),
    ("now-dark", "/", 1440, 900, True),
    ("now-tablet", "/", 900, 1100, False),
    ("now-phone", "/", 390, 844, True),
    ("case", "/case/PL:APMBC", 1440, 1000, False),
    ("case-dark", "/case/PL:APMBC", 1440, 1000, True),
    ("case-phone", "/case/PL:APMBC", 390, 844, False),
    ("missing", "/case/XX:NONE", 900, 700, False),
)

# Every text with a contrast below 4.5 against what is painted behind it. Colours go through a canvas, which knows every
# way to write one.
_FAINT = """(() => {
  const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    .getContext("2d", {willReadFrequently: true});
  const read = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("option, title")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(read(element.closest("svg") ? style.fill : style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${walker.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A running browser."""
    made = Chromium(chromium, tmp_path_factory.mktemp("chromium"))
    made.start()
    yield made
    made.kill()


def page(*cases: Case) -> tuple[Live, int, str]:
    """Make a page with these cases that has caught up: its state, a port and the address it will have."""
    live = Live(NAMES, lambda: WALL)
    for case in cases:
        live.take(case)
    live.catch_up()
    port = free_port()
    return live, port, f"http://127.0.0.1:{port}"


def served(live: Live, port: int) -> AbstractAsyncContextManager[int]:
    """Serve it."""
    return serving(live, "127.0.0.1", port)


@pytest.mark.parametrize(("name", "path", "width", "height", "dark"), VIEWS)
async def test_every_view_is_readable_and_quiet(
    browser: Chromium, tmp_path: Path, name: str, path: str, width: int, height: int, dark: bool
) -> None:
    """At each width and in both schemes: no sideways scrolling, enough contrast, no complaint, no foreign request."""
    live, port, url = page(*sample())
    folder = Path(os.environ.get("PICTURES", tmp_path))
    async with served(live, port), browser.tab(width, height, dark=dark) as tab:
        await tab.open(url + path)
        if name != "missing":
            await tab.until("document.getElementById('connection').textContent === 'Live'")
        await tab.picture(folder / f"{name}.png")

        assert await tab.value("document.documentElement.scrollWidth") <= width
        assert await tab.value(_FAINT) == []
        assert [text for text in tab.complaints if "404" not in text] == []
        # "data:" is the browser's own icon in a date field, and goes to nobody
        assert {request for request in tab.requests if not request.startswith((url, "about:", "data:"))} == set()
        assert (folder / f"{name}.png").stat().st_size > 10_000


async def test_list_and_case_show_the_story(browser: Chromium) -> None:
    """From the list to the case by a click: step, date of effect, marked evidence, drawn timeline."""
    live, port, url = page(*sample())
    async with served(live, port), browser.tab() as tab:
        await tab.open(url)
        assert await tab.value("document.querySelectorAll('#cases > li').length") == 8
        assert await tab.value("document.querySelectorAll('#countdown > li').length") == 5
        await tab.value("document.querySelector('#cases a').click()")
        await tab.until("location.pathname === '/case/PL:APMBC' && document.querySelector('svg.timeline')")

        assert await tab.value("document.querySelector('h1').textContent") == "Poland → Ottawa Convention"
        marked = "[...document.querySelectorAll('.report mark.m-stage')].map((mark) => mark.textContent)"
        assert "deposited its notice" in await tab.value(marked)
        label = "[...document.querySelectorAll('svg .t-label')].map((text) => text.textContent)"
        assert "takes effect" in await tab.value(label)


async def test_new_alert_appears_without_a_reload(browser: Chromium) -> None:
    """The open page shows the alert, the row on top, the countdown and the counts, and tells a screen reader."""
    live, port, url = page(*sample()[1:], poland(4))
    async with served(live, port), browser.tab() as tab:
        await tab.open(url)
        await tab.until("document.getElementById('connection').textContent === 'Live'")
        await tab.value("window.sameDocument = true")
        assert await tab.value("document.getElementById('step-approved').textContent") == "1"
        live.take(poland(5))
        await tab.until("document.querySelector('#alerts > li').textContent.includes('notice deposited')")

        assert await tab.value("document.querySelector('#alerts blockquote mark').textContent") == "Poland"
        assert await tab.value("document.querySelector('#cases > li').id") == "case-PL:APMBC"
        assert await tab.value("document.querySelectorAll('#cases > li').length") == 8
        assert await tab.value("document.querySelector('#countdown > li:last-child').id") == "countdown-PL:APMBC"
        assert await tab.value("document.getElementById('step-notified').textContent") == "5"
        assert await tab.value("document.getElementById('step-approved').closest('li').hidden") is True
        said = await tab.value("document.getElementById('announcer').textContent")
        assert said == "Poland → Ottawa Convention: notice deposited"
        assert await tab.value("window.sameDocument") is True
        assert tab.complaints == []


async def test_open_case_page_grows_with_its_case(browser: Chromium) -> None:
    """A new step shows on the timeline and in the list without a reload; another case's news changes nothing."""
    live, port, url = page(poland(4))
    async with served(live, port), browser.tab() as tab:
        await tab.open(f"{url}/case/PL:APMBC")
        await tab.until("document.getElementById('connection').textContent === 'Live'")
        await tab.value("window.sameDocument = true")
        live.take(sample()[1])
        live.take(poland(5))
        await tab.until("document.querySelector('.history h3').textContent === 'notice deposited'")

        assert await tab.value("document.querySelectorAll('.history > li').length") == 5
        assert await tab.value("window.sameDocument") is True


@pytest.mark.parametrize("same_run", [True, False], ids=["same run", "restarted"])
async def test_page_catches_up_after_the_server_was_away(browser: Chromium, same_run: bool) -> None:
    """The page says that it is cut off, comes back by itself, and shows what happened meanwhile."""
    live, port, url = page(poland(4))
    async with browser.tab() as tab:
        async with served(live, port):
            await tab.open(url)
            await tab.until("document.getElementById('connection').textContent === 'Live'")
            await tab.value("window.sameDocument = true")
        await tab.until("document.getElementById('connection').textContent.startsWith('Reconnecting')")
        if same_run:
            live.take(poland(5))
        else:
            live, _, _ = page(poland(5))
        async with served(live, port):
            await tab.until("document.querySelector('#alerts > li').textContent.includes('notice deposited')")
            await tab.until("document.getElementById('connection').textContent === 'Live'")

            assert await tab.value("document.querySelectorAll('#alerts > li').length") == 5
            assert await tab.value("window.sameDocument") is True


async def test_filtered_page_lets_a_case_go_when_it_moves_on(browser: Chromium) -> None:
    """A page of approved exits loses the case that was notified."""
    live, port, url = page(poland(4), sample()[5])
    async with served(live, port), browser.tab() as tab:
        await tab.open(f"{url}/?stage=approved")
        await tab.until("document.getElementById('connection').textContent === 'Live'")
        assert await tab.value("document.querySelectorAll('#cases > li').length") == 1
        live.take(poland(5))
        await tab.until("document.querySelectorAll('#cases > li').length === 0")

        assert await tab.value("document.getElementById('matching').textContent") == "0"
        assert await tab.value("document.getElementById('step-notified').textContent") == "1"
        assert await tab.value("getComputedStyle(document.querySelector('#cases + .empty')).display") == "block"


async def test_page_works_without_a_script(browser: Chromium) -> None:
    """List, filter form and case are plain HTML."""
    live, port, url = page(*sample())
    async with served(live, port), browser.tab() as tab:
        await tab.send("Emulation.setScriptExecutionDisabled", value=True)
        await tab.open(url)
        await tab.value("document.querySelector('select[name=actor]').value = 'FI'")
        await tab.value("document.querySelector('#filters button').click()")
        await tab.until("location.search.includes('actor=FI')")
        await tab.until("document.readyState === 'complete' && document.querySelectorAll('#cases > li').length === 1")

        assert "Up to date at 06:00 UTC" in await tab.value("document.getElementById('status').textContent")


async def test_hostile_headline_does_nothing(browser: Chromium) -> None:
    """Neither on the page nor in a live update does a headline become markup or script."""
    attack = "</script><script>window.hit=1</script><img src=x onerror='window.hit=2'>Poland quits"
    entry = step(
        "PL:~x",
        Stage.ANNOUNCED,
        date(2025, 8, 1),
        report("<img src=x onerror=window.hit=3>", '"><b>', attack, "act:quits"),
        severity=Severity.URGENT,
    )
    evil = build("PL:~x", entry, treaty_text="<script>window.hit=4</script>", flags=(Flag.ILLUSTRATIVE,))
    live, port, url = page(evil)
    async with served(live, port), browser.tab() as tab:
        for path in ("/", "/case/PL:~x"):
            await tab.open(url + path)
            await tab.until("document.getElementById('connection').textContent === 'Live'")
            live.take(msgspec.structs.replace(evil, revision=evil.revision + 1 + (path != "/")))
            await asyncio.sleep(0.3)  # let an attack do its worst

            assert await tab.value("window.hit") is None
            assert await tab.value("document.querySelectorAll('main script, main img, main b b').length") == 0
            assert attack in await tab.value("document.querySelector('blockquote').textContent")
        assert tab.complaints == []


async def test_keyboard_reaches_the_content_first(browser: Chromium) -> None:
    """The first stop of the tabulator skips the frame."""
    live, port, url = page(*sample())
    async with served(live, port), browser.tab() as tab:
        await tab.open(url)
        for kind in ("rawKeyDown", "keyUp"):
            await tab.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)

        assert await tab.value("document.activeElement.getAttribute('href')") == "#main"


async def test_contrast_check_finds_a_faint_text(browser: Chromium) -> None:
    """The near miss of the views above: the measure itself works."""
    live, port, url = page(*sample())
    async with served(live, port), browser.tab() as tab:
        await tab.open(url)
        await tab.value("document.querySelector('footer p').style.color = '#aab'")

        assert [text.partition(":")[0] for text in await tab.value(_FAINT)] == ["treatywatch reads public news "]
