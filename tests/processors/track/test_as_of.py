"""A case as it was known at a past moment: by when reports were seen, never by the day of the act."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from processors.track.advance import advance
from processors.track.as_of import known_at, published, record_at
from processors.track.fold import fold
from tests.processors.track.made import LATE, RULES, at, say
from treatywatch.model import Case, Flag, Institution, Signal, Stage

VOTE = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08")
NOTICE = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")
NEWS = (VOTE, NOTICE, say("2025-12-28", Stage.EFFECTIVE, on="2025-12-27"))


def record(*signals: Signal) -> Case:
    """The record that `track` would hold."""
    found = advance(None, signals, LATE, LATE, RULES).record
    assert found is not None
    return found


def test_a_case_stood_where_the_reports_of_then_put_it() -> None:
    """Step by step; before the first report there was none."""
    known = [record_at(record(*NEWS), at(day), RULES) for day in ("2025-05-01", "2025-05-09", "2025-07-01")]

    assert [case and case.stage for case in known] == [None, Stage.APPROVED, Stage.NOTIFIED]
    assert known[2] == fold(NEWS[:2], at("2025-07-01"), RULES)


def test_a_computed_date_is_due_only_once_its_day_had_come() -> None:
    """The flags are those of then."""
    day = [record_at(record(*NEWS[:2]), at(moment), RULES) for moment in ("2025-12-01", "2026-01-05")]

    assert [Flag.DUE in case.flags for case in day if case] == [False, True]


def test_what_was_read_late_was_not_known_on_the_day_of_the_act() -> None:
    """The near miss of the event date: an archive that came in a year later."""
    archive = msgspec.structs.replace(VOTE, id="archive", fetched=at("2026-03-01"))

    assert known_at([archive], at("2025-06-01"), RULES) is None
    assert known_at([archive], at("2026-03-02"), RULES) is not None


def test_a_replayed_past_is_known_by_its_published_dates() -> None:
    """All of it was fetched in one minute."""
    demo = [msgspec.structs.replace(s, fetched=at("2026-11-01")) for s in NEWS]

    case = record_at(record(*demo), at("2025-07-01"), RULES, published)

    assert case is not None
    assert case.stage is Stage.NOTIFIED
    assert record_at(record(*demo), at("2025-07-01"), RULES) is None


def test_a_report_that_was_withdrawn_later_still_stood_then() -> None:
    """Until the revision that took it back was seen; the record remembers enough of it."""
    seen = at("2025-08-01")
    gone = msgspec.structs.replace(NOTICE, revision=2, withdrawn=True, fetched=seen)
    now = record(VOTE, gone)

    before, after = (record_at(now, seen + timedelta(hours=h), RULES) for h in (-1, 1))

    assert before is not None
    assert after is not None
    assert ([e.stage for e in before.history], before.stage) == ([Stage.APPROVED, Stage.NOTIFIED], Stage.NOTIFIED)
    assert before.history[-1].institution is Institution.DEPOSITARY
    assert after.stage is Stage.APPROVED


def test_versions_that_are_all_at_hand_are_told_by_themselves() -> None:
    """From the topic of signals, which keeps them: what was fetched late was not known when it was published."""
    first = msgspec.structs.replace(NOTICE, fetched=at("2025-07-10"))
    gone = msgspec.structs.replace(NOTICE, revision=2, withdrawn=True, fetched=at("2025-08-01"))

    known = [known_at([gone, first], at(day), RULES) for day in ("2025-07-01", "2025-07-11", "2025-08-02")]

    assert [case and case.flags == (Flag.WITHDRAWN,) for case in known] == [None, False, True]


@given(st.permutations(NEWS))
def test_now_is_as_of_now_in_any_order(order: list[Signal]) -> None:
    """As of a moment after everything, the case is the fold."""
    assert known_at(order, LATE, RULES) == fold(NEWS, LATE, RULES)
