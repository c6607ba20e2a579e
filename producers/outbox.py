"""Carry the outbox to the broker, on a thread of its own, for as long as it takes.

The order of a batch: send, wait for every acknowledgement, count, mark. Nothing is ever marked that is not with the
broker. After a kill in between, or a broker that went away, the first batch is looked for in its topic before it is
sent, so that nothing is there twice. A broker that is away is tried again, with growing pauses, while the outbox fills.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from producers.state import KEPT_AFTER_PASSING, Outgoing, Placed, Row, State
from treatywatch import wire
from treatywatch.account import Account, Outcome
from treatywatch.errors import ServerError
from treatywatch.metrics import Metrics
from treatywatch.model import DeadLetter
from treatywatch.topics import DEADLETTERS, ITEMS

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0  # seconds between attempts to reach the broker
PRUNE_SECONDS = 20.0
_NOTHING: Mapping[str, int] = {}

log = structlog.get_logger()


class Sends(Protocol):
    """What carries records to a broker; `publish.Publisher` does."""

    def send(self, records: Sequence[Outgoing]) -> list[Placed]:
        """Send and wait for all acknowledgements; raises ServerError."""

    def find(self, records: Sequence[Outgoing], since: Mapping[tuple[str, int], int]) -> list[Placed | None]:
        """Say where each record is that the broker has at an offset `since` or later; raises ServerError."""

    def close(self) -> None:
        """Disconnect."""


class Outbox:
    """The thread. `connect` makes the carrier, again after each failure.

    With `keep` (a broker that forgets) rows stay, marked with their place in this `run`, until `committed` shows that
    the worker passed them an hour ago, and dead letters until they were acknowledged an hour ago; without it they go
    when they are acknowledged. An error that is not a ServerError ends the thread and is in `failure`.
    """

    def __init__(
        self,
        state: State,
        connect: Callable[[], Sends],
        run: str,
        account: Account,
        metrics: Metrics,
        *,
        keep: bool,
        committed: Callable[[], Mapping[int, int]] = dict,
        now: Callable[[], datetime],
        batch: int = 2_000,
        keep_for: timedelta = KEPT_AFTER_PASSING,
    ) -> None:
        self.failure: BaseException | None = None
        self._state, self._connect, self._run, self._keep = state, connect, run, keep
        self._account, self._metrics, self._committed, self._now = account, metrics, committed, now
        self._batch, self._keep_for = batch, keep_for
        self._carrier: Sends | None = None
        self._unsure = True  # the oldest rows may be with the broker already
        self._work, self._stop, self._settled = threading.Event(), threading.Event(), threading.Event()
        self._pruned_at = time.monotonic()
        self._thread = threading.Thread(target=self._loop, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin: first with what an earlier run left."""
        waiting = self._state.refeed(self._run)
        if waiting:
            log.info("outbox_fed_again", records=waiting)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something new in the outbox."""
        self._work.set()

    def drained(self, timeout: float) -> bool:
        """Wait until nothing is left to send; returns False after `timeout` seconds or when the thread has failed."""
        end = time.monotonic() + timeout
        while self._state.waiting():
            if self.failure is not None or time.monotonic() > end:
                return False
            self._settled.clear()
            self._settled.wait(0.2)
        return True

    def stop(self) -> None:
        """Stop after the batch that is under way; what is left stays in the outbox."""
        self._stop.set()
        self._work.set()
        self._thread.join(timeout=15)

    def _loop(self) -> None:
        try:
            self._carry()
        except BaseException as error:
            self.failure = error
        finally:
            self._settled.set()
            self._disconnect()

    def _carry(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            self._work.clear()
            rows = self._state.unsent(self._batch)
            if not rows:
                self._prune()
                self._work.wait(PRUNE_SECONDS)
                continue
            try:
                if self._carrier is None:
                    self._carrier = self._connect()
                if self._unsure:
                    rows = self._recognise(self._carrier, rows)
                placed = self._carrier.send([row.record for row in rows]) if rows else []
            except ServerError as error:
                log.warning("broker_unavailable", error=str(error), waiting=len(rows), again_in_seconds=pause)
                self._disconnect()
                self._unsure = True
                self._stop.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = FIRST_PAUSE
            self._settle(rows, placed)

    def _recognise(self, carrier: Sends, rows: Sequence[Row]) -> list[Row]:
        """Settle those rows that the broker has already; returns the others."""
        found = carrier.find([row.record for row in rows], self._state.reached(self._run))
        there = [(row, place) for row, place in zip(rows, found, strict=True) if place is not None]
        if there:
            log.info("outbox_recognised", records=len(there))
            self._settle([row for row, _ in there], [place for _, place in there], self._account.outputs.copy())
        self._unsure = False
        return [row for row, place in zip(rows, found, strict=True) if place is None]

    def _settle(self, rows: Sequence[Row], placed: Sequence[Placed], counted: Mapping[str, int] = _NOTHING) -> None:
        """Count and mark; what lies below `counted` was counted before a kill, and only not marked."""
        for row, place in zip(rows, placed, strict=True):
            if not row.settled and place.offset >= counted.get(f"{place.topic}-{place.partition}", 0):
                count(self._account, self._metrics, row.record, place)
        self._account.save()
        if self._keep:
            self._state.sent(rows, placed, self._run)
        else:
            self._state.drop(rows, placed, self._run)
        self._settled.set()

    def _prune(self) -> None:
        if not self._keep or time.monotonic() - self._pruned_at < PRUNE_SECONDS:
            return
        self._pruned_at = time.monotonic()
        try:
            self._state.prune(ITEMS.name, self._committed(), self._run, self._now(), self._keep_for)
        except ServerError as error:
            log.warning("committed_offsets_unknown", error=str(error))

    def _disconnect(self) -> None:
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None


def count(account: Account, metrics: Metrics, record: Outgoing, place: Placed) -> None:
    """Count one acknowledged record in the account and the metrics, each input once."""
    if record.topic == DEADLETTERS.name:
        reason = wire.decode(record.value, DeadLetter).reason
        account.count(Outcome.DEAD, reason)
        metrics.inputs.labels("produce", "dead", reason).inc()
        metrics.deadletters.labels("produce", reason).inc()
    else:
        account.count(Outcome.PASSED)
        metrics.inputs.labels("produce", "passed", "").inc()
        metrics.items_published.inc()
    account.sent(place.topic, place.partition, place.offset)
