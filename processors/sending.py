"""In which order signals went to `track`, so that a replay tells what the live path told. Pure.

The live path's order is that of the topic `signals`. A signal that only today's rules find comes in where its item was
sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from processors.replay import Heard
from treatywatch.model import Signal

Version = tuple[str, int, bool]


@dataclass(frozen=True, slots=True)
class Sent:
    """A signal that was sent: when, and where it stands on the topic (0, 0 in a store, which has no places)."""

    signal: Signal
    at: datetime
    partition: int = 0
    offset: int = 0


def version(signal: Signal) -> Version:
    """Name what was sent, whichever generation sent it."""
    return signal.id, signal.revision, signal.withdrawn


def in_order(found: Iterable[tuple[datetime, Signal]], sent: Iterable[Sent], *, published: bool) -> list[Heard]:
    """Put today's signals, each with the moment at which its item was sent, into the order in which `track` had them.

    The moments move the clock, as the wall clock did; with `published` the signals' published dates do.
    """
    known: dict[Version, Sent] = {}
    for one in sent:
        known.setdefault(version(one.signal), one)
    rows: list[tuple[datetime, int, int, int, Signal]] = []
    for number, (at, signal) in enumerate(found):
        place = known.get(version(signal))
        rows.append((place.at, place.partition, place.offset, number, signal) if place else (at, -1, 0, number, signal))
    rows.sort(key=lambda row: row[:4])
    return [Heard(signal.published if published else at, (signal,)) for at, _, _, _, signal in rows]
