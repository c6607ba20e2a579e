"""A site that asks for a rest is left alone by all its feeds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from producers import turn
from producers.fetch import Answer, Ask, Failed, Fault
from producers.memory import FeedState
from producers.poll import Poller
from producers.schedule import Limits
from producers.site_hold import hold_after, remembered_holds
from producers.state import State
from producers.turn import Turn
from tests.producers.feed_server import Clock, rss
from tests.producers.here import Here
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=1)
BOUNDS = Limits(900, 3600)


def failed(fault: Fault, until: datetime | None) -> Turn:
    state = FeedState(feed="a", url="https://news.example.org/a")
    return turn.failed(state, BOUNDS, NOW, Failed(fault, "because", until))


@pytest.mark.parametrize("fault", [Fault.TOO_MANY_REQUESTS, Fault.SERVER_ERROR])
def test_site_that_says_when_to_come_again_is_held(fault: Fault) -> None:
    """The longer of two holds counts."""
    assert hold_after(None, failed(fault, SOON)) == SOON
    assert hold_after(LATER, failed(fault, SOON)) == LATER
    assert hold_after(SOON, failed(fault, LATER)) == LATER


@pytest.mark.parametrize(
    "done",
    [
        failed(Fault.TOO_MANY_REQUESTS, None),
        failed(Fault.CLIENT_ERROR, LATER),
        failed(Fault.GONE, LATER),
        failed(Fault.TIMEOUT, None),
    ],
)
def test_failure_of_one_feed_holds_no_other(done: Turn) -> None:
    """A 404 with a Retry-After, or a 429 without one, says nothing about the site."""
    assert hold_after(None, done) is None
    assert hold_after(SOON, done) == SOON


def test_hold_is_found_again_after_a_restart() -> None:
    """It is in the state of the feed that was told; one that has run is forgotten."""
    told = failed(Fault.TOO_MANY_REQUESTS, LATER).state
    over = msgspec.structs.replace(told, feed="b", url="https://other.example.com/", hold_until=NOW)
    own = msgspec.structs.replace(told, feed="c", url="https://third.example.net/", failure="client_error: x")

    def site(url: str) -> str:
        return url.split("/")[2]

    assert remembered_holds([told, over, own], site, NOW) == {"news.example.org": LATER}
    assert remembered_holds([told], site, LATER) == {}


class Site:
    """Answers by script; `asked` holds the addresses in order."""

    def __init__(self, clock: Clock, busy: str, until: datetime) -> None:
        self.clock, self.busy, self.until = clock, busy, until
        self.asked: list[str] = []

    async def fetch(self, ask: Ask) -> Answer | Failed:
        self.asked.append(ask.url)
        if ask.url == self.busy and self.clock() < self.until:
            return Failed(Fault.TOO_MANY_REQUESTS, "busy", self.until)
        return Answer(ask.url, rss(("1", "One", "x")).encode(), "text/xml")


FEEDS = [
    Feed(id="busy", url="https://www.example.org/busy", outlet="Illustrative"),
    Feed(id="sister", url="https://feeds.example.org/sister", outlet="Illustrative"),
    Feed(id="other", url="https://www.example.com/other", outlet="Illustrative"),
]


async def polled(state: State, site: Site, clock: Clock) -> dict[str, Turn]:
    """Poll each feed once, in order."""
    done: dict[str, Turn] = {}

    def commit(one: Turn) -> None:
        state.commit(one.state, one.seen, [], clock())

    def report(feed: Feed, one: Turn) -> None:
        done[feed.id] = one

    poller = Poller(FEEDS, state, site, Here(), Produce(), clock, commit, report, spacing=0)
    for feed in FEEDS:
        await poller.poll(feed, asyncio.Semaphore(1))
    return done


async def test_feeds_of_a_busy_site_are_not_asked_until_it_has_rested(tmp_path: Path) -> None:
    """Nor after a restart; feeds of other sites are, and nobody counts as failing for it."""
    clock, state = Clock(NOW), State(tmp_path)
    site = Site(clock, FEEDS[0].url, LATER)
    first = await polled(state, site, clock)
    clock.go(minutes=30)
    second = await polled(state, site, clock)
    clock.go(minutes=31)
    third = await polled(state, site, clock)
    state.close()

    assert site.asked == [
        FEEDS[0].url, FEEDS[2].url,
        FEEDS[2].url,
        FEEDS[0].url, FEEDS[1].url, FEEDS[2].url,
    ]  # fmt: skip
    assert (first["sister"].outcome, first["sister"].state.failures) == (turn.HELD, 0)
    assert first["sister"].state.due is not None
    assert LATER <= first["sister"].state.due <= LATER + timedelta(minutes=1)
    assert second["busy"].outcome == turn.HELD
    assert [one.outcome for one in third.values()] == ["items", "items", "unchanged"]
