"""Create the topics of `topics.py`, or check that what is there fits; never change it without being told.

Every topic must exist before a worker starts: a Faust send to a missing topic never returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka
from treatywatch.topics import TOPICS, Topic


@dataclass(frozen=True, slots=True)
class TopicState:
    """What was found or done about one topic; `differences` is empty where it fits."""

    topic: Topic
    created: bool
    partitions: int
    differences: tuple[str, ...] = ()
    changed: bool = False


def ensure_topics(settings: Kafka, change: bool = False) -> list[TopicState]:
    """Create what is missing and compare the rest; with `change`, mend differing configuration.

    The number of partitions is never changed: `signals` and `cases` are read side by side, and a case's partition
    must stay what it is. Raises ServerError where the broker cannot be used.
    """
    client = broker.admin(settings)
    try:
        with broker.explained(settings):
            present = set(client.list_topics())
            return [_ensure(client, topic, topic.name in present, settings, change) for topic in TOPICS]
    finally:
        client.close()


def check_topics(settings: Kafka) -> int:
    """Return the number of partitions of `items`; raises ServerError naming every topic that is missing."""
    client = broker.admin(settings)
    try:
        with broker.explained(settings):
            missing = [topic.name for topic in TOPICS if topic.name not in set(client.list_topics())]
            if missing:
                raise ServerError(f"topics are missing: {', '.join(missing)}; run `treatywatch topics` first")
            return _partitions(client, TOPICS[0].name)
    finally:
        client.close()


def _ensure(client: KafkaAdminClient, topic: Topic, present: bool, settings: Kafka, change: bool) -> TopicState:
    if not present:
        spec = {
            topic.name: {
                "num_partitions": settings.partitions,
                "replication_factor": settings.replication,
                "configs": topic.config,
            }
        }
        try:
            client.create_topics(spec, wait_for_metadata=True)
            return TopicState(topic, created=True, partitions=settings.partitions)
        except TopicAlreadyExistsError:
            pass  # another one was quicker
    partitions = _partitions(client, topic.name)
    actual = _config(client, topic.name)
    differences = [
        f"{key} is {actual[key]}, should be {wanted}"
        for key, wanted in topic.config.items()
        if key in actual and actual[key] != wanted
    ]
    changed = bool(differences and change)
    if changed:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.config)])
    if partitions != settings.partitions:
        differences.append(
            f"{partitions} partitions, settings say {settings.partitions} (never changed by treatywatch)"
        )
    return TopicState(topic, created=False, partitions=partitions, differences=tuple(differences), changed=changed)


def _partitions(client: KafkaAdminClient, name: str) -> int:
    return len(client.describe_topics([name])[0]["partitions"])


def _config(client: KafkaAdminClient, name: str) -> dict[str, str]:
    """Return the topic's configuration, or nothing where the broker (the embedded one) does not tell."""
    try:
        described = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
    except KafkaError:
        return {}
    for topics in described.values():
        if name in topics:
            return {key: str(entry["value"]) for key, entry in topics[name].items()}
    return {}
