"""How the poller asks: what it reads, how many at once, how far apart, and where a redirect may lead meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from producers import turn
from producers.addresses import Admission
from producers.entries import Parsed, Unparsable
from producers.fetch import Answer, Ask, Failed, Fault, Fetcher
from producers.poll import AT_ONCE, Fetches, Poller
from producers.state import State
from producers.turn import Turn
from tests.producers.feed_server import Clock, FeedServer, rss
from tests.producers.here import Here
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Counting(Here):
    """Counts what it reads."""

    def __init__(self) -> None:
        self.read = 0

    async def parse(
        self, body: bytes, url: str, content_type: str, language: str = "", page: bool = False
    ) -> Parsed | Unparsable:
        """Read a body."""
        self.read += 1
        return await super().parse(body, url, content_type, language, page)


class Sites:
    """Answers every address with what `bodies` has for it; notes when, and how many requests there were at once."""

    def __init__(self, bodies: Sequence[str], seconds: float = 0) -> None:
        self.bodies, self.seconds = list(bodies), seconds
        self.begun: list[float] = []
        self.under_way = self.most = 0

    async def fetch(self, ask: Ask) -> Answer | Failed:
        self.begun.append(time.monotonic())
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.seconds)
        self.under_way -= 1
        return Answer(ask.url, self.bodies.pop(0).encode(), "text/xml")


def feeds(*hosts: str) -> list[Feed]:
    return [Feed(id=f"f{n}", url=f"https://{host}/{n}", outlet="Illustrative") for n, host in enumerate(hosts)]


def poller(
    rows: Sequence[Feed], folder: Path, fetcher: Fetches, clock: Clock, parser: Here | None = None, spacing: float = 0
) -> Poller:
    state = State(folder)

    def commit(one: Turn) -> None:
        state.commit(one.state, one.seen, [], clock())

    return Poller(
        rows, state, fetcher, parser or Here(), Produce(), clock, commit, lambda *_: None,
        spacing=spacing, allow_private=True,
    )  # fmt: skip


async def test_body_equal_to_the_last_is_not_read_again(tmp_path: Path) -> None:
    """A server without validators costs a hash; another body is read."""
    one, two = rss(("1", "One", "x")), rss(("2", "Two", "y"))
    parser, (feed,) = Counting(), feeds("news.example.org")
    watched = poller([feed], tmp_path, Sites([one, one, one, two]), Clock(NOW), parser)
    outcomes = [(await watched.poll(feed, asyncio.Semaphore(1))).outcome for _ in range(4)]

    assert outcomes == ["items", "unchanged", "unchanged", "items"]
    assert parser.read == 2


async def test_requests_under_way_are_limited_in_all(tmp_path: Path) -> None:
    """However many sites are due at once, and all are asked."""
    rows = feeds(*(f"site{n}.example{n}.org" for n in range(2 * AT_ONCE)))
    sites = Sites([rss(("1", "One", "x"))] * len(rows), seconds=0.01)
    watched, at_once = poller(rows, tmp_path, sites, Clock(NOW)), asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(watched.poll(feed, at_once) for feed in rows))

    assert sites.most == AT_ONCE
    assert len(sites.begun) == len(rows)


@pytest.mark.parametrize(
    ("hosts", "apart"), [(("a.example.org", "b.example.org"), True), (("a.example.org", "b.example.com"), False)]
)
async def test_requests_to_one_site_are_spaced(tmp_path: Path, hosts: Sequence[str], apart: bool) -> None:
    """Two hosts of one registrable domain wait for each other; two sites do not."""
    rows, sites = feeds(*hosts), Sites([rss(("1", "One", "x"))] * 2)
    watched = poller(rows, tmp_path, sites, Clock(NOW), spacing=0.3)
    await asyncio.gather(*(watched.poll(feed, asyncio.Semaphore(2)) for feed in rows))

    assert (sites.begun[1] - sites.begun[0] >= 0.3) is apart


async def test_redirect_to_a_site_that_rests_is_not_followed_until_it_has(tmp_path: Path) -> None:
    """The site redirected to asked for it, so the one that redirects is asked on; and nobody counts as failing."""
    clock = Clock(NOW)
    async with FeedServer() as origin, FeedServer() as busy:
        busy.says("/x", status=429, headers={"Retry-After": "3600"})
        for path in ("/1", "/2"):
            origin.says(path, status=302, headers={"Location": busy.url("/x")})
        origin.says("/3", rss(("1", "One", "x")))
        rows = [Feed(id=f"f{n}", url=origin.url(f"/{n}"), outlet="Illustrative") for n in (1, 2, 3)]
        admission = Admission.of([*(feed.url for feed in rows), busy.url("/x")], allow_private=True)

        async def each(folder: Path) -> list[Turn]:
            async with Fetcher(Produce(), admission, clock) as fetcher:
                watched = poller(rows, folder, fetcher, clock)
                return [await watched.poll(feed, asyncio.Semaphore(1)) for feed in rows]

        first = await each(tmp_path)
        clock.go(minutes=30)
        second = await each(tmp_path)  # after a restart
        asked = len(busy.asked)
        busy.says("/x", rss(("2", "Two", "y")))
        clock.go(minutes=31)
        third = await each(tmp_path)

    assert [one.outcome for one in first] == [Fault.TOO_MANY_REQUESTS, turn.HELD, "items"]
    assert (first[1].state.failures, first[1].state.hold_until) == (0, LATER)
    assert [one.outcome for one in second] == [turn.HELD, turn.HELD, "unchanged"]
    assert asked == 1
    assert [one.outcome for one in third] == ["items", "items", "unchanged"]
