"""What today's rules would have told, against what was told; and the signals that make it good."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from processors.difference import Alert, Kind, alerts, compare, corrections, of_cases
from processors.replay import Heard, final, track
from tests.processors.track.made import RULES, at, say
from treatywatch.model import Action, Case, ChangeKind, Institution, Severity, Signal, Stage

VOTE = Alert(
    transition="t1",
    case="LT:APMBC",
    kind=ChangeKind.ENTRY,
    stage=Stage.APPROVED,
    action=Action.WITHDRAW,
    institution=Institution.LOWER_HOUSE,
    episode="2025-05",
    severity=Severity.URGENT,
    at=at("2025-05-08"),
    item="i1",
    told=True,
)


def kinds(sent: list[Alert], today: list[Alert]) -> list[Kind]:
    """The kinds of difference between two lists of alerts."""
    return [difference.kind for difference in compare(sent, today).differences]


def test_the_same_alerts_in_any_order_are_no_difference() -> None:
    """They are counted."""
    other = replace(VOTE, transition="t2", case="LV:APMBC", item="i2")

    found = compare([VOTE, other], [other, VOTE])

    assert (found.differences, found.same) == ((), 2)


def test_an_alert_on_one_side_alone_was_added_or_dropped() -> None:
    """Nothing that both have hides it."""
    assert kinds([], [VOTE]) == [Kind.ADDED]
    assert kinds([VOTE], []) == [Kind.DROPPED]


def test_another_severity_of_the_same_step_is_told_as_that() -> None:
    """Whether the transition keeps its id, or the step was told when a second source joined."""
    quiet = replace(VOTE, severity=Severity.NOTICE)
    joined = replace(VOTE, transition="t9", kind=ChangeKind.SEVERITY, severity=Severity.NOTICE)

    assert kinds([VOTE], [quiet]) == [Kind.SEVERITY]
    assert kinds([VOTE], [joined]) == [Kind.SEVERITY]


def test_the_same_step_told_for_a_second_source_is_the_same_alert() -> None:
    """The near miss: as loud as before."""
    joined = replace(VOTE, transition="t9", kind=ChangeKind.SEVERITY)

    assert compare([VOTE], [joined]).same == 1


def test_the_same_item_read_as_another_step_or_case_is_another_step() -> None:
    """Not one alert dropped and one added."""
    notified = replace(VOTE, transition="t3", stage=Stage.NOTIFIED, institution=None)
    moved = replace(VOTE, transition="t4", case="LT:CCM")

    assert kinds([VOTE], [notified]) == [Kind.STEP]
    assert kinds([VOTE], [moved]) == [Kind.STEP]


def test_another_item_about_another_step_is_dropped_and_added() -> None:
    """The near miss."""
    notified = replace(VOTE, transition="t3", stage=Stage.NOTIFIED, institution=None, item="i2")

    assert sorted(kinds([VOTE], [notified])) == [Kind.ADDED, Kind.DROPPED]


def test_a_date_that_passed_is_not_taken_for_the_step_itself() -> None:
    """Both are about one entry, and are two alerts."""
    due = replace(VOTE, transition="t5", kind=ChangeKind.DUE)

    assert sorted(kinds([VOTE], [due])) == [Kind.ADDED, Kind.DROPPED]


def test_what_weighs_nothing_is_no_alert() -> None:
    """Severity none is held back in any case."""
    (case,) = story(say("2025-05-08", Stage.CONSIDERED, confidence=0.1))

    assert alerts(of_cases([case]), {}) == []


def test_an_alert_that_was_taken_back_is_no_alert_any_more() -> None:
    """An article was corrected, before or after the replay: only what still stands is compared."""
    vote = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08")
    gone = msgspec.structs.replace(vote, withdrawn=True, revision=2)
    notice = say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27")

    (case,) = story(vote, notice, gone)

    assert ChangeKind.WITHDRAWN in {t.kind for t in case.transitions}
    assert [alert.stage for alert in alerts(of_cases([case]), {})] == [Stage.NOTIFIED]


NEWS = (
    say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08"),
    say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27"),
)
READ = {signal.item: 1 for signal in NEWS}


def story(*signals: Signal) -> list[Case]:
    """The cases of signals in this order."""
    return final(track([Heard(s.fetched, (s,)) for s in signals], RULES))


def test_what_was_sent_and_is_still_so_needs_no_correction() -> None:
    """Whoever read it, and whenever: another version of the detector that reads the same is no difference."""
    again = [
        msgspec.structs.replace(s, detector_version="new", register_version="new", fetched=None, backfill=True)
        for s in NEWS
    ]

    assert corrections(NEWS, again, READ) == ()


def test_a_signal_that_only_todays_rules_find_is_published_and_back_filled() -> None:
    """Under a generation above all that were sent."""
    (added,) = corrections([msgspec.structs.replace(NEWS[0], generation=4)], NEWS, READ)

    assert (added.id, added.generation, added.backfill, added.withdrawn) == (NEWS[1].id, 5, True, False)


def test_a_signal_that_todays_rules_do_not_find_is_taken_back() -> None:
    """Of an item that was read again."""
    (gone,) = corrections(NEWS, NEWS[:1], READ)

    assert (gone.id, gone.withdrawn, gone.generation) == (NEWS[1].id, True, 2)


def test_a_signal_whose_item_is_not_kept_any_more_is_left_alone() -> None:
    """The near miss: retention has passed over the item, or a later revision came in meanwhile."""
    later = msgspec.structs.replace(NEWS[1], revision=2)

    assert corrections(NEWS, NEWS[:1], {NEWS[0].item: 1}) == ()
    assert corrections([NEWS[0], later], NEWS[:1], READ) == ()


def test_corrections_that_were_sent_leave_nothing_to_correct() -> None:
    """Twice applied is once applied, also for what was taken back."""
    today = (NEWS[0], msgspec.structs.replace(NEWS[0], id="new", item="new", stage=Stage.ANNOUNCED))
    first = corrections(NEWS, today, READ)

    assert {s.withdrawn for s in first} == {True, False}
    assert corrections((*NEWS, *first), today, READ) == ()


def test_corrections_change_the_case_and_alert_nobody() -> None:
    """The case afterwards is the one that today's signals alone give; with --alert people hear of each change once."""
    vote, notice = NEWS
    wrong = say("2025-06-20", Stage.REJECTED, by=Institution.GOVERNMENT)
    read = {**READ, wrong.item: 1}
    before = track([Heard(s.fetched, (s,)) for s in (vote, wrong)], RULES)
    told = {t.id for t in final(before)[0].transitions}
    after: dict[bool, set[ChangeKind]] = {}
    for alert in (False, True):
        fixes = corrections((vote, wrong), (vote, notice), read, alert=alert)
        heard = [Heard(s.fetched, (s,)) for s in (vote, wrong)] + [Heard(at("2025-07-01"), (s,)) for s in fixes]
        (case,) = final(track(heard, RULES))
        (right,) = story(vote, notice)
        assert [(e.stage, e.institution) for e in case.history] == [(e.stage, e.institution) for e in right.history]
        fresh = [t for t in case.transitions if t.id not in told]
        assert {t.kind for t in fresh} == {ChangeKind.ENTRY, ChangeKind.WITHDRAWN}
        after[alert] = {t.kind for t in fresh if t.alertable_at}

    assert after == {False: set(), True: {ChangeKind.ENTRY, ChangeKind.WITHDRAWN}}


def test_a_date_passes_loudly_for_who_was_told_of_the_notice() -> None:
    """Also where a replay has published its reports again, as back-filled; the near miss was never told."""
    notice = msgspec.structs.replace(NEWS[1], confidence=0.9)
    for first in (False, True):
        heard = msgspec.structs.replace(notice, backfill=first)
        again = msgspec.structs.replace(notice, backfill=True, generation=2)
        steps = [Heard(at("2025-06-28"), (heard,)), Heard(at("2025-06-29"), (again,)), Heard(at("2026-02-01"))]
        (case,) = final(track(steps, RULES))
        (due,) = [t for t in case.transitions if t.kind is ChangeKind.DUE]
        assert (due.alertable_at is None) == first
