"""Wire format: what is written can be read, and what is no record is refused with a bounded reason."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatywatch import wire
from treatywatch.errors import WireError
from treatywatch.model import DeadLetter, Item, Text

texts = st.text(max_size=200)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1))
items = st.builds(
    Item,
    id=texts,
    title=texts,
    summary=texts,
    revision=st.integers(1, 99),
    url=st.none() | texts,
    outlet=texts,
    owner=st.none() | texts,
    language=st.sampled_from(["en", "pl"]),
    published=st.none() | moments,
    fetched=st.none() | moments,
    backfill=st.booleans(),
    previous=st.none() | st.builds(Text, title=texts, summary=texts),
)


@given(items)
def test_every_item_comes_back_as_it_was(item: Item) -> None:
    """Encoding loses nothing."""
    assert wire.decode(wire.encode(item), Item) == item


@given(st.binary(max_size=2000))
def test_dead_letters_carry_any_bytes(value: bytes) -> None:
    """The original bytes survive, whatever they are."""
    letter = DeadLetter(
        stage="detect", reason="malformed", error="x", source="t", at=datetime(2025, 1, 1, tzinfo=UTC), value=value
    )

    assert wire.decode(wire.encode(letter), DeadLetter).value == value


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_wire_error(data: bytes) -> None:
    """Hostile input is expected trouble."""
    reason = "readable"
    try:
        wire.decode(data, Item)
    except WireError as error:
        reason = error.reason

    assert reason in {"readable", "malformed", "invalid", "schema_version", "too_large"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "malformed"),
        (b"", "malformed"),  # what a tombstone becomes
        (b'{"a":' * 100_000, "malformed"),  # nested too deeply for any parser
        (b'{"v":1,"id":"a","title":' + b"[" * 100_000, "malformed"),
        (b"[]", "invalid"),
        (b'{"v":1,"id":"a"}', "invalid"),  # no title
        (b'{"v":2,"id":"a","title":"t"}', "schema_version"),
        (b'{"id":"a","title":"t"}', "schema_version"),  # written by nobody of ours
        (b"x" * (wire.MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_record_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    """Reasons are metric labels, so they are few."""
    with pytest.raises(WireError) as caught:
        wire.decode(data, Item)

    assert caught.value.reason == reason


def test_unknown_fields_are_ignored() -> None:
    """An older reader survives a newer writer."""
    data = b'{"v":1,"id":"a","title":"t","of_tomorrow":[1,2]}'

    assert wire.decode(data, Item) == Item(id="a", title="t")


def test_a_digest_tells_parts_apart() -> None:
    """("ab", "c") and ("a", "bc") are different things; so are nothing and the empty text."""
    assert wire.digest("ab", "c") != wire.digest("a", "bc")
    assert wire.digest(None) != wire.digest("")
    assert wire.digest("a", 1) == wire.digest("a", "1")


def test_the_version_stands_first() -> None:
    """A person who looks at a topic sees the version at once."""
    assert wire.encode(Item(id="a", title="t")).startswith(b'{"v":1,"id":"a"')
    assert msgspec.json.decode(wire.encode(Item(id="a", title="t")))["v"] == wire.SCHEMA_VERSION
