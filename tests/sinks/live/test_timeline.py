"""The drawn timeline: what stands where, and that it can be read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sinks.live.timeline import WIDTH, Layout, draw, lay_out
from tests.sinks.live.cases import build, finland, poland, report, step
from treatywatch.model import Basis, Case, EffectiveDate, Stage

TODAY = date(2025, 8, 20)


def layout(case: Case, today: date = TODAY) -> Layout:
    """Lay a case out that has something to draw."""
    found = lay_out(case, today)
    assert found is not None
    return found


def test_steps_stand_in_order_of_time() -> None:
    """Later is further right, in proportion to the days."""
    points = sorted(layout(poland(5)).points, key=lambda point: point.step.on)
    places = [point.x for point in points]
    first, last = points[0], points[-1]
    middle = points[1]

    assert places == sorted(places)
    share = (middle.step.on - first.step.on) / (last.step.on - first.step.on)
    assert abs((middle.x - first.x) / (last.x - first.x) - share) < 0.01


def test_notice_period_is_a_band_from_notice_to_effect() -> None:
    """The band begins at the notice and ends at the computed date."""
    found = layout(poland(5))
    at = {point.step.style: point.x for point in found.points}

    assert found.band == (at["notified"], at["expected"])


def test_notice_without_a_day_begins_its_band_where_it_was_reported() -> None:
    """Most reports of a notice do not name its day."""
    case = poland(5)
    undated = msgspec.structs.replace(case.history[-1], event_date=None)
    found = layout(msgspec.structs.replace(case, history=(*case.history[:-1], undated)))

    assert found.band is not None
    assert found.band[0] == next(point.x for point in found.points if point.step.style == "notified")


def test_no_notice_no_band() -> None:
    """A vote alone starts no period."""
    assert layout(poland(4)).band is None


def test_computed_date_is_a_hollow_diamond_and_a_claimed_one_says_so() -> None:
    """The reader sees what is known and what is arithmetic."""
    computed = next(point for point in layout(poland(5)).points if point.step.style == "expected")
    claimed = next(point for point in layout(finland()).points if point.step.style == "claimed")

    assert "computed" in computed.step.note
    assert "as claimed" in claimed.step.note
    assert 'class="t-expected t-hollow"' in (draw(poland(5), TODAY, "x") or "")


def test_reported_effect_replaces_the_promise() -> None:
    """Once the exit is reported on its date, it stands there once, filled."""
    styles = [point.step.style for point in layout(poland(6)).points]

    assert styles.count("effective") == 1
    assert "expected" not in styles


def test_step_without_a_date_stands_where_it_was_reported_and_is_hollow() -> None:
    """It is drawn, but not as if its day were known."""
    point = next(point for point in layout(poland(5)).points if "reported" in point.step.note)

    assert (point.step.on, point.step.dated) == (date(2025, 7, 9), False)


def test_step_read_late_stands_where_it_was_news() -> None:
    """What a replay sees today was reported then; without any date of a report, the day we saw it is all there is."""
    entry = step("PL:APMBC", Stage.CONSIDERED, date(2025, 4, 1), report("A", "a", "s"), dated=False)
    late = msgspec.structs.replace(entry, first_seen=datetime(2026, 11, 24, tzinfo=UTC))

    assert [point.step.on for point in layout(build("PL:APMBC", late)).points] == [date(2025, 4, 1)]
    bare = msgspec.structs.replace(late, evidence=())
    assert [point.step.on for point in layout(build("PL:APMBC", bare)).points] == [date(2026, 11, 24)]


def test_today_is_marked_while_the_story_is_fresh_only() -> None:
    """Ten years later the line ends with the story."""
    assert layout(poland(6)).today is not None
    assert layout(poland(6), date(2036, 1, 1)).today is None


def test_case_without_any_date_has_no_drawing() -> None:
    """There is nothing to place."""
    entry = msgspec.structs.replace(step("PL:APMBC", Stage.CONSIDERED, TODAY), event_date=None, first_seen=None)
    assert entry.evidence == ()

    assert draw(build("PL:APMBC", entry), TODAY, "x") is None


def test_misread_year_does_not_squeeze_the_rest() -> None:
    """A date in the year 9999 is a misreading; the drawing leaves it out."""
    case = msgspec.structs.replace(poland(5), effective_date=EffectiveDate(value=date(9999, 1, 1), basis=Basis.CLAIMED))

    assert max(point.step.on for point in layout(case).points) == date(2025, 8, 20)


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=14), st.integers(-300, 5000))
def test_no_label_covers_another_or_leaves_the_drawing(days: list[int], now: int) -> None:
    """Whatever the dates, labels that are drawn can be read, and no pole crosses one."""
    start = date(2016, 1, 1)
    stages = list(Stage)
    entries = [
        step("PL:APMBC", stages[i % 9], start + timedelta(day), report("A", "a", "s")) for i, day in enumerate(days)
    ]
    points = layout(build("PL:APMBC", *entries), start + timedelta(now)).points
    boxes = [(point.lane, point.x, point.x + point.step.width) for point in points if point.lane is not None]

    for lane, left, right in boxes:
        assert 0 <= left < right <= WIDTH + 0.1
        for other, from_, to in boxes:
            if other == lane:
                assert (from_, to) == (left, right) or to <= left or right <= from_
            if other < lane:  # the pole passes by this lower label
                assert not from_ + 1 < left < to
    assert all(0 <= point.x <= WIDTH for point in points)
