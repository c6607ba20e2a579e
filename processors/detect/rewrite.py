"""Bring the words of a language with its own order into the form that the steps read: cases, compounds, contractions.

Word by word; `clauses.py` then moves what stands apart together. A word that is made out of another one ("von" in
"Austritt Polens") lies at no place of the text and marks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from processors.detect.order import Order
from processors.detect.tokens import Token, fold
from processors.detect.verbs import Verbs

_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?")
_MODIFIER = 3  # letters of the first part of a compound at least


def rewrite(
    tokens: Sequence[Token],
    order: Order,
    verbs: Verbs,
    words: Words,
) -> list[Token]:
    """Give the words as they are read, in the order of the text."""
    made: list[Token] = []
    for position, token in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if token.text == "." and _is_ordinal(made, following, words):
            continue
        named = words.in_name(made[-1].norm if made else "", token.norm, following.norm if following else "")
        made += _genitive(token, made, order, words) or _read(token, following, order, verbs, words, named)
    return made


class Words:
    """What rewriting looks up: the words of grammar, the months, the states by name, the names left whole."""

    def __init__(
        self,
        function: frozenset[str],
        prepositions: frozenset[str],
        months: tuple[str, ...],
        times: frozenset[str],
        states: frozenset[str],
        names: frozenset[tuple[str, ...]],
        partitive: str,
        possessive: str,
        infinitive: str,
    ) -> None:
        self.prepositions = prepositions
        self.function, self.months, self.times, self.states = function, months, times, states
        self._single = frozenset(name[0] for name in names if len(name) == 1)
        self._pairs = frozenset(pair for name in names for pair in pairwise(name))
        self.partitive, self.possessive, self.infinitive = partitive, possessive, infinitive

    def in_name(self, before: str, norm: str, after: str) -> bool:
        """Tell whether a word is a name, or stands beside the word that it stands beside in one."""
        return norm in self._single or (before, norm) in self._pairs or (norm, after) in self._pairs

    def is_noun(self, token: Token) -> bool:
        """Tell a noun by its capital."""
        return token.text[:1].isupper() and token.norm.isalpha() and token.norm not in self.function


def mark(norm: str, place: int) -> Token:
    """Make a word that the text does not write, at a place of it."""
    return Token("", norm, place, place)


def _read(token: Token, following: Token | None, order: Order, verbs: Verbs, words: Words, named: bool) -> list[Token]:
    small = token.text.lower()
    if small in order.spellings:
        return [token._replace(norm=order.spellings[small])]
    if token.norm in order.contractions:
        first, *rest = order.contractions[token.norm]
        return [token._replace(norm=first), *(mark(norm, token.end) for norm in rest)]
    if token.norm in verbs.marked and not token.text[:1].isupper():
        return [mark(words.infinitive, token.start), token._replace(norm=verbs.marked[token.norm])]
    if token.norm == words.infinitive and not _leads_infinitive(following, order):
        return [token._replace(norm=order.directive)]
    if order.numeric_dates and (date := _DATE.fullmatch(token.text)):
        return _date(token, date, words) or [token]
    return ([] if named else _compound(token, order)) or [token]


def _leads_infinitive(following: Token | None, order: Order) -> bool:
    return following is not None and following.text[:1].islower() and following.norm.endswith(order.infinitive_ending)


def _is_ordinal(made: Sequence[Token], following: Token | None, words: Words) -> bool:
    """Tell the stop of "27. Dezember" and of "27.12." from the end of a sentence."""
    return (
        bool(made)
        and following is not None
        and ((made[-1].norm.isdigit() and len(made[-1].norm) <= 2) or made[-1].norm in words.months)
        and len(made) > 0
    )


def _date(token: Token, found: re.Match[str], words: Words) -> list[Token]:
    """Read "27.12.2025" as "27 Dezember 2025"."""
    month = int(found.group(2))
    if not 1 <= month <= len(words.months):
        return []
    norms = (found.group(1), words.months[month - 1], found.group(3))
    return [
        Token(norm.capitalize(), norm, token.start + found.start(i), token.start + found.end(i))
        for i, norm in enumerate(norms, 1)
        if norm
    ]


def _genitive(token: Token, made: Sequence[Token], order: Order, words: Words) -> list[Token]:
    """Read "Polens Austritt" as "Polen 's Austritt", "Austritt Polens" and "… der Türkei" with a preposition."""
    before = made[-1] if made else None
    led = before is not None and words.is_noun(before) and before.norm not in words.states
    if token.norm in order.genitives and led:
        return [mark(words.partitive, token.start), token]
    ending = order.genitive_ending
    name = token.norm.removesuffix(ending)
    if not ending or name == token.norm or name not in words.states or token.norm in words.states:
        return []
    state = Token(token.text[: -len(ending)], name, token.start, token.end)
    if led:
        return [mark(words.partitive, token.start), state]
    return [state, mark(words.possessive, token.end)]


def _compound(token: Token, order: Order) -> list[Token]:
    """Cut the head noun off a compound: "Fischereiabkommen" is "fischerei" and "Abkommen"."""
    norm = token.norm
    if not token.text[:1].isupper() or norm in order.whole or norm in order.heads:
        return []
    for size in range(len(norm) - _MODIFIER, 3, -1):
        if norm[-size:] not in order.heads:
            continue
        cut = _cut(token.text, size)
        if cut:
            first = Token(token.text[:cut], norm[:-size], token.start, token.start + cut)
            return [first, Token(token.text[cut:].capitalize(), norm[-size:], token.start + cut, token.end)]
    return []


def _cut(text: str, size: int) -> int:
    """Give the place in the written word behind which `size` folded letters are left; 0 where there is none."""
    return next((cut for cut in range(len(text) - 1, 0, -1) if len(fold(text[cut:])) == size), 0)
