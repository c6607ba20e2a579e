"""Following a topic on a real Kafka: all of it, once, over restarts."""

from __future__ import annotations

import pytest

from sinks.consume import Record
from sinks.follow import Follower
from tests.stack.servers.kafka import Kafka
from tests.stack.waiting import eventually
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka as Settings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES


@pytest.fixture
def settings(kafka: Kafka) -> Settings:
    """Return settings for an empty broker without topics."""
    kafka.reset()
    return Settings(bootstrap=kafka.bootstrap, fetch_wait_ms=100)


def send(settings: Settings, *numbers: int) -> None:
    """Send records, each under a key of its own."""
    producer = broker.producer(settings)
    for number in numbers:
        producer.send(CASES.name, b"%d" % number, b"%d" % number)
    producer.flush(60)
    producer.close()


def numbers(records: list[Record]) -> list[int]:
    """Return what was sent, in order of number."""
    return sorted(int(record.value) for record in records)


def test_everything_is_handed_over_once_also_over_a_restart_of_the_broker(settings: Settings, kafka: Kafka) -> None:
    """First what was there, then what comes; after the broker's death reading goes on where it was."""
    ensure_topics(settings)
    send(settings, *range(500))
    records: list[Record] = []
    follower = Follower(settings, CASES, records.append)
    follower.start()
    assert follower.caught_up.wait(30)
    assert numbers(records) == list(range(500))
    kafka.restart(hard=True)
    send(settings, *range(500, 600))
    eventually(lambda: len(records) >= 600, 60, "the rest came")
    follower.stop()
    assert numbers(records) == list(range(600))
    assert follower.failure is None


def test_empty_topic_is_caught_up_with(settings: Settings) -> None:
    """Nothing to read is no reason to wait for ever."""
    ensure_topics(settings)
    follower = Follower(settings, CASES, lambda record: None)
    follower.start()
    assert follower.caught_up.wait(30)
    follower.stop()
    follower.stop()
    assert follower.failure is None


def test_missing_topic_is_one_clear_line(settings: Settings) -> None:
    """The follower ends and says what to run."""
    follower = Follower(settings, CASES, lambda record: None)
    follower.start()
    eventually(lambda: follower.failure is not None, 60, "it has failed")
    assert isinstance(follower.failure, ServerError)
    assert "treatywatch.cases does not exist; run `treatywatch topics`" in str(follower.failure)
    assert not follower.caught_up.is_set()


def test_failure_in_the_reader_ends_the_follower_loudly(settings: Settings) -> None:
    """A record that cannot be taken is not passed over in silence."""
    ensure_topics(settings)
    send(settings, 1)

    def refuse(record: Record) -> None:
        raise ValueError(f"not {record.value!r}")

    follower = Follower(settings, CASES, refuse)
    follower.start()
    eventually(lambda: follower.failure is not None, 30, "it has failed")
    assert str(follower.failure) == "not b'1'"
    assert not follower.caught_up.is_set()
    follower.stop()


def test_follower_that_never_started_can_be_stopped() -> None:
    """A role that fails early cleans up all the same."""
    Follower(Settings(), CASES, lambda record: None).stop()
