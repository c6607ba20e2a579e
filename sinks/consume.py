"""Read a batch, write it, then commit: the loop of every sink with a consumer group.

`write` gets the raw records of one poll, in order per partition, and returns once they are safe, or raises to have
them read again. Delivery is at least once: writing a record twice must be harmless.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import CommitFailedError, IllegalStateError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata, TopicPartition

from treatywatch import broker
from treatywatch.settings import Kafka


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record and where it stands."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


def consume(
    settings: Kafka, group: str, topics: Sequence[str], write: Callable[[Sequence[Record]], None], stop: threading.Event, *,
    batch: int = 500, idle: Callable[[], None] = lambda: None,
) -> None:
    """Run until `stop` is set. What was written but not committed at the end is read again at the next start."""
    consumer = broker.consumer(settings, group)
    consumer.subscribe(list(topics), listener=_Silent())
    try:
        while not stop.is_set():
            polled = consumer.poll(timeout_ms=500, max_records=batch)
            records = [
                Record(r.topic, r.partition, r.offset, r.key, r.value or b"") for chunk in polled.values() for r in chunk
            ]
            if not records:
                idle()
                continue
            write(records)
            _commit(consumer, records)
    finally:
        consumer.close()


def _commit(consumer: KafkaConsumer, records: Sequence[Record]) -> None:
    ends: dict[TopicPartition, OffsetAndMetadata] = {}
    for record in records:
        ends[TopicPartition(record.topic, record.partition)] = OffsetAndMetadata(record.offset + 1, "", -1)
    try:
        consumer.commit(ends)
    except (CommitFailedError, RebalanceInProgressError, IllegalStateError):
        pass  # the group moved on meanwhile: whoever has the partition now reads these again, which is harmless


class _Silent(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked: object) -> None: ...

    def on_partitions_assigned(self, assigned: object) -> None: ...
