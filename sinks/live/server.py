"""The live role: follow the cases, answer requests. Decides nothing: pages, board and stream do."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import structlog
from aiohttp import hdrs, web

from sinks import words
from sinks.case_table import read_case
from sinks.consume import Record
from sinks.facts import is_alert
from sinks.follow import Follower
from sinks.live import fragments
from sinks.live.board import Alert, Board, Change
from sinks.live.case_page import case_page
from sinks.live.events import Hub, write
from sinks.live.feeds_page import feeds_page
from sinks.live.filters import Filter, choices, read_filter
from sinks.live.fragments import View
from sinks.live.markup import Html
from sinks.live.pages import ALERTS, PAGE, Frame, Now, missing_page, now_page
from sinks.names import Names
from treatywatch.actors import load_actors
from treatywatch.errors import InstanceError, ServerError
from treatywatch.feed_health import FeedsHealth, read_health
from treatywatch.history import load_history
from treatywatch.metrics import Metrics
from treatywatch.model import Case, Stage
from treatywatch.register import load_register
from treatywatch.settings import Settings
from treatywatch.topics import CASES
from treatywatch.wire import to_json

HEARTBEAT_SECONDS = 10.0
KEPT_PAGES = 50
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    # No inline script or style, nothing from elsewhere, no frame around us: what a feed wrote stays text.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_FRESH = {hdrs.CACHE_CONTROL: "no-store"}

Past = Callable[[Case, datetime], Case | None]

log = structlog.get_logger()


class Live:
    """The board and the stream together. Everything but `assets` changes on the server's loop only."""

    def __init__(
        self,
        names: Names,
        clock: Callable[[], datetime],
        *,
        story_time: bool = False,
        feeds: Callable[[], FeedsHealth | None] = lambda: None,
        past: Past | None = None,
    ) -> None:
        self.names, self.clock, self.feeds, self.past = names, clock, feeds, past
        self.board = Board(clock(), story_time=story_time)
        self.hub = Hub(secrets.token_hex(6))
        # Pages as made since the last record: when many pages fetch themselves anew at once, each view is made once.
        self._made: dict[tuple[Filter, int, str], Html] = {}
        folder = Path(__file__).parent / "static"
        self.files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        self.assets = hashlib.sha256(b"".join(self.files.values())).hexdigest()[:12]

    def read(self, record: Record) -> None:
        """Take in one record of the cases topic."""
        self._made.clear()
        case = read_case(record)
        if case is None:
            self.board.unreadable += bool(record.value)
        else:
            self.take(case)

    def take(self, case: Case) -> None:
        """Take in one case, and tell the open pages if it is news."""
        self._made.clear()
        change = self.board.put(case, self.clock())
        if change is not None and self.board.caught_up:
            self.hub.publish(change.before, change.after, self._content(change))

    def catch_up(self) -> None:
        """Note that everything recorded earlier has been read; pages opened before show it now."""
        if not self.board.caught_up:
            self._made.clear()
            self.board.caught_up = True
            self.hub.resync()

    def view(self) -> View:
        """Give what rendering needs: the names and the present."""
        return View(self.names, self.board.now(self.clock()))

    def frame(self) -> Frame:
        """Give what the frame of a page shows."""
        board, wall = self.board, self.clock()
        return Frame(
            wall=wall,
            started=board.started,
            last_record=board.last_record,
            caught_up=board.caught_up,
            cases=len(board),
            unreadable=board.unreadable,
            story_day=words.day(board.now(wall).date()) if board.story_time else None,
            position=self.hub.position,
            assets=self.assets,
        )

    def now_page(self, chosen: Filter, page: int) -> Html:
        """Write the page Now under a filter."""
        key = (chosen, page, f"{self.clock():%Y%m%d%H%M}")  # the page shows the minute it was made in
        if key not in self._made:
            if len(self._made) >= KEPT_PAGES:
                self._made.clear()
            self._made[key] = now_page(self.now(chosen, page), self.view(), self.frame())
        return self._made[key]

    def case_page(self, case: Case, as_of: str | None) -> tuple[Html, int]:
        """Write the page of a case, as it is or as it was known at the end of a day (UTC); and the HTTP status."""
        others = self.board.cases(lambda other: other.treaty is not None and other.treaty == case.treaty)
        if not as_of or self.past is None:
            return case_page(case, self.view(), self.frame(), others), 200
        try:
            day = date.fromisoformat(as_of)
            end = datetime.combine(day, time.max, UTC)
        except ValueError:
            return missing_page(self.frame(), "No such day", "Write a day as 2025-06-27."), 400
        then = self.past(case, end)
        if then is None:
            return missing_page(self.frame(), "Not known yet", f"Nothing was known of {case.id} on {day}."), 404
        known = [past for other in others if (past := self.past(other, end))]
        return case_page(then, View(self.names, end), self.frame(), known, day.isoformat()), 200

    def now(self, chosen: Filter, page: int) -> Now:
        """Collect what Now shows under a filter."""
        names, board = self.names, self.board
        everything = board.cases()
        matching = [case for case in everything if chosen.matches(case, names)]
        # The steps are links that each replace the step filter: they count what the other filters let through.
        other = Filter(chosen.treaty, chosen.actor, chosen.kind, "", chosen.severity)
        page = max(1, min(page, -(-len(matching) // PAGE)))

        def wanted(case: Case) -> bool:
            return chosen.matches(case, names)

        return Now(
            alerts=board.alerts(wanted, ALERTS),
            cases=matching[(page - 1) * PAGE : page * PAGE],
            countdown=board.countdown(self.view().today, wanted),
            matching=len(matching),
            page=page,
            filter=chosen,
            choices=choices(everything, names),
            steps=Counter[Stage](case.stage for case in everything if other.matches(case, names)),
        )

    def status(self) -> dict[str, object]:
        """Say how the program is, for the open pages."""
        board = self.board
        return {
            "caught_up": board.caught_up,
            "cases": len(board),
            "last_record": board.last_record.isoformat() if board.last_record else None,
            "today": board.now(self.clock()).date().isoformat(),
            "story_day": words.day(board.now(self.clock()).date()) if board.story_time else None,
            "assets": self.assets,
        }

    def _content(self, change: Change) -> dict[str, object]:
        """What an open page needs to show a change: the same pieces that a page made now would have."""
        case, view = change.after, self.view()
        fresh = sorted((transition for transition in change.fresh if is_alert(transition)), key=lambda t: (t.at, t.id))
        return {
            "id": case.id,
            "was": change.before.stage if change.before else None,
            "stage": case.stage,
            "row": fragments.row(case, view),
            "alerts": [fragments.alert(Alert(case, transition), view) for transition in fresh],
            "countdown": fragments.countdown(case, view),
            "say": [f"{words.title(view.names, case)}: {fragments.what(case, transition)}" for transition in fresh],
            "status": self.status(),
        }


_LIVE = web.AppKey("live", Live)


def build_app(live: Live) -> web.Application:
    """Make the web application."""
    app = web.Application(middlewares=[_friendly])
    app[_LIVE] = live
    app.router.add_get("/", _now)
    app.router.add_get("/events", _events)
    app.router.add_get("/feeds", _feeds)
    app.router.add_get("/feeds.json", _feeds_json)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/static/{name}", _static)
    app.router.add_get("/case/{id:.+}", _case)
    app.on_response_prepare.append(_secure)
    app.on_shutdown.append(_end_streams)
    return app


async def _now(request: web.Request) -> web.Response:
    live = request.app[_LIVE]
    page = request.query.get("page", "1")
    number = int(page) if page.isdecimal() and len(page) < 9 else 1
    return _page(live.now_page(read_filter(request.query), number))


async def _case(request: web.Request) -> web.Response:
    live, id = request.app[_LIVE], request.match_info["id"]
    case = live.board.get(id)
    if case is not None:
        return _page(*live.case_page(case, request.query.get("as-of")))
    case = live.board.get(id.removesuffix(".json"))
    if case is not None:
        return web.Response(body=to_json(case), content_type="application/json", headers=_FRESH)
    hint = "It may not have been reported, or it is kept under another name."
    if not live.board.caught_up:
        hint = "Earlier records are still being read; try again in a moment."
    return _page(missing_page(live.frame(), "No such case", hint), 404)


async def _feeds(request: web.Request) -> web.Response:
    live = request.app[_LIVE]
    return _page(feeds_page(await asyncio.to_thread(live.feeds), live.frame()))


async def _feeds_json(request: web.Request) -> web.Response:
    health = await asyncio.to_thread(request.app[_LIVE].feeds)
    if health is None:
        raise web.HTTPNotFound
    return web.Response(body=to_json(health), content_type="application/json", headers=_FRESH)


async def _healthz(request: web.Request) -> web.Response:
    board = request.app[_LIVE].board
    body = {"caught_up": board.caught_up, "cases": len(board)}
    return web.json_response(body, status=200 if board.caught_up else 503, headers=_FRESH)


async def _static(request: web.Request) -> web.Response:
    live, name = request.app[_LIVE], request.match_info["name"]
    if name not in live.files:
        raise web.HTTPNotFound
    # The address carries a hash of the files, so a copy under that address never gets old.
    age = "public, max-age=31536000, immutable" if request.query.get("v") == live.assets else "no-cache"
    response = web.Response(
        body=live.files[name],
        content_type=_TYPES[Path(name).suffix],
        charset="utf-8",
        headers={hdrs.CACHE_CONTROL: age},
    )
    response.enable_compression()
    return response


async def _events(request: web.Request) -> web.StreamResponse:
    live = request.app[_LIVE]
    chosen, one = read_filter(request.query), request.query.get("case")

    def wanted(case: Case) -> bool:
        if one is not None:
            return case.id == one
        return case.superseded_by is None and chosen.matches(case, live.names)

    def drop() -> None:
        if request.transport is not None:
            request.transport.abort()

    response = web.StreamResponse(headers={hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"})
    response.content_type, response.charset = "text/event-stream", "utf-8"
    await response.prepare(request)
    after = request.headers.get("Last-Event-ID") or request.query.get("after")
    subscription = live.hub.subscribe(after, wanted, drop)
    try:
        await response.write(b"retry: 2000\n\n" + write("status", live.status()))
        while (text := await subscription.next(HEARTBEAT_SECONDS)) is not None:
            await response.write(text or write("status", live.status()))
    except ConnectionError:
        pass  # the page is gone, or was dropped because it did not read
    finally:
        live.hub.leave(subscription)
    return response


def _page(page: Html, status: int = 200) -> web.Response:
    response = web.Response(text=page, status=status, content_type="text/html", headers=_FRESH)
    response.enable_compression()
    return response


@web.middleware
async def _friendly(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer a wrong address and a fault of ours with a page that says where to go."""
    frame = request.app[_LIVE].frame
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _page(missing_page(frame(), "Nothing here", "The address leads nowhere."), 404)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("request failed", path=request.path)
        return _page(missing_page(frame(), "Something went wrong", "The fault is ours and has been logged."), 500)


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _end_streams(app: web.Application) -> None:
    app[_LIVE].hub.close()


@contextlib.asynccontextmanager
async def serving(live: Live, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the context lasts; gives the port. Raises InstanceError where the port cannot be had."""
    runner = web.AppRunner(build_app(live), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise InstanceError(
                f"the live page cannot listen on {host}:{port}: {error.strerror}; "
                "set TREATYWATCH_LIVE_PORT to a free port"
            ) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def run_live(
    settings: Settings,
    config: Path,
    stop: threading.Event,
    metrics: Metrics,
    state: Path | None = None,
    past: Past | None = None,
) -> None:
    """Serve the live page until `stop` is set. The feeds' health is read from the state folder, where one is given.

    `past` tells a case as it was known at a moment; without it the page shows the present only.

    Raises InstanceError where the port is taken, and ServerError (exit status 75: start me again) where the topic
    cannot be followed any more.
    """
    register = load_register(config)
    names = Names(register, load_actors(config), load_history(config, register))
    live = Live(
        names,
        lambda: datetime.now(UTC),
        story_time=settings.process.clock == "published",
        feeds=lambda: read_health(state) if state else None,
        past=past,
    )
    asyncio.run(_run(settings, live, stop, metrics))


async def _run(settings: Settings, live: Live, stop: threading.Event, metrics: Metrics) -> None:
    loop = asyncio.get_running_loop()
    metrics.live_readers.set_function(lambda: len(live.hub))
    metrics.live_dropped.set_function(lambda: live.hub.dropped)
    follower = Follower(settings.kafka, CASES, lambda record: _hand_over(loop, live, record))
    async with serving(live, settings.live.host, settings.live.port) as port:
        log.info("serving the live page", url=f"http://{settings.live.host}:{port}/")
        follower.start()
        try:
            while not stop.is_set():
                if follower.failure is not None:
                    raise ServerError(f"{CASES.name} cannot be followed: {follower.failure}") from follower.failure
                if follower.caught_up.is_set() and not live.board.caught_up:
                    loop.call_soon(live.catch_up)  # behind the records that were handed over before
                await asyncio.sleep(0.1)
        finally:
            await asyncio.to_thread(follower.stop)


def _hand_over(loop: asyncio.AbstractEventLoop, live: Live, record: Record) -> None:
    """Pass a record from the follower's thread to the loop, which alone touches the board."""
    loop.call_soon_threadsafe(live.read, record)
