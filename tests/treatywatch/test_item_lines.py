"""The fixed item line: every form that is allowed, and what becomes of the rest."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatywatch.item_lines import read_date, read_line
from treatywatch.model import DeadLetter, Item

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)


def item(**fields: object) -> Item:
    """Read a line of these fields that must be an item."""
    got = read_line(msgspec.json.encode(fields), now=NOW, warn=lambda _: None)
    assert isinstance(got, Item), got
    return got


def dead(line: bytes) -> DeadLetter:
    """Read a line that must be a dead letter."""
    got = read_line(line, now=NOW, warn=lambda _: None)
    assert isinstance(got, DeadLetter), got
    return got


def test_all_fields_are_carried() -> None:
    """Every key of the contract lands in its field."""
    got = item(
        id="a1", title="Headline", summary="Deck", language="EN-gb", published="2025-06-19T10:00:00+02:00",
        outlet="The Illustrative", owner="Group A", kind="wire", url="https://example.org/1", revision=2,
        fetched="2025-06-19T08:01:00Z", something_else=3,
    )  # fmt: skip
    assert got == Item(
        id="a1", title="Headline", summary="Deck", language="en", published=datetime(2025, 6, 19, 8, tzinfo=UTC),
        outlet="The Illustrative", owner="Group A", kind="wire", url="https://example.org/1", revision=2,
        fetched=datetime(2025, 6, 19, 8, 1, tzinfo=UTC),
    )  # fmt: skip


def test_second_names_stand_in() -> None:
    """`text`, `lang`, `date` and `outlets` do the work of the first names."""
    got = item(text="Headline", lang="fi", date=20250619, outlets=["", "First", "Second"])
    assert (got.title, got.language, got.outlet) == ("Headline", "fi", "First")
    assert got.published == datetime(2025, 6, 19, tzinfo=UTC)
    assert item(text="x", outlets="Only").outlet == "Only"


def test_missing_id_is_a_hash_of_text_and_date() -> None:
    """Same text and date, same id; another date, another id; a numeric id stays itself."""
    assert item(text="x", date="20250619").id == item(title="x", published="2025-06-19").id
    assert item(text="x", date="20250619").id != item(text="x", date="20250620").id
    assert item(text="x", id=7).id == "7"


@pytest.mark.parametrize("written", ["last Tuesday", "2025-13-40", "2025061", "99999999", True, {"y": 2025}, [], 1e99])
def test_bad_date_is_a_warning(written: object) -> None:
    """A date nobody can read leaves the item without one and says so."""
    warnings: list[str] = []
    got = read_line(msgspec.json.encode({"title": "x", "published": written}), now=NOW, warn=warnings.append)
    assert isinstance(got, Item)
    assert got.published is None
    assert len(warnings) == 1


def test_future_date_is_left_out_and_a_time_zone_ahead_is_not() -> None:
    """48 hours ahead is the line between a time zone and a mistake."""
    warnings: list[str] = []
    line = b'{"title": "x", "published": "2025-07-04"}'
    got = read_line(line, now=NOW, warn=warnings.append)
    assert isinstance(got, Item)
    assert (got.published, len(warnings)) == (None, 1)
    assert item(title="x", published="2025-07-03").published == datetime(2025, 7, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "malformed"),
        (b'{"title": "x"', "malformed"),
        (b"\xff\xfe{}", "malformed"),
        (b'{"x": ' + b"[" * 100_000, "malformed"),
        (b"[]", "invalid"),
        (b'{"title": 3}', "invalid"),
        (b'{"title": "x", "revision": 0}', "invalid"),
        (b"{}", "no_text"),
        (b'{"title": "  ", "summary": ""}', "no_text"),
        (b'{"title": "\\u0000\\u0000"}', "no_text"),
        (b'{"title": "' + b"x" * 5_000_000 + b'"}', "too_large"),
    ],
)
def test_unreadable_line_is_a_dead_letter(line: bytes, reason: str) -> None:
    """Each way to be no item has its reason, and the original is kept within limits."""
    got = dead(line)
    assert got.reason == reason
    assert (got.length, len(got.value)) == (len(line), min(len(line), 512_000))


def test_dead_letter_names_the_id_it_could_read() -> None:
    """A line of the wrong form still says which item it was."""
    assert dead(b'{"id": "a1", "title": 3}').key == "a1"
    assert dead(b'{"id": 5, "title": ""}').key == "5"


def test_null_bytes_inside_a_title_are_dropped() -> None:
    """Text around null bytes is kept."""
    assert item(title="Exit\x00 vote").title == "Exit vote"


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: msgspec.json.encode({"title": text})))
def test_any_bytes_give_an_item_or_a_dead_letter(line: bytes) -> None:
    """No line raises."""
    assert isinstance(read_line(line, now=NOW, warn=lambda _: None), Item | DeadLetter)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-06-19", datetime(2025, 6, 19, tzinfo=UTC)),
        ("20250619", datetime(2025, 6, 19, tzinfo=UTC)),
        ("2025-06-19T10:00:00Z", datetime(2025, 6, 19, 10, tzinfo=UTC)),
        ("2025-06-19T10:00:00", datetime(2025, 6, 19, 10, tzinfo=UTC)),
        ("2025", None),
        (None, None),
    ],
)
def test_read_date_forms(written: object, expected: datetime | None) -> None:
    """The three forms of the contract, and nothing else."""
    assert read_date(written) == expected
