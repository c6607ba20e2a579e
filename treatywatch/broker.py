"""Connections to Kafka for everything but Faust: producers, consumers, admin, all by kafka-python.

Decides nothing. A server that cannot be reached, or refuses the password, is a ServerError that says what to check.
kafka-python reports both as a time-out, after it has logged every attempt; the difference is in what it logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError, KafkaError, SaslAuthenticationFailedError
from kafka.structs import TopicPartition

from treatywatch.errors import ServerError
from treatywatch.settings import Kafka

BOOTSTRAP_MS = 10_000  # how long a server may take to let us in
RECONNECT_MS = 1_000  # at most so long until a server that is back is noticed; the client's own limit is half a minute


def connection(settings: Kafka) -> dict[str, Any]:
    """Return the settings that kafka-python's clients (and aiokafka's) share."""
    common: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap.split(","),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password.get_secret_value() if settings.sasl_password else ""
        common |= {
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": settings.sasl_username or "",
            "sasl_plain_password": password,
        }
    return common


class _Overheard(logging.Handler):
    """What the client logs while it connects: kept from the log, and asked why it failed."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False

    def emit(self, record: logging.LogRecord) -> None:
        self.refused = self.refused or SaslAuthenticationFailedError.__name__ in record.getMessage()


@contextmanager
def _connecting(settings: Kafka) -> Iterator[None]:
    """Connect with one line about a failure in place of the client's thirty."""
    client, overheard = logging.getLogger("kafka.net"), _Overheard()
    client.addHandler(overheard)
    client.propagate = False
    try:
        with explained(settings):
            yield
    except ServerError as error:
        if overheard.refused:
            raise ServerError(
                f"Kafka at {settings.bootstrap} refuses user {settings.sasl_username!r}; "
                "check kafka.sasl_username and the password (TREATYWATCH_KAFKA_SASL_PASSWORD or its _FILE)"
            ) from error
        raise
    finally:
        client.propagate = True
        client.removeHandler(overheard)


@contextmanager
def explained(settings: Kafka) -> Iterator[None]:
    """Turn a client's failure to connect into a ServerError with what to check."""
    try:
        yield
    except KafkaError as error:
        check = "check kafka.bootstrap"
        if settings.security_protocol.startswith("SASL"):
            check = "check the user and password (a wrong one can look like a dead broker), and kafka.bootstrap"
        raise ServerError(f"Kafka at {settings.bootstrap} cannot be used: {error}; {check}") from error


def _client(settings: Kafka) -> dict[str, Any]:
    """Return what kafka-python's clients share beyond `connection`; aiokafka knows these by other names."""
    tls = {"ssl_cafile": settings.ca_file} if settings.ca_file else {}
    waits = {"bootstrap_timeout_ms": BOOTSTRAP_MS, "reconnect_backoff_max_ms": RECONNECT_MS}
    return {**connection(settings), **tls, **waits}


def producer(settings: Kafka) -> KafkaProducer:
    """Connect a producer: idempotent, acknowledged by all replicas, compressed; one per process."""
    with _connecting(settings):
        return KafkaProducer(
            **_client(settings),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=5,
            batch_size=262_144,
            max_request_size=2_000_000,
            delivery_timeout_ms=120_000,
        )


def consumer(settings: Kafka, group: str | None, *topics: str) -> KafkaConsumer:
    """Connect a consumer that reads from the beginning and never commits by itself.

    With a group it joins it and its partitions are assigned; without one the caller assigns them.
    """
    with _connecting(settings):
        return KafkaConsumer(
            *topics,
            **_client(settings),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=settings.fetch_wait_ms,
            session_timeout_ms=int(settings.session_timeout_seconds * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_seconds * 1000 / 4),
            max_partition_fetch_bytes=4_000_000,
        )


def admin(settings: Kafka) -> KafkaAdminClient:
    """Connect an admin client."""
    with _connecting(settings):
        return KafkaAdminClient(**_client(settings))


def committed(client: KafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Return what a consumer group has committed; nothing for a group that no broker knows yet."""
    try:
        found = client.list_group_offsets({group: None}).get(group, {})
    except CoordinatorNotAvailableError:  # a fresh broker has no offsets topic before the first group comes
        return {}
    return {tp: offset.offset for tp, offset in found.items()}
