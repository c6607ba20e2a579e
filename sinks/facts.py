"""Answer what the page and the messages ask of a case: what stands, when it moved, what proves a transition. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from treatywatch.model import Case, ChangeKind, Entry, Flag, Severity, Signal, Stage, Transition

_NEVER = datetime.min.replace(tzinfo=UTC)
_ENDED = frozenset({Stage.EFFECTIVE, Stage.REVERSED, Stage.REJECTED})
DUE_DAYS = 30  # a passed date stays in the countdown this long, waiting for the report


def standing(case: Case) -> Entry | None:
    """Find the entry that the case's stage comes from."""
    same = [e for e in case.history if e.stage is case.stage and e.action is case.action]
    return max(same, key=_when, default=None)


def entry_of(case: Case, transition: Transition) -> Entry | None:
    """Find the entry that a transition is about; none where its reports are gone."""
    for entry in case.history:
        if (entry.episode, entry.stage, entry.action, entry.institution) == (
            transition.episode,
            transition.stage,
            transition.action,
            transition.institution,
        ):
            return entry
    return None


def taken_back(case: Case, transition: Transition) -> bool:
    """Say whether the reports of the step that a transition told have been withdrawn since."""
    if transition.kind is ChangeKind.WITHDRAWN or entry_of(case, transition) is not None:
        return False
    step = (transition.episode, transition.stage, transition.action, transition.institution)
    return any(
        t.kind is ChangeKind.WITHDRAWN and (t.episode, t.stage, t.action, t.institution) == step
        for t in case.transitions
    )


def proof(case: Case, transition: Transition) -> Signal | None:
    """Find the signal that proves a transition: the one it names, else the surest of its entry.

    None for a withdrawal: what its report said is what is no longer so.
    """
    if transition.kind is ChangeKind.WITHDRAWN:
        return None
    for entry in case.history:
        for signal in entry.evidence:
            if signal.id == transition.because:
                return signal
    about = entry_of(case, transition)
    return surest(about) if about else None


def surest(entry: Entry) -> Signal | None:
    """Find the report of an entry that the detector is surest of, the first of equals (evidence is best first)."""
    return max(entry.evidence, key=lambda signal: signal.confidence, default=None)


def changed_at(case: Case) -> datetime:
    """Say when the case last moved: its latest transition, else its latest report."""
    moments = [transition.at for transition in case.transitions] or [
        reported for entry in case.history if (reported := first_reported(entry))
    ]
    return max(moments, default=_NEVER)


def told_at(transition: Transition) -> datetime:
    """Order transitions as they came: by the time of the news."""
    return transition.at


def is_alert(transition: Transition) -> bool:
    """Say whether a transition is loud enough for the alerts list."""
    return transition.severity is not Severity.NONE


def counts_down(case: Case, today: date) -> bool:
    """Say whether the case belongs to the exits about to take effect."""
    if case.effective_date is None or case.stage in _ENDED or Flag.WITHDRAWN in case.flags or case.superseded_by:
        return False
    return (today - case.effective_date.value).days <= DUE_DAYS


def reports(case: Case) -> Iterator[Signal]:
    """Every kept report, step by step."""
    for entry in case.history:
        yield from entry.evidence


def first_reported(entry: Entry) -> datetime | None:
    """Say when a step was first in the news: the earliest date of a kept report, else when we saw it.

    Not `first_seen` at once: what is read late, or replayed, was seen long after it was news.
    """
    return min((signal.published for signal in entry.evidence if signal.published), default=entry.first_seen)


def day_of(entry: Entry) -> date | None:
    """Say which day a step stands on: its own, else that of the first report."""
    reported = first_reported(entry)
    return entry.event_date or (reported.date() if reported else None)


def _when(entry: Entry) -> tuple[date, datetime]:
    return (day_of(entry) or date.min, entry.first_seen or _NEVER)
