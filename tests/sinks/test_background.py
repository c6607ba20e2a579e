"""The sentence that says where an exit stands among those known of its treaty."""

from __future__ import annotations

from datetime import date

import msgspec

from processors.track.fold import fold
from sinks.background import of_step, of_transition
from sinks.names import Names
from tests.processors.track.made import LATE, RULES, Story, say
from treatywatch.actors import load_actors
from treatywatch.history import Known
from treatywatch.locate import config_dir
from treatywatch.model import Action, Case, ChangeKind, Institution, Stage

ROW = {"treaty": "APMBC", "actions": ["withdraw"], "outcome": "left", "confidence": "sourced"}
LEFT = tuple(
    Known.model_validate(ROW | {"states": [state], "steps": [f"notified {day}"]})
    for state, day in (("EE", "2025-06-27"), ("FI", "2025-07-10"))
)
NAMES = Names(RULES.register, load_actors(config_dir()), LEFT)


def made(stage: Stage, id: str = "PL:APMBC", action: Action = Action.WITHDRAW) -> Case:
    """A case that stands at a step."""
    found = fold([say("2025-08-20", stage, case=id, action=action, on="2025-08-20")], LATE, RULES)
    assert found is not None
    return found


def told(stage: Stage, id: str = "PL:APMBC", action: Action = Action.WITHDRAW) -> str:
    """What is said of it."""
    return of_step(made(stage, id, action), stage, date(2025, 8, 20), NAMES)


def test_a_notice_is_counted_and_a_plan_would_be() -> None:
    """With the states before it."""
    assert told(Stage.NOTIFIED) == "Third state to leave since 2025, after Estonia and Finland"
    assert told(Stage.ANNOUNCED) == "Would be the third state to leave since 2025, after Estonia and Finland"


def test_no_place_is_given_where_nobody_leaves() -> None:
    """A suspension, a refusal, an instrument that nobody has registered, a row that stands for many."""
    assert told(Stage.SUSPENDED, action=Action.SUSPEND) == ""
    assert told(Stage.REJECTED) == ""
    assert told(Stage.NOTIFIED, "PL:~illustrative-pact") == ""
    assert told(Stage.NOTIFIED, "PL:TRADE~nafta") == ""


def test_the_first_is_told_as_known() -> None:
    """Nobody claims to know them all."""
    assert told(Stage.NOTIFIED, "PL:CCM") == "First state known to leave"


def test_cases_of_today_count_beside_the_history() -> None:
    """Each state once."""
    notice = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27", case="LT:APMBC")
    other = fold([notice], LATE, RULES)
    assert other is not None

    sentence = of_step(made(Stage.NOTIFIED), Stage.NOTIFIED, date(2025, 8, 20), NAMES, [other])

    assert sentence == "Fourth state to leave since 2025, after Estonia, Lithuania and Finland"


def test_only_news_of_a_step_is_given_a_background() -> None:
    """Not the passing of a date, nor a report that was withdrawn."""
    story = Story()
    story.hear(say("2025-08-20", Stage.NOTIFIED, case="PL:APMBC", by=Institution.DEPOSITARY, on="2025-08-20"))
    record = story.record
    assert record is not None
    (entry, *_) = record.transitions

    assert entry.kind is ChangeKind.ENTRY
    assert of_transition(record, entry, NAMES).startswith("Third")
    for kind in (ChangeKind.DUE, ChangeKind.WITHDRAWN, ChangeKind.STANDS):
        assert of_transition(record, msgspec.structs.replace(entry, kind=kind), NAMES) == ""
