"""What is to be sent now."""

from __future__ import annotations

from datetime import timedelta

from sinks.notify.due import due_messages
from tests.sinks.made import NAMES
from tests.sinks.told import LINKS, NOON, a_transition, told_case
from treatywatch.model import Case

HOLD = timedelta(hours=168)


def due(*cases: Case, known: frozenset[str] = frozenset(), hours: float = 1) -> list[str]:
    """The ids that are due some hours after noon."""
    messages = due_messages(
        cases,
        now=NOON + timedelta(hours=hours),
        hold=HOLD,
        known=known.__contains__,
        names=NAMES,
        link_base=LINKS,
    )
    return [message.id for message in messages]


def test_the_first_transition_ever_is_due() -> None:
    """Nothing has to be there before it."""
    assert due(told_case(a_transition())) == ["t1"]


def test_what_is_known_is_not_due_again() -> None:
    """The other transition of the same record is."""
    assert due(told_case(a_transition("t1"), a_transition("t2")), known=frozenset({"t1"})) == ["t2"]


def test_a_new_log_does_not_repeat_history() -> None:
    """Older than the hold: not sent; a minute younger: sent."""
    case = told_case(a_transition())

    assert due(case, hours=168) == []
    assert due(case, hours=167.9) == ["t1"]


def test_messages_leave_in_the_order_of_events() -> None:
    """Across cases; the id decides between equals."""
    early = told_case(a_transition("z", alertable_at=NOON - timedelta(minutes=1)))
    late = told_case(a_transition("b"), a_transition("a"), id="FI:APMBC", actor="FI")

    assert due(late, early) == ["z", "a", "b"]
