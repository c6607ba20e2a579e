"""The Faust worker on a real broker: nothing is lost, whatever joins, leaves or dies.

Faust by itself skips events when two workers start close together; see processors/app.py. These rounds show whether
the repair holds, and will show when upstream has made it needless.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack.servers.kafka import Kafka
from tests.stack.worker_rounds import SEED, Rounds
from treatywatch import broker
from treatywatch.model import DeadLetter, Signal
from treatywatch.topics import CASES, DEADLETTERS, ITEMS, SIGNALS

pytestmark = pytest.mark.timeout(240)

KINDS = ("pair", "kill", "join", "kill and restart", "pair")
ROUNDS = 40 if os.environ.get("NIGHTLY") else 5


@pytest.fixture
def rounds(kafka: Kafka, tmp_path: Path) -> Iterator[Rounds]:
    """An empty broker with our topics."""
    kafka.reset()
    made = Rounds(kafka.bootstrap, tmp_path)
    yield made
    made.close()


def in_background(work: Callable[[], None]) -> threading.Thread:
    """Do something beside the test."""
    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("number", range(ROUNDS))
def test_workers_that_start_together_join_leave_and_die_lose_nothing(rounds: Rounds, number: int) -> None:
    """Two workers of a new group within 1.5 s of each other, under load; then one dies, or a third joins and leaves."""
    chance = random.Random(f"{SEED}/{number}")
    kind = KINDS[number % len(KINDS)]
    load = in_background(lambda: rounds.feed(8))
    first = rounds.start_worker()
    time.sleep(chance.uniform(0, 1.5))
    second = rounds.start_worker()
    if kind.startswith("kill"):
        time.sleep(chance.uniform(3, 5))
        victim = chance.choice([first, second])
        victim.finished = kind == "kill"  # else the supervisor starts it again
        assert victim.process is not None
        victim.process.kill()
    if kind == "join":
        time.sleep(chance.uniform(3, 4))
        third = rounds.start_worker()
        time.sleep(chance.uniform(2, 4))
        rounds.stop_worker(chance.choice([first, second, third]))
    load.join()

    rounds.settle()

    rounds.check()
    assert rounds.gaps() == 0, "the guard behind the repair had to act: a new fault"


def test_the_broker_restarts_under_load_and_nothing_is_lost(rounds: Rounds, kafka: Kafka) -> None:
    """Producer and worker wait for it and go on by themselves."""
    rounds.start_worker()
    load = in_background(lambda: rounds.feed(8))
    time.sleep(4)
    kafka.restart(hard=True)
    load.join()

    rounds.settle()

    rounds.check()


def test_a_skipped_event_makes_the_worker_leave_and_is_handled_after_the_restart(
    rounds: Rounds, tmp_path: Path
) -> None:
    """The worker is made to skip one record of one partition, once; nothing beyond it is acknowledged."""
    skipped = tmp_path / "skipped"
    worker = rounds.start_worker(driver=["1", "5", str(skipped)])
    rounds.feed(1)

    rounds.settle()

    assert skipped.exists()
    assert rounds.gaps() == 1
    assert '"expected": 5' in worker.log.read_text()
    rounds.check()


def test_garbage_on_any_topic_becomes_dead_letters_and_the_worker_goes_on(rounds: Rounds) -> None:
    """No bytes, no JSON, another version, nesting that no parser takes: each is kept, and what comes behind is read."""
    nested = b'{"a":' * 100_000
    garbage = [None, b"", b"{", nested, b'{"v":2}', b'{"v":1,"id":7}']
    producer = broker.producer(rounds.kafka)
    for value in garbage:
        for topic in (ITEMS, SIGNALS):
            producer.send(topic.name, key=b"x", value=value, partition=0)
    producer.send(CASES.name, key=b"x", value=nested, partition=0)  # read by the worker when it recovers
    producer.flush(30)
    producer.close()
    worker = rounds.start_worker()
    rounds.feed(0.5)

    rounds.settle()

    letters = list(rounds.read(DEADLETTERS, DeadLetter))
    assert sorted((letter.stage, letter.reason) for letter in letters) == sorted(
        (stage, reason)
        for stage in ("detect", "track")
        for reason in ("malformed", "malformed", "malformed", "malformed", "schema_version", "invalid")
    )
    assert {signal.item for signal in rounds.read(SIGNALS, Signal)} >= set(rounds.acknowledged)
    assert worker.restarts == 0
