"""When a feed is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from producers.schedule import (
    BACK_OFF_MAX_SECONDS,
    JITTER,
    Limits,
    due_after_failure,
    due_after_success,
    due_at_start,
    interval_after,
    limits,
)
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
BOUNDS = Limits(900, 3600)


def seconds(due: datetime) -> float:
    return (due - NOW).total_seconds()


def test_interval_shrinks_after_news_and_grows_after_none_within_the_limits() -> None:
    """A feed never polled starts at the lower limit."""
    assert interval_after(0, True, BOUNDS) == 900
    assert interval_after(2000, True, BOUNDS) == 1200
    assert interval_after(2000, False, BOUNDS) == 2400
    assert interval_after(3500, False, BOUNDS) == 3600
    assert interval_after(1000, True, BOUNDS) == 900


def test_wish_of_the_feed_makes_it_rarer_up_to_the_limit() -> None:
    """`ttl` and Cache-Control are heeded, but no feed can silence itself for a day."""
    assert abs(seconds(due_after_success(NOW, "a", 900, 1800, None, BOUNDS)) - 1800) <= JITTER * 1800
    assert seconds(due_after_success(NOW, "a", 900, 86_400, None, BOUNDS)) <= 3600 * (1 + JITTER)
    assert seconds(due_after_success(NOW, "a", 900, 60, None, BOUNDS)) >= 900 * (1 - JITTER)


def test_interval_in_the_feeds_file_beats_the_wish() -> None:
    """It is the operator's word; the demo polls twice a second."""
    feed = Feed(id="a", url="https://example.org/", outlet="Illustrative", interval_seconds=0.5)
    bounds = limits(Produce(), feed)

    assert seconds(due_after_success(NOW, "a", interval_after(0, True, bounds), 86_400, None, bounds)) < 0.6


def test_retry_after_holds_beyond_every_limit() -> None:
    """After success, after failure, and over a restart."""
    hold = NOW + timedelta(hours=60)

    assert due_after_success(NOW, "a", 900, None, hold, BOUNDS) == hold
    assert due_after_failure(NOW, "a", 1, hold, BOUNDS) == hold
    assert due_at_start(NOW, "a", None, hold, BOUNDS) == hold


def test_restart_keeps_the_phase() -> None:
    """What was due in ten minutes is due in ten minutes."""
    due = NOW + timedelta(minutes=10)

    assert due_at_start(NOW, "a", due, None, BOUNDS) == due


def test_overdue_feeds_are_spread_over_a_short_while() -> None:
    """A thousand feeds after a night off are no stampede."""
    dues = {due_at_start(NOW, f"feed-{n}", NOW - timedelta(hours=8), None, BOUNDS) for n in range(100)}

    assert len(dues) == 100
    assert all(0 <= seconds(due) <= 60 for due in dues)


def test_due_date_left_by_a_wrong_clock_is_forgotten() -> None:
    """A feed last polled in 2038 is not asleep until then."""
    assert seconds(due_at_start(NOW, "a", NOW + timedelta(days=5000), None, BOUNDS)) <= 60


@given(st.integers(1, 10_000), st.floats(0.1, 86_400))
def test_failing_feed_is_never_given_up(failures: int, interval: float) -> None:
    """The wait doubles, has a limit, and is never nothing."""
    wait = seconds(due_after_failure(NOW, "a", failures, None, Limits(interval, interval)))

    assert 0 < wait <= BACK_OFF_MAX_SECONDS
    wanted = min(BACK_OFF_MAX_SECONDS, interval * 2.0 ** min(failures - 1, 40))
    assert wait >= wanted * (1 - JITTER) * 0.999


@given(st.text(min_size=1), st.floats(1, 100_000), st.none() | st.floats(0, 1e9), st.booleans())
def test_due_date_stays_within_the_limits(feed: str, interval: float, hint: float | None, news: bool) -> None:
    """Whatever the feed is called, wishes or brings."""
    due = seconds(due_after_success(NOW, feed, interval_after(interval, news, BOUNDS), hint, None, BOUNDS))

    assert 900 * (1 - JITTER) - 1 <= due <= 3600 * (1 + JITTER) + 1
