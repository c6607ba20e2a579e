"""The laws that make late, repeated and back-filled news harmless, as properties over invented signals.

`make nightly` runs them with `HYPOTHESIS_PROFILE=nightly` (10,000 examples each); otherwise a few hundred.
"""

from __future__ import annotations

import itertools
import os
import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.track.advance import advance, bare, records, tick
from processors.track.fold import fold
from processors.track.keep import FULL_LATEST, kept, of_record
from tests.processors.track.made import LATE, RULES, at, say
from treatywatch import wire
from treatywatch.model import Action, Case, Institution, Position, Signal, SpeakerKind, Stage, Stance

settings.register_profile("nightly", max_examples=10_000, deadline=None)
settings.register_profile("short", max_examples=200, deadline=None)
_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
_PROFILE = settings.get_profile("nightly" if _NIGHTLY else "short")
pytestmark = pytest.mark.timeout(3600 if _NIGHTLY else 120)
law = settings(_PROFILE, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

# Dates that lie on both sides of every window: a vote, the next day, weeks, the notice period, a year, years.
_DAYS = ("2017-06-01", "2019-11-04", "2020-11-04", "2021-01-20", "2021-02-19", "2025-01-20", "2025-01-27", "2025-02-15")
# What sources print by mistake: the ends of the calendar.
_STRANGE = (*_DAYS, "0001-01-01", "9999-12-31")
_CASES = ("US:PARIS", "US:~fishing-gb", "US:CFE")


@st.composite
def signals(draw: st.DrawFn, number: int, case: str) -> Signal:
    """One signal; the id depends on (item, action, stage, institution) alone, as the detector's does."""
    published = draw(st.one_of(st.none(), st.sampled_from(_DAYS), st.sampled_from(_STRANGE)))
    signal = say(
        published,
        draw(st.sampled_from(Stage)),
        case=case,
        owner=draw(st.sampled_from("abcd")),
        by=draw(st.sampled_from([None, None, *Institution])),
        on=draw(st.one_of(st.none(), st.sampled_from(_DAYS), st.sampled_from(_STRANGE))),
        effective=draw(st.one_of(st.none(), st.sampled_from(_STRANGE))),
        action=draw(st.sampled_from([Action.WITHDRAW, Action.WITHDRAW, Action.TERMINATE, Action.SUSPEND])),
        speaker=draw(st.one_of(st.none(), st.sampled_from(SpeakerKind))),
        confidence=draw(st.sampled_from([0.3, 0.6, 0.9])),
        item=f"item-{number}",
        text=draw(st.sampled_from(["The same words in every paper of the land", "Short", ""])),
        backfill=draw(st.booleans()),
        positions=draw(st.sampled_from([(), (Position(state="NO", stance=Stance.OPPOSES),)])),
    )
    return msgspec.structs.replace(signal, title=f"Illustrative item {number}")


@st.composite
def stories(draw: st.DrawFn, most: int = 10) -> list[Signal]:
    """The signals of one case."""
    case = draw(st.sampled_from(_CASES))
    return [draw(signals(number, case)) for number in range(draw(st.integers(1, most)))]


@st.composite
def revised(draw: st.DrawFn) -> list[Signal]:
    """Signals with later revisions, some withdrawn: each id has several versions, no two under the same number."""
    versions = []
    for signal in draw(stories(6)):
        for number in range(draw(st.integers(1, 3))):
            versions.append(
                msgspec.structs.replace(
                    signal,
                    revision=1 + number // 2,
                    generation=1 + number % 2,
                    withdrawn=draw(st.booleans()),
                    confidence=draw(st.sampled_from([0.3, 0.9])),
                )
            )
    return versions


def step_by_step(batches: list[list[Signal]]) -> Case:
    """Advance from nothing, each step from the written record alone."""
    record: Case | None = None
    for batch in batches:
        record = advance(record, batch, LATE, LATE, RULES).record
        if record is not None:
            record = wire.decode(wire.encode(record), Case)
    assert record is not None, "a story has at least one signal"
    return bare(record)


def cut(draw: st.DrawFn, sequence: list[Signal]) -> list[list[Signal]]:
    """Cut a sequence into batches."""
    places = sorted(draw(st.lists(st.integers(0, len(sequence)), max_size=3)))
    bounds = [0, *places, len(sequence)]
    return [sequence[a:b] for a, b in itertools.pairwise(bounds)]


@law
@given(st.data())
def test_any_order_and_any_repeats_give_the_same_case(data: st.DataObject) -> None:
    """Shuffled and with repeats, the fold is the same."""
    story = data.draw(revised())
    other = data.draw(st.permutations(story + data.draw(st.lists(st.sampled_from(story), max_size=4))))

    assert fold(other, LATE, RULES) == fold(story, LATE, RULES)


@law
@given(revised())
def test_what_is_kept_folds_to_the_same_case(story: list[Signal]) -> None:
    """fold(kept(S)) == fold(S), and keeping twice is keeping once."""
    assert fold(kept(story), LATE, RULES) == fold(story, LATE, RULES)
    assert kept(kept(story)) == kept(story)


@law
@given(st.data())
def test_any_batches_from_the_record_alone_give_the_fold_of_all(data: st.DataObject) -> None:
    """Advancing in any order and cut, also with withdrawals and late revisions, ends at the one fold."""
    story = data.draw(revised())
    order = data.draw(st.permutations(story))

    assert step_by_step(data.draw(st.composite(lambda draw: cut(draw, order))())) == fold(story, LATE, RULES)


@law
@given(st.data())
def test_what_is_known_already_changes_nothing(data: st.DataObject) -> None:
    """A redelivery, in whole or in part, is not written again."""
    story = data.draw(revised())
    record = advance(None, story, LATE, LATE, RULES).record
    again = data.draw(st.lists(st.sampled_from(story)))

    step = advance(record, again, LATE, LATE, RULES)

    assert not step.changed
    assert step.transitions == ()
    assert step.record == record
    assert records(step) == ()


@law
@given(stories(), st.integers(0, 4000))
def test_time_that_passes_in_between_leaves_no_trace_in_the_case(story: list[Signal], days: int) -> None:
    """Ticks at any moment on the way change when things are told, never the case at the end."""
    record: Case | None = None
    for signal in story:
        record = advance(record, [signal], at("2016-01-01") + timedelta(days=days), LATE, RULES).record
        assert record is not None
        record = tick(record, at("2018-01-01") + timedelta(days=days), LATE, RULES).record
    assert record is not None
    record = tick(record, LATE, LATE, RULES).record

    assert record is not None
    assert bare(record) == fold(story, LATE, RULES)


@law
@given(stories())
def test_a_withdrawn_story_leaves_only_its_flag(story: list[Signal]) -> None:
    """With everything withdrawn, in any order against the reports, nothing is claimed and nothing is told."""
    gone = [msgspec.structs.replace(s, withdrawn=True, revision=2) for s in story]

    case = fold(gone + story, LATE, RULES)

    assert case == fold(story + gone, LATE, RULES) == step_by_step([[s] for s in gone + story])
    assert case is not None
    assert [flag.value for flag in case.flags] == ["withdrawn"]
    assert case.history == ()


@law
@given(revised())
def test_revisions_count_up_and_every_transition_is_in_the_record(story: list[Signal]) -> None:
    """Each written record is one revision further, and carries the transition that it was written for."""
    record: Case | None = None
    revision, told = 0, []
    for signal in story:
        step = advance(record, [signal], LATE, LATE, RULES)
        for written in records(step):
            revision += 1
            assert written.revision == revision
            if written.changed is not None:
                assert written.changed in written.transitions
                told.append(written.changed.id)
        record = step.record
    assert len(told) == len(set(told)), "a transition was told twice"


def flood(count: int, wild: bool, length: int = 200) -> list[Signal]:
    """Many signals of one case: all of one step, or of every step over twenty years."""
    rnd = random.Random(7)
    found = []
    for number in range(count):
        day = f"{rnd.randint(2005, 2025) if wild else 2025}-{rnd.randint(1, 12):02d}-{rnd.randint(1, 28):02d}"
        found.append(
            say(
                day,
                rnd.choice(list(Stage)) if wild else Stage.APPROVED,
                by=rnd.choice([None, *Institution]) if wild else Institution.LOWER_HOUSE,
                owner=f"owner {rnd.randint(0, count)}",
                item=str(number),
                action=rnd.choice(list(Action)) if wild else Action.WITHDRAW,
                confidence=rnd.random(),
                text=f"{number} " + "Ж" * length,
                url="https://news.example/" + "x" * length,
                rules=("a_rule_with_a_name",) * 12,
                positions=(Position(state="NO", stance=Stance.OPPOSES),) * 12,
            )
        )
    return found


@pytest.mark.parametrize("wild", [False, True], ids=["one step", "every step over twenty years"])
def test_a_flooded_case_is_the_same_in_any_batches(wild: bool) -> None:
    """Far beyond every limit, without withdrawals, the record still equals the fold of all."""
    story = flood(3000, wild)
    other = story[:]
    random.Random(3).shuffle(other)

    assert step_by_step([other[i : i + 250] for i in range(0, len(other), 250)]) == fold(story, LATE, RULES)


@pytest.mark.parametrize("wild", [False, True], ids=["one step", "every step over twenty years"])
def test_a_record_of_fifty_thousand_signals_is_below_200_kb(wild: bool) -> None:
    """Long texts, many owners, withdrawn ones too: the record is bounded."""
    story = flood(50_000, wild, length=450)  # beyond every limit that texts are cut to
    gone = [msgspec.structs.replace(s, withdrawn=True, revision=2) for s in story[::5]]

    record = advance(advance(None, story, LATE, LATE, RULES).record, gone, LATE, LATE, RULES).record

    assert record is not None
    assert len(wire.encode(record)) < 200_000


def test_a_small_case_keeps_every_word() -> None:
    """Up to FULL_LATEST signals nothing is left out."""
    story = [say(f"2025-03-{day + 1:02d}", Stage.APPROVED, owner="one") for day in range(FULL_LATEST)]

    record = advance(None, story, LATE, LATE, RULES).record

    assert record is not None
    assert sorted(s.id for s in of_record(record)) == sorted(s.id for s in story)
    assert set(of_record(record)) == set(story)


def test_an_owner_has_at_most_three_signals_for_a_step_in_a_crowded_case() -> None:
    """The best three by confidence, then seen first."""
    loud = [say(f"2025-03-{d + 1:02d}", Stage.APPROVED, owner="loud", confidence=0.7 + d / 100) for d in range(28)]
    rest = [say(f"2025-04-{d + 1:02d}", Stage.APPROVED, owner=f"owner {d}") for d in range(28)]

    case = fold(loud + rest, LATE, RULES)

    assert case is not None
    mine = [s for s in case.history[0].evidence if s.owner == "loud"]
    assert {s.id for s in loud[-3:]} <= {s.id for s in mine}
    assert len(mine) <= 5  # the three, the first report of the month and the last


def test_the_second_owner_is_kept_however_loud_the_first() -> None:
    """A hundred confident reports of one owner do not push out the only other one."""
    loud = [say("2025-03-01", Stage.APPROVED, owner="loud", item=str(n), confidence=0.95) for n in range(100)]
    other = say("2025-03-01", Stage.APPROVED, owner="quiet", confidence=0.2)

    case = fold([other, *loud], LATE, RULES)

    assert case is not None
    assert case.history[0].owners == ("loud", "quiet")


def test_a_late_first_revision_does_not_bring_a_withdrawn_signal_back() -> None:
    """The tombstone outlives the order of arrival; a third revision that says it again does bring it back."""
    first = say("2025-03-01", Stage.ANNOUNCED)
    gone = msgspec.structs.replace(first, revision=2, withdrawn=True)
    back = msgspec.structs.replace(first, revision=3)

    dead = step_by_step([[gone], [first]])
    alive = step_by_step([[gone], [back], [first]])

    assert [f.value for f in dead.flags] == ["withdrawn"]
    assert alive.history[0].evidence == (back,)
    assert alive.tombstones == ()


def test_a_new_detector_generation_replaces_the_old_reading() -> None:
    """The same revision under a higher generation wins, whichever comes first."""
    old = say("2025-03-01", Stage.ANNOUNCED, confidence=0.9)
    new = msgspec.structs.replace(old, generation=2, confidence=0.4)

    for order in ([old, new], [new, old]):
        assert step_by_step([[s] for s in order]).history[0].evidence == (new,)


def test_signals_of_two_cases_in_one_step_are_refused() -> None:
    """A mistake of the caller is named, not folded."""
    with pytest.raises(ValueError, match="LT:APMBC, PL:APMBC"):
        advance(
            None,
            [say("2025-03-01", Stage.ANNOUNCED), say("2025-03-01", Stage.ANNOUNCED, case="PL:APMBC")],
            LATE,
            LATE,
            RULES,
        )


def test_nothing_gives_no_case() -> None:
    """No signal, no case."""
    assert fold([], LATE, RULES) is None
    assert not advance(None, [], LATE, LATE, RULES).changed
