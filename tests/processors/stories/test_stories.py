"""Whole stories on true dates, from the items to the case, each in three orders of arrival.

One file a story: items in our own words (illustrative) with near misses between them, and the case that history knows.
The transitions that are alerted are those of the published order; the case is the same in every order.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from pydantic import Field

from processors.detect.pipeline import load_detector
from processors.replay import final, replay
from processors.track.advance import bare, load_rules
from treatywatch.config import Strict, load
from treatywatch.locate import config_dir
from treatywatch.model import Case, Flag, Institution, Item, Severity, Stage

CONFIG = config_dir()
DETECTOR = load_detector(CONFIG)
RULES = load_rules(CONFIG)
HERE = Path(__file__).parent


class Told(Strict):
    """An item as the story tells it. `by` is its owner; `near_miss` says why no signal may come of it."""

    day: date
    by: str
    title: str
    summary: str = ""
    lang: str = "en"
    near_miss: str | None = None

    @property
    def item(self) -> Item:
        """The item, published at nine and fetched five minutes later."""
        published = datetime.combine(self.day, time(9, tzinfo=UTC))
        return Item(
            id=f"{self.by}-{self.day}-{self.title[:40]}",
            title=self.title,
            summary=self.summary,
            language=self.lang,
            published=published,
            fetched=published + timedelta(minutes=5),
            outlet=f"The {self.by} Illustrated",
            owner=self.by,
            kind="depositary" if self.by == "depositary" else "newspaper",
            illustrative=True,
        )


class Expected(Strict):
    """What a case comes to. `history` and `alerts` name a step by its stage and, where there is one, its organ."""

    stage: Stage
    history: tuple[str, ...]
    effective: str | None = Field(description="the date and its basis")
    flags: tuple[Flag, ...]
    alerts: tuple[str, ...]


class Golden(Strict):
    """A story. `also` are cases that its items touch in passing; there may be no others."""

    name: str
    now: date
    items: tuple[Told, ...]
    cases: dict[str, Expected]
    also: tuple[str, ...] = ()

    @cached_property
    def published(self) -> list[Item]:
        """The items as the world printed them: the morning's voices first, the depositary's as it came."""
        return [told.item for told in sorted(self.items, key=lambda told: told.day)]

    @property
    def end(self) -> datetime:
        """The moment at which the case is looked at."""
        return datetime.combine(self.now, time(12, tzinfo=UTC))


STORIES = [load(path, Golden) for path in sorted(HERE.glob("*.yml"))]
named = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


def cases(story: Golden, items: list[Item]) -> dict[str, Case]:
    """Replay the items and look at the cases at the end of the story."""
    return {case.id: bare(case) for case in final(replay(DETECTOR, items, RULES, story.end))}


def step(stage: Stage, institution: Institution | None) -> str:
    """Name a step as the story files do."""
    return f"{stage.value} {institution.value}" if institution else stage.value


def seen(case: Case) -> dict[str, object]:
    """Reduce a case to what a story states."""
    effective = case.effective_date
    return {
        "stage": case.stage,
        "history": tuple(step(entry.stage, entry.institution) for entry in case.history),
        "effective": f"{effective.value} {effective.basis.value}" if effective else None,
        "flags": tuple(flag for flag in case.flags if flag is not Flag.ILLUSTRATIVE),
    }


@named
def test_a_story_comes_to_the_end_that_history_knows(story: Golden) -> None:
    """Stage, steps, date of effect and flags of each case; no other case comes of its items."""
    found = cases(story, story.published)

    assert found.keys() == {*story.cases, *story.also}
    for case_id, expected in story.cases.items():
        assert seen(found[case_id]) == expected.model_dump(exclude={"alerts"}), case_id


@named
def test_a_story_is_the_same_in_three_orders_of_arrival(story: Golden) -> None:
    """Published, reversed, shuffled and repeated: equal cases, with every entry and its evidence."""
    published = story.published
    shuffled = published + published[::3]
    random.Random(story.name).shuffle(shuffled)

    assert cases(story, published[::-1]) == cases(story, published) == cases(story, shuffled)


@named
def test_a_story_alerts_once_for_each_step_as_it_is_published(story: Golden) -> None:
    """No step is told twice, whatever is copied, repeated or printed too early."""
    told = [(case.id, case.changed) for case in replay(DETECTOR, story.published, RULES) if case.changed]

    for case_id, expected in story.cases.items():
        alerted = [t for id, t in told if id == case_id and t.severity is not Severity.NONE]
        assert tuple(step(t.stage, t.institution) for t in alerted) == expected.alerts
    assert len({t.id for _, t in told}) == len(told)


@named
def test_a_near_miss_gives_no_signal_and_every_other_item_does(story: Golden) -> None:
    """The items between are chosen to look alike."""
    for told in story.items:
        assert bool(DETECTOR.read(told.item).signals) == (told.near_miss is None), told.title


@named
def test_a_story_has_enough_to_go_wrong(story: Golden) -> None:
    """Eight to twenty items, with near misses and at least two owners among them."""
    assert 8 <= len(story.items) <= 20
    assert any(told.near_miss for told in story.items)
    assert len({told.by for told in story.items}) >= 2


def test_norways_refusal_is_told_to_nobody() -> None:
    """A state that stays is no news."""
    (story,) = (story for story in STORIES if "NO:APMBC" in story.cases)

    assert {case.changed.severity for case in replay(DETECTOR, story.published, RULES) if case.changed} == {
        Severity.NONE
    }
