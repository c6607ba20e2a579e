"""Out, in, out: chapters of one case, and what opens none: patterns 6, 7 and 8."""

from __future__ import annotations

from datetime import date

from processors.track.advance import tick
from tests.processors.track.made import RULES, Story, at, case_of, say
from treatywatch.model import Action, Flag, Institution, Severity, Stage


def test_out_in_out_is_three_chapters_of_one_case() -> None:
    """The United States and Paris in four acts."""
    case = case_of(
        say("2017-06-01", Stage.ANNOUNCED, case="US:PARIS", on="2017-06-01"),
        say("2019-11-04", Stage.NOTIFIED, case="US:PARIS", on="2019-11-04"),
        say("2020-11-04", Stage.EFFECTIVE, case="US:PARIS", on="2020-11-04"),
        say("2021-02-19", Stage.REVERSED, case="US:PARIS", on="2021-02-19"),
        say("2025-01-20", Stage.ANNOUNCED, case="US:PARIS", on="2025-01-20"),
        say("2025-01-27", Stage.NOTIFIED, case="US:PARIS", on="2025-01-27", by=Institution.DEPOSITARY),
        now="2025-02-01",
    )

    assert case.stage is Stage.NOTIFIED
    assert Flag.RE_ENTRY in case.flags
    assert [(e.episode, e.stage) for e in case.history] == [
        ("2017-06", Stage.ANNOUNCED),
        ("2017-06", Stage.NOTIFIED),
        ("2017-06", Stage.EFFECTIVE),
        ("2017-06", Stage.REVERSED),
        ("2025-01", Stage.ANNOUNCED),
        ("2025-01", Stage.NOTIFIED),
    ]
    assert case.effective_date is not None
    assert case.effective_date.value == date(2026, 1, 27)


def test_a_termination_suspended_three_times_and_recalled_is_reversed() -> None:
    """The Philippines and the visiting forces: each reversal retells the first."""
    vfa = "PH:SOFA~vfa"
    case = case_of(
        say("2020-02-11", Stage.NOTIFIED, case=vfa, on="2020-02-11", action=Action.TERMINATE),
        *(
            say(day, Stage.REVERSED, case=vfa, on=day, by=Institution.GOVERNMENT, action=Action.TERMINATE)
            for day in ("2020-06-02", "2020-11-11", "2021-06-14", "2021-07-30")
        ),
    )

    assert case.stage is Stage.REVERSED
    assert case.since == date(2020, 6, 2)
    assert {e.episode for e in case.history} == {"2020-02"}
    assert case.effective_date is None


def test_suspended_rejoined_terminated_ends_terminated() -> None:
    """Russia and the grain deal."""
    case = case_of(
        say("2022-10-29", Stage.SUSPENDED, case="RU:BSGI", action=Action.SUSPEND, on="2022-10-29"),
        say("2022-11-02", Stage.REVERSED, case="RU:BSGI", action=Action.SUSPEND, on="2022-11-02"),
        say("2023-07-17", Stage.EFFECTIVE, case="RU:BSGI", action=Action.TERMINATE, on="2023-07-17"),
    )

    assert case.stage is Stage.EFFECTIVE
    assert [e.episode for e in case.history] == ["2022-10", "2022-10", "2023-07"]


def test_the_exit_retold_after_its_reversal_opens_no_new_chapter() -> None:
    """An article on the reversal that repeats the notice is background."""
    notice = say("2018-10-17", Stage.NOTIFIED, case="US:~upu", on="2018-10-17")
    back = say("2019-09-25", Stage.REVERSED, case="US:~upu", on="2019-09-25")
    retold = say("2019-09-27", Stage.NOTIFIED, case="US:~upu", owner="b")

    case = case_of(notice, back, retold)

    assert case.stage is Stage.REVERSED
    assert {e.episode for e in case.history} == {"2018-10"}


def test_talk_of_leaving_again_after_a_return_opens_the_next_chapter() -> None:
    """The near miss: years later it is considered anew."""
    case = case_of(
        say("2018-10-17", Stage.NOTIFIED, case="US:~upu", on="2018-10-17"),
        say("2019-09-25", Stage.REVERSED, case="US:~upu", on="2019-09-25"),
        say("2024-11-10", Stage.CONSIDERED, case="US:~upu"),
    )

    assert case.stage is Stage.CONSIDERED
    assert case.history[-1].episode == "2024-11"


def test_an_exit_known_as_left_and_announced_again_years_later_is_a_new_chapter() -> None:
    """UNESCO: the return of 2023 was missed, the announcement of 2025 is not swallowed by the exit of 2018."""
    case = case_of(
        say("2018-12-31", Stage.EFFECTIVE, case="US:UNESCO", on="2018-12-31"),
        say("2025-07-22", Stage.ANNOUNCED, case="US:UNESCO"),
    )

    assert case.stage is Stage.ANNOUNCED


def test_a_suspended_treaty_that_expires_stays_suspended() -> None:
    """New START ran out; no report of an exit, no date of effect, nothing is due."""
    story = Story()
    story.hear(say("2023-02-21", Stage.SUSPENDED, case="RU:NEWSTART", action=Action.SUSPEND, on="2023-02-21"))

    step = tick(story.case, at("2026-02-06"), at("2026-02-06"), RULES)

    assert not step.changed
    assert story.case.effective_date is None


def test_a_state_that_quits_in_the_week_of_its_expulsion_is_one_case() -> None:
    """Russia and the Council of Europe: notice on the 15th, out on the 16th; no period is known, so it is believed."""
    case = case_of(
        say("2022-03-10", Stage.ANNOUNCED, case="RU:COE", on="2022-03-10"),
        say("2022-03-15", Stage.NOTIFIED, case="RU:COE", on="2022-03-15"),
        say("2022-03-16", Stage.EFFECTIVE, case="RU:COE", on="2022-03-16"),
    )

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags


def test_a_reversal_renewed_after_months_is_told_again() -> None:
    """Manila put its notice off by half a year, and again: the renewal without a named organ is news."""
    story = Story()
    vfa = "PH:SOFA~vfa"
    story.hear(say("2020-02-11", Stage.NOTIFIED, case=vfa, action=Action.TERMINATE))
    story.hear(say("2020-06-02", Stage.REVERSED, case=vfa, action=Action.TERMINATE, by=Institution.HEAD_OF_STATE))
    retold = story.hear(say("2020-06-03", Stage.REVERSED, case=vfa, action=Action.TERMINATE, owner="b"))

    again = story.hear(say("2021-06-14", Stage.REVERSED, case=vfa, action=Action.TERMINATE))

    assert retold.transitions == ()
    assert [(t.stage, t.severity) for t in again.transitions] == [(Stage.REVERSED, Severity.URGENT)]
    assert {e.episode for e in story.case.history} == {"2020-02"}
    recalled = story.hear(
        say("2021-07-30", Stage.REVERSED, case=vfa, action=Action.TERMINATE, by=Institution.HEAD_OF_STATE)
    )
    assert recalled.transitions == ()  # the president's own word, again: evidence of what he said a year before
