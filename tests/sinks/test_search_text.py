"""What folding promises to both stores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.search_text import MAX_TOKEN, fold, fold_all, phrases


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź’s Sejm", "lodz s sejm"),
        ("Straße, GROẞ", "strasse gross"),
        ("Ærø Þingvellir đến", "aero thingvellir den"),
        ("İstanbul Isparta ısı", "istanbul isparta isi"),
        ("Выход из договора — ещё", "выход из договора еще"),
        ("anti-personnel, No. 155/2021", "anti personnel no 155 2021"),
        ("渥太华公约", "渥 太 华 公 约"),
        ("ﬁnal ½", "final 1 2"),
        ("\x00\ud800 ", ""),
    ],
)
def test_text_folds_to_plain_tokens(text: str, folded: str) -> None:
    """Case, diacritics, ligatures, stray letters and punctuation are gone; words stay apart."""
    assert fold(text) == folded


def test_different_words_stay_different() -> None:
    """Near misses: folding joins spellings, not words."""
    assert fold("leave") != fold("leaves")
    assert fold("мир") != fold("mir")
    assert fold("treaty bank") != fold("treatybank")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """A folded text is a fixed point, so a folded query meets a folded document."""
    once = fold(text)
    assert fold(once) == once


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_folded_as_every_other(text: str) -> None:
    """The short cut for ASCII gives what the long way does."""
    assert f"{fold(text)} e".strip() == fold(f"{text} é")


@given(st.text())
def test_folded_text_holds_only_tokens_and_single_spaces(text: str) -> None:
    """What both tokenisers split at spaces has no other separator and no empty or endless token."""
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(0 < len(token) <= MAX_TOKEN for token in folded.split(" ") if folded)
    folded.encode()


def test_repeated_texts_are_folded_in_once() -> None:
    """A title that is also the sentence does not count twice; empty ones leave no gap."""
    assert fold_all(["Poland leaves", None, "poland LEAVES", "", "Oslo"]) == "poland leaves oslo"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Ottawa Łódź", ("ottawa", "lodz")),
        ('"Ottawa Convention" poland', ("ottawa convention", "poland")),
        ("anti-personnel", ("anti personnel",)),
        ('poland "unclosed quote', ("poland", "unclosed quote")),
        ('a"b c"', ("a", "b c")),
        ('" " - *', ()),
        ("", ()),
    ],
)
def test_query_is_words_and_quoted_phrases(query: str, expected: tuple[str, ...]) -> None:
    """Quotes make phrases, everything else is words; nothing is a syntax error."""
    assert phrases(query) == expected
