"""Which transitions people are told about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sinks.alertable import alertable
from tests.sinks.told import NOON, a_transition, told_case
from treatywatch.model import Severity, Transition

HOLD = timedelta(hours=6)


def test_a_transition_is_told_while_it_is_young() -> None:
    """The age counts from the instant at which it became alertable."""
    case = told_case(a_transition())

    assert [t.id for t in alertable(case, NOON + timedelta(hours=5, minutes=59), HOLD)] == ["t1"]
    assert alertable(case, NOON + HOLD, HOLD) == ()


@pytest.mark.parametrize(
    "transition",
    [
        a_transition(alertable_at=None),  # back-filled
        a_transition(severity=Severity.NONE),  # held back
    ],
)
def test_what_track_holds_back_is_not_told(transition: Transition) -> None:
    """Severity and the instant are both `track`'s word."""
    assert alertable(told_case(transition), NOON, HOLD) == ()


def test_a_clock_that_runs_ahead_hides_nothing() -> None:
    """An instant in the future is young."""
    case = told_case(a_transition(alertable_at=NOON + timedelta(hours=1)))

    assert len(alertable(case, NOON, HOLD)) == 1


def test_a_transition_that_is_recorded_twice_is_one() -> None:
    """Two series with the same labels would break the whole scrape."""
    case = told_case(a_transition("t1"), a_transition("t2"), a_transition("t1"))

    assert [t.id for t in alertable(case, NOON, HOLD)] == ["t1", "t2"]
