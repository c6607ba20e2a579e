"""A consumer group that has read a part of its topics, and what its lag must be; the same on every broker."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sinks.consume import Record, consume
from sinks.lag import Lag, LagMeter
from treatywatch import broker
from treatywatch.settings import Kafka
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES, ITEMS, SIGNALS


def read_sixty_of_150(settings: Kafka) -> None:
    """Write 150 signals in two batches and 5 cases, let the index read 60 signals, and check its lag."""
    ensure_topics(settings)
    producer = broker.producer(settings)
    for batch in (100, 50):
        for number in range(batch):
            producer.send(SIGNALS.name, key=str(number).encode(), value=b"x" * 100)
        producer.flush()
    stop, read = threading.Event(), 0

    def write(records: Sequence[Record]) -> None:
        nonlocal read
        read += len(records)
        if read >= 60:
            stop.set()

    for group in ("treatywatch-index-sqlite", "somebody-else"):
        stop.clear()
        read = 0
        consume(settings, group, [SIGNALS.name, CASES.name], write, stop, batch=20)
    for _ in range(5):
        producer.send(CASES.name, key=b"c", value=b"x")
    producer.flush()
    producer.close()

    meter = LagMeter(settings)
    try:
        first, second = meter.measure(), meter.measure()
    finally:
        meter.close()

    assert 60 <= read < 150
    assert first == {
        ("treatywatch-index-sqlite", SIGNALS.name): Lag(read, 150 - read),
        ("treatywatch-index-sqlite", CASES.name): Lag(0, 5),
    }
    assert second == first
    assert ("treatywatch", ITEMS.name) not in first
