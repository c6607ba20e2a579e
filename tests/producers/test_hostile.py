"""Hostile feeds beside a good one: whatever they do, it is the failure of nobody else, and costs what it may."""

from __future__ import annotations

import gzip
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import pytest

from tests.producers import hostile_bodies as bodies
from tests.producers.fake_broker import FakeBroker
from tests.producers.feed_server import FeedServer, rss
from tests.producers.hostile_server import Attack, HostileServer, drip, each_time, endlessly, says
from tests.producers.live import Live
from treatywatch.account import Outcome
from treatywatch.feeds import Feed
from treatywatch.model import Item
from treatywatch.settings import Produce, Settings

LIMITS = Produce(timeout_seconds=2, max_body_bytes=5_000_000, parse_seconds=2, parse_memory_bytes=150_000_000)
XML = "Content-Type: application/rss+xml"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def redirect(target: str) -> Attack:
    return says(b"", f"Location: {target}", status="302 Found")


def bomb() -> io.BytesIO:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        for _ in range(200):
            file.write(bytes(1_000_000))
    return packed


@dataclass(frozen=True)
class Case:
    """An attack, and what may come of it: an outcome of the fetch, or titles of items."""

    attack: Attack
    outcome: str
    titles: tuple[str, ...] = field(default=())


FILE = "/etc/hostname"
CASES = {
    "a body that is the path of a file": Case(says(FILE.encode(), XML), "not_a_feed"),
    "billion laughs": Case(says(bodies.BILLION_LAUGHS, XML), "items", ("&l9;",)),
    "an entity of two megabytes, 20,000 times": Case(says(bodies.QUADRATIC_ENTITY, XML), "items"),
    "an external entity of a file": Case(
        says(bodies.external_entity(f"file://{FILE}"), XML), "items", ("before after",)
    ),
    "an external entity of an address": Case(
        says(bodies.external_entity("http://127.0.0.1:9/"), XML), "items", ("before after",)
    ),
    "a gzip bomb": Case(says(bomb().getvalue(), XML, "Content-Encoding: gzip"), "too_large"),
    "a brotli bomb": Case(
        says(brotli.compress(bytes(100_000_000), quality=1), XML, "Content-Encoding: br"), "too_large"
    ),
    "a slow drip of the body": Case(drip(OK + b"\r\n<rss>", b" ", 0.05), "timeout"),
    "a slow drip of the headers": Case(drip(OK + b"X-A: ", b"a", 0.05), "timeout"),
    "silence": Case(drip(b"", b"", 0.05), "timeout"),
    "a header without an end": Case(endlessly(OK + b"X-A: ", b"a" * 10_000), "bad_response"),
    "headers without an end": Case(endlessly(OK, b"X-A: a\r\n" * 1_000), "bad_response"),
    "interim answers without an end": Case(endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "timeout"),
    "trailers without an end": Case(
        endlessly(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-A: a\r\n" * 1_000), "bad_response"
    ),
    "a body without an end": Case(endlessly(OK + b"\r\n", b"<rss>" * 20_000), "too_large"),
    "a failure with a body without an end": Case(
        endlessly(b"HTTP/1.1 503 Busy\r\n\r\n", b"<html>" * 20_000), "server_error"
    ),
    "a body of 100 MB": Case(says(b"<rss>" * 20_000_000, XML), "too_large"),
    "a body of 100 MB without its length": Case(says(b"<rss>" * 20_000_000, XML, length=False), "too_large"),
    "no HTTP": Case(says(b"", status="SSH-2.0"), "bad_response"),
    "endless redirects": Case(redirect("/hostile?again"), "redirects"),
    "a redirect to a metadata address": Case(redirect("http://169.254.169.254/latest/meta-data/"), "refused_address"),
    "a page instead of a feed": Case(says(bodies.PAGE, "Content-Type: text/html"), "not_a_feed"),
    "a million entries": Case(says(bodies.MILLION_ENTRIES, XML), "too_large"),
    "as many entries as fit": Case(says(bodies.MANY_ENTRIES, XML), "too_heavy"),
    "elements nested a million deep": Case(says(bodies.NESTED, XML), "too_heavy"),
    "JSON nested two million deep": Case(says(bodies.DEEP_JSON, XML), "malformed"),
    "JSON with a million items": Case(says(bodies.WIDE_JSON, XML), "all_bad"),
    "an entry of 50 MB": Case(says(bodies.LARGE_ENTRY, XML), "too_large"),
    "markup nested 100,000 deep": Case(says(bodies.NESTED_MARKUP, XML), "items", ("Deep",)),
    "control characters": Case(says(bodies.CONTROLS, XML), "items", ("a b c d e f g…h\ufffei",)),
    "references to characters that are none": Case(
        says(bodies.CONTROL_REFERENCES, XML), "items", ("a b c\ufffdd\ufffde\ufffdf\ufffeg\ufffdh\ufffdi\ufffdj",)
    ),
    **{
        f"a charset: {name}": Case(says(body, XML), "items", titles) for name, (body, titles) in bodies.CHARSETS.items()
    },
}


@pytest.fixture
async def good() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def hostile() -> AsyncIterator[HostileServer]:
    async with HostileServer() as running:
        yield running


class Beside:
    """A hostile feed and a good one, which has something new at each request, under one producer."""

    def __init__(self, good: FeedServer, hostile: HostileServer, folder: Path, attack: Attack) -> None:
        self.good, self.hostile, self.broker = good, hostile, FakeBroker()
        hostile.attacks["/hostile"] = hostile.attacks["/hostile?again"] = attack
        self.live = Live(good, folder, self.broker, "/good")
        self.live.feeds.append(
            Feed(id="hostile", url=hostile.url("/hostile"), outlet="Hostile", illustrative=True, interval_seconds=0.06)
        )
        self.live.settings = Settings(produce=LIMITS)
        self.told = 0
        self._say()

    def _say(self) -> None:
        self.told += 1
        shown = range(self.told, max(0, self.told - 5), -1)
        self.good.says("/good", rss(*((str(n), f"Good {n}", "x") for n in shown)))

    def items(self, feed: str) -> list[Item]:
        return [item for item in self.broker.items() if item.feed == feed]

    async def until_seen(self, outcome: str, times: int = 1, more: int = 2) -> None:
        """Poll until the hostile feed has had its outcome so often, and the good one has brought some more since."""
        left = more

        def enough() -> bool:
            nonlocal left
            self._say()
            if self.live.value("treatywatch_feed_fetches_total", feed="hostile", outcome=outcome) >= times:
                left -= 1
            return left < 0

        await self.live.until(enough, seconds=60)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_hostile_feed_fails_alone(good: FeedServer, hostile: HostileServer, tmp_path: Path, case: Case) -> None:
    """It has its outcome, the good feed beside it is polled on and loses nothing, and everything is accounted for."""
    beside = Beside(good, hostile, tmp_path, case.attack)
    await beside.until_seen(case.outcome)
    read = sorted(int(item.title.removeprefix("Good ")) for item in beside.items("good"))

    assert read == list(range(read[0], read[-1] + 1))
    assert len(read) >= 2
    if case.titles:
        assert tuple(item.title for item in beside.items("hostile")) == case.titles
    assert hostile.sent < 30_000_000 * max(1, sum(hostile.asked.values()))
    account = beside.live.account
    assert account is not None
    assert account.total(Outcome.PASSED) == len(beside.broker.items())


def dated(day: int) -> bytes:
    entry = "<item><guid>/articles/1</guid><title>One</title><pubDate>{:02d} Jun 2025 10:00:00 GMT</pubDate></item>"
    return bodies.HEAD + entry.format(1 + day % 28).encode() + bodies.TAIL


def with_new_guids(number: int) -> bytes:
    entry = "<item><guid>tag:{0}:{1}</guid><title>Title {1}</title><link>/articles/{1}?utm_source={0}</link></item>"
    return bodies.HEAD + "".join(entry.format(number, n) for n in range(20)).encode() + bodies.TAIL


@pytest.mark.parametrize(("body", "entries"), [(dated, 1), (with_new_guids, 20)], ids=["dates", "guids"])
async def test_feed_that_changes_what_is_not_its_news_brings_each_item_once(
    good: FeedServer, hostile: HostileServer, tmp_path: Path, body: object, entries: int
) -> None:
    """New dates at each poll, or new guids and trackers: the articles are the same."""
    assert callable(body)
    beside = Beside(good, hostile, tmp_path, each_time(body))
    await beside.until_seen("unchanged", times=4)

    assert len(beside.items("hostile")) == entries
    assert {item.revision for item in beside.items("hostile")} == {1}
