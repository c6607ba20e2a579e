"""The latest record of every case, kept in memory by following the `cases` topic.

Records are kept as bytes, a tenth of the size of the decoded form, and are decoded when looked at. Thread-safe: the
follower's thread writes, the role's thread reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import structlog

from sinks.consume import Record
from treatywatch.errors import WireError
from treatywatch.model import Case
from treatywatch.wire import decode

log = structlog.get_logger()


def read_case(record: Record) -> Case | None:
    """Decode a record of the cases topic.

    Bytes that are no case are logged and give none (`treatywatch index` makes the dead letter of them): one bad record
    must not silence every alert. Nor does an empty value: cases are never deleted, so there is nothing to take back.
    """
    if not record.value:
        return None
    try:
        return decode(record.value, Case)
    except WireError as error:
        where = f"{record.topic}-{record.partition}@{record.offset}"
        log.warning("bad case record", at=where, reason=error.reason, error=str(error))
        return None


class CaseTable:
    """Case id -> latest record."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, bytes] = {}

    def put(self, record: Record) -> Case | None:
        """Take a record in and return its case; a bad record leaves the case's earlier one in place."""
        case = read_case(record)
        if case is not None:
            with self._lock:
                self._records[case.id] = record.value
        return case

    def get(self, case_id: str) -> Case | None:
        """Return the case's latest record."""
        with self._lock:
            value = self._records.get(case_id)
        return None if value is None else decode(value, Case)

    def of_treaty(self, treaty: str | None) -> list[Case]:
        """Return the cases of one treaty of the register; none for no treaty."""
        with self._lock:
            found = [value for id, value in self._records.items() if treaty and id.partition(":")[2] == treaty]
        return [decode(value, Case) for value in found]

    def __iter__(self) -> Iterator[Case]:
        with self._lock:
            values = list(self._records.values())
        return (decode(value, Case) for value in values)

    def __len__(self) -> int:
        with self._lock:
            return len(self._records)
