"""The state of `track` after `kill -9`, on a real Kafka: from `cases` alone, and hardly slower than reading it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiokafka
import pytest

from processors.recover import read_cases
from processors.track.advance import bare, load_rules
from processors.track.fold import fold
from tests.stack.servers.kafka import Kafka
from tests.stack.waiting import eventually
from tests.stack.worker_rounds import PARTITIONS, Rounds
from treatywatch import broker, wire
from treatywatch.locate import config_dir
from treatywatch.model import Action, Case, Signal, Stage
from treatywatch.topics import CASES, SIGNALS

TIMES = 2.0  # of what a bare consumer takes for the same topic
STEPS = (Stage.CONSIDERED, Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)
START = datetime(2025, 1, 6, 9, tzinfo=UTC)


@pytest.fixture
def rounds(kafka: Kafka, tmp_path: Path) -> Iterator[Rounds]:
    """An empty broker with our topics."""
    kafka.reset()
    made = Rounds(kafka.bootstrap, tmp_path)
    yield made
    made.close()


def signals(cases: int, each: int) -> Iterator[Signal]:
    """Signals of many cases, all cases in turn: several owners report each step."""
    for number in range(each):
        stage, owner = STEPS[number * len(STEPS) // each], f"owner {number % 6}"
        seen = START + timedelta(days=3 * number)
        for case in range(cases):
            case_id = f"{chr(65 + case % 26)}{chr(65 + case // 26 % 26)}:~illustrative-pact-{case}"
            text = f"Illustrative: {owner} reports step {stage} of case {case} for the {number}th time."
            yield Signal(
                id=wire.digest(case_id, number),
                case_id=case_id,
                actor=case_id[:2],
                treaty=None,
                treaty_text=f"illustrative pact {case}",
                action=Action.WITHDRAW,
                stage=stage,
                confidence=0.8,
                item=f"{case}-{number}",
                event_date=date(2025, 1, 6) + timedelta(days=3 * number),
                sentence=text,
                title=text,
                owner=owner,
                outlet=f"The {owner} (illustrative)",
                published=seen,
                fetched=seen,
            )


async def bare_reading(rounds: Rounds) -> int:
    """Read the topic and do nothing with it; returns how many records there are."""
    consumer = aiokafka.AIOKafkaConsumer(
        **broker.connection(rounds.kafka), enable_auto_commit=False, fetch_max_wait_ms=100
    )
    await consumer.start()
    count = 0
    try:
        behind = {aiokafka.TopicPartition(CASES.name, partition) for partition in range(PARTITIONS)}
        consumer.assign(sorted(behind))
        await consumer.seek_to_beginning(*behind)
        while behind:
            count += sum(map(len, (await consumer.getmany(*behind, timeout_ms=500)).values()))
            for tp in tuple(behind):
                end = consumer.highwater(tp)
                if end is not None and await consumer.position(tp) >= end:
                    behind.discard(tp)
    finally:
        await consumer.stop()
    return count


@pytest.mark.parametrize(
    ("cases", "each"),
    [
        pytest.param(60, 20, id="small", marks=pytest.mark.timeout(240)),
        pytest.param(5000, 20, id="full", marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
    ],
)
def test_the_cases_come_back_from_their_topic_after_a_kill(rounds: Rounds, cases: int, each: int) -> None:
    """Killed in the middle of the load and after it: each case is the fold of its signals, and read back as it was."""
    worker = rounds.start_worker()
    producer = broker.producer(rounds.kafka)
    expected: dict[str, list[Signal]] = {}
    for number, signal in enumerate(signals(cases, each)):
        expected.setdefault(signal.case_id, []).append(signal)
        producer.send(SIGNALS.name, key=signal.case_id.encode(), value=wire.encode(signal))
        if number == cases * each // 2:
            producer.flush(120)
            eventually(lambda: any(True for _ in rounds.read(CASES, Case)), 60, "the first case is written")
            assert worker.process is not None
            worker.process.kill()  # the supervisor starts it again
    producer.flush(120)
    producer.close()
    rounds.settle(3000)
    worker.finished = True
    assert worker.process is not None
    worker.process.kill()

    took: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(3):
        start = time.perf_counter()
        count = asyncio.run(bare_reading(rounds))
        took["bare"].append(time.perf_counter() - start)
        start = time.perf_counter()
        found = asyncio.run(read_cases(rounds.kafka, set(range(PARTITIONS))))
        took["ours"].append(time.perf_counter() - start)

    assert count >= cases * each
    state = {id: case for held in found.values() for id, case in held.items()}
    rules, now = load_rules(config_dir()), datetime.now(UTC)
    assert {id: bare(case) for id, case in state.items()} == {
        id: fold(given, now, rules) for id, given in expected.items()
    }
    print(f"recovery: {count} records; bare {min(took['bare']):.2f} s, ours {min(took['ours']):.2f} s")
    # A small topic is read in the time of connecting; the half second is for a machine that does other work.
    assert min(took["ours"]) <= TIMES * min(took["bare"]) + (0.5 if cases < 1000 else 0.0)
