"""Transitions: what is told, once, and under which name."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from processors.track.advance import advance, bare, records
from processors.track.keep import of_record
from processors.track.lines import case_line, transition_line
from processors.track.policy import Rules
from processors.track.supersede import destination, moved, redirect
from tests.processors.track.made import LATE, RULES, Story, at, say
from treatywatch import wire
from treatywatch.model import Case, ChangeKind, Flag, Institution, Severity, Stage
from treatywatch.register import Register


def test_a_transition_carries_the_wall_clock_of_its_first_writing() -> None:
    """Alertable at the wall's time, dated by the story's."""
    step = advance(None, [say("2025-04-01", Stage.ANNOUNCED)], at("2025-04-01"), at("2026-08-08"), RULES)

    assert step.transitions[0].at == at("2025-04-01")
    assert step.transitions[0].alertable_at == at("2026-08-08")
    assert step.transitions[0].from_stage is None
    assert step.transitions[0].to is Stage.ANNOUNCED


def test_back_filled_news_moves_the_case_and_alerts_nobody() -> None:
    """Severity is computed all the same; live news of the next step does alert."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, backfill=True))
    story.hear(say("2025-05-08", Stage.APPROVED, owner="east"))

    assert [(t.severity, t.alertable_at is None) for t in story.told] == [
        (Severity.URGENT, True),
        (Severity.URGENT, False),
    ]


def test_the_same_transition_found_twice_has_the_same_id() -> None:
    """From nothing, on another day, with another wall clock: one idempotency key."""
    signal = say("2025-04-01", Stage.ANNOUNCED)

    one = advance(None, [signal], at("2025-04-01"), at("2025-04-01"), RULES)
    other = advance(None, [signal], at("2025-09-01"), at("2026-01-01"), RULES)

    assert [t.id for t in one.transitions] == [t.id for t in other.transitions]


def test_several_transitions_of_one_step_are_one_record_each() -> None:
    """Revisions count up, and every record carries all of them: a crash in between loses none."""
    step = advance(
        None, [say("2025-04-01", Stage.ANNOUNCED), say("2025-04-20", Stage.APPROVED)], at("2025-04-20"), LATE, RULES
    )

    written = records(step)

    assert [r.revision for r in written] == [1, 2]
    assert [r.changed.stage if r.changed else None for r in written] == [Stage.ANNOUNCED, Stage.APPROVED]
    assert all(r.transitions == step.transitions for r in written)
    assert written[-1] == step.record


def test_new_evidence_alone_is_written_without_a_transition() -> None:
    """A third owner for a step that is known."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED))

    step = story.hear(say("2025-04-02", Stage.ANNOUNCED, owner="east"))

    assert step.changed
    assert [r.changed for r in records(step)] == [None]
    assert story.case.revision == 2


def test_an_episode_whose_first_event_moves_keeps_its_first_name() -> None:
    """A late report of an earlier step moves the month; the transitions go on under the old name."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED))
    story.hear(say("2025-03-18", Stage.ADVOCATED, by=Institution.GOVERNMENT), now=at("2025-04-02"))
    story.hear(say("2025-05-08", Stage.APPROVED))
    story.hear(say("2025-07-08", Stage.APPROVED, by=Institution.UPPER_HOUSE))

    assert [t.episode for t in story.told] == ["2025-04"] * 4
    assert {entry.episode for entry in story.case.history} == {"2025-03"}
    assert [t.kind for t in story.told] == [ChangeKind.ENTRY] * 4


def test_the_name_survives_a_restart_from_the_record() -> None:
    """The record alone carries it."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED))
    story.hear(say("2025-03-18", Stage.ADVOCATED), now=at("2025-04-02"))
    story.record = wire.decode(wire.encode(story.case), Case)

    story.hear(say("2025-05-08", Stage.APPROVED))

    assert story.told[-1].episode == "2025-04"


def test_a_second_chapter_gets_a_name_of_its_own() -> None:
    """Out, in, out: the ids of the two announcements differ."""
    story = Story()
    for day, stage in (
        ("2017-06-01", Stage.ANNOUNCED),
        ("2020-11-04", Stage.EFFECTIVE),
        ("2021-02-19", Stage.REVERSED),
        ("2025-01-20", Stage.ANNOUNCED),
    ):
        story.hear(say(day, stage, case="US:PARIS", on=day))

    assert [t.episode for t in story.told] == ["2017-06", "2017-06", "2017-06", "2025-01"]
    assert len({t.id for t in story.told}) == 4


def test_an_earlier_step_that_stands_again_is_told_as_such() -> None:
    """A correction dates the refusal before the vote: nothing new happened, but the vote stands."""
    story = Story()
    story.hear(say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08"))
    refusal = say("2025-05-10", Stage.REJECTED, owner="east", on="2025-05-10")
    story.hear(refusal)
    redated = msgspec.structs.replace(refusal, revision=2, event_date=date(2025, 5, 1))

    step = story.hear(redated, now=at("2025-05-11"))

    assert story.case.stage is Stage.APPROVED
    assert [(t.kind, t.stage, t.from_stage, t.severity) for t in step.transitions] == [
        (ChangeKind.STANDS, Stage.APPROVED, Stage.REJECTED, Severity.NOTICE)
    ]


def test_a_withdrawn_step_and_what_stands_instead_is_one_transition() -> None:
    """The near miss: the withdrawal says from and to, nothing is told beside it."""
    story = Story()
    story.hear(say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, case="LT:JCPOA"))
    left = say("2025-06-08", Stage.EFFECTIVE, owner="east", case="LT:JCPOA")
    story.hear(left)

    step = story.hear(msgspec.structs.replace(left, revision=2, withdrawn=True), now=at("2025-06-21"))

    assert [(t.kind, t.from_stage, t.to) for t in step.transitions] == [
        (ChangeKind.WITHDRAWN, Stage.EFFECTIVE, Stage.APPROVED)
    ]


def test_a_case_with_nothing_left_is_written_with_its_flag_and_told_if_it_had_been() -> None:
    """Cases are never deleted."""
    story = Story()
    signal = say("2025-04-01", Stage.ANNOUNCED)
    story.hear(signal)

    step = story.hear(msgspec.structs.replace(signal, revision=2, withdrawn=True), now=at("2025-04-02"))

    assert story.case.flags == (Flag.WITHDRAWN,)
    assert story.case.severity is Severity.NONE
    assert [(t.kind, t.severity) for t in step.transitions] == [(ChangeKind.WITHDRAWN, Severity.NOTICE)]


def test_what_was_never_told_is_withdrawn_in_silence() -> None:
    """The near miss: a back-filled report that is withdrawn."""
    story = Story()
    signal = say("2025-04-01", Stage.ANNOUNCED, backfill=True)
    story.hear(signal)

    step = story.hear(msgspec.structs.replace(signal, revision=2, withdrawn=True), now=at("2025-04-02"))

    assert [(t.kind, t.severity, t.alertable_at) for t in step.transitions] == [
        (ChangeKind.WITHDRAWN, Severity.NONE, None)
    ]


def test_a_record_remembers_its_last_forty_transitions() -> None:
    """Bounded; the newest stay."""
    story = Story()
    for year in range(1950, 2010):
        story.hear(say(f"{year}-01-10", Stage.ANNOUNCED, case="US:~x", on=f"{year}-01-10"))
        story.hear(say(f"{year}-06-10", Stage.REVERSED, case="US:~x", on=f"{year}-06-10"))

    assert len(story.case.transitions) == 40
    assert story.case.transitions[-1] == story.told[-1]


def replaced_register() -> Rules:
    """The register after a row has taken over a slug."""
    rows = [
        row.model_copy(update={"replaces": ("~open-sky-deal",)}) if row.id == "OST" else row for row in RULES.register
    ]
    return Rules(Register(tuple(rows)), RULES.policy)


def test_a_case_whose_slug_the_register_replaces_is_written_once_more_and_alerts_nothing() -> None:
    """`superseded_by` names the new case."""
    story = Story()
    story.hear(say("2020-05-21", Stage.ANNOUNCED, case="US:~open-sky-deal"))
    story.rules = replaced_register()

    first, second = story.hear(now=LATE), story.hear(now=LATE)

    assert story.case.superseded_by == "US:OST"
    assert (first.changed, first.transitions) == (True, ())
    assert not second.changed


def test_the_signals_of_a_superseded_case_move_as_back_filled() -> None:
    """The new case knows the story and alerts nobody about it."""
    story = Story()
    story.hear(say("2020-05-21", Stage.ANNOUNCED, case="US:~open-sky-deal"))
    rules = replaced_register()

    step = advance(None, moved(story.case, rules.register), LATE, LATE, rules)

    assert step.record is not None
    assert (step.record.id, step.record.treaty, step.record.stage) == ("US:OST", "OST", Stage.ANNOUNCED)
    assert [t.alertable_at for t in step.transitions] == [None]
    assert moved(story.case, RULES.register) == ()


def test_only_replaced_slugs_are_redirected() -> None:
    """Another state's case of the same slug moves too; another slug stays."""
    register = replaced_register().register

    assert destination("RU:~open-sky-deal", register) == "RU:OST"
    assert destination("RU:~fishing-gb", register) == "RU:~fishing-gb"
    assert destination("RU:OST", register) == "RU:OST"
    assert redirect(say("2020-05-21", Stage.ANNOUNCED, case="RU:~fishing-gb"), register).case_id == "RU:~fishing-gb"


def test_the_record_holds_whole_signals_as_evidence() -> None:
    """`track` recovers from the record alone."""
    signal = say("2025-04-01", Stage.ANNOUNCED, effective="2025-10-01")
    record = advance(None, [signal], LATE, LATE, RULES).record

    assert record is not None
    assert of_record(wire.decode(wire.encode(record), Case)) == (signal,)


def test_the_case_line_has_the_fixed_keys_and_nothing_of_the_order_of_arrival() -> None:
    """The contract of `replay --json`."""
    story = Story()
    story.hear(say("2025-06-28", Stage.NOTIFIED, on="2025-06-27", by=Institution.DEPOSITARY))

    line = case_line(story.case)

    assert {"id", "actor", "treaty", "stage", "history", "effective_date", "flags", "severity"} <= line.keys()
    assert line == case_line(bare(story.case))
    assert line["history"][0] | {"evidence": []} == {
        "stage": "notified",
        "action": "withdraw",
        "institution": "depositary",
        "event_date": "2025-06-27",
        "first_seen": "2025-06-28T09:05:00Z",
        "episode": "2025-06",
        "owners": ["north"],
        "voices": 1,
        "outlets": ["The north Illustrated"],
        "confidence": 0.995,
        "severity": "urgent",
        "evidence": [],
    }
    assert line["effective_date"]["value"] == "2025-12-27"
    assert line["effective_date"]["basis"] == "computed"


def test_the_transition_line_says_what_changed() -> None:
    """From, to, when, and the signal that caused it."""
    story = Story()
    signal = say("2025-04-01", Stage.ANNOUNCED)
    (written,) = records(story.hear(signal))

    changed = transition_line(written)["changed"]

    assert {key: changed[key] for key in ("from", "to", "at", "because")} == {
        "from": None,
        "to": "announced",
        "at": "2025-04-01T09:00:00Z",
        "because": signal.id,
    }
    with pytest.raises(ValueError, match="without a transition"):
        transition_line(bare(written))
