"""An input is through when each consumer has committed past what its predecessor has sent."""

from __future__ import annotations

from treatywatch.account import Account
from treatywatch.progress import Behind, behind


def accounts(items: int, signals: int, cases: int) -> dict[str, Account]:
    """Accounts whose outputs end at these offsets of partition 0."""
    made = {stage: Account(stage) for stage in ("produce", "detect", "track")}
    for stage, topic, end in (("produce", "items", items), ("detect", "signals", signals), ("track", "cases", cases)):
        if end:
            made[stage].sent(f"treatywatch.{topic}", 0, end - 1)
    return made


def test_the_first_stage_with_work_left_is_named() -> None:
    """Later stages cannot be through while an earlier one is not."""
    committed = {"worker": {"treatywatch.items-0": 7}, "index": {}}

    assert behind(accounts(10, 4, 2), committed, "worker", "index") == Behind("detect", 3)


def test_the_store_must_have_signals_and_cases() -> None:
    """Both topics of the index group count."""
    worker = {"treatywatch.items-0": 10, "treatywatch.signals-0": 4}

    assert behind(accounts(10, 4, 2), {"worker": worker, "index": {"treatywatch.signals-0": 4}}, "worker", "index") == (
        Behind("index", 2)
    )


def test_all_through_is_none() -> None:
    """Committed exactly as far as was sent."""
    committed = {
        "worker": {"treatywatch.items-0": 10, "treatywatch.signals-0": 4},
        "index": {"treatywatch.signals-0": 4, "treatywatch.cases-0": 2},
    }

    assert behind(accounts(10, 4, 2), committed, "worker", "index") is None


def test_nothing_sent_is_through() -> None:
    """An empty file ends at once."""
    assert behind(accounts(0, 0, 0), {}, "worker", "index") is None
