"""Dates of effect: the register's rules against real exits, and what a claim is worth."""

from __future__ import annotations

from datetime import date

import pytest

from processors.track.advance import next_date, tick
from processors.track.dates import earliest_effect, effect_of, notice_for, plus
from processors.track.fold import fold
from tests.processors.track.known_exits import COMPUTED, NO_DATE, NOT_COMPUTED, Exit, Uncomputed
from tests.processors.track.made import RULES, Story, at, say
from treatywatch.model import Action, Basis, Case, ChangeKind, Flag, Institution, Severity, Signal, Stage


def case_of(*signals: Signal, now: str) -> Case:
    """Fold some signals."""
    case = fold(signals, at(now), RULES)
    assert case is not None
    return case


@pytest.mark.parametrize("known", COMPUTED, ids=lambda e: f"{e.case} {e.given}")
def test_the_computed_date_of_a_real_exit_is_within_a_day_of_the_recorded_one(known: Exit) -> None:
    """The register's rule, from the day of the notice, gives the day on which the state was out."""
    treaty = known.case.partition(":")[2].partition("~")[0]
    notice = notice_for(RULES.register.get(treaty), known.case, [known.words])

    computed = effect_of(notice, date.fromisoformat(known.given))

    assert computed is not None
    assert abs((computed - date.fromisoformat(known.effect)).days) <= 1


@pytest.mark.parametrize("known", NOT_COMPUTED, ids=lambda e: e.case)
def test_an_exit_that_the_rule_does_not_give_is_listed_with_its_reason(known: Uncomputed) -> None:
    """None of the exceptions has become computable without anybody noticing."""
    treaty = known.case.partition(":")[2].partition("~")[0]
    notice = notice_for(RULES.register.get(treaty), known.case, [known.case.partition("~")[2]])
    computed = effect_of(notice, date.fromisoformat(known.given)) if known.given else None

    assert known.why
    if computed is not None and known.effect is not None:
        assert abs((computed - date.fromisoformat(known.effect)).days) > 1


def test_no_move_stands_on_two_of_the_lists() -> None:
    """Each known move either has a date to compare with, or one reason why not."""
    dated = {known.case for known in COMPUTED}
    without = [case for cases in NO_DATE.values() for case in cases]

    assert len(without) == len(set(without))
    assert not dated & set(without)


@pytest.mark.parametrize(
    "case", [case for reason, cases in NO_DATE.items() if reason.startswith("a political") for case in cases]
)
def test_what_is_left_without_notice_gives_no_computed_date(case: str) -> None:
    """A notice to such a body, were one reported, would still date nothing by itself that refutes a claim."""
    notice = notice_for(RULES.register.get(case.partition(":")[2].partition("~")[0]), case)

    assert earliest_effect(notice, date(2025, 1, 1)) is None


@pytest.mark.parametrize(
    ("treaty", "given", "effect", "why"),
    [
        ("ISTANBUL", "2021-03-22", "2021-07-01", "first of the month after three months"),
        ("ISTANBUL", "2021-03-01", "2021-07-01", "also where the three months end on a first"),
        ("UNESCO", "2025-01-01", "2026-12-31", "end of the year after the notice"),
        ("DRUGS61", "2011-06-29", "2012-01-01", "received by 1 July"),
        ("DRUGS61", "2011-07-01", "2012-01-01", "1 July is still in time"),
        ("DRUGS61", "2011-07-02", "2013-01-01", "a day later is a year later"),
        ("ICRW", "2018-12-26", "2019-06-30", "notified before the year"),
        ("ICRW", "2019-01-01", "2019-06-30", "1 January is still in time"),
        ("ICRW", "2019-01-02", "2020-06-30", "a day later is a year later"),
        ("PARIS", "2017-08-04", "2020-11-04", "no notice counts in the first three years"),
        ("PARIS", "2025-01-27", "2026-01-27", "long after them the year alone counts"),
        ("CFE", "2023-06-10", "2023-11-07", "at least 150 days"),
        ("NPT", "2003-01-10", "2003-04-10", "three months"),
        ("COE", "2022-03-15", None, "financial years cannot be computed"),
        ("JCPOA", "2018-05-08", None, "no notice is asked for"),
    ],
)
def test_each_notice_rule(treaty: str, given: str, effect: str | None, why: str) -> None:
    """The rules of the register, at their edges."""
    notice = notice_for(RULES.register.get(treaty), f"XX:{treaty}")

    computed = effect_of(notice, date.fromisoformat(given))

    assert computed == (date.fromisoformat(effect) if effect else None), why


def test_a_group_row_uses_the_period_of_the_instrument_that_the_case_names() -> None:
    """By the slug, else by the words; where neither tells, no date is computed."""
    sofa = RULES.register.get("SOFA")

    assert str(notice_for(sofa, "PH:SOFA~vfa")) == "180 days"
    assert str(notice_for(sofa, "DE:SOFA~x", ["NATO SOFA"])) == "1 year"
    assert notice_for(sofa, "TD:SOFA~defence-pact-fr", ["defence pact with France"]) is None


def test_a_period_of_one_actor_is_not_another_actors() -> None:
    """The year of notice to the WHO is in a law of the United States."""
    who = RULES.register.get("WHO")

    assert str(notice_for(who, "US:WHO")) == "1 year"
    assert notice_for(who, "AR:WHO") is None


def test_months_are_added_to_the_last_day_that_there_is() -> None:
    """31 August and six months is the end of February."""
    assert plus(date(2025, 8, 31), "P6M") == date(2026, 2, 28)
    assert plus(date(2024, 2, 29), "P1Y") == date(2025, 2, 28)
    assert plus(date(2025, 12, 27), "P90D") == date(2026, 3, 27)


def test_an_unchecked_or_negotiable_period_refutes_nobody() -> None:
    """Only a sourced, fixed period can call a claim too early."""
    assert earliest_effect(notice_for(RULES.register.get("OPEC"), "AE:OPEC"), date(2026, 4, 28)) is None
    assert earliest_effect(notice_for(RULES.register.get("EU"), "GB:EU"), date(2017, 3, 29)) is None
    assert earliest_effect(notice_for(RULES.register.get("APMBC"), "PL:APMBC"), date(2025, 8, 20)) == date(2026, 2, 20)


def test_the_conflict_clause_is_a_caveat_not_a_date() -> None:
    """The date is computed; note and flag warn that a war would delay it."""
    case = case_of(say("2025-06-27", Stage.NOTIFIED, on="2025-06-27"), now="2025-07-01")

    assert case.effective_date is not None
    assert case.effective_date.value == date(2025, 12, 27)
    assert "armed conflict" in (case.effective_date.note or "")
    assert Flag.CONFLICT_CLAUSE in case.flags


def test_no_conflict_clause_no_caveat() -> None:
    """The near miss: a treaty without the clause."""
    case = case_of(say("2020-05-22", Stage.NOTIFIED, case="US:OST", on="2020-05-22"), now="2020-06-01")

    assert Flag.CONFLICT_CLAUSE not in case.flags
    assert "armed conflict" not in (case.effective_date.note or "" if case.effective_date else "")


def test_a_notice_without_a_day_is_computed_with_its_doubt_shown() -> None:
    """Counted from the report, and said so; with the day known, nothing of the kind is said."""
    vague = case_of(say("2025-06-29", Stage.NOTIFIED), now="2025-07-01")
    exact = case_of(
        say("2025-06-29", Stage.NOTIFIED),
        say("2025-06-29", Stage.NOTIFIED, on="2025-06-27", owner="b"),
        now="2025-07-01",
    )

    assert vague.effective_date is not None
    assert exact.effective_date is not None
    assert "day of the report" in (vague.effective_date.note or "")
    assert "day of the report" not in (exact.effective_date.note or "")
    assert exact.effective_date.value == date(2025, 12, 27)


def test_a_claimed_date_wins_over_one_computed_from_a_vague_notice() -> None:
    """A text that names the day of effect knows more than the day of the report."""
    case = case_of(say("2025-06-29", Stage.NOTIFIED, effective="2025-12-27"), now="2025-07-01")

    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2025, 12, 27), Basis.CLAIMED)


def test_a_computed_date_wins_over_a_claim_that_disagrees_with_a_dated_notice() -> None:
    """The claim is named in the note."""
    case = case_of(say("2025-06-28", Stage.NOTIFIED, on="2025-06-27", effective="2026-06-27"), now="2025-07-01")

    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2025, 12, 27), Basis.COMPUTED)
    assert "2026-06-27" in (case.effective_date.note or "")


def test_a_state_may_name_a_later_day_where_the_period_is_a_minimum() -> None:
    """At least 150 days: a notice that names a later day is believed."""
    case = case_of(
        say("2023-06-10", Stage.NOTIFIED, case="RU:CFE", on="2023-06-09", effective="2023-12-31"), now="2023-07-01"
    )

    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2023, 12, 31), Basis.CLAIMED)


def test_an_announced_date_is_claimed_until_the_notice_is_known() -> None:
    """Before the notice only texts give a date."""
    case = case_of(say("2018-12-03", Stage.ANNOUNCED, case="QA:OPEC", effective="2019-01-01"), now="2018-12-04")

    assert case.effective_date is not None
    assert (case.effective_date.value, case.effective_date.basis) == (date(2019, 1, 1), Basis.CLAIMED)


def test_unsigning_and_deratifying_know_no_notice_period() -> None:
    """A signatory is bound by none."""
    case = case_of(
        say("2019-07-18", Stage.NOTIFIED, case="US:ATT", action=Action.UNSIGN, on="2019-07-18"), now="2019-08-01"
    )

    assert case.effective_date is None


def test_an_exit_undone_has_no_date_of_effect() -> None:
    """The countdown stops."""
    case = case_of(
        say("2016-10-19", Stage.NOTIFIED, case="ZA:ROME", on="2016-10-19"),
        say("2017-03-07", Stage.REVERSED, case="ZA:ROME", on="2017-03-07"),
        now="2017-03-08",
    )

    assert case.effective_date is None


def test_the_passing_of_the_computed_date_is_told_once_and_moves_no_stage() -> None:
    """On the day itself nothing; on the next, `due`; after that nothing more."""
    story = Story()
    story.hear(say("2025-06-27", Stage.NOTIFIED, on="2025-06-27", by=Institution.DEPOSITARY))
    assert next_date(story.case, at("2025-07-01"), RULES) == date(2025, 12, 28)

    on_the_day = tick(story.case, at("2025-12-27", 23), at("2025-12-27"), RULES)
    after = tick(story.case, at("2025-12-28", 0), at("2025-12-28"), RULES)
    assert after.record is not None
    again = tick(after.record, at("2025-12-29"), at("2025-12-29"), RULES)

    assert not on_the_day.changed
    assert [(t.kind, t.to, t.severity) for t in after.transitions] == [
        (ChangeKind.DUE, Stage.NOTIFIED, Severity.NOTICE)
    ]
    assert after.transitions[0].alertable_at == at("2025-12-28")
    assert Flag.DUE in after.record.flags
    assert after.record.stage is Stage.NOTIFIED
    assert not again.changed


def test_a_report_of_the_effect_ends_the_wait() -> None:
    """With the effect reported nothing is due any more."""
    story = Story()
    story.hear(say("2025-06-27", Stage.NOTIFIED, on="2025-06-27", by=Institution.DEPOSITARY))
    story.hear(say("2025-12-27", Stage.EFFECTIVE, on="2025-12-27"))

    assert not tick(story.case, at("2026-01-05"), at("2026-01-05"), RULES).changed
    assert next_date(story.case, at("2026-01-05"), RULES) is None
    assert Flag.DUE not in story.case.flags


def test_a_claimed_notice_without_the_depositary_is_unconfirmed_after_fourteen_days() -> None:
    """Told once, on the fifteenth day; and taken back by the depositary's word."""
    story = Story()
    story.hear(say("2025-06-27", Stage.NOTIFIED, on="2025-06-27"))
    early = tick(story.case, at("2025-07-11"), at("2025-07-11"), RULES)
    late = tick(story.case, at("2025-07-12"), at("2025-07-12"), RULES)
    story.record = late.record

    assert not early.changed
    assert [(t.kind, t.severity) for t in late.transitions] == [(ChangeKind.UNCONFIRMED, Severity.NOTICE)]
    assert Flag.UNCONFIRMED in story.case.flags
    story.hear(say("2025-07-15", Stage.NOTIFIED, on="2025-06-27", by=Institution.DEPOSITARY, owner="un"))
    assert Flag.UNCONFIRMED not in story.case.flags
    assert next_date(story.case, at("2025-07-16"), RULES) == date(2025, 12, 28)


@pytest.mark.parametrize(
    ("signal", "why"),
    [
        (say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY), "the depositary says so"),
        (say("2025-06-27", Stage.NOTIFIED, kind="depositary"), "the depositary's own feed"),
        (say("2025-06-27", Stage.APPROVED), "a vote needs no depositary"),
        (say("2020-02-11", Stage.NOTIFIED, case="US:INF"), "a bilateral treaty has none"),
        (say("2020-02-11", Stage.NOTIFIED, case="US:~pact"), "outside the register none is known"),
    ],
)
def test_what_never_becomes_unconfirmed(signal: Signal, why: str) -> None:
    """The near misses."""
    assert Flag.UNCONFIRMED not in case_of(signal, now="2029-01-01").flags, why


def test_in_six_months_printed_a_day_after_the_notice_moves_no_date() -> None:
    """A text that only counts the period from its own day knows less than the notice; one that names a day knows more.

    The depositary's text does not name the day of the notice here.
    """
    notice = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, owner="depositary")
    counted = say("2025-06-28", Stage.NOTIFIED, effective="2025-12-28", owner="east")
    named = say("2025-06-28", Stage.NOTIFIED, effective="2025-12-31", owner="west")

    restated, told = (case_of(notice, s, now="2025-07-01").effective_date for s in (counted, named))

    assert restated is not None
    assert told is not None
    assert (restated.value, restated.basis) == (date(2025, 12, 27), Basis.COMPUTED)
    assert (told.value, told.basis) == (date(2025, 12, 31), Basis.CLAIMED)


def test_a_threat_with_a_deadline_dates_no_exit() -> None:
    """ "Quits in 60 days unless" is a condition, not a date of effect."""
    case = case_of(
        say("2018-10-20", Stage.ANNOUNCED, case="US:INF"),
        say("2018-12-05", Stage.CONSIDERED, case="US:INF", effective="2019-02-03", owner="east"),
        now="2018-12-06",
    )

    assert case.effective_date is None


def test_an_effect_of_which_no_notice_is_known_is_dated_by_its_report_and_says_so() -> None:
    """A text that names the day is believed without that note."""
    vague = case_of(say("2023-11-07", Stage.EFFECTIVE, case="RU:CFE"), now="2023-11-08").effective_date
    exact = case_of(say("2023-11-08", Stage.EFFECTIVE, case="RU:CFE", on="2023-11-07"), now="2023-11-08").effective_date

    assert vague is not None
    assert exact is not None
    assert (vague.value, vague.basis, vague.note) == (
        date(2023, 11, 7),
        Basis.CLAIMED,
        "no text names the day: that of the first report",
    )
    assert (exact.value, exact.note) == (date(2023, 11, 7), None)


def test_the_doubt_about_a_notice_is_told_once_not_again_with_the_effect() -> None:
    """Britain's notice of 2017 stayed unconfirmed in our texts; the exit of 2020 brings no second word of it."""
    story = Story()
    story.hear(say("2017-03-29", Stage.NOTIFIED, case="GB:ROME", on="2017-03-29"))
    day = at("2017-04-20")
    told = [*tick(story.case, day, day, RULES).transitions]
    story.record = tick(story.case, day, day, RULES).record

    story.hear(say("2018-03-29", Stage.EFFECTIVE, case="GB:ROME", on="2018-03-29"))
    later = at("2018-05-01")
    told += tick(story.case, later, later, RULES).transitions

    assert [t.kind for t in told] == [ChangeKind.UNCONFIRMED]
    assert Flag.UNCONFIRMED in story.case.flags
