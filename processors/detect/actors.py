"""Find the states that a sentence names. After treaties, because "Ottawa" in "Ottawa Convention" is no actor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from processors.detect.lexicon import Lexicon
from processors.detect.partial import with_sets
from processors.detect.phrases import Phrases
from processors.detect.reading import ActorMention, Sentence
from treatywatch.actors import Actors, Form, FormKind


def actor_phrases(actors: Actors) -> Phrases[Form]:
    """Make the dictionary of every form of every actor."""
    return Phrases((form.text, form) for form in actors.forms())


def find_actors(sentence: Sentence, phrases: Phrases[Form], lexicon: Lexicon, day: date | None) -> list[ActorMention]:
    """Give the actors of the sentence from left to right, each told apart as state, place or non-state."""
    words, norms, tokens = lexicon.words, sentence.norms, sentence.tokens
    taken = {
        i
        for treaty in sentence.treaties
        if treaty.named and treaty.treaty not in words.actor_rows
        for i in range(treaty.start, treaty.end)
    }
    mentions: list[ActorMention] = []
    position = 0
    while position < len(norms):
        if norms[position] not in phrases.first:
            position += 1
            continue
        best: tuple[int, Form] | None = None
        for found in phrases.at(norms, position):
            form = found.payload
            if best is not None and found.end < best[0]:
                break
            written = tokens[position].text if found.end == position + 1 else ""
            if form.exact and written and not written[:1].isupper():
                continue
            if form.exact and written and form.text.isupper() and not _capitals(written):
                continue
            small = form.kind is FormKind.GROUP or (words.small_demonyms and form.kind is FormKind.DEMONYM)
            if sentence.cased and written and not written[:1].isupper() and not small:
                continue
            if position in taken or not form.holds(day) or _of_another(norms, mentions, position, form, lexicon):
                continue
            best = (found.end, form)
        if best is None:
            position += 1
            continue
        end, form = best
        mentions.append(_judge(sentence, ActorMention(position, end, form.codes, form), lexicon))
        position = end
    return with_sets(sentence, mentions, lexicon)


def _of_another(norms: list[str], mentions: list[ActorMention], position: int, form: Form, lexicon: Lexicon) -> bool:
    """Tell the body of another state that has one of the same name: "India's Home Secretary"."""
    start = position - 1 if norms[position - 1 : position] == [lexicon.words.possessive] else position
    owner = mentions[-1] if mentions and mentions[-1].end == start else None
    return form.kind is FormKind.BODY and owner is not None and set(owner.codes).isdisjoint(form.codes)


def _capitals(written: str) -> bool:
    return written.replace(".", "").isupper()


def _judge(sentence: Sentence, mention: ActorMention, lexicon: Lexicon) -> ActorMention:
    words, norms = lexicon.words, sentence.norms
    before = norms[mention.start - 1] if mention.start else ""
    if before in words.articles and mention.start > 1:
        before = norms[mention.start - 2]
    kind = mention.form.kind
    following = norms[mention.end : mention.end + 4]
    if kind in (FormKind.DEMONYM, FormKind.NAME):
        for index, word in enumerate(following):
            if word in words.non_states and index and following[index - 1] in words.ruling:
                break  # "the Georgian ruling party" speaks for the state
            if word in words.non_states:
                return replace(mention, state=False)
            if (
                word in words.prepositions
                or word in words.conjunctions
                or word in words.officials
                or not word.isalpha()
            ):
                break
            if kind is FormKind.NAME or word in words.be or word in words.future or word in words.perfect:
                break
    if kind is FormKind.SEAT and any(t.start <= mention.start < t.end for t in sentence.treaties if not t.named):
        return replace(mention, acts=False)  # "the 2013 Brussels agreement" was made there
    position = mention.start - 2
    organ = position >= 0 and (norms[position] in lexicon.institution_words or norms[position] in words.officials)
    if kind is FormKind.SEAT and before in words.prepositions and before not in words.of_whom and not organ:
        return replace(mention, acts=False)
    if kind is FormKind.SEAT and following[:1] == [","] and before in words.prepositions:
        return replace(mention, acts=False)
    return mention
