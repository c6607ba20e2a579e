"""What a poll costs: an unchanged body against reading it, and our reading against feedparser as it comes.

Our reading is measured as a poll pays it: with the way to the worker process and back, the CPU time of both processes.
"""

from __future__ import annotations

import asyncio
import calendar
import gc
import io
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import msgspec
import pytest
from feedparser.api import PREFERRED_XML_PARSERS

from producers import turn
from producers.entries import FeedEntry, Parsed
from producers.fetch import Answer
from producers.parse import parse
from producers.parse_pool import ParsePool
from producers.schedule import Limits
from tests.bench.feed_bodies import FULL_ATOM, FULL_RSS, PLAIN, SUMMARIES
from tests.bench.page import Figure
from tests.bench.ratio import ROUNDS, SLACK, Measured, take_turns
from tests.producers.feedparser_suite import text_of
from treatywatch.feeds import Feed

URL = "https://desk.example/feed"
KIND = "application/xml"
FEED = Feed(id="desk", url=URL, outlet="Illustrative")
NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
BOUNDS = Limits(900, 3600)
UNCHANGED_GOAL = 100


@pytest.mark.parametrize(("name", "body"), [("summaries", SUMMARIES), ("full texts", FULL_RSS)])
def test_unchanged_body_costs_a_hundredth_of_reading_it(
    name: str, body: bytes, figure: Callable[[Figure], None]
) -> None:
    """The server sent it all again; its hash says that there is nothing new, and the state comes out the same."""
    answer = Answer(URL, body, KIND)
    parsed = _in_process(body)
    new = turn.begin(FEED, None)
    first = turn.succeeded(FEED, new, BOUNDS, NOW, answer, turn.read(new, turn.body_hash(answer), parsed), {}, {})
    known, twins = {seen.id: seen for seen in first.seen}, {seen.twin: seen.id for seen in first.seen if seen.twin}

    def again(entries: Parsed | None) -> turn.Turn:
        read = turn.read(first.state, turn.body_hash(answer), entries)
        return turn.succeeded(FEED, first.state, BOUNDS, NOW, answer, read, known, twins)

    # Duplicates are counted where entries are; that is all that reading would add.
    assert again(None).state == msgspec.structs.replace(again(parsed).state, duplicates=0)
    assert again(None).items == again(parsed).items == ()

    measured = take_turns(lambda: _in_process(body), lambda: [turn.body_hash(answer) for _ in range(100)])
    found = 100 * measured.speed
    figure(Figure(f"an unchanged body, {name}", "reading it", f"{found:,.0f} × cheaper", f"≥ {UNCHANGED_GOAL}"))
    assert found >= UNCHANGED_GOAL * SLACK


@pytest.mark.skipif(sys.platform != "linux", reason="the CPU time of another process is read from /proc")
@pytest.mark.parametrize(
    ("name", "body", "goal"),
    [
        ("RSS, 50 plain summaries", PLAIN, 1.2),
        ("RSS, 50 summaries in HTML", SUMMARIES, 1.8),
        ("RSS, 25 full texts", FULL_RSS, 3.0),
        ("Atom, 25 full texts", FULL_ATOM, 3.0),
    ],
)
async def test_reading_is_faster_than_feedparser_by_default(
    name: str, body: bytes, goal: float, figure: Callable[[Figure], None]
) -> None:
    """Though the text is taken out of its markup too, and a process lies in between; entry by entry the same."""
    async with ParsePool(30.0, 500_000_000, workers=1) as pool:
        read = await pool.parse(body, URL, KIND)
        assert isinstance(read, Parsed)
        assert _as_read(read.entries) == _as_read(_default(body))

        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(await _cpu(lambda: asyncio.sleep(0, _default(body))))
            ours.append(await _cpu(lambda: pool.parse(body, URL, KIND)))
    measured = Measured(min(theirs), min(ours))
    figure(Figure(f"reading a feed: {name}", "feedparser by default", f"{measured.speed:.1f} ×", f"≥ {goal}"))
    assert measured.speed >= goal * SLACK


async def _cpu(work: Callable[[], Any]) -> float:
    """Return the CPU seconds that this process and its workers take for five times a piece of work."""
    gc.collect()
    before = time.process_time() + _workers()
    for _ in range(5):
        await work()
    return time.process_time() + _workers() - before


def _workers() -> float:
    """CPU seconds of the parse workers, to the nanosecond (all of a worker's work is on its first thread)."""
    children = Path("/proc/thread-self/children").read_text(encoding="ascii").split()
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) for pid in children) / 1e9


def _in_process(body: bytes) -> Parsed:
    read = parse(body, URL, KIND)
    assert isinstance(read, Parsed)
    return read


def _default(body: bytes) -> tuple[FeedEntry, ...]:
    """Read a feed with feedparser as it comes, without the driver we gave it, and name its fields as we do."""
    headers = {"content-location": URL, "content-type": KIND}
    ours = PREFERRED_XML_PARSERS.pop(0)
    try:
        return tuple(_entry(raw) for raw in feedparser.parse(io.BytesIO(body), response_headers=headers).entries)
    finally:
        PREFERRED_XML_PARSERS.insert(0, ours)


def _entry(raw: Any) -> FeedEntry:
    content = (raw.get("content") or [{"value": "", "type": ""}])[0]
    return FeedEntry(
        title=raw.title,
        summary=raw.get("summary") or content["value"],
        guid=raw.id,
        link=raw.link,
        published=datetime.fromtimestamp(calendar.timegm(raw.published_parsed), UTC),
    )


def _as_read(entries: tuple[FeedEntry, ...]) -> list[tuple[object, ...]]:
    """What must be equal: of feedparser's, the text in its markup."""
    return [
        (e.guid, e.link, e.published, text_of(e.title, "text/html"), text_of(e.summary, "text/html")) for e in entries
    ]
