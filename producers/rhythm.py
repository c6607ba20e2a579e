"""How often a feed brings something new, as seen from its polls. Pure.

The time of seeing counts, never the published date: feeds lie about that one, and re-date what is old. What was seen
loses half its weight in twelve hours, so that a busy morning is known in the afternoon and forgotten the next day.
"""

from __future__ import annotations

import msgspec

HALF_LIFE_SECONDS = 12 * 3600.0


class Rhythm(msgspec.Struct, frozen=True):
    """New or edited items and the seconds in which they came, both fading."""

    items: float = 0.0
    seconds: float = 0.0

    @property
    def gap(self) -> float | None:
        """Seconds between two items on average; none while hardly an item has been seen."""
        return self.seconds / self.items if self.items > 0.01 else None


def observe(rhythm: Rhythm, elapsed: float, items: int) -> Rhythm:
    """Return the rhythm after another poll, `elapsed` seconds after the last one, which brought so many items."""
    elapsed = max(0.0, elapsed)
    kept = 0.5 ** (elapsed / HALF_LIFE_SECONDS)
    return Rhythm(rhythm.items * kept + items, rhythm.seconds * kept + elapsed)


def turnover(elapsed: float, items: int, entries: int) -> float | None:
    """Return the seconds after which half of what a feed shows will be new, at the pace of its last poll.

    `entries` is how many it shows, `items` how many of them were new: the rest are duplicates. A feed of which nothing
    was known may have shown more in between than we saw, so it must be asked much sooner. None after a poll that
    brought nothing.
    """
    return elapsed * entries / (2 * items) if items and entries else None
