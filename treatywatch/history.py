"""Exits that are known from before, as background: `config/history.yml`, and what a new exit is counted against.

    "third state to leave since 2025"

Counted is who left, or has given notice, once a state, whatever it did afterwards; a suspension, a threat, or an exit
that was undone before it took effect is none. Pure, but for `load_history`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from treatywatch.config import Strict, lines_of, load, nearest
from treatywatch.errors import ConfigError
from treatywatch.model import Action, Case, Severity, Stage
from treatywatch.register import Register

WAVE_YEARS = 5  # exits of a treaty that follow each other within so many years are counted together

_EXITS = frozenset({Action.WITHDRAW, Action.TERMINATE})
_STEP = re.compile(r"([a-z]+) (\d{4}(?:-\d{2}(?:-\d{2})?)?)( scheduled)?")


class Outcome(StrEnum):
    """How a known case ended; see the head of the file."""

    LEFT = "left"
    LEAVING = "leaving"
    REVERSED = "reversed"
    SUSPENDED = "suspended"
    DECLARED = "declared"
    STAYED = "stayed"
    LAPSED = "lapsed"


class Certainty(StrEnum):
    """How well a known case is sourced."""

    SOURCED = "sourced"
    PARTLY = "partly"
    RECALLED = "recalled"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a known case. `written` is the date as exact as it is known: a day, a month or a year."""

    stage: Stage
    written: str
    scheduled: bool = False

    @property
    def on(self) -> date:
        """The first day of what is known."""
        return date.fromisoformat((self.written + "-01-01")[:10])


class Known(Strict):
    """One known case: states that did the same at the same time, and one instrument."""

    states: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...]
    treaty: str | None = None
    instrument: str | None = None
    group: str | None = None
    actions: tuple[Action, ...]
    outcome: Outcome
    confidence: Certainty
    steps: tuple[Annotated[str, Field(pattern=f"^{_STEP.pattern}$")], ...]

    @model_validator(mode="after")
    def _one_instrument(self) -> Known:
        if (self.treaty is None) == (self.instrument is None):
            raise ValueError("name a treaty of the register, or an instrument outside it")
        list(self.told)  # a stage or a date that is none raises ValueError
        return self

    @property
    def told(self) -> Iterator[Step]:
        """The steps, in the order of the file."""
        for step in self.steps:
            found = _STEP.fullmatch(step)
            assert found is not None  # the pattern of the field
            read = Step(Stage(found[1]), found[2], found[3] is not None)
            _ = read.on
            yield read


class _File(Strict):
    history: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """A state that left a treaty, or has given notice, and the day that counts: of the notice, else of the exit."""

    state: str
    on: date


@dataclass(frozen=True, slots=True)
class Background:
    """Where an exit stands among those of its treaty.

    `place` counts the states that left since `since` (a year), this one included; `since` is none where none did.
    `last` is the latest exit before those that are counted together. `before` are the earlier ones that are, by day;
    `beside` are states that moved on the same day; `own` are this state's own earlier exits.
    """

    place: int
    since: int | None
    before: tuple[Exit, ...]
    beside: tuple[str, ...] = ()
    own: tuple[Exit, ...] = ()
    last: Exit | None = None


def load_history(config: Path, register: Register) -> tuple[Known, ...]:
    """Read `history.yml`; none where the folder has no such file.

    Raises ConfigError with every fault, each with file and line.
    """
    path = config / "history.yml"
    if not path.is_file():
        return ()
    rows = load(path, _File).history
    ids = {row.id for row in register}
    wrong = [n for n, row in enumerate(rows) if row.treaty is not None and row.treaty not in ids]
    if wrong:
        lines = lines_of(path, "history")
        raise ConfigError(
            [f"{path}:{lines[n]}: no treaty '{rows[n].treaty}'{nearest(rows[n].treaty or '', ids)}" for n in wrong]
        )
    return rows


def known_exits(history: Iterable[Known], treaty: str) -> Iterator[Exit]:
    """Yield the exits from one treaty that are known from before."""
    for row in history:
        if row.treaty != treaty or row.confidence is Certainty.UNSURE or not _EXITS.intersection(row.actions):
            continue
        days = list(_days(sorted(row.told, key=lambda step: step.on)))
        if not days and row.outcome is Outcome.LEFT:
            days = [max((step.on for step in row.told), default=date.min)]
        yield from (Exit(state, on) for state in row.states for on in days)


def case_exits(cases: Iterable[Case], treaty: str) -> Iterator[Exit]:
    """Yield the exits from one treaty that cases tell of; what is held back for want of a second source is none."""
    for case in cases:
        if case.treaty != treaty or case.superseded_by:
            continue
        steps = [
            Step(entry.stage, on.isoformat())
            for entry in case.history
            if (entry.action in _EXITS or entry.stage is Stage.REVERSED) and entry.severity is not Severity.NONE
            if (on := entry.event_date or (entry.first_seen.date() if entry.first_seen else None)) is not None
        ]
        yield from (Exit(case.actor, on) for on in _days(steps))


def background(state: str, on: date, exits: Iterable[Exit]) -> Background:
    """Place the exit of a state, on a day, among all that are known of its treaty, in any order and with repeats."""
    known = sorted(set(exits), key=lambda e: (e.on, e.state))
    own = tuple(e for e in known if e.state == state and e.on.year < on.year)
    others = [e for e in known if e.state != state]
    earlier = [e for e in others if e.on < on]
    wave: list[Exit] = []
    for one in reversed(earlier):
        if (wave[-1].on if wave else on).year - one.on.year > WAVE_YEARS:
            break
        wave.append(one)
    first: dict[str, Exit] = {}
    for one in reversed(wave):
        first.setdefault(one.state, one)
    last = earlier[-len(wave) - 1] if len(earlier) > len(wave) else None
    return Background(
        place=len(first) + 1,
        since=wave[-1].on.year if wave else None,
        before=tuple(first.values()),
        beside=tuple(sorted({e.state for e in others if e.on == on} - first.keys())),
        own=own,
        last=last,
    )


def _days(steps: Iterable[Step]) -> Iterator[date]:
    """Yield the day of each exit in a chain of steps: of its notice, else of its effect; undone before it is none."""
    notice: date | None = None
    for step in steps:
        if step.stage is Stage.NOTIFIED:
            notice = notice or step.on
        elif step.stage is Stage.EFFECTIVE and not (step.scheduled and notice is None):
            yield notice or step.on
            notice = None
        elif step.stage in (Stage.REVERSED, Stage.REJECTED):
            notice = None
    if notice is not None:
        yield notice
