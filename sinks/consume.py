"""Read a batch, write it, then commit: the loop of every sink with a consumer group.

`write` gets the raw records of one poll, in order per partition, and returns once they are safe, or raises to have
them read again. Delivery is at least once: writing a record twice must be harmless.

A write may take as long as its store is away. It runs on a thread of its own, and meanwhile the loop keeps polling with
every partition paused: a consumer that does not poll is put out of its group after five minutes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog
from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    RetriableError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata, TopicPartition

from sinks.lag import LagMeter
from sinks.standstill import StandStill
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka

log = structlog.get_logger()

QUICK = 2.0  # seconds that a write may take before the partitions are paused
COMMIT_MS = 5000
STILL_SECONDS = 15.0  # without a record before it is looked whether there are any; twice at the same place is a stop
# The group moved on, or the broker is away. What is written stays written; at worst it is read again.
_NOT_NOW = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    RetriableError,
    UnknownMemberIdError,
)


class NotWritten(Exception):
    """Raised by a `write` that was asked to stop before its records were safe: they are not committed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record and where it stands."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


def consume(
    settings: Kafka,
    group: str,
    topics: Sequence[str],
    write: Callable[[Sequence[Record]], None],
    stop: threading.Event,
    *,
    batch: int = 500,
    idle: Callable[[], None] = lambda: None,
    regained: Callable[[], None] = lambda: None,
) -> None:
    """Run until `stop` is set. What was written but not committed at the end is read again at the next start.

    `idle` is called after a poll without records, `regained` before the first write after partitions were assigned.
    Raises what `write` raises (NotWritten ends the loop in peace), and ServerError for a broker that refuses us; a
    broker that is away is waited for. A consumer that has stopped reading for no reason joins its group anew.
    """
    listener = _Listener()
    stands_still = True
    while stands_still and not stop.is_set():
        with broker.explained(settings):
            consumer = broker.consumer(settings, group)
            try:
                consumer.subscribe(list(topics), listener=listener)
                look = _Looker(settings, group)
                stands_still = _loop(consumer, write, stop, batch, idle, _Once(listener.assigned, regained), look)
            finally:
                consumer.close(autocommit=False, timeout_ms=COMMIT_MS)
        if stands_still:
            log.warning("nothing is read although there is more; joining the group anew", group=group)


def _loop(
    consumer: KafkaConsumer,
    write: Callable[[Sequence[Record]], None],
    stop: threading.Event,
    batch: int,
    idle: Callable[[], None],
    regained: Callable[[], None],
    look: _Looker,
) -> bool:
    """Read until told to stop; returns True where the consumer has stopped reading by itself."""
    written: dict[TopicPartition, OffsetAndMetadata] = {}  # not committed yet
    with ThreadPoolExecutor(1, thread_name_prefix="write") as thread:
        while not stop.is_set():
            polled = consumer.poll(timeout_ms=500, max_records=batch)
            records = [
                Record(r.topic, r.partition, r.offset, r.key, r.value or b"")
                for chunk in polled.values()
                for r in chunk
            ]
            if records:
                look.moved()
                regained()
                try:
                    _outwait(consumer, thread.submit(write, records))
                except NotWritten as reason:
                    log.warning("stopped with records unwritten", records=len(records), reason=str(reason))
                    break
                for record in records:
                    place = TopicPartition(record.topic, record.partition)
                    written[place] = OffsetAndMetadata(record.offset + 1, "", -1)
            else:
                idle()
                if look.stands_still():
                    return True
            _commit(consumer, written)
    return False


def _outwait(consumer: KafkaConsumer, write: Future[None]) -> None:
    """Wait for a write, and stay in the group however long it takes."""
    if not wait([write], QUICK).done:
        while not write.done():
            consumer.pause(*consumer.assignment())
            for place, chunk in consumer.poll(timeout_ms=200).items():
                consumer.seek(place, chunk[0].offset)  # assigned in this poll, so not paused yet: read it later
            wait([write], 0.3)
        consumer.resume(*consumer.paused())
    write.result()


def _commit(consumer: KafkaConsumer, written: dict[TopicPartition, OffsetAndMetadata]) -> None:
    """Commit what is written and forget it; what cannot be committed now is tried again after the next poll."""
    for place in written.keys() - consumer.assignment():
        del written[place]  # whoever has the partition now reads from the last commit
    if not written:
        return
    try:
        consumer.commit(dict(written), timeout_ms=COMMIT_MS)
    except _NOT_NOW as error:
        log.info("offsets are not committed yet", error=f"{type(error).__name__}: {error}")
    else:
        written.clear()


class _Looker:
    """Looks, when nothing has come for a while, by connections of its own whether there is more to read."""

    def __init__(self, settings: Kafka, group: str) -> None:
        self._settings, self._group, self._watch = settings, group, StandStill()
        self._next = time.monotonic() + STILL_SECONDS

    def moved(self) -> None:
        self._watch.moved()
        self._next = time.monotonic() + STILL_SECONDS

    def stands_still(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + STILL_SECONDS
        try:
            meter = LagMeter(self._settings)
            try:
                found = meter.measure()
            finally:
                meter.close()
        except (KafkaError, ServerError):
            self._watch.moved()  # the broker is away: standing still is right
            return False
        return self._watch.seen({topic: lag for (group, topic), lag in found.items() if group == self._group})


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    def __init__(self) -> None:
        self.assigned = threading.Event()

    def on_partitions_revoked(self, revoked: object) -> None: ...

    def on_partitions_assigned(self, assigned: object) -> None:
        self.assigned.set()


class _Once:
    """Call a function if an event was set since the last time."""

    def __init__(self, event: threading.Event, function: Callable[[], None]) -> None:
        self._event, self._function = event, function

    def __call__(self) -> None:
        if self._event.is_set():
            self._event.clear()
            self._function()
