"""Bring a channel what the sent log says that it is owed, until it has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from sinks.notify.channel import Attempt, Channel, Outcome
from sinks.notify.sent_log import Owed, SentLog
from treatywatch.metrics import Metrics

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0

log = structlog.get_logger()


def back_off(failures: int) -> float:
    """Return how many seconds to wait after that many rounds in a row without a success: 1, 2, 4 … 60."""
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 10))


class Courier:
    """One channel's deliveries, one after the other; a channel that is down holds up no other channel.

    `changed` is called after every attempt.
    """

    def __init__(
        self,
        channel: Channel,
        sent: SentLog,
        metrics: Metrics,
        clock: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._channel, self._sent, self._metrics = channel, sent, metrics
        self._clock, self._changed = clock, changed
        self._wake = asyncio.Event()
        self._stopping = False
        for outcome in Outcome:
            metrics.notifications.labels(channel.name, outcome)

    def wake(self) -> None:
        """Say that there may be something new to bring."""
        self._wake.set()

    def stop(self) -> None:
        """End `run` once the message under way has its answer."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `stop`. Nothing is given up: what fails is tried again, later and later."""
        failures = 0
        while not self._stopping:
            self._wake.clear()
            failed, progress = await self.round()
            failures = 0 if not failed else 1 if progress else failures + 1
            if self._stopping:
                return
            delay = back_off(failures) if failed else None
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def round(self) -> tuple[bool, bool]:
        """Try everything that is owed once, in order; stop early where the channel is down.

        Returns whether anything failed, and whether anything was sent.
        """
        failed = progress = False
        for owed in self._sent.owed(self._channel.name):
            if self._stopping:
                break
            attempt = await self._try(owed)
            failed |= attempt.outcome is not Outcome.SENT
            progress |= attempt.outcome is Outcome.SENT
            self._changed()
            if attempt.outcome in {Outcome.DOWN, Outcome.UNKNOWN}:
                break
        return failed, progress

    async def _try(self, owed: Owed) -> Attempt:
        message, name = owed.message, self._channel.name
        repeated = self._sent.begin(message.id, name, self._clock())
        attempt = await self._channel.send(
            msgspec.structs.replace(message, possibly_repeated=repeated, sent_at=self._clock())
        )
        if attempt.outcome is Outcome.SENT:
            self._sent.sent(message.id, name, self._clock())
        elif attempt.outcome is not Outcome.UNKNOWN:
            self._sent.not_taken(message.id, name)
        self._metrics.notifications.labels(name, attempt.outcome).inc()
        self._metrics.notify_pending.set(self._sent.pending())
        fields = {"channel": name, "transition": message.id, "case": message.case, "attempt": owed.attempts + 1}
        if attempt.outcome is Outcome.SENT:
            log.info("notified", possibly_repeated=repeated, **fields)
        else:
            log.warning("not notified, will try again", outcome=attempt.outcome, detail=attempt.detail, **fields)
        return attempt
