"""Illustrative cases for the tests of the page: true events and dates of 2025, invented outlets and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sinks.names import Names
from treatywatch.model import (
    Action,
    Basis,
    Case,
    ChangeKind,
    EffectiveDate,
    Entry,
    Evidence,
    Flag,
    Institution,
    Position,
    Severity,
    Signal,
    Speaker,
    SpeakerKind,
    Stage,
    Stance,
    Transition,
)
from treatywatch.register import Instrument, Register

_STATES = {
    "EE": "Estonia",
    "FI": "Finland",
    "LT": "Lithuania",
    "LV": "Latvia",
    "NO": "Norway",
    "PL": "Poland",
    "UA": "Ukraine",
    "RU": "Russia",
    "US": "United States",
}


class FewActors:
    """The states of the samples."""

    def name(self, code: str) -> str:
        """Name a state, or repeat the code."""
        return _STATES.get(code, code)


NAMES = Names(
    Register(
        (
            Instrument(
                id="APMBC",
                name="Ottawa Convention",
                official="Convention on the Prohibition of Anti-Personnel Mines",
                kind="IHL/disarmament",
                depositary="UN Secretary-General",
                exit_article="Art. 20",
                notice="P6M",
                conflict_clause=True,
            ),
            Instrument(
                id="CCM",
                name="Convention on Cluster Munitions",
                official="Convention on Cluster Munitions",
                kind="IHL/disarmament",
                notice="P6M",
            ),
            Instrument(
                id="INF", name="INF Treaty", official="INF Treaty", kind="nuclear", bilateral=True, parties=("US", "RU")
            ),
        )
    ),
    FewActors(),
)


@dataclass(frozen=True)
class Report:
    """One report of a step: who printed what, and which of its words are evidence for what."""

    outlet: str
    owner: str
    sentence: str
    marks: tuple[tuple[str, str], ...]
    confidence: float = 0.9
    speaker: Speaker | None = None


def report(outlet: str, owner: str, sentence: str, *marks: str, confidence: float = 0.9, **more: Speaker) -> Report:
    """Make a report; each mark is "part:words"."""
    pairs = tuple((part, text) for part, _, text in (mark.partition(":") for mark in marks))
    return Report(outlet, owner, sentence, pairs, confidence, more.get("speaker"))


def step(
    case_id: str,
    stage: Stage,
    on: date,
    *reports: Report,
    organ: Institution | None = None,
    severity: Severity = Severity.NOTICE,
    action: Action = Action.WITHDRAW,
    dated: bool = True,
    effect: date | None = None,
) -> Entry:
    """Make an entry of a history with a signal for each report."""
    seen = datetime.combine(on, time(9, 12), UTC)
    actor, _, treaty = case_id.partition(":")
    known = treaty if not treaty.startswith("~") else None
    signals = tuple(
        Signal(
            id=f"{case_id}-{stage}-{organ}-{number}",
            case_id=case_id,
            actor=actor,
            treaty=known,
            treaty_text="Ottawa Convention" if known else "fishing agreement with the United Kingdom",
            action=action,
            stage=stage,
            confidence=one.confidence,
            item=f"item-{number}",
            institution=organ,
            speaker=one.speaker,
            event_date=on if dated else None,
            effective_date=effect,
            sentence=one.sentence,
            evidence=tuple(
                Evidence(field="title", start=at, end=at + len(text), text=text, part=part)
                for part, text in one.marks
                if (at := one.sentence.find(text)) >= 0
            ),
            rules=("act.verb", f"stage.{stage}", "treaty.alias"),
            detector_version="1.0.0",
            register_version="illustrative",
            url=f"https://{one.outlet.lower().replace(' ', '-')}.example/{actor.lower()}/{stage}",
            title=one.sentence,
            outlet=one.outlet,
            owner=one.owner,
            published=seen + timedelta(minutes=number * 7),
            fetched=seen + timedelta(minutes=number * 7 + 1),
            illustrative=True,
        )
        for number, one in enumerate(reports)
    )
    return Entry(
        episode="2025-03",
        stage=stage,
        action=action,
        institution=organ,
        event_date=on if dated else None,
        first_seen=seen,
        owners=tuple(dict.fromkeys(one.owner for one in reports)),
        voices=len({one.owner for one in reports}),  # everyone in words of their own
        outlets=tuple(dict.fromkeys(one.outlet for one in reports)),
        confidence=max((one.confidence for one in reports), default=0.0),
        severity=severity,
        evidence=signals,
    )


def transition(entry: Entry, before: Stage | None, name: str) -> Transition:
    """Make the transition that the entry caused."""
    at = entry.first_seen or datetime(2025, 1, 1, tzinfo=UTC)
    return Transition(
        id=name,
        kind=ChangeKind.ENTRY,
        from_stage=before,
        to=entry.stage,
        at=at,
        because=entry.evidence[0].id if entry.evidence else None,
        episode=entry.episode,
        stage=entry.stage,
        action=entry.action,
        institution=entry.institution,
        severity=entry.severity,
        alertable_at=at if entry.severity is not Severity.NONE else None,
    )


def build(case_id: str, *history: Entry, effect: EffectiveDate | None = None, **more: object) -> Case:
    """Make the record of a case whose last entry stands."""
    actor, _, treaty = case_id.partition(":")
    stages = [None, *(entry.stage for entry in history)]
    last = history[-1]
    fields: dict[str, object] = {
        "id": case_id,
        "actor": actor,
        "treaty": treaty if not treaty.startswith("~") else None,
        "treaty_text": "Ottawa Convention"
        if not treaty.startswith("~")
        else "fishing agreement with the United Kingdom",
        "stage": last.stage,
        "action": last.action,
        "since": last.event_date,
        "history": history,
        "effective_date": effect,
        "flags": (Flag.ILLUSTRATIVE,),
        "severity": last.severity,
        "confidence": last.confidence,
        "reasons": ("arms-control treaty: a notice is urgent", "two independent owners or more report it"),
        "revision": len(history),
        "transitions": tuple(
            transition(entry, before, f"{case_id}-{number}".replace(":", "-"))
            for number, (entry, before) in enumerate(zip(history, stages, strict=False))
        ),
    }
    return Case(**(fields | more))  # type: ignore[arg-type]  # fields by name, checked by the tests that use them


_OTTAWA = "treaty:Ottawa Convention"
_MARCH = date(2025, 3, 18)


def poland(steps: int = 7) -> Case:
    """Poland leaves the Ottawa Convention, up to a number of steps."""
    id = "PL:APMBC"
    minister = Speaker(kind=SpeakerKind.OFFICIAL, text="the defence minister")
    history = (
        step(
            id,
            Stage.ADVOCATED,
            _MARCH,
            report(
                "Example Wire",
                "Group One",
                "Defence ministers of Poland and the Baltic states recommend leaving the Ottawa Convention on mines.",
                "actor:Poland",
                "act:leaving",
                "stage:recommend",
                "speaker:Defence ministers",
                _OTTAWA,
                speaker=minister,
            ),
            report(
                "Sample Courier",
                "Group Two",
                "Poland should quit the Ottawa Convention, say its defence minister and three colleagues.",
                "actor:Poland",
                "act:quit",
                "stage:should",
                _OTTAWA,
                confidence=0.84,
            ),
        ),
        step(
            id,
            Stage.APPROVED,
            date(2025, 6, 25),
            report(
                "Example Wire",
                "Group One",
                "Poland's lower house votes by a wide margin to withdraw from the Ottawa Convention.",
                "actor:Poland",
                "institution:lower house",
                "stage:votes",
                "act:withdraw from",
                _OTTAWA,
                confidence=0.97,
            ),
            report(
                "Demo Herald",
                "Group Three",
                "Sejm backs exit of Poland from the Ottawa Convention.",
                "institution:Sejm",
                "stage:backs",
                "act:exit",
                "actor:Poland",
                _OTTAWA,
                confidence=0.93,
            ),
            organ=Institution.LOWER_HOUSE,
            severity=Severity.URGENT,
        ),
        step(
            id,
            Stage.APPROVED,
            date(2025, 7, 9),
            report(
                "Sample Courier",
                "Group Two",
                "The Senate in Warsaw has agreed to the withdrawal from the Ottawa Convention.",
                "institution:Senate",
                "stage:agreed",
                "act:withdrawal",
                _OTTAWA,
                confidence=0.88,
            ),
            organ=Institution.UPPER_HOUSE,
            severity=Severity.URGENT,
            dated=False,
        ),
        step(
            id,
            Stage.APPROVED,
            date(2025, 8, 5),
            report(
                "Demo Herald",
                "Group Three",
                "The president of Poland has signed the exit from the Ottawa Convention.",
                "actor:Poland",
                "institution:president",
                "stage:signed",
                "act:exit",
                _OTTAWA,
            ),
            organ=Institution.HEAD_OF_STATE,
            severity=Severity.URGENT,
        ),
        step(
            id,
            Stage.NOTIFIED,
            date(2025, 8, 20),
            report(
                "Example Wire",
                "Group One",
                "Poland deposited its notice of withdrawal from the Ottawa Convention with the UN on Wednesday.",
                "actor:Poland",
                "stage:deposited its notice",
                "act:withdrawal",
                "institution:the UN",
                "date:on Wednesday",
                _OTTAWA,
                confidence=0.98,
            ),
            report(
                "Illustrative Times",
                "Group Four",
                "Warsaw hands in papers to leave the Ottawa Convention; it will be out in February.",
                "stage:hands in papers",
                "act:leave",
                _OTTAWA,
                "date:in February",
                confidence=0.9,
            ),
            report(
                "Sample Courier",
                "Group Two",
                "Notice given: Poland is leaving the Ottawa Convention.",
                "stage:Notice given",
                "actor:Poland",
                "act:leaving",
                _OTTAWA,
                confidence=0.86,
            ),
            report(
                "Sample Courier Online",
                "Group Two",
                "Poland files notice to leave the Ottawa Convention.",
                "actor:Poland",
                "stage:files notice",
                "act:leave",
                _OTTAWA,
                confidence=0.8,
            ),
            organ=Institution.DEPOSITARY,
            severity=Severity.URGENT,
        ),
        step(
            id,
            Stage.EFFECTIVE,
            date(2026, 2, 20),
            report(
                "Example Wire",
                "Group One",
                "As of Friday Poland is no longer bound by the Ottawa Convention.",
                "date:As of Friday",
                "actor:Poland",
                "stage:no longer bound",
                _OTTAWA,
            ),
            severity=Severity.URGENT,
        ),
    )[:steps]
    effect = None
    if any(entry.stage is Stage.NOTIFIED for entry in history):
        note = "Art. 20: six months after receipt; during an armed conflict not before its end."
        effect = EffectiveDate(value=date(2026, 2, 20), basis=Basis.COMPUTED, note=note)
    positions = (
        Position(state="NO", stance=Stance.OPPOSES),
        Position(state="FI", stance=Stance.SUPPORTS),
        Position(state="US", stance=Stance.NOT_A_PARTY),
    )
    return build(id, *history, effect=effect, positions=positions)


def baltic(actor: str, voted: date) -> Case:
    """One of the three Baltic states: vote and notice; the exit ahead."""
    id, name = f"{actor}:APMBC", _STATES[actor]
    vote = report(
        "Example Wire",
        "Group One",
        f"Parliament of {name} approves exit from the Ottawa Convention.",
        "institution:Parliament",
        f"actor:{name}",
        "stage:approves",
        "act:exit",
        _OTTAWA,
    )
    notice = report(
        "Illustrative Times",
        "Group Four",
        f"{name} formally notified the UN that it is leaving the Ottawa Convention.",
        f"actor:{name}",
        "stage:formally notified",
        "act:leaving",
        _OTTAWA,
    )
    history = (
        step(id, Stage.APPROVED, voted, vote, organ=Institution.LOWER_HOUSE, severity=Severity.URGENT),
        step(id, Stage.NOTIFIED, date(2025, 6, 27), notice, severity=Severity.URGENT),
    )
    return build(id, *history, effect=EffectiveDate(value=date(2025, 12, 27), basis=Basis.COMPUTED))


def finland() -> Case:
    """Finland: prepared, approved, notified; leaves on a claimed date."""
    id = "FI:APMBC"
    plan = report(
        "Demo Herald",
        "Group Three",
        "Finland will prepare to leave the Ottawa Convention, its government said.",
        "actor:Finland",
        "stage:will prepare",
        "act:leave",
        _OTTAWA,
        "speaker:its government",
        speaker=Speaker(kind=SpeakerKind.STATE, text="its government"),
    )
    notice = report(
        "Example Wire",
        "Group One",
        "Finland gave notice on Thursday: it is out of the Ottawa Convention on 10 January 2026.",
        "actor:Finland",
        "stage:gave notice",
        "date:10 January 2026",
        _OTTAWA,
    )
    history = (
        step(id, Stage.ANNOUNCED, date(2025, 4, 1), plan, organ=Institution.GOVERNMENT, severity=Severity.URGENT),
        step(id, Stage.NOTIFIED, date(2025, 7, 10), notice, severity=Severity.URGENT, effect=date(2026, 1, 10)),
    )
    return build(id, *history, effect=EffectiveDate(value=date(2026, 1, 10), basis=Basis.CLAIMED))


def ukraine() -> Case:
    """Ukraine declares a suspension that the convention does not know: contested."""
    id = "UA:APMBC"
    said = report(
        "Illustrative Times",
        "Group Four",
        "Ukraine says it suspends the operation of the Ottawa Convention while the war lasts.",
        "actor:Ukraine",
        "act:suspends the operation",
        _OTTAWA,
        "hedge:while the war lasts",
        speaker=Speaker(kind=SpeakerKind.STATE, text="Ukraine"),
    )
    entry = step(id, Stage.SUSPENDED, date(2025, 7, 21), said, severity=Severity.URGENT, action=Action.SUSPEND)
    positions = (Position(state="NO", stance=Stance.OPPOSES),)
    return build(id, entry, flags=(Flag.CONTESTED, Flag.ILLUSTRATIVE), positions=positions)


def norway() -> Case:
    """Norway rules an exit out: nobody is alerted."""
    id = "NO:APMBC"
    said = report(
        "Sample Courier",
        "Group Two",
        "Norway will not leave the Ottawa Convention.",
        "actor:Norway",
        "negation:will not",
        "act:leave",
        _OTTAWA,
    )
    return build(id, step(id, Stage.REJECTED, date(2025, 4, 2), said, severity=Severity.NONE), reasons=())


def fishing() -> Case:
    """An agreement outside the register: kind words and counterpart are its name."""
    id = "RU:~fishing-gb"
    said = report(
        "Demo Herald",
        "Group Three",
        "Russia weighs ending a fishing agreement with the United Kingdom.",
        "actor:Russia",
        "stage:weighs",
        "act:ending",
        "treaty:fishing agreement",
        confidence=0.62,
    )
    entry = step(id, Stage.CONSIDERED, date(2025, 5, 12), said, severity=Severity.NONE, action=Action.TERMINATE)
    entry = Entry(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"event_date": None})
    return build(id, entry, since=None, reasons=("a single report of low confidence: held back",))


def sample() -> list[Case]:
    """A desk's day in August 2025: eight cases."""
    return [
        poland(5),
        baltic("EE", date(2025, 6, 4)),
        baltic("LV", date(2025, 4, 16)),
        baltic("LT", date(2025, 5, 8)),
        finland(),
        ukraine(),
        norway(),
        fishing(),
    ]
