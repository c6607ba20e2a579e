"""The Elasticsearch store on a real server: what only the server can prove."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from elasticsearch import AuthorizationException
from pydantic import SecretStr

from sinks.consume import NotWritten
from sinks.documents import case_document, signal_document, signal_version
from sinks.elastic_client import connect
from sinks.elasticsearch import ElasticsearchStore
from sinks.setup_elasticsearch import CASE_INDEX, set_up
from sinks.sqlite import SqliteStore
from tests.sinks.made import NAMES, a_case, a_signal
from tests.stack.servers.elasticsearch import Elasticsearch
from tests.stack.waiting import Noticed
from treatywatch.errors import ServerError
from treatywatch.locate import config_dir
from treatywatch.model import Case, Signal, Stage
from treatywatch.settings import Elasticsearch as Settings

TEMPLATES = config_dir() / "elasticsearch"


def settings_of(server: Elasticsearch, username: str | None = None, password: str | None = None) -> Settings:
    """Return settings with the superuser's login, or another's."""
    login = SecretStr(password or server.password)
    return Settings(url=server.url, username=username or server.username, password=login)


@pytest.fixture
def opened(elasticsearch: Elasticsearch) -> Iterator[Callable[..., ElasticsearchStore]]:
    """Give a function that opens a store on the emptied server; closed after the test."""
    elasticsearch.reset()
    stores: list[ElasticsearchStore] = []

    def open_store(stop: threading.Event | None = None, templates: Path = TEMPLATES, **more: Any) -> ElasticsearchStore:
        stores.append(
            ElasticsearchStore(settings_of(elasticsearch), NAMES, templates, stop or threading.Event(), **more)
        )
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def held(store: ElasticsearchStore) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return version and document by id."""
    return {id: (version, document) for id, version, document in store.documents()}


def expected(signals: list[Signal], cases: list[Case]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return what the store must hold for these."""
    documents = {s.id: (signal_version(s), signal_document(s, NAMES)) for s in signals}
    documents |= {c.id: (c.revision, case_document(c, NAMES)) for c in cases}
    return msgspec.json.decode(msgspec.json.encode(documents), type=dict[str, tuple[int, dict[str, Any]]])


def test_setting_up_twice_changes_nothing(elasticsearch: Elasticsearch) -> None:
    """The first run makes everything (but what this distribution lacks), the second keeps everything."""
    elasticsearch.reset()
    settings = settings_of(elasticsearch)
    first = set_up(settings, TEMPLATES, threading.Event())
    state = [elasticsearch.call("GET", path) for path in ("/_index_template/treatywatch*", "/treatywatch*")]
    second = set_up(settings, TEMPLATES, threading.Event())
    assert [elasticsearch.call("GET", path) for path in ("/_index_template/treatywatch*", "/treatywatch*")] == state
    assert sum(line.endswith(("put", "made")) for line in first) == 8
    assert [line for line in second if not line.endswith("kept")] == [
        first[0],
        "component template treatywatch-folding, version 1: left out",
    ]


def test_documents_stand_in_their_month_or_year_and_behind_the_aliases(
    elasticsearch: Elasticsearch, opened: Callable[..., ElasticsearchStore]
) -> None:
    """One index for each month of fetching and each year of the past, strict, under both aliases; cases in one."""
    may = a_signal(2, fetched=datetime(2025, 5, 31, 23, 59, tzinfo=UTC))
    past = [a_signal(n, fetched=None, published=datetime(2003, n, 1, tzinfo=UTC)) for n in (4, 11)]
    opened().write([a_signal(1), may, *past, a_signal(3, fetched=None, published=None)], [a_case()])
    for alias in ("treatywatch-signals", "treatywatch"):
        found = elasticsearch.call("GET", f"/_alias/{alias}")
        signals = {name for name in found if "signals" in name}
        assert signals == {f"treatywatch-signals-{month}" for month in ("2003", "2025.05", "2025.06", "undated")}
    assert CASE_INDEX in elasticsearch.call("GET", "/_alias/treatywatch")
    for index, body in elasticsearch.call("GET", "/treatywatch/_mapping").items():
        assert (index, body["mappings"]["dynamic"]) == (index, "strict")
    elasticsearch.call("POST", "/treatywatch/_refresh")
    assert elasticsearch.call("GET", "/treatywatch-signals-2025.05/_count")["count"] == 1


def test_writing_twice_changes_nothing(opened: Callable[..., ElasticsearchStore]) -> None:
    """The same documents in the same versions, also from a process that remembers nothing."""
    signals, cases = [a_signal(n) for n in range(120)], [a_case(id=f"PL:~{n}") for n in range(5)]
    store = opened()
    assert store.write(signals, cases).taken == 125
    assert held(store) == expected(signals, cases)
    digest = store.digest()
    assert store.write(signals, cases).taken == 125
    assert opened().write(signals[::-1], cases).taken == 125
    assert store.digest() == digest


def test_older_revision_does_not_replace_a_newer_one(opened: Callable[..., ElasticsearchStore]) -> None:
    """Signals by revision, then generation; cases by revision; an equal one replaces."""
    store = opened()
    newer, case = a_signal(1, revision=2, withdrawn=True), a_case(7)
    store.write([newer], [case])
    late = store.write([a_signal(1, generation=9), a_signal(1, revision=2, generation=0)], [a_case(6)])
    assert (late.taken, late.stale) == (0, 3)
    assert held(store) == expected([newer], [case])
    regenerated, again = a_signal(1, revision=2, generation=2), a_case(7, stage=Stage.NOTIFIED)
    store.write([regenerated], [again])
    assert held(store) == expected([regenerated], [again])


@pytest.mark.parametrize("first", [0, 1])
def test_revision_of_a_later_month_replaces_the_first_in_its_place(
    opened: Callable[..., ElasticsearchStore], first: int
) -> None:
    """An article of June that is edited in July stays one document, in whichever order the two come, at any time."""
    july = datetime(2025, 7, 2, tzinfo=UTC)
    revisions = [a_signal(1), a_signal(1, revision=2, fetched=july, withdrawn=True)]
    opened().write([revisions[first]], [])
    other = opened(remembered=1)  # another process, which has to look, and which forgets at once
    other.write([a_signal(2), a_signal(3, fetched=july)], [])
    other.write([revisions[1 - first]], [])
    other.regained()
    other.write(revisions, [])
    assert held(other) == expected([revisions[1], a_signal(2), a_signal(3, fetched=july)], [])
    assert sum(1 for id, _, _ in other.documents() if id == "signal-1") == 1


def test_field_without_a_mapping_is_refused_and_the_rest_is_written(
    opened: Callable[..., ElasticsearchStore], tmp_path: Path
) -> None:
    """A model that has outgrown its mapping gives dead letters, not silent fields."""
    folder = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    path = folder / "components" / "treatywatch-signal.json"
    body = json.loads(path.read_text())
    del body["template"]["mappings"]["properties"]["signal"]["properties"]["speaker"]
    path.write_text(json.dumps(body))
    store = opened(templates=folder)
    silent = a_signal(2, speaker=None)
    written = store.write([a_signal(1), silent, a_signal(3)], [a_case()])
    assert [(r.kind, r.place, r.reason) for r in written.refused] == [
        ("signal", 0, "strict_dynamic_mapping_exception"),
        ("signal", 2, "strict_dynamic_mapping_exception"),
    ]
    assert "speaker" in written.refused[0].error
    assert held(store) == expected([silent], [a_case()])


def test_odd_but_valid_documents_are_taken(opened: Callable[..., ElasticsearchStore]) -> None:
    """Endless words and addresses, control characters, years at the edge, a case near its size limit."""
    signals = [
        a_signal(
            1, title="x" * 40_000, sentence="ł" * 40_000, outlet="o" * 40_000, url="https://a.example/" + "p" * 40_000
        ),
        a_signal(2, title="\x00\x1f\u2028 " + "\U0001f30d", published=datetime(1, 1, 1, tzinfo=UTC)),
        a_signal(3, published=datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), event_date=date(1, 1, 1)),
        a_signal(4, confidence=0.0, fetched=None),
    ]
    entry = msgspec.structs.replace(a_case().history[0], evidence=tuple(a_signal(n) for n in range(150)))
    large = a_case(history=(entry, entry))
    store = opened()
    assert store.write(signals, [large]).refused == ()
    assert held(store) == expected(signals, [large])


def test_requests_of_bounded_size_bring_everything(opened: Callable[..., ElasticsearchStore]) -> None:
    """Many small requests instead of one: the same store."""
    signals = [a_signal(n) for n in range(60)]
    store = opened(max_bytes=10_000)
    assert store.write(signals, [a_case()]).taken == 61
    assert held(store) == expected(signals, [a_case()])


def test_block_is_waited_for_until_it_is_lifted(
    elasticsearch: Elasticsearch, opened: Callable[..., ElasticsearchStore]
) -> None:
    """A full disk sets this block and answers 429: the write ends when the block does, and nothing is missing."""
    stop = Noticed()
    store = opened(stop)
    store.write([a_signal(1)], [])
    block = "index.blocks.read_only_allow_delete"
    elasticsearch.call("PUT", "/treatywatch-signals-2025.06/_settings", {block: True})
    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(store.write, [a_signal(1), a_signal(2)], [a_case()])
        assert stop.waited.wait(30)
        assert not writing.done()
        elasticsearch.call("PUT", "/treatywatch-signals-2025.06/_settings", {block: None})
        written = writing.result(60)
    assert (written.taken, written.refused) == (3, ())
    assert held(store) == expected([a_signal(1), a_signal(2)], [a_case()])


@pytest.mark.nightly  # test_index.py has both, with the whole role around the store
def test_killed_server_is_waited_for_unless_asked_to_stop(
    elasticsearch: Elasticsearch, opened: Callable[..., ElasticsearchStore]
) -> None:
    """A write that meets no server ends after the restart, with everything from before still there; or by a stop.

    Neither a write nor a start hangs on a server that is away. (One test: a restart takes a quarter of a minute.)
    """
    stop, other_stop = Noticed(), Noticed()
    store, other = opened(stop), opened(other_stop)
    store.write([a_signal(n) for n in range(50)], [])
    elasticsearch.kill()
    with ThreadPoolExecutor(2) as thread:
        writing = thread.submit(store.write, [a_signal(n) for n in range(50, 100)], [a_case()])
        stopped = thread.submit(other.write, [a_signal(101)], [])
        assert stop.waited.wait(30)
        assert other_stop.waited.wait(30)
        other_stop.set()
        with pytest.raises(NotWritten, match="asked to stop while Elasticsearch could not"):
            stopped.result(30)
        with pytest.raises(NotWritten):
            opened(other_stop)
        assert not writing.done()
        elasticsearch.start()
        assert writing.result(60).taken == 51
    assert held(store) == expected([a_signal(n) for n in range(100)], [a_case()])


def test_wrong_password_is_one_clear_line(elasticsearch: Elasticsearch) -> None:
    """Not a time-out, not a wait."""
    wrong = settings_of(elasticsearch, password="wrong")
    with pytest.raises(
        ServerError, match=r"refuses the login; check elasticsearch\.username and elasticsearch\.password"
    ):
        ElasticsearchStore(wrong, NAMES, TEMPLATES, threading.Event())


def test_index_that_is_not_strict_is_not_written_to(
    elasticsearch: Elasticsearch, opened: Callable[..., ElasticsearchStore]
) -> None:
    """Somebody removed the template: the next month's index would take anything."""
    store = opened()
    elasticsearch.call("DELETE", "/_index_template/treatywatch-signals")
    with pytest.raises(ServerError, match=r"treatywatch-signals-2025\.06 has no mapping of treatywatch"):
        store.write([a_signal(1)], [])


def test_newer_templates_are_left_alone(
    elasticsearch: Elasticsearch, opened: Callable[..., ElasticsearchStore]
) -> None:
    """An old program on a server that a newer one has set up says so."""
    opened()
    newer = {"_meta": {"version": 99}, "template": {}}
    elasticsearch.call("PUT", "/_component_template/treatywatch-ecs", newer)
    with pytest.raises(ServerError, match="installed in version 99"):
        set_up(settings_of(elasticsearch), TEMPLATES, threading.Event())


@pytest.mark.parametrize(
    "query",
    ["Łódź", "mine ban", '"ottawa convention"', "finland", "eduskunta", "nothing", "渥太华", "anti-personnel", ""],
)
def test_both_stores_find_the_same(opened: Callable[..., ElasticsearchStore], tmp_path: Path, query: str) -> None:
    """The same documents in the same order, in SQLite and in Elasticsearch."""
    signals = [a_signal(n) for n in range(3)]
    signals.append(a_signal(3, actor="FI", title="Eduskunta", sentence="Eduskunta", treaty=None, treaty_text="accord"))
    signals.append(a_signal(4, title="波兰退出渥太华公约", sentence="波兰退出渥太华公约", published=None))
    cases = [a_case(), a_case(id="FI:APMBC", actor="FI", since=None), a_case(id="LT:APMBC", since=date(2025, 3, 1))]
    sqlite, elastic = SqliteStore(tmp_path / "store.sqlite", NAMES), opened()
    for store in (sqlite, elastic):
        store.write(signals, cases)
    list(elastic.documents())  # makes them visible
    assert elastic.find("signal", query) == [s.id for s in sqlite.search_signals(query)]
    assert elastic.find("case", query) == [c.id for c in sqlite.search_cases(query)]
    sqlite.close()


@pytest.fixture
def least(elasticsearch: Elasticsearch) -> dict[str, Settings]:
    """Give the login of a user for each role of `roles.yml`."""
    elasticsearch.reset()
    names = {
        "setup": elasticsearch.setup_username,
        "writer": elasticsearch.writer_username,
        "reader": elasticsearch.reader_username,
    }
    return {role: settings_of(elasticsearch, name, elasticsearch.user_password) for role, name in names.items()}


def test_users_with_the_least_rights_can_do_their_work_and_no_more(least: dict[str, Settings]) -> None:
    """The set-up installs, the writer writes, the reader reads; none can do another's work.

    (Roles in files: the API for users and roles is not part of this distribution.)
    """
    setup, writer, reader = least["setup"], least["writer"], least["reader"]
    with pytest.raises(ServerError, match="is not set up, and this user may not do it; run `treatywatch setup` once"):
        ElasticsearchStore(writer, NAMES, TEMPLATES, threading.Event())
    assert set_up(setup, TEMPLATES, threading.Event())[-1].endswith("made")
    store = ElasticsearchStore(writer, NAMES, TEMPLATES, threading.Event())
    store.write([a_signal(1), a_signal(2, fetched=datetime(2025, 8, 1, tzinfo=UTC))], [a_case()])
    assert held(store) == expected([a_signal(1), a_signal(2, fetched=datetime(2025, 8, 1, tzinfo=UTC))], [a_case()])
    client = connect(writer)
    with pytest.raises(AuthorizationException):
        client.indices.delete(index=CASE_INDEX)
    with pytest.raises(AuthorizationException):
        client.delete(index="treatywatch-signals-2025.06", id="signal-1")
    with pytest.raises(AuthorizationException):
        client.indices.create(index="other")
    with pytest.raises(AuthorizationException):
        client.cluster.put_component_template(name="treatywatch-ecs", template={})
    client.close()
    store.close()
    reading = ElasticsearchStore(reader, NAMES, TEMPLATES, threading.Event())
    assert reading.find("case", "poland") == ["PL:APMBC"]
    with pytest.raises(ServerError, match=r"does not (take|allow)"):
        reading.write([a_signal(3)], [])
    reading.close()


def test_harness_says_no_to_strangers(elasticsearch: Elasticsearch) -> None:
    """Near miss: security is on, so the rights above mean something."""
    with pytest.raises(urllib.error.HTTPError, match="401"):
        Elasticsearch.call(_Stranger(elasticsearch), "GET", "/treatywatch")  # type: ignore[arg-type]  # only what `call` uses


class _Stranger:
    username, password = "stranger", "stranger"

    def __init__(self, server: Elasticsearch) -> None:
        self.url = server.url
