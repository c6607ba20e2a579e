"""How the feeds stand, as the producer writes it beside its state and the live page reads it: `feeds.json`.

A file, not a topic: it is a state of one program, whole at every moment and worth nothing a minute later, and every
role shares the state folder already, embedded as in compose. It is replaced as a whole, so no reader sees half of it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

FILE = "feeds.json"


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. `stands` and `failure_class` are the words of `treatywatch feeds`; counts are since it was first read.

    `interval_seconds` is the time between two polls now, none before the first success.
    """

    id: str
    outlet: str
    country: str | None = None
    language: str = "en"
    stands: str
    failure_class: str | None = None
    failure: str | None = None
    failures: int = 0
    last_success: datetime | None = None
    last_item: datetime | None = None
    interval_seconds: float | None = None
    due: datetime | None = None
    items: int = 0
    duplicates: int = 0
    bytes: int = 0
    hub: str | None = None


class FeedsHealth(msgspec.Struct, frozen=True, kw_only=True):
    """All feeds, those in trouble first, as of `at`."""

    at: datetime
    feeds: tuple[FeedHealth, ...] = ()


def write_health(folder: Path, health: FeedsHealth) -> None:
    """Write the file. Raises OSError where that fails."""
    draft = folder / f".{FILE}.draft"
    draft.write_bytes(msgspec.json.encode(health))
    draft.replace(folder / FILE)


def read_health(folder: Path) -> FeedsHealth | None:
    """Read the file; none where no producer has written one that can be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=FeedsHealth)
    except (OSError, msgspec.DecodeError):
        return None
