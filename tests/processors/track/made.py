"""Illustrative signals for the tests, written as a timetable: `say("2025-06-27", Stage.NOTIFIED, owner="b")`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from processors.track.advance import Advance, Rules, advance, load_rules
from processors.track.fold import fold
from treatywatch.locate import config_dir
from treatywatch.model import Action, Case, Institution, Signal, Speaker, SpeakerKind, Stage, Transition
from treatywatch.wire import digest

RULES: Rules = load_rules(config_dir())
LATE = datetime(2030, 1, 1, tzinfo=UTC)  # a `now` at which every date has passed


def at(day: str, hour: int = 9) -> datetime:
    """Return a moment of a day."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def say(
    published: str | None,
    stage: Stage,
    *,
    case: str = "LT:APMBC",
    owner: str = "north",
    by: Institution | None = None,
    on: str | None = None,
    action: Action = Action.WITHDRAW,
    text: str | None = None,
    item: str | None = None,
    effective: str | None = None,
    speaker: SpeakerKind | None = None,
    confidence: float = 0.8,
    **more: Any,
) -> Signal:
    """Make the signal of an article that `owner` published on a day; `on` is the day that its text names."""
    actor, _, rest = case.partition(":")
    treaty = None if rest.startswith("~") else rest.partition("~")[0]
    item = item or f"{owner}-{published}-{stage}-{by}-{on}"
    sentence = text or f"Illustrative: {owner} of {published} has {case} at {stage} by {by or 'someone'} on {on}."
    return Signal(
        id=digest(item, case, action, stage, by),
        case_id=case,
        actor=actor,
        treaty=treaty,
        treaty_text=rest.strip("~").replace("-", " "),
        action=action,
        stage=stage,
        institution=by,
        confidence=confidence,
        item=item,
        speaker=Speaker(kind=speaker, text="a voice") if speaker else None,
        event_date=date.fromisoformat(on) if on else None,
        effective_date=date.fromisoformat(effective) if effective else None,
        sentence=sentence,
        title=sentence,
        owner=owner,
        outlet=f"The {owner} Illustrated",
        published=at(published) if published else None,
        fetched=at(published) + timedelta(minutes=5) if published else None,
        **more,
    )


def case_of(*signals: Signal, now: str = "2030-01-01") -> Case:
    """Fold some signals at nine on a day."""
    case = fold(signals, at(now), RULES)
    assert case is not None, "some signal was given"
    return case


@dataclass
class Story:
    """A case that is told signal by signal, with the clock that the test sets."""

    rules: Rules = RULES
    record: Case | None = None
    told: list[Transition] = field(default_factory=list)

    def hear(self, *signals: Signal, now: datetime | None = None) -> Advance:
        """Advance by signals; the clock is the latest of them unless given."""
        moments = [s.published for s in signals if s.published]
        time = now or max(moments, default=LATE)
        step = advance(self.record, signals, time, time, self.rules)
        self.record = step.record
        self.told += step.transitions
        return step

    @property
    def case(self) -> Case:
        """The case as it stands."""
        assert self.record is not None, "nothing was heard yet"
        return self.record
