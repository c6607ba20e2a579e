"""The demo newsroom: a local web server that publishes the feeds of `config/demo/` as their story goes on.

    GET /                       what this is, the feeds, the latest articles
    GET /status                 {"played": 12, "of": 47, "date": "2025-06-19", "ended": false}
    GET /feeds/<outlet>.<format>  a feed, with ETag and Last-Modified; 304 where the caller has it
    GET /articles/<outlet>/<story>  an article as it stands

It is fetched as any feed is. When a scene gives way to the next is decided in `newsroom_play.py`. Anyone who fetches a
feed counts as its reader: the newsroom is for one producer.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import structlog
from aiohttp import web

from producers import newsroom_page
from producers.newsroom_feeds import CONTENT_TYPES, changed, render
from producers.newsroom_play import Play, read_progress, resume, write_progress
from treatywatch.demo import Article, Demo, Outlet, feed_path
from treatywatch.errors import InstanceError

TICK_SECONDS = 0.05
_SHOWN = 40  # articles on the front page

log = structlog.get_logger()


class Newsroom:
    """One showing of the demo: holds the play, answers requests, writes progress where it has a state folder."""

    def __init__(
        self,
        demo: Demo,
        seconds: float = 60.0,
        state: Path | None = None,
        from_scene: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` is the least time for the whole timeline; `from_scene` (from 0) overrides what `state` says."""
        self.demo, self.state, self._clock = demo, state, clock
        self.pace = seconds / len(demo.scenes)
        if from_scene is None:
            from_scene = resume(read_progress(state), demo) if state else 0
        if not 0 <= from_scene < len(demo.scenes):
            raise ValueError(f"scene {from_scene}: the demo has scenes 0 to {len(demo.scenes) - 1}")
        self.play = Play(len(demo.scenes), frozenset(o.id for o in demo.outlets), clock(), from_scene)
        self._write()

    def step(self) -> None:
        """Go on to the next scene if it is time."""
        play = self.play.step(self._clock(), self.pace)
        if play is not self.play:
            self.play = play
            self._write()
            log.info("newsroom_scene", played=play.scene + 1, of=play.of, ended=play.ended)

    def app(self) -> web.Application:
        """Build the web application; it advances nothing by itself."""
        app = web.Application()
        app.router.add_get("/", self._front)
        app.router.add_get("/status", self._status)
        for outlet in self.demo.outlets:
            app.router.add_get(feed_path(outlet), self._feed(outlet))
        app.router.add_get("/articles/{outlet}/{story}", self._article)
        return app

    def status(self) -> dict[str, object]:
        """Return how far the story is, as `/status` gives it."""
        day = self.demo.scenes[self.play.scene].at.date().isoformat()
        return {"played": self.play.scene + 1, "of": self.play.of, "date": day, "ended": self.play.ended}

    def _write(self) -> None:
        if self.state is not None:
            write_progress(self.state, self.demo, self.play)

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self.status(), headers={"Cache-Control": "no-store"})

    def _feed(self, outlet: Outlet) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            articles = self.demo.feed(outlet.id, self.play.scene)
            body = render(outlet, articles, f"http://{request.host}")
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            moment = changed(articles)
            headers = {"ETag": etag, "Cache-Control": "no-cache"}
            if moment is not None:
                headers["Last-Modified"] = format_datetime(moment, usegmt=True)
            if request.method == "GET":
                self.play = self.play.fetch(outlet.id)
            if _has_it(request, etag, moment):
                return web.Response(status=304, headers=headers)
            return web.Response(body=body, headers=headers | {"Content-Type": CONTENT_TYPES[outlet.format]})

        return answer

    async def _front(self, request: web.Request) -> web.Response:
        printed = [article for scene in self.demo.printed[: self.play.scene + 1] for article in scene]
        latest = {article.guid: article for article in printed}
        newest = sorted(latest.values(), key=lambda a: a.updated, reverse=True)[:_SHOWN]
        day = self.demo.scenes[self.play.scene].at.date()
        page = newsroom_page.front(self.demo.outlets, newest, day, self.play.scene + 1, self.play.of, self.play.ended)
        return web.Response(text=page, content_type="text/html")

    async def _article(self, request: web.Request) -> web.Response:
        found: Article | None = None
        for scene in self.demo.printed[: self.play.scene + 1]:
            for article in scene:
                if (article.outlet.id, article.story) == (request.match_info["outlet"], request.match_info["story"]):
                    found = article
        if found is None:
            raise web.HTTPNotFound(text="no such article, or not printed yet\n")
        return web.Response(text=newsroom_page.article(found), content_type="text/html")


def serve(
    demo: Demo,
    host: str,
    port: int,
    seconds: float,
    state: Path | None,
    stop: threading.Event,
    from_scene: int | None = None,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Play the demo on `host`:`port` until `stop` is set; the last scene stays up. Blocks.

    Goes on where a killed newsroom stood if `state` says so (see `newsroom_play.resume`). `ready` is called with the
    port once it answers (port 0 takes a free one). Raises InstanceError for a port that is taken.
    """
    asyncio.run(_play(Newsroom(demo, seconds, state, from_scene), host, port, stop, ready))


async def _play(
    newsroom: Newsroom, host: str, port: int, stop: threading.Event, ready: Callable[[int], None] | None
) -> None:
    runner = web.AppRunner(newsroom.app(), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise InstanceError(f"the demo newsroom cannot listen on {host}:{port}: {error.strerror}") from error
        if ready is not None:
            ready(int(runner.addresses[0][1]))
        while not stop.is_set():
            newsroom.step()
            await asyncio.sleep(TICK_SECONDS)
    finally:
        await runner.cleanup()


def _has_it(request: web.Request, etag: str, moment: datetime | None) -> bool:
    """Whether the caller's copy is this one; If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2)."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known.split(","))
    since = request.headers.get("If-Modified-Since")
    if since is None or moment is None:
        return False
    try:
        return moment.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
