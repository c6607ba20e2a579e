"""The steps of one episode: which signals report the same step, and when it was taken.

One entry per (action, stage, institution). Four things that reports blur are put right here: "withdraws from" and
"terminates" are one act; a report that names no organ belongs to the named step that it retells; a premature claim
of effect is a report of the step that was really taken; and another state's answer to an exit under way ("deplores the
departure") is a report of the step that it answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from processors.track.dating import UNDATED, day, event_day, first_seen, shift
from processors.track.lifecycle import EXIT, MERGE_WINDOW, MOVES, RANK, Episode
from treatywatch.model import Action, Institution, Signal, Stage

Organ = Callable[[Signal], Institution | None]  # who took the step that a signal reports
Group = tuple[str, Stage, Institution | None]  # the family of the action, the stage, the organ
_RECEIPT = timedelta(days=7)  # a note is dated up to so long before it is received
_STEPS_BEFORE_EFFECT = (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)
# A suspension is decreed and later begins, a reversal is renewed: such a step without a named organ, so long after the
# last report of one with a name, is another. Votes and notices are retold for months.
_RENEWED = (Stage.SUSPENDED, Stage.REVERSED)
_RETOLD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Act:
    """One step with its signals, best first. `on` orders it: the act's own date, else that of the first report."""

    episode: str
    chapter: int
    stage: Stage
    action: Action
    institution: Institution | None
    event_date: date | None
    on: date
    signals: tuple[Signal, ...]

    @property
    def order(self) -> tuple[date, int, str, str]:
        """By date, then by rank of the stage."""
        return self.on, RANK[self.stage], self.institution or "", self.action


def acts(episode: Episode, chapter: int, taken_names: set[str], organ: Organ) -> list[Act]:
    """Gather an episode's signals into its acts, by date. Adds the episode's name to `taken_names`."""
    groups = _grouped(episode, organ)
    dated = {group: _date(group[1], signals, organ) for group, signals in groups.items()}
    name = _name(min(on for _, on in dated.values()), taken_names)
    found = [
        Act(name, chapter, group[1], _action(group[0], signals), group[2], *dated[group], _sorted(signals))
        for group, signals in groups.items()
    ]
    return sorted(found, key=lambda act: act.order)


def _grouped(episode: Episode, organ: Organ) -> dict[Group, list[Signal]]:
    groups: dict[Group, list[Signal]] = {}
    unnamed, premature, answers = [], [], []
    for signal in episode.signals:
        if signal.id in episode.premature:
            premature.append(signal)
        elif _answers(signal):
            answers.append(signal)
        elif (named_by := organ(signal)) is None:
            unnamed.append(signal)
        else:
            groups.setdefault((_family(signal.action), signal.stage, named_by), []).append(signal)
    named = {group: min(map(day, signals)) for group, signals in groups.items()}
    days = {group: sorted(map(day, signals)) for group, signals in groups.items()}
    for signal in unnamed:
        retold = [
            g
            for g in named
            if g[:2] == (_family(signal.action), signal.stage)
            and not (signal.stage in _RENEWED and _long_after(signal, days[g]))
        ]
        group = _nearest(signal, retold, named) or (_family(signal.action), signal.stage, None)
        groups.setdefault(group, []).append(signal)
    known = {group: min(map(day, signals)) for group, signals in groups.items()}
    for signal in premature:
        steps = [g for g in known if g[0] == "exit" and g[1] in _STEPS_BEFORE_EFFECT]
        group = _nearest(signal, steps, known) or ("exit", Stage.ANNOUNCED, None)
        groups.setdefault(group, []).append(signal)
    known = {group: min(map(day, signals)) for group, signals in groups.items()}
    for signal in answers:
        answered = [g for g in known if g[0] == _family(signal.action) and g[1] in MOVES]
        group = _nearest(signal, answered, known) or (_family(signal.action), signal.stage, None)
        groups.setdefault(group, []).append(signal)
    return groups


def _long_after(signal: Signal, days: Sequence[date]) -> bool:
    """Say whether a signal comes long after the last of these days, in order, that is not later than itself."""
    before = [on for on in days if on <= day(signal)]
    return bool(before) and day(signal) > shift(before[-1], _RETOLD)


def _answers(signal: Signal) -> bool:
    """Say whether a signal is another state's stand on an exit, not a step of its own: it names no organ and no day."""
    return (
        signal.stage is Stage.ANNOUNCED
        and signal.institution is None
        and event_day(signal) is None
        and bool(signal.positions)
    )


def _nearest(signal: Signal, groups: Iterable[Group], since: dict[Group, date]) -> Group | None:
    """Return the latest of the groups that had begun when the signal was made, none where none had."""
    on = day(signal)
    begun = [g for g in groups if on == UNDATED or since[g] <= shift(on, MERGE_WINDOW)]
    return max(begun, key=lambda g: (since[g], RANK[g[1]], g[2] or ""), default=None)


def _family(action: Action) -> str:
    return "exit" if action in EXIT else action.value


def _action(family: str, signals: Sequence[Signal]) -> Action:
    if family != "exit":
        return Action(family)
    owners = {action: len({s.owner for s in signals if s.action is action}) for action in sorted(EXIT, reverse=True)}
    return max(owners, key=lambda action: (owners[action], action is Action.WITHDRAW))


def _date(stage: Stage, signals: Sequence[Signal], organ: Organ) -> tuple[date | None, date]:
    """Return the date of the act, where a text names one, and the day that orders it.

    Where texts name several, the one with most owners, then the earliest: the first of several acts. A notice is dated
    by its receipt: the depositary's date, else the later one of two that are close.
    """
    depositary = [s for s in signals if organ(s) is Institution.DEPOSITARY and event_day(s)]
    named = Counter[date]()
    for value, _ in {(event_day(s), s.owner) for s in (depositary if stage is Stage.NOTIFIED else []) or signals}:
        if value is not None:
            named[value] += 1
    # A premature claim of effect dates no other step.
    own = {event_day(s) for s in signals if s.stage is stage}
    candidates = {value: count for value, count in named.items() if value in own}
    if not candidates:
        reports = [day(s) for s in signals if day(s) != UNDATED]
        return None, min(reports, default=UNDATED)
    most = max(candidates.values())
    first = min(value for value, count in candidates.items() if count == most)
    if stage is Stage.NOTIFIED:
        first = max(v for v, count in candidates.items() if count == most and first <= v <= shift(first, _RECEIPT))
    return first, first


def _sorted(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    def key(signal: Signal) -> tuple[float, float, str]:
        seen = first_seen(signal)
        return -signal.confidence, seen.timestamp() if seen else float("inf"), signal.id

    return tuple(sorted(signals, key=key))


def _name(first: date, taken: set[str]) -> str:
    """Name an episode by the month of its first event; a second one in that month gets a number."""
    month = "undated" if first == UNDATED else f"{first:%Y-%m}"
    name, number = month, 1
    while name in taken:
        number += 1
        name = f"{month}-{number}"
    taken.add(name)
    return name
