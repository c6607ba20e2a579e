"""How fast items get into a real Kafka: our publisher against confluent-kafka with the same settings.

The reference is librdkafka, in C; what both promise is the same: idempotent, acknowledged by all replicas, lz4.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from kafka.structs import TopicPartition

from producers.publish import Publisher, outgoing
from producers.state import Outgoing
from tests.bench.feed_bodies import sentence
from tests.bench.page import Figure
from tests.bench.ratio import FULL, SLACK, Measured
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.process import Unavailable
from treatywatch import broker
from treatywatch.model import Item
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import ITEMS

confluent = pytest.importorskip("confluent_kafka")

ITEMS_SENT = 20_000 if FULL else 6_000
BATCH = 2_000  # as the outbox sends
ROUNDS = 5 if FULL else 3
GOAL = 0.25

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[KafkaSettings]:
    """A broker of its own with our topics."""
    try:
        kafka = Kafka(tmp_path / "kafka")
        kafka.start()
    except Unavailable as reason:
        pytest.skip(str(reason))
    try:
        made = KafkaSettings(bootstrap=kafka.bootstrap)
        ensure_topics(made)
        yield made
    finally:
        kafka.kill()


def test_publisher_reaches_a_quarter_of_the_rate_of_confluent_kafka(
    settings: KafkaSettings, figure: Callable[[Figure], None]
) -> None:
    """In batches, each acknowledged before the next, which the reference need not wait for."""
    records = [outgoing(Item(id=f"{n:08}", title=sentence(9), summary=sentence(400))) for n in range(ITEMS_SENT)]
    reference = confluent.Producer(
        {
            "bootstrap.servers": settings.bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "compression.type": "lz4",
            "linger.ms": 5,
            "batch.size": 262_144,
            "queue.buffering.max.messages": ITEMS_SENT,
        }
    )
    theirs, ours = [], []
    with Publisher(settings) as publisher:
        publisher.send(records[:BATCH])  # connects
        _confluent(reference, records[:BATCH])
        for _ in range(ROUNDS):
            theirs.append(_seconds(lambda: _confluent(reference, records)))
            ours.append(_seconds(lambda: _ours(publisher, records)))
    sent = (BATCH + ROUNDS * ITEMS_SENT) * 2
    assert _there(settings) == (sent, {hashlib.sha256(record.value).digest() for record in records})

    measured = Measured(min(theirs), min(ours))
    rate = ITEMS_SENT / min(ours)
    figure(
        Figure(
            f"publishing items of 2.4 kB, {rate:,.0f} a second",
            "confluent-kafka, same settings, on Apache Kafka",
            f"{measured.speed:.2f} ×",
            f"≥ {GOAL}",
        )
    )
    assert measured.speed >= GOAL * SLACK


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _confluent(producer: object, records: Sequence[Outgoing]) -> None:
    failed = []
    for record in records:
        producer.produce(  # type: ignore[attr-defined]  # an optional package, without types
            record.topic, record.value, record.key, on_delivery=lambda error, _: failed.append(error) if error else None
        )
        producer.poll(0)  # type: ignore[attr-defined]
    assert producer.flush(60) == 0  # type: ignore[attr-defined]
    assert not failed


def _ours(publisher: Publisher, records: Sequence[Outgoing]) -> None:
    for start in range(0, len(records), BATCH):
        publisher.send(records[start : start + BATCH])


def _there(settings: KafkaSettings) -> tuple[int, set[bytes]]:
    """Return how many items are in the topic, and the hashes of the different ones."""
    consumer = broker.consumer(settings, None)
    try:
        places = [TopicPartition(ITEMS.name, p) for p in consumer.partitions_for_topic(ITEMS.name)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        count, found = 0, set()
        while any(consumer.position(place) < ends[place] for place in places):
            for messages in consumer.poll(timeout_ms=1000).values():
                count += len(messages)
                found |= {hashlib.sha256(message.value).digest() for message in messages}
        return count, found
    finally:
        consumer.close()
