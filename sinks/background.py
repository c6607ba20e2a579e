"""Say where an exit stands among those that are known of its treaty: "Third state to leave since 2025". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sinks.names import Names
from sinks.words import count
from treatywatch.history import Background, background, case_exits, known_exits
from treatywatch.model import Action, Case, ChangeKind, Stage, Transition

_EXITS = frozenset({Action.WITHDRAW, Action.TERMINATE})
_BOUND = frozenset({Stage.NOTIFIED, Stage.EFFECTIVE})  # the exit is under way in law
_MEANT = frozenset({Stage.CONSIDERED, Stage.ANNOUNCED, Stage.APPROVED, Stage.ADVOCATED})
_NEWS = frozenset({ChangeKind.ENTRY, ChangeKind.SEVERITY})
_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_NAMED = 4  # states that are listed by name


def of_transition(case: Case, transition: Transition, names: Names, others: Iterable[Case] = ()) -> str:
    """Write the sentence for an alert; empty where the alert is no news of an exit."""
    if transition.kind not in _NEWS or transition.action not in _EXITS:
        return ""
    return of_step(case, transition.stage, transition.at.date(), names, others)


def of_step(case: Case, stage: Stage, on: date, names: Names, others: Iterable[Case] = ()) -> str:
    """Write the sentence for a step that a case took on a day.

    Empty for a counter-step or a suspension, and where the instrument is outside the register or only groups several.
    """
    row = names.register.get(case.treaty)
    if row is None or row.group or case.action not in _EXITS or stage not in _BOUND | _MEANT:
        return ""
    exits = [*known_exits(names.history, row.id), *case_exits(others, row.id)]
    return written(background(case.actor, _day(case, on), exits), stage in _BOUND, names)


def written(found: Background, bound: bool, names: Names) -> str:
    """Put a background into words; `bound` says that the exit is under way in law, not only meant."""
    place = _ORDINALS[found.place - 1] if found.place <= len(_ORDINALS) else f"{found.place}th"
    state = f"{place} state" if bound else f"Would be the {place.lower()} state"
    parts: list[str] = []
    if found.since is not None:
        parts.append(f"{state} to leave since {found.since}, after {_names((e.state for e in found.before), names)}")
    elif found.last is not None:
        parts.append(f"{state} to leave since {names.actor(found.last.state)} in {found.last.on.year}")
    else:
        parts.append(f"{state} known to leave")
    if found.beside:
        parts.append(f"on the same day as {_names(found.beside, names)}")
    if found.own:
        years = ", ".join(str(year) for year in sorted({e.on.year for e in found.own}))
        parts.append(f"it had left before ({years})")
    return "; ".join(parts)


def _names(states: Iterable[str], names: Names) -> str:
    told = [names.actor(state) for state in states]
    if len(told) > _NAMED:
        told = [*told[: _NAMED - 1], count(len(told) - _NAMED + 1, "other")]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _day(case: Case, on: date) -> date:
    """Give the day that an exit is counted at: that of its notice, else of its effect, else of the news."""
    own = [exit.on for exit in case_exits((case,), case.treaty or "") if exit.on <= on]
    return max(own, default=on)
