"""One act, told with two dates, two counts, two verbs or two names of its organ: patterns 3 and 4."""

from __future__ import annotations

from datetime import date

import pytest

from tests.processors.track.made import Story, case_of, say
from treatywatch.model import Action, Institution, Stage


@pytest.mark.parametrize(
    ("case", "one", "other", "effect"),
    [
        ("VE:ACHR", "2012-09-06", "2012-09-10", date(2013, 9, 10)),  # the note is dated, then received
        ("US:OST", "2020-05-21", "2020-05-22", date(2020, 11, 22)),  # local midnight
    ],
)
def test_one_notice_with_two_dates_is_one_entry_and_counts_from_the_receipt(
    case: str, one: str, other: str, effect: date
) -> None:
    """Two dates of one act make one step; the notice period runs from the later, the receipt."""
    found = case_of(
        say(one, Stage.NOTIFIED, case=case, on=one), say(other, Stage.NOTIFIED, case=case, on=other, owner="b")
    )

    assert len(found.history) == 1
    assert found.history[0].event_date == date.fromisoformat(other)
    assert found.effective_date is not None
    assert found.effective_date.value == effect


def test_a_vote_dated_a_day_apart_is_told_once() -> None:
    """The Sejm's vote of 25 June is the same on the 26th."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, on="2025-06-25"))

    step = story.hear(
        say("2025-06-26", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, on="2025-06-26", owner="b")
    )

    assert step.changed
    assert step.transitions == ()


def test_a_vote_of_parliament_is_told_once_when_the_house_gets_its_name() -> None:
    """ "Parliament" on the day, "the lower house" the next morning: one vote."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC"))

    step = story.hear(say("2025-06-26", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, owner="b"))

    assert step.transitions == ()
    assert [entry.institution for entry in story.case.history] == [Institution.LOWER_HOUSE]


def test_the_second_house_is_another_step() -> None:
    """The near miss: the Senate's vote is news of its own."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE))

    step = story.hear(say("2025-07-10", Stage.APPROVED, case="PL:APMBC", by=Institution.UPPER_HOUSE))

    assert [t.institution for t in step.transitions] == [Institution.UPPER_HOUSE]


def test_reports_with_different_vote_counts_are_one_vote() -> None:
    """157 to 18 or 155 to 18: nothing is keyed on counts."""
    case = case_of(
        say(
            "2025-06-19", Stage.APPROVED, case="FI:APMBC", by=Institution.LOWER_HOUSE, text="Parliament votes 157 to 18"
        ),
        say(
            "2025-06-19",
            Stage.APPROVED,
            case="FI:APMBC",
            by=Institution.LOWER_HOUSE,
            owner="b",
            text="Parliament votes 155 to 18",
        ),
    )

    assert len(case.history) == 1
    assert case.history[0].owners == ("b", "north")


def test_withdraws_and_terminates_are_one_act() -> None:
    """Two papers, two verbs, one announcement; a suspension is another act."""
    case = case_of(
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.TERMINATE),
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.WITHDRAW, owner="b"),
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.SUSPEND, owner="c"),
    )

    assert [e.action for e in case.history] == [Action.SUSPEND, Action.WITHDRAW]
