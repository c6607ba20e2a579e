"""The topics, as one table: name, key, value, how it is kept, who writes and who reads.

Kafka's timestamps are the time of sending, never an item's published date: retention would delete old items at once.
`items` and `signals` must stay without transactions and compaction: processors/guard.py relies on gapless offsets.
"""

from __future__ import annotations

from dataclasses import dataclass

from treatywatch.model import Case, DeadLetter, Item, Signal

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention_ms` none means that it is compacted and kept for ever."""

    name: str
    key: str
    value: type[Item] | type[Signal] | type[Case] | type[DeadLetter]
    retention_ms: int | None
    writers: tuple[str, ...]
    readers: tuple[str, ...]

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings on the broker."""
        if self.retention_ms is None:
            return {"cleanup.policy": "compact", "max.message.bytes": "2097152"}
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": "2097152",
        }


ITEMS = Topic("treatywatch.items", "item id", Item, 400 * DAY_MS, ("produce",), ("detect", "replay"))
SIGNALS = Topic("treatywatch.signals", "case id", Signal, 400 * DAY_MS, ("detect",), ("track", "index", "replay"))
CASES = Topic("treatywatch.cases", "case id", Case, None, ("track",), ("index", "metrics", "notify", "live", "track"))
DEADLETTERS = Topic(
    "treatywatch.deadletters",
    "source",
    DeadLetter,
    30 * DAY_MS,
    ("produce", "detect", "track", "index"),
    ("deadletters",),
)

TOPICS = (ITEMS, SIGNALS, CASES, DEADLETTERS)
