"""What changed between two states of a case, as transitions that people may be told about.

A transition is a new step, another step that stands, a rise in severity, a date that passed, a claim that stayed
unconfirmed, or a step that lost its last report. It always has a cause: reports that only fall into another order, or
another policy for steps already told, change the case without a transition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from processors.track.dating import UNDATED, day
from processors.track.policy import Policy
from treatywatch.model import Case, ChangeKind, Entry, EpisodeName, Flag, Severity, Signal, Transition
from treatywatch.wire import digest

MOST_RECENT = 40  # transitions that a record remembers
NEWS = timedelta(days=30)  # so long another owner can make a step weigh more

Key = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """The two states: `old` is the record, `new` the fold after the `fresh` signal ids came in or were withdrawn."""

    old: Case | None
    new: Case
    fresh: frozenset[str]
    names: Mapping[str, str]  # the fold's episode -> the name that its transitions bear
    now: datetime
    wall: datetime
    policy: Policy
    quiet: bool = False  # all that came in is back-filled; what has no report as its cause tells nobody then


def transitions(change: Change) -> tuple[Transition, ...]:
    """Return the transitions between the two states, in the order in which to tell them.

    One whose id the record remembers is not found again.
    """
    known = {t.id for t in change.old.transitions} if change.old else set()
    found: dict[str, Transition] = {}
    for transition in _all(change):
        if transition.id not in known:
            found.setdefault(transition.id, transition)
    return tuple(found.values())


def episode_names(old: Case | None, new: Case) -> tuple[EpisodeName, ...]:
    """Name the episodes of the new state: each keeps the name that it was first written with.

    An episode is recognised by its signals. Where one parts in two, the part with more of them keeps the name; where
    two become one, the earlier name stays. Only names that differ from the fold's are returned.
    """
    if old is None:
        return ()
    before = {name.month: name.first for name in old.episodes}
    home = {s.id: before.get(e.episode, e.episode) for e in old.history for s in e.evidence}
    shared: dict[tuple[str, str], int] = {}
    for entry in new.history:
        for signal in entry.evidence:
            if signal.id in home:
                pair = (entry.episode, home[signal.id])
                shared[pair] = shared.get(pair, 0) + 1
    names: dict[str, str] = {}
    for month, first in sorted(shared, key=lambda pair: (-shared[pair], pair[1], pair[0])):
        if month not in names and first not in names.values():
            names[month] = first
    for month in sorted({entry.episode for entry in new.history} - names.keys()):
        name = month
        while name in names.values():
            name += "+"  # another episode was first written under this month
        names[month] = name
    return tuple(EpisodeName(month=m, first=names[m]) for m in sorted(names) if names[m] != m)


def _all(change: Change) -> Iterator[Transition]:
    old, new = change.old, change.new
    before = tuple(old.history) if old else ()
    pairs = _matched(before, new.history)
    stones = {stone.id for stone in new.tombstones}
    told = False
    for entry in before:
        gone = not any(was is entry for was in pairs.values())
        if gone and entry.evidence and all(signal.id in stones for signal in entry.evidence):
            told = True
            yield _withdrawn(change, entry)
    for index, entry in enumerate(new.history):
        was = pairs.get(index)
        causes = [signal for signal in entry.evidence if signal.id in change.fresh]
        if was is None and causes:
            told = True
            yield _of(change, ChangeKind.ENTRY, entry, entry.severity, causes)
        elif was is not None and entry.severity.rank > was.severity.rank and _still_news(entry, causes):
            yield _of(change, ChangeKind.SEVERITY, entry, entry.severity, causes)
    standing = _standing(new)
    if standing is None:
        return
    if not told and old is not None and change.fresh and pairs.get(new.history.index(standing)) is not _standing(old):
        yield _stands(change, standing)
    for flag, kind, level in (
        (Flag.DUE, ChangeKind.DUE, change.policy.due),
        (Flag.UNCONFIRMED, ChangeKind.UNCONFIRMED, change.policy.unconfirmed.severity),
    ):
        if flag in new.flags and (old is None or flag not in old.flags):
            quiet = standing.severity is Severity.NONE
            yield _of(change, kind, standing, Severity.NONE if quiet else level, standing.evidence)


def _matched(old: Sequence[Entry], new: Sequence[Entry]) -> dict[int, Entry]:
    """Find for each new entry (by place) the old one that it continues.

    That is the one with the same key, else one that is gone and whose signals it took over: a vote of "parliament" that
    turns out to be the lower house's is no second vote.
    """
    found: dict[int, Entry] = {}
    free = list(old)
    for index, entry in enumerate(new):
        same = [was for was in free if _key(was) == _key(entry) and _overlap(was, entry)]
        if same:
            found[index] = same[0]
            free.remove(same[0])
    for index, entry in enumerate(new):
        if index not in found:
            heirs = [was for was in free if _overlap(was, entry)] or [was for was in free if _key(was) == _key(entry)]
            if heirs:
                found[index] = heirs[0]
                free.remove(heirs[0])
    return found


def _overlap(one: Entry, other: Entry) -> bool:
    return not {s.id for s in one.evidence}.isdisjoint(s.id for s in other.evidence)


def _key(entry: Entry) -> Key:
    return entry.episode, entry.action, entry.stage, entry.institution


def _standing(case: Case) -> Entry | None:
    """Return the entry that stands; the fold gives its stage, action and date."""
    fits = [e for e in case.history if e.stage is case.stage and e.action is case.action]
    dated = [e for e in fits if case.since is None or entry_day(e) == case.since]
    return (dated or fits)[-1] if fits else None


def _still_news(entry: Entry, causes: Sequence[Signal]) -> bool:
    """Say whether one of the causes is a report of the time; years later a second owner corroborates only history."""
    on = entry_day(entry)
    return any(on is None or day(signal) - on <= NEWS for signal in causes)


def entry_day(entry: Entry) -> date | None:
    """Return the day that orders an entry: the act's own, else that of its first report."""
    days = [day(signal) for signal in entry.evidence if day(signal) != UNDATED]
    return entry.event_date or min(days, default=None)


def _stands(change: Change, standing: Entry) -> Transition:
    """Tell that an earlier step stands again: nothing new happened, but what was believed is not so."""
    level = Severity.NONE if standing.severity is Severity.NONE else change.policy.stands_again
    fresh = [s for entry in change.new.history for s in entry.evidence if s.id in change.fresh]
    return _of(change, ChangeKind.STANDS, standing, level, fresh)


def _withdrawn(change: Change, entry: Entry) -> Transition:
    assert change.old is not None  # the entry was in it
    key = (entry.stage, entry.action, entry.institution)
    alerted = any((t.stage, t.action, t.institution) == key and t.alertable_at for t in change.old.transitions)
    return _of(change, ChangeKind.WITHDRAWN, entry, change.policy.withdrawn if alerted else Severity.NONE, ())


def _of(change: Change, kind: ChangeKind, entry: Entry, severity: Severity, causes: Sequence[Signal]) -> Transition:
    names = change.names
    if kind is ChangeKind.WITHDRAWN and change.old is not None:
        names = {name.month: name.first for name in change.old.episodes}
    episode = names.get(entry.episode, entry.episode)
    live = any(not signal.backfill for signal in causes) if causes else not change.quiet
    if kind in (ChangeKind.DUE, ChangeKind.UNCONFIRMED) and change.old is not None:
        # A replay may have published the reports again, as back-filled: who was told of the step hears of its date.
        live = live or any(t.alertable_at and t.episode == episode for t in change.old.transitions)
    what = f"{kind}:{severity}" if kind is ChangeKind.SEVERITY else kind
    return Transition(
        id=digest(change.new.id, episode, entry.action, entry.stage, entry.institution, what),
        kind=kind,
        from_stage=change.old.stage if change.old else None,
        to=change.new.stage,
        at=change.now,
        because=_because(causes),
        episode=episode,
        stage=entry.stage,
        action=entry.action,
        institution=entry.institution,
        severity=severity,
        alertable_at=change.wall if live and severity is not Severity.NONE else None,
    )


def _because(causes: Sequence[Signal]) -> str | None:
    """Name the best cause; a live report before a back-filled one."""
    best = min(causes, key=lambda s: (s.backfill, -s.confidence, s.id), default=None)
    return best.id if best else None
