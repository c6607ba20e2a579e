"""Cases with transitions, and a channel that a test scripts; all of it illustrative."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from sinks.notify.channel import Attempt, Outcome
from sinks.notify.message import Message, build
from tests.sinks.made import NAMES, a_case, a_signal
from treatywatch.model import (
    Action,
    Basis,
    Case,
    ChangeKind,
    EffectiveDate,
    Entry,
    Institution,
    Severity,
    Stage,
    Transition,
)

NOON = datetime(2025, 6, 26, 12, tzinfo=UTC)
LINKS = "https://watch.example"


def a_transition(id: str = "t1", **changes: object) -> Transition:
    """Return the lower house's vote of `a_case` as an urgent transition, alertable since noon."""
    fields: dict[str, object] = {
        "id": id,
        "kind": ChangeKind.ENTRY,
        "from_stage": Stage.ANNOUNCED,
        "to": Stage.APPROVED,
        "at": NOON,
        "because": "signal-1",
        "episode": "2025-06",
        "stage": Stage.APPROVED,
        "action": Action.WITHDRAW,
        "institution": Institution.LOWER_HOUSE,
        "severity": Severity.URGENT,
        "alertable_at": NOON,
    }
    return Transition(**(fields | changes))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them


def a_step(stage: Stage, **changes: object) -> Entry:
    """Return one step of the history with one report of it."""
    signal = a_signal(stage=stage, institution=None)
    fields: dict[str, object] = {
        "episode": "2025-06",
        "stage": stage,
        "action": Action.WITHDRAW,
        "institution": None,
        "event_date": date(2025, 6, 25),
        "first_seen": NOON,
        "owners": (signal.owner,),
        "voices": 1,
        "outlets": (signal.outlet,),
        "confidence": 0.875,
        "evidence": (signal,),
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them


def told_case(*transitions: Transition, **changes: object) -> Case:
    """Return `a_case` with these transitions."""
    return msgspec.structs.replace(a_case(), transitions=transitions, **changes)


def a_message(id: str = "t1") -> Message:
    """Return the message of `a_transition`."""
    transition = a_transition(id)
    return build(told_case(transition), transition, NAMES, LINKS)


COMPUTED = EffectiveDate(value=date(2025, 12, 27), basis=Basis.COMPUTED)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def forward(self, **amount: float) -> None:
        """Let time pass."""
        self.now += timedelta(**amount)


class ScriptedChannel:
    """A channel that answers as told, then takes everything; `got` holds what it was sent."""

    def __init__(self, *script: Outcome, name: str = "scripted") -> None:
        self.name = name
        self.got: list[Message] = []
        self._script = list(script)

    async def send(self, message: Message) -> Attempt:
        """Note the message and answer."""
        self.got.append(message)
        return Attempt(self._script.pop(0) if self._script else Outcome.SENT)

    async def close(self) -> None:
        """Hold nothing."""

    @property
    def ids(self) -> Sequence[str]:
        """The ids in the order of the attempts."""
        return [message.id for message in self.got]
