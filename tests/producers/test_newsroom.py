"""The demo newsroom: scenes wait for their readers, feeds are proper feeds, an edit keeps its identity."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import feedparser
import msgspec
import pytest
from aiohttp import ClientSession, test_utils, web

from producers.newsroom import Newsroom, serve
from producers.newsroom_feeds import CONTENT_TYPES, render
from producers.newsroom_play import PROGRESS, Play, Progress, read_progress, resume, write_progress
from treatywatch.demo import Change, Demo, Outlet, Scene, Story, feed_path, feeds_for, items_of
from treatywatch.errors import InstanceError


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def outlet(id: str, format: str) -> Outlet:
    return Outlet.model_validate(
        {
            "id": id,
            "name": f"Example {id} (illustrative)",
            "owner": f"Example owner of {id} (illustrative)",
            "country": "FI",
            "kind": "newspaper",
            "format": format,
        }
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def small() -> Demo:
    """Three outlets, one per format; three scenes, the last of which edits an article of the first."""
    story = Story(
        id="vote", outlets=("one", "two"), title="Bridge & tunnel vote", summary="The vote is <today> & soon."
    )
    other = Story(id="rain", outlets=("three",), title="Rain is expected", summary="It rains in the north.")
    change = Change(of="vote", title="Bridge vote put off", summary="The vote is next week.")
    return Demo(
        (outlet("one", "rss"), outlet("two", "atom"), outlet("three", "json")),
        (
            Scene(at=at("2025-03-18T13:00:00+00:00"), stories=(story,)),
            Scene(at=at("2025-03-19T13:00:00+00:00"), stories=(other,)),
            Scene(at=at("2025-03-20T13:00:00+00:00"), changes=(change,)),
        ),
        "v1",
    )


Client = test_utils.TestClient[web.Request, web.Application]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsroom(clock: Clock, tmp_path: Path) -> Newsroom:
    return Newsroom(small(), seconds=30, state=tmp_path, clock=clock)


@pytest.fixture
async def client(newsroom: Newsroom) -> AsyncIterator[Client]:
    async with test_utils.TestClient(test_utils.TestServer(newsroom.app())) as client:
        yield client


async def fetch_all(client: Client, newsroom: Newsroom) -> None:
    for one in newsroom.demo.outlets:
        assert (await client.get(feed_path(one))).status == 200


async def test_scene_waits_for_every_feed_to_be_fetched(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """Time alone moves nothing: one feed unread holds the scene."""
    clock.now += 1000
    newsroom.step()
    assert newsroom.status()["played"] == 1
    await client.get("/feeds/one.rss")
    await client.get("/feeds/two.atom")
    newsroom.step()
    assert newsroom.status()["played"] == 1
    await client.get("/feeds/three.json")
    newsroom.step()
    assert newsroom.status() == {"played": 2, "of": 3, "date": "2025-03-19", "ended": False}


async def test_scene_lasts_its_least_time(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """Readers alone move nothing either: thirty seconds for three scenes are ten for each."""
    await fetch_all(client, newsroom)
    clock.now += 9.9
    newsroom.step()
    assert newsroom.status()["played"] == 1
    clock.now += 0.1
    newsroom.step()
    assert newsroom.status()["played"] == 2


async def test_fetch_of_the_scene_before_does_not_count(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """Each scene needs readers of its own."""
    await fetch_all(client, newsroom)
    clock.now += 10
    newsroom.step()
    clock.now += 10
    newsroom.step()
    assert newsroom.status()["played"] == 2


async def test_story_ends_when_all_have_read_the_last_scene(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """`ended` means that nothing is left to fetch, not that the last scene was shown."""
    for _ in range(2):
        await fetch_all(client, newsroom)
        clock.now += 10
        newsroom.step()
    assert newsroom.status() == {"played": 3, "of": 3, "date": "2025-03-20", "ended": False}
    await fetch_all(client, newsroom)
    clock.now += 10
    newsroom.step()
    assert (await (await client.get("/status")).json()) == {"played": 3, "of": 3, "date": "2025-03-20", "ended": True}


async def test_unchanged_feed_is_answered_304_and_still_counts(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """A conditional fetch is a fetch: by ETag, and by date where there is no ETag."""
    first = await client.get("/feeds/one.rss")
    by_tag = await client.get("/feeds/one.rss", headers={"If-None-Match": first.headers["ETag"]})
    by_date = await client.get("/feeds/one.rss", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (first.status, by_tag.status, by_date.status) == (200, 304, 304)
    assert await by_tag.read() == b""
    assert newsroom.play.fetched == {"one"}


async def test_changed_feed_is_sent_to_who_has_the_old_one(
    newsroom: Newsroom,
    client: Client,
    clock: Clock,
) -> None:
    """The edit of the third scene changes ETag and date, so neither condition holds any more."""
    old = await client.get("/feeds/one.rss")
    for _ in range(2):
        await fetch_all(client, newsroom)
        clock.now += 10
        newsroom.step()
    for header in (
        {"If-None-Match": old.headers["ETag"], "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
        {"If-Modified-Since": old.headers["Last-Modified"]},
    ):
        assert (await client.get("/feeds/one.rss", headers=header)).status == 200


@pytest.mark.parametrize(("path", "format"), [("one.rss", "rss"), ("two.atom", "atom"), ("three.json", "json")])
async def test_feed_has_its_content_type(
    client: Client,
    path: str,
    format: str,
) -> None:
    """Each format is announced as what it is."""
    assert (await client.get(f"/feeds/{path}")).headers["Content-Type"] == CONTENT_TYPES[format]


@pytest.mark.parametrize(("id", "version"), [("one", "rss20"), ("two", "atom10")])
def test_xml_feed_is_read_by_feedparser(id: str, version: str) -> None:
    """Titles with markup characters, summaries, ids and dates arrive as they were written."""
    demo = small()
    body = render(next(o for o in demo.outlets if o.id == id), demo.feed(id, 0), "http://127.0.0.1:1")
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    (entry,) = read.entries
    assert (read.bozo, read.version) == (False, version)
    assert "illustrative" in read.feed.title
    assert entry.title == "Bridge & tunnel vote"
    assert entry.summary == "<p>The vote is &lt;today&gt; &amp; soon.</p>"
    assert entry.id == f"tag:newsroom.invalid,2025:{id}/vote"
    assert entry.link == f"http://127.0.0.1:1/articles/{id}/vote"
    assert entry.published_parsed[:5] == (2025, 3, 18, 13, 0)


def test_json_feed_has_the_parts_of_version_1_1() -> None:
    """The JSON Feed names its version and gives id, url, title, summary and both dates."""
    demo = small()
    document = json.loads(render(demo.outlets[2], demo.feed("three", 1), "http://127.0.0.1:1"))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = document["items"]
    assert item["id"] == "tag:newsroom.invalid,2025:three/rain"
    assert item["title"] == "Rain is expected"
    assert item["date_published"] == item["date_modified"] == "2025-03-19T13:00:00+00:00"


@pytest.mark.parametrize("id", ["one", "two"])
def test_edited_article_keeps_guid_and_date(id: str) -> None:
    """The edit has the guid and the date of publication of the old text, a new title, and a later update."""
    demo = small()
    one = next(o for o in demo.outlets if o.id == id)
    before, after = (feedparser.parse(render(one, demo.feed(id, n), "http://127.0.0.1:1")).entries[0] for n in (0, 2))
    assert (before.id, before.published) == (after.id, after.published)
    assert after.title == "Bridge vote put off"
    assert after.updated_parsed[:5] == (2025, 3, 20, 13, 0)


def test_items_of_carry_the_text_that_an_edit_replaces() -> None:
    """The edited article is revision 2 of the same item, for each outlet that printed it."""
    items = items_of(small())
    assert [(item.id, item.revision) for item in items] == [
        ("one/vote", 1),
        ("two/vote", 1),
        ("three/rain", 1),
        ("one/vote", 2),
        ("two/vote", 2),
    ]
    assert items[3].previous is not None
    assert (items[3].previous.title, items[3].title) == ("Bridge & tunnel vote", "Bridge vote put off")
    assert all(item.illustrative and not item.backfill for item in items)


async def test_pages_say_that_it_is_illustrative(
    newsroom: Newsroom,
    client: Client,
) -> None:
    """Front page and article say so; an article that is not printed yet is not found."""
    front = await (await client.get("/")).text()
    article = await (await client.get("/articles/one/vote")).text()
    assert "Illustrative" in front
    assert 'href="/feeds/three.json"' in front
    assert "Illustrative" in article
    assert "The vote is &lt;today&gt; &amp; soon." in article
    assert (await client.get("/articles/three/rain")).status == 404


def test_killed_newsroom_goes_on_where_it_stood(tmp_path: Path, clock: Clock) -> None:
    """The scene that was on is shown again to all, since nobody knows who has kept what he fetched."""
    first = Newsroom(small(), seconds=30, state=tmp_path, clock=clock)
    first.play = Play(3, first.play.feeds, clock(), fetched=first.play.feeds)
    clock.now += 10
    first.step()
    second = Newsroom(small(), seconds=30, state=tmp_path, clock=clock)
    assert (second.play.scene, second.play.fetched) == (1, frozenset())


def test_scene_can_be_chosen(tmp_path: Path, clock: Clock) -> None:
    """`from_scene` goes before the state folder; a scene that is not there is refused."""
    write_progress(tmp_path, small(), Play(3, frozenset(), 0.0, scene=2))
    assert Newsroom(small(), state=tmp_path, from_scene=1, clock=clock).play.scene == 1
    with pytest.raises(ValueError, match="scenes 0 to 2"):
        Newsroom(small(), from_scene=3, clock=clock)


@pytest.mark.parametrize(
    ("progress", "scene"),
    [
        (None, 0),
        (Progress("v1", 2), 2),
        (Progress("v1", 2, ended=True), 2),  # feeds never go back in time for a producer that goes on
        (Progress("another timeline", 2), 0),
        (Progress("v1", 7), 0),
    ],
)
def test_resume_fits_the_timeline(progress: Progress | None, scene: int) -> None:
    """Progress counts only for the same timeline."""
    assert resume(progress, small()) == scene


def test_damaged_progress_is_no_progress(tmp_path: Path) -> None:
    """A file that cannot be read starts the show from the first scene; a sound one is read as written."""
    (tmp_path / PROGRESS).write_bytes(b'{"demo":')
    assert read_progress(tmp_path) is None
    write_progress(tmp_path, small(), Play(3, frozenset(), 0.0, scene=2, ended=True))
    assert read_progress(tmp_path) == Progress("v1", 2, ended=True)
    assert msgspec.json.decode((tmp_path / PROGRESS).read_bytes())["scene"] == 2


class Served:
    """The real server on a thread of its own, on a free port."""

    def __init__(self, seconds: float, state: Path | None) -> None:
        self._stop, self._ready, self.port = threading.Event(), threading.Event(), 0
        self._thread = threading.Thread(
            target=serve, args=(small(), "127.0.0.1", 0, seconds, state, self._stop), kwargs={"ready": self._took}
        )

    def _took(self, port: int) -> None:
        self.port = port
        self._ready.set()

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


async def test_serve_plays_to_the_end_and_stops(tmp_path: Path) -> None:
    """A reader that polls all feeds sees the story end, and `stop` ends the server."""
    with Served(0.1, tmp_path) as served:
        base = f"http://127.0.0.1:{served.port}"
        async with ClientSession() as session, asyncio.timeout(20):
            while not (await (await session.get(f"{base}/status")).json())["ended"]:
                for row in feeds_for(small(), base):
                    assert (await session.get(row["url"])).status == 200
    assert read_progress(tmp_path) == Progress("v1", 2, ended=True)


def test_port_in_use_is_one_clear_error() -> None:
    """A second newsroom on the port names the port."""
    with Served(1, None) as served, pytest.raises(InstanceError, match=f"127.0.0.1:{served.port}"):
        serve(small(), "127.0.0.1", served.port, 1, None, threading.Event())
