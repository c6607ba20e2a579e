"""How feeds stand: sorted by trouble, counted, written for the live page, and told as metrics."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from producers.entries import FeedEntry, Parsed
from producers.fetch import Answer, Failed, Fault
from producers.health import health, keep_told
from producers.memory import FeedState
from producers.poll import reporter
from producers.schedule import Limits
from producers.turn import Read, Turn, begin, failed, succeeded
from treatywatch.feed_health import FeedsHealth, read_health
from treatywatch.feeds import Feed
from treatywatch.metrics import Metrics

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
BOUNDS = Limits(900, 3600)


def feed(id: str, **more: bool) -> Feed:
    return Feed(id=id, url=f"https://{id}.example.org/feed", outlet=id.title(), **more)


def state(id: str, **values: object) -> FeedState:
    return msgspec.structs.replace(FeedState(feed=id, url=feed(id).url), **values)


def polled(before: FeedState, *titles: str, known: int = 0, body: bytes = b"x" * 100) -> Turn:
    """A poll that found entries; the first `known` of them were there before."""
    from producers.identity import judge, name

    named = name(before.feed, tuple(FeedEntry(title, guid=title) for title in titles))
    memory = {one.id: judge(one, {}, {})[1] for one in named[:known]}
    read = Read("hash", Parsed(tuple(one.entry for one in named)), named)
    answer = Answer(before.url, body)
    return succeeded(feed(before.feed), before, BOUNDS, NOW, answer, read, memory, {})


def test_feed_that_needs_a_person_comes_first() -> None:
    """Gone, failing for good, failing for now, on hold, never read, well, switched off."""
    states = {
        "well": state("well", last_success=NOW),
        "gone": state("gone", gone=True, failures=1, failure="gone: 410"),
        "slow": state("slow", failures=9, failure="timeout: slow"),
        "dead": state("dead", failures=2, failure="client_error: 404"),
        "held": state("held", hold_until=NOW + timedelta(hours=1)),
    }
    feeds = [feed("well"), feed("off", enabled=False), feed("new"), feed("slow"), feed("held"), feed("dead")]

    told = health([*feeds, feed("gone")], states, NOW).feeds

    assert [one.id for one in told] == ["gone", "dead", "slow", "held", "new", "well", "off"]
    assert [one.failure_class for one in told[:3]] == ["hard", "hard", "temporary"]


def test_items_duplicates_and_bytes_are_counted_for_ever() -> None:
    """Also by a poll that brought nothing; a failure counts nothing."""
    first = polled(begin(feed("a"), None), "one", "two")
    second = polled(first.state, "one", "two", "three", known=2, body=b"x" * 150)
    third = failed(second.state, BOUNDS, NOW, Failed(Fault.TIMEOUT, "slow"))

    assert (first.state.items, first.state.duplicates, first.state.bytes) == (2, 0, 100)
    assert (second.state.items, second.state.duplicates, second.state.bytes) == (3, 2, 250)
    assert (third.state.items, third.state.duplicates, third.state.bytes) == (3, 2, 250)


def test_metrics_tell_the_same_with_labels_that_are_bounded() -> None:
    """Feed ids of the feeds file, and three classes."""
    metrics = Metrics()
    report = reporter(metrics)
    first = polled(begin(feed("a"), None), "one", "two")
    report(feed("a"), first)
    report(feed("a"), failed(first.state, BOUNDS, NOW, Failed(Fault.TIMEOUT, "slow")))

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"treatywatch_feed_{name}", {"feed": "a", **labels})

    assert (value("items_total"), value("duplicates_total"), value("bytes_total")) == (2, 0, 100)
    assert value("last_item_timestamp_seconds") == NOW.timestamp()
    kinds = {kind: value("failures", **{"class": kind}) for kind in ("hard", "soft", "temporary")}
    assert kinds == {"hard": 0, "soft": 0, "temporary": 1}
    report(feed("a"), polled(first.state, "one", known=1))
    assert value("failures", **{"class": "temporary"}) == 0


async def test_file_is_written_at_once_and_again_at_the_end(tmp_path: Path) -> None:
    """So that the page knows of a producer that has just started, and of its last word."""
    stop, words = asyncio.Event(), [health([feed("a")], {}, NOW), health([feed("b")], {}, NOW)]
    wrote = asyncio.Event()
    loop = asyncio.get_running_loop()

    def current() -> FeedsHealth:
        loop.call_soon_threadsafe(wrote.set)
        return words.pop(0)

    task = asyncio.create_task(keep_told(tmp_path, current, stop))
    await wrote.wait()
    stop.set()
    await task

    written = read_health(tmp_path)
    assert written is not None
    assert [one.id for one in written.feeds] == ["b"]
    assert words == []


async def test_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """A full disk is told in the log."""
    stop = asyncio.Event()
    stop.set()

    await keep_told(tmp_path / "none", lambda: health([], {}, NOW), stop)

    assert read_health(tmp_path / "none") is None
