"""When a feed is due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rhythm import turnover
from producers.schedule import (
    BACK_OFF_MAX_SECONDS,
    JITTER,
    Limits,
    allowing,
    due_after_failure,
    due_after_success,
    due_at_start,
    interval_after,
    limits,
    pace,
)
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
BOUNDS = Limits(900, 3600)


def seconds(due: datetime) -> float:
    return (due - NOW).total_seconds()


def test_interval_shrinks_at_once_with_news_and_grows_step_by_step_without() -> None:
    """Half the gap between two items, within the limits; a feed never polled starts at the lower limit."""
    assert interval_after(0, None, None, BOUNDS) == 900
    assert interval_after(3600, 2400, None, BOUNDS) == 1200
    assert interval_after(1200, 86_400, None, BOUNDS) == 1800
    assert interval_after(3500, None, None, BOUNDS) == 3600
    assert interval_after(1000, 60, None, BOUNDS) == 900


def test_feed_whose_entries_turn_over_is_asked_before_any_can_be_missed() -> None:
    """A few duplicates among many new entries beat a calm rhythm; many duplicates do not."""
    assert interval_after(3600, 7200, turnover(3600, 18, 20), BOUNDS) == 2000
    assert interval_after(3600, 7200, turnover(3600, 1, 20), BOUNDS) == 3600


def test_feed_that_shows_nothing_known_is_asked_twice_as_often() -> None:
    """What it showed in between, nobody knows."""
    assert interval_after(3600, 7200, turnover(3600, 20, 20), BOUNDS) == 1800


def test_breaking_news_is_polled_at_least_every_quarter_of_an_hour() -> None:
    """By kind, or by its own key; anything else at least every hour."""
    wire = Feed(id="a", url="https://example.org/", outlet="Illustrative", kind="wire")
    ministry = Feed(id="b", url="https://example.org/", outlet="Illustrative", kind="government")

    assert limits(Produce(), wire).maximum == 900
    assert limits(Produce(), ministry).maximum == 3600
    assert limits(Produce(), ministry.model_copy(update={"breaking": True})).maximum == 900
    assert limits(Produce(), wire.model_copy(update={"breaking": False})).maximum == 3600


@pytest.mark.parametrize(
    ("hint", "least"), [(None, 300), (60.0, 60), (120.0, 120), (5.0, 60), (3600.0, 300), (0.0, 300)]
)
def test_breaking_news_goes_down_to_a_minute_where_the_feed_allows_it(hint: float | None, least: float) -> None:
    """A feed that calls itself fresh for a minute may be asked each minute; silence is no permission."""
    bounds = limits(Produce(), Feed(id="a", url="https://example.org/", outlet="Illustrative", kind="wire"))

    assert interval_after(60, 10, None, allowing(bounds, hint)) == least


def test_other_feeds_are_not_polled_more_often_because_they_allow_it() -> None:
    """A ministry's short `max-age` is a default of its server."""
    bounds = limits(Produce(), Feed(id="a", url="https://example.org/", outlet="Illustrative", kind="government"))

    assert interval_after(60, 10, None, allowing(bounds, 60)) == 900


def test_limits_of_one_feed_beat_the_settings() -> None:
    """Also where they lie outside of them."""
    feed = Feed(id="a", url="https://example.org/", outlet="Illustrative", max_interval_seconds=120)

    assert limits(Produce(), feed) == Limits(120, 120)
    assert limits(Produce(), feed.model_copy(update={"min_interval_seconds": 60})) == Limits(60, 120)
    assert limits(Produce(), feed.model_copy(update={"max_interval_seconds": 7200})) == Limits(900, 7200)


def test_wish_of_the_feed_makes_it_rarer_up_to_the_limit() -> None:
    """`ttl` and Cache-Control are heeded to the second, but no feed can silence itself for a day."""
    assert seconds(due_after_success(NOW, "a", 900, 1800, None, BOUNDS)) == 1800
    assert seconds(due_after_success(NOW, "a", 900, 86_400, None, BOUNDS)) == 3600
    assert seconds(due_after_success(NOW, "a", 900, 60, None, BOUNDS)) >= 900 * (1 - JITTER)


def test_interval_in_the_feeds_file_beats_the_wish() -> None:
    """It is the operator's word; the demo polls twice a second."""
    feed = Feed(id="a", url="https://example.org/", outlet="Illustrative", interval_seconds=0.5)
    bounds = limits(Produce(), feed)

    assert seconds(due_after_success(NOW, "a", interval_after(0, None, None, bounds), 86_400, None, bounds)) < 0.6


def test_jitter_is_another_for_each_feed_and_poll_and_never_later() -> None:
    """Feeds that were polled together drift apart, and keep what is promised."""
    waits = {
        (due_after_success(at, feed, 900.0, None, None, Limits(900, 3600)) - at).total_seconds()
        for feed in ("one", "two", "three")
        for at in (NOW, NOW + timedelta(hours=1))
    }

    assert len(waits) == 6
    assert all(810 < wait <= 900 for wait in waits)


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
    assert max(Counter(int(seconds(due)) for due in dues).values()) <= 8


def test_short_restart_makes_nobody_wait_longer_than_it_took() -> None:
    """A feed of one minute that missed its turn by five seconds waits at most another five, each by itself."""
    dues = {due_at_start(NOW, f"feed-{n}", NOW - timedelta(seconds=5), None, Limits(60, 60)) for n in range(100)}

    assert len(dues) == 100
    assert all(0 <= seconds(due) <= 5 for due in dues)


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


@given(
    st.text(min_size=1),
    st.floats(1, 100_000),
    st.none() | st.floats(0, 1e9),
    st.none() | st.floats(0.001, 1e9),
    st.none() | st.floats(0, 1e9),
)
def test_due_date_stays_within_the_limits(
    feed: str, interval: float, hint: float | None, gap: float | None, turns_over: float | None
) -> None:
    """Whatever the feed is called, wishes or brings; and it is never later than the interval that was promised."""
    chosen = interval_after(interval, gap, turns_over, BOUNDS)
    due = seconds(due_after_success(NOW, feed, chosen, hint, None, BOUNDS))

    assert 900 * (1 - JITTER) - 1 <= due <= 3600 + 1
    assert due <= pace(chosen, hint, BOUNDS) + 0.001
