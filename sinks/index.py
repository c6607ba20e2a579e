"""The index role: signals and cases from their topics into the store.

A record that cannot be read, or that the store refuses, goes to the dead letters. The account is saved before the
offsets are committed: received = passed + dead, each record once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from sinks.consume import Record, consume
from sinks.elasticsearch import ElasticsearchStore
from sinks.names import Names
from sinks.sqlite import FILE, SqliteStore
from sinks.store import Store
from treatywatch import broker, wire
from treatywatch.account import Account, Outcome
from treatywatch.actors import load_actors
from treatywatch.deadletters import DeadLetters, dead_letter
from treatywatch.errors import WireError
from treatywatch.locate import config_dir
from treatywatch.metrics import Metrics
from treatywatch.model import Case, DeadLetter, Signal
from treatywatch.register import load_register
from treatywatch.settings import Settings
from treatywatch.topics import CASES, SIGNALS

log = structlog.get_logger()

STAGE = "index"


def group(settings: Settings) -> str:
    """Name the consumer group, one for each kind of store, so that a new store is filled from the beginning."""
    return f"treatywatch-index-{settings.index.store}"


def run_index(
    settings: Settings,
    state: Path,
    stop: threading.Event,
    metrics: Metrics,
    config: Path | None = None,
    *,
    account: bool = False,
) -> None:
    """Write to the store until `stop` is set; with `account` the account of this life of the broker is kept.

    Raises ServerError or StoreError where the broker or the store cannot be used; what was not written is read again.
    """
    store = open_store(settings, state, config or config_dir(), stop)
    letters = DeadLetters(lambda: broker.producer(settings.kafka))
    kept = Account(STAGE, state / "account" / f"{STAGE}.json" if account else None)
    indexer = Indexer(store, letters, kept, metrics)
    try:
        consume(
            settings.kafka,
            group(settings),
            [SIGNALS.name, CASES.name],
            indexer.write,
            stop,
            batch=settings.index.batch,
            idle=indexer.idle,
            regained=store.regained,
        )
    finally:
        letters.close()
        store.close()


def open_store(settings: Settings, state: Path, config: Path, stop: threading.Event) -> Store:
    """Open the store that the settings name."""
    names = Names(load_register(config), load_actors(config))
    if settings.index.store == "sqlite":
        return SqliteStore(state / FILE, names)
    return ElasticsearchStore(settings.elasticsearch, names, config / "elasticsearch", stop)


@dataclass
class Batch:
    """The records of one poll, read: signals and cases beside the records they came in, and what could not be read."""

    signals: list[Signal] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    sources: dict[tuple[str, int], Record] = field(default_factory=dict)  # by kind and place in the list
    dead: dict[Record, tuple[str, str]] = field(default_factory=dict)  # reason and error


def read_batch(records: Iterable[Record]) -> Batch:
    """Read records of the signals and cases topics."""
    batch = Batch()
    for record in records:
        try:
            if record.topic == SIGNALS.name:
                batch.signals.append(wire.decode(record.value, Signal))
                batch.sources["signal", len(batch.signals) - 1] = record
            else:
                batch.cases.append(wire.decode(record.value, Case))
                batch.sources["case", len(batch.cases) - 1] = record
        except WireError as error:
            batch.dead[record] = (error.reason, str(error))
    return batch


class Sender(Protocol):
    """What dead letters are given to: `DeadLetters`."""

    def send(self, letters: Iterable[DeadLetter]) -> None:
        """Return once the letters are safe."""


class Indexer:
    """Writes batches of records to a store and keeps the account."""

    def __init__(
        self,
        store: Store,
        letters: Sender,
        account: Account,
        metrics: Metrics,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._letters, self._account = store, letters, account
        self._metrics, self._clock = metrics, clock
        metrics.write_success.labels(store.name).set(clock().timestamp())

    def write(self, records: Sequence[Record]) -> None:
        """Write one batch: to the store, the rest to the dead letters, then the account. Raises what they raise."""
        batch = read_batch(records)
        written = self._store.write(batch.signals, batch.cases)
        for refused in written.refused:
            batch.dead[batch.sources[refused.kind, refused.place]] = (refused.reason, refused.error)
        now = self._clock()
        for record, (reason, error) in batch.dead.items():
            log.warning("dead letter", topic=record.topic, offset=record.offset, reason=reason, error=error[:200])
        self._letters.send(_letter(record, *why, now) for record, why in batch.dead.items())
        self._count(records, batch, now)
        for outcome, count in (
            ("taken", written.taken),
            ("stale", written.stale),
            ("refused", len(written.refused)),
        ):
            if count:
                self._metrics.writes.labels(self._store.name, outcome).inc(count)
        self._metrics.write_success.labels(self._store.name).set(now.timestamp())

    def idle(self) -> None:
        """Note that there was nothing to write."""
        self._metrics.write_success.labels(self._store.name).set(self._clock().timestamp())

    def _count(self, records: Sequence[Record], batch: Batch, now: datetime) -> None:
        signals = {batch.sources["signal", place]: signal for place, signal in enumerate(batch.signals)}
        for record in records:
            reason, _ = batch.dead.get(record, ("", ""))
            outcome = Outcome.DEAD if record in batch.dead else Outcome.PASSED
            if not self._account.count(outcome, reason, at=(record.topic, record.partition, record.offset)):
                self._metrics.redelivered.labels(STAGE).inc()
                continue
            self._metrics.inputs.labels(STAGE, outcome, reason).inc()
            if outcome is Outcome.DEAD:
                self._metrics.deadletters.labels(STAGE, reason).inc()
            signal = signals.get(record)
            if signal is not None and signal.fetched is not None and not signal.backfill:
                self._metrics.latency.labels(STAGE).observe(max(0.0, (now - signal.fetched).total_seconds()))
        self._account.save()


def _letter(record: Record, reason: str, error: str, now: datetime) -> DeadLetter:
    return dead_letter(
        STAGE,
        reason,
        error,
        record.topic,
        record.value,
        at=now,
        key=record.key,
        partition=record.partition,
        offset=record.offset,
    )
