"""Build the message that people and programs get about one transition. Pure.

The JSON form is version 1 of the webhook: fields may be added, none changes its meaning. docs/webhook.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

import msgspec

from sinks.background import of_transition
from sinks.facts import entry_of, proof
from sinks.headline import headline
from sinks.marks import place
from sinks.names import Names
from sinks.words import case_path, sources
from treatywatch.model import (
    Action,
    Case,
    ChangeKind,
    EffectiveDate,
    Entry,
    Flag,
    Institution,
    Severity,
    Signal,
    Speaker,
    Stage,
    Transition,
)

VERSION = 1
SENTENCE_LIMIT = 1000  # characters; a chat message that is longer is not read, and a hostile feed may send megabytes


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where to read on: the case on the live page, and the article (none where its address is not http or https)."""

    case: str
    article: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step that came before, in the same episode."""

    stage: Stage
    action: Action
    institution: Institution | None
    event_date: date | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `id` is the transition's and the idempotency key; whoever gets an id twice may drop the second.

    `marks` are [start, end, part] in characters of `sentence`. `sources` counts the independent sources of the step:
    owners, those that print one text once.
    `background` says where the exit stands among those known of its treaty; empty where that is not news of an exit.
    `possibly_repeated` says that an earlier attempt may have arrived: we were cut off before we knew.
    """

    version: int = VERSION
    id: str
    possibly_repeated: bool = False
    sent_at: datetime | None = None
    case: str
    actor: str
    actor_name: str
    treaty: str | None
    treaty_name: str
    action: Action
    stage: Stage
    from_stage: Stage | None = msgspec.field(name="from")
    kind: ChangeKind
    severity: Severity
    institution: Institution | None
    effective_date: EffectiveDate | None
    headline: str
    sentence: str
    marks: tuple[tuple[int, int, str], ...]
    speaker: Speaker | None
    outlet: str | None
    url: str | None
    sources: int
    confidence: float
    reasons: tuple[str, ...]
    flags: tuple[Flag, ...]
    links: Links
    before: tuple[Step, ...]
    illustrative: bool
    background: str = ""


def build(case: Case, transition: Transition, names: Names, link_base: str, others: Iterable[Case] = ()) -> Message:
    """Write the message about one transition of a case, from what is known of it, and of `others`, now."""
    entry = entry_of(case, transition)
    signal = proof(case, transition)
    shown = entry or _holder(case, signal)
    actor, treaty = names.actor(case.actor), names.treaty(case.treaty, case.treaty_text)
    sentence, marks = _marked(signal)
    url = signal.url if signal and _linkable(signal.url) else None
    return Message(
        id=transition.id,
        case=case.id,
        actor=case.actor,
        actor_name=actor,
        treaty=case.treaty,
        treaty_name=treaty,
        action=transition.action,
        stage=transition.stage,
        from_stage=transition.from_stage,
        kind=transition.kind,
        severity=transition.severity,
        institution=transition.institution,
        effective_date=case.effective_date,
        headline=headline(case, transition, entry, actor, treaty),
        sentence=sentence,
        marks=marks,
        speaker=signal.speaker if signal else None,
        outlet=signal.outlet if signal else None,
        url=url,
        sources=sources(shown),
        confidence=shown.confidence if shown else case.confidence,
        reasons=case.reasons,
        flags=case.flags,
        links=Links(case=link_base.rstrip("/") + case_path(case.id), article=url),
        before=_before(case, transition, shown),
        illustrative=Flag.ILLUSTRATIVE in case.flags or bool(signal and signal.illustrative),
        background=of_transition(case, transition, names, others),
    )


def _holder(case: Case, signal: Signal | None) -> Entry | None:
    """Find the step that the quoted report stands in now: a better reading may have moved it since."""
    return next((entry for entry in case.history if signal in entry.evidence), None) if signal else None


def _marked(signal: Signal | None) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    if signal is None:
        return "", ()
    whole = signal.sentence or signal.title
    marks = [(mark.start, mark.end, mark.part) for mark in place(whole, signal.evidence)]
    if len(whole) <= SENTENCE_LIMIT:
        return whole, tuple(marks)
    return whole[: SENTENCE_LIMIT - 1] + "…", tuple(mark for mark in marks if mark[1] < SENTENCE_LIMIT)


def _before(case: Case, transition: Transition, entry: Entry | None) -> tuple[Step, ...]:
    """List the steps of the same episode that stand before this one in the history (all, where it is gone)."""
    steps: list[Step] = []
    for earlier in case.history:
        if earlier is entry:
            break
        if earlier.episode == transition.episode:
            steps.append(
                Step(
                    stage=earlier.stage,
                    action=earlier.action,
                    institution=earlier.institution,
                    event_date=earlier.event_date,
                )
            )
    return tuple(steps)


def _linkable(url: str | None) -> bool:
    """Say whether a feed's address may become a link: never javascript: and the like."""
    if not url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
