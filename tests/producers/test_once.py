"""`produce --feeds FILE --once --stdout` against a real local server: a fixed contract."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.once import poll_once
from producers.state import State
from tests.producers.feed_server import Clock, FeedServer, rss
from treatywatch.feeds import Feed
from treatywatch.item_lines import read_line
from treatywatch.model import Item


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


class Reader:
    """Someone who calls the command again and again, with one state folder."""

    def __init__(self, server: FeedServer, folder: Path, *paths: str) -> None:
        self.feeds = [Feed(id=path.strip("/"), url=server.url(path), outlet="Illustrative") for path in paths]
        self.folder, self.clock = folder, Clock()

    async def polls(self, allow_private: bool = True) -> tuple[int, list[dict[str, Any]], list[str]]:
        out, err = io.BytesIO(), io.StringIO()
        status = await asyncio.to_thread(poll_once, self.feeds, self.folder, out, err, allow_private, now=self.clock)
        return status, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().splitlines()


async def test_second_call_is_conditional_and_prints_only_what_is_new_or_edited(
    server: FeedServer, tmp_path: Path
) -> None:
    """State is kept as in a live poll, and the interval is not waited for."""
    reader = Reader(server, tmp_path, "/a")
    server.says("/a", rss(("1", "One", "x"), ("2", "Two", "y")), headers={"ETag": '"1"'})
    first = await reader.polls()
    server.says("/a", status=304)
    second = await reader.polls()
    server.says("/a", rss(("3", "Three", "z"), ("1", "One, corrected", "x"), ("2", "Two", "y")))
    third = await reader.polls()

    assert [(line["title"], line["revision"]) for line in first[1]] == [("One", 1), ("Two", 1)]
    assert second == (0, [], [])
    assert server.headers("If-None-Match") == [None, '"1"', '"1"']
    assert [(line["title"], line["revision"]) for line in third[1]] == [("Three", 1), ("One, corrected", 2)]
    assert third[1][1]["id"] == first[1][0]["id"]


async def test_line_is_an_item_line(server: FeedServer, tmp_path: Path) -> None:
    """It has the promised keys and is read back as the same item."""
    server.says("/a", rss(("1", "One", "x")))
    _, (line,), _ = await Reader(server, tmp_path, "/a").polls()

    assert {"id", "revision", "title", "url", "outlet", "published"} <= line.keys()
    assert line["published"] == "2025-06-18T10:00:00Z"
    read = read_line(json.dumps(line).encode())
    assert isinstance(read, Item)
    assert (read.id, read.title, read.url, read.outlet) == (line["id"], "One", line["url"], "Illustrative")


async def test_failed_feed_is_one_line_with_its_id_and_the_others_are_printed(
    server: FeedServer, tmp_path: Path
) -> None:
    """Exit status 1, and nothing else is lost."""
    server.says("/good", rss(("1", "One", "x")))
    server.says("/broken", status=500)
    server.says("/page", "<html>no feed</html>")
    status, lines, errors = await Reader(server, tmp_path, "/good", "/broken", "/page").polls()

    assert (status, len(lines)) == (1, 1)
    assert sorted(line.split(":")[0] for line in errors) == ["broken", "page"]


async def test_feed_that_names_no_private_address_for_us_is_refused(server: FeedServer, tmp_path: Path) -> None:
    """Without --allow-private nothing on this machine is asked."""
    server.says("/a", rss(("1", "One", "x")))
    status, lines, errors = await Reader(server, tmp_path, "/a").polls(allow_private=False)

    assert (status, lines, len(errors), server.asked) == (1, [], 1, [])


async def test_retry_after_is_kept_over_calls_until_it_has_run(server: FeedServer, tmp_path: Path) -> None:
    """The interval is ours to ignore, this is not; the feed counts as failed meanwhile."""
    reader = Reader(server, tmp_path, "/a")
    server.says("/a", status=429, headers={"Retry-After": "3600"})
    await reader.polls()
    server.says("/a", rss(("1", "One", "x")))
    held = await reader.polls()
    reader.clock.go(seconds=3601)
    after = await reader.polls()

    assert (held[0], held[1], len(held[2])) == (1, [], 1)
    assert held[2][0].startswith("a: ")
    assert (after[0], len(after[1]), len(server.asked)) == (0, 1, 2)


async def test_gone_feed_is_not_asked_again(server: FeedServer, tmp_path: Path) -> None:
    """410 disables, and every call says so."""
    reader = Reader(server, tmp_path, "/a")
    server.says("/a", status=410)
    first, second = await reader.polls(), await reader.polls()

    assert (first[0], len(first[2]), second[0], len(second[2])) == (1, 1, 1, 1)
    assert len(server.asked) == 1


async def test_moved_feed_is_asked_at_its_new_address_after_three_sightings(server: FeedServer, tmp_path: Path) -> None:
    """The fourth call goes there directly."""
    reader = Reader(server, tmp_path, "/old")
    server.says("/old", status=301, headers={"Location": "/new"})
    server.says("/new", rss(("1", "One", "x")))
    for _ in range(4):
        assert (await reader.polls())[0] == 0

    assert [path for path, _ in server.asked] == ["/old", "/new"] * 3 + ["/new"]


async def test_disabled_feed_is_left_alone(server: FeedServer, tmp_path: Path) -> None:
    """`enabled: false` is no failure."""
    reader = Reader(server, tmp_path, "/a")
    reader.feeds = [reader.feeds[0].model_copy(update={"enabled": False})]

    assert await reader.polls() == (0, [], [])
    assert server.asked == []


async def test_what_could_not_be_printed_is_printed_next_time(server: FeedServer, tmp_path: Path) -> None:
    """Items are written before the state is: a reader that went away costs nothing."""

    class Closed(io.BytesIO):
        def write(self, data: object) -> int:
            raise BrokenPipeError

    reader = Reader(server, tmp_path, "/a")
    server.says("/a", rss(("1", "One", "x")))
    with pytest.raises(BrokenPipeError):
        await asyncio.to_thread(poll_once, reader.feeds, tmp_path, Closed(), io.StringIO(), True, now=reader.clock)

    assert [line["title"] for line in (await reader.polls())[1]] == ["One"]


async def test_one_site_gets_one_request_at_a_time(server: FeedServer, tmp_path: Path) -> None:
    """However many of its feeds are listed."""
    under_way, most = 0, 0

    def slowly(path: str) -> None:
        answer = server.answers[path]

        async def busy(request: Any) -> Any:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            return await answer(request)

        server.answers[path] = busy

    for path in ("/a", "/b", "/c"):
        server.says(path, rss(("1", path, "x")))
        slowly(path)
    status, lines, _ = await Reader(server, tmp_path, "/a", "/b", "/c").polls()

    assert (status, len(lines), most) == (0, 3, 1)


async def test_entry_that_cannot_be_read_waits_for_the_next_live_run(server: FeedServer, tmp_path: Path) -> None:
    """It is no item, and it does not vanish."""
    server.says("/a", rss(("1", "One", "x"), ("2", "", "")))
    status, lines, errors = await Reader(server, tmp_path, "/a").polls()
    state = State(tmp_path)

    assert (status, len(lines), errors) == (0, 1, [])
    assert [row.record.topic for row in state.unsent()] == ["treatywatch.deadletters"]
    state.close()


async def test_item_is_dated_by_the_clock_it_was_given(server: FeedServer, tmp_path: Path) -> None:
    """What is older than three days is marked as history, also on a later poll."""
    reader = Reader(server, tmp_path, "/a")
    server.says("/a", rss())
    await reader.polls()
    reader.clock.time += timedelta(days=4)
    server.says("/a", rss(("1", "One", "x")))
    _, (line,), _ = await reader.polls()

    assert (line["fetched"], line["backfill"]) == ("2025-06-22T12:00:00Z", True)
