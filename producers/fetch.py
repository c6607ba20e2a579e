"""Fetch one feed over HTTP, politely and without fear: one conditional GET, whose every outcome is a value.

Redirects are followed by hand, at most five, each target checked before it is asked and again at the socket. The body
is read and decompressed by ourselves with a cap (`inflate.py`), so that a small answer cannot become a large one.
Decides nothing about the feed: `turn.py` does.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType

import aiohttp
from yarl import URL

from producers.addresses import REFUSED, AddressRefusedError, Admission
from producers.inflate import ENCODINGS, EncodingError, Inflate, TooLargeError
from producers.manners import fresh_for, retry_after
from treatywatch import __version__
from treatywatch.settings import Produce

MAX_REDIRECTS = 5
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_LINE, _HEADERS = 8_190, 100  # bytes of one header line, and how many of them; beyond that it is no answer
_THREADS = 64  # names are looked up on the loop's threads; lookups that hang must leave some to commit with
_MAX_HUB = 2_000  # characters
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
    RESTING = "resting"  # a redirect leads to a site that has asked for a rest
    TOO_MANY_REQUESTS = "too_many_requests"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"


@dataclass(frozen=True, slots=True)
class Ask:
    """What to fetch. The validators are sent back as they came, and only to the address that gave them.

    User and password in `url` go to its own scheme, host and port, and nowhere that a redirect leads to. `rests` says
    until when the site of an address is to be left alone; a redirect to there is not followed meanwhile.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    rests: Callable[[str], datetime | None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, or that there is no new one (`body` none).

    `url` is where it came from, without user and password. `moved` is where a permanent redirect says the feed lives;
    `hub` the WebSub hub that a Link header names.
    """

    url: str
    body: bytes | None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    fresh_seconds: float | None = None
    retry_after: datetime | None = None
    moved: str | None = None
    hub: str | None = None
    tdm_reserved: bool = False  # the publisher reserves text and data mining by header


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer that can be used, and why. `status` and `url` are those of the server, where it answered at all."""

    fault: Fault
    detail: str
    retry_after: datetime | None = None
    status: int | None = None
    url: str | None = None


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
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "fetch"))
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
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_HEADERS,
            headers={
                "User-Agent": f"treatywatch/{__version__} (+{self.settings.contact})",
                "Accept": _ACCEPT,
                "Accept-Encoding": ENCODINGS,
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
                return Failed(Fault.REFUSED_ADDRESS, f"{_bare(ask.url)}: {_line(error.os_error)}")
            return Failed(Fault.UNREACHABLE, _line(error))
        except (aiohttp.ClientConnectionError, OSError) as error:
            return Failed(Fault.UNREACHABLE, _line(error))
        except (aiohttp.ClientError, ValueError) as error:
            return Failed(Fault.BAD_RESPONSE, _line(error))

    async def _follow(self, ask: Ask) -> Answer | Failed:
        assert self._session is not None
        given = URL(ask.url)
        login = _login(given)
        url, moved, only_permanent = given.with_user(None), None, not login
        for _ in range(MAX_REDIRECTS + 1):
            if refusal := self.admission.refusal(url):
                raise _Fail(Fault.REFUSED_ADDRESS, f"{url}: {refusal}")
            asked = _validators(ask, str(url))
            headers = {**asked, **(login if url.origin() == given.origin() else {})}
            async with self._session.get(url, allow_redirects=False, headers=headers) as response:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    return await self._read(response, str(url), moved, bool(asked))
                url = _target(url, response.headers["Location"])
                if url.host and ask.rests and (until := ask.rests(str(url))) is not None:
                    return Failed(Fault.RESTING, f"redirects to {url}, whose site wants a rest", until, url=str(url))
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
            return Failed(_fault(response.status), detail, hold, response.status, url)
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
            hub=_hub(response),
            tdm_reserved=headers.get("tdm-reservation", "").strip() == "1",
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self.settings.max_body_bytes
        if (response.content_length or 0) > limit:
            raise _Fail(Fault.TOO_LARGE, f"{response.content_length} bytes announced, at most {limit} are read")
        try:
            inflate = Inflate(response.headers.get("Content-Encoding", ""), limit)
            async for chunk in response.content.iter_chunked(_CHUNK):
                inflate.feed(chunk)
            return inflate.end()
        except TooLargeError as error:
            raise _Fail(Fault.TOO_LARGE, str(error)) from error
        except EncodingError as error:
            raise _Fail(Fault.BAD_ENCODING, str(error)) from error


def _hub(response: aiohttp.ClientResponse) -> str | None:
    try:
        link = response.links.get("hub")
        url = str(link["url"]) if link else ""
    except (ValueError, KeyError):  # a header that is no Link header
        return None
    return url if url.startswith(("https://", "http://")) and len(url) <= _MAX_HUB else None


def _validators(ask: Ask, url: str) -> Mapping[str, str]:
    if (ask.validators_url or _bare(ask.url)) != url:
        return {}
    headers = {"If-None-Match": ask.etag, "If-Modified-Since": ask.last_modified}
    return {name: value for name, value in headers.items() if value}


def _bare(url: str) -> str:
    return str(URL(url).with_user(None))


def _login(url: URL) -> Mapping[str, str]:
    if not (url.user or url.password):
        return {}
    pair = f"{url.user or ''}:{url.password or ''}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def _target(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location.strip()))
        if not target.host:
            return target  # is refused by the next hop's check
        return target.with_user(None).with_fragment(None)  # credentials are nobody's to hand on or to make us send
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
