"""The hours and days in which a feed asks not to be polled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.entries import Parsed
from producers.parse import parse
from producers.quiet import LONGEST, Quiet, after_quiet, read_quiet
from producers.schedule import BACK_OFF_MAX_SECONDS, Limits, due_after_failure, due_after_success, due_at_start
from tests.producers.feed_server import rss

NOON = datetime(2025, 6, 18, 12, 20, tzinfo=UTC)  # a Wednesday
BOUNDS = Limits(900, 3600)
WEEKEND = Quiet(days=(5, 6))


def channel(wish: str) -> bytes:
    return rss(("1", "One", "x")).replace("<item>", f"{wish}<item>").encode()


@pytest.mark.parametrize(
    ("wish", "quiet"),
    [
        ("<skipHours><hour>0</hour><hour>1</hour> <hour> 23 </hour></skipHours>", Quiet(hours=(0, 1, 23))),
        ("<skiphours><hour>24</hour></skiphours>", Quiet(hours=(0,))),
        (
            "<skipDays><day>Saturday</day><day>sunday</day></skipDays><skipHours><hour>3</hour></skipHours>",
            Quiet(hours=(3,), days=(5, 6)),
        ),
        ("<skipHours><hour>25</hour><hour>noon</hour></skipHours>", None),
        ("<skipDays><day>Feiertag</day></skipDays>", None),
        ("<skipHours></skipHours>", None),
        ("<hour>3</hour>", None),
        ("", None),
    ],
)
def test_wish_of_a_feed_is_read(wish: str, quiet: Quiet | None) -> None:
    """All hours of the list, not its last one; what is no hour and no day is passed over."""
    parsed = parse(channel(wish), "https://news.example.org/feed")

    assert isinstance(parsed, Parsed)
    assert (parsed.quiet, len(parsed.entries)) == (quiet, 1)


def test_feed_is_due_when_its_quiet_hours_end() -> None:
    """As many minutes past the hour as it was; outside of them nothing changes."""
    quiet = Quiet(hours=(12, 13))

    assert after_quiet(NOON, quiet) == NOON + timedelta(hours=2)
    assert after_quiet(NOON + timedelta(hours=2), quiet) == NOON + timedelta(hours=2)
    assert after_quiet(NOON, None) == NOON


def test_weekend_is_skipped_and_a_week_is_not() -> None:
    """No feed can silence itself for ever."""
    saturday = NOON + timedelta(days=3)

    assert after_quiet(saturday, WEEKEND) == datetime(2025, 6, 23, 0, 20, tzinfo=UTC)
    assert after_quiet(saturday, Quiet(days=tuple(range(7)))) == saturday


def test_schedule_heeds_the_quiet_times() -> None:
    """After success, after failure and at the start; what the operator has fixed beats them."""
    saturday = NOON + timedelta(days=3)
    monday = datetime(2025, 6, 23, tzinfo=UTC)

    assert due_after_success(saturday, "a", 900, None, None, BOUNDS, WEEKEND) >= monday
    assert due_after_failure(saturday, "a", 1, None, BOUNDS, WEEKEND) >= monday
    assert due_at_start(saturday, "a", None, None, BOUNDS, WEEKEND) >= monday
    assert due_after_success(NOON, "a", 900, None, None, BOUNDS, WEEKEND) < NOON + timedelta(hours=1)
    fixed = Limits(900, 900, heeds_hints=False)
    assert due_after_success(saturday, "a", 900, None, None, fixed, WEEKEND) < saturday + timedelta(hours=1)


def test_due_date_behind_a_weekend_survives_a_restart() -> None:
    """It is no date left by a wrong clock, though it may be more than two days ahead."""
    due = NOON + timedelta(seconds=BACK_OFF_MAX_SECONDS) + timedelta(days=2)

    assert due_at_start(NOON, "a", due, None, BOUNDS, WEEKEND) == due


@given(st.sets(st.integers(0, 23)).map(tuple), st.sets(st.integers(0, 6)).map(tuple), st.integers(0, 10_000).map(float))
def test_feed_is_never_put_off_for_longer_than_the_limit(
    hours: tuple[int, ...], days: tuple[int, ...], later: float
) -> None:
    """It is due later or at once, within the limit, and in no quiet time unless that would not end."""
    quiet, due = Quiet(hours, days), NOON + timedelta(minutes=later)
    put_off = after_quiet(due, quiet)

    assert due <= put_off <= due + LONGEST
    assert put_off == due or not quiet.at(put_off)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_wish_or_none(body: bytes) -> None:
    """Reading never raises."""
    assert isinstance(read_quiet(b"<skipHours><hour>" + body), Quiet | None)
