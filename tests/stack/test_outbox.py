"""The producers' outbox and a real Kafka."""

from __future__ import annotations

from producers.publish import Publisher, outgoing
from tests.stack.servers.kafka import Kafka
from treatywatch.model import Item
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics


def test_what_the_broker_has_is_found_from_the_last_mark_on(kafka: Kafka) -> None:
    """By topic, key and value; what lies before the mark, or differs in a letter, is not it."""
    kafka.reset()
    settings = KafkaSettings(bootstrap=kafka.bootstrap)
    ensure_topics(settings)
    records = [outgoing(Item(id=str(n), title=f"T{n}")) for n in range(20)]
    other = outgoing(Item(id="0", title="T0, corrected"))
    with Publisher(settings) as publisher:
        assert publisher.find(records, {}) == [None] * 20
        placed = publisher.send(records)
        since = {(place.topic, place.partition): place.offset for place in placed}

        assert publisher.find([*records, other], {}) == [*placed, None]
        assert publisher.find(records, since) == [
            p if since[p.topic, p.partition] <= p.offset else None for p in placed
        ]
        assert publisher.find(records, {place: offset + 1 for place, offset in since.items()}) == [None] * 20
