"""Tell the state that is told of a move from the one that makes it: "Italy gives China notice that it is leaving".

Whom one gives notice is never who leaves, and of an instrument that names no counterpart it is the counterpart.
"""

from __future__ import annotations

from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Sentence

_PAPER = 4  # words behind the addressee in which the paper is named: "gives China formal notice"
_FAR = 5  # words between the notice and its addressee: "sends its formal letter to Bern"


def addressed(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    """Tell whether the actor stands where one names whom one tells or hands a paper to."""
    words, norms = lexicon.words, sentence.norms
    position = actor.start - 1
    while position >= 0 and norms[position] in words.articles - {words.possessive}:
        position -= 1
    if position < 0:
        return False
    if norms[position] in words.told or accompanied(sentence, actor, lexicon):
        return True
    return norms[position] in words.handing and not words.papers.isdisjoint(norms[actor.end : actor.end + _PAPER])


def addressee(sentence: Sentence, before: int, lexicon: Lexicon) -> ActorMention | None:
    """Give the state that is told, where one is named before the act at `before`."""
    words, norms = lexicon.words, sentence.norms
    for actor in reversed(sentence.actors):
        if actor.end > before or not actor.state:
            continue
        if addressed(sentence, actor, lexicon):
            return actor
        near = norms[max(0, actor.start - _FAR) : actor.start]
        if near[-1:] == [words.infinitive] and not (words.papers | words.told).isdisjoint(near):
            return actor
    return None


def accompanied(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    """Tell whom one follows or joins: "Argentina will follow the United States in quitting", "joins Chad and quits"."""
    words, norms = lexicon.words, sentence.norms
    position = actor.start - 1
    while position >= 0 and norms[position] in words.articles - {words.possessive}:
        position -= 1
    following = norms[actor.end] if actor.end < len(norms) else ""
    goes_on = following in words.object_prepositions | words.joiners or following in words.carrier_prepositions
    return position >= 0 and norms[position] in words.companions and goes_on
