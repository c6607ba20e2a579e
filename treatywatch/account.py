"""The account of a stage: what it received, and what became of each input.

Each input counts once: received = passed + rejected + dead (+ unchanged). An offset below `inputs[partition]` was
counted before and is a redelivery. A stage saves its account before it commits the offsets that the account covers, so
after `kill -9` no input is counted twice or left out. `outputs` says where on the next topic the stage's results ended
up, which is how `up --exit` knows that an input is through.
"""

from __future__ import annotations

import os
from collections import Counter
from enum import StrEnum
from pathlib import Path

import msgspec


class Outcome(StrEnum):
    """What became of one input."""

    PASSED = "passed"
    UNCHANGED = "unchanged"  # a signal that changed nothing in its case
    REJECTED = "rejected"
    DEAD = "dead"


class _Saved(msgspec.Struct):
    stage: str
    counts: dict[str, int] = {}
    redelivered: int = 0
    inputs: dict[str, int] = {}
    outputs: dict[str, int] = {}


class Account:
    """The running account of one stage, saved as one small JSON file."""

    def __init__(self, stage: str, path: Path | None = None) -> None:
        """Continue the account in `path`, or begin a new one; without a path it is kept in memory only."""
        self.stage, self.path = stage, path
        saved = _Saved(stage)
        if path is not None and path.is_file():
            saved = msgspec.json.decode(path.read_bytes(), type=_Saved)
        self.counts: Counter[tuple[Outcome, str]] = Counter()
        for key, count in saved.counts.items():
            outcome, _, reason = key.partition("/")
            self.counts[Outcome(outcome), reason] = count
        self.redelivered, self.inputs, self.outputs = saved.redelivered, saved.inputs, saved.outputs

    def count(self, outcome: Outcome, reason: str = "", *, at: tuple[str, int, int] | None = None) -> bool:
        """Count one input, at (topic, partition, offset) where it has one; returns False for a redelivery."""
        if at is not None:
            topic, partition, offset = at
            key = f"{topic}-{partition}"
            if offset < self.inputs.get(key, 0):
                self.redelivered += 1
                return False
            self.inputs[key] = offset + 1
        self.counts[outcome, reason] += 1
        return True

    def sent(self, topic: str, partition: int, offset: int) -> None:
        """Note that the broker has acknowledged a result at this place."""
        key = f"{topic}-{partition}"
        self.outputs[key] = max(self.outputs.get(key, 0), offset + 1)

    @property
    def received(self) -> int:
        """All inputs, each once."""
        return sum(self.counts.values())

    def total(self, outcome: Outcome) -> int:
        """How many inputs ended this way."""
        return sum(count for (ended, _), count in self.counts.items() if ended is outcome)

    def reasons(self, outcome: Outcome) -> dict[str, int]:
        """How many inputs ended this way, by reason, most frequent first."""
        found = {reason: count for (ended, reason), count in self.counts.items() if ended is outcome and reason}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def save(self) -> None:
        """Write the account, atomically; does nothing without a path."""
        if self.path is None:
            return
        saved = _Saved(
            self.stage,
            {f"{outcome}/{reason}": count for (outcome, reason), count in sorted(self.counts.items())},
            self.redelivered,
            self.inputs,
            self.outputs,
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}.draft")
        draft.write_bytes(msgspec.json.encode(saved))
        draft.replace(self.path)
