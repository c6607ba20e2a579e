"""The state of `track` from the records of `cases`: the latest of each, whatever else is there."""

from __future__ import annotations

import msgspec
import pytest

from processors.recover import Latest
from processors.track.advance import advance, records
from tests.processors.track.made import LATE, RULES, say
from treatywatch import wire
from treatywatch.errors import WireError
from treatywatch.model import Case, Stage


def written() -> list[Case]:
    """Three records of one case."""
    record: Case | None = None
    found: list[Case] = []
    for day, stage in (("2025-03-18", Stage.ADVOCATED), ("2025-05-08", Stage.APPROVED), ("2025-06-27", Stage.NOTIFIED)):
        step = advance(record, [say(day, stage)], LATE, LATE, RULES)
        record = step.record
        found += records(step)
    return found


def test_the_latest_record_of_each_case_is_its_state() -> None:
    """By revision: an older one that was written later, by a worker that was late, changes nothing."""
    cases, latest = written(), Latest()
    for case in (cases[0], cases[-1], cases[1], msgspec.structs.replace(cases[0], id="LV:APMBC")):
        latest.take(wire.encode(case))

    assert {case.id: case.revision for case in latest.cases()} == {"LT:APMBC": cases[-1].revision, "LV:APMBC": 1}


@pytest.mark.parametrize(
    "value", [b"", b"no case", b'{"v":1}', b'{"v":2,"id":"LT:APMBC","revision":99}', b'{"v":1,"id":"']
)
def test_what_is_no_case_is_named_and_replaces_nothing(value: bytes) -> None:
    """No JSON, no id, another schema version, cut in the middle."""
    cases, latest = written(), Latest()
    latest.take(wire.encode(cases[-1]))

    with pytest.raises(WireError):
        latest.take(value)
    assert list(latest.cases()) == [cases[-1]]


def test_a_record_that_turns_out_to_be_no_case_leaves_the_one_before_it() -> None:
    """Its id and revision can be read, the rest cannot."""
    cases, latest = written(), Latest()
    latest.take(wire.encode(cases[-1]))
    latest.take(b'{"v":1,"id":"LT:APMBC","revision":99,"stage":"gone"}')

    assert list(latest.cases()) == [cases[-1]]
