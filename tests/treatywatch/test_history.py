"""Where an exit stands among those that are known: whom to count, and whom not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.track.fold import fold
from tests.processors.track.made import LATE, RULES, say
from treatywatch.errors import ConfigError
from treatywatch.history import Background, Exit, Known, background, case_exits, known_exits, load_history
from treatywatch.locate import config_dir
from treatywatch.model import Action, Case, Institution, Signal, Stage

HISTORY = load_history(config_dir(), RULES.register)


def known(states: list[str], *steps: str, actions: tuple[Action, ...] = (Action.WITHDRAW,), **more: str) -> Known:
    """One known case of a treaty."""
    row = {"treaty": "APMBC", "outcome": "left", "confidence": "sourced"} | more
    return Known.model_validate({"states": states, "actions": actions, "steps": steps} | row)


def exits(*rows: Known) -> list[tuple[str, str]]:
    """The exits of these rows."""
    return [(exit.state, exit.on.isoformat()) for exit in known_exits(rows, "APMBC")]


def case(*signals: Signal) -> Case:
    """The case of signals."""
    found = fold(signals, LATE, RULES)
    assert found is not None
    return found


def test_the_file_holds_the_known_cases_and_each_can_be_read() -> None:
    """With a treaty of the register, or the name of an instrument outside it."""
    assert len(HISTORY) == 208
    assert {row.treaty for row in HISTORY if row.treaty} <= {row.id for row in RULES.register}


def test_an_exit_counts_from_its_notice_else_from_its_effect() -> None:
    """A decision alone is none yet, unless the case is known to have ended in an exit."""
    assert exits(known(["EE"], "approved 2025-06-04", "notified 2025-06-27", "effective 2025-12-27")) == [
        ("EE", "2025-06-27")
    ]
    assert exits(known(["EE", "LV"], "effective 2025-12")) == [("EE", "2025-12-01"), ("LV", "2025-12-01")]
    assert exits(known(["EE"], "approved 2025-06-04", outcome="leaving")) == []
    assert exits(known(["EE"], "announced 2018-08-23")) == [("EE", "2018-08-23")]


def test_what_was_undone_before_it_took_effect_is_no_exit() -> None:
    """The near miss: undone afterwards, it was one."""
    assert exits(known(["ZA"], "notified 2016-10-19", "reversed 2017-03-07", outcome="reversed")) == []
    assert exits(known(["US"], "effective 2020-11-04", "reversed 2021-02-19", outcome="reversed")) == [
        ("US", "2020-11-04")
    ]


def test_a_suspension_is_no_exit() -> None:
    """Nor an unsigning, a date that was only planned, or what nobody is sure of."""
    assert exits(known(["UA"], "notified 2025-07", "effective 2026-01", actions=(Action.SUSPEND,))) == []
    assert exits(known(["RU"], "announced 2005-06-27", actions=(Action.UNSIGN,))) == []
    assert exits(known(["NI"], "announced 2025-05-04", "effective 2026-12-31 scheduled", outcome="leaving")) == []
    assert exits(known(["TN"], "notified 2025-03", confidence="unsure")) == []


def test_out_in_out_is_two_exits() -> None:
    """As in the case of the United States and UNESCO."""
    found = [(exit.state, exit.on.year) for exit in known_exits(HISTORY, "UNESCO") if exit.state == "US"]

    assert found == [("US", 1984), ("US", 2018)]


EE, LV, LT = (Exit(state, date(2025, 6, 27)) for state in ("EE", "LV", "LT"))
FI = Exit("FI", date(2025, 7, 10))


def test_the_third_state_since_a_year_is_counted_by_states() -> None:
    """One that left twice counts once; a repeat of what is known changes nothing."""
    again = Exit("EE", date(2024, 1, 1))

    assert background("PL", date(2025, 8, 20), [EE, EE, FI]) == Background(3, 2025, (EE, FI))
    assert background("PL", date(2025, 8, 20), [EE, again, FI]).place == 3


def test_the_same_state_is_not_counted_before_itself() -> None:
    """Its own notice is this exit; an exit of years ago is told as that."""
    assert background("EE", date(2025, 12, 27), [EE]) == Background(1, None, ())
    before = Exit("EE", date(2003, 1, 1))
    assert background("EE", date(2025, 6, 27), [EE, before]).own == (before,)


def test_exits_of_the_same_day_stand_beside_each_other() -> None:
    """None of the three is the third; the next day it would be the fourth."""
    assert background("EE", date(2025, 6, 27), [EE, LV, LT]) == Background(1, None, (), beside=("LT", "LV"))
    assert background("FI", date(2025, 7, 10), [EE, LV, LT]).place == 4


def test_an_exit_long_ago_is_another_wave() -> None:
    """What came later than this exit is not counted at all."""
    old = Exit("KP", date(2003, 1, 10))

    found = background("FI", date(2025, 7, 10), [old, EE, Exit("PL", date(2025, 8, 20))])

    assert (found.place, found.since, found.last) == (2, 2025, old)


@given(st.permutations([EE, LV, LT, FI, Exit("KP", date(2003, 1, 10))]))
def test_the_order_of_what_is_known_does_not_matter(order: list[Exit]) -> None:
    """A set of facts."""
    assert background("PL", date(2025, 8, 20), order).place == 5


def test_cases_count_like_what_was_known_before() -> None:
    """A notice does; a suspension, a vote and a re-entry do not."""
    notice = case(say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27", case="EE:APMBC"))
    vote = case(say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08"))
    suspended = case(say("2025-07-17", Stage.SUSPENDED, action=Action.SUSPEND, on="2025-07-17", case="UA:APMBC"))
    back = case(
        say("2016-10-19", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2016-10-19", case="ZA:APMBC"),
        say("2017-03-07", Stage.REVERSED, by=Institution.GOVERNMENT, on="2017-03-07", case="ZA:APMBC"),
    )

    assert list(case_exits([notice, vote, suspended, back], "APMBC")) == [EE]
    assert list(case_exits([notice], "CCM")) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("{states: [EE], treaty: APMBX, actions: [withdraw], outcome: left, confidence: sourced, steps: []}", "APMBX"),
        ("{states: [EE], actions: [withdraw], outcome: left, confidence: sourced, steps: []}", "name a treaty"),
        ("{states: [EE], treaty: APMBC, actions: [], outcome: left, confidence: sourced, steps: [left 2025]}", "left"),
        ("{states: [EE], treaty: APMBC, actions: [], outcome: gone, confidence: sourced, steps: []}", "outcome"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    """As in every file of the configuration."""
    (tmp_path / "history.yml").write_text(f"history:\n  - {row}\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"history\.yml:2: .*{fault}"):
        load_history(tmp_path, RULES.register)
