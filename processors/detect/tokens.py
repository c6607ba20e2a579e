"""Cut a sentence into words with their places, and fold each word for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

# A contraction is one word, "'s" is a word of its own, "U.S." is one word, a hyphen inside a word separates two words,
# a soft hyphen inside a word is part of it and alone it is nothing.
_LETTERS = r"[^\W\d_]+(?:\xad+[^\W\d_]+)*"
_TAIL = r"['’](?:[sS]|re|ve|ll|m|d)\b"
_TOKEN = re.compile(
    rf"{_LETTERS}n['’]t\b|{_TAIL}|(?:[^\W\d_]\.){{2,}}|\d+(?:[.,]\d+)*"
    rf"|{_LETTERS}(?:(?!{_TAIL})['’]{_LETTERS})?|[^\w\s\xad]"
)
_TAGS = frozenset("#@")  # "#ECOWAS", "@WHO": the name that is meant
_HYPHENS = frozenset("-‐‑–—")
_SPECIAL = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "’": "'", "æ": "ae", "œ": "oe"})


class Token(NamedTuple):
    """A word or a mark: as written, folded, and its offsets in the field."""

    text: str
    norm: str
    start: int
    end: int


@lru_cache(20_000)  # a language has few words that are frequent
def fold(word: str) -> str:
    """Fold a word for comparison: small letters, no accents, no dots of an acronym, straight apostrophes."""
    small = word.lower()
    if not small.isascii():
        small = small.replace("\xad", "")
        small = "".join(
            c for c in unicodedata.normalize("NFKD", small.translate(_SPECIAL)) if not unicodedata.combining(c)
        )
    return small.replace(".", "") if len(small) > 2 and small[1] == "." else small


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Cut `text[start:end]` into tokens with offsets into `text`; hyphens that join words are left out."""
    end = len(text) if end is None else end
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text, start, end):
        word, left, right = found.group(), found.start(), found.end()
        if (
            word in _HYPHENS
            and left > start
            and right < end
            and not text[left - 1].isspace()
            and not text[right].isspace()
        ):
            continue
        if word == "-" and text[left - 1 : right + 1] == " - " and _tokenised(text, start, end):
            continue
        if word in _TAGS and text[right : right + 1].isalpha():
            continue
        tokens.append(Token(word, fold(word), left, right))
    return tokens


@cache
def _tokenised(text: str, start: int, end: int) -> bool:
    """Tell a text that was cut into small words before: "non - proliferation treaty , says minister"."""
    sentence = text[start:end]
    return sentence.islower() and any(mark in sentence for mark in (" , ", " . ", " ; "))


def words_of(phrase: str) -> tuple[str, ...]:
    """Fold a phrase of the configuration the way a text is folded; remembered, since dictionaries share phrases."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():  # most are plain words, and a start reads thousands
        return tuple(phrase.lower().split())
    return tuple(token.norm for token in tokenize(phrase))
