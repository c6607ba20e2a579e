"""What today's rules would have told, against what was told; and the signals that would make good the difference. Pure.

An alert is a transition of which severity is not none. Two alerts are the same where their transition is; where the
step is the same and only the way it was told differs (a new step, or one that a second source made weigh more), they
are the same too, or differ in severity. What is left over is matched by the item that caused it: the same item now read
as another step, or as another case. The rest was added or dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from treatywatch.model import Action, Case, ChangeKind, Institution, Severity, Signal, Stage, Transition

_FIRST = frozenset({ChangeKind.ENTRY, ChangeKind.SEVERITY, ChangeKind.STANDS})  # ways to tell of a step


class Kind(StrEnum):
    """How today's alert differs from what was sent."""

    ADDED = "added"
    DROPPED = "dropped"
    STEP = "step"  # the item that caused it is read as another step, or as a step of another case
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Alert:
    """One transition that people are told about; `item` is the id of the item that caused it, where that is known.

    `told` says whether it really was alertable: not where it was back-filled.
    """

    transition: str
    case: str
    kind: ChangeKind
    stage: Stage
    action: Action
    institution: Institution | None
    episode: str
    severity: Severity
    at: datetime
    item: str | None
    told: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `before` was sent, `after` is today's; one of the two is none where it was added or dropped."""

    kind: Kind
    before: Alert | None
    after: Alert | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, by the time of the news, and how many alerts are the same."""

    differences: tuple[Difference, ...]
    same: int

    def count(self, kind: Kind) -> int:
        """How many differences are of this kind."""
        return sum(difference.kind is kind for difference in self.differences)


def alerts(written: Iterable[tuple[str, Sequence[Transition]]], items: Mapping[str, str]) -> list[Alert]:
    """List the alerts among cases' transitions, each once, in the order of each case's transitions.

    What was taken back afterwards is left out together with the word that it was. `items` names the item of a signal.
    """
    found: dict[str, Alert] = {}
    for case, transitions in written:
        for t in transitions:
            if t.kind is ChangeKind.WITHDRAWN:
                gone = [a.transition for a in found.values() if a.case == case and _step(a) == _step(t)]
                for id in gone:
                    del found[id]
            elif t.severity is not Severity.NONE:
                found[t.id] = Alert(
                    transition=t.id,
                    case=case,
                    kind=t.kind,
                    stage=t.stage,
                    action=t.action,
                    institution=t.institution,
                    episode=t.episode,
                    severity=t.severity,
                    at=t.at,
                    item=items.get(t.because or ""),
                    told=t.alertable_at is not None,
                )
    return list(found.values())


def _step(told: Alert | Transition) -> Hashable:
    return told.episode, told.action, told.stage, told.institution


def of_cases(cases: Iterable[Case]) -> Iterable[tuple[str, Sequence[Transition]]]:
    """Give the transitions of records, for `alerts`; those of a case that another one stands for now are left out."""
    return ((case.id, case.transitions) for case in cases if case.superseded_by is None)


def compare(sent: Iterable[Alert], today: Iterable[Alert]) -> Comparison:
    """Match the alerts of the two, from the closest kind of sameness to the farthest; each is matched once."""
    before, after = {a.transition: a for a in _by_time(sent)}, _by_time(today)
    differences: list[Difference] = []
    same = 0
    for level in _LEVELS:
        waiting: dict[Hashable, list[Alert]] = {}
        for alert in before.values():
            if (key := level(alert)) is not None:
                waiting.setdefault(key, []).append(alert)
        rest: list[Alert] = []
        for alert in after:
            key = level(alert)
            if key is None or not waiting.get(key):
                rest.append(alert)
                continue
            match = waiting[key].pop(0)
            del before[match.transition]
            kind = _kind(match, alert)
            same += kind is None
            if kind is not None:
                differences.append(Difference(kind, match, alert))
        after = rest
    differences += [Difference(Kind.DROPPED, alert, None) for alert in before.values()]
    differences += [Difference(Kind.ADDED, None, alert) for alert in after]
    return Comparison(tuple(sorted(differences, key=_order)), same)


def corrections(
    sent: Iterable[Signal], today: Iterable[Signal], read: Mapping[str, int], *, alert: bool = False
) -> tuple[Signal, ...]:
    """Give the signals that turn what was sent into today's, under a detector generation above all that were sent.

    `read` holds the items that were read again, with their highest revision: only of these is a signal taken back.
    Unless `alert` is set they are back-filled, so that nobody is told. After they were sent, there are none any more.
    """
    had = _latest(sent)
    generation = max((signal.generation for signal in had.values()), default=1) + 1
    now = _latest(today)
    found: list[Signal] = []
    for id, signal in now.items():
        old = had.get(id)
        if old is None:
            if not signal.withdrawn:
                found.append(signal)
        elif old.revision <= signal.revision and _content(old) != _content(signal):
            found.append(signal)
    for id, old in had.items():
        if id not in now and not old.withdrawn and old.revision <= read.get(old.item, 0):
            found.append(msgspec.structs.replace(old, withdrawn=True))
    return tuple(
        msgspec.structs.replace(s, generation=generation, backfill=s.backfill or not alert)
        for s in sorted(found, key=lambda s: (s.case_id, s.published is None, s.published, s.id))
    )


def _latest(signals: Iterable[Signal]) -> dict[str, Signal]:
    latest: dict[str, Signal] = {}
    for signal in signals:
        known = latest.get(signal.id)
        if known is None or (signal.revision, signal.generation) >= (known.revision, known.generation):
            latest[signal.id] = signal
    return latest


def _content(signal: Signal) -> Signal:
    """Leave out what says who read it and when: a new version that reads the same is no difference."""
    if signal.withdrawn:
        return msgspec.structs.replace(_EMPTY, id=signal.id, withdrawn=True)
    return msgspec.structs.replace(
        signal, generation=0, revision=0, detector_version="", register_version="", backfill=False, fetched=None
    )


_EMPTY = Signal(
    id="", case_id="", actor="", treaty=None, treaty_text="", action=Action.WITHDRAW, stage=Stage.ADVOCATED,
    confidence=0.0, item="",
)  # fmt: skip


def _kind(before: Alert, after: Alert) -> Kind | None:
    steps = [(a.case, a.action, a.stage, a.institution) for a in (before, after)]
    if steps[0] != steps[1]:
        return Kind.STEP
    return Kind.SEVERITY if before.severity is not after.severity else None


def _way(alert: Alert) -> ChangeKind:
    return ChangeKind.ENTRY if alert.kind in _FIRST else alert.kind


def _of_item(alert: Alert, *parts: Hashable) -> Hashable:
    return None if alert.item is None else (alert.item, _way(alert), *parts)


_LEVELS: Sequence[Callable[[Alert], Hashable]] = (
    lambda a: a.transition,
    lambda a: (a.case, _way(a), a.action, a.stage, a.institution, a.episode),
    lambda a: (a.case, _way(a), a.action, a.stage, a.institution),
    lambda a: _of_item(a, a.case, a.stage),
    lambda a: _of_item(a, a.case),
    lambda a: _of_item(a, a.case.partition(":")[0], a.stage),
    lambda a: _of_item(a),
)


def _by_time(alerts: Iterable[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda a: (a.at, a.transition))


def _order(difference: Difference) -> tuple[datetime, str, str]:
    alert = difference.after or difference.before
    assert alert is not None
    return alert.at, alert.case, alert.transition
