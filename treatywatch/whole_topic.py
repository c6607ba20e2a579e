"""Read a topic once, from its beginning to where it ends now, without a consumer group: nobody's offsets move."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka
from treatywatch.topics import Topic

POLL_MS = 500
MOST_AHEAD = 20_000  # records of a partition that are held while another one is waited for


@dataclass(frozen=True, slots=True)
class Kept:
    """One record: where it stands, when it was sent, and its bytes."""

    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes


def whole_topic(
    settings: Kafka, topic: Topic, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Kept]:
    """Yield the topic's records by the time they were sent; those of one partition in their order.

    The end is where it was at the start, so a busy topic ends too. `progress` hears how many offsets of how many are
    read. Raises ServerError where the topic is missing or the broker cannot be used.
    """
    with broker.explained(settings):
        consumer = broker.consumer(settings, None)
        try:
            partitions = sorted(consumer.partitions_for_topic(topic.name) or ())
            if not partitions:
                raise ServerError(f"topic {topic.name} does not exist; run `treatywatch topics`")
            places = [TopicPartition(topic.name, p) for p in partitions]
            consumer.assign(places)
            reader = _Reader(consumer, places, progress)
            # Within a partition clocks may go back (two senders); the merge needs times that do not.
            yield from heapq.merge(*(reader.partition(tp) for tp in places), key=lambda record: record.at)
        finally:
            consumer.close()


class _Reader:
    """The partitions of one consumer, each as an iterator of its own; one that is far ahead of the others waits."""

    def __init__(
        self, consumer: KafkaConsumer, places: list[TopicPartition], progress: Callable[[int, int], None]
    ) -> None:
        self._consumer, self._progress = consumer, progress
        self._waiting: dict[TopicPartition, deque[Kept]] = {tp: deque() for tp in places}
        self._ends: dict[TopicPartition, int] = {}
        self._begins: dict[TopicPartition, int] = {}
        self._latest = dict.fromkeys(places, datetime.min.replace(tzinfo=UTC))

    def partition(self, tp: TopicPartition) -> Iterator[Kept]:
        """Yield one partition."""
        while self._waiting[tp] or not self._through(tp):
            if self._waiting[tp]:
                yield self._waiting[tp].popleft()
            else:
                self._poll(tp)

    def _through(self, tp: TopicPartition) -> bool:
        return tp in self._ends and self._consumer.position(tp) >= self._ends[tp]

    def _poll(self, wanted: TopicPartition) -> None:
        full = {tp for tp, waiting in self._waiting.items() if len(waiting) >= MOST_AHEAD and tp != wanted}
        self._consumer.pause(*full)
        self._consumer.resume(*(self._waiting.keys() - full))
        for tp, chunk in self._consumer.poll(timeout_ms=POLL_MS, max_records=MOST_AHEAD // 4).items():
            for record in chunk:
                self._begins.setdefault(tp, record.offset)
                if tp in self._ends and record.offset >= self._ends[tp]:
                    break
                sent = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                self._latest[tp] = max(self._latest[tp], sent)
                self._waiting[tp].append(
                    Kept(tp.partition, record.offset, self._latest[tp], record.key, record.value or b"")
                )
        for tp in self._waiting:
            # The high watermark of a fetch, not the end offset: the embedded broker tells a wrong one.
            if tp not in self._ends and (end := self._consumer.highwater(tp)) is not None:
                self._ends[tp] = end
        done = sum(self._consumer.position(tp) - begin for tp, begin in self._begins.items())
        self._progress(done, sum(self._ends.get(tp, 0) - begin for tp, begin in self._begins.items()))
