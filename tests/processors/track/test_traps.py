"""The traps that real exits set: one test for each pattern of the domain notes and each trap of the design.

Where a pattern is mostly the detector's (troops, expiry, organisations that suspend members), the test here holds what
tracking must do with what comes through.
"""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from processors.track.advance import tick
from processors.track.fold import fold
from tests.processors.track.made import RULES, Story, at, say
from treatywatch.model import (
    Action,
    Basis,
    Case,
    ChangeKind,
    Flag,
    Institution,
    Position,
    Severity,
    Signal,
    SpeakerKind,
    Stage,
    Stance,
)

VOTE = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08")
NOTICE = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")
EFFECT = say("2025-12-27", Stage.EFFECTIVE, on="2025-12-27")


def case_of(*signals: Signal, now: str = "2030-01-01") -> Case:
    """Fold some signals."""
    case = fold(signals, at(now), RULES)
    assert case is not None
    return case


# 1. Premature past tense


def test_press_that_says_left_at_the_vote_does_not_make_it_effective() -> None:
    """ "Left", printed on the day of the vote, is a report of the vote."""
    case = case_of(VOTE, say("2025-05-08", Stage.EFFECTIVE, owner="east"), now="2025-05-09")

    assert case.stage is Stage.APPROVED
    assert Flag.PREMATURE in case.flags
    assert [entry.stage for entry in case.history] == [Stage.APPROVED]
    assert case.history[0].owners == ("east", "north")


def test_a_lone_left_is_corrected_when_the_notice_comes_later() -> None:
    """A claim of effect that stands alone falls back when the notice comes after it; no second alert for it."""
    story = Story()
    story.hear(say("2025-05-08", Stage.EFFECTIVE, owner="east"))
    believed = story.case.stage

    step = story.hear(NOTICE)

    assert (believed, story.case.stage) == (Stage.EFFECTIVE, Stage.NOTIFIED)
    assert Flag.PREMATURE in story.case.flags
    assert [(t.kind, t.stage) for t in step.transitions] == [(ChangeKind.ENTRY, Stage.NOTIFIED)]


def test_the_true_effect_after_the_notice_period_is_effective() -> None:
    """The near miss: the same word on the right day."""
    case = case_of(VOTE, say("2025-05-08", Stage.EFFECTIVE, owner="east"), NOTICE, EFFECT)

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags
    assert case.since == date(2025, 12, 27)


def test_an_effect_that_is_printed_ahead_of_its_day_is_a_date_not_a_step() -> None:
    """ "Leaves on 27 December", printed on the 1st, claims a date of effect."""
    case = case_of(VOTE, say("2025-12-01", Stage.EFFECTIVE, on="2025-12-27"), now="2025-12-02")

    assert case.stage is Stage.APPROVED
    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2025, 12, 27), Basis.CLAIMED)


# 2. "With immediate effect"


def test_with_immediate_effect_and_nothing_deposited_stays_announced() -> None:
    """The claim is stored, refuted by the notice period; the case stays where it is."""
    announced = say(
        "2025-09-22",
        Stage.ANNOUNCED,
        case="ML:ROME",
        by=Institution.GOVERNMENT,
        on="2025-09-22",
        effective="2025-09-22",
    )
    left = say("2025-09-23", Stage.EFFECTIVE, case="ML:ROME", owner="east")

    case = case_of(announced, left, now="2025-12-31")

    assert case.stage is Stage.ANNOUNCED
    assert Flag.PREMATURE in case.flags
    assert Flag.DUE not in case.flags
    assert case.effective_date is not None
    assert case.effective_date.value == date(2025, 9, 22)
    assert "1 year" in (case.effective_date.note or "")


def test_immediate_effect_is_believed_where_no_notice_is_due() -> None:
    """The near miss: a political deal can be left from one hour to the next."""
    case = case_of(
        say("2018-05-08", Stage.ANNOUNCED, case="US:JCPOA", on="2018-05-08"),
        say("2018-05-08", Stage.EFFECTIVE, case="US:JCPOA", on="2018-05-08", owner="east"),
    )

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags


# 3. Two dates for one act


@pytest.mark.parametrize(
    ("case", "one", "other", "effect"),
    [
        ("VE:ACHR", "2012-09-06", "2012-09-10", date(2013, 9, 10)),  # the note is dated, then received
        ("US:OST", "2020-05-21", "2020-05-22", date(2020, 11, 22)),  # local midnight
    ],
)
def test_one_notice_with_two_dates_is_one_entry_and_counts_from_the_receipt(
    case: str, one: str, other: str, effect: date
) -> None:
    """Two dates of one act make one step; the notice period runs from the later, the receipt."""
    found = case_of(
        say(one, Stage.NOTIFIED, case=case, on=one), say(other, Stage.NOTIFIED, case=case, on=other, owner="b")
    )

    assert len(found.history) == 1
    assert found.history[0].event_date == date.fromisoformat(other)
    assert found.effective_date is not None
    assert found.effective_date.value == effect


def test_a_vote_dated_a_day_apart_is_told_once() -> None:
    """The Sejm's vote of 25 June is the same on the 26th."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, on="2025-06-25"))

    step = story.hear(
        say("2025-06-26", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, on="2025-06-26", owner="b")
    )

    assert step.changed
    assert step.transitions == ()


def test_a_vote_of_parliament_is_told_once_when_the_house_gets_its_name() -> None:
    """ "Parliament" on the day, "the lower house" the next morning: one vote."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC"))

    step = story.hear(say("2025-06-26", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, owner="b"))

    assert step.transitions == ()
    assert [entry.institution for entry in story.case.history] == [Institution.LOWER_HOUSE]


def test_the_second_house_is_another_step() -> None:
    """The near miss: the Senate's vote is news of its own."""
    story = Story()
    story.hear(say("2025-06-25", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE))

    step = story.hear(say("2025-07-10", Stage.APPROVED, case="PL:APMBC", by=Institution.UPPER_HOUSE))

    assert [t.institution for t in step.transitions] == [Institution.UPPER_HOUSE]


# 4. Vote counts conflict


def test_reports_with_different_vote_counts_are_one_vote() -> None:
    """157 to 18 or 155 to 18: nothing is keyed on counts."""
    case = case_of(
        say(
            "2025-06-19", Stage.APPROVED, case="FI:APMBC", by=Institution.LOWER_HOUSE, text="Parliament votes 157 to 18"
        ),
        say(
            "2025-06-19",
            Stage.APPROVED,
            case="FI:APMBC",
            by=Institution.LOWER_HOUSE,
            owner="b",
            text="Parliament votes 155 to 18",
        ),
    )

    assert len(case.history) == 1
    assert case.history[0].owners == ("b", "north")


# 5. Same state, opposite voices


def test_parliament_drafts_while_the_government_rules_it_out() -> None:
    """Both are kept side by side, with their organ, and the case is contested."""
    case = case_of(
        say("2025-06-16", Stage.CONSIDERED, case="IR:NPT", by=Institution.LOWER_HOUSE),
        say("2025-06-17", Stage.REJECTED, case="IR:NPT", by=Institution.GOVERNMENT),
        now="2025-06-18",
    )

    assert Flag.CONTESTED in case.flags
    assert [(e.stage, e.institution) for e in case.history] == [
        (Stage.CONSIDERED, Institution.LOWER_HOUSE),
        (Stage.REJECTED, Institution.GOVERNMENT),
    ]


def test_a_government_that_changes_its_mind_a_year_later_is_not_contested() -> None:
    """The near miss: Latvia saw no reason to leave in 2024, and left."""
    case = case_of(
        say("2024-03-01", Stage.REJECTED, case="LV:APMBC", by=Institution.GOVERNMENT),
        say("2025-04-16", Stage.APPROVED, case="LV:APMBC", by=Institution.LOWER_HOUSE),
        now="2025-04-17",
    )

    assert case.stage is Stage.APPROVED
    assert Flag.CONTESTED not in case.flags


def test_a_president_who_returns_the_law_contests_the_vote() -> None:
    """Latvia and Istanbul: the law that the Saeima passed comes back."""
    case = case_of(
        say("2025-10-30", Stage.APPROVED, case="LV:ISTANBUL", by=Institution.LOWER_HOUSE),
        say("2025-11-03", Stage.REJECTED, case="LV:ISTANBUL", by=Institution.HEAD_OF_STATE),
        now="2025-11-04",
    )

    assert Flag.CONTESTED in case.flags


def test_what_only_another_state_says_is_contested_and_weighs_less() -> None:
    """A third state's claim about somebody else's step."""
    claim = say("2023-11-07", Stage.ANNOUNCED, case="PL:CFE", speaker=SpeakerKind.THIRD_STATE)
    own = say("2023-11-08", Stage.ANNOUNCED, case="PL:CFE", speaker=SpeakerKind.STATE, owner="b")

    foreign, both = case_of(claim), case_of(claim, own)

    assert Flag.CONTESTED in foreign.flags
    assert foreign.confidence < both.confidence
    assert Flag.CONTESTED not in both.flags


def test_states_that_object_to_a_suspension_contest_it() -> None:
    """Ukraine's suspension, which the treaty does not know."""
    objections = tuple(Position(state=state, stance=Stance.OPPOSES) for state in ("AT", "BE", "NO", "CH"))
    suspended = say("2025-07-18", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND)

    quiet = case_of(suspended)
    disputed = case_of(
        suspended,
        say("2025-12-03", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND, owner="b", positions=objections),
    )

    assert Flag.CONTESTED not in quiet.flags
    assert Flag.CONTESTED in disputed.flags
    assert [p.state for p in disputed.positions] == ["AT", "BE", "CH", "NO"]


def test_a_neighbour_that_deplores_an_exit_does_not_contest_it() -> None:
    """The near miss: to criticise a lawful exit is no dispute about it."""
    case = case_of(
        say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", positions=(Position(state="NO", stance=Stance.OPPOSES),))
    )

    assert Flag.CONTESTED not in case.flags
    assert case.positions == (Position(state="NO", stance=Stance.OPPOSES),)


# 6. Chains of reversals


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


# 7. Expiry is not exit


def test_a_suspended_treaty_that_expires_stays_suspended() -> None:
    """New START ran out; no report of an exit, no date of effect, nothing is due."""
    story = Story()
    story.hear(say("2023-02-21", Stage.SUSPENDED, case="RU:NEWSTART", action=Action.SUSPEND, on="2023-02-21"))

    step = tick(story.case, at("2026-02-06"), at("2026-02-06"), RULES)

    assert not step.changed
    assert story.case.effective_date is None


# 8. Organisations suspend members: nothing of it reaches tracking; a state that is both expelled and leaves does


def test_a_state_that_quits_in_the_week_of_its_expulsion_is_one_case() -> None:
    """Russia and the Council of Europe: notice on the 15th, out on the 16th; no period is known, so it is believed."""
    case = case_of(
        say("2022-03-10", Stage.ANNOUNCED, case="RU:COE", on="2022-03-10"),
        say("2022-03-15", Stage.NOTIFIED, case="RU:COE", on="2022-03-15"),
        say("2022-03-16", Stage.EFFECTIVE, case="RU:COE", on="2022-03-16"),
    )

    assert case.stage is Stage.EFFECTIVE
    assert Flag.PREMATURE not in case.flags


# 9. Batch exits


def test_one_item_about_two_treaties_is_two_cases_with_their_own_transitions() -> None:
    """Several acts at once: the same item, the same words, two ids."""
    first = say("2025-02-04", Stage.ANNOUNCED, case="NI:UN~fao", item="batch")
    second = say("2025-02-04", Stage.ANNOUNCED, case="NI:ILO~ilo", item="batch")

    one, other = Story(), Story()
    told = {t.id for t in (*one.hear(first).transitions, *other.hear(second).transitions)}

    assert first.id != second.id
    assert len(told) == 2


# 10. The Baltic and Polish cluster: see test_stories.py. Two states on one day, two treaties in one week


def test_two_treaties_of_one_state_in_one_week_stay_apart() -> None:
    """Lithuania left one convention on 6 March 2025 and recommended leaving another on the 18th."""
    munitions = case_of(say("2025-03-06", Stage.EFFECTIVE, case="LT:CCM", on="2025-03-06"))
    mines = case_of(say("2025-03-18", Stage.ADVOCATED, by=Institution.GOVERNMENT))

    assert (munitions.id, munitions.stage) == ("LT:CCM", Stage.EFFECTIVE)
    assert (mines.id, mines.stage) == ("LT:APMBC", Stage.ADVOCATED)


# The design's further traps


def test_talk_never_lowers_a_case_that_is_announced_or_later() -> None:
    """A later call or a doubt is history, not a way back."""
    for stage in (Stage.ADVOCATED, Stage.CONSIDERED):
        for standing in (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE, Stage.SUSPENDED):
            case = case_of(say("2025-03-01", standing), say("2025-03-20", stage, owner="b"))
            assert case.stage is standing, f"{stage} lowered {standing}"
            assert len(case.history) == 2


def test_talk_long_after_an_exit_lowers_nothing_either() -> None:
    """Years after the exit somebody calls for it: an echo."""
    case = case_of(say("2019-08-02", Stage.EFFECTIVE, case="US:INF"), say("2024-01-01", Stage.ADVOCATED, case="US:INF"))

    assert case.stage is Stage.EFFECTIVE


def test_a_vote_after_the_notice_is_history_and_the_notice_stands() -> None:
    """Britain's parliament voted again three years after the notice."""
    case = case_of(
        say("2017-03-29", Stage.NOTIFIED, case="GB:EU", on="2017-03-29"),
        say("2020-01-09", Stage.APPROVED, case="GB:EU", on="2020-01-09", by=Institution.LOWER_HOUSE),
    )

    assert case.stage is Stage.NOTIFIED


def test_a_law_on_a_suspension_leaves_it_suspended_and_one_years_later_does_not() -> None:
    """Ukraine's law of the same month is paperwork; Russia denounced sixteen years after it suspended."""
    paperwork = case_of(
        say("2025-07-01", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND),
        say("2025-07-15", Stage.APPROVED, case="UA:APMBC", by=Institution.LOWER_HOUSE),
    )
    denounced = case_of(
        say("2007-12-12", Stage.SUSPENDED, case="RU:CFE", action=Action.SUSPEND),
        say("2023-05-29", Stage.APPROVED, case="RU:CFE", by=Institution.HEAD_OF_STATE),
    )

    assert paperwork.stage is Stage.SUSPENDED
    assert denounced.stage is Stage.APPROVED


def test_an_exit_known_as_left_and_announced_again_years_later_is_a_new_chapter() -> None:
    """UNESCO: the return of 2023 was missed, the announcement of 2025 is not swallowed by the exit of 2018."""
    case = case_of(
        say("2018-12-31", Stage.EFFECTIVE, case="US:UNESCO", on="2018-12-31"),
        say("2025-07-22", Stage.ANNOUNCED, case="US:UNESCO"),
    )

    assert case.stage is Stage.ANNOUNCED


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


def test_illustrative_signals_mark_the_case() -> None:
    """A demo never passes for news."""
    marked = case_of(VOTE, msgspec.structs.replace(NOTICE, illustrative=True))

    assert Flag.ILLUSTRATIVE in marked.flags
    assert Flag.ILLUSTRATIVE not in case_of(VOTE, NOTICE).flags


def test_withdraws_and_terminates_are_one_act() -> None:
    """Two papers, two verbs, one announcement; a suspension is another act."""
    case = case_of(
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.TERMINATE),
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.WITHDRAW, owner="b"),
        say("2025-07-18", Stage.ANNOUNCED, case="RU:~pact-de", action=Action.SUSPEND, owner="c"),
    )

    assert [e.action for e in case.history] == [Action.SUSPEND, Action.WITHDRAW]


def test_an_item_with_a_wrong_clock_does_not_stand_for_ever() -> None:
    """A published date far ahead of the fetch is not believed."""
    wrong = msgspec.structs.replace(
        say("2025-04-01", Stage.ANNOUNCED, owner="b"), published=at("2099-01-01"), fetched=at("2025-04-01")
    )

    case = case_of(wrong, VOTE)

    assert case.stage is Stage.APPROVED
    assert case.history[0].evidence == (wrong,)


def test_a_signal_without_any_date_never_stands_over_a_dated_one() -> None:
    """No date at all sorts before everything; alone it makes an undated case."""
    undated = say(None, Stage.EFFECTIVE, owner="b", case="US:JCPOA")

    assert case_of(undated, say("2018-05-08", Stage.ANNOUNCED, case="US:JCPOA")).stage is Stage.ANNOUNCED
    assert (case_of(undated).since, case_of(undated).history[0].episode) == (None, "undated")
