"""Fetch one feed over HTTP, politely and without fear: one conditional GET, whose every outcome is a value.

Redirects are followed by hand, at most five, each target checked before it is asked and again at the socket. The body
is read and decompressed by ourselves with a cap, so that a small answer cannot become a large one. Decides nothing
about the feed: `turn.py` does.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType

import aiohttp
from yarl import URL

from producers.addresses import REFUSED, AddressRefusedError, Admission
from producers.manners import fresh_for, retry_after
from treatywatch import __version__
from treatywatch.settings import Produce

MAX_REDIRECTS = 5
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, application/json;q=0.9, text/xml;q=0.9, */*;q=0.1"
)


class Fault(StrEnum):
    """Why a fetch failed: a closed list, label of metrics and logs."""

    REFUSED_ADDRESS = "refused_address"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    BAD_RESPONSE = "bad_response"
    REDIRECTS = "redirects"
    UNASKED_304 = "unasked_304"
    GONE = "gone"
    TOO_MANY_REQUESTS = "too_many_requests"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"


@dataclass(frozen=True, slots=True)
class Ask:
    """What to fetch. The validators are sent back as they came, and only to the address that gave them."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, or that there is no new one (`body` none). `moved` is where a permanent redirect says the feed lives."""

    url: str
    body: bytes | None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    fresh_seconds: float | None = None
    retry_after: datetime | None = None
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer that can be used, and why. `status` is the server's, where it answered at all."""

    fault: Fault
    detail: str
    retry_after: datetime | None = None
    status: int | None = None


class _Fail(Exception):
    def __init__(self, fault: Fault, detail: str) -> None:
        self.failed = Failed(fault, detail)
        super().__init__(detail)


@dataclass
class Fetcher:
    """One HTTP client for all feeds; used as an async context manager."""

    settings: Produce
    admission: Admission
    now: Callable[[], datetime]
    resolver: aiohttp.abc.AbstractResolver | None = None
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    async def __aenter__(self) -> Fetcher:
        connector = aiohttp.TCPConnector(
            limit=0,  # the poller limits
            resolver=self.resolver,
            socket_factory=self.admission.socket,
            enable_cleanup_closed=False,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self.settings.timeout_seconds),
            auto_decompress=False,
            headers={
                "User-Agent": f"treatywatch/{__version__} (+{self.settings.contact})",
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, deflate",
            },
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def fetch(self, ask: Ask) -> Answer | Failed:
        """Fetch once. Never raises for anything that a server, a name or a network does."""
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                return await self._follow(ask)
        except _Fail as error:
            return error.failed
        except TimeoutError:
            return Failed(Fault.TIMEOUT, f"no full answer within {self.settings.timeout_seconds:g} s")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressRefusedError) or REFUSED in str(error):  # several are told in one text
                return Failed(Fault.REFUSED_ADDRESS, f"{ask.url}: {_line(error.os_error)}")
            return Failed(Fault.UNREACHABLE, _line(error))
        except (aiohttp.ClientConnectionError, OSError) as error:
            return Failed(Fault.UNREACHABLE, _line(error))
        except (aiohttp.ClientError, ValueError) as error:
            return Failed(Fault.BAD_RESPONSE, _line(error))

    async def _follow(self, ask: Ask) -> Answer | Failed:
        assert self._session is not None
        url, moved, only_permanent = URL(ask.url), None, True
        for _ in range(MAX_REDIRECTS + 1):
            if refusal := self.admission.refusal(url):
                raise _Fail(Fault.REFUSED_ADDRESS, f"{url}: {refusal}")
            asked = _validators(ask, str(url))
            async with self._session.get(url, allow_redirects=False, headers=asked) as response:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    return await self._read(response, str(url), moved, bool(asked))
                url = _target(url, response.headers["Location"])
                only_permanent = only_permanent and response.status in _PERMANENT
                moved = str(url) if only_permanent else moved
        raise _Fail(Fault.REDIRECTS, f"more than {MAX_REDIRECTS} redirects, the last to {url}")

    async def _read(
        self, response: aiohttp.ClientResponse, url: str, moved: str | None, asked: bool
    ) -> Answer | Failed:
        now, headers = self.now(), response.headers
        hold = retry_after(headers.get("Retry-After"), now)
        if response.status == 304 and not asked:
            return Failed(Fault.UNASKED_304, f"{url} answers 304 to a request without validators", hold)
        if response.status not in (200, 203, 304):
            detail = f"{url} answers {response.status} {response.reason or ''}"
            return Failed(_fault(response.status), detail, hold, response.status)
        body = None
        if response.status != 304:
            body = await self._body(response)
        return Answer(
            url=url,
            body=body,
            content_type=headers.get("Content-Type", ""),
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
            fresh_seconds=fresh_for(headers, now),
            retry_after=hold,
            moved=moved,
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self.settings.max_body_bytes
        if (response.content_length or 0) > limit:
            raise _Fail(Fault.TOO_LARGE, f"{response.content_length} bytes announced, at most {limit} are read")
        inflate = _Inflate(response.headers.get("Content-Encoding", "").strip().lower(), limit)
        async for chunk in response.content.iter_chunked(_CHUNK):
            inflate.feed(chunk)
        return inflate.end()


class _Inflate:
    """Decompress as the bytes come, never beyond the limit by more than one byte."""

    def __init__(self, encoding: str, limit: int) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise _Fail(Fault.BAD_ENCODING, f"content encoding {encoding[:40]!r}, which was not offered")
        self._encoding, self._limit, self._compressed = encoding, limit, 0
        self._engine = None if encoding in ("", "identity") else zlib.decompressobj(wbits=47)
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        self._compressed += len(data)
        if self._engine is None:
            self._out += data
        else:
            self._out += self._inflated(data)
        if max(len(self._out), self._compressed) > self._limit:
            raise _Fail(Fault.TOO_LARGE, f"more than {self._limit} bytes")

    def _inflated(self, data: bytes) -> bytes:
        assert self._engine is not None
        if self._engine.eof:
            return b""  # padding after the end, which some servers send
        room = self._limit - len(self._out) + 1
        try:
            return self._engine.decompress(data, room)
        except zlib.error as error:
            if self._encoding == "deflate" and self._compressed == len(data):  # many servers send it without a header
                self._engine = zlib.decompressobj(wbits=-15)
                try:
                    return self._engine.decompress(data, room)
                except zlib.error as second:
                    raise _Fail(Fault.BAD_ENCODING, f"no {self._encoding}: {second}") from second
            raise _Fail(Fault.BAD_ENCODING, f"no {self._encoding}: {error}") from error

    def end(self) -> bytes:
        if self._engine is not None and self._compressed and not self._engine.eof:
            raise _Fail(Fault.BAD_ENCODING, f"{self._encoding} body ends early")
        return bytes(self._out)


def _validators(ask: Ask, url: str) -> Mapping[str, str]:
    if (ask.validators_url or ask.url) != url:
        return {}
    headers = {"If-None-Match": ask.etag, "If-Modified-Since": ask.last_modified}
    return {name: value for name, value in headers.items() if value}


def _target(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location.strip()))
        if not target.host:
            return target  # is refused by the next hop's check
        return target.with_user(None).with_fragment(None)  # credentials are nobody's to hand on
    except ValueError as error:
        raise _Fail(Fault.BAD_RESPONSE, f"{url} redirects to {location[:200]!r}: {error}") from error


def _fault(status: int) -> Fault:
    if status == 410:
        return Fault.GONE
    if status == 429:
        return Fault.TOO_MANY_REQUESTS
    return Fault.SERVER_ERROR if status >= 500 else Fault.CLIENT_ERROR if status >= 400 else Fault.BAD_RESPONSE


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
