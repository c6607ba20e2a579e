"""The message: what happened in one line, who says so, what came before."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.notify.message import SENTENCE_LIMIT, build
from tests.sinks.made import NAMES, a_signal
from tests.sinks.told import COMPUTED, LINKS, NOON, a_message, a_step, a_transition, told_case
from treatywatch.model import (
    Action,
    Basis,
    Case,
    ChangeKind,
    EffectiveDate,
    Evidence,
    Flag,
    Institution,
    Severity,
    Stage,
    Transition,
)

W, T, S, U, D = Action.WITHDRAW, Action.TERMINATE, Action.SUSPEND, Action.UNSIGN, Action.DERATIFY


def line(case: Case, transition: Transition) -> str:
    """The headline behind the names."""
    text = build(case, transition, NAMES, LINKS).headline
    assert text.startswith("Poland → Ottawa Convention: ")
    return text.removeprefix("Poland → Ottawa Convention: ")


@pytest.mark.parametrize(
    ("stage", "action", "institution", "expected"),
    [
        (Stage.ADVOCATED, W, None, "withdrawal called for"),
        (Stage.ADVOCATED, W, Institution.GOVERNMENT, "government calls for withdrawal"),
        (Stage.CONSIDERED, W, None, "withdrawal considered"),
        (Stage.CONSIDERED, T, Institution.GOVERNMENT, "government weighs termination"),
        (Stage.ANNOUNCED, W, Institution.GOVERNMENT, "government announces withdrawal"),
        (Stage.ANNOUNCED, S, None, "suspension announced"),
        (Stage.APPROVED, W, None, "withdrawal approved"),
        (Stage.APPROVED, W, Institution.COMMITTEE, "committee approves withdrawal"),
        (Stage.APPROVED, W, Institution.LOWER_HOUSE, "lower house approves withdrawal"),
        (Stage.APPROVED, D, Institution.UPPER_HOUSE, "upper house approves de-ratification"),
        (Stage.APPROVED, W, Institution.HEAD_OF_STATE, "head of state signs withdrawal"),
        (Stage.APPROVED, W, Institution.REFERENDUM, "withdrawal approved by referendum"),
        (Stage.NOTIFIED, W, Institution.DEPOSITARY, "notice deposited"),
        (Stage.NOTIFIED, S, None, "notice of suspension deposited"),
        (Stage.EFFECTIVE, W, None, "no longer bound"),
        (Stage.EFFECTIVE, T, None, "treaty ended"),
        (Stage.EFFECTIVE, U, None, "signature withdrawn"),
        (Stage.EFFECTIVE, D, None, "ratification revoked"),
        (Stage.SUSPENDED, S, Institution.GOVERNMENT, "government suspends the treaty"),
        (Stage.REVERSED, W, None, "withdrawal undone"),
        (Stage.REJECTED, W, Institution.LOWER_HOUSE, "lower house rejects withdrawal"),
        (Stage.REJECTED, W, None, "withdrawal ruled out"),
    ],
)
def test_headline_of_a_step(stage: Stage, action: Action, institution: Institution | None, expected: str) -> None:
    """What happened, and who decided where somebody is named."""
    step = a_step(stage, action=action, institution=institution)
    transition = a_transition(stage=stage, to=stage, action=action, institution=institution)

    assert line(told_case(transition, history=(step,)), transition) == expected


@pytest.mark.parametrize(
    ("stage", "action", "effect", "expected"),
    [
        (Stage.NOTIFIED, W, COMPUTED, "notice deposited; leaves 27 December 2025 (computed)"),
        (Stage.NOTIFIED, T, COMPUTED, "notice deposited; ends 27 December 2025 (computed)"),
        (Stage.NOTIFIED, U, COMPUTED, "notice deposited; in effect from 27 December 2025 (computed)"),
        (
            Stage.NOTIFIED,
            W,
            EffectiveDate(value=date(2025, 12, 27), basis=Basis.CLAIMED),
            "notice deposited; leaves 27 December 2025",
        ),
        (
            Stage.EFFECTIVE,
            W,
            EffectiveDate(value=date(2025, 6, 26), basis=Basis.COMPUTED),
            "no longer bound; left 26 June 2025 (computed)",
        ),
        # Reported late: nobody has said yet that the state has left.
        (
            Stage.NOTIFIED,
            W,
            EffectiveDate(value=date(2025, 6, 1), basis=Basis.COMPUTED),
            "notice deposited; due since 1 June 2025 (computed)",
        ),
        # A step back, or one that leads nowhere yet, must not announce a date.
        (Stage.REVERSED, W, COMPUTED, "withdrawal undone"),
        (Stage.REJECTED, W, COMPUTED, "withdrawal ruled out"),
        (Stage.CONSIDERED, W, COMPUTED, "withdrawal considered"),
    ],
)
def test_headline_says_when_it_takes_effect(stage: Stage, action: Action, effect: EffectiveDate, expected: str) -> None:
    """With its basis where we computed it, and in the right tense."""
    transition = a_transition(stage=stage, to=stage, action=action, institution=None)
    case = told_case(transition, history=(a_step(stage, action=action),), effective_date=effect)

    assert line(case, transition) == expected


def test_headline_gives_no_date_of_another_episode() -> None:
    """A late report of the first exit must not carry the date of the second."""
    transition = a_transition(episode="2017-01", institution=None)
    history = (a_step(Stage.APPROVED, episode="2017-01"), a_step(Stage.NOTIFIED))

    assert line(told_case(transition, history=history, effective_date=COMPUTED), transition) == "withdrawal approved"


@pytest.mark.parametrize(
    ("changes", "case_changes", "expected"),
    [
        (
            {"kind": ChangeKind.STANDS, "from_stage": Stage.NOTIFIED},
            {},
            "amended: now stands at “lower house approves withdrawal”, before at “notified”",
        ),
        (
            {"kind": ChangeKind.WITHDRAWN, "stage": Stage.NOTIFIED, "institution": None},
            {},
            "amended: “notice deposited” is no longer reported; stands at “approved”",
        ),
        (
            {"kind": ChangeKind.WITHDRAWN},
            {"history": (), "flags": (Flag.WITHDRAWN,)},
            "amended: “lower house approves withdrawal” is no longer reported; nothing else is",
        ),
        (
            {"kind": ChangeKind.DUE, "stage": Stage.NOTIFIED},
            {"effective_date": COMPUTED},
            "the computed date of effect, 27 December 2025, has passed; no report yet that it is done",
        ),
        (
            {"kind": ChangeKind.UNCONFIRMED, "stage": Stage.NOTIFIED, "institution": None},
            {"effective_date": COMPUTED},
            "notice deposited as reported, but still no word from the depositary",
        ),
        ({"kind": ChangeKind.SEVERITY}, {}, "lower house approves withdrawal"),
    ],
)
def test_headline_of_a_change_that_is_no_step(
    changes: dict[str, object], case_changes: dict[str, object], expected: str
) -> None:
    """An amendment says that it is one; a date that passes claims no exit."""
    transition = msgspec.structs.replace(a_transition(), **changes)

    assert line(told_case(transition, **case_changes), transition) == expected


def test_headline_of_a_rise_in_severity_says_what_has_changed() -> None:
    """It is often the first that people hear of the step: it reads like one."""
    transition = a_transition(kind=ChangeKind.SEVERITY, institution=None)
    step = a_step(Stage.APPROVED, owners=("One", "Two", "Three", "Four"), voices=3)

    said = line(told_case(transition, history=(step,)), transition)

    assert said == "withdrawal approved, now from 3 independent sources"


def test_headline_counts_no_copies() -> None:
    """The near miss: three owners that print one wire text are one source."""
    transition = a_transition(kind=ChangeKind.SEVERITY, institution=None)
    step = a_step(Stage.APPROVED, owners=("One", "Two", "Three"), voices=1)

    assert line(told_case(transition, history=(step,)), transition) == "withdrawal approved"


def test_illustrative_is_marked_where_nobody_can_miss_it() -> None:
    """In the line and as a field; a real case has neither."""
    transition = a_transition()
    demo = build(told_case(transition, flags=(Flag.ILLUSTRATIVE,)), transition, NAMES, LINKS)
    step = a_step(Stage.APPROVED, institution=Institution.LOWER_HOUSE, evidence=(a_signal(illustrative=False),))
    real = build(told_case(transition, history=(step,)), transition, NAMES, LINKS)

    assert demo.headline.endswith(" [illustrative]")
    assert demo.illustrative
    assert "illustrative" not in real.headline
    assert not real.illustrative


def test_message_quotes_what_caused_it_with_its_marks() -> None:
    """The marks are places in the sentence, wherever the sentence stood in the text."""
    signal = a_signal(
        2,
        id="cause",
        sentence="Sejm votes to leave.",
        title="Long ago. Sejm votes to leave.",
        evidence=(
            Evidence(field="title", start=10, end=14, text="Sejm", part="institution"),
            Evidence(field="title", start=24, end=29, text="leave", part="act"),
        ),
    )
    step = a_step(Stage.APPROVED, evidence=(a_signal(1, confidence=0.99), signal))
    transition = a_transition(because="cause", institution=None)

    message = build(told_case(transition, history=(step,)), transition, NAMES, LINKS)

    assert message.sentence == "Sejm votes to leave."
    assert [(message.sentence[start:end], part) for start, end, part in message.marks] == [
        ("Sejm", "institution"),
        ("leave", "act"),
    ]
    assert (message.outlet, message.url) == ("Illustrative Outlet 2", "https://outlet-2.example/news/2")
    assert message.speaker is not None
    assert message.links.article == message.url


def test_message_quotes_the_best_report_where_the_cause_is_not_kept() -> None:
    """The record keeps the best three reports of an owner only."""
    step = a_step(Stage.APPROVED, evidence=(a_signal(1, confidence=0.5), a_signal(2, confidence=0.9)))
    transition = a_transition(because="gone", institution=None)

    assert build(told_case(transition, history=(step,)), transition, NAMES, LINKS).outlet == "Illustrative Outlet 2"


def test_a_report_that_was_read_anew_is_shown_with_the_step_it_stands_in_now() -> None:
    """The step of the transition is gone; the report of it still says who and how many."""
    step = a_step(Stage.APPROVED, institution=Institution.HEAD_OF_STATE, owners=("One", "Two"), voices=2)
    transition = a_transition(institution=None)

    message = build(told_case(transition, history=(step,)), transition, NAMES, LINKS)

    assert (message.sources, message.confidence, message.outlet) == (2, 0.875, "Illustrative Outlet 1")


def test_withdrawn_report_is_not_quoted() -> None:
    """What it said is what is no longer so."""
    transition = a_transition(kind=ChangeKind.WITHDRAWN, stage=Stage.NOTIFIED, because="signal-1")

    message = build(told_case(transition), transition, NAMES, LINKS)

    assert (message.sentence, message.outlet, message.url, message.sources) == ("", None, None, 0)


def test_message_tells_what_came_before_in_the_same_episode() -> None:
    """Earlier steps in order; neither later ones nor those of an exit years ago."""
    history = (
        a_step(Stage.EFFECTIVE, episode="2001-01"),
        a_step(Stage.CONSIDERED),
        a_step(Stage.ANNOUNCED),
        a_step(Stage.APPROVED, institution=Institution.LOWER_HOUSE),
        a_step(Stage.NOTIFIED),
    )
    transition = a_transition()

    before = build(told_case(transition, history=history), transition, NAMES, LINKS).before

    assert [step.stage for step in before] == [Stage.CONSIDERED, Stage.ANNOUNCED]


def test_sources_are_independent_voices() -> None:
    """Ten outlets of five owners that print one text are one source."""
    step = a_step(Stage.APPROVED, owners=tuple("ABCDE"), voices=1, outlets=tuple(f"Outlet {n}" for n in range(10)))
    transition = a_transition(institution=None)

    assert build(told_case(transition, history=(step,)), transition, NAMES, LINKS).sources == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/relative", "http://[", "", None])
def test_a_hostile_address_is_no_link(url: str | None) -> None:
    """Only http and https; the rest of the message stays."""
    step = a_step(Stage.APPROVED, evidence=(a_signal(url=url),))
    transition = a_transition(institution=None)

    message = build(told_case(transition, history=(step,)), transition, NAMES, LINKS)

    assert message.url is message.links.article is None
    assert message.sentence


@given(st.text(min_size=1, max_size=3 * SENTENCE_LIMIT), st.integers(0, 3 * SENTENCE_LIMIT))
def test_marks_stay_in_a_sentence_of_any_length(text: str, at: int) -> None:
    """A sentence is cut at a length that people read, and no mark points behind the cut."""
    at %= len(text)
    mark = Evidence(field="title", start=at, end=at + 1, text=text[at], part="act")
    step = a_step(Stage.APPROVED, evidence=(a_signal(sentence=text, title=text, evidence=(mark,)),))
    transition = a_transition(institution=None)

    message = build(told_case(transition, history=(step,)), transition, NAMES, LINKS)

    assert len(message.sentence) <= SENTENCE_LIMIT
    assert all(0 <= start < end <= len(message.sentence) for start, end, _ in message.marks)


def test_case_link_quotes_what_an_id_may_hold() -> None:
    """An id outside the register holds words of the text."""
    transition = a_transition()
    case = told_case(transition, id="RU:~fish & chips/é")

    message = build(case, transition, NAMES, "https://watch.example/")

    assert message.links.case == "https://watch.example/case/RU:~fish%20%26%20chips%2F%C3%A9"


def test_json_keys_of_version_1() -> None:
    """Receivers rely on them: keys may be added, none goes."""
    data = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(a_message(), sent_at=NOON)))

    assert set(data) == {
        "version",
        "id",
        "possibly_repeated",
        "sent_at",
        "case",
        "actor",
        "actor_name",
        "treaty",
        "treaty_name",
        "action",
        "stage",
        "from",
        "kind",
        "severity",
        "institution",
        "effective_date",
        "headline",
        "sentence",
        "marks",
        "speaker",
        "outlet",
        "url",
        "sources",
        "confidence",
        "reasons",
        "flags",
        "links",
        "before",
        "background",
        "illustrative",
    }
    assert data["version"] == 1
    assert data["id"] == "t1"
    assert data["from"] == "announced"
    assert data["marks"] == [[16, 20, "institution"]]
    assert data["severity"] == Severity.URGENT
    assert set(data["links"]) == {"case", "article"}
    assert data["sent_at"] == "2025-06-26T12:00:00Z"


def test_every_key_is_documented() -> None:
    """docs/webhook.md is what a receiver is written from."""
    text = (Path(__file__).parents[2] / "docs/webhook.md").read_text(encoding="utf-8")
    documented = {
        key for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    }

    assert documented == set(msgspec.json.decode(msgspec.json.encode(a_message())))
