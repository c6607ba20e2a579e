"""Find many phrases in a row of words at once: a dictionary from first word to the phrases that begin with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from processors.detect.tokens import Token, words_of

P = TypeVar("P")

_NOTHING: Iterator[Any] = iter(())  # most words begin no phrase: one empty answer for all of them


@dataclass(frozen=True, slots=True)
class Found(Generic[P]):
    """A phrase at tokens[start:end], with what it stands for."""

    start: int
    end: int
    payload: P


class Phrases(Generic[P]):
    """Phrases and what each stands for; two payloads may share a phrase."""

    def __init__(self, pairs: Iterable[tuple[str | tuple[str, ...], P]]) -> None:
        """Take each phrase as written, or already folded to words."""
        table: dict[str, dict[tuple[str, ...], list[P]]] = {}
        for phrase, payload in pairs:
            words = words_of(phrase) if isinstance(phrase, str) else phrase
            if words:
                table.setdefault(words[0], {}).setdefault(words, []).append(payload)
        self._table: dict[str, list[tuple[tuple[str, ...], list[P]]]] = {
            first: sorted(rest.items(), key=lambda pair: -len(pair[0])) for first, rest in table.items()
        }
        self.first = frozenset(self._table)  # a word outside of it begins no phrase

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Give every phrase, folded."""
        return (words for rows in self._table.values() for words, _ in rows)

    def at(self, norms: Sequence[str], start: int) -> Iterator[Found[P]]:
        """Give the phrases that begin at `start`, longest first."""
        rows = self._table.get(norms[start])
        return _NOTHING if rows is None else self._among(rows, norms, start)

    def _among(
        self, rows: list[tuple[tuple[str, ...], list[P]]], norms: Sequence[str], start: int
    ) -> Iterator[Found[P]]:
        for words, payloads in rows:
            end = start + len(words)
            if end <= len(norms) and tuple(norms[start:end]) == words:
                for payload in payloads:
                    yield Found(start, end, payload)

    def longest(self, tokens: Sequence[Token], norms: Sequence[str]) -> list[Found[P]]:
        """Give the phrases of the row from left to right, the longest at each place, none overlapping another."""
        found: list[Found[P]] = []
        position = 0
        while position < len(norms):
            first = next(self.at(norms, position), None) if norms[position] in self._table else None
            if first is None:
                position += 1
                continue
            found.append(first)
            position = first.end
        return found

    def within(self, norms: Sequence[str], start: int, end: int) -> Found[P] | None:
        """Give the first phrase that lies inside norms[start:end]."""
        for position in range(start, min(end, len(norms))):
            if norms[position] in self._table:
                for found in self.at(norms, position):
                    if found.end <= end:
                        return found
        return None
