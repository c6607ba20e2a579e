"""Find the evidence of a signal in its sentence.

Evidence points into the title or the summary; the sentence is a stretch of one of them, and where it starts is not
recorded. So: the start that agrees with most of the evidence is taken, and what does not fit it is looked for by its
words. Evidence that is nowhere in the sentence is left out (it may stand in the other field).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from treatywatch.model import Evidence


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A stretch of the sentence and the part of the statement it shows."""

    start: int
    end: int
    part: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the sentence with all the parts it shows (none for plain text)."""

    text: str
    parts: tuple[str, ...]


def place(sentence: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
    """Say where each piece of evidence stands in the sentence, in order of place; each is placed once at most."""
    shifts: Counter[tuple[str, int]] = Counter()
    for span in evidence:
        shifts.update({(span.field, span.start - at) for at in _places(sentence, span.text)})
    best: dict[str, int] = {}
    for (field, shift), _ in sorted(shifts.items(), key=lambda pair: (-pair[1], pair[0])):
        best.setdefault(field, shift)
    marks: set[Mark] = set()
    for span in evidence:
        places = _places(sentence, span.text)
        expected = span.start - best.get(span.field, 0)
        if places:
            at = min(places, key=lambda place: abs(place - expected))
            marks.add(Mark(at, at + len(span.text), span.part))
    return tuple(sorted(marks))


def cut(sentence: str, marks: Sequence[Mark]) -> Iterator[Piece]:
    """Cut the sentence at every edge of a mark; marks may overlap. The pieces together are the sentence."""
    edges = sorted({0, len(sentence), *(edge for mark in marks for edge in (mark.start, mark.end))})
    for start, end in pairwise(edges):
        parts = dict.fromkeys(mark.part for mark in marks if mark.start <= start and end <= mark.end)
        yield Piece(sentence[start:end], tuple(parts))


def _places(sentence: str, text: str) -> list[int]:
    """Every place of the text in the sentence, at most 50 (a sentence of one letter repeated has no better answer)."""
    places: list[int] = []
    at = sentence.find(text) if text else -1
    while at >= 0 and len(places) < 50:
        places.append(at)
        at = sentence.find(text, at + 1)
    return places
