"""The one pass that every text pays for finds exactly the whole words, whatever their case."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processors.detect.scan import Scan, plain

PHRASES = ("treaty", "ban treaty", "u.s.", "quit", "türkiye", "re-enter", "treaty ban treaty", "İ", "99")
SCAN = Scan(PHRASES)


def by_hand(text: str) -> set[tuple[int, int, int]]:
    """Look at every place for every phrase, letter by letter."""
    small, found = plain(text), set()
    for number, phrase in enumerate(PHRASES):
        wanted = plain(phrase).strip()
        for start in range(len(small) - len(wanted) + 1):
            end = start + len(wanted)
            inside = small[max(0, start - 1) : start].strip() or small[end : end + 1].strip()
            if small[start:end] == wanted and not inside:
                found.add((number, start, end))
    return found


@given(
    st.lists(st.sampled_from([*PHRASES, "a", " ", "-", "\u2014", ". ", "\u0301", "\ud800"])).map("".join) | st.text()
)
@example("treaty ban treaty ban treaty")
@example("U.S. quits; TÜRKİYE quit")
def test_scan_finds_what_a_search_by_hand_finds(text: str) -> None:
    """Overlapping phrases, phrases at either end, and none inside a word."""
    spans = SCAN.spans(text)
    assert set(spans) == by_hand(text)
    assert len(spans) == len(set(spans))


@given(st.text())
def test_plain_text_keeps_every_place(text: str) -> None:
    """One character stays one character, so a place in the plain text is one in the text."""
    small = plain(text)
    assert len(small) == len(text)
    assert all(c == " " or c.isalnum() for c in small)
    assert plain(small) == small


@pytest.mark.parametrize("phrase", ["", " ", "€", "--"])
def test_phrase_without_a_word_is_found_nowhere(phrase: str) -> None:
    """A phrase of marks alone would be found between any two words."""
    assert Scan([phrase]).spans("a  b - € -- \0 c") == []
