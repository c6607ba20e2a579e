"""Mark the words that count in the text of an item: spans of a field, with what each shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from processors.detect.candidate import Candidate
from processors.detect.reading import Refused, Sentence
from treatywatch.model import Evidence, Item

_NAMES = {"negate": "negation", "reject": "negation", "say": "speaker", "hypothetical": "hedge", "consider": "hedge"}


@dataclass(frozen=True, slots=True)
class Span:
    """The words text[start:end] of a field show `part`: actor, treaty, act, stage, negation, hedge, date …"""

    field: str
    start: int
    end: int
    part: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A field with its spans, which do not overlap and stand in order."""

    field: str
    text: str
    spans: tuple[Span, ...]


def marked(item: Item, spans: Iterable[Span]) -> tuple[Marked, ...]:
    """Give each field of the item that has a text, with its spans; of two that overlap the first and longer stays."""
    found = sorted(set(spans), key=lambda span: (span.start, -span.end, span.part))
    fields = []
    for name, text in (("title", item.title), ("summary", item.summary)):
        kept: list[Span] = []
        for span in found:
            if span.field == name and span.end <= len(text) and (not kept or span.start >= kept[-1].end):
                kept.append(span)
        if text:
            fields.append(Marked(name, text, tuple(kept)))
    return tuple(fields)


def of_evidence(evidence: Sequence[Evidence]) -> tuple[Span, ...]:
    """Give the spans of a signal's evidence."""
    return tuple(Span(one.field, one.start, one.end, one.part) for one in evidence)


def of_candidate(candidate: Candidate) -> tuple[Span, ...]:
    """Give the spans of a candidate that became no signal."""
    sentence, link = candidate.sentence, candidate.link
    parts = [(link.treaty.start, link.treaty.end, "treaty"), (link.act.start, link.act.end, "act")]
    parts += [(actor.start, actor.end, "actor") for actor in candidate.actors]
    parts += [(o.start, o.end, _NAMES.get(o.kind, "stage")) for o in candidate.verdict.operators]
    parts += [(found.start, found.end, "date") for found in candidate.dates]
    return tuple(span(sentence, *part) for part in parts if part[1] <= len(sentence.tokens))


def of_refused(refused: Refused) -> tuple[Span, ...]:
    """Give the span of an act that is done to no instrument."""
    return (span(refused.sentence, refused.act.start, refused.act.end, "act"),)


def span(sentence: Sentence, start: int, end: int, part: str) -> Span:
    """Give the span of the words tokens[start:end] of a sentence."""
    return Span(sentence.field, sentence.tokens[start].start, sentence.tokens[end - 1].end, part)
