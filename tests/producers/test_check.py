"""Probing feeds: what is found at an address, and how politely it is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from producers.check import Checked, Finding, check_feeds, judge
from producers.entries import FeedEntry, Parsed, Unparsable
from producers.fetch import Answer, Failed, Fault
from tests.producers.feed_server import Clock, FeedServer, rss
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = Feed(id="one", url="https://news.example.org/feed", outlet="Illustrative")
ANSWER = Answer(FEED.url, b"x")
ENTRIES = Parsed((FeedEntry("One", published=NOW), FeedEntry("Two"), FeedEntry("Three", published=NOW + timedelta(1))))


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "read", "finding"),
    [
        (ANSWER, ENTRIES, Finding.ALIVE),
        (ANSWER, Parsed(()), Finding.ALIVE),
        (Answer(FEED.url, b"x", moved="https://new.example.org/feed"), ENTRIES, Finding.MOVED),
        (
            Answer(FEED.url, b"x", moved="https://new.example.org/"),
            Unparsable("not_a_feed", "HTML"),
            Finding.NOT_A_FEED,
        ),
        (ANSWER, Unparsable("all_bad", "none"), Finding.NOT_A_FEED),
        (Failed(Fault.CLIENT_ERROR, "403", status=403), None, Finding.BLOCKED),
        (Failed(Fault.TOO_MANY_REQUESTS, "429", status=429), None, Finding.BLOCKED),
        (Failed(Fault.REFUSED_ADDRESS, "10.0.0.1"), None, Finding.BLOCKED),
        (Failed(Fault.CLIENT_ERROR, "404", status=404), None, Finding.DEAD),
        (Failed(Fault.GONE, "410", status=410), None, Finding.DEAD),
        (Failed(Fault.SERVER_ERROR, "500", status=500), None, Finding.DEAD),
        (Failed(Fault.UNREACHABLE, "no such name"), None, Finding.DEAD),
        (Failed(Fault.TIMEOUT, "slow"), None, Finding.DEAD),
    ],
)
def test_what_is_found_is_said(answer: Answer | Failed, read: Parsed | Unparsable | None, finding: Finding) -> None:
    """One word for each; a page that a moved feed leads to is no feed."""
    assert judge(FEED, answer, read).finding is finding


def test_entries_are_counted_and_the_newest_is_dated() -> None:
    """Entries without a date count too."""
    found = judge(FEED, ANSWER, ENTRIES)

    assert (found.entries, found.newest, found.detail) == (3, NOW + timedelta(1), "")


async def check(feeds: list[Feed], spacing: float = 0.0, **options: Any) -> dict[str, Checked]:
    """Probe feeds of the local server."""
    heard: list[Checked] = []
    found = await check_feeds(
        feeds, Produce(timeout_seconds=5), Clock(NOW), heard.append, allow_private=True, spacing=spacing, **options
    )
    assert [one.feed for one in found] == feeds
    assert sorted(one.feed.id for one in heard) == sorted(feed.id for feed in feeds)
    return {one.feed.id: one for one in found}


def feeds_of(server: FeedServer, *paths: str) -> list[Feed]:
    return [Feed(id=path.strip("/"), url=server.url(path), outlet="Illustrative") for path in paths]


async def test_each_feed_is_asked_once_and_told_apart(server: FeedServer) -> None:
    """Alive, moved with its target, dead, blocked, a page; in the order of the list."""
    server.says("/alive", rss(("1", "One", "x"), ("2", "Two", "y")))
    server.says("/old", status=301, headers={"Location": "/alive"})
    server.says("/gone", status=410)
    server.says("/closed", status=403)
    server.says("/page", "<html>Welcome</html>")
    found = await check(feeds_of(server, "/alive", "/old", "/gone", "/closed", "/page"))

    assert {name: one.finding for name, one in found.items()} == {
        "alive": Finding.ALIVE,
        "old": Finding.MOVED,
        "gone": Finding.DEAD,
        "closed": Finding.BLOCKED,
        "page": Finding.NOT_A_FEED,
    }
    assert (found["alive"].entries, found["alive"].newest) == (2, datetime(2025, 6, 18, 10, tzinfo=UTC))
    assert found["old"].moved == server.url("/alive")
    assert [path for path, _ in server.asked] == ["/alive", "/old", "/alive", "/gone", "/closed", "/page"]


async def test_site_gets_one_request_at_a_time_and_sites_do_not_wait_for_each_other(server: FeedServer) -> None:
    """A site that hangs holds up its own feeds only."""
    over = asyncio.Event()

    async def hang(request: Any) -> Any:
        await over.wait()
        return await server.answers["/free"](request)

    server.answers["/hangs"] = hang
    server.says("/waits", rss())
    server.says("/free", rss(("1", "One", "x")))
    feeds = feeds_of(server, "/hangs", "/waits", "/free")
    feeds[2] = feeds[2].model_copy(update={"url": feeds[2].url.replace("127.0.0.1", "localhost")})
    running = asyncio.create_task(check(feeds))
    while not {"/hangs", "/free"} <= {path for path, _ in server.asked}:
        await server.next_request()
    asked = [path for path, _ in server.asked]
    over.set()
    found = await running

    assert "/waits" not in asked
    assert all(one.finding is Finding.ALIVE for one in found.values())


async def test_site_that_asks_for_a_rest_gets_it(server: FeedServer) -> None:
    """Its other feeds are not asked, nor is one that asked the producer before."""
    server.says("/busy", status=429, headers={"Retry-After": "600"})
    server.says("/sister", rss())
    found = await check(feeds_of(server, "/busy", "/sister"))
    held = await check(feeds_of(server, "/sister"), holds={"sister": NOW + timedelta(minutes=1)})
    rested = await check(feeds_of(server, "/sister"), holds={"sister": NOW - timedelta(minutes=1)})

    assert (found["sister"].finding, held["sister"].finding) == (Finding.BLOCKED, Finding.BLOCKED)
    assert rested["sister"].finding is Finding.ALIVE
    assert [path for path, _ in server.asked] == ["/busy", "/sister"]


async def test_requests_of_a_check_to_one_site_are_spaced(server: FeedServer) -> None:
    """As those of a poll are."""
    begun: list[float] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        begun.append(time.monotonic())
        return web.Response(text=rss(("1", "One", "x")))

    server.answers["/a"] = server.answers["/b"] = answer
    rows = [Feed(id=path, url=server.url(f"/{path}"), outlet="Illustrative") for path in ("a", "b")]
    await check_feeds(rows, Produce(), Clock(), lambda one: None, allow_private=True, spacing=0.3)

    assert begun[1] - begun[0] >= 0.3
