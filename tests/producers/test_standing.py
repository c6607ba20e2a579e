"""How feeds stand, from what the polls left behind."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from producers.fetch import Fault
from producers.memory import FeedState
from producers.standing import FailureClass, Standing, failure_class, remembered, stand
from producers.state import FILE, State
from treatywatch.errors import TreatywatchError
from treatywatch.feeds import Feed

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = Feed(id="one", url="https://news.example.org/feed", outlet="Illustrative")
READ = FeedState(feed="one", url=FEED.url, last_success=NOW, interval=900)


def state(**changes: object) -> FeedState:
    return FeedState(**{"feed": "one", "url": FEED.url, **changes})  # type: ignore[arg-type]  # checked by msgspec


@pytest.mark.parametrize(
    ("kept", "standing"),
    [
        (None, Standing.NEW),
        (READ, Standing.OK),
        (state(last_success=NOW, failures=1, failure="timeout: slow"), Standing.FAILING),
        (state(hold_until=NOW + timedelta(1), failures=1, failure="too_many_requests: x"), Standing.HELD),
        (state(hold_until=NOW, last_success=NOW), Standing.OK),
        (state(gone=True, failures=1, failure="gone: 410"), Standing.GONE),
        (state(url="https://old.example.org/", gone=True, last_success=NOW), Standing.OK),
    ],
)
def test_feed_stands_as_its_last_polls_left_it(kept: FeedState | None, standing: Standing) -> None:
    """A hold that has run is over, and a new address in the feeds file is a new chance."""
    assert stand(FEED, kept, NOW).standing is standing


def test_disabled_feed_is_off() -> None:
    """Whatever it was before."""
    assert stand(FEED.model_copy(update={"enabled": False}), READ, NOW).standing is Standing.OFF


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("client_error: 404", FailureClass.HARD),
        ("not_a_feed: HTML", FailureClass.HARD),
        ("malformed: line 3", FailureClass.SOFT),
        ("timeout: no full answer within 30 s", FailureClass.TEMPORARY),
        (None, None),
    ],
)
def test_failure_has_a_class(failure: str | None, expected: FailureClass | None) -> None:
    """It says who has to act."""
    assert failure_class(failure) is expected


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_class(fault: Fault) -> None:
    """A new one counts as soft until somebody decides."""
    assert failure_class(f"{fault}: x") is not None


def test_state_is_read_while_the_producer_has_it_open(tmp_path: Path) -> None:
    """And without a state there is none, and none is made."""
    assert remembered(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
    producer = State(tmp_path)
    producer.commit(READ, [], [], NOW)

    assert remembered(tmp_path) == {"one": READ}
    producer.close()


def test_state_of_something_else_is_named(tmp_path: Path) -> None:
    """One clear line instead of a traceback."""
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("CREATE TABLE other (x)")
    with pytest.raises(TreatywatchError, match="cannot be read"):
        remembered(tmp_path)
