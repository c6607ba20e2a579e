"""A group that stands still with more to read is noticed; a quiet one, a slow one and a busy one are not."""

from __future__ import annotations

from sinks.lag import Lag
from sinks.standstill import StandStill


def test_a_group_that_does_not_move_with_more_to_read_stands_still() -> None:
    """Seen twice at the same place."""
    watch = StandStill()

    assert not watch.seen({"signals": Lag(committed=5, behind=3)})
    assert watch.seen({"signals": Lag(committed=5, behind=4)})


def test_a_quiet_topic_does_not_stand_still() -> None:
    """Hours without news are normal, and what has only just come gets its time."""
    watch = StandStill()

    assert not watch.seen({"signals": Lag(committed=5, behind=0)})
    assert not watch.seen({"signals": Lag(committed=5, behind=0)})
    assert not watch.seen({"signals": Lag(committed=5, behind=1)})
    assert watch.seen({"signals": Lag(committed=5, behind=1)})


def test_another_member_that_reads_moves_the_group() -> None:
    """This one has nothing to do; the other one does."""
    watch = StandStill()

    assert not watch.seen({"signals": Lag(committed=5, behind=900)})
    assert not watch.seen({"signals": Lag(committed=105, behind=800)})


def test_records_of_our_own_start_the_watch_anew() -> None:
    """Standing at the same place before and after is no stand-still if something came in between."""
    watch = StandStill()
    watch.seen({"signals": Lag(committed=5, behind=3)})
    watch.moved()

    assert not watch.seen({"signals": Lag(committed=5, behind=3)})
