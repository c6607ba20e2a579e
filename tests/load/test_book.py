"""The load run's own eyes: what it must notice, and what it must let pass."""

from __future__ import annotations

import dataclasses

import pytest

from tests.load.book import KILL, Findings, Record, Request, Window, compare
from tests.load.world import SHOWN, Plan, Source, world

PLAN = Plan(feeds=1, hosts=1, least=10, most=10, lasts=100, begins=1000)
SOURCE = dataclasses.replace(
    world(PLAN)[0],
    at=(*(1000.0 - 10 * (SHOWN - k) for k in range(SHOWN)), 1005.0, 1015.0),
    edits=(None,) * (SHOWN + 2),
)


def polls(*times: float, source: Source = SOURCE) -> list[Request]:
    """The feed asked and answered at these times."""
    return [Request(t, t + 0.01, source.id, 200, source.versions(t)) for t in times]


def records(*numbers: int, at: float = 0.5) -> list[Record]:
    """These items in Kafka, each as soon after its publication as said, or after the first poll."""
    return [Record((SOURCE.id, n, 1), str(n), 1, max(1001.0, SOURCE.at[n]) + at, False) for n in numbers]


def judge(requests: list[Request], there: list[Record], *windows: Window) -> Findings:
    return compare([SOURCE], requests, there, 1000.0, 1030.0, windows)


ALL = tuple(range(SHOWN + 2))
ASKED = polls(1001, 1010, 1019, 1028)


def test_run_without_a_fault_is_told_as_one() -> None:
    """Every item served is there once, and every poll in time."""
    found = judge(ASKED, records(*ALL))

    assert (found.lost, found.twice, found.never_polled) == ([], [], [])
    assert found.gaps[-1].share == pytest.approx(0.9)
    assert found.spacing == pytest.approx(8.99)


def test_item_that_was_served_and_is_not_there_is_lost() -> None:
    """The near miss is one that was served in the last seconds before the end."""
    assert judge(ASKED, records(*ALL[:-1])).lost == [(SOURCE.id, SHOWN + 1, 1)]
    assert judge(polls(1001, 1010, 1029), records(*ALL[:-1])).lost == []


def test_item_that_came_and_went_between_two_polls_is_lost() -> None:
    """It was never served, but later ones were: the feed was not asked in time."""
    busy = dataclasses.replace(SOURCE, at=tuple(1001 + n / 4 for n in range(100)), edits=(None,) * 100)
    asked = polls(1002, 1020, source=busy)
    served = {n for request in asked for n, _ in request.shown}
    there = [Record((busy.id, n, 1), str(n), 1, 1021, False) for n in served]

    assert len(compare([busy], asked, there, 1000, 1030).lost) == max(served) - min(served) + 1 - len(served) > 0


def test_item_that_is_there_twice_is_told() -> None:
    """By its version, or by its revision with another text."""
    again = records(*ALL, 3)
    other = [*records(*ALL), Record((SOURCE.id, 3, 2), "3", 1, 1002, False)]

    assert judge(ASKED, again).twice == [(SOURCE.id, 3, 1)]
    assert judge(ASKED, other).twice == [(SOURCE.id, 3, 1)]


def test_late_poll_is_told_also_before_the_first_and_after_the_last() -> None:
    """A feed that is forgotten has no second request to measure to."""
    assert judge(polls(1001, 1010), records(*ALL[:-1])).gaps[-1].share == pytest.approx(2.0)
    assert judge(polls(1018, 1028), records(*ALL)).gaps[-1].share == pytest.approx(1.8)
    assert judge([], []).never_polled == [SOURCE.id]


def test_latency_is_from_publication_less_the_interval_and_apart_where_something_was_down() -> None:
    """Items of the past are not timed, for nobody watched when they came."""
    kill = Window(KILL, 1014, 1020)
    calm, killed = judge(ASKED, records(*ALL, at=6)), judge(ASKED, records(*ALL, at=6), kill)

    assert calm.beyond_interval == pytest.approx([-4, -4])
    assert calm.served_to_kafka == pytest.approx([1, 2])
    assert len(killed.beyond_interval) == 1
    assert killed.under_fault == pytest.approx([2])
    assert [gap.killed for gap in sorted(killed.gaps, key=lambda gap: gap.seconds)] == [False, False, False, True, True]


def test_world_shows_each_item_in_turn_and_edits_some() -> None:
    """The same plan is the same world, in every process."""
    plan = Plan(feeds=50, hosts=5, least=2, most=6, lasts=60, begins=1000)
    source = world(plan)[7]
    late = source.versions(1060)

    assert [n for n, _ in source.versions(1000)] == list(range(SHOWN - 1, -1, -1))
    assert late[0][0] == len(source.at) - 1
    assert len(late) == SHOWN
    assert any(version == 2 for source in world(plan) for _, version in source.versions(1060))
    assert source.body(1000) == world(plan)[7].body(1000) != source.body(1060)
    assert {source.host for source in world(plan)} == {f"desk.outlet-{n:03}.example" for n in range(5)}
