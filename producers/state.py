"""What the producers must not forget: one SQLite file with feed states, entries seen, and the outbox.

Items and the feed state that says they were seen are written in one transaction, then published; so a kill at any
moment neither loses an item nor makes the feed look unread. An outbox row that the broker has acknowledged carries its
place (run, partition, offset). `run` names one life of the broker: the embedded one keeps nothing over a restart, and
what was placed in another run is sent again (`refeed`). Decides nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from producers.memory import FeedState, Seen
from treatywatch.wire import digest

FILE = "producer.sqlite"
KEPT_AFTER_PASSING = timedelta(hours=1)
_CHUNK = 500  # ids in one lookup

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (id TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    id TEXT PRIMARY KEY, twin TEXT, revision INTEGER NOT NULL, text_hash TEXT NOT NULL,
    title TEXT NOT NULL, summary TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_twin ON seen (twin) WHERE twin IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    run TEXT, partition INTEGER, offset INTEGER, passed_at REAL, settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (seq) WHERE run IS NULL;
CREATE TABLE IF NOT EXISTS reached (
    run TEXT, topic TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (run, topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, lines INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way to the broker."""

    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """An outbox row; `seq` is the order in which rows were written and are sent.

    A `settled` row belongs to an input that has ended: it is sent again for people to look at, and counts no more.
    """

    seq: int
    record: Outgoing
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the broker has put a record."""

    topic: str
    partition: int
    offset: int


class State:
    """The file, opened. One process at a time; its methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open or create `<folder>/producer.sqlite`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # "acknowledged" must survive a power cut too
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def feeds(self) -> dict[str, FeedState]:
        """Return the state of every feed ever polled, by feed id."""
        with self._lock:
            rows = self._db.execute("SELECT id, state FROM feeds").fetchall()
        return {feed: msgspec.json.decode(blob, type=FeedState) for feed, blob in rows}

    def seen(self, ids: Iterable[str], twins: Iterable[str]) -> tuple[dict[str, Seen], dict[str, str]]:
        """Return what is remembered of the given items, and of those known under a given twin; and twin -> id."""
        columns = "id, twin, revision, text_hash, title, summary"
        found: dict[str, Seen] = {}
        by_twin: dict[str, str] = {}
        with self._lock:
            for column, keys in (("id", list(ids)), ("twin", list(twins))):
                for start in range(0, len(keys), _CHUNK):
                    some = keys[start : start + _CHUNK]
                    marks = ",".join("?" * len(some))
                    query = f"SELECT {columns} FROM seen WHERE {column} IN ({marks})"  # noqa: S608  # fixed names
                    for key, twin, revision, text_hash, title, summary in self._db.execute(query, some):
                        found[key] = Seen(
                            id=key, twin=twin, revision=revision, text_hash=text_hash, title=title, summary=summary
                        )
                        if column == "twin":
                            by_twin[twin] = key
        return found, by_twin

    def commit(self, feed: FeedState, seen: Sequence[Seen], outgoing: Sequence[Outgoing], now: datetime) -> None:
        """Write a feed's turn in one transaction: all of it is there afterwards, or nothing."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (feed.feed, msgspec.json.encode(feed)))
            self._db.executemany(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(s.id, s.twin, s.revision, s.text_hash, s.title, s.summary, now.timestamp()) for s in seen],
            )
            self._append(outgoing)

    def amend(self, id: str, revision: int, outgoing: Sequence[Outgoing]) -> bool:
        """Write a further revision of an item, in one transaction, if the one before it is still its latest.

        What its feed showed is remembered as before. Returns whether it was written.
        """
        with self._transaction():
            known = self._db.execute(
                "UPDATE seen SET revision = ? WHERE id = ? AND revision = ?", (revision, id, revision - 1)
            )
            if known.rowcount == 1:
                self._append(outgoing)
            return known.rowcount == 1

    def append_file(self, name: str | None, lines: int, outgoing: Sequence[Outgoing]) -> None:
        """Write a batch of an item file, and that its first `lines` lines are in the outbox, in one transaction.

        Without a name (standard input) only the batch is written.
        """
        with self._transaction():
            self._append(outgoing)
            if name is not None:
                self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, lines))

    def file_lines(self, name: str) -> int:
        """Return how many lines of an item file were in the outbox when its reading was cut short; else 0."""
        with self._lock:
            row = self._db.execute("SELECT lines FROM files WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def end_files(self) -> None:
        """Forget how far item files were read: they are through, and the next time are read from the beginning."""
        with self._transaction():
            self._db.execute("DELETE FROM files")

    def unsent(self, limit: int = 500) -> list[Row]:
        """Return the oldest rows that no broker has acknowledged."""
        with self._lock:
            rows = self._db.execute(
                "SELECT seq, topic, key, value, settled FROM outbox WHERE run IS NULL ORDER BY seq LIMIT ?", (limit,)
            ).fetchall()
        return [Row(seq, Outgoing(topic, key, value), bool(settled)) for seq, topic, key, value, settled in rows]

    def refeed(self, run: str) -> int:
        """Make every row that was placed in another run of the broker unsent again; returns how many are unsent now."""
        with self._transaction():
            self._db.execute(
                "UPDATE outbox SET run = NULL, partition = NULL, offset = NULL, passed_at = NULL WHERE run != ?", (run,)
            )
            self._db.execute("DELETE FROM reached WHERE run != ?", (run,))
        return self.waiting()

    def waiting(self) -> int:
        """Return how many rows are unsent."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM outbox WHERE run IS NULL").fetchone()[0])

    def sent(self, rows: Sequence[Row], placed: Sequence[Placed], run: str) -> None:
        """Note where the broker has put the rows."""
        with self._transaction():
            self._db.executemany(
                "UPDATE outbox SET run = ?, partition = ?, offset = ? WHERE seq = ?",
                [(run, place.partition, place.offset, row.seq) for row, place in zip(rows, placed, strict=True)],
            )
            self._reach(placed, run)

    def drop(self, rows: Sequence[Row], placed: Sequence[Placed], run: str) -> None:
        """Delete rows that a broker has acknowledged which keeps what it has."""
        with self._transaction():
            self._db.executemany("DELETE FROM outbox WHERE seq = ?", [(row.seq,) for row in rows])
            self._reach(placed, run)

    def reached(self, run: str) -> dict[tuple[str, int], int]:
        """Return, by topic and partition, the offset after the last row that was marked or dropped in a run.

        What was sent and never marked, because of a kill in between, is there or beyond.
        """
        with self._lock:
            rows = self._db.execute("SELECT topic, partition, next FROM reached WHERE run = ?", (run,)).fetchall()
        return {(topic, partition): offset for topic, partition, offset in rows}

    def prune(
        self,
        topic: str,
        committed: Mapping[int, int],
        run: str,
        now: datetime,
        keep: timedelta = KEPT_AFTER_PASSING,
    ) -> int:
        """Delete the rows that the reader of `topic` passed at least `keep` ago; returns how many went.

        `committed` maps each partition to the reader's committed offset, the next it will read. A row counts as passed
        from the first call that sees it below that; a row of another topic, which nobody further on has to read, from
        the first call that sees it acknowledged.
        """
        with self._transaction():
            for partition, offset in committed.items():
                self._db.execute(
                    "UPDATE outbox SET passed_at = ? WHERE passed_at IS NULL AND run = ? AND topic = ?"
                    " AND partition = ? AND offset < ?",
                    (now.timestamp(), run, topic, partition, offset),
                )
            self._db.execute(
                "UPDATE outbox SET passed_at = ? WHERE passed_at IS NULL AND run = ? AND topic != ?",
                (now.timestamp(), run, topic),
            )
            gone = self._db.execute(
                "DELETE FROM outbox WHERE run = ? AND passed_at <= ?", (run, (now - keep).timestamp())
            )
            return gone.rowcount

    def settle(self, topic: str, committed: Mapping[int, int], run: str) -> int:
        """Delete the rows that the reader of `topic` has passed, now, because its input has ended; returns how many.

        Rows of other topics (dead letters) stay their hour, as `settled`.
        """
        with self._transaction():
            gone = sum(
                self._db.execute(
                    "DELETE FROM outbox WHERE run = ? AND topic = ? AND partition = ? AND offset < ?",
                    (run, topic, partition, offset),
                ).rowcount
                for partition, offset in committed.items()
            )
            self._db.execute("UPDATE outbox SET settled = 1 WHERE run = ? AND topic != ?", (run, topic))
            return gone

    def forget(self, before: datetime) -> int:
        """Forget entries last seen new or edited before a date; a feed that still shows one makes it new again."""
        with self._transaction():
            return self._db.execute("DELETE FROM seen WHERE at < ?", (before.timestamp(),)).rowcount

    def _reach(self, placed: Sequence[Placed], run: str) -> None:
        last: dict[tuple[str, int], int] = {}
        for place in placed:
            last[place.topic, place.partition] = max(last.get((place.topic, place.partition), 0), place.offset + 1)
        self._db.executemany(
            "INSERT INTO reached VALUES (?, ?, ?, ?)"
            " ON CONFLICT (run, topic, partition) DO UPDATE SET next = max(next, excluded.next)",
            [(run, topic, partition, offset) for (topic, partition), offset in last.items()],
        )

    def _append(self, outgoing: Sequence[Outgoing]) -> None:
        self._db.executemany(
            "INSERT INTO outbox (topic, key, value) VALUES (?, ?, ?)", [(o.topic, o.key, o.value) for o in outgoing]
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def file_name(path: Path) -> str:
    """Name a file so that another file, or the same one changed, has another name."""
    status = path.stat()
    return digest(path.resolve(), status.st_size, status.st_mtime_ns)
