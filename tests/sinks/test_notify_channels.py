"""The channels: a webhook against a local server, and the terminal."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from sinks.notify.channel import Outcome
from sinks.notify.channels import open_channels
from sinks.notify.terminal import Terminal, render
from sinks.notify.trial import send_test, trial_message
from sinks.notify.webhook import Webhook, fault_of, judge
from tests.sinks.told import LINKS, NOON, a_message
from treatywatch.errors import ConfigError
from treatywatch.settings import Notify, Settings


class Hook:
    """A webhook receiver that answers as told and keeps what it got."""

    def __init__(self) -> None:
        self.status = 200
        self.silent = False
        self.got: list[tuple[dict[str, str], dict[str, object]]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take a call."""
        self.got.append((dict(request.headers), json.loads(await request.read())))
        if self.silent:
            await asyncio.sleep(60)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A receiver on a free port."""
    receiver = Hook()
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def outcome(url: str, seconds: float = 5.0) -> Outcome:
    """How one attempt ends."""
    channel = Webhook(url, seconds)
    try:
        return (await channel.send(a_message())).outcome
    finally:
        await channel.close()


async def test_webhook_posts_the_message_with_its_idempotency_key(hook: Hook) -> None:
    """The body is the version 1 JSON."""
    assert await outcome(hook.url) is Outcome.SENT

    ((headers, body),) = hook.got
    assert headers["Idempotency-Key"] == body["id"] == "t1"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("treatywatch/")
    assert body["version"] == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Outcome.SENT),
        (204, Outcome.SENT),
        (301, Outcome.REFUSED),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (429, Outcome.DOWN),
        (503, Outcome.DOWN),
        (500, Outcome.UNKNOWN),  # it may have taken it and then failed
        (502, Outcome.UNKNOWN),  # a gateway does not know either
        (504, Outcome.UNKNOWN),
    ],
)
async def test_webhook_reads_the_answer(hook: Hook, status: int, expected: Outcome) -> None:
    """What is certain, and what is open."""
    hook.status = status

    assert await outcome(hook.url) is expected
    assert len(hook.got) == 1  # no redirect is followed, nothing is tried twice


async def test_webhook_that_does_not_answer_leaves_it_open(hook: Hook) -> None:
    """The message may have arrived."""
    hook.silent = True

    assert await outcome(hook.url, seconds=0.2) is Outcome.UNKNOWN
    assert len(hook.got) == 1


async def test_no_connection_is_certain(unused_tcp_port: int) -> None:
    """Nothing can have arrived."""
    assert await outcome(f"http://127.0.0.1:{unused_tcp_port}/hook") is Outcome.DOWN


@pytest.mark.parametrize(("status", "word"), [(301, "final address"), (404, "address"), (403, "token")])
def test_webhook_says_what_to_check(status: int, word: str) -> None:
    """The log line helps."""
    assert word in judge(status).detail


@pytest.mark.parametrize("url", ["https://chat.example.org/hook/T0?x=1", "http://127.0.0.1:8080/", "http://[::1]:1/"])
def test_addresses_that_are_right(url: str) -> None:
    """No fault."""
    assert fault_of(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "chat.example.org/hook",
        "htp://x/",
        "ftp://x/",
        "http://",
        "https:///path",
        "http://x:99999/",
        "http://[::1",
        "http://a b/",
        "http://x\n/",
        "",
    ],
)
def test_addresses_that_are_wrong(url: str) -> None:
    """Each is a line that names the setting."""
    fault = fault_of(url)

    assert fault is not None
    assert fault.startswith("notify.webhooks: ")


def test_all_wrong_addresses_are_shown_at_once_and_no_secret() -> None:
    """A path behind the host may be a token."""
    settings = Notify(webhooks=("htp://chat.example.org/services/SECRET", "http://", "https://right.example/"))

    with pytest.raises(ConfigError) as raised:
        open_channels(settings, io.StringIO())

    assert len(raised.value.faults) == 2
    assert "SECRET" not in str(raised.value)


def test_nobody_to_tell_is_an_error() -> None:
    """An alerting system without a channel looks like a quiet week."""
    with pytest.raises(ConfigError, match="nobody to tell"):
        open_channels(Notify(terminal=False), io.StringIO())


def test_a_channel_is_named_by_its_address_and_holds_no_secret() -> None:
    """The name goes into the log and the metrics; the same address is the same channel at every start."""
    one, same, other = (Webhook(f"https://user:pw@chat.example.org/{path}", 1) for path in ("A", "A", "B"))

    assert one.name == same.name != other.name
    assert one.name.startswith("webhook chat.example.org ")
    assert "pw" not in one.name


def test_the_terminal_shows_headline_sentence_and_source() -> None:
    """In a line to read at a glance, and three below it."""
    assert render(a_message(), bold=False).splitlines() == [
        "URGENT  Poland → Ottawa Convention: lower house approves withdrawal",
        "        “Łódź Gazette 1: Sejm votes to leave the Ottawa Convention” — Illustrative Outlet 1, quoting the Sejm",
        "        Would be the first state known to leave",
        "        1 independent source, confidence 0.88 · https://watch.example/case/PL:APMBC",
    ]


def test_the_terminal_says_when_it_may_be_a_repeat() -> None:
    """So that nobody takes it for a second event."""
    message = msgspec.structs.replace(a_message(), possibly_repeated=True)

    assert render(message, bold=False).startswith("URGENT  (possibly repeated) Poland")


def test_marks_are_bold_on_a_terminal_only() -> None:
    """A file or a pipe gets plain text."""
    assert "Gazette 1: \x1b[1mSejm\x1b[0m votes" in render(a_message(), bold=True)
    assert "\x1b" not in render(a_message(), bold=False)


def test_what_feeds_wrote_cannot_steer_the_terminal() -> None:
    """Escape sequences, line ends and direction marks become spaces."""
    hostile = "a\x1b[2J\x07b\nURGENT  fake\r\u202e"
    message = msgspec.structs.replace(
        a_message(),
        headline=hostile,
        sentence=hostile,
        outlet=hostile,
        reasons=(hostile,),
        background=hostile,
        marks=((0, 3, "act"),),
    )

    text = render(message, bold=True).replace("\x1b[1m", "").replace("\x1b[0m", "")

    assert len(text.splitlines()) == 4
    assert not set(text) & set("\x1b\x07\r\u202e")


async def test_a_closed_terminal_is_down() -> None:
    """The message is kept for when there is one again."""
    out = io.StringIO()
    out.close()

    assert (await Terminal(out).send(a_message())).outcome is Outcome.DOWN


async def test_trial_reaches_every_channel_and_says_which_failed(hook: Hook, tmp_path: Path) -> None:
    """`treatywatch notify --test`; the message is marked as none of a real state."""
    settings = Settings(notify=Notify(webhooks=(hook.url, "http://127.0.0.1:9/closed")))
    out = io.StringIO()

    status = await asyncio.to_thread(send_test, settings, tmp_path, out)

    assert status == 1
    assert "terminal: sent" in out.getvalue()
    assert "9 " in out.getvalue()
    assert "down (no connection" in out.getvalue()
    assert hook.got[0][1]["illustrative"] is True
    assert trial_message(NOON, LINKS).id != a_message().id
