"""What a reader of a case must know beside its stage: each flag is one predicate over the same view of the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from processors.track.corroborate import attest, confirms
from processors.track.dates import Effect
from processors.track.dating import UNDATED, shift
from processors.track.entries import Act
from processors.track.lifecycle import EXIT, MOVES, Episode
from processors.track.policy import Rules
from treatywatch.model import Action, Basis, Flag, Signal, Stage, Stance
from treatywatch.register import Instrument

_OPPOSITE_VOICES = timedelta(days=90)  # so near two opposite statements are a quarrel, not a change of course
_CHANGE_OF_MIND = timedelta(days=14)  # one organ that takes its own word back after that has changed its mind
_OPEN = (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)  # steps of an exit that has not taken effect


@dataclass(frozen=True, slots=True)
class View:
    """A case as the flags see it: the chapter that stands, its acts and all acts by date, and the day."""

    live: Sequence[Signal]
    chapter: Episode
    episode: Sequence[Act]
    every: Sequence[Act]
    stands: Act
    effect: Effect
    instrument: Instrument | None
    today: date
    rules: Rules


def flags(view: View) -> tuple[Flag, ...]:
    """Return the flags that hold, in the order of the enum."""
    due, doubted = due_on(view), doubted_on(view)
    holds = {
        Flag.CONTESTED: _contested(view),
        Flag.PREMATURE: view.stands.stage not in (Stage.EFFECTIVE, Stage.REVERSED)
        and (bool(view.chapter.premature) or view.effect.refuted),
        Flag.UNCONFIRMED: doubted is not None and view.today > doubted,
        Flag.DUE: due is not None and view.today > due,
        Flag.RE_ENTRY: _returned(view.every),
        Flag.ILLUSTRATIVE: any(signal.illustrative for signal in view.live),
        Flag.CONFLICT_CLAUSE: view.effect.date is not None
        and view.stands.stage in _OPEN
        and bool(view.instrument and view.instrument.conflict_clause),
        Flag.SWITCHED_OFF: view.instrument is not None and view.instrument.kind in view.rules.policy.kinds.off,
    }
    return tuple(flag for flag in Flag if holds.get(flag))


def due_on(view: View) -> date | None:
    """Return the date of effect whose passing is told: one that binds, of an exit that nobody reports as done."""
    if view.effect.date is None or not view.effect.binding:
        return None
    suspended_meanwhile = view.stands.stage is Stage.SUSPENDED and view.effect.date.basis is Basis.COMPUTED
    if view.stands.stage not in _OPEN and not suspended_meanwhile:
        return None
    return view.effect.date.value


def doubted_on(view: View) -> date | None:
    """Return the last day on which the depositary's word is waited for; none where it came or none is to be had.

    Counted from the first claim of a notice or an effect in this chapter: the doubt about a notice is told once, not
    again with the effect.
    """
    stands = view.stands
    if stands.stage not in (Stage.NOTIFIED, Stage.EFFECTIVE) or stands.action not in EXIT or stands.on == UNDATED:
        return None
    if view.instrument is None or not has_depositary(view.instrument):
        return None
    claimed = (Stage.NOTIFIED, Stage.EFFECTIVE)
    notices = [act for act in view.episode if act.stage in claimed and act.action in EXIT and act.on != UNDATED]
    if any(confirms(signal, view.rules) for act in notices for signal in act.signals):
        return None
    first = min(act.on for act in notices)
    return shift(first, timedelta(days=view.rules.policy.unconfirmed.days))


def has_depositary(instrument: Instrument) -> bool:
    """Say whether some third party receives notices: not so for bilateral deals and political commitments."""
    named = (instrument.depositary or "").casefold()
    return bool(named) and not instrument.bilateral and not any(w in named for w in ("bilateral", "none", "various"))


def _contested(view: View) -> bool:
    return _denied(view) or _foreign_only(view) or _opposed(view)


def _denied(view: View) -> bool:
    """Opposite voices of one state: parliament drafts while the government rules it out; a claim and its denial."""
    if view.stands.stage in (Stage.EFFECTIVE, Stage.REVERSED):
        return False
    denials = [act for act in view.episode if act.stage is Stage.REJECTED]
    claims = [act for act in view.episode if act.stage in MOVES or act.stage is Stage.CONSIDERED]
    return any(
        abs(denial.on - claim.on)
        <= (_OPPOSITE_VOICES if denial.institution is not claim.institution else _CHANGE_OF_MIND)
        and UNDATED not in (denial.on, claim.on)
        and view.stands.on - max(denial.on, claim.on) <= _OPPOSITE_VOICES
        for denial in denials
        for claim in claims
    )


def _foreign_only(view: View) -> bool:
    """Only another state says that this one moves."""
    return attest(view.stands.signals, view.stands.stage, view.rules).foreign_only


def _opposed(view: View) -> bool:
    """Other states hold that a suspension is not allowed. (To deplore an exit does not contest it.)"""
    suspends = view.stands.stage is Stage.SUSPENDED or view.stands.action is Action.SUSPEND
    return suspends and any(
        position.stance is Stance.OPPOSES for signal in view.chapter.signals for position in signal.positions
    )


def _returned(every: Sequence[Act]) -> bool:
    """The state had left, and came back."""
    left = [act.on for act in every if act.stage is Stage.EFFECTIVE]
    return any(act.stage is Stage.REVERSED and left and act.on >= min(left) for act in every)
