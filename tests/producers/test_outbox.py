"""From the outbox to the broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from producers import outbox as outbox_module
from producers.memory import FeedState
from producers.outbox import Outbox
from producers.publish import outgoing
from producers.state import Outgoing, Placed, State
from tests.producers.fake_broker import FakeBroker
from treatywatch.account import Account, Outcome
from treatywatch.errors import ServerError
from treatywatch.metrics import Metrics
from treatywatch.model import DeadLetter, Item
from treatywatch.topics import DEADLETTERS
from treatywatch.wire import MAX_BYTES

NOW = datetime(2025, 6, 18, 12, 0, tzinfo=UTC)
FEED = FeedState(feed="one", url="https://news.example.org/feed")
ITEMS_OF_TWO = [outgoing(Item(id=str(n), title=f"T{n}")) for n in range(2)]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path)
    yield opened
    opened.close()


def run(
    state: State, broker: FakeBroker, name: str = "run", keep: bool = True, account: Account | None = None
) -> Account:
    account = account or Account("produce")
    outbox = Outbox(state, broker.connect, name, account, Metrics(), keep=keep, now=lambda: NOW)
    outbox.start()
    try:
        assert outbox.drained(20)
    finally:
        outbox.stop()
    assert outbox.failure is None
    return account


def test_what_waits_is_sent_in_order_and_counted_once(state: State) -> None:
    """received = passed + dead, and the account names where the last result is."""
    letter = DeadLetter(stage="produce", reason="empty", error="x", source="feed one", at=NOW)
    state.commit(FEED, [], [*ITEMS_OF_TWO, outgoing(letter)], NOW)
    broker = FakeBroker()
    account = run(state, broker)

    assert [item.id for item in broker.items()] == ["0", "1"]
    assert len(broker.kept[DEADLETTERS.name]) == 1
    assert (account.total(Outcome.PASSED), account.reasons(Outcome.DEAD), account.received) == (2, {"empty": 1}, 3)
    assert account.outputs == {"treatywatch.items-0": 2, "treatywatch.deadletters-0": 1}


def test_broker_that_is_away_is_tried_again_and_nothing_is_lost(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each failure is a new connection; the items wait."""
    monkeypatch.setattr(outbox_module, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(outbox_module, "FIRST_PAUSE", 0.01)
    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    broker = FakeBroker(away=3)
    run(state, broker)

    assert [item.id for item in broker.items()] == ["0", "1"]
    assert broker.connections == 4


@pytest.mark.parametrize("keep", [True, False])
def test_kill_between_acknowledgement_and_mark_sends_nothing_twice(state: State, tmp_path: Path, keep: bool) -> None:
    """What the broker has is found there; it is counted, unless the account was saved before the kill."""
    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    broker = FakeBroker()
    broker.send(ITEMS_OF_TWO)
    state.commit(FEED, [], [outgoing(Item(id="2", title="T2"))], NOW)
    saved = Account("produce", tmp_path / "account.json")
    saved.count(Outcome.PASSED)
    saved.sent("treatywatch.items", 0, 0)
    account = run(state, broker, keep=keep, account=saved)

    assert [item.id for item in broker.items()] == ["0", "1", "2"]
    assert account.total(Outcome.PASSED) == 3
    assert state.reached("run") == {("treatywatch.items", 0): 3}


def test_broker_that_dies_after_taking_a_batch_gets_it_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its acknowledgement was lost with it; only what it has not is sent again."""
    monkeypatch.setattr(outbox_module, "FIRST_PAUSE", 0.01)

    class Dying(FakeBroker):
        def send(self, records: Sequence[Outgoing]) -> list[Placed]:
            if self.connections == 1:
                super().send(records[:1])
                raise ServerError("died before it could say so")
            return super().send(records)

    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    broker = Dying()
    account = run(state, broker)

    assert [item.id for item in broker.items()] == ["0", "1"]
    assert account.total(Outcome.PASSED) == 2


def test_same_text_sent_again_on_purpose_is_not_mistaken_for_a_repeat(state: State) -> None:
    """Only what lies beyond the last mark is looked at: an item that goes back to an earlier text is sent."""
    broker = FakeBroker()
    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    run(state, broker)
    state.commit(FEED, [], ITEMS_OF_TWO[:1], NOW)
    run(state, broker)

    assert [item.id for item in broker.items()] == ["0", "1", "0"]


def test_restart_with_the_same_broker_sends_nothing_again_and_with_a_fresh_one_everything(state: State) -> None:
    """The embedded broker forgets; a restart of ours alone must not repeat."""
    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    same, fresh = FakeBroker(), FakeBroker()
    run(state, same, "first")
    run(state, same, "first")
    run(state, fresh, "second")

    assert len(same.items()) == 2
    assert [item.id for item in fresh.items()] == ["0", "1"]


def test_broker_that_keeps_leaves_no_rows_behind(state: State) -> None:
    """Acknowledged is enough."""
    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    run(state, FakeBroker(), keep=False)

    assert state.refeed("another") == 0


def test_fault_of_ours_ends_the_thread_and_is_told(state: State) -> None:
    """Only a broker's trouble is tried again."""

    class Broken(FakeBroker):
        def send(self, records: object) -> list[object]:  # type: ignore[override]
            raise KeyError("a bug")

    state.commit(FEED, [], ITEMS_OF_TWO, NOW)
    outbox = Outbox(state, Broken().connect, "run", Account("produce"), Metrics(), keep=True, now=lambda: NOW)
    outbox.start()

    assert not outbox.drained(20)
    assert isinstance(outbox.failure, KeyError)
    assert state.waiting() == 2
    outbox.stop()


def test_item_beyond_what_the_wire_takes_becomes_a_dead_letter() -> None:
    """A near miss of it is sent."""
    fits = Item(id="a", title="T", summary="x" * (MAX_BYTES - 1_000))
    too_large = Item(id="a", title="T", summary="x" * MAX_BYTES)

    assert outgoing(fits).topic != DEADLETTERS.name
    assert outgoing(too_large).topic == DEADLETTERS.name
    assert len(outgoing(too_large).value) < MAX_BYTES
