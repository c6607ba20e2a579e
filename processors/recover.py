"""Read the latest record of every case in some partitions of `cases`: how `track` gets its state back.

The topic is compacted and keyed by case, so its last record of each key is the state. Decides nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import aiokafka
import msgspec
import structlog

from treatywatch import broker, wire
from treatywatch.errors import WireError
from treatywatch.model import Case
from treatywatch.settings import Kafka
from treatywatch.topics import CASES

log = structlog.get_logger()


class _Named(msgspec.Struct, frozen=True):
    """As much of a record as tells whether it is the latest of its case; reading the rest costs far more."""

    v: int
    id: str
    revision: int = 0


_named = msgspec.json.Decoder(_Named)


@dataclass(frozen=True, slots=True)
class _Held:
    revision: int
    value: bytes
    before: bytes | None  # in case the latest turns out to be no case


class Latest:
    """The latest record of each case, as bytes until all are read: only those that count are decoded."""

    def __init__(self) -> None:
        self._records: dict[str, _Held] = {}

    def take(self, value: bytes) -> None:
        """Take a record in; raises WireError for one that is no JSON, has no id, or another schema version."""
        try:
            named = _named.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WireError("malformed", str(error)) from error
        if named.v != wire.SCHEMA_VERSION:
            raise WireError("schema_version", f"schema version {named.v}, this program reads {wire.SCHEMA_VERSION}")
        held = self._records.get(named.id)
        if held is None or named.revision >= held.revision:
            self._records[named.id] = _Held(named.revision, value, held.value if held else None)

    def cases(self) -> Iterator[Case]:
        """Decode them; for one that is no case, which is logged, the record before it stands."""
        for id, held in self._records.items():
            for value in (held.value, held.before):
                try:
                    if value is not None:
                        yield wire.decode(value, Case)
                        break
                except WireError as error:
                    log.warning("unreadable_case", case=id, error=str(error))


async def read_cases(settings: Kafka, partitions: set[int]) -> dict[int, dict[str, Case]]:
    """Return partition -> case id -> latest record. A record that cannot be read is logged and left out."""
    if not partitions:
        return {}
    latest = {partition: Latest() for partition in partitions}
    common = broker.connection(settings)
    if settings.security_protocol.endswith("SSL"):
        common["ssl_context"] = ssl.create_default_context(cafile=settings.ca_file)
    consumer = aiokafka.AIOKafkaConsumer(**common, enable_auto_commit=False, fetch_max_wait_ms=100)
    await consumer.start()
    try:
        behind = {aiokafka.TopicPartition(CASES.name, partition) for partition in partitions}
        consumer.assign(sorted(behind))
        await consumer.seek_to_beginning(*behind)
        while behind:
            for tp, records in (await consumer.getmany(*behind, timeout_ms=500)).items():
                for record in records:
                    try:
                        latest[tp.partition].take(record.value or b"")
                    except WireError as error:
                        log.warning("unreadable_case", partition=tp.partition, offset=record.offset, error=str(error))
            # The high watermark of the fetch, not the end offset: the embedded broker tells a wrong one.
            for tp in tuple(behind):
                end = consumer.highwater(tp)
                if end is not None and await consumer.position(tp) >= end:
                    behind.discard(tp)
    finally:
        await consumer.stop()
    return {partition: {case.id: case for case in held.cases()} for partition, held in latest.items()}
