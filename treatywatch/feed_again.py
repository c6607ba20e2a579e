"""Feed a fresh embedded broker with what the store holds: cases first, so that `track` recovers them, then signals.

The items that are still in the outbox are sent again by the producer itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sinks.names import Names
from sinks.sqlite import SqliteStore
from treatywatch import broker, wire
from treatywatch.settings import Kafka
from treatywatch.topics import CASES, SIGNALS

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fed:
    """How many records were sent, and the ids of the transitions in them, which are no news."""

    records: int
    transitions: frozenset[str]


def feed_again(kafka: Kafka, path: Path, names: Names) -> Fed:
    """Send every case and signal of the store at `path`; returns when the broker has them all.

    Harmless when it is done twice: `track` and the store recognise what they have had.
    """
    store = SqliteStore(path, names)
    producer = broker.producer(kafka)
    sent = []
    transitions: set[str] = set()
    try:
        for case in store.cases():
            transitions.update(transition.id for transition in case.transitions)
            sent.append(producer.send(CASES.name, key=case.id.encode(), value=wire.encode(case)))
        producer.flush(SECONDS)
        for signal in store.signals():
            sent.append(producer.send(SIGNALS.name, key=signal.case_id.encode(), value=wire.encode(signal)))
        producer.flush(SECONDS)
        for future in sent:
            future.get(timeout=1)
    finally:
        producer.close()
        store.close()
    return Fed(len(sent), frozenset(transitions))
