"""What stands: which report moves a case, and which is history."""

from __future__ import annotations

import msgspec

from tests.processors.track.made import at, case_of, say
from treatywatch.model import Flag, Institution, SpeakerKind, Stage

VOTE = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08")
NOTICE = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")


def test_talk_never_lowers_a_case_that_is_announced_or_later() -> None:
    """A later call or a doubt is history, not a way back."""
    for stage in (Stage.ADVOCATED, Stage.CONSIDERED):
        for standing in (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE, Stage.SUSPENDED):
            case = case_of(say("2025-03-01", standing), say("2025-03-20", stage, owner="b"))
            assert case.stage is standing, f"{stage} lowered {standing}"
            assert len(case.history) == 2


def test_talk_long_after_an_exit_lowers_nothing_either() -> None:
    """Years after the exit somebody calls for it: an echo."""
    case = case_of(say("2019-08-02", Stage.EFFECTIVE, case="US:INF"), say("2024-01-01", Stage.ADVOCATED, case="US:INF"))

    assert case.stage is Stage.EFFECTIVE


def test_a_vote_after_the_notice_is_history_and_the_notice_stands() -> None:
    """Britain's parliament voted again three years after the notice."""
    case = case_of(
        say("2017-03-29", Stage.NOTIFIED, case="GB:EU", on="2017-03-29"),
        say("2020-01-09", Stage.APPROVED, case="GB:EU", on="2020-01-09", by=Institution.LOWER_HOUSE),
    )

    assert case.stage is Stage.NOTIFIED


def test_an_item_with_a_wrong_clock_does_not_stand_for_ever() -> None:
    """A published date far ahead of the fetch is not believed."""
    wrong = msgspec.structs.replace(
        say("2025-04-01", Stage.ANNOUNCED, owner="b"), published=at("2099-01-01"), fetched=at("2025-04-01")
    )

    case = case_of(wrong, VOTE)

    assert case.stage is Stage.APPROVED
    assert case.history[0].evidence == (wrong,)


def test_a_signal_without_any_date_never_stands_over_a_dated_one() -> None:
    """No date at all sorts before everything; alone it makes an undated case."""
    undated = say(None, Stage.EFFECTIVE, owner="b", case="US:JCPOA")

    assert case_of(undated, say("2018-05-08", Stage.ANNOUNCED, case="US:JCPOA")).stage is Stage.ANNOUNCED
    assert (case_of(undated).since, case_of(undated).history[0].episode) == (None, "undated")


def test_illustrative_signals_mark_the_case() -> None:
    """A demo never passes for news."""
    marked = case_of(VOTE, msgspec.structs.replace(NOTICE, illustrative=True))

    assert Flag.ILLUSTRATIVE in marked.flags
    assert Flag.ILLUSTRATIVE not in case_of(VOTE, NOTICE).flags


def test_what_is_too_weak_to_be_told_does_not_move_the_case() -> None:
    """One doubtful report of an effect leaves the case where a firm one put it; alone it is all that is known."""
    firm = say("2006-05-07", Stage.CONSIDERED, case="IR:NPT", by=Institution.HEAD_OF_STATE)
    doubtful = say("2006-09-19", Stage.EFFECTIVE, case="IR:NPT", owner="b", confidence=0.4)

    assert case_of(firm, doubtful).stage is Stage.CONSIDERED
    assert case_of(doubtful).stage is Stage.EFFECTIVE
    assert case_of(firm, doubtful, say("2006-09-20", Stage.EFFECTIVE, case="IR:NPT", owner="c")).stage is (
        Stage.EFFECTIVE  # the near miss: a second owner makes it firm
    )


def test_a_call_by_the_opposition_takes_no_place_of_what_the_government_weighs() -> None:
    """Finland's consideration stays one; a minister's recommendation does take its place."""
    weighs = say("2024-12-18", Stage.CONSIDERED, case="FI:APMBC", by=Institution.GOVERNMENT)
    call = say("2025-01-20", Stage.ADVOCATED, case="FI:APMBC", speaker=SpeakerKind.OPPOSITION, owner="b")
    recommends = say("2025-03-18", Stage.ADVOCATED, case="FI:APMBC", by=Institution.GOVERNMENT, owner="c")

    assert case_of(weighs, call).stage is Stage.CONSIDERED
    assert case_of(weighs, call, recommends).stage is Stage.ADVOCATED
