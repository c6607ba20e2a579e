"""The page Feeds, from what a producer wrote to what a reader sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from sinks.live.feeds_page import feeds_page
from sinks.live.server import Live, build_app
from tests.sinks.live.cases import NAMES
from treatywatch.feed_health import FILE, FeedHealth, FeedsHealth, read_health, write_health

WALL = datetime(2025, 8, 20, 15, 0, tzinfo=UTC)
HEALTH = FeedsHealth(
    at=WALL,
    feeds=(
        FeedHealth(
            id="broken", outlet="Example Wire (illustrative)", stands="failing", failure_class="hard", failures=7,
            failure="client_error: <script>alert(1)</script> answers 404", last_success=WALL - timedelta(days=2),
        ),
        FeedHealth(
            id="good", outlet="Example Post (illustrative)", stands="ok", last_success=WALL, last_item=WALL,
            interval_seconds=900, items=1234, duplicates=56_789, bytes=7_800_000, hub="https://hub.example.org/",
        ),
    ),
)  # fmt: skip


def page(health: FeedsHealth | None) -> str:
    return str(feeds_page(health, Live(NAMES, lambda: WALL).frame()))


def test_every_feed_is_a_row_in_the_order_given() -> None:
    """Trouble first: with its class, how often in a row, and what the server said, escaped."""
    html = page(HEALTH)

    assert html.index('id="feed-broken"') < html.index('id="feed-good"')
    assert "failing (hard, 7 in a row)" in html
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    for shown in ("15 min", "1,234", "56,789", "7.8 MB", "WebSub hub https://hub.example.org/", "1 failing, 1 ok"):
        assert shown in html


def test_health_of_a_producer_that_stopped_is_said_to_be_old() -> None:
    """A page that shows yesterday's health as today's would lie; a near miss is a minute old."""
    old = FeedsHealth(at=WALL - timedelta(minutes=10), feeds=HEALTH.feeds)
    recent = FeedsHealth(at=WALL - timedelta(minutes=1), feeds=HEALTH.feeds)

    assert "the producer has not written since" in page(old)
    assert "the producer has not written since" not in page(recent)


def test_page_without_a_producer_says_where_to_look() -> None:
    """No table, and no error."""
    assert "No producer has written here" in page(None)


async def test_page_and_data_are_served_from_the_state_folder(tmp_path: Path) -> None:
    """As they are at the moment of asking; a file that is none is as good as none."""
    live = Live(NAMES, lambda: WALL, feeds=lambda: read_health(tmp_path))
    async with TestClient(TestServer(build_app(live))) as client:
        assert (await client.get("/feeds.json")).status == 404
        write_health(tmp_path, HEALTH)
        assert [row["id"] for row in (await (await client.get("/feeds.json")).json())["feeds"]] == ["broken", "good"]
        assert 'id="feed-good"' in await (await client.get("/feeds")).text()
        (tmp_path / FILE).write_text("{ no json", encoding="utf-8")
        assert "No producer has written here" in await (await client.get("/feeds")).text()
