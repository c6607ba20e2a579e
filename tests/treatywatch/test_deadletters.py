"""Making dead letters, and deciding which can be sent again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from treatywatch import __version__, wire
from treatywatch.deadletters import MAX_VALUE, Kept, dead_letter, refusal
from treatywatch.model import DeadLetter
from treatywatch.topics import DEADLETTERS, SIGNALS

NOW = datetime(2025, 6, 25, tzinfo=UTC)


def letter(value: bytes, source: str = SIGNALS.name, error: str = "why") -> DeadLetter:
    """Make a letter of the index stage."""
    return dead_letter("index", "malformed", error, source, value, at=NOW, key=b"k", partition=1, offset=2)


@pytest.mark.parametrize("size", [0, 1, MAX_VALUE - 1, MAX_VALUE, MAX_VALUE + 1, 5_000_000])
def test_value_is_kept_up_to_the_limit_with_the_length_and_hash_of_the_whole(size: int) -> None:
    """Exactly the limit is whole, one byte more is cut; the letter always fits into a record."""
    value = bytes(size)
    made = letter(value)
    assert made.value == value[:MAX_VALUE]
    assert (made.length, made.sha256) == (size, hashlib.sha256(value).hexdigest())
    assert wire.decode(wire.encode(made), DeadLetter) == made
    assert (refusal(Kept(0, 0, made)) is None) == (size <= MAX_VALUE)


def test_letter_says_where_it_came_from_and_who_wrote_it() -> None:
    """Source, place, key, time, version, and an error that is not endless."""
    made = letter(b"\xff\x00", error="x" * 100_000)
    assert (made.source, made.partition, made.offset, made.key) == (SIGNALS.name, 1, 2, "k")
    assert (made.at, made.version, len(made.error)) == (NOW, __version__, 2000)


def test_key_that_is_no_text_does_not_stop_the_letter() -> None:
    """Foreign bytes in a key are replaced."""
    assert dead_letter("index", "malformed", "", "t", b"", at=NOW, key=b"\xff").key == "\ufffd"
    assert dead_letter("index", "malformed", "", "t", b"", at=NOW, key=None).key is None


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (Kept(0, 1, letter(b"x")), None),
        (Kept(0, 1, letter(b"x", source="feeds/a")), "came from feeds/a, not from a topic"),
        (Kept(0, 1, letter(b"x", source=DEADLETTERS.name)), "not from a topic"),
        (Kept(0, 1, letter(bytes(MAX_VALUE + 1))), "only 524288 of its 524289 bytes were kept"),
        (Kept(0, 1, None, "malformed: ?"), "cannot be read: malformed"),
    ],
)
def test_only_a_whole_record_of_a_topic_can_be_sent_again(kept: Kept, words: str | None) -> None:
    """Everything else says why not."""
    found = refusal(kept)
    assert (found is None) if words is None else (found is not None and words in found)
    assert kept.id == "0:1"
