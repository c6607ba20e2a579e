"""Say stages, steps and dates in words for people: one wording for the page and for messages."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

from sinks.names import Names
from treatywatch.model import (
    Action,
    Basis,
    Case,
    Entry,
    Flag,
    Hedge,
    Institution,
    SpeakerKind,
    Stage,
    Stance,
)

OUTSIDE = "outside the register"  # the kind of a treaty that the register does not know
# Not by strftime: these are English in every locale.
_MONTHS = (
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
)


def title(names: Names, case: Case) -> str:
    """Name a case: who, which treaty."""
    return f"{names.actor(case.actor)} → {names.treaty(case.treaty, case.treaty_text)}"


def kind(names: Names, case: Case) -> str:
    """Say what kind of instrument a case is about, in the register's words."""
    instrument = names.register.get(case.treaty)
    return instrument.kind if instrument else OUTSIDE


_INSTITUTION = {
    Institution.GOVERNMENT: "government",
    Institution.COMMITTEE: "committee",
    Institution.LOWER_HOUSE: "lower house",
    Institution.UPPER_HOUSE: "upper house",
    Institution.HEAD_OF_STATE: "head of state",
    Institution.COURT: "court",
    Institution.REFERENDUM: "referendum",
    Institution.DEPOSITARY: "depositary",
}
_NOUN = {
    Action.WITHDRAW: "withdrawal",
    Action.TERMINATE: "termination",
    Action.SUSPEND: "suspension",
    Action.UNSIGN: "unsigning",
    Action.DERATIFY: "de-ratification",
}
_IN_EFFECT = {
    Action.WITHDRAW: "no longer bound",
    Action.TERMINATE: "treaty ended",
    Action.SUSPEND: "suspension in effect",
    Action.UNSIGN: "signature withdrawn",
    Action.DERATIFY: "ratification revoked",
}
_LEAVES = {
    Action.WITHDRAW: ("leaves", "left"),
    Action.TERMINATE: ("ends", "ended"),
    Action.SUSPEND: ("suspended from", "suspended since"),
}
_SPEAKER = {
    SpeakerKind.STATE: "the state",
    SpeakerKind.INSTITUTION: "an institution",
    SpeakerKind.OFFICIAL: "an official",
    SpeakerKind.OPPOSITION: "the opposition",
    SpeakerKind.THIRD_STATE: "another state",
    SpeakerKind.NGO: "an organisation",
    SpeakerKind.MEDIA: "the outlet itself",
}
_HEDGE = {Hedge.REPORTED: "reportedly", Hedge.POSSIBLE: "only possibly", Hedge.CONDITIONAL: "under a condition"}
_FLAG = {
    Flag.CONTESTED: ("contested", "Whether this step is lawful or took place is disputed."),
    Flag.PREMATURE: ("premature", "Reported as done before it can be."),
    Flag.UNCONFIRMED: ("unconfirmed", "The depositary has not confirmed it."),
    Flag.DUE: ("date passed", "The computed date of effect has passed; no report of it yet."),
    Flag.RE_ENTRY: ("re-entry", "The state is on its way back in."),
    Flag.WITHDRAWN: ("report withdrawn", "The outlets took back what this case rested on."),
    Flag.ILLUSTRATIVE: ("illustrative demo data", "Written for the demonstration; not from a real outlet."),
    Flag.CONFLICT_CLAUSE: ("conflict clause", "An exit during an armed conflict takes effect only when it ends."),
    Flag.SWITCHED_OFF: ("switched off", "Nobody is told about instruments of this kind; alerts.yml says so."),
}
_STANCE = {Stance.SUPPORTS: "For the move", Stance.OPPOSES: "Against the move", Stance.NOT_A_PARTY: "Not a party"}


def institution(value: Institution | None) -> str:
    """Name an organ; empty where none is named."""
    return _INSTITUTION[value] if value else ""


def speaker(kind: SpeakerKind) -> str:
    """Say what sort of speaker makes a statement."""
    return _SPEAKER[kind]


def hedge(value: Hedge) -> str:
    """Say how the text stands back from its claim; empty where it does not."""
    return _HEDGE.get(value, "")


def flag(value: Flag) -> tuple[str, str]:
    """Give a flag's label and what it means."""
    return _FLAG[value]


def short_flag(value: Flag) -> str:
    """Give a flag's label for a line of a list."""
    return "demo data" if value is Flag.ILLUSTRATIVE else _FLAG[value][0]


def stance(value: Stance) -> str:
    """Head a list of states by where they stand."""
    return _STANCE[value]


def action(value: Action) -> str:
    """Name the act as a noun."""
    return _NOUN[value]


def step(stage: Stage, act: Action, organ: Institution | None) -> str:
    """Say in a few words what a step is: "lower house approves withdrawal"."""
    noun, who = _NOUN[act], institution(organ)
    if stage is Stage.ADVOCATED:
        return f"{who} calls for {noun}" if who else f"{noun} called for"
    if stage is Stage.CONSIDERED:
        return f"{who} weighs {noun}" if who else f"{noun} considered"
    if stage is Stage.ANNOUNCED:
        return f"{who} announces {noun}" if who else f"{noun} announced"
    if stage is Stage.APPROVED:
        return _approved(noun, organ, who)
    if stage is Stage.NOTIFIED:
        return "notice deposited" if act is not Action.SUSPEND else "notice of suspension deposited"
    if stage is Stage.EFFECTIVE:
        return _IN_EFFECT[act]
    if stage is Stage.SUSPENDED:
        return f"{who} suspends the treaty" if who else "treaty suspended"
    if stage is Stage.REVERSED:
        return f"{who} undoes the {noun}" if who else f"{noun} undone"
    return f"{who} rejects {noun}" if who else f"{noun} ruled out"


def _approved(noun: str, organ: Institution | None, who: str) -> str:
    if organ is Institution.HEAD_OF_STATE:
        return f"head of state signs {noun}"
    if organ is Institution.REFERENDUM:
        return f"{noun} approved by referendum"
    return f"{who} approves {noun}" if who else f"{noun} approved"


def effect(case: Case, today: date, *, basis: bool = True) -> str:
    """Say when the exit takes or took effect, with the basis of a computed date; empty where no date is known."""
    if case.effective_date is None:
        return ""
    reported = case.stage in {Stage.EFFECTIVE, Stage.SUSPENDED}
    verb = takes_effect(case.action, passed=case.effective_date.value <= today, reported=reported)
    computed = " (computed)" if basis and case.effective_date.basis is Basis.COMPUTED and not reported else ""
    return f"{verb} {day(case.effective_date.value)}{computed}"


def takes_effect(act: Action, *, passed: bool, reported: bool) -> str:
    """Say before a date that the act takes or took effect on it; `reported` tells whether a report says that it has."""
    coming, gone = _LEAVES.get(act, ("in effect from", "in effect since"))
    if not passed:
        return coming
    return gone if reported else "due since"


def countdown(value: date, today: date) -> str:
    """Say how far off a date is."""
    days = (value - today).days
    if days == 0:
        return "today"
    if days < 0:
        return "1 day ago" if days == -1 else f"{-days} days ago"
    return "tomorrow" if days == 1 else f"in {days} days"


def day(value: date) -> str:
    """Write a date: 20 Aug 2025."""
    return f"{value.day} {short_month(value)} {value.year}"


def long_day(value: date) -> str:
    """Write a date in full: 20 August 2025."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_month(value: date) -> str:
    """Write the month of a date: Aug."""
    return _MONTHS[value.month - 1][:3]


def instant(value: datetime) -> str:
    """Write an instant: 20 Aug 2025, 14:03 UTC."""
    return f"{day(value.date())}, {value:%H:%M} UTC"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: 1 source, 4 sources."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def sources(entry: Entry | None) -> int:
    """Count the independent sources of a step: owners, those that print one text once."""
    return entry.voices if entry else 0


def case_path(case_id: str) -> str:
    """The permanent path of a case on the page."""
    return f"/case/{quote(case_id, safe=':~', errors='replace')}"
