"""Several acts at once, side by side or in part: patterns 9 and 10, and suspension beside withdrawal."""

from __future__ import annotations

from datetime import date

from tests.processors.track.made import Story, case_of, say
from treatywatch.model import Action, Flag, Institution, Stage


def test_one_item_about_two_treaties_is_two_cases_with_their_own_transitions() -> None:
    """Several acts at once: the same item, the same words, two ids."""
    first = say("2025-02-04", Stage.ANNOUNCED, case="NI:UN~fao", item="batch")
    second = say("2025-02-04", Stage.ANNOUNCED, case="NI:ILO~ilo", item="batch")

    one, other = Story(), Story()
    told = {t.id for t in (*one.hear(first).transitions, *other.hear(second).transitions)}

    assert first.id != second.id
    assert len(told) == 2


def test_two_treaties_of_one_state_in_one_week_stay_apart() -> None:
    """Lithuania left one convention on 6 March 2025 and recommended leaving another on the 18th."""
    munitions = case_of(say("2025-03-06", Stage.EFFECTIVE, case="LT:CCM", on="2025-03-06"))
    mines = case_of(say("2025-03-18", Stage.ADVOCATED, by=Institution.GOVERNMENT))

    assert (munitions.id, munitions.stage) == ("LT:CCM", Stage.EFFECTIVE)
    assert (mines.id, mines.stage) == ("LT:APMBC", Stage.ADVOCATED)


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


def test_the_notice_of_a_suspension_leaves_it_suspended() -> None:
    """Ukraine told the United Nations that it suspends: part of the suspension. Notice of leaving is another step."""
    suspends = say("2025-07-18", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND)
    told = say("2025-07-20", Stage.NOTIFIED, case="UA:APMBC", action=Action.SUSPEND, owner="b")
    leaves = say("2025-07-20", Stage.NOTIFIED, case="UA:APMBC", owner="c")

    assert case_of(suspends, told).stage is Stage.SUSPENDED
    assert case_of(suspends, leaves).stage is Stage.NOTIFIED


def test_suspension_and_notice_of_leaving_on_one_day_are_two_entries_and_the_notice_dates_the_exit() -> None:
    """The missile treaty in February 2019: suspended at once, left six months later."""
    case = case_of(
        say("2019-02-02", Stage.SUSPENDED, case="US:INF", action=Action.SUSPEND, on="2019-02-02"),
        say("2019-02-02", Stage.NOTIFIED, case="US:INF", on="2019-02-02", owner="b"),
        now="2019-03-01",
    )

    assert [(e.action, e.stage) for e in case.history] == [
        (Action.WITHDRAW, Stage.NOTIFIED),
        (Action.SUSPEND, Stage.SUSPENDED),
    ]
    assert case.effective_date is not None
    assert case.effective_date.value == date(2019, 8, 2)
    assert Flag.DUE not in case.flags
    assert Flag.DUE in case_of(*case.history[0].evidence, *case.history[1].evidence, now="2019-08-03").flags


def test_a_suspension_decreed_in_july_begins_in_december_as_a_step_of_its_own() -> None:
    """The decree names its organ, the beginning none; a report of the next week only retells the decree."""
    decree = say("2007-07-14", Stage.SUSPENDED, case="RU:CFE", action=Action.SUSPEND, by=Institution.HEAD_OF_STATE)
    retold = say("2007-07-20", Stage.SUSPENDED, case="RU:CFE", action=Action.SUSPEND, owner="b")
    begins = say("2007-12-12", Stage.SUSPENDED, case="RU:CFE", action=Action.SUSPEND, owner="c")

    assert [e.institution for e in case_of(decree, retold).history] == [Institution.HEAD_OF_STATE]
    assert [e.institution for e in case_of(decree, retold, begins).history] == [Institution.HEAD_OF_STATE, None]


def test_a_partial_suspension_and_the_whole_one_are_steps_of_one_case() -> None:
    """Seoul suspended one article in November 2023 and the whole accord in June 2024: both stand in its history."""
    part = say("2023-11-22", Stage.SUSPENDED, case="KR:CMA2018", action=Action.SUSPEND, by=Institution.GOVERNMENT)
    whole = say("2024-06-04", Stage.SUSPENDED, case="KR:CMA2018", action=Action.SUSPEND, owner="b")

    case = case_of(part, whole)

    assert case.stage is Stage.SUSPENDED
    assert [e.institution for e in case.history] == [Institution.GOVERNMENT, None]


def test_each_vote_and_signature_is_an_entry_of_its_own_and_told() -> None:
    """Cabinet, two houses and the head of state approve on four days: four entries, four transitions."""
    story = Story()
    organs = (
        Institution.GOVERNMENT,
        Institution.LOWER_HOUSE,
        Institution.UPPER_HOUSE,
        Institution.HEAD_OF_STATE,
    )
    for day, organ in zip(("2025-05-27", "2025-06-25", "2025-07-10", "2025-07-31"), organs, strict=True):
        story.hear(say(day, Stage.APPROVED, case="PL:APMBC", by=organ))

    assert [entry.institution for entry in story.case.history] == list(organs)
    assert [t.institution for t in story.told if t.alertable_at] == list(organs)


def test_two_states_that_act_on_one_day_are_two_cases() -> None:
    """Estonia and Latvia gave notice on 27 June 2025, in one item."""
    one, other = (say("2025-06-27", Stage.NOTIFIED, case=c, item="both") for c in ("EE:APMBC", "LV:APMBC"))

    assert one.id != other.id
    assert {case_of(one).id, case_of(other).id} == {"EE:APMBC", "LV:APMBC"}
