"""Find the instruments and organisations of a sentence: by name, by description, or as "a 2018 military accord".

First of the finding steps, because the words of a name are nothing else any more.
"""

from __future__ import annotations

from dataclasses import replace

from processors.detect.clean import JOINER
from processors.detect.described import describe, with_whom
from processors.detect.lexicon import Lexicon
from processors.detect.names import Name, TreatyWords
from processors.detect.phrases import Found, Phrases
from processors.detect.reading import Sentence, TreatyMention
from treatywatch.actors import Form

_BRACKET = 6  # words between the brackets behind a name: "(ICC)"
_LOOK = 4  # words between a name and the head noun that belongs to it: "New START strategic arms treaty"


def find_treaties(
    sentence: Sentence, finder: TreatyWords, actors: Phrases[Form], lexicon: Lexicon
) -> list[TreatyMention]:
    """Give the instruments of the sentence from left to right; the longest name wins where two begin together."""
    named = _named(sentence, finder, actors, lexicon)
    taken = {i for mention in named for i in range(mention.start, mention.end)}
    heads = [i for i, norm in enumerate(sentence.norms) if norm in finder.heads and i not in taken]
    described = [describe(sentence, head, finder, actors, lexicon, named) for head in heads]
    bodies = _bodies(sentence, taken, lexicon)
    return sorted((*named, *described, *bodies), key=lambda mention: mention.start)


def _named(sentence: Sentence, finder: TreatyWords, actors: Phrases[Form], lexicon: Lexicon) -> list[TreatyMention]:
    """Give what is called by a name."""
    norms = sentence.norms
    mentions: list[TreatyMention] = []
    position = 0
    while position < len(norms):
        if norms[position] not in finder.names.first:
            position += 1
            continue
        found = _name_at(sentence, position, finder, lexicon)
        if found is None or _inside_actor(norms, position, actors, lexicon):
            position += 1
            continue
        name = found.payload
        mention = TreatyMention(found.start, found.end, name.treaty, name.slug, name.organisation, article=name.article)
        mention = _extend(sentence, mention, finder, lexicon)
        if name.group or name.parties:
            partners, purpose = with_whom(sentence, mention.start, mention.end - 1, finder, actors, lexicon)
            purpose = None if name.group else purpose
            mention = replace(mention, counterparts=partners, purpose=purpose, parties=name.parties)
        mentions.append(mention)
        position = mentions[-1].end
    return mentions


def _inside_actor(norms: list[str], position: int, actors: Phrases[Form], lexicon: Lexicon) -> bool:
    """Tell that a name begins inside a state's: "South African court" is no African Court, "the Hague court" is one."""
    if position == 0 or norms[position - 1] in lexicon.words.articles:
        return False
    return any(hit.end > position for hit in actors.at(norms, position - 1))


def _name_at(sentence: Sentence, position: int, finder: TreatyWords, lexicon: Lexicon) -> Found[Name] | None:
    """Give the longest name that begins here, written as it must be, and not said of something else."""
    for found in finder.names.at(sentence.norms, position):
        beside = found.payload.never_beside
        if _written_so(sentence, found, lexicon.words.never_small) and beside.isdisjoint(sentence.norms):
            return found
    return None


def _written_so(sentence: Sentence, found: Found[Name], never_small: frozenset[str]) -> bool:
    exact = found.payload.exact
    if exact is None:
        return True
    written = "".join(token.text for token in sentence.tokens[found.start : found.end]).replace(JOINER, "")
    if written == exact.replace(" ", "").replace("-", ""):
        return True
    if exact.isupper() and written.replace(".", "") == exact.replace(".", ""):
        return True
    return not sentence.cased and len(exact) >= 4 and exact not in never_small


def _bodies(sentence: Sentence, taken: set[int], lexicon: Lexicon) -> list[TreatyMention]:
    """Give what stands for a body that was named before: "the West African bloc"."""
    norms, words = sentence.norms, lexicon.words
    mentions = []
    for position, norm in enumerate(norms):
        if norm not in words.instruments.bodies or position in taken:
            continue
        if norms[position + 1 : position + 2] == [words.partitive]:
            continue  # "the community of democracies" is no such body
        start = position
        while start > 0 and norms[start - 1] in words.instruments.body_adjectives:
            start -= 1
        before = norms[start - 1] if start else ""
        # a headline has no articles: "then withdraws from court altogether"
        if before in words.definite or (sentence.field == "title" and before in words.source_prepositions):
            mentions.append(TreatyMention(start, position + 1, None, None, True, named=False, definite=True))
    return mentions


# ---- what belongs to a name


def _extend(sentence: Sentence, mention: TreatyMention, finder: TreatyWords, lexicon: Lexicon) -> TreatyMention:
    """Take in what belongs to the name: an acronym in brackets, and the head noun of "New START arms treaty"."""
    mention = _with_bracket(sentence, mention)
    if mention.organisation:
        return _whole_body(sentence, mention, lexicon)
    norms = sentence.norms
    for _ in range(2):  # "Minsk II ceasefire agreement" has two head nouns
        look = mention.end
        while look < min(mention.end + _LOOK, len(norms)) and (
            norms[look] in lexicon.purpose_of or norms[look] in lexicon.words.generic_adjectives
        ):
            look += 1
        if look >= len(norms) or norms[look] not in finder.heads:
            break
        mention = replace(mention, end=look + 1)
    return mention


def _with_bracket(sentence: Sentence, mention: TreatyMention) -> TreatyMention:
    norms, end = sentence.norms, mention.end
    if end + 2 >= len(norms) or norms[end] != "(" or ")" not in norms[end : end + _BRACKET]:
        return mention
    if mention.organisation and not sentence.tokens[end + 1].text.isupper():
        return mention
    return replace(mention, end=end + norms[end : end + _BRACKET].index(")") + 1)


def _whole_body(sentence: Sentence, mention: TreatyMention, lexicon: Lexicon) -> TreatyMention:
    """ "The IGAD trade bloc" is one name, "the EU trade deal" is another instrument."""
    norms, end, words = sentence.norms, mention.end, lexicon.words
    if end + 1 < len(norms) and norms[end] in words.founding and norms[end + 1] in words.founding_texts:
        return replace(mention, end=end + 2, organisation=False)
    topical = norms[end + 1 : end + 2] and norms[end + 1] in words.topical  # "a Council of Europe treaty on torture"
    founds = end < len(norms) and norms[end] in words.founding_texts and not topical
    if founds and mention.treaty not in words.never_founded:
        return replace(mention, end=end + 1, organisation=False)
    whole = mention.slug is None or mention.slug == (mention.treaty or "").lower()
    if mention.treaty in words.adjectival_rows and whole:
        return mention  # "UN tourism organisation" is another body
    look = end
    while look < min(end + 3, len(norms)) and norms[look] in words.instruments.body_adjectives:
        look += 1
    bodies = words.instruments.bodies if look > end else words.apposed_bodies  # "the Francophonie bloc", "OPEC's court"
    if look < len(norms) and norms[look] in bodies:
        return replace(mention, end=look + 1)
    return mention
