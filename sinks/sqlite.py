"""The store in one file: SQLite, for a single machine.

Signals and cases are kept as the bytes of `wire.py`, with the columns that are asked for beside them, and their folded
words in a full-text table. One call of `write` is one transaction that is on disk when it returns. Other processes may
read meanwhile (WAL).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sinks.names import Names
from sinks.search_text import phrases
from sinks.searchable import case_text, signal_text
from sinks.store import StoreError, Written
from treatywatch import wire
from treatywatch.model import Case, Signal

FILE = "store.sqlite"
SCHEMA = 1
_APPLICATION = 0x54575348  # "TWSH": tells our file from another SQLite file
_SCHEMA = (
    """CREATE TABLE signals (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL, revision INTEGER NOT NULL,
    generation INTEGER NOT NULL, published TEXT, withdrawn INTEGER NOT NULL, json BLOB NOT NULL)""",
    "CREATE INDEX signals_by_case ON signals (case_id)",
    "CREATE INDEX signals_by_date ON signals (published)",
    """CREATE TABLE cases (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, since TEXT, json BLOB NOT NULL)""",
    # The texts are folded already: `ascii` splits them at spaces and takes every other character as it is.
    "CREATE VIRTUAL TABLE signals_text USING fts5 (search, tokenize = 'ascii')",
    "CREATE VIRTUAL TABLE cases_text USING fts5 (search, tokenize = 'ascii')",
)


class SqliteStore:
    """Signals and cases in one SQLite file. One thread at a time may use it; several processes may open the file."""

    name = "sqlite"

    def __init__(self, path: Path, names: Names) -> None:
        """Open the file, or make it.

        Raises StoreError for a file that is not ours, too new, corrupt or out of reach.
        """
        self._path, self._names = path, names
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def write(self, signals: Sequence[Signal], cases: Sequence[Case]) -> Written:
        """Write documents in one transaction; one that is older than what is there is left out."""
        with self._explained(), self._transaction():
            fresh = sum([self._put_signal(s) for s in signals] + [self._put_case(c) for c in cases])
        total = len(signals) + len(cases)
        return Written(taken=fresh, stale=total - fresh)

    def regained(self) -> None:
        """Do nothing: nothing is remembered outside the file."""

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def signals(self, case_id: str | None = None) -> Iterator[Signal]:
        """Iterate over the signals, of one case or of all, in the order in which they first came."""
        condition, values = ("WHERE case_id = ?", (case_id,)) if case_id is not None else ("", ())
        for json in self._rows(f"SELECT json FROM signals {condition} ORDER BY row", values):  # noqa: S608 (no input)
            yield wire.decode(json, Signal)

    def cases(self) -> Iterator[Case]:
        """Iterate over the cases, in the order in which they first came."""
        for json in self._rows("SELECT json FROM cases ORDER BY row"):
            yield wire.decode(json, Case)

    def signal(self, id: str) -> Signal | None:
        """Return one signal, or none."""
        return next((wire.decode(j, Signal) for j in self._rows("SELECT json FROM signals WHERE id = ?", (id,))), None)

    def case(self, id: str) -> Case | None:
        """Return one case, or none."""
        return next((wire.decode(j, Case) for j in self._rows("SELECT json FROM cases WHERE id = ?", (id,))), None)

    def search_signals(self, query: str, limit: int = 100) -> list[Signal]:
        """Return the newest signals that hold every word and phrase of the query (all, for a query without words)."""
        return [wire.decode(json, Signal) for json in self._search("signals", "published", query, limit)]

    def search_cases(self, query: str, limit: int = 100) -> list[Case]:
        """Return the cases, latest first, that hold every word and phrase of the query."""
        return [wire.decode(json, Case) for json in self._search("cases", "since", query, limit)]

    def count(self) -> tuple[int, int]:
        """Return how many signals and how many cases there are."""
        with self._explained():
            row = self._db.execute("SELECT (SELECT count(*) FROM signals), (SELECT count(*) FROM cases)").fetchone()
        return int(row[0]), int(row[1])

    def digest(self) -> str:
        """Name the whole content: equal for two stores that hold the same documents, whatever order they came in."""
        sha = hashlib.sha256()
        for table in ("signals", "cases"):
            for json in self._rows(f"SELECT json FROM {table} ORDER BY id"):  # noqa: S608 (names of ours)
                sha.update(b"%d:" % len(json) + json)
            sha.update(b";")
        return sha.hexdigest()

    # -- writing

    def _put_signal(self, signal: Signal) -> bool:
        held = self._db.execute(
            "SELECT row, revision, generation, json FROM signals WHERE id = ?", (signal.id,)
        ).fetchone()
        if held is not None and (held[1], held[2]) > (signal.revision, signal.generation):
            return False
        json = wire.encode(signal)
        published = signal.published or signal.fetched
        values = (
            signal.case_id,
            signal.revision,
            signal.generation,
            published.isoformat() if published else None,
            signal.withdrawn,
            json,
        )
        if held is None:
            row = self._db.execute(
                "INSERT INTO signals (case_id, revision, generation, published, withdrawn, json, id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, signal.id),
            ).lastrowid
        else:
            row = held[0]
            if held[3] != json:
                self._db.execute(
                    "UPDATE signals SET case_id = ?, revision = ?, generation = ?, published = ?, withdrawn = ?,"
                    " json = ? WHERE row = ?",
                    (*values, row),
                )
        self._put_text("signals_text", row, signal_text(signal, self._names), new=held is None)
        return True

    def _put_case(self, case: Case) -> bool:
        held = self._db.execute("SELECT row, revision, json FROM cases WHERE id = ?", (case.id,)).fetchone()
        if held is not None and held[1] > case.revision:
            return False
        json = wire.encode(case)
        values = (case.revision, case.since.isoformat() if case.since else None, json)
        if held is None:
            row = self._db.execute(
                "INSERT INTO cases (revision, since, json, id) VALUES (?, ?, ?, ?)", (*values, case.id)
            ).lastrowid
        else:
            row = held[0]
            if held[2] != json:
                self._db.execute("UPDATE cases SET revision = ?, since = ?, json = ? WHERE row = ?", (*values, row))
        self._put_text("cases_text", row, case_text(case, self._names), new=held is None)
        return True

    def _put_text(self, table: str, row: int | None, text: str, *, new: bool) -> None:
        if new:
            self._db.execute(f"INSERT INTO {table} (rowid, search) VALUES (?, ?)", (row, text))  # noqa: S608
        elif self._db.execute(f"SELECT search FROM {table} WHERE rowid = ?", (row,)).fetchone() != (text,):  # noqa: S608
            self._db.execute(f"UPDATE {table} SET search = ? WHERE rowid = ?", (text, row))  # noqa: S608

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk may have rolled it back already
                self._db.execute("ROLLBACK")
            raise

    # -- reading

    def _rows(self, statement: str, values: tuple[str | int, ...] = ()) -> Iterator[bytes]:
        with self._explained():
            for row in self._db.execute(statement, values):
                yield row[0]

    def _search(self, table: str, date: str, query: str, limit: int) -> Iterator[bytes]:
        wanted = " ".join(f'"{phrase}"' for phrase in phrases(query))
        matching = f"AND row IN (SELECT rowid FROM {table}_text WHERE {table}_text MATCH ?)" if wanted else "AND ? = ''"  # noqa: S608
        statement = f"SELECT json FROM {table} WHERE true {matching} ORDER BY {date} DESC, id LIMIT ?"  # noqa: S608
        return self._rows(statement, (wanted, limit))

    # -- the file

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # offsets are committed after it, so it must outlive a power cut
        with self._transaction():  # two processes may open a new file at once
            version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            ours = self._db.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION
            tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not ours and (tables or version):
                raise StoreError(f"{self._path} is another program's SQLite file; name another state folder")
            if version > SCHEMA:
                newer = f"schema {version}, this one knows {SCHEMA}"
                raise StoreError(f"{self._path} was written by a newer treatywatch ({newer}); update this one")
            if version == 0:
                for statement in _SCHEMA:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self._path} cannot be used: {error}; {_advice(error)}") from error


def _advice(error: sqlite3.Error | OSError) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code, the rest tells how it came to it.
    match (code or 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return "make room on the disk; what was not written is read again"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return "check that the folder is there and may be written by this user"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return "move the file away (or restore a copy) and start again: the store is filled from the topics"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another process holds the file; is a second treatywatch running?"
        case _:
            return "check the disk and the rights of the state folder"
