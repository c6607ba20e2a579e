"""Read sets of states that a text only counts: "three of the five", "all Nordic states but Norway".

A group less its exceptions is known, and acts. A part of a group is not: it is kept as text, names nobody, and keeps
the rest of its group from being taken for those who act.
"""

from __future__ import annotations

from dataclasses import replace

from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Sentence
from treatywatch.actors import Form, FormKind

_OF_WHOM = 4  # words between "of" and the group: "two of the three remaining"


def with_sets(sentence: Sentence, actors: list[ActorMention], lexicon: Lexicon) -> list[ActorMention]:
    """Give the actors with groups less their exceptions, and with parts of groups in place of the whole."""
    kept = [_less(sentence, actor, actors, lexicon) for actor in actors]
    spared = {i for actor in kept for i in range(actor.start, actor.end) if actor.form.kind is FormKind.GROUP}
    kept = [actor for actor in kept if actor.form.kind is FormKind.GROUP or actor.start not in spared]
    parts = [part for i in range(len(sentence.norms)) if (part := _part(sentence, i, kept, lexicon))]
    inside = {i for part in parts for i in range(part.start, part.end)}
    return sorted((*parts, *(a for a in kept if a.start not in inside)), key=lambda a: a.start)


def _less(sentence: Sentence, group: ActorMention, actors: list[ActorMention], lexicon: Lexicon) -> ActorMention:
    """Take the exceptions from a group: "all Baltic states except Latvia" are two."""
    after = lexicon.small_at(sentence.norms, group.end, "all_but")
    if group.form.kind is not FormKind.GROUP or not after:
        return group
    left_out = [a for a in actors if after <= a.start and _follows(sentence, after, a, actors, lexicon)]
    codes = tuple(code for code in group.codes if not any(code in a.codes for a in left_out))
    if not left_out or len(codes) == len(group.codes):
        return group
    return replace(group, end=left_out[-1].end, codes=codes)


def _follows(sentence: Sentence, after: int, actor: ActorMention, actors: list[ActorMention], lexicon: Lexicon) -> bool:
    """Tell whether only "and", articles and other states stand between the exception's word and the actor."""
    words = lexicon.words
    states = {i for a in actors for i in range(a.start, a.end)}
    between = range(after, actor.start)
    return all(i in states or sentence.norms[i] in words.conjunctions | words.articles for i in between)


def _part(sentence: Sentence, start: int, actors: list[ActorMention], lexicon: Lexicon) -> ActorMention | None:
    """Read "three of the five", "some of the Baltic states", "all but Norway" at a place."""
    norms, words = sentence.norms, lexicon.words
    if after := lexicon.small_at(norms, start, "all_but"):
        whole = start > 0 and norms[start - 1] in words.every_one
        first = next((a for a in actors if a.start in (after, after + 1)), None)
        return _text(sentence, start - 1, first.end) if whole and first else None
    if norms[start] not in words.quantifiers or norms[start + 1 : start + 2] != [words.partitive]:
        return None
    of_whom = range(start + 2, min(start + 2 + _OF_WHOM, len(norms)))
    if not any(norms[i] in words.definite for i in of_whom[:1]):
        return None
    group = next((a for a in actors if a.start in of_whom and a.form.kind is FormKind.GROUP), None)
    counted = next((i for i in of_whom if norms[i] in words.numbers), None)
    if group is not None:
        return _text(sentence, start, group.end)
    return _text(sentence, start, counted + 1) if counted is not None else None


def _text(sentence: Sentence, start: int, end: int) -> ActorMention:
    first, last = sentence.tokens[start].start, sentence.tokens[end - 1].end
    text = sentence.text[first - sentence.start : last - sentence.start]
    return ActorMention(start, end, (), Form(text, (), FormKind.PARTIAL))
