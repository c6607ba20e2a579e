"""Dead letters of embedded runs outlive the broker, each once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from treatywatch import wire
from treatywatch.deadletters import dead_letter
from treatywatch.errors import ServerError
from treatywatch.kept_letters import FILE, KeptLetters, read
from treatywatch.settings import Kafka
from treatywatch.whereabouts import forget, reachable, tell


def letter(value: bytes, stage: str = "detect") -> bytes:
    """A record of the topic."""
    at = datetime(2025, 6, 27, tzinfo=UTC)
    return wire.encode(dead_letter(stage, "malformed", "why", "treatywatch.items", value, at=at))


def test_a_letter_is_kept_once_also_over_restarts(tmp_path: Path) -> None:
    """A fresh broker gets the outbox again, and with it the same dead letters."""
    KeptLetters(tmp_path).keep(letter(b"{"))
    after = KeptLetters(tmp_path)
    after.keep(letter(b"{"))
    after.keep(letter(b"{", stage="track"))
    after.keep(b"no record at all")

    kept = list(read(tmp_path))

    assert [(k.id, k.letter.stage) for k in kept if k.letter] == [("0:0", "detect"), ("0:1", "track")]


def test_a_damaged_line_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    """A disk that was full in the middle of a line."""
    (tmp_path / FILE).write_bytes(letter(b"a") + b"\n" + b'{"v":1,"sta\n' + letter(b"b") + b"\n")

    kept = list(read(tmp_path))

    assert [bool(k.letter) for k in kept] == [True, False, True]
    assert "malformed" in kept[1].error


def test_a_running_up_is_found_by_its_state_folder_or_its_demo(tmp_path: Path) -> None:
    """And settings that name a Kafka are left as they are."""
    with pytest.raises(ServerError, match="no `treatywatch up` runs"):
        reachable(Kafka(), tmp_path)
    (tmp_path / "demo").mkdir()
    tell(tmp_path / "demo", "127.0.0.1:4711")

    assert reachable(Kafka(), tmp_path).bootstrap == "127.0.0.1:4711"
    assert reachable(Kafka(bootstrap="kafka:9092"), tmp_path).bootstrap == "kafka:9092"
    assert reachable(Kafka(embedded=False), tmp_path).bootstrap == Kafka().bootstrap
    forget(tmp_path / "demo")
    with pytest.raises(ServerError):
        reachable(Kafka(), tmp_path)
