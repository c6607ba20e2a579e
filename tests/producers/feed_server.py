"""A feed server for tests: a real HTTP server on loopback that answers by script and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType

from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    time: datetime = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def go(self, **parts: float) -> None:
        """Move on by a timedelta's parts."""
        self.time += timedelta(**parts)


@dataclass
class FeedServer:
    """Answers each path with the handler or response set for it; `asked` holds (path, headers) in order."""

    answers: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, CIMultiDict[str]]] = field(default_factory=list)
    _server: TestServer | None = None
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> FeedServer:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self._server = TestServer(application, host="127.0.0.1")
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        await self._server.close()

    def url(self, path: str) -> str:
        """Return the address of a path."""
        assert self._server is not None
        return str(self._server.make_url(path))

    def says(
        self, path: str, body: bytes | str = b"", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer a path with this from now on."""
        data = body.encode() if isinstance(body, str) else body

        async def answer(request: web.Request) -> web.StreamResponse:
            return web.Response(body=data, status=status, headers=headers)

        self.answers[path] = answer

    def headers(self, name: str) -> list[str | None]:
        """Return the value of a header in every request so far."""
        return [headers.get(name) for _, headers in self.asked]

    async def next_request(self) -> None:
        """Wait for another request."""
        self._asked.clear()
        await self._asked.wait()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, CIMultiDict(request.headers)))
        self._asked.set()
        return await self.answers[request.path](request)


def rss(*entries: tuple[str, str, str], ttl: int | None = None) -> str:
    """Write an RSS 2.0 feed of (guid, title, summary)."""
    wish = f"<ttl>{ttl}</ttl>" if ttl else ""
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><description>{summary}</description>"
        f"<link>/articles/{guid}</link><pubDate>Wed, 18 Jun 2025 10:00:00 GMT</pubDate></item>"
        for guid, title, summary in entries
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Illustrative</title>{wish}{items}</channel></rss>"
