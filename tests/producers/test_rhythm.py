"""How often a feed brings something new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rhythm import HALF_LIFE_SECONDS, Rhythm, observe, turnover


def polls(count: int, every: float, items: int, rhythm: Rhythm | None = None) -> Rhythm:
    """A feed polled so often, each time with so many new items."""
    rhythm = rhythm or Rhythm()
    for _ in range(count):
        rhythm = observe(rhythm, every, items)
    return rhythm


def test_gap_is_the_mean_time_between_items() -> None:
    """Four items an hour are one in fifteen minutes."""
    assert polls(20, 3600, 4).gap == pytest.approx(900)


def test_nothing_is_known_of_a_feed_without_items() -> None:
    """It has no rhythm, rather than one of zero."""
    assert polls(10, 900, 0).gap is None


def test_busy_morning_is_known_in_the_afternoon_and_forgotten_a_week_later() -> None:
    """Breaking news does not come at the pace of last month."""
    calm = polls(100, 3600, 0)
    busy = polls(12, 300, 5, calm)
    assert busy.gap is not None
    assert busy.gap < 1500
    later = polls(7 * 24, 3600, 0, busy)

    assert later.gap is None or later.gap > 86_400


@pytest.mark.parametrize(
    ("items", "entries", "seconds"), [(20, 20, 300), (10, 20, 600), (1, 20, 6000), (0, 20, None), (0, 0, None)]
)
def test_turnover_follows_the_duplicate_ratio(items: int, entries: int, seconds: float | None) -> None:
    """Ten minutes after which half of the entries are new are the time to come again."""
    assert turnover(600, items, entries) == seconds


@given(st.lists(st.tuples(st.floats(0, 1e7), st.integers(0, 2000)), max_size=50))
def test_memory_of_a_rhythm_is_bounded(seen: list[tuple[float, int]]) -> None:
    """Whatever comes, it fades; a clock set back counts as no time."""
    rhythm = Rhythm()
    for elapsed, items in seen:
        rhythm = observe(rhythm, elapsed, items)
        assert 0 <= rhythm.seconds <= max(elapsed, 0) + 4 * HALF_LIFE_SECONDS + 1e7
        assert rhythm.gap is None or rhythm.gap >= 0
    assert observe(rhythm, -5, 0).seconds <= rhythm.seconds
