"""Every case in memory, and the order that a reader sees them in. Knows no server and no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import nlargest

from sinks import facts
from treatywatch.model import Case, Transition


@dataclass(frozen=True, slots=True)
class Alert:
    """One transition with the case it belongs to, as that case is now."""

    case: Case
    transition: Transition


@dataclass(frozen=True, slots=True)
class Change:
    """What a record changed: the case before (none: it is new) and after, and the transitions not seen before."""

    before: Case | None
    after: Case
    fresh: tuple[Transition, ...]


class Board:
    """The latest record of each case.

    Not safe across threads: the server's loop is its only user. `story_time` says that "now" is the latest moment read
    in the records (a replay of older news), not the wall clock.
    """

    def __init__(self, started: datetime, *, story_time: bool = False) -> None:
        self.started = started
        self.caught_up = False
        self.last_record: datetime | None = None
        self.unreadable = 0
        self.story_time = story_time
        self._latest: datetime | None = None
        self._cases: dict[str, Case] = {}

    def put(self, case: Case, wall: datetime) -> Change | None:
        """Take a record; none where nothing is new.

        Records come again after a lost connection, from the first one on: a revision that is not above the known one
        is old news.
        """
        known = self._cases.get(case.id)
        if known is not None and case.revision <= known.revision:
            return None
        self._cases[case.id] = case
        self.last_record = wall
        moment = facts.changed_at(case)
        if self._latest is None or moment > self._latest:
            self._latest = moment
        old = {transition.id for transition in known.transitions} if known else set()
        return Change(known, case, tuple(transition for transition in case.transitions if transition.id not in old))

    def get(self, case_id: str) -> Case | None:
        """Return a case, also one that another has replaced."""
        return self._cases.get(case_id)

    def now(self, wall: datetime) -> datetime:
        """The present as the page tells it."""
        return self._latest if self.story_time and self._latest else wall

    def cases(self, wanted: Callable[[Case], bool] = lambda _: True) -> list[Case]:
        """List the cases, the latest change first; one that another has replaced is left out."""
        kept = [case for case in self._cases.values() if case.superseded_by is None and wanted(case)]
        return sorted(kept, key=lambda case: (facts.changed_at(case), case.id), reverse=True)

    def alerts(self, wanted: Callable[[Case], bool] = lambda _: True, limit: int = 30) -> list[Alert]:
        """List the latest alerts, the newest first: transitions that are loud enough to tell people."""
        found = (
            Alert(case, transition)
            for case in self._cases.values()
            if case.superseded_by is None and wanted(case)
            for transition in case.transitions
            if facts.is_alert(transition)
        )
        return nlargest(limit, found, key=lambda alert: (facts.told_at(alert.transition), alert.transition.id))

    def countdown(self, today: date, wanted: Callable[[Case], bool] = lambda _: True) -> list[Case]:
        """List the exits about to take effect, the nearest first."""
        kept = [case for case in self._cases.values() if facts.counts_down(case, today) and wanted(case)]
        return sorted(kept, key=lambda case: (_effect(case), case.id))

    def __len__(self) -> int:
        return sum(case.superseded_by is None for case in self._cases.values())


def _effect(case: Case) -> date:
    return case.effective_date.value if case.effective_date else date.max


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
