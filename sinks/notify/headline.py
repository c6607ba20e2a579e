"""Say in one line what happened: "Poland → Ottawa Convention: notice deposited; leaves 20 February 2026 (computed)"."""

from __future__ import annotations

from datetime import date

from sinks.live.words import step
from treatywatch.model import Action, Basis, Case, ChangeKind, Entry, Flag, Stage, Transition

_LEAVES = {
    Action.WITHDRAW: ("leaves", "left"),
    Action.TERMINATE: ("ends", "ended"),
    Action.SUSPEND: ("suspended from", "suspended since"),
}
_ON_THE_WAY = {Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]  # not the locale's


def headline(case: Case, transition: Transition, entry: Entry | None, actor: str, treaty: str) -> str:
    """Write the line. `entry` is the step that the transition is about, none where it is gone from the history."""
    parts = [_what(case, transition, entry), _effect(case, transition)]
    line = f"{actor} → {treaty}: {'; '.join(part for part in parts if part)}"
    return f"{line} [illustrative]" if Flag.ILLUSTRATIVE in case.flags else line


def _what(case: Case, transition: Transition, entry: Entry | None) -> str:
    words = step(transition.stage, transition.action, transition.institution)
    match transition.kind:
        case ChangeKind.ENTRY:
            return words
        case ChangeKind.SEVERITY:
            # Often the first that people hear of it: a single doubtful report is held back until a second owner joins.
            owners = len(entry.owners) if entry else 0
            return f"{words}, now from {owners} independent sources" if owners > 1 else words
        case ChangeKind.STANDS:
            before = f", before at “{transition.from_stage}”" if transition.from_stage else ""
            return f"amended: now stands at “{words}”{before}"
        case ChangeKind.WITHDRAWN:
            rest = "nothing else is" if Flag.WITHDRAWN in case.flags else f"stands at “{transition.to}”"
            return f"amended: “{words}” is no longer reported; {rest}"
        case ChangeKind.DUE:
            return f"the {_basis(case)}date of effect has passed, and no report of it yet"
        case ChangeKind.UNCONFIRMED:
            return f"{words} as reported, but still no word from the depositary"


def _basis(case: Case) -> str:
    if case.effective_date is None:
        return ""
    return f"{case.effective_date.basis} "


def _effect(case: Case, transition: Transition) -> str:
    """Say when it takes or took effect, where the step leads there and the date belongs to the same episode."""
    effect = case.effective_date
    if effect is None or (case.history and case.history[-1].episode != transition.episode):
        return ""
    computed = " (computed)" if effect.basis is Basis.COMPUTED else ""
    if transition.kind is ChangeKind.DUE:
        return long_date(effect.value)
    if transition.kind in {ChangeKind.WITHDRAWN, ChangeKind.UNCONFIRMED} or transition.stage not in _ON_THE_WAY:
        return ""
    coming, gone = _LEAVES.get(transition.action, ("in effect from", "in effect since"))
    if effect.value > transition.at.date():
        verb = coming
    else:
        verb = gone if transition.stage is Stage.EFFECTIVE else "due since"
    return f"{verb} {long_date(effect.value)}{computed}"


def long_date(day: date) -> str:
    """Write a date in full: 20 February 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
