"""Consumer lag: how many records of a topic a consumer group has not committed yet, and whether it moves at all."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

from kafka.structs import TopicPartition

from treatywatch import broker
from treatywatch.settings import Kafka
from treatywatch.topics import CASES, ITEMS, SIGNALS

WORKER_GROUP = "treatywatch"
INDEX_PREFIX = "treatywatch-index-"
ASK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Ends:
    """The first offset that a partition still holds, and the one that its next record will get."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Lag:
    """What a group has committed of a topic (the sum over its partitions), and what it has yet to read."""

    committed: int
    behind: int


def topics_of(group: str) -> tuple[str, ...]:
    """Return the topics that a group of ours reads; nothing for a group that is not ours."""
    if group == WORKER_GROUP:
        return (ITEMS.name, SIGNALS.name)
    if group.startswith(INDEX_PREFIX):
        return (SIGNALS.name, CASES.name)
    return ()


def lag(committed: dict[TopicPartition, int], ends: dict[TopicPartition, Ends]) -> dict[str, Lag]:
    """Compute the lag by topic.

    A partition without a commit (absent or negative) is unread from its first record; records that retention has
    deleted are not counted. Offsets have holes in a compacted topic, so there it is an upper bound.
    """
    position: dict[str, int] = defaultdict(int)
    behind: dict[str, int] = defaultdict(int)
    for partition, here in ends.items():
        at = committed.get(partition, -1)
        position[partition.topic] += max(at, 0)
        behind[partition.topic] += max(0, here.end - max(at, here.first))
    return {topic: Lag(position[topic], behind[topic]) for topic in behind}


class LagMeter:
    """Ask the broker for the lag of our groups; keeps two connections. Raises KafkaError where it does not answer."""

    def __init__(self, settings: Kafka) -> None:
        self._admin = broker.admin(settings)
        self._consumer = broker.consumer(settings, None)

    def close(self) -> None:
        """Close the connections."""
        self._admin.close()
        self._consumer.close()

    def measure(self) -> dict[tuple[str, str], Lag]:
        """Return the lag by (group, topic), for every group of ours that the broker knows."""
        groups = [g["group_id"] for g in self._admin.list_groups() if topics_of(g["group_id"])]
        found: dict[tuple[str, str], Lag] = {}
        if not groups:
            return found
        ends = self._ends(sorted({topic for group in groups for topic in topics_of(group)}))
        for group in sorted(groups):
            committed = broker.committed(self._admin, group)
            wanted = {tp: here for tp, here in ends.items() if tp.topic in topics_of(group)}
            found |= {(group, topic): value for topic, value in lag(committed, wanted).items()}
        return found

    def _ends(self, topics: list[str]) -> dict[TopicPartition, Ends]:
        """Find where each partition begins and ends.

        The embedded broker answers a question for the end with the base offset of the last batch plus one. So each
        partition is fetched from there once: the answer carries the true end (and at most that last batch).
        """
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        if not partitions:
            return {}
        self._consumer.unsubscribe()  # forgets the high watermarks of the last time
        self._consumer.assign(partitions)
        first, asked = self._consumer.beginning_offsets(partitions), self._consumer.end_offsets(partitions)
        for tp in partitions:
            self._consumer.seek(tp, asked[tp])
        deadline = time.monotonic() + ASK_SECONDS
        while any(self._consumer.highwater(tp) is None for tp in partitions) and time.monotonic() < deadline:
            self._consumer.poll(timeout_ms=200)
        return {tp: Ends(first[tp], max(asked[tp], self._consumer.highwater(tp) or 0)) for tp in partitions}
