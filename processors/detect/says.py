"""Say what one item says: the readings of its sentences made one, each step once.

A headline and its summary often tell the same step; an item never speaks with two voices.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec

from processors.detect.reading import ActorMention, Sentence
from treatywatch.model import Institution, Signal, Stage


def carry(sentence: Sentence, before: tuple[ActorMention, ...]) -> tuple[ActorMention, ...]:
    """Give the state that a later sentence without any speaks of: the first of this one, else the one before."""
    within = {i for t in sentence.treaties if not t.named for i in range(t.start, t.end)}
    first = next((a for a in sentence.actors if a.acts and a.state and a.codes and a.start not in within), None)
    return (first,) if first is not None else before


def elsewhere(carried: tuple[ActorMention, ...], tokens: int) -> tuple[ActorMention, ...]:
    """Bring an actor of an earlier sentence along; its place lies beyond the tokens, so that it marks nothing here."""
    return tuple(replace(actor, start=tokens, end=tokens + 1) for actor in carried)


def distinct(signals: Sequence[Signal], bare: Collection[str]) -> list[Signal]:
    """Make one signal of the readings of one step that the sentences of an item give.

    A step without an organ is the same as the one with it. "Leaves the treaty" (an id in `bare`) beside "parliament
    voted to leave" is the vote, in press tense.
    """
    readings: dict[tuple[str, str, Stage], list[Signal]] = {}
    for signal in signals:
        readings.setdefault((signal.case_id, signal.action, signal.stage), []).append(signal)
    kept = [merged for group in readings.values() for merged in _steps(group)]
    kept = [s for s in kept if not _of_who_reacts(s, kept)]
    named = {s.case_id for s in kept if s.stage in (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)}
    decided = {s.case_id for s in kept if s.stage is Stage.APPROVED}
    notified = {(s.case_id, s.action) for s in kept if s.stage is Stage.NOTIFIED}
    suspended = {s.case_id for s in kept if s.stage is Stage.SUSPENDED}
    kept = [
        s
        for s in kept
        if not (s.stage is Stage.CONSIDERED and s.case_id in decided)  # the bill that was passed
        and not (s.stage is Stage.ANNOUNCED and (s.case_id, s.action) in notified)  # said by giving the notice
        and not (s.stage is Stage.REJECTED and s.case_id in suspended)  # "suspends, and does not leave"
    ]
    return [s for s in kept if not (s.id in bare and s.stage is Stage.EFFECTIVE and s.case_id in named)]


def _of_who_reacts(signal: Signal, others: Sequence[Signal]) -> bool:
    """Tell the state that only reacts, where another reading of the item names who does it.

    "Germany deplores Norway's decision. Its minister lamented the withdrawal": Germany leaves nothing.
    """
    carried, subject = "who.carried" in signal.rules, "who.subject" in signal.rules
    reacts = any(rule.startswith("react:") for rule in signal.rules)
    if not (reacts and (carried or subject)):
        return False
    case = signal.case_id.partition(":")[2]
    return any(
        other.actor != signal.actor and other.case_id.partition(":")[2] == case and "who.carried" not in other.rules
        for other in others
    )


def _steps(group: list[Signal]) -> list[Signal]:
    """Part the readings of one stage by organ; those without one belong to the first organ that is named."""
    organs: list[Institution | None] = list(dict.fromkeys(s.institution for s in group if s.institution)) or [None]
    return [
        _merged([s for s in group if s.institution is organ or (s.institution is None and organ is organs[0])])
        for organ in organs
    ]


def _merged(readings: list[Signal]) -> Signal:
    """Keep the surest reading, the title's where two are as sure; what it lacks the others lend it."""
    best = max(readings, key=lambda s: s.confidence)
    named = next((s for s in readings if s.institution), best)
    return msgspec.structs.replace(
        best,
        id=named.id,
        institution=named.institution,
        event_date=best.event_date or next((s.event_date for s in readings if s.event_date), None),
        effective_date=best.effective_date or next((s.effective_date for s in readings if s.effective_date), None),
        positions=best.positions or next((s.positions for s in readings if s.positions), ()),
    )
