"""How bulk requests are cut and what their answers mean."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.bulk import Operation, Verdict, answer, operation, requests


@given(st.lists(st.integers(1, 60)), st.integers(10, 100))
def test_requests_keep_order_and_stay_below_the_bound(sizes: list[int], bound: int) -> None:
    """Nothing is lost or moved; only a document that is too large by itself exceeds the bound, alone."""
    operations = [Operation("signal", n, b"", b"x" * size) for n, size in enumerate(sizes)]
    cut = list(requests(operations, bound))
    assert [op for request in cut for op in request] == operations
    assert all(request for request in cut)
    assert all(len(request) == 1 or sum(op.size for op in request) <= bound for request in cut)


def test_requests_are_as_full_as_they_may_be() -> None:
    """Near miss of the bound: a request that fits exactly is one, a byte less makes two."""
    operations = [Operation("signal", n, b"1234", b"1234") for n in range(2)]
    assert len(list(requests(operations, 20))) == 1
    assert len(list(requests(operations, 19))) == 2


def test_operation_names_index_id_and_version() -> None:
    """The server compares versions, so that an older document never replaces a newer one."""
    op = operation("case", 3, "treatywatch-cases", "PL:APMBC", 7, {"message": "x"})
    assert msgspec.json.decode(op.action) == {
        "index": {"_index": "treatywatch-cases", "_id": "PL:APMBC", "version": 7, "version_type": "external_gte"}
    }
    assert msgspec.json.decode(op.document) == {"message": "x"}
    assert (op.kind, op.place, op.size) == ("case", 3, len(op.action) + len(op.document) + 2)


@pytest.mark.parametrize(
    ("status", "error", "verdict"),
    [
        (200, None, Verdict.TAKEN),
        (201, None, Verdict.TAKEN),
        (409, "version_conflict_engine_exception", Verdict.STALE),
        (400, "strict_dynamic_mapping_exception", Verdict.REFUSED),
        (400, "document_parsing_exception", Verdict.REFUSED),
        (413, "", Verdict.REFUSED),
        (429, "cluster_block_exception", Verdict.LATER),
        (403, "cluster_block_exception", Verdict.LATER),
        (403, "security_exception", Verdict.BROKEN),
        (404, "index_not_found_exception", Verdict.BROKEN),
        (429, "es_rejected_execution_exception", Verdict.LATER),
        (503, "unavailable_shards_exception", Verdict.LATER),
        (500, "internal_server_error", Verdict.LATER),
    ],
)
def test_each_answer_has_one_meaning(status: int, error: str | None, verdict: Verdict) -> None:
    """Taken, stale, refused for ever, to be tried again, or a fault in the set-up."""
    item: dict[str, Any] = {"index": {"status": status}}
    if error is not None:
        item["index"]["error"] = {"type": error, "reason": "why", "caused_by": {"reason": "deeper"}}
    found = answer(item)
    assert found.verdict is verdict
    if verdict is Verdict.REFUSED:
        assert found.reason == (error or "status_413")
        assert found.error == "why: deeper"
