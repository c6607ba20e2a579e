"""The index role's batches: what is written, what goes to the dead letters, and that each record counts once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from sinks.consume import Record
from sinks.index import Indexer, group, open_store, read_batch
from sinks.sqlite import SqliteStore
from sinks.store import Refused, Written
from tests.sinks.made import NAMES, a_case, a_signal
from treatywatch import wire
from treatywatch.account import Account, Outcome
from treatywatch.locate import config_dir
from treatywatch.metrics import Metrics
from treatywatch.model import Case, DeadLetter, Signal
from treatywatch.settings import Index, Settings
from treatywatch.topics import CASES, SIGNALS

NOW = datetime(2025, 6, 25, 13, 2, 1, 500_000, tzinfo=UTC)


class Letters:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[DeadLetter] = []

    def send(self, letters: Iterable[DeadLetter]) -> None:
        """Keep the letters."""
        self.sent.extend(letters)


class Picky:
    """A store that refuses some signals, as a strict mapping does."""

    name = "picky"

    def __init__(self, *refused: str) -> None:
        self.refused, self.held = refused, list[str]()

    def write(self, signals: Sequence[Signal], cases: Sequence[Case]) -> Written:
        """Take all but the refused."""
        bad = [n for n, signal in enumerate(signals) if signal.id in self.refused]
        self.held += [s.id for s in signals if s.id not in self.refused] + [c.id for c in cases]
        refused = tuple(Refused("signal", n, "strict_dynamic_mapping_exception", "no such field") for n in bad)
        return Written(len(signals) + len(cases) - len(bad), 0, refused)

    def regained(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def record(offset: int, value: bytes, topic: str = SIGNALS.name) -> Record:
    """Make a record of partition 0."""
    return Record(topic, 0, offset, b"PL:APMBC", value)


def signals(*numbers: int) -> list[Record]:
    """Make a record for each signal, at the offset of its number."""
    return [record(n, wire.encode(a_signal(n))) for n in numbers]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Open an empty store."""
    opened = SqliteStore(tmp_path / "store.sqlite", NAMES)
    yield opened
    opened.close()


@pytest.fixture
def metrics() -> Metrics:
    """Make metrics of the test's own."""
    return Metrics(CollectorRegistry())


def sample(metrics: Metrics, name: str, **labels: str) -> float:
    """Read one metric; 0 where it is not there."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


def test_unreadable_records_go_to_the_dead_letters_and_the_rest_is_written(
    store: SqliteStore, metrics: Metrics, tmp_path: Path
) -> None:
    """Malformed, another schema version, another type, empty, too large: each with its reason, bytes, key and place."""
    letters, account = Letters(), Account("index", tmp_path / "account" / "index.json")
    bad = {
        "malformed": b"{no json",
        "schema_version": wire.encode(a_signal()).replace(b'"v":1', b'"v":2'),
        "invalid": wire.encode(a_case()),
        "too_large": b'{"v":1,' + b" " * 1_000_000 + b"}",
    }
    records = [*signals(0, 1), *(record(n + 2, value) for n, value in enumerate(bad.values())), record(6, b"")]
    records.append(record(0, wire.encode(a_case()), CASES.name))
    Indexer(store, letters, account, metrics, lambda: NOW).write(records)
    assert store.count() == (2, 1)
    assert [(d.reason, d.offset) for d in letters.sent] == [*zip(bad, range(2, 6), strict=True), ("malformed", 6)]
    assert [d.value for d in letters.sent[:3]] == list(bad.values())[:3]
    assert {(d.stage, d.source, d.partition, d.key, d.at) for d in letters.sent} == {
        ("index", SIGNALS.name, 0, "PL:APMBC", NOW)
    }
    assert (account.received, account.total(Outcome.PASSED), account.total(Outcome.DEAD)) == (8, 3, 5)
    assert account.reasons(Outcome.DEAD) == {"malformed": 2, "invalid": 1, "schema_version": 1, "too_large": 1}
    assert Account("index", tmp_path / "account" / "index.json").received == 8
    assert sample(metrics, "treatywatch_deadletters_total", stage="index", reason="malformed") == 2
    assert sample(metrics, "treatywatch_inputs_total", stage="index", outcome="passed", reason="") == 3


def test_refused_document_goes_to_the_dead_letters_with_its_own_bytes(metrics: Metrics) -> None:
    """Between unreadable records and cases, the refusal still finds the record that it is about."""
    letters, account, picky = Letters(), Account("index"), Picky("signal-3")
    case = record(0, wire.encode(a_case()), CASES.name)
    records = [*signals(1), record(2, b"?"), case, *signals(3, 4)]
    Indexer(picky, letters, account, metrics, lambda: NOW).write(records)
    assert picky.held == ["signal-1", "signal-4", "PL:APMBC"]
    refused = next(d for d in letters.sent if d.reason == "strict_dynamic_mapping_exception")
    assert wire.decode(refused.value, Signal) == a_signal(3)
    assert refused.error == "no such field"
    assert account.total(Outcome.DEAD) == 2
    assert sample(metrics, "treatywatch_index_writes_total", store="picky", outcome="refused") == 1


def test_record_that_comes_again_counts_once(store: SqliteStore, metrics: Metrics, tmp_path: Path) -> None:
    """After a kill between the write and the commit: the store is the same, and so is the account."""
    path = tmp_path / "account" / "index.json"
    Indexer(store, Letters(), Account("index", path), metrics, lambda: NOW).write(signals(0, 1, 2))
    digest = store.digest()
    restarted = Account("index", path)
    Indexer(store, Letters(), restarted, metrics, lambda: NOW).write(signals(0, 1, 2, 3))
    assert (restarted.received, restarted.redelivered) == (4, 3)
    assert sample(metrics, "treatywatch_redelivered_total", stage="index") == 3
    store.write([a_signal(3)], [])
    assert store.count() == (4, 0)
    assert store.digest() != digest


def test_nothing_is_counted_when_the_store_fails(metrics: Metrics, tmp_path: Path) -> None:
    """Records of a failed write are read again, so they must not be in the account."""

    class Failing(Picky):
        def write(self, signals: Sequence[Signal], cases: Sequence[Case]) -> Written:
            raise OSError("gone")

    account = Account("index", tmp_path / "index.json")
    with pytest.raises(OSError, match="gone"):
        Indexer(Failing(), Letters(), account, metrics, lambda: NOW).write(signals(0))
    assert account.received == 0
    assert not (tmp_path / "index.json").exists()


def test_nothing_is_counted_when_the_dead_letters_cannot_be_sent(metrics: Metrics) -> None:
    """A record that is neither stored nor a dead letter would have vanished."""

    class Deaf(Letters):
        def send(self, letters: Iterable[DeadLetter]) -> None:
            raise OSError("no broker")

    account = Account("index")
    with pytest.raises(OSError, match="no broker"):
        Indexer(Picky(), Deaf(), account, metrics, lambda: NOW).write([record(0, b"?")])
    assert account.received == 0


def test_latency_is_measured_for_live_signals_only(metrics: Metrics) -> None:
    """From the fetch to the store; what is back-filled or has no fetch time says nothing about us."""
    values = [
        a_signal(1),
        a_signal(2, backfill=True),
        a_signal(3, fetched=None),
        a_signal(4, fetched=NOW.replace(year=2030)),
    ]
    records = [record(n, wire.encode(value)) for n, value in enumerate(values)]
    Indexer(Picky(), Letters(), Account("index"), metrics, lambda: NOW).write(records)
    assert sample(metrics, "treatywatch_item_latency_seconds_count", stage="index") == 2
    assert sample(metrics, "treatywatch_item_latency_seconds_sum", stage="index") == 60.0


def test_success_is_fresh_at_start_after_a_write_and_when_idle(metrics: Metrics) -> None:
    """An alert on a store that takes nothing must not fire on a quiet night."""
    times = iter([NOW, NOW.replace(minute=3), NOW.replace(minute=4)])
    indexer = Indexer(Picky(), Letters(), Account("index"), metrics, lambda: next(times))

    def last() -> datetime:
        seen = sample(metrics, "treatywatch_index_last_success_timestamp_seconds", store="picky")
        return datetime.fromtimestamp(seen, UTC)

    assert last() == NOW
    indexer.write(signals(1))
    assert last() == NOW.replace(minute=3)
    indexer.idle()
    assert last() == NOW.replace(minute=4)


def test_batch_keeps_the_place_of_each_record() -> None:
    """Signals and cases of one poll are told apart by their topic."""
    records = [record(0, wire.encode(a_case()), CASES.name), *signals(1, 2)]
    batch = read_batch(records)
    assert [batch.sources["signal", n].offset for n in range(2)] == [1, 2]
    assert batch.sources["case", 0].topic == CASES.name
    assert batch.dead == {}


def test_store_and_group_follow_the_setting(tmp_path: Path) -> None:
    """Each kind of store has its own group, so that a new one is filled from the beginning."""
    settings = Settings()
    store = open_store(settings, tmp_path, config_dir(), None)  # type: ignore[arg-type]  # SQLite waits for nothing
    assert store.name == "sqlite"
    assert (tmp_path / "store.sqlite").is_file()
    store.close()
    assert group(settings) == "treatywatch-index-sqlite"
    assert group(Settings(index=Index(store="elasticsearch"))) == "treatywatch-index-elasticsearch"
