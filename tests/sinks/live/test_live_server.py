"""The web application with a real socket, and the role with a topic that the test writes."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from sinks.consume import Record
from sinks.live import server
from sinks.live.filters import Filter
from sinks.live.server import Live, build_app, run_live
from tests.sinks.live.cases import NAMES, finland, fishing, norway, poland, sample
from treatywatch.errors import InstanceError, ServerError
from treatywatch.metrics import Metrics
from treatywatch.model import Case
from treatywatch.settings import Kafka, Settings
from treatywatch.settings import Live as LiveSettings
from treatywatch.topics import Topic
from treatywatch.wire import decode, encode

WALL = datetime(2025, 8, 20, 15, 0, tzinfo=UTC)


def record(case: Case) -> Record:
    """A record of the cases topic."""
    return Record("treatywatch.cases", 0, 0, case.id.encode(), encode(case))


@asynccontextmanager
async def site(
    *cases: Case, caught_up: bool = True
) -> AsyncIterator[tuple[Live, TestClient[aiohttp.web.Request, aiohttp.web.Application]]]:
    """Serve these cases."""
    live = Live(NAMES, lambda: WALL)
    for case in cases:
        live.read(record(case))
    if caught_up:
        live.catch_up()
    async with TestClient(TestServer(build_app(live))) as client:
        yield live, client


async def next_event(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, object]]:
    """Read one event of a stream; heartbeats of status are passed over."""
    event, data = "", ""
    async with asyncio.timeout(5):
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and event:
                if event != "status":
                    return event, json.loads(data)
                event = ""


@pytest.mark.parametrize(
    "path", ["/", "/case/PL:APMBC", "/case/PL:APMBC.json", "/healthz", "/events", "/static/app.js", "/no"]
)
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    """Pages, data, streams, files and errors alike."""
    async with site(poland()) as (_, client), client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_case_is_found_by_its_quoted_id_as_page_and_as_json() -> None:
    """Ids hold colons and tildes; a link may quote them or not."""
    async with site(fishing()) as (_, client):
        for path in ("/case/RU:~fishing-gb", "/case/RU%3A%7Efishing-gb"):
            async with client.get(path) as answer:
                assert (answer.status, answer.content_type) == (200, "text/html")
        async with client.get("/case/RU:~fishing-gb.json") as answer:
            assert answer.content_type == "application/json"
            assert msgspec.json.decode(await answer.read(), type=Case) == fishing()


@pytest.mark.parametrize("path", ["/case/XX:NPT", "/nowhere", "/static/../server.py", "/static/nothing.css"])
async def test_wrong_address_gets_a_page_that_leads_back(path: str) -> None:
    """Friendly, and honest in its status."""
    async with site(poland()) as (_, client), client.get(path) as answer:
        assert answer.status == 404
        assert "See what is happening now" in await answer.text()


async def test_health_is_503_until_the_topic_has_been_read() -> None:
    """A load balancer or a health check waits for the whole picture."""
    async with site(poland(), caught_up=False) as (live, client):
        async with client.get("/healthz") as answer:
            assert (answer.status, await answer.json()) == (503, {"caught_up": False, "cases": 1})
        live.catch_up()
        async with client.get("/healthz") as answer:
            assert answer.status == 200


async def test_filter_in_the_address_works_without_a_script() -> None:
    """The form is a plain GET."""
    async with site(*sample()) as (_, client), client.get("/?actor=FI&stage=notified&page=abc") as answer:
        page = await answer.text()

    assert "Finland → Ottawa Convention" in page
    assert "Poland → Ottawa Convention" not in page


async def test_open_page_gets_a_change_as_the_pieces_to_show() -> None:
    """Row, alert, countdown line and the words for a screen reader, for a case that is new to it."""
    async with site(norway()) as (live, client), client.get("/events") as stream:
        live.read(record(poland(5)))
        event, data = await next_event(stream)

    assert event == "came"
    assert data["id"] == "PL:APMBC"
    assert str(data["row"]).startswith('<li class="case s-urgent"')
    assert 'id="countdown-PL:APMBC"' in str(data["countdown"])
    said = data["say"]
    assert isinstance(said, list)
    assert said[-1] == "Poland → Ottawa Convention: notice deposited"
    alerts = data["alerts"]
    assert isinstance(alerts, list)
    assert len(alerts) == 5
    assert "deposited its notice" in alerts[-1]


async def test_page_that_reconnects_gets_what_it_missed_and_only_that() -> None:
    """The browser sends the last id it saw; so does a page that was made before it connected."""
    async with site() as (live, client):
        live.read(record(norway()))
        position = live.hub.position
        live.read(record(finland()))
        for how in ({"headers": {"Last-Event-ID": position}}, {"params": {"after": position}}):
            async with client.get("/events", **how) as stream:  # type: ignore[arg-type]  # either keyword is fine
                event, data = await next_event(stream)
                assert (event, data["id"]) == ("came", "FI:APMBC")
        async with client.get("/events", headers={"Last-Event-ID": "earlier-run-7"}) as stream:
            assert await next_event(stream) == ("resync", {})


async def test_filtered_page_hears_only_of_its_cases() -> None:
    """The stream has the filter of its page; a case page follows its case alone."""
    async with (
        site() as (live, client),
        client.get("/events?actor=FI") as filtered,
        client.get("/events?case=FI:APMBC") as one,
    ):
        live.read(record(poland(5)))
        live.read(record(finland()))
        for stream in (filtered, one):
            _, data = await next_event(stream)
            assert data["id"] == "FI:APMBC"


async def test_what_was_recorded_earlier_is_not_told_as_news() -> None:
    """While the topic is read from its start, open pages are quiet; then they fetch themselves anew, once."""
    async with site(caught_up=False) as (live, client), client.get("/events") as stream:
        live.read(record(poland(5)))
        live.catch_up()
        live.read(record(finland()))

        assert (await next_event(stream))[0] == "resync"
        assert (await next_event(stream))[1]["id"] == "FI:APMBC"


async def test_unreadable_record_is_counted_and_the_rest_goes_on() -> None:
    """One bad record is shown as such and hides nothing."""
    async with site() as (live, client):
        live.read(Record("treatywatch.cases", 0, 7, b"x", b'{"v":1,"id":7}'))
        live.read(record(poland()))
        async with client.get("/") as answer:
            page = await answer.text()

    assert "1 unreadable record" in page
    assert "Poland → Ottawa Convention" in page


async def test_files_are_kept_by_the_browser_under_their_hash_only() -> None:
    """A new version has a new address; without the hash the browser asks each time."""
    async with site() as (live, client):
        async with client.get(f"/static/app.js?v={live.assets}") as answer:
            assert "immutable" in answer.headers["Cache-Control"]
        async with client.get("/static/app.js?v=other") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


async def test_open_streams_end_when_the_server_does() -> None:
    """A stop does not wait for pages that stay open."""
    async with site() as (live, client):
        stream = await client.get("/events")
        async with asyncio.timeout(5):
            await stream.content.readline()
            live.hub.close()
            while await stream.content.readline():
                pass
        assert len(live.hub) == 0


async def test_page_is_made_once_for_all_readers_and_anew_after_each_record() -> None:
    """A crowd that comes back at once costs one page; nobody sees an old one."""
    live = Live(NAMES, lambda: WALL)
    live.read(record(norway()))
    first = live.now_page(Filter(), 1)

    assert live.now_page(Filter(), 1) is first
    assert live.now_page(Filter(actor="FI"), 1) != first
    live.catch_up()
    assert live.now_page(Filter(), 1) != first
    live.read(record(poland(5)))
    assert "Poland → Ottawa Convention" in live.now_page(Filter(), 1)


class FakeFollower:
    """A topic that holds what the test puts into it."""

    records: tuple[Record, ...] = ()
    error: BaseException | None = None

    def __init__(self, settings: Kafka, topic: Topic, take: Callable[[Record], None]) -> None:
        assert topic.name == "treatywatch.cases"
        self.caught_up = threading.Event()
        self.failure = self.error
        self.take = take

    def start(self) -> None:
        """Hand over everything, on a thread of its own as the real one does."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for each in self.records:
            self.take(each)
        self.caught_up.set()

    def stop(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return int(port)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration folder with one treaty and one state."""
    (tmp_path / "treaties.yml").write_text(
        "treaties:\n  - {id: APMBC, name: Ottawa Convention, official: Mine Ban Convention, kind: IHL/disarmament}\n"
    )
    (tmp_path / "actors.yml").write_text("actors:\n  PL: {name: Poland}\n")
    return tmp_path


def fetch(url: str) -> tuple[int, bytes]:
    """GET a page of the role under test."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def test_role_serves_the_topic_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, free_port: int, config: Path
) -> None:
    """From the records to the page with the real register and names, and a clean end."""
    monkeypatch.setattr(server, "Follower", FakeFollower)
    monkeypatch.setattr(FakeFollower, "records", tuple(record(case) for case in sample()))
    settings, stop = Settings(live=LiveSettings(port=free_port)), threading.Event()
    role = threading.Thread(target=run_live, args=(settings, config, stop, Metrics()))
    role.start()
    try:
        url = f"http://127.0.0.1:{free_port}"
        waited = threading.Event()
        for _ in range(200):
            try:
                if fetch(f"{url}/healthz")[0] == 200:
                    break
            except OSError:
                pass
            waited.wait(0.05)
        status, body = fetch(f"{url}/")

        assert status == 200
        assert "Poland → Ottawa Convention" in body.decode()
        assert decode(encode(poland(5)), Case).id == json.loads(fetch(f"{url}/case/PL:APMBC.json")[1])["id"]
    finally:
        stop.set()
        role.join(10)
    assert not role.is_alive()


def test_taken_port_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    """Which address, and what to set."""
    monkeypatch.setattr(server, "Follower", FakeFollower)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(live=LiveSettings(port=other.getsockname()[1]))

        with pytest.raises(InstanceError, match="set TREATYWATCH_LIVE_PORT"):
            run_live(settings, config, threading.Event(), Metrics())


def test_topic_that_cannot_be_followed_ends_the_role(
    monkeypatch: pytest.MonkeyPatch, free_port: int, config: Path
) -> None:
    """A page that has stopped being fed must not look alive: the supervisor starts it again."""
    monkeypatch.setattr(server, "Follower", FakeFollower)
    monkeypatch.setattr(FakeFollower, "error", LookupError("topic treatywatch.cases does not exist"))

    with pytest.raises(ServerError, match=r"cannot be followed: topic treatywatch\.cases does not exist"):
        run_live(Settings(live=LiveSettings(port=free_port)), config, threading.Event(), Metrics())


def test_static_files_are_packaged_beside_the_code() -> None:
    """The wheel carries them: they lie inside the package."""
    folder = Path(server.__file__).parent / "static"

    assert {path.name for path in folder.iterdir()} >= {"style.css", "app.js", "icon.svg"}
