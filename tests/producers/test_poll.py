"""The poller on its loop, against a real local server and a fake broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from producers.state import State
from tests.producers.fake_broker import FakeBroker
from tests.producers.feed_server import FeedServer, rss
from tests.producers.live import Live
from treatywatch.account import Outcome


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


async def test_new_items_go_from_feed_to_broker_while_it_runs(server: FeedServer, tmp_path: Path) -> None:
    """Polled again and again, each item is published once, an edit as its next revision."""
    broker = FakeBroker()
    live = Live(server, tmp_path, broker, "/a", "/b")
    server.says("/a", rss(("1", "One", "x")))
    server.says("/b", rss(("1", "Other", "x")))

    def next_step() -> bool:
        if len(broker.items()) == 2:
            server.says("/a", rss(("2", "Two", "y"), ("1", "One, corrected", "x")))
        return len(broker.items()) == 4 and len(server.asked) > 12

    await live.until(next_step)

    assert sorted((item.title, item.revision) for item in broker.items()) == [
        ("One", 1),
        ("One, corrected", 2),
        ("Other", 1),
        ("Two", 1),
    ]
    assert all(item.illustrative and not item.backfill for item in broker.items())
    assert live.account is not None
    assert live.account.total(Outcome.PASSED) == 4
    assert live.value("treatywatch_items_published_total") == 4
    assert live.value("treatywatch_feed_fetches_total", feed="a", outcome="items") == 2


async def test_failing_feed_does_not_hold_up_the_others(server: FeedServer, tmp_path: Path) -> None:
    """One is broken, one hangs, one is polled on."""
    broker = FakeBroker()
    live = Live(server, tmp_path, broker, "/broken", "/hangs", "/good")
    live.feeds[0] = live.feeds[0].model_copy(update={"url": "http://127.0.0.1:9/broken"})
    live.feeds[1] = live.feeds[1].model_copy(update={"url": server.url("/hangs").replace("127.0.0.1", "localhost")})
    over = asyncio.Event()

    async def hang(request: Any) -> Any:
        await over.wait()

    server.answers["/hangs"] = hang
    server.says("/good", rss(("1", "One", "x")))

    await live.until(lambda: sum(path == "/good" for path, _ in server.asked) >= 3)
    over.set()

    assert [item.title for item in broker.items()] == ["One"]
    assert live.value("treatywatch_feed_fetches_total", feed="broken", outcome="unreachable") >= 1


async def test_restart_repeats_nothing_and_asks_conditionally(server: FeedServer, tmp_path: Path) -> None:
    """State survives; the broker is the same one."""
    broker = FakeBroker()
    server.says("/a", rss(("1", "One", "x")), headers={"ETag": '"1"'})
    await Live(server, tmp_path, broker, "/a").until(lambda: len(broker.items()) == 1)
    asked = len(server.asked)
    await Live(server, tmp_path, broker, "/a").until(lambda: len(server.asked) > asked + 1)

    assert len(broker.items()) == 1
    assert server.headers("If-None-Match")[asked:] == ['"1"'] * (len(server.asked) - asked)


async def test_time_of_the_last_success_survives_a_restart(server: FeedServer, tmp_path: Path) -> None:
    """Or a feed that fails from then on would never count as stale; one that was never read has no such time."""
    server.says("/a", rss(("1", "One", "x")))
    first = Live(server, tmp_path, FakeBroker(), "/a")
    await first.until(lambda: len(first.broker.items()) == 1)
    read = first.value("treatywatch_feed_last_success_timestamp_seconds", feed="a")
    for path in ("/a", "/b"):
        server.says(path, status=503)
    again, asked = Live(server, tmp_path, FakeBroker(), "/a", "/b"), len(server.asked)

    await again.until(lambda: {path for path, _ in server.asked[asked:]} == {"/a", "/b"})

    assert read > 0
    assert again.value("treatywatch_feed_last_success_timestamp_seconds", feed="a") == pytest.approx(read, abs=1)
    assert again.value("treatywatch_feed_poll_interval_seconds", feed="a") == pytest.approx(0.06)
    assert again.value("treatywatch_feed_last_success_timestamp_seconds", feed="b") == 0


async def test_fresh_broker_is_fed_again_before_anything_else(server: FeedServer, tmp_path: Path) -> None:
    """What the embedded broker forgot comes from the outbox, not from the feed, which may have dropped it."""
    server.says("/a", rss(("1", "One", "x")))
    first = FakeBroker()
    await Live(server, tmp_path, first, "/a").until(lambda: len(first.items()) == 1)
    (tmp_path / "account" / "run").unlink()  # as whoever starts a fresh broker does
    server.says("/a", rss(("2", "Two", "y")))
    second = FakeBroker()
    await Live(server, tmp_path, second, "/a").until(lambda: len(second.items()) == 2)

    assert [item.title for item in second.items()] == ["One", "Two"]


async def test_broker_away_keeps_polling_and_loses_nothing(server: FeedServer, tmp_path: Path) -> None:
    """The outbox fills meanwhile."""
    broker = FakeBroker(away=1)
    server.says("/a", rss(("1", "One", "x")))
    live = Live(server, tmp_path, broker, "/a")
    await live.until(lambda: len(broker.items()) == 1)
    state = State(tmp_path)

    assert len(server.asked) > 1
    assert state.waiting() == 0
    state.close()
