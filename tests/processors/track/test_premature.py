"""The press says "left" before it is so: patterns 1 and 2 of the traps in docs/cases.md."""

from __future__ import annotations

from datetime import date

from tests.processors.track.made import Story, case_of, say
from treatywatch.model import Basis, ChangeKind, Flag, Institution, Stage

VOTE = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08")
NOTICE = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")
EFFECT = say("2025-12-27", Stage.EFFECTIVE, on="2025-12-27")


def test_press_that_says_left_at_the_vote_does_not_make_it_effective() -> None:
    """ "Left", printed on the day of the vote, is a report of the vote."""
    case = case_of(VOTE, say("2025-05-08", Stage.EFFECTIVE, owner="east"), now="2025-05-09")

    assert case.stage is Stage.APPROVED
    assert Flag.PREMATURE in case.flags
    assert [entry.stage for entry in case.history] == [Stage.APPROVED]
    assert case.history[0].owners == ("east", "north")


def test_a_lone_left_is_corrected_when_the_notice_comes_later() -> None:
    """A claim of effect that stands alone falls back when the notice comes after it; no second alert for it."""
    story = Story()
    story.hear(say("2025-05-08", Stage.EFFECTIVE, owner="east"))
    believed = story.case.stage

    step = story.hear(NOTICE)

    assert (believed, story.case.stage) == (Stage.EFFECTIVE, Stage.NOTIFIED)
    assert Flag.PREMATURE in story.case.flags
    assert [(t.kind, t.stage) for t in step.transitions] == [(ChangeKind.ENTRY, Stage.NOTIFIED)]


def test_the_true_effect_after_the_notice_period_is_effective() -> None:
    """The near miss: the same word on the right day."""
    case = case_of(VOTE, say("2025-05-08", Stage.EFFECTIVE, owner="east"), NOTICE, EFFECT)

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags
    assert case.since == date(2025, 12, 27)


def test_an_effect_that_is_printed_ahead_of_its_day_is_a_date_not_a_step() -> None:
    """ "Leaves on 27 December", printed on the 1st, claims a date of effect."""
    case = case_of(VOTE, say("2025-12-01", Stage.EFFECTIVE, on="2025-12-27"), now="2025-12-02")

    assert case.stage is Stage.APPROVED
    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2025, 12, 27), Basis.CLAIMED)


def test_with_immediate_effect_and_nothing_deposited_stays_announced() -> None:
    """The claim is stored, refuted by the notice period; the case stays where it is."""
    announced = say(
        "2025-09-22",
        Stage.ANNOUNCED,
        case="ML:ROME",
        by=Institution.GOVERNMENT,
        on="2025-09-22",
        effective="2025-09-22",
    )
    left = say("2025-09-23", Stage.EFFECTIVE, case="ML:ROME", owner="east")

    case = case_of(announced, left, now="2025-12-31")

    assert case.stage is Stage.ANNOUNCED
    assert Flag.PREMATURE in case.flags
    assert Flag.DUE not in case.flags
    assert case.effective_date is not None
    assert case.effective_date.value == date(2025, 9, 22)
    assert "1 year" in (case.effective_date.note or "")


def test_immediate_effect_is_believed_where_no_notice_is_due() -> None:
    """The near miss: a political deal can be left from one hour to the next."""
    case = case_of(
        say("2018-05-08", Stage.ANNOUNCED, case="US:JCPOA", on="2018-05-08"),
        say("2018-05-08", Stage.EFFECTIVE, case="US:JCPOA", on="2018-05-08", owner="east"),
    )

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags
