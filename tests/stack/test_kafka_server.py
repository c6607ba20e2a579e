"""The topic table on a real broker: what is asked for is what the broker then does."""

from __future__ import annotations

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from tests.stack.servers.kafka import Kafka
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import check_topics, ensure_topics
from treatywatch.topics import CASES, ITEMS, TOPICS


@pytest.fixture
def settings(kafka: Kafka) -> KafkaSettings:
    """Give the settings of an empty broker."""
    kafka.reset()
    return KafkaSettings(bootstrap=kafka.bootstrap, partitions=3)


def _config_of(settings: KafkaSettings, topic: str) -> dict[str, str]:
    client = broker.admin(settings)
    try:
        described = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        return {key: str(entry["value"]) for found in described.values() for key, entry in found[topic].items()}
    finally:
        client.close()


def test_topics_are_created_as_the_table_says_and_a_second_run_changes_nothing(settings: KafkaSettings) -> None:
    """Every topic exists with the partitions of the settings and each configured value; again: nothing to do."""
    with pytest.raises(ServerError, match=ITEMS.name):
        check_topics(settings)
    first = ensure_topics(settings)
    assert [(state.topic, state.created, state.partitions) for state in first] == [(t, True, 3) for t in TOPICS]
    for topic in TOPICS:
        actual = _config_of(settings, topic.name)
        assert topic.config.items() <= actual.items()
    second = ensure_topics(settings)
    assert [(state.created, state.differences) for state in second] == [(False, ())] * len(TOPICS)
    assert check_topics(settings) == 3


def test_topic_that_differs_is_reported_and_mended_only_when_told(settings: KafkaSettings) -> None:
    """A `cases` topic that is not compacted is named, left alone, then mended by `change`; partitions never change."""
    client = broker.admin(settings)
    client.create_topics([NewTopic(CASES.name, 1, 1)])
    client.close()

    states = {state.topic: state for state in ensure_topics(settings)}
    assert any("cleanup.policy is delete, should be compact" in found for found in states[CASES].differences)
    assert not states[CASES].changed
    assert _config_of(settings, CASES.name)["cleanup.policy"] == "delete"

    states = {state.topic: state for state in ensure_topics(settings, change=True)}
    assert states[CASES].changed
    assert CASES.config.items() <= _config_of(settings, CASES.name).items()
    assert states[CASES].partitions == 1
    assert any("partitions" in found for found in states[CASES].differences)
    assert not states[ITEMS].changed


def test_records_of_the_largest_size_pass_and_larger_ones_are_refused(settings: KafkaSettings) -> None:
    """A dead letter with 512 kB of original bytes fits; what the topic does not take is an error, not a loss."""
    ensure_topics(settings)
    sender = broker.producer(settings)
    try:
        assert sender.send(TOPICS[-1].name, b"x" * 1_000_000, key=b"k").get(30).offset == 0
        with pytest.raises(Exception, match=r"(?i)large|size"):
            sender.send(TOPICS[-1].name, bytes(range(256)) * 12_000, key=b"k").get(30)
    finally:
        sender.close()
