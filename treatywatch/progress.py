"""How far the input is: which committed offsets are past what, stage by stage. Pure.

An input is through when every consumer has committed past what its predecessor's acknowledgements named:

    produce ──> items ──> detect ──> signals ──> track ──> cases ──> index
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treatywatch.account import Account
from treatywatch.topics import CASES, ITEMS, SIGNALS

Committed = Mapping[str, Mapping[str, int]]  # group -> "topic-partition" -> committed offset


@dataclass(frozen=True, slots=True)
class Behind:
    """What one stage still has to do."""

    stage: str
    records: int


def behind(accounts: Mapping[str, Account], committed: Committed, worker: str, index: str) -> Behind | None:
    """Name the first stage that is not through with what the stage before it has sent; none when all are.

    `accounts` holds produce, detect, track; `worker` and `index` are the consumer groups.
    """
    for stage, sender, topic, group in (
        ("detect", "produce", ITEMS, worker),
        ("track", "detect", SIGNALS, worker),
        ("index", "detect", SIGNALS, index),
        ("index", "track", CASES, index),
    ):
        ends = {place: end for place, end in accounts[sender].outputs.items() if place.startswith(f"{topic.name}-")}
        done = committed.get(group, {})
        missing = sum(max(0, end - done.get(place, 0)) for place, end in ends.items())
        if missing:
            return Behind(stage, missing)
    return None
