"""Say in one line what happened: "Poland → Ottawa Convention: notice deposited; leaves 20 February 2026 (computed)".

The page and the messages say it with the same words; they differ in how they write a date.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sinks.words import count, long_day, sources, step, takes_effect
from treatywatch.model import Basis, Case, ChangeKind, Entry, Flag, Stage, Transition

_ON_THE_WAY = {Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE}
_SAY_IT_ALL = {ChangeKind.DUE, ChangeKind.WITHDRAWN, ChangeKind.UNCONFIRMED}

Writing = Callable[[date], str]


def headline(case: Case, transition: Transition, entry: Entry | None, actor: str, treaty: str) -> str:
    """Write the line. `entry` is the step that the transition is about, none where it is gone from the history."""
    parts = [what(case, transition, entry), effect(case, transition, transition.at.date())]
    line = f"{actor} → {treaty}: {'; '.join(part for part in parts if part)}"
    return f"{line} [illustrative]" if Flag.ILLUSTRATIVE in case.flags else line


def what(case: Case, transition: Transition, entry: Entry | None, written: Writing = long_day) -> str:
    """Say what a transition is about, as it stands behind the names; `entry` as above."""
    words = step(transition.stage, transition.action, transition.institution)
    match transition.kind:
        case ChangeKind.ENTRY:
            return words
        case ChangeKind.SEVERITY:
            # Often the first that people hear of it: a single doubtful report is held back until a second voice joins.
            many = sources(entry) > 1
            return f"{words}, now from {count(sources(entry), 'independent source')}" if many else words
        case ChangeKind.STANDS:
            before = f", before at “{transition.from_stage}”" if transition.from_stage else ""
            return f"amended: now stands at “{words}”{before}"
        case ChangeKind.WITHDRAWN:
            rest = "nothing else is" if Flag.WITHDRAWN in case.flags else f"stands at “{transition.to}”"
            return f"amended: “{words}” is no longer reported; {rest}"
        case ChangeKind.DUE:
            return f"{_date_of_effect(case, written)} has passed; no report yet that it is done"
        case ChangeKind.UNCONFIRMED:
            return f"{words} as reported, but still no word from the depositary"


def effect(case: Case, transition: Transition, today: date, written: Writing = long_day) -> str:
    """Say when it takes or took effect; empty where the step leads elsewhere or the date is of another episode."""
    found = case.effective_date
    if found is None or (case.history and case.history[-1].episode != transition.episode):
        return ""
    if transition.kind in _SAY_IT_ALL or transition.stage not in _ON_THE_WAY:
        return ""
    reported = Stage.EFFECTIVE in (transition.stage, case.stage)
    verb = takes_effect(transition.action, passed=found.value <= today, reported=reported)
    return f"{verb} {written(found.value)}{' (computed)' if found.basis is Basis.COMPUTED else ''}"


def _date_of_effect(case: Case, written: Writing) -> str:
    if case.effective_date is None:
        return "the date of effect"
    return f"the {case.effective_date.basis} date of effect, {written(case.effective_date.value)},"
