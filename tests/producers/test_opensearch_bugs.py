"""Three faults of the `rss` source of OpenSearch Data Prepper, which ours must not have.

It publishes the whole feed again at each poll, keeps everything it has read in memory, and one error ends its polling
for ever.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from producers import turn
from producers.fetch import Answer, Ask
from producers.poll import READER_ERROR, Poller
from producers.publish import outgoing
from producers.state import State
from producers.turn import Turn
from tests.producers.fake_broker import FakeBroker
from tests.producers.feed_server import Clock, FeedServer, rss
from tests.producers.here import Here
from tests.producers.live import Live
from treatywatch.feeds import Feed
from treatywatch.settings import Produce, Settings


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.mark.parametrize("headers", [{}, {"ETag": '"1"'}], ids=["without validators", "with an ETag that is ignored"])
async def test_feed_is_not_published_again_at_each_poll(
    server: FeedServer, tmp_path: Path, headers: dict[str, str]
) -> None:
    """Ten polls of one feed of which one byte changes each time, and two items in the end."""
    broker = FakeBroker()
    live = Live(server, tmp_path, broker, "/a")

    def ten() -> bool:
        server.says("/a", rss(("2", "Two", "y"), ("1", "One", "x")) + " " * len(server.asked), headers=headers)
        return len(server.asked) > 10

    server.says("/a", rss(("1", "One", "x")), headers=headers)
    await live.until(ten)

    assert sorted(item.title for item in broker.items()) == ["One", "Two"]


class Ticker:
    """A feed that shows the latest 20 of an endless row of items, one of them new at each poll."""

    def __init__(self) -> None:
        self.polls = 0

    async def fetch(self, ask: Ask) -> Answer:
        self.polls += 1
        shown = ((str(n), f"Number {n}", "text " * 40) for n in range(self.polls, self.polls - 20, -1))
        return Answer(ask.url, rss(*shown).encode(), "application/rss+xml")


async def test_memory_does_not_grow_with_polls(tmp_path: Path) -> None:
    """What was read lies on disk: 60 polls after the first 30 leave less than 100 kB behind."""
    clock, ticker, state = Clock(datetime(2025, 6, 18, tzinfo=UTC)), Ticker(), State(tmp_path)
    feed = Feed(id="ticker", url="https://news.example.org/feed", outlet="Illustrative")

    def commit(done: Turn) -> None:
        state.commit(done.state, done.seen, [outgoing(item) for item in done.items], clock())

    poller = Poller([feed], state, ticker, Here(), Produce(), clock, commit, lambda feed, done: None, spacing=0)

    async def held_after(polls: int) -> int:
        while ticker.polls < polls:
            await poller.poll(feed, asyncio.Semaphore(1))
            clock.go(minutes=5)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    await held_after(5)
    tracemalloc.start()
    before = await held_after(30)
    after = await held_after(90)
    tracemalloc.stop()
    waiting = state.waiting()
    state.close()

    assert waiting == 90 + 19
    assert after - before < 100_000


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def stops_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"<rss>")
    assert request.transport is not None
    request.transport.close()
    return response


async def never_answers(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3)
    return web.Response()


def once(status: int = 200, body: bytes = b"", **headers: str) -> web.Response:
    return web.Response(status=status, body=body, headers={name.replace("_", "-"): v for name, v in headers.items()})


ERRORS = {
    "hangs up": hangs_up,
    "stops in the middle": stops_in_the_middle,
    "never answers": never_answers,
    "a server error": lambda: once(503),
    "not found": lambda: once(404),
    "too many requests": lambda: once(429, Retry_After="0"),
    "a page": lambda: once(200, b"<html>Down for maintenance</html>"),
    "half a feed": lambda: once(200, rss(("1", "One", "x")).encode()[:60]),
    "nothing": lambda: once(200),
    "broken gzip": lambda: once(200, b"\x1f\x8bnothing", Content_Encoding="gzip"),
    "a redirect to nowhere": lambda: once(302, Location="http://127.0.0.1:9/"),
    "a redirect in a circle": lambda: once(302, Location="/a"),
    "an unasked 304": lambda: once(304),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
async def test_one_error_does_not_stop_the_polling(server: FeedServer, tmp_path: Path, error: object) -> None:
    """Whatever goes wrong once, the feed is polled again and what it shows then is published."""
    broker = FakeBroker()
    live = Live(server, tmp_path, broker, "/a")
    live.settings = Settings(produce=Produce(timeout_seconds=1))

    async def first(request: web.Request) -> web.StreamResponse:
        if len(server.asked) > 3:
            server.says("/a", rss(("1", "One", "x")))
        if asyncio.iscoroutinefunction(error):
            response = await error(request)
            assert isinstance(response, web.StreamResponse)
            return response
        assert callable(error)
        response = error()
        assert isinstance(response, web.StreamResponse)
        return response

    server.answers["/a"] = first
    await live.until(lambda: len(broker.items()) > 0)

    assert [item.title for item in broker.items()] == ["One"]


async def test_mistake_of_our_own_does_not_stop_the_polling(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that our code stumbles over is the failure of its feed, and the other feed does not notice."""
    broker = FakeBroker()
    live = Live(server, tmp_path, broker, "/a", "/b")
    server.says("/a", rss(("1", "Stumble", "x")))
    server.says("/b", rss(("1", "Other", "x")))
    truly = turn.succeeded

    def stumbling(feed: Feed, *rest: object) -> Turn:
        if feed.id == "a" and live.value("treatywatch_feed_fetches_total", feed="a", outcome=READER_ERROR) < 2:
            raise ZeroDivisionError("ours")
        return truly(feed, *rest)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(turn, "succeeded", stumbling)
    await live.until(lambda: len(broker.items()) == 2)

    assert sorted(item.title for item in broker.items()) == ["Other", "Stumble"]
    assert live.value("treatywatch_feed_fetches_total", feed="a", outcome=READER_ERROR) == 2
