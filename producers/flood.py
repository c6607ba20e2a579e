"""How much one feed may bring in a day. Pure; the clock is passed in.

A feed that makes up new guids, links and titles at each poll, or edits everything each time, would fill the disk here
and the topic behind it. The largest wires bring some 1,500 items a day. What is beyond the limit is neither published
nor remembered, so what the feed still shows the next day is published then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

MAX_ITEMS = 4_000  # new items, edits and dead letters of a feed in a day of UTC
MAX_CHARACTERS = 20_000_000  # of their texts


@dataclass(frozen=True, slots=True)
class Brought:
    """What a feed has brought on one day."""

    day: date
    items: int = 0
    characters: int = 0


def brought(day: date | None, items: int, characters: int, now: datetime) -> Brought:
    """Return what is remembered of today; of another day nothing counts."""
    today = now.astimezone(UTC).date()
    return Brought(today, items, characters) if day == today else Brought(today)


def admit(before: Brought, sizes: Sequence[int]) -> tuple[int, Brought]:
    """Return how many of so many texts, from the first on, still have room today, and what is brought with them."""
    items, characters = before.items, before.characters
    for number, size in enumerate(sizes):
        if items >= MAX_ITEMS or characters + size > MAX_CHARACTERS:
            return number, Brought(before.day, items, characters)
        items, characters = items + 1, characters + size
    return len(sizes), Brought(before.day, items, characters)
