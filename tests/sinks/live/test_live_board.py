"""The board: the latest record of each case, in the order that a reader sees."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from sinks.live.board import Board
from tests.sinks.live.cases import finland, norway, poland, sample

WALL = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def board(story_time: bool = False) -> Board:
    """Make a board with the samples on it."""
    made = Board(WALL, story_time=story_time)
    for case in sample():
        made.put(case, WALL)
    return made


def test_records_read_again_change_nothing() -> None:
    """After a lost connection the topic comes again from its start: old revisions are old news."""
    made = board()
    before = made.get("PL:APMBC")

    assert made.put(poland(2), WALL) is None
    assert made.get("PL:APMBC") is before


def test_newer_record_tells_which_transitions_are_new() -> None:
    """Only what was not seen before is news, also when a record was skipped."""
    made = Board(WALL)
    made.put(poland(2), WALL)
    change = made.put(poland(5), WALL)

    assert change is not None
    assert [transition.stage for transition in change.fresh] == ["approved", "approved", "notified"]


def test_cases_stand_with_the_latest_change_first() -> None:
    """The first line is what moved last."""
    ids = [case.id for case in board().cases()]

    assert ids[:3] == ["PL:APMBC", "UA:APMBC", "FI:APMBC"]
    assert ids[-1] == "NO:APMBC"


def test_alerts_leave_out_what_nobody_was_to_be_told() -> None:
    """Norway's refusal alone is no alert; it is still a case."""
    made = board()

    assert "NO:APMBC" not in {alert.case.id for alert in made.alerts(limit=100)}
    assert made.get("NO:APMBC") == norway()


def test_countdown_begins_with_the_nearest_exit() -> None:
    """The order is that of the dates."""
    dates = [case.effective_date.value for case in board().countdown(date(2025, 8, 20)) if case.effective_date]

    assert dates == sorted(dates)
    assert len(dates) == 5


def test_exit_leaves_the_countdown_when_it_is_reported_or_long_past() -> None:
    """A passed date waits a month for the report of it, no longer."""
    made = Board(WALL)
    made.put(poland(5), WALL)

    assert made.countdown(date(2026, 3, 1))
    assert not made.countdown(date(2026, 4, 1))
    made.put(poland(6), WALL)
    assert not made.countdown(date(2026, 3, 1))


def test_replaced_case_is_found_by_its_address_only() -> None:
    """Permanent links keep working; lists show the case that took over."""
    made = Board(WALL)
    made.put(msgspec.structs.replace(finland(), superseded_by="FI:OTHER"), WALL)

    assert made.get("FI:APMBC") is not None
    assert (made.cases(), made.alerts(), made.countdown(date(2025, 8, 1)), len(made)) == ([], [], [], 0)


def test_replay_tells_the_time_of_its_story() -> None:
    """In a replay the present is the latest news, not the wall clock."""
    assert board(story_time=True).now(WALL).date() == date(2025, 8, 20)
    assert board().now(WALL) == WALL
