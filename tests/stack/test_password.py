"""A broker that asks for a password: the right one opens every kind of connection, a wrong one is one clear line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from processors.app import APP_ID
from producers.publish import Publisher
from producers.state import Outgoing
from tests.running import Command
from tests.stack.servers.kafka import Kafka
from tests.stack.waiting import eventually
from treatywatch import broker
from treatywatch.errors import ServerError
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import DEADLETTERS, TOPICS

WITHIN = 15.0  # seconds until a person is told
STARTING = 5.0  # for Python and the imports, on a machine with other work


@pytest.fixture
def kafka_with_password(start_kafka: Callable[..., Kafka]) -> Kafka:
    """A broker that lets in only who knows the password."""
    return start_kafka(sasl=True)


def knowing(kafka: Kafka, password: str) -> KafkaSettings:
    """Settings of somebody who knows this password."""
    return KafkaSettings(
        bootstrap=kafka.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_username=kafka.username,
        sasl_password=SecretStr(password),
    )


def environment(kafka: Kafka, password: Path, folder: Path) -> dict[str, str]:
    """The same as a process has it: the password comes from a file, as compose gives it."""
    return {
        "TREATYWATCH_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "TREATYWATCH_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "TREATYWATCH_KAFKA_SASL_USERNAME": kafka.username,
        "TREATYWATCH_KAFKA_SASL_PASSWORD_FILE": str(password),
        "TREATYWATCH_STATE": str(folder / "state"),
        "TREATYWATCH_METRICS_PORT": "0",
        "TREATYWATCH_LOG_FORMAT": "json",
    }


def test_right_password_opens_admin_producer_consumer_and_worker(kafka_with_password: Kafka, tmp_path: Path) -> None:
    """The clients of kafka-python, and Faust's with the recovery of the cases behind it."""
    settings = knowing(kafka_with_password, kafka_with_password.password)
    assert [state.topic for state in ensure_topics(settings)] == list(TOPICS)
    with Publisher(settings) as publisher:
        assert publisher.send([Outgoing(DEADLETTERS.name, "one", b"{}")])[0].offset == 0
    reader = broker.consumer(settings, "readers", DEADLETTERS.name)
    eventually(lambda: bool(reader.poll(timeout_ms=500)), 30, "the record is read by a member of a group")
    reader.close()

    (tmp_path / "password").write_text(kafka_with_password.password, encoding="utf-8")
    worker = Command(tmp_path, "process", settings=environment(kafka_with_password, tmp_path / "password", tmp_path))
    try:
        worker.wait_for(lambda: '"event": "assigned"' in worker.output(), 60, "the worker has its partitions")
        client = broker.admin(settings)
        assert APP_ID in {group["group_id"] for group in client.list_groups()}
        client.close()
    finally:
        worker.terminate()
        worker.wait(30)


def test_wrong_password_is_one_line_and_the_status_that_asks_for_a_restart(
    kafka_with_password: Kafka, tmp_path: Path
) -> None:
    """Within seconds, for a one-shot, the worker and a sink; the near miss, no broker at all, is told as fast."""
    (tmp_path / "password").write_text("not-the-password", encoding="utf-8")
    settings = environment(kafka_with_password, tmp_path / "password", tmp_path)
    began = time.monotonic()
    commands = [Command(tmp_path / name, name, settings=settings) for name in ("topics", "process", "index")]
    nowhere = Command(tmp_path / "nowhere", "topics", settings={"TREATYWATCH_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    for command in (*commands, nowhere):
        assert command.wait(60) == ServerError.exit_code
    assert time.monotonic() - began < WITHIN + STARTING
    for command in commands:
        (line,) = command.output().splitlines()  # and none of the client's own, which name each attempt
        assert line.startswith(f"treatywatch: Kafka at {kafka_with_password.bootstrap} ")
        assert "password" in line
        assert "not-the-password" not in line
    assert "check kafka.bootstrap" in nowhere.output()
    assert "password" not in nowhere.output()
