"""Read the list that a state is part of: "Estonia, Latvia and Lithuania" leave together or not at all."""

from __future__ import annotations

from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Sentence
from treatywatch.actors import FormKind

_GAP = 3  # words between two members of a list: ", and the"


def listed(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> tuple[ActorMention, ...]:
    """Give the whole list that the actor is part of, left to right; the actor alone where it is part of none."""
    actors = [a for a in sentence.actors if a.state]
    if actor not in actors:
        return (actor,)
    chosen = [actor]
    for step in (-1, 1):
        index = actors.index(actor)
        while 0 <= index + step < len(actors) and _joined(sentence, actors, index, step, lexicon):
            index += step
            chosen.append(actors[index])
    return tuple(sorted(chosen, key=lambda a: a.start))


def _joined(sentence: Sentence, actors: list[ActorMention], index: int, step: int, lexicon: Lexicon) -> bool:
    """Tell whether the neighbour at that side belongs to the same list."""
    words = lexicon.words
    first, second = sorted((actors[index], actors[index + step]), key=lambda a: a.start)
    between = sentence.norms[first.end : second.start]
    if not 0 < len(between) <= _GAP:
        return False
    if not all(norm in words.conjunctions or norm in words.articles - {words.possessive} for norm in between):
        return False
    if not any(norm in words.conjunctions for norm in between):
        return False
    if between != [","]:
        return True
    # "after the United States, Israel says ..." is no list
    return _is_list(sentence, actors[index + step], lexicon) and not _after_boundary(sentence, first, lexicon)


def _after_boundary(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    start = actor.start - 1
    while start >= 0 and sentence.norms[start] in lexicon.words.articles:
        start -= 1
    return start >= 0 and sentence.norms[start] in lexicon.words.boundaries


def _is_list(sentence: Sentence, other: ActorMention, lexicon: Lexicon) -> bool:
    """Tell a list from an apposition ("Mr X of Kenya, Uganda's …"): in a list no member owns anything."""
    return other.form.kind in (FormKind.NAME, FormKind.SEAT) and not (
        other.end < len(sentence.norms) and sentence.norms[other.end] == lexicon.words.possessive
    )
