"""A change of the register on a real broker: a case moves to the row that now stands for it, and nobody is alerted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stack.servers.kafka import Kafka
from tests.stack.worker_rounds import Rounds
from treatywatch import broker, wire
from treatywatch.locate import config_dir
from treatywatch.model import Case, Item, Stage
from treatywatch.topics import CASES, ITEMS

pytestmark = pytest.mark.timeout(240)

OLD, NEW = "GE:~dagomys", "GE:OST"


@pytest.fixture
def rounds(kafka: Kafka, tmp_path: Path) -> Iterator[Rounds]:
    """An empty broker with our topics."""
    kafka.reset()
    made = Rounds(kafka.bootstrap, tmp_path)
    yield made
    made.close()


def report(rounds: Rounds, id: str, title: str) -> None:
    """Publish one fresh item."""
    now = datetime.now(UTC)
    item = Item(
        id=id,
        title=title,
        owner=id,
        outlet=f"The {id} Illustrated",
        published=now - timedelta(minutes=5),
        fetched=now,
    )
    producer = broker.producer(rounds.kafka)
    producer.send(ITEMS.name, key=id.encode(), value=wire.encode(item)).get(timeout=30)
    producer.close()


def cases(rounds: Rounds) -> dict[str, Case]:
    """Read the latest record of each case."""
    found: dict[str, Case] = {}
    for case in rounds.read(CASES, Case):
        if case.id not in found or case.revision >= found[case.id].revision:
            found[case.id] = case
    return found


def test_case_of_a_slug_that_the_register_takes_over_moves_without_an_alert(rounds: Rounds, tmp_path: Path) -> None:
    """Written once more with `superseded_by`; its story stands in the new case; the next report alerts there."""
    worker = rounds.start_worker()
    report(rounds, "north", "Georgia announces withdrawal from the Dagomys agreement")
    rounds.settle()
    before = cases(rounds)
    assert set(before) == {OLD}
    assert [t.alertable_at is not None for t in before[OLD].transitions] == [True]
    rounds.stop_worker(worker)
    config = tmp_path / "config"
    shutil.copytree(config_dir(), config)
    register = config / "treaties.yml"
    text = register.read_text(encoding="utf-8")
    assert "  - id: OST\n" in text
    register.write_text(text.replace("  - id: OST\n", '  - id: OST\n    replaces: ["~dagomys"]\n'), encoding="utf-8")

    rounds.start_worker(config=config)
    deadline = time.monotonic() + 90
    while NEW not in cases(rounds):
        assert time.monotonic() < deadline, rounds.logs()
        time.sleep(1)
    rounds.settle()

    moved = cases(rounds)
    assert moved[OLD].superseded_by == NEW
    assert moved[OLD].transitions == before[OLD].transitions
    assert (moved[NEW].stage, moved[NEW].treaty) == (Stage.ANNOUNCED, "OST")
    assert [t.alertable_at for t in moved[NEW].transitions] == [None]

    report(rounds, "east", "Georgian parliament votes to withdraw from the Dagomys agreement")
    rounds.settle()
    after = cases(rounds)
    assert after[OLD] == moved[OLD]
    assert [(t.stage, t.alertable_at is not None) for t in after[NEW].transitions] == [
        (Stage.ANNOUNCED, False),
        (Stage.APPROVED, True),
    ]
