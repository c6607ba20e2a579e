"""A worker that stands still with work to do is noticed; one that has nothing to do is not."""

from __future__ import annotations

from processors.stall import STALL_SECONDS, UNASSIGNED_SECONDS, StallWatch

ITEMS = ("treatywatch.items", 0)


def test_standing_still_with_more_to_read_is_a_stall() -> None:
    """Only after the time that a rebalance may take."""
    watch = StallWatch()

    assert watch.assigned({ITEMS: 5}, {ITEMS: 9}, 0.0) is None
    assert watch.assigned({ITEMS: 5}, {ITEMS: 9}, STALL_SECONDS - 1) is None
    assert watch.assigned({ITEMS: 5}, {ITEMS: 9}, STALL_SECONDS + 1) == ITEMS


def test_moving_is_no_stall_however_far_behind() -> None:
    """The near miss: a long replay."""
    watch = StallWatch()

    for step in range(10):
        assert watch.assigned({ITEMS: step}, {ITEMS: 10_000}, step * STALL_SECONDS) is None


def test_a_quiet_topic_is_no_stall_and_its_first_item_gets_the_whole_time() -> None:
    """Hours without news are normal."""
    watch = StallWatch()
    watch.assigned({ITEMS: 5}, {ITEMS: 5}, 0.0)

    assert watch.assigned({ITEMS: 5}, {ITEMS: 5}, 9_000.0) is None
    assert watch.assigned({ITEMS: 5}, {ITEMS: 6}, 9_001.0) is None
    assert watch.assigned({ITEMS: 5}, {ITEMS: 6}, 9_001.0 + STALL_SECONDS) == ITEMS


def test_an_assignment_that_never_comes_is_a_stall_and_one_that_comes_ends_the_wait() -> None:
    """A join that hangs."""
    watch = StallWatch()

    assert not watch.unassigned(0.0)
    assert not watch.unassigned(UNASSIGNED_SECONDS - 1)
    watch.assigned({ITEMS: 0}, {ITEMS: 0}, UNASSIGNED_SECONDS)
    assert not watch.unassigned(UNASSIGNED_SECONDS + 1)
    assert watch.unassigned(2 * UNASSIGNED_SECONDS + 2)


def test_a_rebalance_in_between_starts_the_time_anew() -> None:
    """The new owner has not stood still yet."""
    watch = StallWatch()
    watch.assigned({ITEMS: 5}, {ITEMS: 9}, 0.0)
    watch.unassigned(30.0)

    assert watch.assigned({ITEMS: 5}, {ITEMS: 9}, STALL_SECONDS + 1) is None
