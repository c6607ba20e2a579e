"""The index role between a real Kafka and both stores: nothing is lost or doubled, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaConsumer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from sinks import consume, index
from sinks.elasticsearch import ElasticsearchStore
from sinks.sqlite import FILE, SqliteStore
from tests.sinks.made import NAMES, a_case, a_signal
from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.servers.kafka import Kafka
from tests.stack.test_elasticsearch import TEMPLATES, expected, held
from tests.stack.waiting import eventually
from treatywatch import broker, deadletters, wire
from treatywatch.account import Account, Outcome
from treatywatch.metrics import Metrics
from treatywatch.model import Case, Signal
from treatywatch.settings import Elasticsearch as ElasticsearchSettings
from treatywatch.settings import Index, Settings
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics
from treatywatch.topics import CASES, SIGNALS

NIGHTLY = bool(os.environ.get("NIGHTLY"))
COUNT = 3000 if NIGHTLY else 900  # signals, and a tenth of that in case records
KILLS = 3 if NIGHTLY else 2
ROLE = """
import os, signal, sys, threading
from pathlib import Path
from sinks.index import run_index
from treatywatch.metrics import Metrics
from treatywatch.settings import read_settings

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
run_index(read_settings(), Path(sys.argv[1]), stop, Metrics(), account=True)
"""


def the_signals() -> list[Signal]:
    """Return the signals of a run, over four cases and two revisions of every tenth."""
    plain = [a_signal(n, case_id=f"PL:~{n % 4}") for n in range(COUNT)]
    return plain + [a_signal(n, case_id=f"PL:~{n % 4}", revision=2, withdrawn=True) for n in range(0, COUNT, 10)]


def the_cases() -> list[Case]:
    """Return the case records of a run: four cases through many revisions."""
    return [a_case(1 + n // 4, id=f"PL:~{n % 4}") for n in range(COUNT // 10)]


def latest() -> tuple[list[Signal], list[Case]]:
    """Return what the store must hold at the end."""
    return list({s.id: s for s in the_signals()}.values()), list({c.id: c for c in the_cases()}.values())


@pytest.fixture
def settings(kafka: Kafka) -> Settings:
    """Return settings for an empty broker with its topics."""
    kafka.reset()
    found = Settings(kafka=KafkaSettings(bootstrap=kafka.bootstrap, session_timeout_seconds=6, fetch_wait_ms=100))
    ensure_topics(found.kafka)
    return found


@pytest.fixture
def elastic(settings: Settings, elasticsearch: Elasticsearch) -> Settings:
    """Return settings for an empty broker and an emptied Elasticsearch."""
    elasticsearch.reset()
    server = ElasticsearchSettings(
        url=elasticsearch.url, username=elasticsearch.username, password=SecretStr(elasticsearch.password)
    )
    return settings.model_copy(update={"elasticsearch": server, "index": Index(store="elasticsearch", batch=100)})


def publish(settings: Settings, signals: list[Signal], cases: list[Case]) -> None:
    """Send signals and cases, acknowledged."""
    producer = broker.producer(settings.kafka)
    for s in signals:
        producer.send(SIGNALS.name, wire.encode(s), s.case_id.encode())
    for c in cases:
        producer.send(CASES.name, wire.encode(c), c.id.encode())
    producer.flush(60)
    producer.close()


@contextmanager
def running(settings: Settings, state: Path) -> Iterator[None]:
    """Run the role on a thread; its failure is the test's."""
    stop, failure = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            index.run_index(settings, state, stop, Metrics(CollectorRegistry()), account=True)
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    assert failure == []


def process(settings: Settings, state: Path) -> subprocess.Popen[bytes]:
    """Start the role as a process of its own."""
    password = settings.elasticsearch.password
    environment = {
        "TREATYWATCH_KAFKA_BOOTSTRAP": settings.kafka.bootstrap,
        "TREATYWATCH_KAFKA_SESSION_TIMEOUT_SECONDS": "6",
        "TREATYWATCH_ELASTICSEARCH_URL": settings.elasticsearch.url,
        "TREATYWATCH_ELASTICSEARCH_USERNAME": settings.elasticsearch.username,
        "TREATYWATCH_ELASTICSEARCH_PASSWORD": password.get_secret_value() if password else "",
        "TREATYWATCH_INDEX_STORE": settings.index.store,
        "TREATYWATCH_INDEX_BATCH": str(settings.index.batch),
        "PYTHONPATH": ".",
    }
    return subprocess.Popen([sys.executable, "-c", ROLE, str(state)], env=os.environ | environment)


def account(state: Path) -> Account:
    """Read the account of the role."""
    return Account("index", state / "account" / "index.json")


def done(state: Path, count: int) -> bool:
    """Say whether the role has counted so many inputs."""
    return account(state).received >= count


def reaches(role: subprocess.Popen[bytes], state: Path, count: int) -> None:
    """Wait until a running process has counted so many inputs."""

    def counted() -> bool:
        assert role.poll() is None, f"the role ended with status {role.returncode}"
        return done(state, count)

    eventually(counted, 90, f"{count} inputs are counted")


def committed(settings: Settings) -> int:
    """Return the sum of the group's committed offsets."""
    client = broker.admin(settings.kafka)
    try:
        name = index.group(settings)
        offsets: Mapping[object, object] = client.list_group_offsets({name: None})[name]
        return sum(int(getattr(found, "offset", 0)) for found in offsets.values())
    finally:
        client.close()


TOTAL = len(the_signals()) + len(the_cases())


def assert_whole(settings: Settings, state: Path) -> None:
    """Check documents, account and dead letters against an undisturbed run."""
    found = account(state)
    assert (found.received, found.total(Outcome.PASSED), found.total(Outcome.DEAD)) == (TOTAL, TOTAL, 0)
    assert list(deadletters.read(settings.kafka)) == []
    signals, cases = latest()
    if settings.index.store == "sqlite":
        store = SqliteStore(state / FILE, NAMES)
        reference = SqliteStore(state / "reference.sqlite", NAMES)
        reference.write(signals, cases)
        assert store.digest() == reference.digest()
        store.close()
        reference.close()
    else:
        elastic = ElasticsearchStore(settings.elasticsearch, NAMES, TEMPLATES, threading.Event())
        wanted = expected(signals, cases)
        got = held(elastic)
        elastic.close()
        assert got.keys() == wanted.keys()
        assert {id: version for id, (version, _) in got.items()} == {id: version for id, (version, _) in wanted.items()}


def test_everything_is_written_and_committed_and_a_restart_finds_nothing_to_do(
    settings: Settings, tmp_path: Path
) -> None:
    """SQLite: the whole of both topics, each record once, and offsets that cover it all at the end."""
    publish(settings, the_signals(), the_cases())
    with running(settings, tmp_path):
        eventually(lambda: done(tmp_path, TOTAL), 60, "all is counted")
    assert_whole(settings, tmp_path)
    eventually(lambda: committed(settings) == TOTAL, 10, "all is committed")
    with running(settings, tmp_path):
        publish(settings, [a_signal(COUNT)], [])
        eventually(lambda: done(tmp_path, TOTAL + 1), 60, "one more is counted")
    assert account(tmp_path).redelivered == 0


# SQLite is killed in mid-write by tests/embedded too, with everything around it.
@pytest.mark.parametrize("store", ["elasticsearch", "sqlite"] if NIGHTLY else ["elasticsearch"])
def test_killed_in_mid_write_the_role_loses_and_doubles_nothing(elastic: Settings, tmp_path: Path, store: str) -> None:
    """`kill -9` again and again while it writes; afterwards store and account are those of a quiet run."""
    settings = elastic.model_copy(update={"index": Index.model_validate({"store": store, "batch": COUNT // 60})})
    publish(settings, the_signals(), the_cases())
    for part in range(1, KILLS + 1):
        role = process(settings, tmp_path)
        reaches(role, tmp_path, TOTAL * part // (KILLS + 1))
        role.send_signal(signal.SIGKILL)
        assert role.wait(10) == -signal.SIGKILL
    role = process(settings, tmp_path)
    reaches(role, tmp_path, TOTAL)
    role.terminate()
    assert role.wait(30) == 0
    assert_whole(settings, tmp_path)


def test_elasticsearch_away_for_half_a_minute_loses_nothing_and_keeps_the_group(
    elastic: Settings, elasticsearch: Elasticsearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed under load. The consumer may go 5 s without a poll here (5 min as shipped), and is never put out."""
    joined: list[int] = []
    monkeypatch.setattr(ElasticsearchStore, "regained", _counting(ElasticsearchStore.regained, joined))
    real = KafkaConsumer.__init__
    monkeypatch.setattr(
        KafkaConsumer,
        "__init__",
        lambda self, *topics, **configs: real(self, *topics, **configs | {"max_poll_interval_ms": 6500}),
    )
    signals, cases = the_signals(), the_cases()
    with running(elastic, tmp_path):
        publish(elastic, signals[: COUNT // 3], [])
        eventually(lambda: done(tmp_path, COUNT // 6), 60, "it has begun")
        elasticsearch.kill()
        publish(elastic, signals[COUNT // 3 :], cases)
        threading.Event().wait(20)  # with the start it is away for half a minute
        before = account(tmp_path).received
        assert before < TOTAL
        elasticsearch.start()
        eventually(lambda: done(tmp_path, TOTAL), 90, "all is counted")
    assert joined == [1]
    assert account(tmp_path).redelivered == 0
    assert_whole(elastic, tmp_path)


def _counting(method: object, calls: list[int]) -> object:
    def counted(self: object) -> None:
        calls.append(1)
        assert callable(method)
        method(self)

    return counted


@pytest.mark.parametrize("hard", [True, False] if NIGHTLY else [True])
def test_broker_restarted_under_load_loses_nothing(
    settings: Settings, kafka: Kafka, tmp_path: Path, hard: bool
) -> None:
    """The role waits for the broker, reads on, and commits in the end."""
    settings = settings.model_copy(update={"index": Index(batch=20)})
    signals, cases = the_signals(), the_cases()
    publish(settings, signals[: COUNT // 2], [])
    with running(settings, tmp_path):
        eventually(lambda: done(tmp_path, 100), 60, "it has begun")
        kafka.restart(hard=hard)
        publish(settings, signals[COUNT // 2 :], cases)
        eventually(lambda: done(tmp_path, TOTAL), 90, "all is counted")
        eventually(lambda: committed(settings) == TOTAL, 60, "all is committed")
    assert_whole(settings, tmp_path)


def test_a_consumer_that_has_stopped_reading_joins_its_group_anew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one reads nothing, raises nothing and never ends, as after a kill of the broker; the next reads on."""
    connect, made = broker.consumer, []

    def deaf_at_first(kafka: KafkaSettings, group: str | None, *topics: str) -> KafkaConsumer:
        consumer = connect(kafka, group, *topics)
        if group is not None:
            made.append(group)
            if len(made) == 1:
                hear = consumer.poll
                monkeypatch.setattr(consumer, "poll", lambda **given: hear(**given) and {})
        return consumer

    monkeypatch.setattr(broker, "consumer", deaf_at_first)
    monkeypatch.setattr(consume, "STILL_SECONDS", 2.0)
    publish(settings, the_signals()[:100], [])
    with running(settings, tmp_path):
        eventually(lambda: done(tmp_path, 100), 60, "all is counted")
    assert len(made) == 2


def test_stop_ends_a_role_whose_store_is_away(elastic: Settings, elasticsearch: Elasticsearch, tmp_path: Path) -> None:
    """SIGTERM while it waits: out with status 0, and the records are read again at the next start."""
    role = process(elastic, tmp_path)
    publish(elastic, the_signals()[:50], [])
    reaches(role, tmp_path, 50)
    elasticsearch.kill()
    publish(elastic, the_signals()[50:100], [])
    threading.Event().wait(3)  # it is in the wait for the store now
    role.terminate()
    assert role.wait(40) == 0
    assert account(tmp_path).received == 50
    elasticsearch.start()
    with running(elastic, tmp_path):
        eventually(lambda: done(tmp_path, 100), 60, "the rest is counted")
    assert account(tmp_path).redelivered == 0


def test_dead_letters_are_listed_and_sent_again(settings: Settings, tmp_path: Path) -> None:
    """Bad records become letters with their bytes; a mended program takes them when they are replayed."""
    producer = broker.producer(settings.kafka)
    newer = wire.encode(a_signal(1)).replace(b'"v":1', b'"v":2')
    for value in (b"{", newer, b'{"v":1,"x":"' + b"x" * 1_500_000 + b'"}'):
        producer.send(SIGNALS.name, value, b"PL:APMBC")
    producer.flush(30)
    producer.close()
    with running(settings, tmp_path):
        eventually(lambda: done(tmp_path, 3), 60, "all is counted")
        letters = list(deadletters.read(settings.kafka))
        assert sorted(k.letter.reason for k in letters if k.letter) == ["malformed", "schema_version", "too_large"]
        assert {k.letter.key for k in letters if k.letter} == {"PL:APMBC"}
        chosen = [k for k in letters if k.letter and k.letter.reason != "malformed"]
        results = {r.kept.letter.reason: r.refused for r in deadletters.replay(settings.kafka, chosen) if r.kept.letter}
        assert results == {
            "schema_version": None,
            "too_large": "only 524288 of its 1500014 bytes were kept",
        }
        eventually(lambda: done(tmp_path, 4), 60, "the replayed record came")
    again = [k.letter for k in deadletters.read(settings.kafka) if k.letter and k.letter.reason == "schema_version"]
    assert [letter.value for letter in again] == [newer, newer]
    assert account(tmp_path).reasons(Outcome.DEAD)["schema_version"] == 2
