"""`treatywatch up` as a user runs it: the demo comes out exactly, whatever is killed on the way, without orphans."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.names import Names
from sinks.sqlite import SqliteStore
from tests.golden.compare import case_lines, golden, transition_lines, unordered
from tests.receiver import Receiver
from tests.running import Command, free_port, kill_everything, processes_of
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.model import Case
from treatywatch.register import load_register

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]

ALERTS = sum(line["alertable"] for line in golden("demo_transitions.jsonl"))


def settings(receiver: Receiver | None = None) -> dict[str, str]:
    """Ports of this run's own, and a webhook where one listens."""
    own = {"TREATYWATCH_LIVE_PORT": str(free_port()), "TREATYWATCH_METRICS_PORT": str(free_port())}
    return own | ({"TREATYWATCH_NOTIFY_WEBHOOKS": receiver.url} if receiver else {})


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder; whatever still runs in it at the end is killed."""
    yield tmp_path / "state"
    kill_everything(tmp_path / "state")


def stored(folder: Path) -> list[Case]:
    """The cases in the store of a state folder."""
    store = SqliteStore(folder / "store.sqlite", Names(load_register(config_dir()), load_actors(config_dir())))
    try:
        return list(store.cases())
    finally:
        store.close()


def digest(folder: Path) -> str:
    """The whole content of the store in one word."""
    store = SqliteStore(folder / "store.sqlite", Names(load_register(config_dir()), load_actors(config_dir())))
    try:
        return store.digest()
    finally:
        store.close()


def assert_golden(cases: list[Case]) -> None:
    """Cases and transitions are those of the analyst."""
    assert case_lines(cases) == golden("demo_cases.jsonl")
    told = transition_lines((case.id, transition) for case in cases for transition in case.transitions)
    assert unordered(told) == unordered(golden("demo_transitions.jsonl"))


def test_the_demo_comes_out_exactly_and_each_alert_is_sent_once(state: Path) -> None:
    """Newsroom, poller, broker, worker, store and notify, all as they run for a user; no process is left."""
    with Receiver() as receiver:
        up = Command(
            state.parent,
            "up",
            "--demo",
            "--exit",
            "--seconds",
            "10",
            "--state",
            str(state),
            settings=settings(receiver),
        )
        assert up.wait(120) == 0, up.output()

        assert_golden(stored(state / "demo"))
        assert set(receiver.times().values()) == {1}
        assert len(receiver.messages) == ALERTS
        assert processes_of(state) == []
        assert "Estonia" in up.output()
        assert "ended with status" not in up.output()


@pytest.mark.parametrize("moment", [2, 9, 17, 30] if os.environ.get("NIGHTLY") else [9])
def test_after_kill_9_of_everything_the_cases_are_the_same_and_no_alert_is_lost(state: Path, moment: int) -> None:
    """Killed in the middle of the replay (nightly: early and late too); the next start continues it."""
    with Receiver() as receiver:
        own = settings(receiver)
        args = ("up", "--demo", "--exit", "--seconds", "12", "--state", str(state))
        first = Command(state.parent, *args, settings=own)
        first.wait_for(lambda: len(receiver.messages) >= moment, 90, f"{moment} messages")
        assert kill_everything(state) >= 8

        second = Command(state.parent, *args, settings=own)
        assert second.wait(150) == 0, second.output()

        assert_golden(stored(state / "demo"))
        assert len(receiver.times()) == ALERTS
        assert receiver.unmarked_repeats() == []


def test_killed_between_acknowledgement_and_index_nothing_is_lost(state: Path) -> None:
    """The indexer stands still, so what the broker has acknowledged is in no store when everything is killed."""
    with Receiver() as receiver:
        own = settings(receiver)
        args = ("up", "--demo", "--exit", "--seconds", "12", "--state", str(state))
        first = Command(state.parent, *args, settings=own)
        first.wait_for(lambda: len(receiver.messages) >= 2, 90, "2 messages")
        for pid in processes_of(state):
            if b"index" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGSTOP)
        before = len(receiver.messages)
        first.wait_for(lambda: len(receiver.messages) >= before + 4, 60, "4 more messages past the store")
        kill_everything(state)

        second = Command(state.parent, *args, settings=own)
        assert second.wait(150) == 0, second.output()

        assert_golden(stored(state / "demo"))
        assert len(receiver.times()) == ALERTS
        assert receiver.unmarked_repeats() == []


def test_the_broker_alone_dies_and_everything_is_fed_again(state: Path) -> None:
    """It is in memory, so its death is the death of all that it held."""
    with Receiver() as receiver:
        up = Command(
            state.parent,
            "up",
            "--demo",
            "--exit",
            "--seconds",
            "12",
            "--state",
            str(state),
            settings=settings(receiver),
        )
        up.wait_for(lambda: len(receiver.messages) >= 5, 90, "5 messages")
        for pid in processes_of(state):
            if b"tansu" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        assert up.wait(150) == 0, up.output()

        assert "starting again from the state folder" in up.output()
        assert_golden(stored(state / "demo"))
        assert len(receiver.times()) == ALERTS
        assert receiver.unmarked_repeats() == []


LINES = [
    {
        "id": "a",
        "title": "Estonia notifies United Nations of withdrawal from Ottawa Convention",
        "published": "2025-06-27",
    },
    {
        "id": "b",
        "title": "Finland's parliament votes to leave the Ottawa Convention",
        "published": "2025-06-19",
        "of_tomorrow": 1,
    },
    {"id": "c", "title": "Poland withdraws troops from border exercise", "published": "2025-06-19"},
    {"id": "d", "title": "Council of mayors meets in Ottawa", "published": "2999-01-01"},
]
BAD = [b"{ no json", b'{"id": "e"}', b'{"title": "\\u0000\\u0000"}', b'{"title": "' + b"x" * 5_000_000 + b'"}', b"[1]"]


def sent(folder: Path, stage: str) -> int:
    """How many records a stage has sent on; embedded topics have one partition, and a fresh broker begins at 0."""
    return sum(json.loads((folder / "account" / f"{stage}.json").read_text())["outputs"].values())


def write_items(path: Path) -> Path:
    """Four readable lines and five that are not, gzipped."""
    with gzip.open(path, "wb") as out:
        for line in LINES:
            out.write(json.dumps(line).encode() + b"\n")
        for bad in BAD:
            out.write(bad + b"\n")
    return path


def account(folder: Path, stage: str) -> dict[str, int]:
    """The counts of a stage."""
    return dict(json.loads((folder / "account" / f"{stage}.json").read_text())["counts"])


def test_a_file_goes_through_every_stage_and_the_account_is_complete(state: Path, tmp_path: Path) -> None:
    """Bad lines are dead letters and the rest goes on; running it twice changes nothing in the store."""
    items = write_items(tmp_path / "items.jsonl.gz")
    args = ("up", "--items", str(items), "--exit", "--state", str(state))
    first = Command(tmp_path, *args, settings=settings())
    assert first.wait(120) == 0, first.output()
    once = digest(state)

    assert account(state, "produce") == {
        "dead/invalid": 1,
        "dead/malformed": 1,
        "dead/no_text": 2,
        "dead/too_large": 1,
        "passed/": 4,
    }
    detect = account(state, "detect")
    assert sum(detect.values()) == 4
    assert detect["passed/"] == 2
    assert sum(account(state, "track").values()) == 2
    # Each signal, and each record of a case (one for each of its transitions).
    assert account(state, "index") == {"passed/": 2 + sent(state, "track")}
    assert {case.id for case in stored(state)} == {"EE:APMBC", "FI:APMBC"}
    assert "received" in first.output()
    assert "deadletters list" in first.output()
    assert len((state / "deadletters.jsonl").read_bytes().splitlines()) == len(BAD)

    second = Command(tmp_path, *args, settings=settings())
    assert second.wait(120) == 0, second.output()
    assert digest(state) == once
    assert account(state, "detect") == detect


def test_a_file_that_was_cut_short_by_kill_9_is_counted_once(state: Path, tmp_path: Path) -> None:
    """The producer is far ahead of the worker when everything is killed; the next run counts each line once."""
    items = tmp_path / "items.jsonl"
    items.write_text(
        "".join(json.dumps({"title": f"Council {n} meets", "date": "2025-06-01"}) + "\n" for n in range(30_000))
    )
    args = ("up", "--items", str(items), "--exit", "--state", str(state))
    first = Command(tmp_path, *args, settings=settings())
    produced = state / "account" / "produce.json"
    first.wait_for(lambda: produced.exists() and account(state, "produce").get("passed/", 0) > 0, 90, "items published")
    kill_everything(state)

    second = Command(tmp_path, *args, settings=settings())

    assert second.wait(150) == 0, second.output()
    assert account(state, "produce") == {"passed/": 30_000}
    assert sum(account(state, "detect").values()) == 30_000


def test_ctrl_c_stops_every_process_and_exits_0(state: Path, tmp_path: Path) -> None:
    """Nothing is left behind, and the page is gone."""
    own = settings()
    up = Command(tmp_path, "up", "--demo", "--seconds", "600", "--state", str(state), settings=own)
    up.wait_for(lambda: "live page" in up.output(), 60, "the live page")
    assert len(processes_of(state)) >= 8

    up.interrupt()

    assert up.wait(40) == 0
    assert processes_of(state) == []
    assert "Traceback" not in up.output()


def test_the_supervisor_alone_is_killed_and_nothing_outlives_it(state: Path, tmp_path: Path) -> None:
    """kill -9 gives it no chance to stop anything."""
    up = Command(tmp_path, "up", "--demo", "--seconds", "600", "--state", str(state), settings=settings())
    up.wait_for(lambda: "live page" in up.output(), 60, "the live page")

    up.kill()

    deadline = time.monotonic() + 30
    while processes_of(state) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(state) == []


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """A small file system of its own, where root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        up = Command(tmp_path, "up", "--demo", "--state", str(disk / "state"), settings=settings())

        assert up.wait(30) == 3
        assert "is full" in up.output()
        assert len(up.output().strip().splitlines()) == 1
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_second_instance_a_taken_port_and_a_wrong_setting_are_one_clear_line_each(
    state: Path, tmp_path: Path
) -> None:
    """No traceback, an exit status of their own, and what to do."""
    own = settings()
    up = Command(tmp_path, "up", "--demo", "--seconds", "600", "--state", str(state), settings=own)
    up.wait_for(lambda: "live page" in up.output(), 60, "the live page")

    second = Command(tmp_path, "up", "--demo", "--state", str(state), settings=settings())
    port = Command(tmp_path, "up", "--demo", "--state", str(tmp_path / "other"), settings=own)
    wrong = Command(
        tmp_path, "up", "--demo", "--state", str(tmp_path / "third"), settings={"TREATYWATCH_LIVE_PROT": "1"}
    )

    assert (second.wait(30), port.wait(30), wrong.wait(30)) == (3, 3, 2)
    assert "already runs here" in second.output()
    assert "TREATYWATCH_LIVE_PORT" in port.output()
    assert "did you mean 'TREATYWATCH_LIVE_PORT'?" in wrong.output()
    for command in (second, port, wrong):
        assert len(command.output().strip().splitlines()) == 1, command.output()
    up.interrupt()
    assert up.wait(40) == 0
