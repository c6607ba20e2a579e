"""The notify role: wires the followed cases, the sent log, the channels and Alertmanager's webhook together."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import msgspec
import structlog
from aiohttp import web

from sinks.alertable import alertable
from sinks.case_table import CaseTable
from sinks.consume import Record
from sinks.follow import Follower
from sinks.names import Names
from sinks.notify.alertmanager import Firing, Later, Receiver
from sinks.notify.channel import Channel
from sinks.notify.channels import open_channels
from sinks.notify.courier import Courier
from sinks.notify.due import due_messages
from sinks.notify.sent_log import SentLog
from sinks.notify.trial import send_test
from treatywatch.actors import load_actors
from treatywatch.errors import InstanceError, ServerError
from treatywatch.history import load_history
from treatywatch.metrics import Metrics
from treatywatch.model import Case
from treatywatch.register import load_register
from treatywatch.settings import Settings
from treatywatch.topics import CASES

__all__ = ["run_notify", "send_test"]

LOOK_SECONDS = 0.2  # how often `stop` and the follower are looked at; news of a case wakes the role at once
STOP_SECONDS = 5.0  # how long a message under way may take to get its answer after `stop`

log = structlog.get_logger()


def run_notify(
    settings: Settings,
    config: Path,
    state: Path,
    stop: threading.Event,
    metrics: Metrics,
    out: TextIO = sys.stdout,
) -> None:
    """Tell people until `stop` is set; at the end a message under way gets a few seconds for its answer.

    Raises ConfigError for a wrong address, InstanceError where the sent log or the port is taken, and ServerError (exit
    status 75: start me again) where the topic cannot be followed any more.
    """
    channels = open_channels(settings.notify, out)
    register = load_register(config)
    names = Names(register, load_actors(config), load_history(config, register))
    with SentLog(state / "notify.sqlite") as sent:
        sent.register([channel.name for channel in channels], datetime.now(UTC))
        asyncio.run(_Role(settings, names, sent, channels, stop, metrics).run())


class _Role:
    def __init__(
        self,
        settings: Settings,
        names: Names,
        sent: SentLog,
        channels: Sequence[Channel],
        stop: threading.Event,
        metrics: Metrics,
    ) -> None:
        self._settings, self._names, self._sent, self._channels = settings.notify, names, sent, channels
        self._stop, self._metrics = stop, metrics
        self._hold = timedelta(hours=settings.notify.hold_hours)
        self._table = CaseTable()
        self._news: deque[str] = deque()  # ids of cases with a new record; the follower's thread appends
        self._wake = asyncio.Event()
        self._attempted = asyncio.Event()  # set and replaced after every attempt
        self._follower = Follower(settings.kafka, CASES, self._take_record)
        self._couriers = [Courier(c, sent, metrics, _now, self._after_attempt) for c in channels]

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        runner = await self._listen() if self._settings.source == "alertmanager" else None
        self._metrics.notify_pending.set(self._sent.pending())
        self._follower.start()
        couriers = [asyncio.create_task(courier.run()) for courier in self._couriers]
        try:
            await self._watch(couriers)
        finally:
            if runner is not None:
                await runner.cleanup()
            for courier in self._couriers:
                courier.stop()
            _, late = await asyncio.wait(couriers, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*couriers, return_exceptions=True)
            for channel in self._channels:
                await channel.close()
            self._follower.stop()

    async def _watch(self, couriers: Sequence[asyncio.Task[None]]) -> None:
        scanned = False
        while not self._stop.is_set():
            self._wake.clear()
            if self._follower.failure is not None:
                failure = self._follower.failure
                raise ServerError(f"{CASES.name} cannot be followed: {failure}") from failure
            for courier in couriers:
                if courier.done():
                    courier.result()  # raises: a courier does not end by itself
            # Not before everything is read: the words of a message are those of the case as it stands.
            if self._settings.source == "cases" and self._follower.caught_up.is_set():
                changed = dict.fromkeys(self._news.popleft() for _ in range(len(self._news)))
                self._accept((case for id in changed if (case := self._table.get(id))) if scanned else self._table)
                scanned = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    def _take_record(self, record: Record) -> None:
        """Runs on the follower's thread."""
        case = self._table.put(record)
        if case is not None and self._settings.source == "cases":
            self._news.append(case.id)
            self._loop.call_soon_threadsafe(self._wake.set)

    def _accept(self, cases: Iterable[Case]) -> None:
        messages = due_messages(
            cases,
            now=_now(),
            hold=self._hold,
            known=self._sent.known,
            names=self._names,
            link_base=self._settings.link_base,
            others=lambda case: self._table.of_treaty(case.treaty),
        )
        if messages and self._sent.accept(messages, _now()):
            self._metrics.notify_pending.set(self._sent.pending())
            for courier in self._couriers:
                courier.wake()

    # --- Alertmanager

    async def _listen(self) -> web.AppRunner:
        receiver = Receiver(self._follower.caught_up.is_set, self._take, self._told, self._settings.timeout_seconds + 2)
        runner = web.AppRunner(receiver.application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise InstanceError(
                f"notify cannot listen on {host}:{port}: {error.strerror}; set TREATYWATCH_NOTIFY_PORT to a free port"
            ) from error
        log.info("listening for Alertmanager", addresses=runner.addresses)
        return runner

    def _take(self, firing: Sequence[Firing]) -> None:
        """Take on the transitions that are not known yet. Raises Later, with none taken, where one is missing."""
        if not self._follower.caught_up.is_set():
            raise Later("still reading the cases topic")
        cases: dict[str, Case] = {}
        wanted: set[str] = set()
        for alert in firing:
            if self._sent.known(alert.transition):
                continue
            case = self._table.get(alert.case)
            if case is None or all(transition.id != alert.transition for transition in case.transitions):
                raise Later(f"case {alert.case} has no transition {alert.transition} yet")
            cases[case.id] = case
            wanted.add(alert.transition)
        due = {t.id for case in cases.values() for t in alertable(case, _now(), self._hold)}
        for old in wanted - due:
            log.warning("older than notify.hold_hours, not sent", transition=old)
        self._accept(
            msgspec.structs.replace(case, transitions=tuple(t for t in case.transitions if t.id in wanted))
            for case in cases.values()
        )

    async def _told(self, firing: Sequence[Firing]) -> None:
        ids = [alert.transition for alert in firing]
        while ids and self._sent.undelivered(ids):
            await self._attempted.wait()

    def _after_attempt(self) -> None:
        self._attempted.set()
        self._attempted = asyncio.Event()


def _now() -> datetime:
    return datetime.now(UTC)
