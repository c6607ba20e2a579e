"""What the SQLite store promises: repeats change nothing, newer wins, trouble is one clear line."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.sqlite import SCHEMA, SqliteStore
from sinks.store import StoreError
from tests.sinks.made import NAMES, a_case, a_signal
from treatywatch.model import Case, Signal, Stage


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Open an empty store in a folder that does not exist yet."""
    opened = SqliteStore(tmp_path / "state" / "store.sqlite", NAMES)
    yield opened
    opened.close()


def test_what_is_written_is_read_back(store: SqliteStore) -> None:
    """Every field of a signal and of a case survives."""
    signals, case = [a_signal(1), a_signal(2, case_id="PL:CCM", published=None)], a_case()
    assert store.write(signals, [case]).taken == 3
    assert list(store.signals()) == signals
    assert list(store.signals("PL:CCM")) == [signals[1]]
    assert list(store.cases()) == [case]
    assert store.signal("signal-1") == signals[0]
    assert store.case("PL:APMBC") == case
    assert store.signal("signal-3") is None
    assert store.case("PL:CCM") is None
    assert store.count() == (2, 1)


def test_writing_twice_changes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    """A repeat counts as taken, leaves the digest and does not even grow the file's log."""
    batch = [a_signal(n) for n in range(50)], [a_case()]
    store.write(*batch)
    digest, log = store.digest(), tmp_path / "state" / "store.sqlite-wal"
    size = log.stat().st_size
    assert store.write(*batch).taken == 51
    assert store.digest() == digest
    assert log.stat().st_size == size


def test_older_revision_does_not_replace_newer(store: SqliteStore) -> None:
    """Late records are stale: by revision, and within a revision by generation."""
    newer, case = a_signal(1, revision=2, generation=1, withdrawn=True), a_case(7)
    store.write([newer], [case])
    late = store.write([a_signal(1, revision=1, generation=9)], [a_case(6, stage=Stage.NOTIFIED)])
    assert (late.taken, late.stale) == (0, 2)
    assert store.signal("signal-1") == newer
    assert store.case("PL:APMBC") == case
    regenerated = a_signal(1, revision=2, generation=2)
    store.write([regenerated], [])
    assert store.signal("signal-1") == regenerated


def test_of_two_with_the_same_revision_the_later_stands(store: SqliteStore) -> None:
    """As in a compacted topic, the last record of a key is what is kept."""
    store.write([], [a_case(3)])
    store.write([], [a_case(3, stage=Stage.NOTIFIED)])
    assert next(store.cases()).stage is Stage.NOTIFIED


def test_two_revisions_in_one_batch_leave_the_newer(store: SqliteStore) -> None:
    """Order within a call does not matter either."""
    store.write([a_signal(1, revision=2), a_signal(1)], [])
    assert next(store.signals()).revision == 2


def test_digest_tells_different_contents_apart(store: SqliteStore) -> None:
    """Near miss of equality: one field of one document."""
    store.write([a_signal(1)], [a_case()])
    before = store.digest()
    store.write([a_signal(1, revision=2)], [])
    assert store.digest() != before


_versions = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
_documents = st.lists(_versions, min_size=1, max_size=20)


def _signal(number: int, revision: int, generation: int) -> Signal:
    return a_signal(number, revision=revision, generation=generation, title=f"{number}/{revision}/{generation}")


def _case(number: int, revision: int) -> Case:
    return a_case(revision, id=f"PL:~{number}", reasons=(f"{number}/{revision}",))


def _digest(batches: list[list[tuple[int, int, int]]]) -> tuple[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "store.sqlite", NAMES)
        try:
            for batch in batches:
                store.write([_signal(*v) for v in batch], [_case(number, revision) for number, revision, _ in batch])
            return store.digest(), sorted(f"{s.id} {s.revision} {s.generation}" for s in store.signals())
        finally:
            store.close()


@settings(max_examples=40, deadline=None)
@given(_documents, st.randoms(use_true_random=False), st.integers(1, 7))
def test_any_order_and_any_repeats_give_the_same_store(
    versions: list[tuple[int, int, int]], random: object, size: int
) -> None:
    """The store is a function of the set of records, however they are ordered, repeated and cut into batches."""
    assert hasattr(random, "shuffle")
    once = sorted(set(versions))
    shuffled = versions + versions[::2]
    random.shuffle(shuffled)
    batches = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]
    digest, held = _digest(batches)
    assert digest == _digest([once])[0]
    highest = {n: max(v for v in once if v[0] == n) for n, _, _ in once}
    assert held == sorted(f"signal-{n} {r} {g}" for n, r, g in highest.values())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("LODZ sejm", {1}),
        ("Łódź", {1}),
        ("landmines", set()),
        ("mine ban", {1, 2}),  # an alias of the treaty, which no text says
        ("poland", {1}),
        ("finland", {2}),
        ('"ottawa convention"', {1, 2}),
        ('"convention ottawa"', set()),
        ('"sejm convention"', set()),
        ("eduskunta OR sejm", set()),  # no syntax: OR is a word
        ('lodz" * NEAR(', set()),
        ("", {1, 2}),
    ],
)
def test_search_finds_by_folded_words_and_names(store: SqliteStore, query: str, found: set[int]) -> None:
    """All words must be there; state and treaty are found by every name; no query is an error."""
    finnish = a_signal(2, case_id="FI:APMBC", actor="FI", title="Eduskunta votes", sentence="Eduskunta votes")
    store.write([a_signal(1), finnish], [])
    assert {s.id for s in store.search_signals(query)} == {f"signal-{n}" for n in found}


def test_search_gives_the_newest_first_and_at_most_the_limit(store: SqliteStore) -> None:
    """By published date, then id; cases by the day since which they stand."""
    store.write([a_signal(n, published=datetime(2025, 1, n, tzinfo=UTC)) for n in (3, 1, 2)], [])
    assert [s.id for s in store.search_signals("sejm", limit=2)] == ["signal-3", "signal-2"]
    store.write([], [a_case(id="a", since=None), a_case(id="b", since=date(2025, 1, 1)), a_case(id="c")])
    assert [c.id for c in store.search_cases("sejm")] == ["c", "b", "a"]


def test_replaced_document_is_not_found_by_its_old_words(store: SqliteStore) -> None:
    """The full-text table follows the documents."""
    store.write([a_signal(1)], [])
    store.write([a_signal(1, revision=2, title="Senate", sentence="Senate", evidence=(), speaker=None)], [])
    assert [s.revision for s in store.search_signals("senate")] == [2]
    assert store.search_signals("sejm") == []


def test_write_is_all_or_nothing(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the middle leaves the store as it was, and usable."""
    store.write([a_signal(1)], [])
    before = store.digest()
    with pytest.raises(UnicodeEncodeError):
        store.write([a_signal(2), a_signal(3, id="\ud800")], [])
    assert store.digest() == before
    store.write([a_signal(2)], [])
    assert store.count() == (2, 0)


def test_full_disk_is_one_clear_line_and_loses_nothing_written(store: SqliteStore) -> None:
    """A write that does not fit is refused whole; after room is made it goes through."""
    store.write([a_signal(1)], [])
    before = store.digest()
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    many = [a_signal(n, sentence="long " * 2000) for n in range(2, 40)]
    with pytest.raises(StoreError, match=r"store\.sqlite cannot be used: .*full.*; make room on the disk"):
        store.write(many, [])
    assert store.digest() == before
    store._db.execute("PRAGMA max_page_count = 1000000")
    store.write(many, [])
    assert store.count() == (39, 0)


def test_read_only_store_is_one_clear_line(store: SqliteStore) -> None:
    """A file that may not be written says so."""
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="readonly database; check that the folder is there and may be written"):
        store.write([a_signal(1)], [])


def test_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    """The state folder is a file: the path and the advice are named."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(StoreError, match=r"state.store\.sqlite cannot be used: .*; check"):
        SqliteStore(tmp_path / "state" / "store.sqlite", NAMES)


def test_corrupt_file_is_one_clear_line(tmp_path: Path) -> None:
    """Garbage in place of the file is named, with what to do."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="not a database; move the file away"):
        SqliteStore(path, NAMES)


def test_damaged_pages_are_one_clear_line(tmp_path: Path) -> None:
    """A file whose middle was overwritten is reported when it is read."""
    path = tmp_path / "store.sqlite"
    store = SqliteStore(path, NAMES)
    store.write([a_signal(n) for n in range(200)], [])
    store.close()
    data = bytearray(path.read_bytes())
    data[4096 : len(data)] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    store = SqliteStore(path, NAMES)
    with pytest.raises(StoreError, match="malformed; move the file away"):
        list(store.signals())
    store.close()


def test_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """An older program does not touch a newer schema."""
    path = tmp_path / "store.sqlite"
    SqliteStore(path, NAMES).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    with pytest.raises(StoreError, match=r"newer treatywatch \(schema 2, this one knows 1\)"):
        SqliteStore(path, NAMES)


def test_foreign_sqlite_file_is_refused(tmp_path: Path) -> None:
    """Somebody else's database is left alone."""
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(StoreError, match="another program's SQLite file"):
        SqliteStore(path, NAMES)


def test_second_process_reads_what_the_first_has_written(store: SqliteStore, tmp_path: Path) -> None:
    """A second connection sees every finished write, while the first stays open."""
    other = SqliteStore(tmp_path / "state" / "store.sqlite", NAMES)
    store.write([a_signal(1)], [a_case()])
    assert other.digest() == store.digest()
    other.close()
