"""Find thousands of phrases in a text in one pass, as whole words and whatever their case: Aho-Corasick over words.

The text is written in small letters with a space for everything that is no letter and no digit, one for one, and each
phrase the same with a space at either end. So a phrase is found as whole words only, with no word looked at twice:
fewer and dearer hits than a search inside words with a check behind it, and half as long in all.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import ahocorasick_rs

Hit = tuple[int, int, int]  # which phrase, and where in the text it stands

_PLAIN = bytes(ord(chr(i).lower()) if i < 128 and chr(i).isalnum() else 32 if i < 128 else i for i in range(256))
_HANDLER = "treatywatch.scan"


def _small(error: UnicodeError) -> tuple[bytes, int]:
    """Write a run of characters beyond ASCII, each as one: a letter small, a space for what is none."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    return "".join(c.lower()[0] if c.isalnum() else " " for c in run).encode(), error.end


codecs.register_error(_HANDLER, _small)


def plain(text: str) -> str:
    """Write a text in small letters with a space for all that is no letter or digit; the length stays the same."""
    return text.encode("ascii", _HANDLER).translate(_PLAIN).decode()


OPEN = "*"  # at an end of a phrase: the word may go on there, as in a compound


def _pattern(phrase: str) -> str:
    """Write a phrase as it is looked for."""
    small = plain(phrase.strip(OPEN)).strip()
    before, behind = "" if phrase.startswith(OPEN) else " ", "" if phrase.endswith(OPEN) else " "
    return f"{before}{small}{behind}" if small else "\0"  # that is never found


class Scan:
    """Phrases, ready to be looked for. Two that differ only in case or in marks are found at the same places."""

    def __init__(self, phrases: Sequence[str]) -> None:
        words = [_pattern(phrase) for phrase in phrases]
        self._machine = ahocorasick_rs.AhoCorasick(
            words, matchkind=ahocorasick_rs.MatchKind.Standard, implementation=ahocorasick_rs.Implementation.DFA
        )

    def found(self, small: str) -> list[Hit]:
        """Give every hit in a plain text with a space at either end, overlapping ones too, by where it ends.

        A span takes in the spaces around its phrase, so without the space in front of the text the phrase begins at
        `start` and ends at `end - 2`.
        """
        hits: list[Hit] = self._machine.find_matches_as_indexes(small, overlapping=True)
        return hits

    def spans(self, text: str) -> list[Hit]:
        """Give every hit, overlapping ones too, by where it ends: text[start:end] is the phrase."""
        return [(phrase, start, end - 2) for phrase, start, end in self.found(plain(f" {text} "))]
