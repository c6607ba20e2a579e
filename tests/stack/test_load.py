"""The load run (tests/load), small in every test run, and in full at night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.load.scene import Scene, memory_growth
from tests.load.verdict import MOST_GROWTH, MOST_GROWTH_IN_TWO_ROUNDS, faults
from tests.load.world import Plan
from tests.stack.servers.kafka import Kafka


def test_two_hundred_feeds_lose_and_repeat_nothing_over_a_kill_and_a_broker_that_is_away(
    start_kafka: Callable[..., Kafka], tmp_path: Path
) -> None:
    """Half a minute of the run below, with intervals of seconds; a kill, and the broker away for three."""
    scene = Scene(
        Plan(feeds=200, hosts=50, least=2, most=6, lasts=36),
        spacing=0.1,
        kill_at=10,
        away_at=18,
        away_for=3,
        hard=False,
    )
    found = scene.run(start_kafka(), tmp_path)

    wrong = faults(scene, found, slack=4, across_kills=False, growth=1)
    assert not wrong, "\n".join([*wrong, str(scene.figures(found))])


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_five_thousand_feeds_are_polled_in_time_for_ten_minutes(
    start_kafka: Callable[..., Kafka], tmp_path: Path
) -> None:
    """Intervals of 1 to 15 minutes under 500 host names; a kill, and the broker killed and away for a minute."""
    scene = Scene(
        Plan(feeds=5000, hosts=500, least=60, most=900, lasts=600),
        kill_at=300,
        away_at=390,
        away_for=60,
    )
    found = scene.run(start_kafka(), tmp_path)

    wrong = faults(scene, found, growth=MOST_GROWTH_IN_TWO_ROUNDS)
    assert not wrong, "\n".join([*wrong, str(scene.figures(found))])


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_memory_is_flat_over_many_rounds(start_kafka: Callable[..., Kafka], tmp_path: Path) -> None:
    """Some fifteen thousand polls: 800 feeds every 5 to 10 seconds; what grows with each poll would be seen."""
    scene = Scene(Plan(feeds=800, hosts=400, least=5, most=10, lasts=120), spacing=0.2)
    found = scene.run(start_kafka(), tmp_path)

    assert found.polls > 8_000
    assert (found.lost, found.twice) == ([], [])
    assert memory_growth(scene.samples) < MOST_GROWTH
