"""Split a field into sentences, with offsets; a split that is missed costs less than one too many."""

from __future__ import annotations

import re

MAX_SENTENCE = 1_200  # characters; what is longer is no sentence of news and is cut, so that reading stays linear

_MARK = re.compile(r"[.!?…\n|]")  # first the places of marks, which is quick, then what they are
_END = re.compile(r"[.!?…]['\"”’)\]]*\s+(?=[\"'“‘(\[]?[^\W_])|\n+|(?<=\s)\|\s")

_STOPS = ".!?…"
_BRACKETS = "\"'“‘(["


def split(text: str, abbreviation: re.Pattern[str]) -> list[tuple[int, int]]:
    """Give (start, end) of each sentence of the field, in order; a stop that `abbreviation` matches ends none."""
    spans: list[tuple[int, int]] = []
    start = 0
    stop = 0
    for place in _MARK.finditer(text):
        mark = _END.match(text, place.start()) if place.start() >= stop else None
        if mark is None or (place.group() == "|" and place.start() == stop):
            continue
        stop = mark.end()
        if place.group() in _STOPS and not _opens(text, stop):
            continue
        if place.group() == "." and abbreviation.search(text, max(start, mark.start() - 8), mark.start() + 1):
            continue
        _add(spans, text, start, stop)
        start = stop
    _add(spans, text, start, len(text))
    return spans


def _opens(text: str, position: int) -> bool:
    """Tell whether a sentence may begin here: with a capital of any script, or a figure."""
    first = text[position : position + 2].lstrip(_BRACKETS)[:1]
    return first.isupper() or first.isdigit()


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while end - start > MAX_SENTENCE:
        cut = text.rfind(" ", start, start + MAX_SENTENCE)
        cut = cut if cut > start else start + MAX_SENTENCE
        spans.append((start, cut))
        start = cut
    if text[start:end].strip():
        spans.append((start, end))
