"""The courier: nothing is given up, nothing is repeated unmarked, and nobody waits for another channel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from sinks.notify.channel import Outcome
from sinks.notify.courier import Courier, back_off
from sinks.notify.sent_log import SentLog
from tests.sinks.told import NOON, Clock, ScriptedChannel, a_message
from treatywatch.metrics import Metrics

DOWN, REFUSED, UNKNOWN, SENT = Outcome.DOWN, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.SENT


def log_with(folder: Path, *ids: str, channels: tuple[str, ...] = ("scripted",)) -> SentLog:
    """A log that owes these messages."""
    log = SentLog(folder / "notify.sqlite")
    log.register(channels, NOON)
    log.accept([a_message(id) for id in ids], NOON)
    return log


async def test_each_message_is_brought_once_and_in_order(tmp_path: Path) -> None:
    """A second round brings nothing."""
    log, channel = log_with(tmp_path, "t1", "t2"), ScriptedChannel()
    courier = Courier(channel, log, Metrics(), Clock())

    first, second = await courier.round(), await courier.round()

    assert channel.ids == ["t1", "t2"]
    assert (first, second) == ((False, True), (False, False))
    assert channel.got[0].sent_at == NOON
    assert not any(message.possibly_repeated for message in channel.got)


async def test_a_channel_that_is_down_is_tried_again_with_the_same_message(tmp_path: Path) -> None:
    """It certainly did not arrive, so the next attempt is no repeat; the rest waits in order."""
    log, channel = log_with(tmp_path, "t1", "t2"), ScriptedChannel(DOWN)
    courier = Courier(channel, log, Metrics(), Clock())

    first, second = await courier.round(), await courier.round()

    assert channel.ids == ["t1", "t1", "t2"]
    assert (first, second) == ((True, False), (False, True))
    assert not any(message.possibly_repeated for message in channel.got)


async def test_an_attempt_that_was_cut_off_is_marked_when_repeated(tmp_path: Path) -> None:
    """With the same id, which is the idempotency key."""
    log, channel = log_with(tmp_path, "t1"), ScriptedChannel(UNKNOWN, DOWN)
    courier = Courier(channel, log, Metrics(), Clock())

    for _ in range(3):
        await courier.round()

    assert channel.ids == ["t1", "t1", "t1"]
    assert [message.possibly_repeated for message in channel.got] == [False, True, True]


async def test_a_message_that_is_refused_does_not_hold_up_the_next(tmp_path: Path) -> None:
    """It is kept and tried again all the same."""
    log, channel = log_with(tmp_path, "bad", "good"), ScriptedChannel(REFUSED, SENT, REFUSED)
    courier = Courier(channel, log, Metrics(), Clock())

    await courier.round()
    await courier.round()

    assert channel.ids == ["bad", "good", "bad"]
    assert [entry.message.id for entry in log.owed("scripted")] == ["bad"]


async def test_run_delivers_until_it_is_stopped(tmp_path: Path) -> None:
    """It wakes for news, and ends when told."""
    log, channel = log_with(tmp_path, "t1"), ScriptedChannel()
    attempted = asyncio.Event()
    courier = Courier(channel, log, Metrics(), Clock(), attempted.set)
    task = asyncio.create_task(courier.run())
    async with asyncio.timeout(10):
        await attempted.wait()
        attempted.clear()
        log.accept([a_message("t2")], NOON)
        courier.wake()
        await attempted.wait()
        courier.stop()
        await task

    assert channel.ids == ["t1", "t2"]


async def test_a_channel_that_is_down_holds_up_no_other(tmp_path: Path) -> None:
    """Each channel has its own courier and its own rows."""
    log = log_with(tmp_path, "t1", channels=("dead", "alive"))
    dead, alive = ScriptedChannel(*[DOWN] * 9, name="dead"), ScriptedChannel(name="alive")
    metrics = Metrics()
    couriers = [Courier(channel, log, metrics, Clock()) for channel in (dead, alive)]

    await asyncio.gather(*(courier.round() for courier in couriers))

    text = generate_latest(metrics.registry).decode()
    assert alive.ids == ["t1"]
    assert log.undelivered(["t1"]) == {"t1"}
    assert 'treatywatch_notifications_total{channel="alive",outcome="sent"} 1.0' in text
    assert 'treatywatch_notifications_total{channel="dead",outcome="down"} 1.0' in text
    assert "treatywatch_notify_pending_messages 1.0" in text


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10_000, 60)])
def test_back_off_doubles_up_to_a_minute(failures: int, seconds: float) -> None:
    """Also after days of failures."""
    assert back_off(failures) == seconds
