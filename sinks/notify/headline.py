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
_SAY_IT_ALL = {ChangeKind.DUE, ChangeKind.WITHDRAWN, ChangeKind.UNCONFIRMED}
# Not by strftime: these are English in every locale.
_MONTHS = {
    1: "January",
    2: "February",
    3: "March",
    4: "April",
    5: "May",
    6: "June",
    7: "July",
    8: "August",
    9: "September",
    10: "October",
    11: "November",
    12: "December",
}


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
            # How many are independent is in the reasons: owners that print one agency's text are one voice.
            return f"{words}, now from several sources" if entry and len(entry.owners) > 1 else words
        case ChangeKind.STANDS:
            before = f", before at “{transition.from_stage}”" if transition.from_stage else ""
            return f"amended: now stands at “{words}”{before}"
        case ChangeKind.WITHDRAWN:
            rest = "nothing else is" if Flag.WITHDRAWN in case.flags else f"stands at “{transition.to}”"
            return f"amended: “{words}” is no longer reported; {rest}"
        case ChangeKind.DUE:
            return f"{_date_of_effect(case)} has passed; no report yet that it is done"
        case ChangeKind.UNCONFIRMED:
            return f"{words} as reported, but still no word from the depositary"


def _date_of_effect(case: Case) -> str:
    if case.effective_date is None:
        return "the date of effect"
    return f"the {case.effective_date.basis} date of effect, {long_date(case.effective_date.value)},"


def _effect(case: Case, transition: Transition) -> str:
    """Say when it takes or took effect, where the step leads there and the date belongs to the same episode."""
    effect = case.effective_date
    if effect is None or (case.history and case.history[-1].episode != transition.episode):
        return ""
    computed = " (computed)" if effect.basis is Basis.COMPUTED else ""
    if transition.kind in _SAY_IT_ALL or transition.stage not in _ON_THE_WAY:
        return ""
    coming, gone = _LEAVES.get(transition.action, ("in effect from", "in effect since"))
    if effect.value > transition.at.date():
        verb = coming
    else:
        verb = gone if transition.stage is Stage.EFFECTIVE else "due since"
    return f"{verb} {long_date(effect.value)}{computed}"


def long_date(day: date) -> str:
    """Write a date in full: 20 February 2026."""
    return f"{day.day} {_MONTHS[day.month]} {day.year}"
