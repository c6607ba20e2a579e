"""Whole stories on true dates, each in three orders of arrival: published, reversed, shuffled.

The texts are ours. What must come out is the same in every order; the transitions are those of the published order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from processors.track.advance import bare
from processors.track.fold import fold
from tests.processors.track.made import RULES, Story, at, say
from treatywatch.model import Action, Case, Flag, Institution, Position, Severity, Signal, SpeakerKind, Stage, Stance

GOV, LOWER, UPPER, HEAD, UN = (
    Institution.GOVERNMENT,
    Institution.LOWER_HOUSE,
    Institution.UPPER_HOUSE,
    Institution.HEAD_OF_STATE,
    Institution.DEPOSITARY,
)


@dataclass(frozen=True)
class Golden:
    """A story and what it must come to at `now`. `path` are the alertable transitions in order of publication."""

    name: str
    signals: tuple[Signal, ...]
    now: str
    stage: Stage
    history: tuple[tuple[Stage, Institution | None], ...]
    effective: str | None
    flags: frozenset[Flag]
    path: tuple[Stage, ...]


def ottawa(state: str, vote: str, signed: str | None, notice: str, effect: str) -> tuple[Signal, ...]:
    """One of the exits of 2025: each step by two owners, a premature "left", a wire copy, a background piece."""
    case = f"{state}:APMBC"
    wire = f"Illustrative wire text: the parliament of {state} votes to leave the convention"
    steps = [
        say("2025-03-18", Stage.ADVOCATED, case=case, by=GOV, on="2025-03-18"),
        say("2025-03-19", Stage.ADVOCATED, case=case, by=GOV, owner="east"),
        say(vote, Stage.APPROVED, case=case, by=LOWER, on=vote, text=wire),
        say(vote, Stage.APPROVED, case=case, by=LOWER, on=vote, text=wire, owner="east"),
        say(vote, Stage.EFFECTIVE, case=case, owner="west", confidence=0.6),
        say(notice, Stage.NOTIFIED, case=case, by=UN, on=notice, owner="un"),
        say(notice, Stage.NOTIFIED, case=case, on=notice, owner="east"),
        say(effect, Stage.EFFECTIVE, case=case, on=effect),
        say(effect, Stage.EFFECTIVE, case=case, owner="east"),
    ]
    if signed:
        steps.append(say(signed, Stage.APPROVED, case=case, by=HEAD, on=signed))
    return tuple(steps)


STEPS = (
    (Stage.ADVOCATED, GOV),
    (Stage.APPROVED, LOWER),
    (Stage.APPROVED, HEAD),
    (Stage.NOTIFIED, UN),
    (Stage.EFFECTIVE, None),
)
PATH = tuple(stage for stage, _ in STEPS)

FINLAND = (
    say("2024-12-18", Stage.CONSIDERED, case="FI:APMBC", by=GOV),
    say("2025-01-20", Stage.ADVOCATED, case="FI:APMBC", speaker=SpeakerKind.OPPOSITION, owner="west"),
    say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", by=GOV, on="2025-04-01"),
    say("2025-04-02", Stage.ANNOUNCED, case="FI:APMBC", owner="east"),
    say("2025-06-19", Stage.APPROVED, case="FI:APMBC", by=LOWER, on="2025-06-19"),
    say("2025-06-19", Stage.EFFECTIVE, case="FI:APMBC", owner="west"),
    say("2025-07-04", Stage.APPROVED, case="FI:APMBC", by=HEAD, on="2025-07-04"),
    say("2025-07-10", Stage.NOTIFIED, case="FI:APMBC", by=UN, on="2025-07-10"),
    say("2026-01-10", Stage.EFFECTIVE, case="FI:APMBC", on="2026-01-10"),
)

STORIES = (
    *(
        Golden(
            f"{state} leaves the Ottawa Convention",
            ottawa(state, vote, signed, notice, effect),
            "2026-03-01",
            Stage.EFFECTIVE,
            tuple(step for step in STEPS if signed or step[1] is not HEAD),
            effect,
            frozenset(),
            tuple(stage for stage, organ in STEPS if signed or organ is not HEAD),
        )
        for state, vote, signed, notice, effect in (
            ("EE", "2025-06-04", "2025-06-13", "2025-06-27", "2025-12-27"),
            ("LV", "2025-04-16", "2025-04-24", "2025-06-27", "2025-12-27"),
            ("LT", "2025-05-08", None, "2025-06-27", "2025-12-27"),
            ("PL", "2025-06-25", "2025-07-31", "2025-08-20", "2026-02-20"),
        )
    ),
    Golden(
        "Finland considers, announces, leaves",
        FINLAND,
        "2026-03-01",
        Stage.EFFECTIVE,
        (
            (Stage.CONSIDERED, GOV),
            (Stage.ADVOCATED, None),
            (Stage.ANNOUNCED, GOV),
            (Stage.APPROVED, LOWER),
            (Stage.APPROVED, HEAD),
            (Stage.NOTIFIED, UN),
            (Stage.EFFECTIVE, None),
        ),
        "2026-01-10",
        frozenset(),
        (Stage.CONSIDERED, Stage.ANNOUNCED, Stage.APPROVED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE),
    ),
    Golden(
        "Finland on the day after its notice",
        FINLAND[:-1],
        "2025-07-11",
        Stage.NOTIFIED,
        (
            (Stage.CONSIDERED, GOV),
            (Stage.ADVOCATED, None),
            (Stage.ANNOUNCED, GOV),
            (Stage.APPROVED, LOWER),
            (Stage.APPROVED, HEAD),
            (Stage.NOTIFIED, UN),
        ),
        "2026-01-10",
        frozenset({Flag.PREMATURE, Flag.CONFLICT_CLAUSE}),
        (Stage.CONSIDERED, Stage.ANNOUNCED, Stage.APPROVED, Stage.APPROVED, Stage.NOTIFIED),
    ),
    Golden(
        "Ukraine decrees an exit, suspends, and is contested",
        (
            say("2025-06-29", Stage.APPROVED, case="UA:APMBC", by=HEAD, on="2025-06-29"),
            say("2025-06-30", Stage.EFFECTIVE, case="UA:APMBC", owner="west"),
            say("2025-07-15", Stage.APPROVED, case="UA:APMBC", by=LOWER, on="2025-07-15"),
            say("2025-07-18", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND, on="2025-07-18"),
            say("2025-07-20", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND, owner="east"),
            say(
                "2025-12-03",
                Stage.SUSPENDED,
                case="UA:APMBC",
                action=Action.SUSPEND,
                owner="south",
                positions=tuple(Position(state=s, stance=Stance.OPPOSES) for s in ("AT", "BE", "CH", "NO")),
            ),
        ),
        "2026-01-01",
        Stage.SUSPENDED,
        ((Stage.APPROVED, HEAD), (Stage.APPROVED, LOWER), (Stage.SUSPENDED, None)),
        None,
        frozenset({Flag.CONTESTED, Flag.PREMATURE}),
        (Stage.APPROVED, Stage.APPROVED, Stage.SUSPENDED),
    ),
    Golden(
        "Norway rules it out",
        (
            say("2025-03-10", Stage.ADVOCATED, case="NO:APMBC", speaker=SpeakerKind.OPPOSITION),
            say("2025-04-02", Stage.REJECTED, case="NO:APMBC", by=GOV),
            say("2025-04-03", Stage.REJECTED, case="NO:APMBC", owner="east"),
        ),
        "2025-05-01",
        Stage.REJECTED,
        ((Stage.ADVOCATED, None), (Stage.REJECTED, GOV)),
        None,
        frozenset(),
        (),
    ),
    Golden(
        "Lithuania leaves cluster munitions",
        (
            say("2024-07-18", Stage.APPROVED, case="LT:CCM", by=LOWER, on="2024-07-18"),
            say("2024-07-18", Stage.EFFECTIVE, case="LT:CCM", owner="west"),
            say("2024-09-06", Stage.NOTIFIED, case="LT:CCM", by=UN, on="2024-09-06"),
            say("2025-03-06", Stage.EFFECTIVE, case="LT:CCM", on="2025-03-06"),
        ),
        "2025-04-01",
        Stage.EFFECTIVE,
        ((Stage.APPROVED, LOWER), (Stage.NOTIFIED, UN), (Stage.EFFECTIVE, None)),
        "2025-03-06",
        frozenset(),
        (Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE),
    ),
    Golden(
        "The United States and the missile treaty",
        (
            say("2018-10-20", Stage.ANNOUNCED, case="US:INF", by=HEAD, on="2018-10-20"),
            say("2018-12-05", Stage.CONSIDERED, case="US:INF", owner="east"),
            say("2019-02-01", Stage.SUSPENDED, case="US:INF", action=Action.SUSPEND, on="2019-02-01"),
            say("2019-02-02", Stage.NOTIFIED, case="US:INF", on="2019-02-02"),
            say("2019-08-02", Stage.EFFECTIVE, case="US:INF", on="2019-08-02"),
        ),
        "2019-09-01",
        Stage.EFFECTIVE,
        (
            (Stage.ANNOUNCED, HEAD),
            (Stage.CONSIDERED, None),
            (Stage.SUSPENDED, None),
            (Stage.NOTIFIED, None),
            (Stage.EFFECTIVE, None),
        ),
        "2019-08-02",
        frozenset(),
        (Stage.ANNOUNCED, Stage.SUSPENDED, Stage.NOTIFIED, Stage.EFFECTIVE),
    ),
    Golden(
        "The United States and Paris in four acts",
        (
            say("2017-06-01", Stage.ANNOUNCED, case="US:PARIS", by=HEAD, on="2017-06-01"),
            say("2019-11-04", Stage.NOTIFIED, case="US:PARIS", by=UN, on="2019-11-04"),
            say("2020-11-04", Stage.EFFECTIVE, case="US:PARIS", on="2020-11-04"),
            say("2021-02-19", Stage.REVERSED, case="US:PARIS", on="2021-02-19"),
            say("2025-01-20", Stage.ANNOUNCED, case="US:PARIS", by=HEAD, on="2025-01-20"),
            say("2025-01-20", Stage.EFFECTIVE, case="US:PARIS", owner="west"),
            say("2025-01-27", Stage.NOTIFIED, case="US:PARIS", by=UN, on="2025-01-27"),
            say("2026-01-27", Stage.EFFECTIVE, case="US:PARIS", on="2026-01-27"),
        ),
        "2026-02-01",
        Stage.EFFECTIVE,
        (
            (Stage.ANNOUNCED, HEAD),
            (Stage.NOTIFIED, UN),
            (Stage.EFFECTIVE, None),
            (Stage.REVERSED, None),
            (Stage.ANNOUNCED, HEAD),
            (Stage.NOTIFIED, UN),
            (Stage.EFFECTIVE, None),
        ),
        "2026-01-27",
        frozenset({Flag.RE_ENTRY}),
        (
            Stage.ANNOUNCED,
            Stage.NOTIFIED,
            Stage.EFFECTIVE,
            Stage.REVERSED,
            Stage.ANNOUNCED,
            Stage.NOTIFIED,
            Stage.EFFECTIVE,
        ),
    ),
    Golden(
        "The Philippines keep their visiting forces",
        (
            say("2020-01-23", Stage.CONSIDERED, case="PH:SOFA~vfa", by=HEAD),
            say("2020-02-11", Stage.NOTIFIED, case="PH:SOFA~vfa", action=Action.TERMINATE, on="2020-02-11"),
            say("2020-06-02", Stage.REVERSED, case="PH:SOFA~vfa", action=Action.TERMINATE, by=GOV, on="2020-06-02"),
            say("2020-11-11", Stage.REVERSED, case="PH:SOFA~vfa", action=Action.TERMINATE, by=GOV, on="2020-11-11"),
            say("2021-07-30", Stage.REVERSED, case="PH:SOFA~vfa", action=Action.TERMINATE, by=HEAD, on="2021-07-30"),
        ),
        "2021-09-01",
        Stage.REVERSED,
        ((Stage.CONSIDERED, HEAD), (Stage.NOTIFIED, None), (Stage.REVERSED, GOV), (Stage.REVERSED, HEAD)),
        None,
        frozenset(),
        (Stage.CONSIDERED, Stage.NOTIFIED, Stage.REVERSED, Stage.REVERSED),
    ),
    Golden(
        "Russia and conventional forces over two decades",
        (
            say("2004-02-09", Stage.CONSIDERED, case="RU:CFE", speaker=SpeakerKind.OFFICIAL),
            say("2007-07-14", Stage.APPROVED, case="RU:CFE", by=HEAD, action=Action.SUSPEND, on="2007-07-14"),
            say("2007-12-12", Stage.SUSPENDED, case="RU:CFE", action=Action.SUSPEND, on="2007-12-12"),
            say("2023-05-10", Stage.ANNOUNCED, case="RU:CFE", by=HEAD, on="2023-05-10"),
            say("2023-05-29", Stage.APPROVED, case="RU:CFE", by=HEAD, on="2023-05-29"),
            say("2023-05-29", Stage.EFFECTIVE, case="RU:CFE", owner="west"),
            say("2023-11-07", Stage.EFFECTIVE, case="RU:CFE", on="2023-11-07"),
        ),
        "2023-12-01",
        Stage.EFFECTIVE,
        (
            (Stage.CONSIDERED, None),
            (Stage.APPROVED, HEAD),
            (Stage.SUSPENDED, None),
            (Stage.ANNOUNCED, HEAD),
            (Stage.APPROVED, HEAD),
            (Stage.EFFECTIVE, None),
        ),
        "2023-11-07",
        frozenset({Flag.UNCONFIRMED}),  # no depositary's word among these reports
        (Stage.CONSIDERED, Stage.APPROVED, Stage.SUSPENDED, Stage.ANNOUNCED, Stage.APPROVED, Stage.EFFECTIVE),
    ),
)
NAMES = [story.name for story in STORIES]


def by_publication(signals: tuple[Signal, ...]) -> list[Signal]:
    """Order as the world printed them."""
    return sorted(signals, key=lambda s: (s.published or at("1970-01-01"), s.owner == "west"))


def seen(case: Case | None) -> tuple[object, ...]:
    """Reduce a case to what a golden story states."""
    assert case is not None
    effective = case.effective_date.value.isoformat() if case.effective_date else None
    history = tuple((entry.stage, entry.institution) for entry in case.history)
    return case.stage, history, effective, frozenset(case.flags)


@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_a_story_comes_to_its_end_in_three_orders_of_arrival(story: Golden) -> None:
    """Published, reversed and shuffled: the same case, and the one that history knows."""
    published = by_publication(story.signals)
    shuffled = published[:]
    random.Random(story.name).shuffle(shuffled)

    for order in (published, published[::-1], shuffled):
        telling = Story()
        for signal in order:
            telling.hear(signal, now=at(story.now))
        assert bare(telling.case) == fold(story.signals, at(story.now), RULES)
        assert seen(telling.case) == (story.stage, story.history, story.effective, story.flags)


@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_a_story_alerts_once_for_each_step_as_it_is_published(story: Golden) -> None:
    """No step is told twice, whatever is repeated, copied or printed too early."""
    telling = Story()
    for signal in by_publication(story.signals):
        telling.hear(signal)

    alerted = [t for t in telling.told if t.alertable_at is not None]
    assert tuple(t.stage for t in alerted) == story.path
    assert len({t.id for t in telling.told}) == len(telling.told)


@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_a_case_at_announced_is_never_taken_back_by_talk(story: Golden) -> None:
    """A call or a doubt printed after everything changes no stage."""
    last = max(s.published for s in story.signals if s.published)
    talk = say(f"{last:%Y-%m-%d}", Stage.CONSIDERED, case=story.signals[0].case_id, owner="talk", by=UPPER)

    case = fold([*story.signals, talk], at(story.now), RULES)

    assert case is not None
    if story.stage in (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE, Stage.SUSPENDED):
        assert case.stage is story.stage


def test_norways_refusal_alone_is_told_to_nobody() -> None:
    """A state that stays is no news."""
    telling = Story()
    for signal in STORIES[NAMES.index("Norway rules it out")].signals:
        telling.hear(signal)

    assert {t.severity for t in telling.told} == {Severity.NONE}
