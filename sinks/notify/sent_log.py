"""The sent log: which message each channel has, may have, or has yet to get. This is where "once" is made.

Each (message, channel) goes waiting -> trying -> sent. `trying` is on the disk before the message leaves and `sent`
after it was taken, so a row found in `trying` was cut off in between: it is sent again, marked as possibly repeated. An
attempt that certainly failed goes back to waiting. Messages are kept whole: what is owed does not depend on the topic.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from sinks.notify.message import Message
from treatywatch.errors import InstanceError, TreatywatchError

_VERSION = 1
_SCHEMA = """
CREATE TABLE message (id TEXT PRIMARY KEY, case_id TEXT NOT NULL, body BLOB NOT NULL, accepted_at TEXT NOT NULL);
CREATE TABLE channel (name TEXT PRIMARY KEY, since TEXT NOT NULL);
CREATE TABLE delivery (
  message TEXT NOT NULL REFERENCES message(id),
  channel TEXT NOT NULL REFERENCES channel(name),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'trying', 'sent')),
  doubtful INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_at TEXT,
  sent_at TEXT,
  PRIMARY KEY (message, channel)
);
CREATE INDEX open_delivery ON delivery (channel) WHERE state <> 'sent';
"""
_decoder = msgspec.json.Decoder(Message)


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that a channel has not certainly got."""

    message: Message
    attempts: int


class SentLog:
    """The log in one SQLite file, for one process and one thread; every change is on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        """Open or create the log. Raises InstanceError where another process has it."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._channels: tuple[str, ...] = ()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=1.0)
            # The lock is held from the first write on and ends with the process, also after kill -9.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._migrate()
        except sqlite3.OperationalError as error:
            raise InstanceError(
                f"the sent log {path} cannot be used ({error}); if another notify uses it, change --state"
            ) from error
        except sqlite3.DatabaseError as error:
            raise TreatywatchError(
                f"the sent log {path} is damaged ({error}); move it away (recent alerts are then sent again)"
            ) from error

    def _migrate(self) -> None:
        with self._transaction():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise TreatywatchError(f"the sent log {self._path} was written by a newer treatywatch; update this one")
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def register(self, channels: Sequence[str], now: datetime) -> None:
        """Name the channels that are to be told.

        A channel that is new to the log owes nothing that all earlier channels have got (a changed webhook address
        must not get the history), and everything that one of them still waits for.
        """
        with self._transaction():
            known = {name for (name,) in self._db.execute("SELECT name FROM channel")}
            for name in dict.fromkeys(channels):
                if name in known:
                    continue
                self._db.execute("INSERT INTO channel VALUES (?, ?)", (name, now.isoformat()))
                self._db.execute(
                    "INSERT INTO delivery (message, channel, state) SELECT m.id, ?,"
                    " CASE WHEN EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND d.state <> 'sent')"
                    " THEN 'waiting' ELSE 'sent' END FROM message m",
                    (name,),
                )
            self._channels = tuple(dict.fromkeys(channels))

    def known(self, message: str) -> bool:
        """Say whether a message has been taken on."""
        return self._db.execute("SELECT 1 FROM message WHERE id = ?", (message,)).fetchone() is not None

    def accept(self, messages: Iterable[Message], now: datetime) -> int:
        """Take messages on for every registered channel and return how many were new; a known one changes nothing."""
        accepted = 0
        with self._transaction():
            for message in messages:
                added = self._db.execute(
                    "INSERT INTO message VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (message.id, message.case, msgspec.json.encode(message), now.isoformat()),
                ).rowcount
                accepted += added
                if added:
                    self._db.executemany(
                        "INSERT INTO delivery (message, channel, state) VALUES (?, ?, 'waiting')",
                        [(message.id, channel) for channel in self._channels],
                    )
        return accepted

    def owed(self, channel: str) -> list[Owed]:
        """Return what a channel has not certainly got, in the order of acceptance."""
        rows = self._db.execute(
            "SELECT m.body, d.attempts FROM delivery d JOIN message m ON m.id = d.message"
            " WHERE d.channel = ? AND d.state <> 'sent' ORDER BY m.rowid",
            (channel,),
        )
        return [Owed(_decoder.decode(body), attempts) for body, attempts in rows.fetchall()]

    def begin(self, message: str, channel: str, now: datetime) -> bool:
        """Write the intent to send; returns whether an earlier attempt may have arrived."""
        with self._transaction():
            self._db.execute(
                "UPDATE delivery SET doubtful = doubtful OR state = 'trying', state = 'trying',"
                " attempts = attempts + 1, tried_at = ? WHERE message = ? AND channel = ? AND state <> 'sent'",
                (now.isoformat(), message, channel),
            )
        row = self._db.execute(
            "SELECT doubtful FROM delivery WHERE message = ? AND channel = ?", (message, channel)
        ).fetchone()
        return bool(row[0])

    def sent(self, message: str, channel: str, now: datetime) -> None:
        """Write that the channel has the message."""
        with self._transaction():
            self._db.execute(
                "UPDATE delivery SET state = 'sent', sent_at = ? WHERE message = ? AND channel = ?",
                (now.isoformat(), message, channel),
            )

    def not_taken(self, message: str, channel: str) -> None:
        """Write that the attempt certainly did not arrive."""
        with self._transaction():
            self._db.execute(
                "UPDATE delivery SET state = 'waiting' WHERE message = ? AND channel = ? AND state = 'trying'",
                (message, channel),
            )

    def undelivered(self, messages: Sequence[str]) -> set[str]:
        """Return those of the messages that a registered channel has not certainly got."""
        marks = ",".join("?" * len(messages))
        names = ",".join("?" * len(self._channels))
        rows = self._db.execute(
            f"SELECT DISTINCT message FROM delivery WHERE state <> 'sent' AND message IN ({marks})"  # noqa: S608  # question marks only
            f" AND channel IN ({names})",
            (*messages, *self._channels),
        )
        return {message for (message,) in rows}

    def pending(self) -> int:
        """Count the messages that a registered channel has not certainly got."""
        names = ",".join("?" * len(self._channels))
        (count,) = self._db.execute(
            f"SELECT count(DISTINCT message) FROM delivery WHERE state <> 'sent' AND channel IN ({names})",  # noqa: S608  # question marks only
            self._channels,
        ).fetchone()
        return int(count)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    """Begin for writing; commit at the end, roll back on an error."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
