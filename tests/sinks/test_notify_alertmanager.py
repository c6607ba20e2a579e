"""The receiver of Alertmanager's webhook: what it reads, and when it says later."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp.test_utils import TestClient, TestServer

from sinks.notify.alertmanager import Firing, Later, Receiver, read_call

PL = {"alertname": "TreatyTransition", "case": "PL:APMBC", "transition": "t1", "kind": "signal"}


def call(*alerts: tuple[str, dict[str, str]]) -> bytes:
    """A webhook body of version 4, with the keys that Alertmanager sends."""
    rows = [{"status": status, "labels": labels, "annotations": {}, "startsAt": "x"} for status, labels in alerts]
    return json.dumps({"version": "4", "groupKey": "{}", "receiver": "notify", "alerts": rows}).encode()


def test_firing_transitions_are_read_each_once() -> None:
    """Resolved alerts are no news."""
    read = read_call(call(("firing", PL), ("firing", PL), ("resolved", {**PL, "transition": "t0"})))

    assert read.firing == (Firing("PL:APMBC", "t1"),)
    assert read.strange == ()


def test_an_alert_that_names_no_transition_is_strange() -> None:
    """It was routed here by mistake; its name helps to find the route."""
    assert read_call(call(("firing", {"alertname": "RoleDown"}))).strange == ("RoleDown",)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"alerts": 1}', b'{"alerts": [{"status": 1}]}', b"\xff"]
)
def test_what_is_no_call_is_an_error(body: bytes) -> None:
    """No trace, no half reading."""
    with pytest.raises(ValueError, match="no Alertmanager webhook"):
        read_call(body)


class Role:
    """Stands for the role behind the receiver."""

    def __init__(self) -> None:
        self.ready = True
        self.later: str | None = None
        self.slow = False
        self.taken: list[Firing] = []

    def take(self, firing: Sequence[Firing]) -> None:
        """Take on, or say later."""
        if self.later:
            raise Later(self.later)
        self.taken += firing

    async def told(self, firing: Sequence[Firing]) -> None:
        """Return once told; never where a channel is down."""
        if self.slow:
            raise TimeoutError

    def receiver(self) -> Receiver:
        """The receiver in front of it."""
        return Receiver(lambda: self.ready, self.take, self.told, answer_within_seconds=5)


@pytest.fixture
def role() -> Role:
    """A role that is well."""
    return Role()


@pytest.fixture
async def client(role: Role) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]  # two forms across versions
    """A client of the receiver."""
    async with TestClient(TestServer(role.receiver().application())) as client:
        yield client


async def test_ok_means_told(role: Role, client: TestClient) -> None:  # type: ignore[type-arg]
    """200 only after every channel has it."""
    answer = await client.post("/alertmanager", data=call(("firing", PL)))

    assert answer.status == 200
    assert role.taken == [Firing("PL:APMBC", "t1")]


async def test_a_record_that_is_not_there_yet_is_later(role: Role, client: TestClient) -> None:  # type: ignore[type-arg]
    """Alertmanager tries again at 503, and never at 4xx."""
    role.later = "case PL:APMBC has no transition t1 yet"

    answer = await client.post("/alertmanager", data=call(("firing", PL)))

    assert answer.status == 503
    assert "has no transition t1 yet" in await answer.text()


async def test_a_channel_that_is_down_is_later(role: Role, client: TestClient) -> None:  # type: ignore[type-arg]
    """It is taken on, and not told: no 200."""
    role.slow = True

    answer = await client.post("/alertmanager", data=call(("firing", PL)))

    assert answer.status == 503
    assert role.taken


async def test_a_strange_alert_is_refused_and_ours_beside_it_is_told(role: Role, client: TestClient) -> None:  # type: ignore[type-arg]
    """A wrong route shows in Alertmanager's failures and costs no message."""
    answer = await client.post("/alertmanager", data=call(("firing", {"alertname": "RoleDown"}), ("firing", PL)))

    assert answer.status == 400
    assert "RoleDown" in await answer.text()
    assert role.taken == [Firing("PL:APMBC", "t1")]


async def test_malformed_calls_are_refused(client: TestClient) -> None:  # type: ignore[type-arg]
    """And oversized ones."""
    assert (await client.post("/alertmanager", data=b"{")).status == 400
    assert (await client.post("/alertmanager", data=b"x" * 1_100_000)).status == 413
    assert (await client.get("/alertmanager")).status == 405


async def test_health_follows_the_topic(role: Role, client: TestClient) -> None:  # type: ignore[type-arg]
    """Not well until the topic is read."""
    role.ready = False
    before = (await client.get("/healthz")).status
    role.ready = True

    assert (before, (await client.get("/healthz")).status) == (503, 200)
