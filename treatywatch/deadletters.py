"""Dead letters: make one, send it, list them, send their bytes where they came from.

A dead letter holds the original bytes up to 512 kB; of larger ones it holds the beginning, the length and the hash, and
they cannot be sent again. Replaying is harmless: every stage recognises what it has had.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from treatywatch import __version__, broker, wire
from treatywatch.errors import ServerError, WireError
from treatywatch.model import DeadLetter
from treatywatch.settings import Kafka
from treatywatch.topics import DEADLETTERS, TOPICS

MAX_VALUE = 512 * 1024  # bytes kept; in base64 still below what a record may have
MAX_ERROR = 2000  # characters kept of an error's words
SEND_SECONDS = 120.0


def dead_letter(
    stage: str,
    reason: str,
    error: str,
    source: str,
    value: bytes,
    *,
    at: datetime,
    key: bytes | str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    attempts: int = 1,
) -> DeadLetter:
    """Make a dead letter of an input's original bytes; `reason` is one of few words, for metrics."""
    return DeadLetter(
        stage=stage,
        reason=reason,
        error=error[:MAX_ERROR],
        source=source,
        at=at,
        key=key.decode("utf-8", "replace") if isinstance(key, bytes) else key,
        partition=partition,
        offset=offset,
        value=value[:MAX_VALUE],
        length=len(value),
        sha256=hashlib.sha256(value).hexdigest(),
        attempts=attempts,
        version=__version__,
    )


class DeadLetters:
    """Sends dead letters; connects at the first one. One thread at a time may use it."""

    def __init__(self, connect: Callable[[], KafkaProducer]) -> None:
        self._connect = connect
        self._producer: KafkaProducer | None = None

    def send(self, letters: Iterable[DeadLetter]) -> None:
        """Send letters and return once the broker has them all; raises ServerError where it does not take them."""
        pending = [self._sent(letter) for letter in letters]
        if not pending or self._producer is None:
            return
        self._producer.flush(SEND_SECONDS)
        for future in pending:
            future.get(SEND_SECONDS)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._producer is not None:
            self._producer.close(10)

    def _sent(self, letter: DeadLetter):  # type: ignore[no-untyped-def]  # a future of kafka-python, untyped
        if self._producer is None:
            self._producer = self._connect()
        return self._producer.send(DEADLETTERS.name, wire.encode(letter), letter.source.encode())


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter on its topic; `letter` is none where the record itself is unreadable, and `error` says why."""

    partition: int
    offset: int
    letter: DeadLetter | None
    error: str = ""

    @property
    def id(self) -> str:
        """The name that `show` and `replay` know it by."""
        return f"{self.partition}:{self.offset}"


def read(settings: Kafka, seconds: float = 30.0) -> Iterator[Kept]:
    """Read every dead letter that is there now, by partition and offset, without a consumer group.

    Raises ServerError for a broker that cannot be used or takes longer than `seconds` without a record.
    """
    consumer = broker.consumer(settings, None)
    try:
        with broker.explained(settings):
            partitions = sorted(consumer.partitions_for_topic(DEADLETTERS.name) or ())
        if not partitions:
            raise ServerError(f"topic {DEADLETTERS.name} does not exist; run `treatywatch topics` first")
        for partition in partitions:
            yield from _read_partition(consumer, settings, TopicPartition(DEADLETTERS.name, partition), seconds)
    finally:
        consumer.close()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one letter that was to be sent again; `refused` says why it was not."""

    kept: Kept
    refused: str | None


def refusal(kept: Kept) -> str | None:
    """Say why a letter cannot be sent again, or return none."""
    letter = kept.letter
    if letter is None:
        return f"the letter itself cannot be read: {kept.error}"
    if letter.source not in {topic.name for topic in TOPICS if topic is not DEADLETTERS}:
        return f"it came from {letter.source}, not from a topic; give that source to `treatywatch produce` again"
    if letter.length != len(letter.value):
        return f"only {len(letter.value)} of its {letter.length} bytes were kept"
    return None


def replay(settings: Kafka, letters: Iterable[Kept]) -> list[Replayed]:
    """Send the original bytes of letters to their source topic under their key; raises ServerError on a failure."""
    results: list[Replayed] = []
    producer: KafkaProducer | None = None
    pending = []
    try:
        for kept in letters:
            refused = refusal(kept)
            results.append(Replayed(kept, refused))
            if refused is None and kept.letter is not None:
                producer = producer or broker.producer(settings)
                key = kept.letter.key.encode() if kept.letter.key is not None else None
                pending.append(producer.send(kept.letter.source, kept.letter.value, key))
        if producer is not None:
            with broker.explained(settings):
                producer.flush(SEND_SECONDS)
                for future in pending:
                    future.get(SEND_SECONDS)
    finally:
        if producer is not None:
            producer.close(10)
    return results


def _read_partition(consumer: KafkaConsumer, settings: Kafka, place: TopicPartition, seconds: float) -> Iterator[Kept]:
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end: int | None = None  # known from the first fetch; what comes later is not read
    quiet_since = time.monotonic()
    while end is None or consumer.position(place) < end:
        chunk = consumer.poll(timeout_ms=500).get(place, ())
        if end is None:
            end = consumer.highwater(place)
        for record in chunk:
            if end is None or record.offset < end:
                yield _kept(record.partition, record.offset, record.value or b"")
        if chunk:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > seconds:
            raise ServerError(f"Kafka at {settings.bootstrap} sends nothing of {place.topic}; is it overloaded?")


def _kept(partition: int, offset: int, value: bytes) -> Kept:
    try:
        return Kept(partition, offset, wire.decode(value, DeadLetter))
    except WireError as error:
        return Kept(partition, offset, None, f"{error.reason}: {error}")
