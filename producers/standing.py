"""How each feed of the feeds file stands, from what the last polls left behind. Reads; changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from producers import turn
from producers.fetch import Fault
from producers.memory import FeedState
from producers.parse_pool import NO_READER
from producers.parse_worker import TOO_HEAVY
from producers.state import FILE
from treatywatch.errors import TreatywatchError
from treatywatch.feeds import Feed


class Standing(StrEnum):
    """In one word."""

    OFF = "off"  # disabled in the feeds file
    NEW = "new"  # never polled
    OK = "ok"
    FAILING = "failing"
    HELD = "held"  # a Retry-After still runs
    GONE = "gone"  # 410; not polled until its address changes


class FailureClass(StrEnum):
    """What to expect of a failing feed: a person must act, somebody over there must, or time will do."""

    HARD = "hard"
    SOFT = "soft"
    TEMPORARY = "temporary"


_CLASSES = {
    Fault.GONE: FailureClass.HARD,
    Fault.REFUSED_ADDRESS: FailureClass.HARD,
    Fault.REDIRECTS: FailureClass.HARD,
    Fault.CLIENT_ERROR: FailureClass.HARD,
    Fault.TOO_LARGE: FailureClass.HARD,
    "not_a_feed": FailureClass.HARD,
    TOO_HEAVY: FailureClass.HARD,
    NO_READER: FailureClass.TEMPORARY,
    Fault.UNREACHABLE: FailureClass.TEMPORARY,
    Fault.TIMEOUT: FailureClass.TEMPORARY,
    Fault.RESTING: FailureClass.TEMPORARY,
    Fault.TOO_MANY_REQUESTS: FailureClass.TEMPORARY,
    Fault.SERVER_ERROR: FailureClass.TEMPORARY,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One feed and how it stands; `state` is that of a feed never polled where nothing is remembered."""

    feed: Feed
    state: FeedState
    standing: Standing
    failure_class: FailureClass | None


def stand(feed: Feed, remembered: FeedState | None, now: datetime) -> Row:
    """Say how a feed stands. Pure."""
    state = turn.begin(feed, remembered)
    return Row(feed, state, _standing(feed, state, now), failure_class(state.failure) if state.failures else None)


def failure_class(failure: str | None) -> FailureClass | None:
    """Return the class of a failure as the state keeps it, `reason: detail`; what is not listed is soft."""
    if failure is None:
        return None
    return _CLASSES.get(failure.partition(":")[0], FailureClass.SOFT)


def remembered(folder: Path) -> dict[str, FeedState]:
    """Return what is remembered of each feed, by id; nothing where no feed was ever polled.

    Opens the state read-only, so it may be called while the producer runs.
    """
    file = folder / FILE
    if not file.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            rows = db.execute("SELECT id, state FROM feeds").fetchall()
        return {feed: msgspec.json.decode(blob, type=FeedState) for feed, blob in rows}
    except (sqlite3.Error, msgspec.DecodeError) as error:
        raise TreatywatchError(f"{file}: cannot be read: {error}; is it of another version?") from error


def _standing(feed: Feed, state: FeedState, now: datetime) -> Standing:
    if not feed.enabled:
        return Standing.OFF
    if state.gone:
        return Standing.GONE
    if state.hold_until is not None and state.hold_until > now:
        return Standing.HELD
    if state.failures:
        return Standing.FAILING
    return Standing.OK if state.last_success is not None else Standing.NEW
