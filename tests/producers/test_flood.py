"""How much of what a feed brings is taken on one day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from producers.flood import MAX_CHARACTERS, MAX_ITEMS, Brought, admit, brought

NOW = datetime(2025, 6, 18, 23, 59, tzinfo=UTC)
TODAY = NOW.date()


def test_a_day_ends_at_midnight_of_utc() -> None:
    """Whatever zone the clock is in."""
    kept = brought(TODAY, 7, 70, NOW)

    assert kept == Brought(TODAY, 7, 70)
    assert brought(TODAY, 7, 70, NOW + timedelta(minutes=1)) == Brought(TODAY + timedelta(days=1))
    assert brought(None, 0, 0, NOW) == Brought(TODAY)


def test_largest_wire_has_room() -> None:
    """Two thousand items of two kilobytes, with as many edits."""
    assert admit(Brought(TODAY), [2_000] * 4_000)[0] == 4_000


@given(st.lists(st.integers(0, 21_000), max_size=50), st.integers(0, MAX_ITEMS), st.integers(0, MAX_CHARACTERS))
def test_limits_hold_and_what_is_taken_is_counted(sizes: list[int], items: int, characters: int) -> None:
    """Never more than either limit, and never fewer than fit."""
    before = Brought(TODAY, items, characters)
    room, after = admit(before, sizes)

    assert after == Brought(TODAY, items + room, characters + sum(sizes[:room]))
    assert after.items <= MAX_ITEMS
    assert after.characters <= MAX_CHARACTERS
    if room < len(sizes):
        assert after.items == MAX_ITEMS or after.characters + sizes[room] > MAX_CHARACTERS
