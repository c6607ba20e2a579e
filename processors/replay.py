"""Replay items through detection and tracking with today's rules: no broker, no store, no clock.

The same functions as the live path, in one loop. What it decides is theirs; this file only keeps time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from processors.track.advance import Rules, advance, next_date, records, tick
from processors.track.supersede import redirect
from treatywatch.model import Case, Item, Signal

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class Detected(Protocol):
    """What replay needs of a detection."""

    @property
    def signals(self) -> Sequence[Signal]:
        """The signals of one item."""
        ...


class Detector(Protocol):
    """What replay needs of a detector; see processors/detect/pipeline.py."""

    def read(self, item: Item) -> Detected:
        """Judge one item."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What one item gave: the moment that it moves the clock to (none: not at all), and its signals."""

    time: datetime | None
    signals: Sequence[Signal] = ()


def replay(detector: Detector, items: Iterable[Item], rules: Rules, now: datetime | None = None) -> Iterator[Case]:
    """Yield every record as it would be written: see `track`."""
    return track((Heard(item.published, detector.read(item).signals) for item in items), rules, now)


def track(heard: Iterable[Heard], rules: Rules, now: datetime | None = None) -> Iterator[Case]:
    """Yield every record as it would be written: with a transition in `changed`, or none where only evidence moved.

    Each signal is a step of its own, as in the live path. The time of the story is the latest moment heard so far, or
    `now` throughout. Dates that pass between two items, and up to the end, are told when they pass. The last record of
    a case is its final state, and the final states are the same for any order of the items (see `final`).
    """
    cases: dict[str, Case] = {}
    wakes: dict[str, date] = {}
    time = now or _BEGIN

    def written(case_id: str, signals: Sequence[Signal]) -> Iterator[Case]:
        before = cases.get(case_id)
        step = (
            tick(before, time, time, rules) if before and not signals else advance(before, signals, time, time, rules)
        )
        if step.record is not None:
            cases[case_id] = step.record
            if wake := next_date(step.record, time, rules):
                wakes[case_id] = wake
            else:
                wakes.pop(case_id, None)
        if step.changed:
            yield from records(step)

    for one in heard:
        if now is None and one.time is not None and one.time > time:
            time = one.time
            for case_id in sorted(id for id, day in wakes.items() if day <= time.astimezone(UTC).date()):
                yield from written(case_id, ())
        for signal in one.signals:
            moved = redirect(signal, rules.register)
            yield from written(moved.case_id, (moved,))
    for case_id in sorted(cases):
        yield from written(case_id, ())


def final(written: Iterable[Case]) -> list[Case]:
    """Return the last record of each case, by id."""
    return [case for _, case in sorted({case.id: case for case in written}.items())]
