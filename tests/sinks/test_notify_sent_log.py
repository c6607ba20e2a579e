"""The sent log: intent before, sent after, and what a cut in between means."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.notify.sent_log import SentLog
from tests.sinks.told import NOON, a_message
from treatywatch.errors import InstanceError, TreatywatchError


def opened(folder: Path, *channels: str) -> SentLog:
    """Open the log as notify does."""
    log = SentLog(folder / "notify.sqlite")
    log.register(channels, NOON)
    return log


def owed(log: SentLog, channel: str) -> list[str]:
    """What a channel has yet to get."""
    return [entry.message.id for entry in log.owed(channel)]


def test_a_message_is_owed_to_every_channel_once(tmp_path: Path) -> None:
    """Accepting it again changes nothing."""
    log = opened(tmp_path, "a", "b")

    assert log.accept([a_message("t1"), a_message("t2")], NOON) == 2
    assert log.accept([a_message("t1")], NOON) == 0
    assert owed(log, "a") == owed(log, "b") == ["t1", "t2"]
    assert log.known("t1")
    assert not log.known("t3")


def test_sent_is_sent_also_after_a_restart(tmp_path: Path) -> None:
    """To that channel only."""
    with opened(tmp_path, "a", "b") as log:
        log.accept([a_message()], NOON)
        assert log.begin("t1", "a", NOON) is False
        log.sent("t1", "a", NOON)

    again = opened(tmp_path, "a", "b")

    assert again.accept([a_message()], NOON) == 0
    assert owed(again, "a") == []
    assert owed(again, "b") == ["t1"]
    assert again.undelivered(["t1"]) == {"t1"}
    assert again.pending() == 1


def test_intent_without_sent_is_sent_again_as_possibly_repeated(tmp_path: Path) -> None:
    """The process was cut off in between: nobody knows whether it arrived."""
    with opened(tmp_path, "a") as log:
        log.accept([a_message()], NOON)
        log.begin("t1", "a", NOON)

    again = opened(tmp_path, "a")

    assert owed(again, "a") == ["t1"]
    assert again.begin("t1", "a", NOON) is True


def test_an_attempt_that_certainly_failed_leaves_no_doubt(tmp_path: Path) -> None:
    """The next one is not marked as a repeat."""
    log = opened(tmp_path, "a")
    log.accept([a_message()], NOON)
    log.begin("t1", "a", NOON)
    log.not_taken("t1", "a")

    assert log.begin("t1", "a", NOON) is False


def test_doubt_stays(tmp_path: Path) -> None:
    """A certain failure after an uncertain one does not take the uncertain one back."""
    log = opened(tmp_path, "a")
    log.accept([a_message()], NOON)
    log.begin("t1", "a", NOON)
    log.begin("t1", "a", NOON)
    log.not_taken("t1", "a")

    assert log.begin("t1", "a", NOON) is True


def test_the_intent_is_on_disk_before_the_call_returns(tmp_path: Path) -> None:
    """Another reader of the files as they are sees it: a copy stands for a kill at this moment."""
    log = opened(tmp_path, "a")
    log.accept([a_message()], NOON)
    log.begin("t1", "a", NOON)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in tmp_path.glob("notify.sqlite*"):
        (copy / path.name).write_bytes(path.read_bytes())

    killed = opened(copy, "a")

    assert killed.begin("t1", "a", NOON) is True


def test_a_changed_address_gets_what_was_owed_and_no_history(tmp_path: Path) -> None:
    """What every earlier channel has is history to the new one."""
    with opened(tmp_path, "old") as log:
        log.accept([a_message("told"), a_message("owed")], NOON)
        log.begin("told", "old", NOON)
        log.sent("told", "old", NOON)

    again = opened(tmp_path, "new")
    again.accept([a_message("later")], NOON)

    assert owed(again, "new") == ["owed", "later"]
    assert again.pending() == 2


def test_a_second_notify_on_the_same_log_is_one_clear_line(tmp_path: Path) -> None:
    """Two would each send everything."""
    log = opened(tmp_path, "a")
    log.accept([a_message()], NOON)

    with pytest.raises(InstanceError, match="--state"):
        opened(tmp_path, "a")


def test_a_damaged_log_says_what_to_do(tmp_path: Path) -> None:
    """No trace of the database library."""
    (tmp_path / "notify.sqlite").write_bytes(b"this is no database, and long enough to be looked at" * 20)

    with pytest.raises(TreatywatchError, match="move it away"):
        opened(tmp_path, "a")


def test_a_log_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """An older program must not guess."""
    with sqlite3.connect(tmp_path / "notify.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(TreatywatchError, match="newer"):
        opened(tmp_path, "a")


@given(st.lists(st.sampled_from(["begin", "sent", "not_taken", "restart"]), max_size=12))
def test_nothing_is_lost_and_no_repeat_is_unmarked(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """Whatever happens in whatever order: owed until sent, and marked once an attempt was left open."""
    folder = tmp_path_factory.mktemp("log")
    log = opened(folder, "a")
    log.accept([a_message()], NOON)
    open_attempt, doubtful, sent = False, False, False
    for step in steps:
        if step == "restart":
            log.close()
            log = opened(folder, "a")
        elif sent:
            continue
        elif step == "begin":
            doubtful |= open_attempt
            assert log.begin("t1", "a", NOON) is doubtful
            open_attempt = True
        elif open_attempt:
            open_attempt = False
            if step == "sent":
                log.sent("t1", "a", NOON)
                sent = True
            else:
                log.not_taken("t1", "a")
        assert owed(log, "a") == ([] if sent else ["t1"])
    log.close()
