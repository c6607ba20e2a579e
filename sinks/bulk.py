"""Bulk requests of Elasticsearch: how documents are cut into them, and what the answer for each document means.

Pure: nothing here talks to a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

MAX_BYTES = 5 * 1024 * 1024

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Operation:
    """One document to write, as the two lines of a bulk request; `kind` and `place` lead back to the record."""

    kind: str
    place: int
    action: bytes
    document: bytes

    @property
    def size(self) -> int:
        """Bytes in the request, line ends included."""
        return len(self.action) + len(self.document) + 2


class Verdict(StrEnum):
    """What an item of a bulk answer means for its document."""

    TAKEN = "taken"
    STALE = "stale"  # the server holds a newer version
    REFUSED = "refused"  # it will never be taken: a dead letter
    LATER = "later"  # the server is short of something; try again
    BROKEN = "broken"  # the set-up or the rights are wrong: not this document's fault


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one document; `reason` is the server's error type, `error` its words."""

    verdict: Verdict
    reason: str = ""
    error: str = ""


def operation(kind: str, place: int, index: str, id: str, version: int, document: Mapping[str, Any]) -> Operation:
    """Write a document under its id unless the server holds a higher version of it."""
    action = {"index": {"_index": index, "_id": id, "version": version, "version_type": "external_gte"}}
    return Operation(kind, place, _encode(action), _encode(document))


def requests(operations: Sequence[Operation], max_bytes: int = MAX_BYTES) -> Iterator[list[Operation]]:
    """Cut operations, in order, into requests of at most `max_bytes`; a larger document goes alone."""
    request: list[Operation] = []
    size = 0
    for op in operations:
        if request and size + op.size > max_bytes:
            yield request
            request, size = [], 0
        request.append(op)
        size += op.size
    if request:
        yield request


def answer(item: Mapping[str, Any]) -> Answer:
    """Read one item of a bulk answer, `{"index": {"status": …, "error": …}}`."""
    result = next(iter(item.values()))
    status = int(result["status"])
    error = result.get("error") or {}
    reason, words = str(error.get("type", "")), _words(error)
    if status < 300:
        return Answer(Verdict.TAKEN)
    if status == 409:
        return Answer(Verdict.STALE)
    if status == 429 or status >= 500 or reason == "cluster_block_exception":
        return Answer(Verdict.LATER, reason, words)
    if status in (401, 403, 404):
        return Answer(Verdict.BROKEN, reason, words)
    return Answer(Verdict.REFUSED, reason or f"status_{status}", words)


def _words(error: Mapping[str, Any]) -> str:
    words = str(error.get("reason", ""))
    cause = error.get("caused_by") or {}
    return f"{words}: {cause['reason']}" if cause.get("reason") else words
