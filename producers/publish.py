"""Publish records to Kafka and say where the broker has put each. Decides nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType

from kafka import KafkaProducer

from producers.state import Outgoing, Placed
from treatywatch import broker, wire
from treatywatch.item_lines import KEPT_BYTES
from treatywatch.model import DeadLetter, Item
from treatywatch.settings import Kafka
from treatywatch.topics import DEADLETTERS, ITEMS

ACK_SECONDS = 130.0  # a little longer than the client itself tries to deliver


class Publisher:
    """A connected producer; one per process, used from one thread at a time, and as a context manager."""

    def __init__(self, settings: Kafka) -> None:
        """Connect. Raises ServerError where that fails."""
        self._settings = settings
        self._producer: KafkaProducer = broker.producer(settings)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, records: Sequence[Outgoing]) -> list[Placed]:
        """Send the records and wait until the broker has acknowledged every one; returns their places, in order.

        Raises ServerError if one is not acknowledged: some may be there then, and sending all again is harmless.
        """
        with broker.explained(self._settings):
            futures = [self._producer.send(r.topic, key=r.key.encode(), value=r.value) for r in records]
            deadline = time.monotonic() + ACK_SECONDS
            self._producer.flush(ACK_SECONDS)
            placed = []
            for record, future in zip(records, futures, strict=True):
                meta = future.get(timeout=max(0.1, deadline - time.monotonic()))
                placed.append(Placed(record.topic, meta.partition, meta.offset))
            return placed

    def close(self) -> None:
        """Disconnect; what was not acknowledged is not waited for."""
        self._producer.close(timeout=2)


def outgoing(record: Item | DeadLetter) -> Outgoing:
    """Make the record of an item, keyed by its id, or of a dead letter; an item too large becomes a dead letter."""
    if isinstance(record, DeadLetter):
        return Outgoing(DEADLETTERS.name, record.key or record.source, wire.encode(record))
    value = wire.encode(record)
    if len(value) > wire.MAX_BYTES:
        return outgoing(_too_large(record, value))
    return Outgoing(ITEMS.name, record.id, value)


def committed(settings: Kafka, group: str, topic: str) -> dict[int, int]:
    """Return the committed offset of each partition of a topic for a consumer group."""
    client = broker.admin(settings)
    try:
        with broker.explained(settings):
            found = broker.committed(client, group)
            return {place.partition: offset for place, offset in found.items() if place.topic == topic}
    finally:
        client.close()


def _too_large(item: Item, value: bytes) -> DeadLetter:
    return DeadLetter(
        stage="produce",
        reason="too_large",
        error=f"{len(value)} bytes, at most {wire.MAX_BYTES} are allowed",
        source=item.feed or item.outlet,
        at=item.fetched or datetime.now(UTC),
        key=item.id,
        value=value[:KEPT_BYTES],
        length=len(value),
        sha256=hashlib.sha256(value).hexdigest(),
    )
