"""Fold text once, so that every store finds the same documents with plain tokens.

`fold` turns any text into lower-case tokens without diacritics, one space apart: "Łódź's" becomes "lodz s". SQLite and
Elasticsearch both index that text by splitting at spaces, and `phrases` folds a reader's query the same way. Scripts
that are written without spaces give one token per character, so that a word in them is found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MAX_TOKEN = 100  # characters; no word is longer, and both stores agree on what is left of one that is

# Letters that Unicode does not take apart into a base letter and a mark. (Case-folding already turns ß into ss.)
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
# Hiragana, Katakana, Han with its extensions; Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile(
    "[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
_ASCII_TOKEN = re.compile("[0-9a-z]+")
_QUOTED = re.compile(r'"([^"]*)"?|([^\s"]+)')


@lru_cache(maxsize=4096)  # the names of states and treaties come with every document
def fold(text: str) -> str:
    """Return the tokens of a text, folded and one space apart; folding twice is folding once."""
    if text.isascii():  # ten times quicker, and most names are
        return " ".join(token[:MAX_TOKEN] for token in _ASCII_TOKEN.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)
    plain = unicodedata.normalize("NFC", plain)
    spaced = "".join(c if _in_token(c) else " " for c in plain)
    return " ".join(token[:MAX_TOKEN] for token in _UNSPACED.sub(r" \g<0> ", spaced).split())


def fold_all(texts: Iterable[str | None]) -> str:
    """Fold several texts into one, leaving out what is empty or the same as an earlier one."""
    return " ".join(dict.fromkeys(folded for text in texts if text and (folded := fold(text))))


def phrases(query: str) -> tuple[str, ...]:
    """Read a query: words and "quoted phrases", all of which a document must hold, each folded.

    A word that folds to several tokens ("anti-personnel") is a phrase. Nothing else is syntax, so every text is a
    valid query; one without a letter or a digit gives no phrases.
    """
    found = (fold(match[1] or match[2] or "") for match in _QUOTED.finditer(query))
    return tuple(dict.fromkeys(phrase for phrase in found if phrase))


def _in_token(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, but parts of the word.
    return character.isalnum() or unicodedata.category(character)[0] == "M"
