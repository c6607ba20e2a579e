"""What hostile feeds cost: memory of every process, and disk."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from producers import flood
from producers.entries import FeedEntry, Parsed
from producers.fetch import Answer, Ask
from producers.poll import Poller
from producers.publish import outgoing
from producers.state import FILE, State
from producers.turn import Turn
from tests.producers import hostile_bodies as bodies
from tests.producers.feed_server import Clock, FeedServer, rss
from tests.producers.hostile_server import HostileServer, endlessly, says
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

XML = "Content-Type: application/rss+xml"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
LARGE = {
    "/100": says(b"<rss>" * 20_000_000, XML, length=False),
    "/gzip": says(gzip.compress(bytes(300_000_000), 9, mtime=0), XML, "Content-Encoding: gzip"),
    "/br": says(bytes(brotli.compress(bytes(300_000_000), quality=1)), XML, "Content-Encoding: br"),
    "/entry": says(bodies.LARGE_ENTRY, XML),
    "/million": says(bodies.MILLION_ENTRIES, XML),
    "/nested": says(bodies.NESTED, XML),
    "/many": says(bodies.MANY_ENTRIES, XML),
    "/endless": endlessly(OK + b"\r\n", b"<rss>" * 20_000),
    "/headers": endlessly(OK, b"X-A: a\r\n" * 1_000),
}


@pytest.fixture
async def hostile() -> AsyncIterator[HostileServer]:
    async with HostileServer() as running:
        yield running


@pytest.fixture
async def good() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        running.says("/good", rss(*((str(n), f"Good {n}", "x") for n in range(20))))
        yield running


async def cost(folder: Path, *urls: str) -> dict[str, object]:
    """Poll feeds in a fresh process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.producers.hostile_memory", str(folder), *urls, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    said = json.loads(out)
    assert isinstance(said, dict)
    return said


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_memory_is_bounded_whatever_is_sent(good: FeedServer, hostile: HostileServer, tmp_path: Path) -> None:
    """Bodies of 100 MB and bombs of 300 MB at once: a few bodies of the limit here, the memory limit in the workers."""
    hostile.attacks.update(LARGE)
    alone = await cost(tmp_path / "alone", good.url("/good"))
    beside = await cost(tmp_path / "beside", good.url("/good"), *map(hostile.url, LARGE))

    assert isinstance(alone["own"], int)
    assert isinstance(beside["own"], int)
    assert isinstance(beside["workers"], int)
    assert beside["lines"] == alone["lines"] == 20
    assert beside["own"] - alone["own"] < 80_000_000
    assert beside["workers"] < beside["own"] + 200_000_000
    failures = {str(feed): reason for feed, reason in beside["failures"]}  # type: ignore[attr-defined]  # from JSON
    assert set(failures) == {f"feed{n}" for n in range(1, len(LARGE) + 1)}
    assert set(failures.values()) == {"too_large", "too_heavy", "bad_response"}


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob(f"{FILE}*"))


class Churn:
    """A feed in which everything is new at every poll, of the most text that is kept."""

    def __init__(self) -> None:
        self.polls = 0

    async def fetch(self, ask: Ask) -> Answer:
        self.polls += 1
        return Answer(ask.url, str(self.polls).encode())

    async def parse(self, body: bytes, url: str, content_type: str, language: str = "", page: bool = False) -> Parsed:
        number = body.decode()
        return Parsed(tuple(FeedEntry(f"{number} {n}", "x" * 1_000, f"{number}:{n}") for n in range(500)))


async def test_disk_is_bounded_whatever_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day's limit nothing more is written, and the next day begins with the newest."""
    monkeypatch.setattr(flood, "MAX_ITEMS", 1_000)
    clock, churn, state = Clock(datetime(2025, 6, 18, 1, tzinfo=UTC)), Churn(), State(tmp_path)
    published: list[int] = []

    def commit(done: Turn) -> None:
        published.append(len(done.items))
        state.commit(done.state, done.seen, [outgoing(item) for item in done.items], clock())

    feed = Feed(id="churn", url="https://news.example.org/feed", outlet="Hostile")
    poller = Poller([feed], state, churn, churn, Produce(), clock, commit, lambda feed, done: None, spacing=0)
    sizes = []
    for _ in range(8):
        await poller.poll(feed, asyncio.Semaphore(1))
        clock.go(hours=1)
        sizes.append(size(tmp_path))
    clock.go(days=1)
    await poller.poll(feed, asyncio.Semaphore(1))
    state.close()

    assert published == [500, 500, 0, 0, 0, 0, 0, 0, 500]
    assert sizes[-1] < sizes[1] * 1.1
