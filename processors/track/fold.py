"""The case as a pure fold over its set of signals: any order, any repeats, any batches give the same case.

    kept -> episodes -> acts -> entries -> what stands -> date of effect -> flags -> case

Looks only at its arguments. `now` moves two flags, `due` and `unconfirmed`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from processors.track import flags
from processors.track.corroborate import Attestation, attest, organ
from processors.track.dates import Effect, Notice, as_reported, claims, earliest_effect, effect, notice_for
from processors.track.dating import UNDATED, day, first_seen
from processors.track.entries import Act, acts
from processors.track.keep import kept, tombstone
from processors.track.lifecycle import CLOSING, EXIT, MOVES, RANK, Episode, episodes, may_follow
from processors.track.policy import Rules
from processors.track.severity import Step, decide, held_back, weighty
from treatywatch.model import (
    Action,
    Case,
    Entry,
    Flag,
    Institution,
    Position,
    Severity,
    Signal,
    SpeakerKind,
    Stage,
    Tombstone,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A case with what the flags and the clock need: the standing act, and the dates that can still pass."""

    case: Case
    due_on: date | None = None  # the date of effect whose passing would be told
    doubted_on: date | None = None  # the last day on which the depositary's word is waited for


def fold(signals: Iterable[Signal], now: datetime, rules: Rules) -> Case | None:
    """Fold the signals of one case; none where there are none.

    Withdrawn signals count as tombstones: a case of which nothing else is left has the flag `withdrawn`.
    """
    reading = read(signals, now, rules)
    return reading.case if reading else None


def read(signals: Iterable[Signal], now: datetime, rules: Rules) -> Reading | None:
    """Fold, and say which dates can still pass."""
    known = kept(signals)
    live = [s for s in known if not s.withdrawn]
    stones = tuple(tombstone(s) for s in known if s.withdrawn)
    if not known:
        return None
    if not live:
        return Reading(_nothing_left(known, stones, rules))
    first = live[0]
    instrument = rules.register.get(first.treaty)
    notice = notice_for(instrument, first.case_id, (s.treaty_text for s in live))
    chapters = episodes(live, lambda given: earliest_effect(notice, given))
    names: set[str] = set()
    told = [
        (chapter, acts(chapter, number, names, lambda s: organ(s, rules))) for number, chapter in enumerate(chapters)
    ]
    every = sorted((act for _, found in told for act in found), key=lambda act: act.order)
    attested = [attest(act.signals, act.stage, rules) for act in every]
    stands = standing(every, [_weak(act, known, rules) for act, known in zip(every, attested, strict=True)])
    chapter, episode = next((c, found) for c, found in told if stands in found)
    history, reasons = _entries(every, attested, instrument.kind if instrument else None, stands, rules)
    takes_effect = _effect(episode, chapter, stands, notice)
    view = flags.View(
        live, chapter, episode, every, stands, takes_effect, instrument, now.astimezone(UTC).date(), rules
    )
    current = history[every.index(stands)]
    case = Case(
        id=first.case_id,
        actor=first.actor,
        treaty=first.treaty,
        treaty_text=_treaty_text(stands, rules),
        stage=stands.stage,
        action=stands.action,
        since=_or_none(stands.on),
        history=history,
        effective_date=takes_effect.date,
        flags=flags.flags(view),
        severity=current.severity,
        confidence=current.confidence,
        reasons=reasons,
        positions=_positions(chapter.signals),
        tombstones=stones,
    )
    return Reading(case, flags.due_on(view), flags.doubted_on(view))


def standing(every: Sequence[Act], weak: Sequence[bool]) -> Act:
    """Return the act that stands, of acts by date: the latest one that may take the place of what stood before.

    `weak` says which are too weak to be told; they do not move a case either, unless nothing else is known.
    """
    firm = [act for act, is_weak in zip(every, weak, strict=True) if not is_weak] or every
    now = firm[0]
    for act in firm[1:]:
        if act.chapter < now.chapter:
            continue  # retold from an earlier chapter
        if may_follow((now.stage, now.on), act.stage, act.action, act.on, act.chapter > now.chapter):
            now = act
    return now


def _weak(act: Act, attested: Attestation, rules: Rules) -> bool:
    """Say whether an act rests on one report of low confidence, or is talk by nobody who decides or governs."""
    talk = act.stage in rules.policy.weight.steps and not weighty(act.stage, _speakers(act), rules.policy)
    return talk or held_back(len(attested.voices), attested.confidence, rules.policy)


def _given(before: Act, act: Act) -> bool:
    """Say whether what an act announces had been done: notice was given, or the suspension declared."""
    if act.action is Action.SUSPEND:
        return before.action is Action.SUSPEND and before.stage in (Stage.NOTIFIED, Stage.SUSPENDED)
    return before.action in EXIT and before.stage is Stage.NOTIFIED


def _speakers(act: Act) -> list[tuple[SpeakerKind | None, Institution | None]]:
    return [(s.speaker.kind if s.speaker else None, s.institution) for s in act.signals]


def _entries(
    every: Sequence[Act], attestations: Sequence[Attestation], kind: str | None, stands: Act, rules: Rules
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    entries: list[Entry] = []
    reasons: tuple[str, ...] = ()
    gone: set[int] = set()  # chapters whose exit has taken effect, by acts so far
    for act, attested in zip(every, attestations, strict=True):
        before = [a for a in every if a.episode == act.episode and a.order < act.order]
        step = Step(
            stage=act.stage,
            kind=kind,
            weighty=weighty(act.stage, _speakers(act), rules.policy),
            voices=len(attested.voices),
            confidence=attested.confidence,
            announced=any(a.stage in MOVES for a in before),
            notified=any(_given(a, act) for a in before),
            over=act.stage not in (*CLOSING, Stage.REJECTED)
            and (act.chapter in gone or (act.on == UNDATED and stands.on != UNDATED)),
        )
        verdict = decide(step, rules.policy)
        if act.stage is Stage.EFFECTIVE and not held_back(step.voices, step.confidence, rules.policy):
            gone.add(act.chapter)
        seen = [moment for moment in map(first_seen, act.signals) if moment]
        entries.append(
            Entry(
                episode=act.episode,
                stage=act.stage,
                action=act.action,
                institution=act.institution,
                event_date=act.event_date,
                first_seen=min(seen, default=None),
                owners=tuple(sorted({s.owner for s in act.signals})),
                voices=len(attested.voices),
                outlets=tuple(sorted({s.outlet for s in act.signals})),
                confidence=attested.confidence,
                severity=verdict.severity,
                evidence=act.signals,
            )
        )
        if act is stands:
            reasons = (*attested.reasons, verdict.reason)
    return tuple(entries), reasons


def _effect(episode: Sequence[Act], chapter: Episode, stands: Act, notice: Notice | None) -> Effect:
    if stands.stage in (Stage.REVERSED, Stage.REJECTED):
        return Effect(None, binding=False, refuted=False)
    notices = [a for a in episode if a.stage is Stage.NOTIFIED and a.action in EXIT and a.on != UNDATED]
    suspends = stands.action not in EXIT and not notices  # a suspension does not stop the clock of a notice
    of_action = [s for s in chapter.signals if (s.action not in EXIT) == suspends and s.stage in MOVES]
    claimed = claims(of_action)
    took = [a for a in episode if a.stage is Stage.EFFECTIVE and a.action in EXIT and a.on != UNDATED]
    moves = [a.on for a in episode if a.stage in MOVES and a.action in EXIT and a.on != UNDATED]
    if suspends:
        return effect(None, None, None, claimed)
    notified = (notices[0].on, notices[0].event_date is not None) if notices else None
    found = effect(notice, notified, min(moves, default=None), claimed)
    if found.date is None and took:
        return as_reported(took[-1].on, named=took[-1].event_date is not None)
    return found


def _positions(signals: Iterable[Signal]) -> tuple[Position, ...]:
    latest: dict[str, Position] = {}
    for signal in sorted(signals, key=lambda s: (day(s), s.id)):
        latest.update({position.state: position for position in signal.positions})
    return tuple(latest[state] for state in sorted(latest))


def _treaty_text(stands: Act, rules: Rules) -> str:
    first = stands.signals[0]
    return rules.register.name(first.treaty, first.treaty_text)


def _nothing_left(gone: Sequence[Signal], stones: tuple[Tombstone, ...], rules: Rules) -> Case:
    last = max(gone, key=lambda s: (day(s), RANK[s.stage], s.id))
    return Case(
        id=last.case_id,
        actor=last.actor,
        treaty=last.treaty,
        treaty_text=rules.register.name(last.treaty, last.case_id.partition(":")[2].strip("~").replace("-", " ")),
        stage=last.stage,
        action=last.action,
        since=_or_none(day(last)),
        flags=(Flag.WITHDRAWN,),
        severity=Severity.NONE,
        reasons=("every report of it was withdrawn",),
        tombstones=stones,
    )


def _or_none(on: date) -> date | None:
    return None if on == UNDATED else on
