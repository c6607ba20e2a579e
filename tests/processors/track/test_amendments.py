"""An edited or withdrawn article amends the case and says so."""

from __future__ import annotations

import itertools

import msgspec

from tests.processors.track.made import Story, at, say
from treatywatch.model import ChangeKind, Flag, Institution, Severity, Stage

NOTICE = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")


def test_an_edited_article_takes_its_step_back_and_says_so() -> None:
    """The only report of the vote is withdrawn: what stood before stands again, and the alert is amended."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC"))
    vote = say("2025-04-03", Stage.APPROVED, case="FI:APMBC")
    story.hear(vote)

    step = story.hear(msgspec.structs.replace(vote, withdrawn=True, revision=2))

    assert story.case.stage is Stage.ANNOUNCED
    assert [(t.kind, t.stage, t.from_stage, t.to) for t in step.transitions] == [
        (ChangeKind.WITHDRAWN, Stage.APPROVED, Stage.APPROVED, Stage.ANNOUNCED)
    ]
    assert step.transitions[0].severity is Severity.NOTICE
    assert step.transitions[0].alertable_at is not None


def test_one_of_two_reports_withdrawn_is_no_withdrawal() -> None:
    """The near miss: another owner still has it."""
    story = Story()
    vote = say("2025-04-03", Stage.APPROVED, case="FI:APMBC")
    story.hear(vote, say("2025-04-03", Stage.APPROVED, case="FI:APMBC", owner="b"))

    step = story.hear(msgspec.structs.replace(vote, withdrawn=True, revision=2))

    assert step.changed
    assert step.transitions == ()
    assert story.case.history[0].owners == ("b",)


def test_a_correction_that_changes_the_step_tells_the_new_one_and_takes_the_old_one_back() -> None:
    """ "Approved" becomes "considered": detect withdraws the one signal and sends the other."""
    story = Story()
    wrong = say("2025-04-03", Stage.APPROVED, case="FI:APMBC", item="a")
    story.hear(wrong)
    right = msgspec.structs.replace(say("2025-04-03", Stage.CONSIDERED, case="FI:APMBC", item="a"), revision=2)

    step = story.hear(msgspec.structs.replace(wrong, withdrawn=True, revision=2), right)

    assert story.case.stage is Stage.CONSIDERED
    assert {(t.kind, t.stage) for t in step.transitions} == {
        (ChangeKind.WITHDRAWN, Stage.APPROVED),
        (ChangeKind.ENTRY, Stage.CONSIDERED),
    }


def test_late_and_out_of_order_revisions_change_nothing_in_the_result() -> None:
    """Three revisions of one article, and a repeat of the first, in every order: the last one counts."""
    first = say("2025-04-03", Stage.APPROVED, case="FI:APMBC", item="a")
    gone = msgspec.structs.replace(first, withdrawn=True, revision=2)
    back = msgspec.structs.replace(first, revision=3, confidence=0.9)
    ends = set()
    for order in itertools.permutations([first, gone, back, first]):
        story = Story()
        for signal in order:
            story.hear(signal, now=at("2025-04-10"))
        ends.add((story.case.stage, story.case.flags, story.case.history[0].evidence))

    assert ends == {(Stage.APPROVED, (), (back,))}


def test_a_denial_amends_the_case_and_is_told_once_an_exit_was_announced() -> None:
    """The announced exit is off, says the government: contested, and a notice; with nothing announced nobody hears."""
    story, quiet = Story(), Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC"))
    denial = say("2025-04-02", Stage.REJECTED, case="FI:APMBC", by=Institution.GOVERNMENT, owner="b")

    told, untold = story.hear(denial), quiet.hear(denial)

    assert Flag.CONTESTED in story.case.flags
    assert [(t.stage, t.severity) for t in told.transitions] == [(Stage.REJECTED, Severity.NOTICE)]
    assert [t.severity for t in untold.transitions] == [Severity.NONE]


def test_a_withdrawn_report_that_was_never_the_only_one_of_a_chapter_leaves_its_dates() -> None:
    """The article with the notice's day is withdrawn: the date is counted from the report that is left, and says so."""
    story = Story()
    dated = say("2025-06-30", Stage.NOTIFIED, on="2025-06-27")
    story.hear(dated, say("2025-06-28", Stage.NOTIFIED, owner="b"))

    story.hear(msgspec.structs.replace(dated, withdrawn=True, revision=2))

    effective = story.case.effective_date
    assert effective is not None
    assert "day of the report" in (effective.note or "")
