"""Split a field into sentences, with offsets; a split that is missed costs less than one too many."""

from __future__ import annotations

import re

MAX_SENTENCE = 1_200  # characters; what is longer is no sentence of news and is cut, so that reading stays linear

_END = re.compile(r"[.!?…]['\"”’)\]]*\s+(?=[\"'“‘(\[]?[^\W_])|\n+|\s\|\s")

_STOPS = ".!?…"
_BRACKETS = "\"'“‘(["


def split(text: str, abbreviation: re.Pattern[str]) -> list[tuple[int, int]]:
    """Give (start, end) of each sentence of the field, in order; a stop that `abbreviation` matches ends none."""
    spans: list[tuple[int, int]] = []
    start = 0
    for mark in _END.finditer(text):
        stop = mark.end()
        if mark.group()[0] in _STOPS and not _opens(text, stop):
            continue
        if mark.group()[0] == "." and abbreviation.search(text, max(start, mark.start() - 8), mark.start() + 1):
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
