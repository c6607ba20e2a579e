"""What a channel to people is: something that takes a message, or says how surely it did not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sinks.notify.message import Message


class Outcome(StrEnum):
    """What became of one attempt; metric label and log field."""

    SENT = "sent"
    REFUSED = "refused"  # certainly not taken, and another message may fare better
    DOWN = "down"  # certainly not taken, and no other would be now
    UNKNOWN = "unknown"  # cut off: it may have arrived


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended; `detail` is for the log and holds no secret."""

    outcome: Outcome
    detail: str = ""


class Channel(Protocol):
    """A way to people. `name` is its identity in the sent log and in metrics, and holds no secret."""

    @property
    def name(self) -> str:
        """Return the name, the same at every start with the same settings."""

    async def send(self, message: Message) -> Attempt:
        """Try once, within a time limit of its own; never raises for trouble on the other side."""

    async def close(self) -> None:
        """Free what it holds."""
