"""The demo through detection and tracking, in memory: the cases and the transitions that a careful analyst expects.

`demo_cases.jsonl` and `demo_transitions.jsonl` were written from the facts of the exits from the Ottawa Convention, not
from the program's output: change them when the facts or the policy say so, never to make a test pass.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

import pytest

from processors.detect.pipeline import Detector, load_detector
from processors.track.advance import Rules, advance, load_rules, tick
from tests.golden.compare import case_lines, golden, transition_lines, unordered
from treatywatch.demo import Demo, items_of, load_demo
from treatywatch.locate import config_dir
from treatywatch.model import Case, Item, Signal, Transition

WALL = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return load_demo(config_dir())


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector(config_dir())


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(config_dir())


@pytest.fixture(scope="module")
def scenes(demo: Demo, detector: Detector) -> list[list[tuple[Item, tuple[Signal, ...]]]]:
    """Every item with its signals, by scene."""
    items = iter(items_of(demo))
    return [[(item, detector.read(item).signals) for item in islice(items, len(printed))] for printed in demo.printed]


class Played:
    """Cases and transitions as `track` makes them: one signal after the other, the clock at the latest item."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.now = rules, datetime(2025, 1, 1, tzinfo=UTC)
        self.cases: dict[str, Case] = {}
        self.transitions: list[tuple[str, Transition]] = []

    def take(self, item: Item, signals: Iterable[Signal]) -> None:
        assert item.published is not None
        assert item.fetched is not None
        self.now = max(self.now, item.published)
        for signal in signals:
            step = advance(self.cases.get(signal.case_id), (signal,), self.now, WALL, self.rules)
            assert step.record is not None
            self.cases[signal.case_id] = step.record
            self.transitions += [(signal.case_id, transition) for transition in step.transitions]

    def tick(self) -> None:
        for id, case in self.cases.items():
            step = tick(case, self.now, WALL, self.rules)
            assert step.record is not None
            self.cases[id] = step.record
            self.transitions += [(id, transition) for transition in step.transitions]


def play(scenes: Iterable[Iterable[tuple[Item, tuple[Signal, ...]]]], rules: Rules) -> Played:
    played = Played(rules)
    for scene in scenes:
        for item, signals in scene:
            played.take(item, signals)
        played.tick()
    return played


def test_near_misses_give_no_signal(demo: Demo, detector: Detector) -> None:
    """Troops, bills, halls, anniversaries, appeals to stay and the other families: not one signal."""
    near = {story.id for scene in demo.scenes for story in scene.stories if story.family}
    wrong = {
        item.title: [(s.actor, s.treaty, s.stage.value) for s in signals]
        for item in items_of(demo)
        if item.id.partition("/")[2] in near and (signals := detector.read(item).signals)
    }
    assert wrong == {}


def test_true_stories_give_signals_of_the_ottawa_convention_only(demo: Demo, detector: Detector) -> None:
    """Each first print of a true story speaks of at least one state, and of no other treaty."""
    near = {story.id for scene in demo.scenes for story in scene.stories if story.family}
    for item in items_of(demo):
        if item.id.partition("/")[2] in near or item.revision > 1:
            continue
        assert {signal.treaty for signal in detector.read(item).signals} == {"APMBC"}, item.title


def test_cases_are_those_of_the_analyst(scenes: list[list[tuple[Item, tuple[Signal, ...]]]], rules: Rules) -> None:
    """Seven states, their steps with organs and dates, the dates of effect, the flags."""
    assert case_lines(play(scenes, rules).cases.values()) == golden("demo_cases.jsonl")


def test_transitions_are_those_of_the_analyst(
    scenes: list[list[tuple[Item, tuple[Signal, ...]]]], rules: Rules
) -> None:
    """Each step is told once: no copy, no correction and no late report tells it again."""
    assert unordered(transition_lines(play(scenes, rules).transitions)) == unordered(golden("demo_transitions.jsonl"))


@pytest.mark.parametrize("seed", range(6))
def test_order_within_a_scene_does_not_matter(
    scenes: list[list[tuple[Item, tuple[Signal, ...]]]], rules: Rules, seed: int
) -> None:
    """Feeds are fetched in any order, and an item may come twice: the same cases and transitions."""
    mixed = [scene * 2 for scene in scenes]
    for scene in mixed:
        random.Random(seed).shuffle(scene)
    played = play(mixed, rules)
    assert case_lines(played.cases.values()) == golden("demo_cases.jsonl")
    assert unordered(transition_lines(played.transitions)) == unordered(golden("demo_transitions.jsonl"))


def test_first_scene_alerts(scenes: list[list[tuple[Item, tuple[Signal, ...]]]], rules: Rules) -> None:
    """Whoever starts the demo sees an alert at once: the four ministers' recommendation."""
    played = play(scenes[:1], rules)
    assert {case for case, transition in played.transitions if transition.alertable_at} == {
        "EE:APMBC",
        "LT:APMBC",
        "LV:APMBC",
        "PL:APMBC",
    }


def test_premature_report_is_flagged_until_it_is_corrected(
    demo: Demo, scenes: list[list[tuple[Item, tuple[Signal, ...]]]], rules: Rules
) -> None:
    """ "Has left" on the day of the vote flags the case; the correction takes the flag away, and neither is told."""
    (printed,) = (n for n, s in enumerate(demo.scenes) if any(story.id == "lithuania-left" for story in s.stories))
    before, claimed, corrected = (play(scenes[:n], rules) for n in (printed, printed + 1, printed + 2))
    flags = [[flag.value for flag in p.cases["LT:APMBC"].flags] for p in (before, claimed, corrected)]
    assert flags == [["illustrative"], ["premature", "illustrative"], ["illustrative"]]
    assert len(before.transitions) == len(corrected.transitions)


def test_dates_of_the_golden_file_are_those_of_the_convention() -> None:
    """Six months after the notice, as article 20 says: the golden file agrees with itself."""
    for line in golden("demo_cases.jsonl"):
        notice = [step[3] for step in line["history"] if step[0] == "notified" and step[1] == "withdraw"]
        if notice:
            year, month, day = map(int, notice[0].split("-"))
            month += 6
            effect = datetime(year + (month > 12), (month - 1) % 12 + 1, day)
            assert line["effective_date"]["value"] == effect.date().isoformat()
