"""Consumer lag on a real Kafka: what a group has left, by topic."""

from __future__ import annotations

from tests.sinks.lagging import read_sixty_of_150
from tests.stack.servers.kafka import Kafka
from treatywatch.settings import Kafka as KafkaSettings


def test_lag_is_what_the_group_has_left(kafka: Kafka) -> None:
    """Over both partitions; a topic that it has never read counts from its beginning; no other group is shown."""
    kafka.reset()

    read_sixty_of_150(KafkaSettings(bootstrap=kafka.bootstrap, partitions=2))
