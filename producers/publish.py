"""Publish records to Kafka and say where the broker has put each. Decides nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError
from kafka.structs import TopicPartition

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

    def find(self, records: Sequence[Outgoing], since: Mapping[tuple[str, int], int]) -> list[Placed | None]:
        """Say where each record is that the broker has at an offset `since` or later; none where it has not.

        Reads the topics of the records from there to their ends; a partition that is not named, from its beginning.
        Raises ServerError.
        """
        wanted = {(r.topic, r.key.encode(), r.value): n for n, r in enumerate(records)}
        found: list[Placed | None] = [None] * len(records)
        consumer = broker.consumer(self._settings, None)
        try:
            with broker.explained(self._settings):
                for message in _read_on(consumer, {r.topic for r in records}, since):
                    n = wanted.get((message.topic, message.key, message.value))
                    if n is not None:
                        found[n] = Placed(message.topic, message.partition, message.offset)
        finally:
            consumer.close()
        return found

    def close(self) -> None:
        """Disconnect; what was not acknowledged is not waited for."""
        self._producer.close(timeout=2)


def _read_on(consumer: Any, topics: Iterable[str], since: Mapping[tuple[str, int], int]) -> Iterator[Any]:
    """Yield every message from the offsets `since` to the high watermarks that the fetches name."""
    behind = {TopicPartition(topic, p) for topic in topics for p in consumer.partitions_for_topic(topic) or ()}
    consumer.assign(sorted(behind))
    for place in behind:
        consumer.seek(place, since.get((place.topic, place.partition), 0))
    deadline = time.monotonic() + ACK_SECONDS
    while behind:
        if time.monotonic() > deadline:
            raise KafkaTimeoutError(f"not read to the end within {ACK_SECONDS:g} s: {sorted(behind)}")
        for some in consumer.poll(timeout_ms=200).values():
            yield from some
        ends = {place: consumer.highwater(place) for place in behind}
        behind -= {place for place, end in ends.items() if end is not None and consumer.position(place) >= end}


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
