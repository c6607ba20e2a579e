"""One step of `track`: a record and what came in give the next record and the transitions to tell.

The record is the state: it holds the signals that the fold needs, so `track` recovers from the topic `cases` alone.
Nothing here reads a clock. A signal that is known already changes nothing, however often it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from processors.track.dating import shift
from processors.track.fold import Reading, read
from processors.track.keep import kept, of_record
from processors.track.policy import Policy, Rules, load_rules
from processors.track.supersede import destination
from processors.track.transitions import MOST_RECENT, Change, episode_names, transitions
from treatywatch.model import Case, Signal, Transition

__all__ = ["Advance", "Policy", "Rules", "advance", "load_rules", "next_date", "records", "tick"]


@dataclass(frozen=True, slots=True)
class Advance:
    """The result of one step. `record` is the state afterwards; nothing is to be written unless `changed`."""

    record: Case | None
    transitions: tuple[Transition, ...] = ()
    changed: bool = False


def advance(record: Case | None, signals: Sequence[Signal], now: datetime, wall: datetime, rules: Rules) -> Advance:
    """Add signals to a case.

    `now` is the time of the story (it decides what is due), `wall` the clock on the wall (it stamps what is alertable).
    All signals must be of one case, the record's where there is one. Order, repeats and the cut into batches do not
    change the case; they do change which transitions are seen on the way.
    """
    ids = {signal.case_id for signal in signals} | ({record.id} if record else set())
    if len(ids) > 1:
        raise ValueError(
            f"signals of several cases in one step: {', '.join(sorted(ids))}; send them one case at a time"
        )
    before = of_record(record) if record else ()
    after = kept((*before, *signals))
    reading = read(after, now, rules)
    if reading is None:
        return Advance(record)
    case = reading.case
    replaced = destination(case.id, rules.register)
    case = msgspec.structs.replace(case, superseded_by=replaced if replaced != case.id else None)
    if record is not None and bare(record) == case:
        return Advance(record)
    known = {(s.id, s.revision, s.generation, s.withdrawn) for s in before}
    fresh = frozenset(s.id for s in after if (s.id, s.revision, s.generation, s.withdrawn) not in known)
    names = episode_names(record, case)
    found: tuple[Transition, ...] = ()
    if case.superseded_by is None:  # a change of the register is no news
        quiet = bool(signals) and all(signal.backfill for signal in signals)
        change = Change(record, case, fresh, {n.month: n.first for n in names}, now, wall, rules.policy, quiet)
        found = transitions(change)
    revision = record.revision if record else 0
    told = (*(record.transitions if record else ()), *found)[-MOST_RECENT:]
    written = msgspec.structs.replace(
        case,
        revision=revision + max(1, len(found)),
        changed=found[-1] if found else None,
        transitions=told,
        episodes=names,
    )
    return Advance(written, found, True)


def tick(record: Case, now: datetime, wall: datetime, rules: Rules) -> Advance:
    """Let time pass over a case: a date of effect that is past, a claim that stayed unconfirmed.

    Cheap to skip: see `next_date`. Also applies a changed register or policy to what is shown.
    """
    return advance(record, (), now, wall, rules)


def records(step: Advance) -> tuple[Case, ...]:
    """Return what to write, in order: the record once for each transition, with it as `changed`; once if there is none.

    Each carries all the transitions, so a crash between two writes loses none of them.
    """
    if step.record is None or not step.changed:
        return ()
    if not step.transitions:
        return (step.record,)
    first = step.record.revision - len(step.transitions) + 1
    return tuple(
        msgspec.structs.replace(step.record, revision=first + place, changed=transition)
        for place, transition in enumerate(step.transitions)
    )


def next_date(record: Case, now: datetime, rules: Rules) -> date | None:
    """Return the first day on which `tick` would find something, none where only a report can move the case."""
    reading = read(of_record(record), now, rules)
    if reading is None:
        return None
    return min((day for day in _pending(reading) if day > now.date()), default=None)


def bare(record: Case) -> Case:
    """Take off what belongs to the record, not to the fold."""
    return msgspec.structs.replace(record, revision=0, changed=None, transitions=(), episodes=())


def _pending(reading: Reading) -> Iterable[date]:
    return (shift(day, timedelta(days=1)) for day in (reading.due_on, reading.doubted_on) if day is not None)
