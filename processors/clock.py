"""What `now` is for cases: the wall clock, or the latest published date read so far.

The second is for a replayed past (the demo, back-filling): eleven months that play in a minute must not find every
date of effect passed at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from treatywatch.model import Case, Signal


class Clock(Protocol):
    """Tells `now`, aware and UTC."""

    def now(self) -> datetime:
        """Return the time that dates are compared with."""
        ...

    def saw(self, signal: Signal) -> None:
        """Take note of a signal that is about to be folded."""
        ...


class WallClock:
    """The time of day."""

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC)

    def saw(self, signal: Signal) -> None:
        """Do nothing: signals do not move the wall clock."""


class PublishedClock:
    """The latest published date read so far; never goes back."""

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the latest published date; before the first, the beginning of time, when nothing has passed yet."""
        return self._latest

    def saw(self, signal: Signal) -> None:
        """Move on to the signal's published date."""
        if signal.published is not None:
            self._latest = max(self._latest, signal.published)

    def recover(self, cases: Iterable[Case]) -> None:
        """Continue where the recovered cases were last changed."""
        for case in cases:
            for transition in case.transitions:
                self._latest = max(self._latest, transition.at)
