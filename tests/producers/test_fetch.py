"""One conditional GET against a real local server: every outcome is a value."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import brotli
import pytest
from aiohttp import web

from producers.addresses import Admission
from producers.fetch import Answer, Ask, Failed, Fault, Fetcher
from tests.producers.feed_server import Clock, FeedServer
from treatywatch.settings import Produce

SETTINGS = Produce(contact="https://example.org/contact", timeout_seconds=5, max_body_bytes=100_000)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


async def get(server: FeedServer, ask: Ask, settings: Produce = SETTINGS, named: str | None = None) -> Answer | Failed:
    admission = Admission.of([named or server.url("/")], allow_private=True)
    async with Fetcher(settings, admission, Clock()) as fetcher:
        return await fetcher.fetch(ask)


async def test_etag_and_last_modified_are_kept_and_sent_back_verbatim(server: FeedServer) -> None:
    """Weak marks, quotes and odd dates come back letter by letter."""
    odd = {"ETag": 'W/"a b;c"', "Last-Modified": "Wednesday, 18-Jun-25 09:00:00 GMT"}
    server.says("/feed", "x", headers=odd)

    first = await get(server, Ask(server.url("/feed")))
    assert isinstance(first, Answer)
    await get(server, Ask(server.url("/feed"), first.etag, first.last_modified, first.url))

    assert (first.etag, first.last_modified) == (odd["ETag"], odd["Last-Modified"])
    assert server.headers("If-None-Match") == [None, odd["ETag"]]
    assert server.headers("If-Modified-Since") == [None, odd["Last-Modified"]]


async def test_validators_go_to_no_other_address_than_the_one_that_gave_them(server: FeedServer) -> None:
    """They mean nothing elsewhere, and would say where a reader has been."""
    server.says("/feed", "x")

    await get(server, Ask(server.url("/feed"), '"e"', None, server.url("/elsewhere")))

    assert server.headers("If-None-Match") == [None]


async def test_not_modified_has_no_body(server: FeedServer) -> None:
    """A 304 to a conditional request is an answer without a body."""
    server.says("/feed", status=304)

    answer = await get(server, Ask(server.url("/feed"), '"e"', None, server.url("/feed")))

    assert isinstance(answer, Answer)
    assert answer.body is None


async def test_not_modified_that_nobody_asked_for_is_a_failure(server: FeedServer) -> None:
    """A 304 without validators would hide the feed for ever."""
    server.says("/feed", status=304)

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.UNASKED_304


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("Wed, 18 Jun 2025 12:05:00 GMT", 300), ("Wed, 18 Jun 2025 11:00:00 GMT", None), ("soon", None)],
)
async def test_retry_after_is_read_in_both_forms(server: FeedServer, value: str, seconds: int | None) -> None:
    """Seconds or a date; a date gone by or words hold nothing."""
    server.says("/feed", status=503, headers={"Retry-After": value})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.SERVER_ERROR
    assert answer.retry_after == (None if seconds is None else Clock().time + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (410, Fault.GONE),
        (404, Fault.CLIENT_ERROR),
        (403, Fault.CLIENT_ERROR),
        (429, Fault.TOO_MANY_REQUESTS),
        (500, Fault.SERVER_ERROR),
        (204, Fault.BAD_RESPONSE),
    ],
)
async def test_status_tells_the_kind_of_failure(server: FeedServer, status: int, fault: Fault) -> None:
    """Gone, refused, busy and broken are told apart."""
    server.says("/feed", status=status)

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is fault


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": "no-cache"}, None),
        ({"Expires": "Wed, 18 Jun 2025 12:10:00 GMT", "Date": "Wed, 18 Jun 2025 12:00:00 GMT"}, 600),
        ({"Cache-Control": "max-age=60", "Expires": "Wed, 18 Jun 2025 12:10:00 GMT"}, 60),
        ({"Expires": "0"}, None),
    ],
)
async def test_freshness_is_what_the_server_calls_it(
    server: FeedServer, headers: dict[str, str], seconds: float | None
) -> None:
    """Cache-Control wins over Expires, and an invalid date says nothing."""
    server.says("/feed", "x", headers=headers)

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Answer)
    assert answer.fresh_seconds == seconds


@pytest.mark.parametrize("status", [301, 308])
async def test_permanent_redirect_is_followed_and_told(server: FeedServer, status: int) -> None:
    """The body comes from the target, and `moved` names it."""
    server.says("/old", status=status, headers={"Location": "/new"})
    server.says("/new", "x")

    answer = await get(server, Ask(server.url("/old")))

    assert isinstance(answer, Answer)
    assert (answer.url, answer.moved, answer.body) == (server.url("/new"), server.url("/new"), b"x")


async def test_permanent_after_temporary_redirect_moves_nothing(server: FeedServer) -> None:
    """A near miss: the first hop is temporary, so the feed still lives where it was."""
    server.says("/old", status=302, headers={"Location": "/today"})
    server.says("/today", status=301, headers={"Location": "/new"})
    server.says("/new", "x")

    answer = await get(server, Ask(server.url("/old")))

    assert isinstance(answer, Answer)
    assert answer.moved is None


async def test_five_redirects_are_followed_and_a_sixth_is_not(server: FeedServer) -> None:
    """Endless redirects end."""
    for hop in range(6):
        server.says(f"/{hop}", status=302, headers={"Location": f"/{hop + 1}"})
    server.says("/6", "x")

    five, six = await get(server, Ask(server.url("/1"))), await get(server, Ask(server.url("/0")))

    assert isinstance(five, Answer)
    assert isinstance(six, Failed)
    assert six.fault is Fault.REDIRECTS


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",  # cloud metadata
        "http://127.0.0.1/",  # loopback on a web port, which the feeds file does not name
        "http://127.0.0.1:22/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "file:///etc/hostname",
        "gopher://example.org/",
    ],
)
async def test_redirect_to_where_nobody_may_go_is_refused(server: FeedServer, target: str) -> None:
    """Only the private address that the feeds file names is admitted, whatever a server says."""
    server.says("/feed", status=302, headers={"Location": target})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.REFUSED_ADDRESS
    assert len(server.asked) == 1


async def test_address_written_as_a_number_is_no_address(server: FeedServer) -> None:
    """2130706433 is 127.0.0.1 in a spelling that only attackers use."""
    server.says("/feed", status=302, headers={"Location": "http://2130706433/"})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert len(server.asked) == 1


async def test_private_feed_is_refused_unless_allowed(server: FeedServer) -> None:
    """Without `allow_private` even a named private address is not connected to."""
    async with Fetcher(SETTINGS, Admission.of([server.url("/")], allow_private=False), Clock()) as fetcher:
        answer = await fetcher.fetch(Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.REFUSED_ADDRESS
    assert server.asked == []


class Rebinding:
    """A resolver under which a public name leads to loopback at first, and then wherever it is told."""

    def __init__(self, *then: str) -> None:
        self.addresses = ["127.0.0.1", *then]
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        address = self.addresses[min(self.asked, len(self.addresses) - 1)]
        self.asked += 1
        version = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [{"hostname": host, "host": address, "port": port, "family": version, "proto": 6, "flags": 0}]

    async def close(self) -> None: ...


async def test_public_name_that_leads_to_a_private_address_is_refused(server: FeedServer) -> None:
    """What counts is the address that the socket goes to, not the name and not an earlier look-up."""
    port = server.url("/").rsplit(":", 1)[1].strip("/")
    named = f"http://feeds.example.org:{port}/feed"
    async with Fetcher(SETTINGS, Admission.of([named], True), Clock(), resolver=Rebinding()) as fetcher:  # type: ignore[arg-type]  # a fake
        answer = await fetcher.fetch(Ask(named))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.REFUSED_ADDRESS
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "127.0.0.2",
        "0.0.0.0",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
async def test_name_that_rebinds_is_refused_at_the_socket(server: FeedServer, address: str) -> None:
    """It leads to an admitted address once, so that every check before would pass, and elsewhere the next time."""
    port = int(server.url("/").rsplit(":", 1)[1].strip("/"))
    server.says("/feed", "x", headers={"Connection": "close"})
    url, names = f"http://feeds.example.org:{port}/feed", Rebinding(address)
    admission = Admission.of([url, server.url("/")], allow_private=True)
    answers = []
    for _ in range(2):  # each with a connection and a cache of names of its own
        async with Fetcher(SETTINGS, admission, Clock(), resolver=names) as fetcher:  # type: ignore[arg-type]  # a fake
            answers.append(await fetcher.fetch(Ask(url)))

    assert isinstance(answers[0], Answer)
    assert isinstance(answers[1], Failed)
    assert answers[1].fault is Fault.REFUSED_ADDRESS
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),  # without the header that the standard asks for
        ("br", brotli.compress),
    ],
)
async def test_compressed_body_is_read(server: FeedServer, encoding: str, pack: Any) -> None:
    """gzip, both kinds of deflate, and br; each of them is offered."""
    server.says("/feed", pack(b"news " * 1000), headers={"Content-Encoding": encoding})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Answer)
    assert answer.body == b"news " * 1000
    assert encoding in (server.headers("Accept-Encoding")[0] or "")


async def test_body_bomb_is_too_large(server: FeedServer) -> None:
    """A hundred kilobytes that unpack to a hundred megabytes are cut at the limit, not unpacked."""
    server.says("/feed", gzip.compress(bytes(100_000_000), 9, mtime=0)[:99_000], headers={"Content-Encoding": "gzip"})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.TOO_LARGE


async def test_body_at_the_limit_is_read_and_one_byte_more_is_not(server: FeedServer) -> None:
    """The limit is exact, with and without compression."""
    for path, size in (("/fits", 100_000), ("/not", 100_001)):
        server.says(path, bytes(size))
        server.says(f"{path}.gz", gzip.compress(bytes(size), mtime=0), headers={"Content-Encoding": "gzip"})

    answers = [await get(server, Ask(server.url(path))) for path in ("/fits", "/fits.gz", "/not", "/not.gz")]

    assert [type(answer) for answer in answers] == [Answer, Answer, Failed, Failed]


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"plain", "gzip"), (gzip.compress(b"news", mtime=0)[:-6], "gzip"), (b"x", "zstd")]
)
async def test_body_that_is_not_what_it_says_is_a_failure(server: FeedServer, body: bytes, encoding: str) -> None:
    """No gzip, half of one, or an encoding that was not offered."""
    server.says("/feed", body, headers={"Content-Encoding": encoding})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.BAD_ENCODING


async def test_slow_drip_ends_at_the_time_limit(server: FeedServer) -> None:
    """A server that sends a byte now and then cannot hold a fetch beyond its total time."""
    over = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"<rss>")
        await over.wait()
        return response

    server.answers["/feed"] = drip

    answer = await get(server, Ask(server.url("/feed")), Produce(timeout_seconds=0.3))
    over.set()

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.TIMEOUT


async def test_user_agent_says_who_and_how_to_reach_them(server: FeedServer) -> None:
    """A publisher can complain; no cookies are kept and no referrer is told."""
    server.says("/feed", "x", headers={"Set-Cookie": "who=you; Path=/"})

    async with Fetcher(SETTINGS, Admission.of([server.url("/")], True), Clock()) as fetcher:
        await fetcher.fetch(Ask(server.url("/feed")))
        await fetcher.fetch(Ask(server.url("/feed")))

    agents = server.headers("User-Agent")
    assert all(
        agent and agent.startswith("treatywatch/") and "(+https://example.org/contact)" in agent for agent in agents
    )
    assert server.headers("Cookie") == server.headers("Referer") == [None, None]


async def test_nobody_listening_is_a_value(server: FeedServer) -> None:
    """A refused connection raises nothing."""
    dead = "http://127.0.0.1:9/feed"

    answer = await get(server, Ask(dead), named=dead)

    assert isinstance(answer, Failed)
    assert answer.fault is Fault.UNREACHABLE


def with_login(url: str) -> str:
    return url.replace("http://", "http://reader:secret@")


async def test_user_and_password_go_to_their_own_host_only(server: FeedServer) -> None:
    """A redirect takes the request elsewhere, and the password stays; back at home it is sent again."""
    async with FeedServer() as other:
        server.says("/feed", status=302, headers={"Location": other.url("/away")})
        other.says("/away", status=302, headers={"Location": server.url("/home")})
        server.says("/home", "x")
        admission = Admission.of([server.url("/"), other.url("/")], allow_private=True)
        async with Fetcher(SETTINGS, admission, Clock()) as fetcher:
            answer = await fetcher.fetch(Ask(with_login(server.url("/feed"))))
        away = other.headers("Authorization")

    assert isinstance(answer, Answer)
    assert away == [None]
    assert server.headers("Authorization") == ["Basic cmVhZGVyOnNlY3JldA=="] * 2


async def test_password_is_in_no_answer_and_no_failure(server: FeedServer) -> None:
    """Answers become links of items, and failures become log lines."""
    server.says("/moved", status=301, headers={"Location": "/feed"})
    server.says("/feed", "x")
    server.says("/broken", status=500)
    server.says("/far", status=302, headers={"Location": "http://10.0.0.1/"})
    outcomes = [await get(server, Ask(with_login(server.url(path)))) for path in ("/moved", "/broken", "/far")]
    outcomes.append(await get(server, Ask("http://reader:secret@127.0.0.1:9/"), named="http://127.0.0.1:9/"))

    assert [type(one) for one in outcomes] == [Answer, Failed, Failed, Failed]
    assert "secret" not in repr(outcomes)
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].moved is None  # or the feed would move to an address without its password


async def test_redirect_cannot_make_us_send_a_password(server: FeedServer) -> None:
    """What a Location header carries as a login is the server's wish, not the operator's."""
    server.says("/feed", status=302, headers={"Location": with_login(server.url("/there"))})
    server.says("/there", "x")
    await get(server, Ask(server.url("/feed")))

    assert server.headers("Authorization") == [None, None]


async def test_validators_are_sent_back_where_the_address_has_a_password(server: FeedServer) -> None:
    """The address that gave them is known without it."""
    server.says("/feed", "x", headers={"ETag": '"e"'})
    url = with_login(server.url("/feed"))
    first = await get(server, Ask(url))
    assert isinstance(first, Answer)
    await get(server, Ask(url, first.etag, first.last_modified, first.url))

    assert server.headers("If-None-Match") == [None, '"e"']


@pytest.mark.parametrize(
    ("header", "hub"),
    [
        (
            '<https://hub.example.org/>; rel="hub", <https://news.example.org/feed>; rel="self"',
            "https://hub.example.org/",
        ),
        ('<https://news.example.org/feed>; rel="self"', None),
        ("<javascript:alert(1)>; rel=hub", None),
        ("nonsense;;;", None),
    ],
)
async def test_hub_is_read_from_the_link_header(server: FeedServer, header: str, hub: str | None) -> None:
    """WebSub lets a publisher say it there instead of in the feed."""
    server.says("/feed", "x", headers={"Link": header})

    answer = await get(server, Ask(server.url("/feed")))

    assert isinstance(answer, Answer)
    assert answer.hub == hub
