"""Item files, plain and gzipped, into the broker, straight and through the outbox."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import run as run_module
from producers.files import count_lines, lines, read_lines
from producers.run import produce_items, settle
from producers.state import State
from tests.producers.fake_broker import FakeBroker
from treatywatch.account import Account, Outcome
from treatywatch.errors import TreatywatchError
from treatywatch.model import DeadLetter, Item
from treatywatch.settings import Settings
from treatywatch.topics import DEADLETTERS


def write(path: Path, *records: object) -> Path:
    data = "".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def produce(path: Path | str, folder: Path, broker: FakeBroker, **more: Any) -> Account:
    return produce_items(Settings(), path, folder, connect=broker.connect, **more)


@pytest.mark.parametrize("name", ["items.jsonl", "items.jsonl.gz", "items.GZ", "items"])
def test_file_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    """Gzip is known by its first bytes."""
    data = b'{"title": "One"}\n\n{"title": "Two"}'
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.lower().endswith("gz") else data)
    with lines(path) as found:
        titles = [record.title for record in read_lines(found) if isinstance(record, Item)]

    assert titles == ["One", "Two"]
    assert count_lines(path) == 2


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`-` stands for it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b'{"title": "One"}\n'))))
    broker = FakeBroker()

    assert produce("-", tmp_path, broker).received == 1
    assert [item.title for item in broker.items()] == ["One"]


def test_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    """It names the file; damage in the middle of a gzip is told too."""
    with pytest.raises(TreatywatchError, match=r"nowhere\.jsonl: cannot be read"):
        produce(tmp_path / "nowhere.jsonl", tmp_path, FakeBroker())
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(b'{"title": "One"}\n' * 9_999)[:-20])
    with pytest.raises(TreatywatchError, match="reading stopped"):
        produce(damaged, tmp_path, FakeBroker())


@pytest.mark.parametrize("outbox", [False, True])
def test_every_line_is_published_or_a_dead_letter(tmp_path: Path, outbox: bool) -> None:
    """received = passed + dead, and one bad line spoils nothing."""
    path = write(tmp_path / "items.jsonl", {"title": "One"}, "nonsense", {"summary": ""}, {"text": "Two", "x": 1})
    broker = FakeBroker()
    account = produce(path, tmp_path / "state", broker, outbox=outbox)

    assert [item.title for item in broker.items()] == ["One", "Two"]
    assert len(broker.kept[DEADLETTERS.name]) == 2
    assert (account.received, account.total(Outcome.PASSED)) == (4, 2)
    assert account.reasons(Outcome.DEAD) == {"malformed": 1, "no_text": 1}
    assert account.outputs == {"treatywatch.items-0": 2, "treatywatch.deadletters-0": 2}


def test_items_of_a_file_are_history_unless_alerting(tmp_path: Path) -> None:
    """`--alert` is the only way to be told of them."""
    path = write(tmp_path / "items.jsonl", {"title": "One"})
    quiet, loud = FakeBroker(), FakeBroker()
    produce(path, tmp_path, quiet)
    produce(path, tmp_path, loud, alert=True)

    assert (quiet.items()[0].backfill, loud.items()[0].backfill) == (True, False)


def test_owner_comes_from_the_feeds_file_where_the_line_has_none(tmp_path: Path) -> None:
    """What the line says wins."""
    path = write(
        tmp_path / "items.jsonl",
        {"title": "One", "outlet": "Illustrative"},
        {"title": "Two", "outlet": "Illustrative", "owner": "Own"},
        {"title": "Three", "outlet": "Unlisted"},
    )
    broker = FakeBroker()
    produce(path, tmp_path, broker, owners={"Illustrative": "Group"})

    assert [item.owner_or_outlet for item in broker.items()] == ["Group", "Own", "Unlisted"]


def test_same_file_gives_the_same_ids(tmp_path: Path) -> None:
    """So that a second run changes nothing further on."""
    path = write(tmp_path / "items.jsonl", {"text": "One", "date": "20250618"}, {"text": "Two"})
    first, second = FakeBroker(), FakeBroker()
    produce(path, tmp_path, first)
    produce(path, tmp_path, second)

    assert first.kept == second.kept


def test_killed_run_is_continued_where_the_outbox_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill nothing is lost and no line is in the outbox twice, though the broker has forgotten everything."""
    monkeypatch.setattr(run_module, "BATCH", 2)
    path = write(tmp_path / "items.jsonl", *({"title": f"T{n}"} for n in range(7)))
    stop, heard = threading.Event(), []

    def halt(done: int, fraction: float | None) -> None:
        heard.append(done)
        if done == 4:
            stop.set()  # as a kill would, this leaves the file's progress where it is

    produce(path, tmp_path / "state", FakeBroker(), outbox=True, progress=halt, stop=stop)
    (tmp_path / "state" / "account" / "run").unlink()  # a fresh broker empties the accounts
    (tmp_path / "state" / "account" / "produce.json").unlink(missing_ok=True)  # nothing may have been carried yet
    fresh = FakeBroker()
    account = produce(path, tmp_path / "state", fresh, outbox=True)

    assert heard == [2, 4]
    assert [item.title for item in fresh.items()] == [f"T{n}" for n in range(7)]
    assert account.received == 7


def test_file_that_is_through_is_read_anew_the_next_time(tmp_path: Path) -> None:
    """Once it is settled: until then the outbox still holds its rows, and reading it again would count them twice."""
    path = write(tmp_path / "items.jsonl", {"title": "One"})
    broker = FakeBroker()
    for _ in range(2):
        produce(path, tmp_path / "state", broker, outbox=True)
    assert len(broker.items()) == 1

    settle(tmp_path / "state", {"treatywatch.items-0": 1})
    produce(path, tmp_path / "state", broker, outbox=True)

    assert len(broker.items()) == 2
    state = State(tmp_path / "state")
    assert state.waiting() == 0
    state.close()


def test_settled_file_is_not_sent_again_and_its_dead_letters_stay_to_be_looked_at(tmp_path: Path) -> None:
    """After the end of a run the next one, on a fresh broker, begins empty; its account knows nothing of the first."""
    folder = tmp_path / "state"
    produce(write(tmp_path / "first.jsonl", {"title": "One"}, "{", {"title": "Two"}), folder, FakeBroker(), outbox=True)

    assert settle(folder, {"treatywatch.items-0": 2, "treatywatch.signals-0": 9}) == 2

    shutil.rmtree(folder / "account")  # as whoever starts a fresh broker does
    fresh = FakeBroker()
    account = produce(write(tmp_path / "second.jsonl", {"title": "Three"}), folder, fresh, outbox=True)
    assert [item.title for item in fresh.items()] == ["Three"]
    assert len(fresh.kept[DEADLETTERS.name]) == 1
    assert (account.received, account.total(Outcome.DEAD)) == (1, 0)


def test_items_that_the_worker_has_not_passed_are_not_settled(tmp_path: Path) -> None:
    """The near miss: a call too early loses nothing, and neither does one for another life of the broker."""
    folder = tmp_path / "state"
    produce(write(tmp_path / "items.jsonl", {"title": "One"}, {"title": "Two"}), folder, FakeBroker(), outbox=True)

    assert settle(folder, {"treatywatch.items-0": 1}) == 1
    shutil.rmtree(folder / "account")
    assert settle(folder, {"treatywatch.items-0": 2}) == 0
    fresh = FakeBroker()
    produce(write(tmp_path / "empty.jsonl"), folder, fresh, outbox=True)

    assert [item.title for item in fresh.items()] == ["Two"]


_value = st.none() | st.text(max_size=20) | st.integers() | st.lists(st.text(max_size=5), max_size=2)
_line = st.binary(max_size=40).map(lambda b: b.replace(b"\n", b" ")) | st.dictionaries(
    st.sampled_from(["id", "title", "text", "summary", "published", "outlet", "revision", "other"]), _value
).map(lambda d: json.dumps(d).encode())


@given(st.lists(_line, max_size=10))
def test_nothing_vanishes(written: list[bytes]) -> None:
    """One Item or DeadLetter for each line that is not blank, whatever is in it."""
    records = list(read_lines(written, warn=lambda warning: None))

    assert len(records) == sum(1 for line in written if line.strip())
    assert all(isinstance(record, Item | DeadLetter) for record in records)
