"""Read the latest record of every case in some partitions of `cases`: how `track` gets its state back.

The topic is compacted and keyed by case, so its last record of each key is the state. Decides nothing.
"""

from __future__ import annotations

import ssl

import aiokafka
import structlog

from treatywatch import broker, wire
from treatywatch.errors import WireError
from treatywatch.model import Case
from treatywatch.settings import Kafka
from treatywatch.topics import CASES

log = structlog.get_logger()


async def read_cases(settings: Kafka, partitions: set[int]) -> dict[int, dict[str, Case]]:
    """Return partition -> case id -> latest record. A record that cannot be read is logged and left out."""
    found: dict[int, dict[str, Case]] = {partition: {} for partition in partitions}
    if not partitions:
        return found
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
                        case = wire.decode(record.value or b"", Case)
                    except WireError as error:
                        log.warning("unreadable_case", partition=tp.partition, offset=record.offset, error=str(error))
                        continue
                    latest = found[tp.partition].get(case.id)
                    if latest is None or case.revision >= latest.revision:
                        found[tp.partition][case.id] = case
            # The high watermark of the fetch, not the end offset: the embedded broker tells a wrong one.
            for tp in tuple(behind):
                end = consumer.highwater(tp)
                if end is not None and await consumer.position(tp) >= end:
                    behind.discard(tp)
    finally:
        await consumer.stop()
    return found
