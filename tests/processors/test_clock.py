"""What now is: the wall clock for live news, the latest published date for a replayed past."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from processors.clock import PublishedClock, WallClock
from tests.sinks.made import a_case, a_signal
from tests.sinks.told import a_transition


def published(day: int) -> datetime:
    """A moment in June 2025."""
    return datetime(2025, 6, day, 12, tzinfo=UTC)


def test_a_replayed_past_moves_on_with_its_news_and_never_back() -> None:
    """A late item does not turn the clock back."""
    clock = PublishedClock()
    clock.saw(a_signal(1, published=published(4)))
    clock.saw(a_signal(2, published=published(2)))
    clock.saw(a_signal(3, published=None))

    assert clock.now() == published(4)


def test_before_the_first_news_no_date_has_passed() -> None:
    """The beginning of time."""
    assert PublishedClock().now() < published(1)


def test_after_a_restart_the_past_goes_on_where_its_cases_stand() -> None:
    """From the transitions that are in the records."""
    clock = PublishedClock()
    case = msgspec.structs.replace(
        a_case(1), transitions=(a_transition("a", at=published(7)), a_transition("b", at=published(5)))
    )

    clock.recover([case])

    assert clock.now() == published(7)


def test_signals_do_not_move_the_wall_clock() -> None:
    """It is the time of day, aware."""
    clock = WallClock()
    clock.saw(a_signal(1, published=datetime(2999, 1, 1, tzinfo=UTC)))

    assert clock.now().year < 2999
    assert clock.now().tzinfo is UTC
