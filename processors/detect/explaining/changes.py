"""Say what would have changed the answer: small changes to the text, each tried by reading the changed text.

Nothing is guessed: a change is told only if the detector, given the changed text, gives another answer. The words to
put in come from the configuration (a state, an instrument), so that nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from processors.detect.candidate import Candidate
from processors.detect.pipeline import Detection
from processors.detect.reading import Refused, Sentence
from treatywatch.model import Evidence, Item, Signal

Read = Callable[[Item], Detection]

_WINDOW = 4  # words that are put out for a state or an instrument, at most
_AROUND = 12  # words on either side of the act that are left out one after the other
_LINK = 8  # words behind an act among which the one that leads to its instrument is looked for
_SHOWN = 6
_TRIED = 200  # changes that are tried at most: a long text has a thousand words to leave out
_SAID = ("stage", "negation", "hedge", "institution", "speaker")  # parts of the evidence that bend an act


@dataclass(frozen=True, slots=True)
class Change:
    """One change to the text and what the detector then answers; `put` is what was put in, if anything was."""

    what: str
    text: str
    answer: str
    put: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """What is put in where the text names nothing: a state and an instrument that the configuration knows."""

    state: str
    instrument: str


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace field[start:end] by `by`."""

    what: str
    field: str
    start: int
    end: int
    by: str = ""


def changes(item: Item, detection: Detection, read: Read, examples: Examples) -> tuple[Change, ...]:
    """Try small changes, the likeliest first, and give those that change the answer; at most six."""
    was = _outcome(detection)
    found: list[Change] = []
    seen: set[str] = set()
    tried = 0
    for group in _groups(item, detection, examples):
        if group.fallback and found:
            continue
        for edit in group.edits:
            if tried == _TRIED:
                return tuple(found)
            tried += 1
            changed = _apply(item, edit)
            now = read(changed)
            text = f"{changed.title} | {changed.summary}" if changed.summary else changed.title
            if _outcome(now) == was or text in seen:
                continue
            seen.add(text)
            found.append(Change(edit.what, text, answer(now), edit.by))
            if group.first_only or len(found) == _SHOWN:
                break
        if len(found) == _SHOWN:
            break
    return tuple(found)


def answer(detection: Detection) -> str:
    """Write an answer in one line."""
    if detection.signals:
        return "; ".join(said(signal) for signal in detection.signals)
    return f"no signal ({detection.reason.value})" if detection.reason else "no signal"


def said(signal: Signal) -> str:
    """Write a signal in a few words."""
    treaty = signal.treaty if signal.treaty else f'"{signal.treaty_text}"'
    where = f" ({signal.institution.value.replace('_', ' ')})" if signal.institution else ""
    return f"{signal.actor} {signal.action.value} {treaty}: {signal.stage.value}{where}"


@dataclass(frozen=True, slots=True)
class _Group:
    """Edits of one kind: of some only the first that works is told, some are tried only where nothing worked before."""

    edits: Iterator[_Edit]
    first_only: bool = False
    fallback: bool = False


def _groups(item: Item, detection: Detection, examples: Examples) -> list[_Group]:
    if detection.signals:
        signal = detection.signals[0]
        return [
            _Group(_without_parts(signal.evidence)),
            _Group(_without_dates(signal.evidence)),
            _Group(_as_question(item)),
            _Group(_without_field(item)),
            _Group(_without_part(signal.evidence, "treaty", "the instrument"), first_only=True),
            _Group(_without_part(signal.evidence, "actor", "the state"), first_only=True),
        ]
    near = nearest(detection)
    groups = [_Group(_no_question(detection.sentences))]
    if isinstance(near, Candidate):
        sentence, link = near.sentence, near.link
        acts = link.act.start < link.treaty.start  # before a passive stands the instrument, and no state
        groups += [
            _Group(_without_operators(near)),
            _Group(_no_dates(near), first_only=True),
            _Group(_shorter(sentence, link.act.start, link.after, (1,)), first_only=True, fallback=True),
            _Group(_alone(near, examples)),
            _Group(_with_instrument(near, examples), first_only=True),
            *(
                [_Group(_with_state(sentence, link.act.start, examples), first_only=True, fallback=True)]
                if acts
                else []
            ),
            _Group(_shorter(sentence, link.act.start, link.after, (2, 3)), first_only=True, fallback=True),
        ]
    elif near is not None:
        groups += [
            _Group(_shorter(near.sentence, near.act.start, near.act.end, (1, 2, 3)), first_only=True),
            _Group(_in_its_place(near, examples), first_only=True),
            _Group(_with_state(near.sentence, near.act.start, examples), first_only=True, fallback=True),
        ]
    return [*groups, _Group(_without_field(item))]


def nearest(detection: Detection) -> Candidate | Refused | None:
    """Give what came nearest to a signal: the first candidate, else the first act, with the reason that is told."""
    same = [one for one in detection.candidates if one.reason is detection.reason]
    acts = [one for one in detection.refused if one.reason is detection.reason]
    ordered: list[Candidate | Refused] = [*same, *acts, *detection.candidates, *detection.refused]
    return ordered[0] if ordered else None


# ---- the changes to a text that gives a signal


def _without_parts(evidence: Sequence[Evidence]) -> Iterator[_Edit]:
    for one in evidence:
        if one.part in _SAID:
            yield _Edit(f'without "{one.text}"', one.field, one.start, one.end)


def _without_dates(evidence: Sequence[Evidence]) -> Iterator[_Edit]:
    for one in evidence:
        if one.part == "date":
            yield _Edit(f'without the date "{one.text}"', one.field, one.start, one.end)


def _without_part(evidence: Sequence[Evidence], part: str, name: str) -> Iterator[_Edit]:
    for one in evidence:
        if one.part == part:
            yield _Edit(f'without {name} "{one.text}"', one.field, one.start, one.end)


def _as_question(item: Item) -> Iterator[_Edit]:
    end = len(item.title.rstrip().rstrip(".!"))
    yield _Edit("as a question", "title", end, len(item.title), "?")


def _without_field(item: Item) -> Iterator[_Edit]:
    if item.title and item.summary:
        yield _Edit("without the summary", "summary", 0, len(item.summary))
        yield _Edit("without the title", "title", 0, len(item.title))


# ---- the changes to a text that gives none


def _no_question(sentences: Sequence[Sentence]) -> Iterator[_Edit]:
    for sentence in sentences:
        if sentence.question:
            end = sentence.start + len(sentence.text)
            yield _Edit("without the question mark", sentence.field, sentence.start + sentence.text.rindex("?"), end)


def _without_operators(near: Candidate) -> Iterator[_Edit]:
    sentence = near.sentence
    for operator in near.verdict.operators:
        yield _cut(sentence, operator.start, operator.end)
    for operator in near.sentence.operators:
        if operator not in near.verdict.operators:
            yield _cut(sentence, operator.start, operator.end)


def _alone(near: Candidate, examples: Examples) -> Iterator[_Edit]:
    """Tell the act alone, as the main clause: "Washington quit the INF Treaty"; with an example where nobody acts."""
    sentence, link = near.sentence, near.link
    start, end = min(link.act.start, link.treaty.start), max(link.act.end, link.treaty.end)
    deed = _words(sentence, start, end)
    inside = [a for a in near.actors if a.end <= len(sentence.tokens)]
    names = [_words(sentence, actor.start, actor.end) for actor in inside] or [examples.state]
    clause = deed if any(start <= a.start < end for a in inside) else f"{names[0]} {deed}"
    whole = sentence.start, sentence.start + len(sentence.text)
    yield _Edit(f'told alone, as "{clause}"', sentence.field, *whole, clause)


def _no_dates(near: Candidate) -> Iterator[_Edit]:
    sentence = near.sentence
    for found in near.dates:
        yield _cut(sentence, found.start, found.end)
    for position, token in enumerate(sentence.tokens):
        if len(token.text) == 4 and token.text.isdigit():
            yield _cut(sentence, max(0, position - 1), position + 1)


def _with_instrument(near: Candidate, examples: Examples) -> Iterator[_Edit]:
    sentence, start, end = near.sentence, near.link.treaty.start, near.link.treaty.end
    if near.link.treaty.named:
        return
    for last in range(end, min(end + _WINDOW, len(sentence.tokens)) + 1):
        yield _put(sentence, start, last, examples.instrument, "the instrument named")


def _in_its_place(near: Refused, examples: Examples) -> Iterator[_Edit]:
    """Put an instrument behind the act, with the word that leads to it: "withdraws from the Ottawa Convention"."""
    sentence, after = near.sentence, near.act.end
    if after >= len(sentence.tokens):
        return
    place = sentence.tokens[after].start, sentence.start + len(sentence.text)
    for lead in ("", *(token.text for token in sentence.tokens[after : after + _LINK])):
        by = f"{lead} {examples.instrument}".strip()
        what = f'with an instrument in that place ("{_words(sentence, near.act.start, after)} {by}")'
        yield _Edit(what, sentence.field, *place, by)


def _with_state(sentence: Sentence, act: int, examples: Examples) -> Iterator[_Edit]:
    for start in range(act - 1, max(act - _WINDOW, 0) - 1, -1):
        yield _put(sentence, start, act, examples.state, "a state named as the one that acts")


def _shorter(sentence: Sentence, start: int, end: int, sizes: Sequence[int]) -> Iterator[_Edit]:
    """Leave out so many words around the act."""
    first, last = max(0, start - _AROUND), min(len(sentence.tokens), end + _AROUND)
    for size in sizes:
        for at in range(first, last - size + 1):
            if size < len(sentence.tokens):
                yield _cut(sentence, at, at + size)


# ---- the text


def _cut(sentence: Sentence, start: int, end: int) -> _Edit:
    words = _words(sentence, start, end)
    return _Edit(f'without "{words}"', sentence.field, *_place(sentence, start, end))


def _put(sentence: Sentence, start: int, end: int, by: str, what: str) -> _Edit:
    words = _words(sentence, start, end)
    return _Edit(f'with {what} ("{by}" for "{words}")', sentence.field, *_place(sentence, start, end), by)


def _place(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    return sentence.tokens[start].start, sentence.tokens[end - 1].end


def _words(sentence: Sentence, start: int, end: int) -> str:
    left, right = _place(sentence, start, end)
    return sentence.text[left - sentence.start : right - sentence.start]


def _apply(item: Item, edit: _Edit) -> Item:
    text = item.title if edit.field == "title" else item.summary
    changed = " ".join(f"{text[: edit.start]}{edit.by}{text[edit.end :]}".split())
    for mark in ",.?!":
        changed = changed.replace(f" {mark}", mark)
    if edit.field == "title":
        return msgspec.structs.replace(item, title=changed, previous=None)
    return msgspec.structs.replace(item, summary=changed, previous=None)


def _outcome(detection: Detection) -> object:
    """What counts as an answer: who, what and which step; for a no, that it is one."""
    return sorted((s.case_id, s.action.value, s.stage.value) for s in detection.signals)
