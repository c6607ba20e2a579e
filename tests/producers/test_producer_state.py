"""The producers' state file: transactions, the outbox and its life."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from producers.memory import FeedState, Seen
from producers.state import FILE, Outgoing, Placed, State, file_name
from treatywatch.topics import DEADLETTERS, ITEMS

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = FeedState(feed="one", url="https://news.example.org/feed", etag='W/"e"', due=NOW)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path)
    yield opened
    opened.close()


def record(n: int) -> Outgoing:
    return Outgoing(ITEMS.name, f"item-{n}", b'{"n": %d}' % n)


def seen(key: str, twin: str | None = None) -> Seen:
    return Seen(id=key, twin=twin, revision=2, text_hash="h", title="T", summary="S")


def place(state: State, run: str, first: int = 0) -> None:
    rows = state.unsent()
    state.sent(rows, [Placed(ITEMS.name, 0, first + n) for n in range(len(rows))], run)


def test_what_is_committed_is_there_after_a_restart(state: State, tmp_path: Path) -> None:
    """Feed state, entries seen and the outbox come back as they were."""
    state.commit(FEED, [seen("a", "t")], [record(1), record(2)], NOW)
    state.close()
    again = State(tmp_path)

    assert again.feeds() == {"one": FEED}
    assert again.seen(["a", "b"], []) == ({"a": seen("a", "t")}, {})
    assert again.seen([], ["t"]) == ({"a": seen("a", "t")}, {"t": "a"})
    assert [row.record for row in again.unsent()] == [record(1), record(2)]
    again.close()


def test_turn_is_written_whole_or_not_at_all(state: State, tmp_path: Path) -> None:
    """A failure in the middle, here a full disk's stand-in, leaves neither items nor a feed that looks read."""
    state.commit(FEED, [], [], NOW)
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        state.commit(FeedState(feed="one", url="https://changed.example.org/"), [seen("a")], [record(1)], NOW)

    assert state.feeds() == {"one": FEED}
    assert state.seen(["a"], []) == ({}, {})
    assert state.unsent() == []


def test_outbox_row_is_sent_once_per_run_of_the_broker(state: State) -> None:
    """Marked rows wait; a new broker, which knows nothing, gets everything again, in order."""
    state.commit(FEED, [], [record(1), record(2)], NOW)
    place(state, "first")

    assert state.unsent() == []
    assert state.refeed("first") == 0
    assert state.refeed("second") == 2
    assert [row.record for row in state.unsent()] == [record(1), record(2)]


def test_row_goes_an_hour_after_the_worker_has_passed_it(state: State) -> None:
    """Not when it is acknowledged, not when it is passed, and never before."""
    state.commit(FEED, [], [record(1), record(2)], NOW)
    place(state, "run")

    assert state.prune(ITEMS.name, {0: 1}, "run", NOW) == 0
    assert state.prune(ITEMS.name, {0: 1}, "run", NOW + timedelta(minutes=59)) == 0
    assert state.prune(ITEMS.name, {0: 1}, "run", NOW + timedelta(minutes=60)) == 1
    assert state.refeed("another") == 1
    assert [row.record for row in state.unsent()] == [record(2)]


def test_dead_letter_goes_an_hour_after_the_broker_has_it(state: State) -> None:
    """Nobody further on reads it; an item beside it that the worker has not passed stays."""
    state.commit(FEED, [], [record(1), Outgoing(DEADLETTERS.name, "one", b"{}")], NOW)
    place(state, "run")

    assert state.prune(ITEMS.name, {}, "run", NOW) == 0
    assert state.prune(ITEMS.name, {}, "run", NOW + timedelta(minutes=59)) == 0
    assert state.prune(ITEMS.name, {}, "run", NOW + timedelta(minutes=60)) == 1
    assert state.refeed("another") == 1
    assert [row.record for row in state.unsent()] == [record(1)]


def test_dead_letter_without_an_acknowledgement_is_not_pruned(state: State) -> None:
    """The near miss."""
    state.commit(FEED, [], [Outgoing(DEADLETTERS.name, "one", b"{}")], NOW)

    assert state.prune(ITEMS.name, {}, "run", NOW) == 0
    assert state.prune(ITEMS.name, {}, "run", NOW + timedelta(hours=2)) == 0
    assert state.waiting() == 1


def test_committed_offsets_of_another_run_prune_nothing(state: State) -> None:
    """A near miss: offset 5 of a broker that is gone says nothing about this one."""
    state.commit(FEED, [], [record(1)], NOW)
    place(state, "first")

    assert state.prune(ITEMS.name, {0: 5}, "second", NOW) == 0
    assert state.prune(ITEMS.name, {0: 5}, "second", NOW + timedelta(hours=2)) == 0
    assert state.refeed("second") == 1


def test_dropped_row_is_gone(state: State) -> None:
    """A broker that keeps what it has needs no outbox behind it."""
    state.commit(FEED, [], [record(1), record(2)], NOW)
    state.drop(state.unsent(1), [Placed(ITEMS.name, 0, 0)], "run")

    assert [row.record for row in state.unsent()] == [record(2)]


def test_file_progress_is_written_with_its_lines_and_forgotten_at_the_end(state: State, tmp_path: Path) -> None:
    """A file that was cut short is continued; one that is through is read anew; a changed file has another name."""
    path = tmp_path / "items.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    name = file_name(path)
    state.append_file(name, 1, [record(1)])
    path.write_text("{}\n{}\n", encoding="utf-8")

    assert (state.file_lines(name), state.file_lines(file_name(path)), state.waiting()) == (1, 0, 1)
    state.end_files()
    assert state.file_lines(name) == 0


def test_old_entries_are_forgotten(state: State) -> None:
    """The file does not grow for ever."""
    state.commit(FEED, [seen("old")], [], NOW)
    state.commit(FEED, [seen("new")], [], NOW + timedelta(days=2))

    assert state.forget(NOW + timedelta(days=1)) == 1
    assert set(state.seen(["old", "new"], [])[0]) == {"new"}


def test_many_ids_are_looked_up(state: State) -> None:
    """More than SQLite takes in one statement."""
    state.commit(FEED, [seen(str(n)) for n in range(0, 3000, 2)], [], NOW)

    assert len(state.seen([str(n) for n in range(3000)], [])[0]) == 1500


def test_kill_leaves_the_outbox_and_the_progress_of_the_file_in_step(tmp_path: Path) -> None:
    """A process killed for good in the middle of writing: every line is in the outbox exactly once, or not yet."""
    writes = (
        "import sys, pathlib\n"
        "from producers.state import Outgoing, State\n"
        "state = State(pathlib.Path(sys.argv[1]))\n"
        "for n in range(1_000_000):\n"
        "    state.append_file('file', n + 1, [Outgoing('t', str(n), b'{}')])\n"
        "    print(n, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", writes, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(50):
        process.stdout.readline()
    process.kill()
    process.communicate()

    state = State(tmp_path)
    rows = state.unsent(1_000_000)
    assert [row.record.key for row in rows] == [str(n) for n in range(state.file_lines("file"))]
    assert len(rows) >= 50
    state.close()
