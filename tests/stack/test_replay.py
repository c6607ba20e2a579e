"""Replay from the topics of a real Kafka: the live path's result, event for event, and nobody is disturbed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from processors.track.lines import case_line, transition_line
from tests.running import Command
from tests.stack.servers.kafka import Kafka
from tests.stack.waiting import eventually
from tests.stack.worker_rounds import PARTITIONS, STATES, Rounds
from treatywatch import broker, wire
from treatywatch.locate import config_dir
from treatywatch.model import Case, Item, Signal, Text
from treatywatch.topics import CASES, ITEMS, SIGNALS

pytestmark = pytest.mark.timeout(240)

STEPS = (
    "{state}'s parliament votes to leave the {treaty}",
    "{state} will withdraw from the {treaty}, its foreign minister says",
    "{state} notifies the depositary of its withdrawal from the {treaty}",
)
TREATIES = ("Ottawa Convention", "Energy Charter Treaty")


@pytest.fixture
def rounds(kafka: Kafka, tmp_path: Path) -> Iterator[Rounds]:
    """An empty broker with our topics."""
    kafka.reset()
    made = Rounds(kafka.bootstrap, tmp_path)
    yield made
    made.close()


def items() -> Iterator[Item]:
    """Several reports of each step by several outlets, an article that is corrected, and what is no exit."""
    now = datetime.now(UTC)
    for number, step in enumerate(STEPS):
        for state in STATES[:12]:
            for treaty in TREATIES:
                title = step.format(state=state, treaty=treaty)
                for outlet in ("Example Wire (illustrative)", "Example Post (illustrative)"):
                    fetched = now + timedelta(seconds=number)
                    yield Item(
                        id=wire.digest(title, outlet), title=title, outlet=outlet, published=fetched, fetched=fetched
                    )
    wrong = "Chile notifies the depositary of its withdrawal from the Ottawa Convention"
    yield Item(id="corrected", title=wrong, outlet="Example Post (illustrative)", published=now, fetched=now)
    right = "Chile notifies the depositary of its new address"
    yield Item(
        id="corrected", title=right, outlet="Example Post (illustrative)", published=now, fetched=now, revision=2,
        previous=Text(title=wrong),
    )  # fmt: skip
    yield Item(id="none", title="Peru withdraws its team from the cup", published=now, fetched=now)


def send(rounds: Rounds, news: Iterator[Item]) -> None:
    """Send items, and one record that is none."""
    producer = broker.producer(rounds.kafka)
    for item in news:
        producer.send(ITEMS.name, key=item.id.encode(), value=wire.encode(item))
    producer.send(ITEMS.name, key=b"bad", value=b"no item")
    producer.flush(60)
    producer.close()


def groups(rounds: Rounds) -> dict[str, dict[str, int]]:
    """Every consumer group, and what it has committed."""
    client = broker.admin(rounds.kafka)
    try:
        names = sorted(str(group["group_id"]) for group in client.list_groups())
        return {name: {str(tp): at for tp, at in broker.committed(client, name).items()} for name in names}
    finally:
        client.close()


def replay(rounds: Rounds, *args: str, config: Path | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Run `replay --topics` on this broker; returns the exit status and the JSON lines."""
    settings = {
        "TREATYWATCH_KAFKA_EMBEDDED": "false",
        "TREATYWATCH_KAFKA_BOOTSTRAP": rounds.bootstrap,
        "TREATYWATCH_KAFKA_PARTITIONS": str(PARTITIONS),
        "TREATYWATCH_CONFIG": str(config or config_dir()),
        "TREATYWATCH_STATE": str(rounds.folder),
    }
    command = Command(rounds.folder, "replay", "--topics", "--json", *args, settings=settings)
    status = command.wait(120)
    return status, [json.loads(line) for line in command.output().splitlines() if line.startswith("{")]


def without_clocks(line: dict[str, Any]) -> dict[str, Any]:
    """A transition line without the moment at which it was handled; the rest must be equal to the letter."""
    return line | {"changed": {key: value for key, value in line["changed"].items() if key != "at"}}


def by_case(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Lines by case, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(line["id"], []).append(line)
    return found


def test_replay_from_the_topics_is_the_live_path_event_for_event(rounds: Rounds, tmp_path: Path) -> None:
    """Transitions and cases are those that the worker wrote; another rule is shown, and applied without an alarm."""
    rounds.start_worker()
    rounds.start_worker()
    send(rounds, items())
    rounds.settle()
    before = groups(rounds)
    written = list(rounds.read(CASES, Case))
    live = [transition_line(case) for case in written if case.changed]
    latest = {case.id: case for case in written}

    status, told = replay(rounds, "--transitions")
    _, cases = replay(rounds)
    clean, differences = replay(rounds, "--diff")

    assert (status, clean, differences) == (0, 0, [])
    assert len(live) > 60
    assert {id: [without_clocks(line) for line in lines] for id, lines in by_case(told).items()} == {
        id: [without_clocks(line) for line in lines] for id, lines in by_case(live).items()
    }
    assert cases == [json.loads(json.dumps(case_line(latest[id]))) for id in sorted(latest)]
    assert groups(rounds) == before

    _another_rule(rounds, tmp_path, before, latest)


def _another_rule(rounds: Rounds, tmp_path: Path, before: dict[str, dict[str, int]], latest: dict[str, Case]) -> None:
    """A register without one treaty: its cases get another name."""
    config = tmp_path / "config"
    shutil.copytree(config_dir(), config)
    register = (config / "treaties.yml").read_text(encoding="utf-8")
    start = register.index("  - id: ECT\n")
    end = register.index("  - id: ", start + 1)
    (config / "treaties.yml").write_text(register[:start] + register[end:], encoding="utf-8")

    status, differences = replay(rounds, "--diff", config=config)

    assert status == 4
    assert {line["sent"]["case"].partition(":")[2] for line in differences if line["sent"]} == {"ECT"}
    assert all(not line["today"] or line["today"]["case"].partition(":")[2].startswith("~") for line in differences)
    assert groups(rounds) == before

    alerted = {t.id for case in latest.values() for t in case.transitions if t.alertable_at}
    status, _ = replay(rounds, "--apply", "--yes", config=config)
    assert status == 0
    rounds.settle()
    now = {case.id: case for case in rounds.read(CASES, Case)}
    assert {t.id for case in now.values() for t in case.transitions if t.alertable_at} == alerted
    fresh = [signal for signal in rounds.read(SIGNALS, Signal) if signal.generation == 2]
    assert fresh
    assert all(signal.backfill for signal in fresh)
    status, differences = replay(rounds, "--diff", config=config)
    assert (status, differences) == (0, [])
    eventually(lambda: not rounds.gaps(), 1, "no gap")
