"""The pages of new items: read where wanted and allowed, behind the item, never before it. Illustrative texts."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from producers import fulltext
from producers.entries import Parsed, Unparsable
from producers.fulltext import check_installed, enriched, wants
from producers.pages import RESERVED, SiteRules, read_page, read_tdmrep
from producers.run import produce_feeds
from producers.state import Outgoing, State
from tests.producers.fake_broker import FakeBroker
from tests.producers.feed_server import FeedServer, rss
from treatywatch.errors import ConfigError
from treatywatch.feeds import Feed
from treatywatch.metrics import Metrics
from treatywatch.model import Item
from treatywatch.settings import Produce, Settings

PARAGRAPHS = [
    f"In its paragraph {n} the illustrative article tells at some length how parliament voted." for n in range(8)
]
URL = "https://news.example.org/articles/1"


def article(head: str = "") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    menu = "<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav>"
    return f"<html><head><title>T</title>{head}</head><body>{menu}<article><h1>T</h1>{text}</article></body></html>"


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    """A site with a feed of one article, and no rules of its own."""
    async with FeedServer() as running:
        running.says("/feed", rss(("1", "Vote in parliament", "Short.")))
        running.says("/articles/1", article(), headers={"Content-Type": "text/html"})
        running.says("/robots.txt", status=404)
        running.says("/.well-known/tdmrep.json", status=404)
        yield running


class Run:
    """A producer at work on the site's feed, until something holds."""

    def __init__(self, server: FeedServer, folder: Path, *, full_text: bool = True) -> None:
        self.server, self.folder, self.broker, self.metrics = server, folder, FakeBroker(), Metrics()
        self.feed = Feed(
            id="f", url=server.url("/feed"), outlet="Illustrative", interval_seconds=0.06, full_text=full_text
        )

    async def until(self, outcome: str | None, requests: int = 0) -> list[Item]:
        """Run until a page had this outcome, or so many requests were made; returns the items in their order."""
        stop = threading.Event()
        running = asyncio.create_task(
            asyncio.to_thread(
                produce_feeds, Settings(), [self.feed], self.folder, stop, metrics=self.metrics, alert=True,
                allow_private=True, connect=self.broker.connect,
            )
        )  # fmt: skip
        try:
            async with asyncio.timeout(30):
                while not (self.count(outcome) if outcome else len(self.server.asked) >= requests):
                    await self.server.next_request()
        finally:
            stop.set()
            await running
        return self.broker.items()

    def count(self, outcome: str) -> float:
        return self.metrics.registry.get_sample_value("treatywatch_pages_total", {"outcome": outcome}) or 0.0

    def asked(self) -> list[str]:
        return [path for path, _ in self.server.asked]


async def test_text_of_a_page_follows_its_item_as_the_next_revision(server: FeedServer, tmp_path: Path) -> None:
    """The item itself is out first; later polls, which show the feed's own text, find nothing edited."""
    run = Run(server, tmp_path)
    await run.until("read")
    first, second = await run.until(None, requests=len(server.asked) + 4)

    assert (first.revision, first.summary) == (1, "Short.")
    assert (second.id, second.revision) == (first.id, 2)
    assert second.summary.startswith("Short. ")
    assert PARAGRAPHS[-1] in second.summary
    assert "Sport" not in second.summary
    assert second.previous is not None
    assert second.previous.summary == "Short."
    assert run.asked().count("/articles/1") == 1


async def test_page_is_not_asked_for_unless_wanted(server: FeedServer, tmp_path: Path) -> None:
    """The default: neither the page nor the rules of its site."""
    run = Run(server, tmp_path, full_text=False)
    items = await run.until(None, requests=5)

    assert len(items) == 1
    assert set(run.asked()) == {"/feed"}


@pytest.mark.parametrize("place", ["robots", "tdmrep", "header", "meta", "closed"])
async def test_publisher_who_objects_is_heeded(server: FeedServer, tmp_path: Path, place: str) -> None:
    """In robots.txt, in each of the three places of the TDM Reservation Protocol, or by rules that cannot be had."""
    if place == "robots":
        server.says("/robots.txt", "User-agent: *\nDisallow: /articles/")
    elif place == "tdmrep":
        server.says("/.well-known/tdmrep.json", json.dumps([{"location": "/articles/*", "tdm-reservation": 1}]))
    elif place == "header":
        server.says("/articles/1", article(), headers={"Content-Type": "text/html", "tdm-reservation": "1"})
    elif place == "meta":
        server.says("/articles/1", article('<meta name="tdm-reservation" content="1">'))
    else:
        server.says("/robots.txt", status=503)
    run = Run(server, tmp_path)
    items = await run.until("forbidden")

    assert [item.revision for item in items] == [1]
    assert ("/articles/1" in run.asked()) == (place in ("header", "meta"))


async def test_page_that_cannot_be_had_costs_nothing(server: FeedServer, tmp_path: Path) -> None:
    """The item is there; the page is left."""

    async def slam(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    server.answers["/articles/1"] = slam
    items = await Run(server, tmp_path).until("unreachable")

    assert [item.revision for item in items] == [1]


def test_rules_forbid_what_they_name_and_nothing_else() -> None:
    """Near misses beside each."""
    robots = SiteRules(robots="User-agent: treatywatch\nDisallow: /private\n\nUser-agent: *\nDisallow:")

    assert robots.objection("https://news.example.org/private/1") is not None
    assert robots.objection(URL) is None
    assert SiteRules(reserved=("/a*",)).objection(URL) is not None
    assert SiteRules(reserved=("/b*",)).objection(URL) is None
    assert SiteRules(closed=True).objection(URL) is not None
    assert read_tdmrep(b'[{"location": "/a", "tdm-reservation": 0}, {"location": "/b", "tdm-reservation": 1}]') == (
        "/b",
    )
    assert read_tdmrep(b"<html>not found</html>") == ("*",)  # not to be understood is no permission


def test_text_is_added_once_and_cut() -> None:
    """A page that says no more than the feed makes no revision."""
    item = Item(id="1", title="T", summary="Short.", url=URL)
    after = enriched(item, "Long " * 1_000, 300)

    assert after is not None
    assert len(after.summary) <= 310
    assert enriched(item, "Short.", 300) is None
    assert enriched(item, "", 300) is None


def test_revision_is_not_written_over_a_later_one(tmp_path: Path) -> None:
    """The feed was edited while the page was read."""
    state = State(tmp_path)
    try:
        assert not state.amend("1", 2, [Outgoing("t", "1", b"x")])
        assert state.waiting() == 0
    finally:
        state.close()


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<html></html>", b"<" * 100_000, b"<div>" * 20_000])
def test_page_without_a_text_gives_none(body: bytes) -> None:
    """Whatever it holds."""
    read = read_page(body, URL)

    assert isinstance(read, Parsed | Unparsable)


def test_page_that_reserves_itself_is_not_read() -> None:
    """In any spelling of the tag; a near miss says that it does not."""
    for tag in ('<META NAME="TDM-Reservation" CONTENT="1"/>', "<meta content=1 name=tdm-reservation>"):
        read = read_page(article(tag).encode(), URL)
        assert isinstance(read, Unparsable)
        assert read.reason == RESERVED
    assert isinstance(read_page(article('<meta name="tdm-reservation" content="0">').encode(), URL), Parsed)


def test_row_of_a_feed_beats_the_setting() -> None:
    """Both ways."""

    def feed(full_text: bool | None) -> Feed:
        return Feed(id="f", url=URL, outlet="Illustrative", full_text=full_text)

    assert not wants(Produce(), feed(None))
    assert wants(Produce(), feed(True))
    assert not wants(Produce(full_text=True), feed(False))


def test_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, not with the first page."""
    monkeypatch.setattr(fulltext, "find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r"pip install 'treatywatch\[fulltext\]'"):
        check_installed()
