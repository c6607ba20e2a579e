"""The commands for whoever runs treatywatch, against a real broker: topics, produce, lag, dead letters, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import Command, free_port
from tests.stack.servers.kafka import Kafka

pytestmark = pytest.mark.timeout(180)

GOOD = {"id": "a", "title": "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention"}


@pytest.fixture
def settings(kafka: Kafka) -> dict[str, str]:
    """An empty broker."""
    kafka.reset()
    return {"TREATYWATCH_KAFKA_BOOTSTRAP": kafka.bootstrap, "TREATYWATCH_KAFKA_PARTITIONS": "2"}


def run(folder: Path, *args: str, settings: dict[str, str], status: int = 0) -> str:
    """Run a command to its end and return its output."""
    command = Command(folder, *args, settings=settings)
    assert command.wait(60) == status, command.output()
    return command.output()


def test_topics_are_created_once_and_what_is_there_is_changed_only_when_told(
    settings: dict[str, str], tmp_path: Path
) -> None:
    """Another number of partitions is told and never mended: a case's partition must stay what it is."""
    missing = run(tmp_path, "topics", "--check", settings=settings, status=75)
    first = run(tmp_path, "topics", settings=settings)
    again = json.loads(run(tmp_path, "topics", "--json", settings=settings))
    other = run(tmp_path, "topics", settings=settings | {"TREATYWATCH_KAFKA_PARTITIONS": "4"}, status=1)

    assert "run `treatywatch topics` first" in missing
    assert first.count("created, 2 partitions") == 4
    assert [row["created"] for row in again] == [False] * 4
    assert not any(row["differences"] for row in again)
    assert "2 partitions, settings say 4" in other


def test_a_file_is_published_bad_lines_are_listed_shown_and_refused_for_replay(
    settings: dict[str, str], tmp_path: Path
) -> None:
    """Straight to Kafka, without an outbox; the account is told."""
    run(tmp_path, "topics", settings=settings)
    items = tmp_path / "items.jsonl"
    items.write_bytes(json.dumps(GOOD).encode() + b"\n{ no json\n")

    told = run(tmp_path, "produce", "--items", str(items), "--state", str(tmp_path / "state"), settings=settings)
    rows = [json.loads(line) for line in run(tmp_path, "deadletters", "list", "--json", settings=settings).splitlines()]
    shown = run(tmp_path, "deadletters", "show", rows[0]["id"], settings=settings)
    refused = run(tmp_path, "deadletters", "replay", "all", settings=settings, status=1)
    nowhere = run(tmp_path, "deadletters", "show", "9:9", settings=settings, status=1)

    assert "2 lines: 1 published, 1 dead letters" in told
    assert [(row["stage"], row["reason"]) for row in rows] == [("produce", "malformed")]
    assert "{ no json" in shown
    assert "give that source to `treatywatch produce` again" in refused
    assert "no dead letter at 9:9" in nowhere


def test_a_worker_reads_what_is_there_and_lag_and_health_say_so(settings: dict[str, str], tmp_path: Path) -> None:
    """From a file to no lag; a role that serves its metrics is healthy, and stops on SIGTERM with status 0."""
    run(tmp_path, "topics", settings=settings)
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps(GOOD) + "\n")
    run(tmp_path, "produce", "--items", str(items), "--state", str(tmp_path / "state"), settings=settings)
    served = settings | {"TREATYWATCH_METRICS_PORT": str(free_port())}

    worker = Command(tmp_path, "process", settings=served)
    worker.wait_for(lambda: '"transition"' in worker.output() or "transition" in worker.output(), 60, "a transition")
    healthy = run(tmp_path, "health", "process", settings=served)
    worker.terminate()

    assert worker.wait(30) == 0, worker.output()
    assert healthy == ""
    rows = json.loads(run(tmp_path, "lag", "--json", settings=settings))
    assert {(row["group"], row["topic"]) for row in rows} == {
        ("treatywatch", "treatywatch.items"),
        ("treatywatch", "treatywatch.signals"),
    }
    assert sum(row["records"] for row in rows) == 0
    assert "cannot be reached" in run(tmp_path, "health", "process", settings=served, status=1)


def test_a_worker_without_topics_says_what_to_do(settings: dict[str, str], tmp_path: Path) -> None:
    """A Faust send to a missing topic would never return."""
    assert "run `treatywatch topics` first" in run(tmp_path, "process", settings=settings, status=75)


def test_the_doctor_finds_what_is_well_and_what_is_not(settings: dict[str, str], tmp_path: Path) -> None:
    """One line each; the exit status says whether all is well."""
    state = {"TREATYWATCH_STATE": str(tmp_path / "state")}
    sick = run(tmp_path, "doctor", settings=settings | state, status=1)
    run(tmp_path, "topics", settings=settings)
    well = json.loads(run(tmp_path, "doctor", "--json", settings=settings | state))
    away = run(tmp_path, "doctor", settings=state | {"TREATYWATCH_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, status=1)

    assert "FAIL topics" in sick
    assert {finding["what"]: finding["ok"] for finding in well} == {
        "configuration": True,
        "feeds, treaties, lexicon, alert policy": True,
        "checksums": True,
        "state folder": True,
        "broker": True,
        "topics": True,
        "store": True,
    }
    assert "FAIL broker" in away
