"""Find the instruments and organisations of a sentence: by name, by description, or as "a 2018 military accord".

First of the finding steps, because the words of a name are nothing else any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from processors.detect.lexicon import Description, Lexicon, unfold
from processors.detect.phrases import Found, Phrases
from processors.detect.reading import Sentence, TreatyMention
from processors.detect.tokens import words_of
from treatywatch.actors import Form, FormKind
from treatywatch.register import Register

_BEFORE = 9  # words of a noun phrase in front of its head
_AFTER = 12  # words behind it that may still describe it


@dataclass(frozen=True, slots=True)
class Name:
    """What a phrase names: a register row (with the slug inside a group row), or what the register does not hold."""

    treaty: str | None
    slug: str | None
    organisation: bool
    exact: str | None = None
    article: bool = False


@dataclass(frozen=True)
class TreatyWords:
    """Everything that finds instruments, made once."""

    names: Phrases[Name]
    heads: dict[str, str]
    about: Phrases[Description]
    stealers: Phrases[bool]
    instrument_words: frozenset[str]


def treaty_words(lexicon: Lexicon, register: Register) -> TreatyWords:
    """Make the dictionaries of names, head nouns and descriptions for a language and a register."""
    words = lexicon.words
    kinds = words.instruments
    heads = dict.fromkeys(kinds.strong, "strong") | dict.fromkeys(kinds.weak, "weak")
    heads |= dict.fromkeys(kinds.truce, "truce")
    exact = set(words.exact_names)
    ignored = {" ".join(words_of(name)) for name in words.ignored_names}
    pairs: dict[tuple[tuple[str, ...], str | None], tuple[str, Name]] = {}

    def add(phrase: str, name: Name) -> None:
        key = words_of(phrase)
        if key and " ".join(key) not in ignored:
            pairs.setdefault((key, None), (phrase, name))

    def member(phrase: str, row: str | None) -> bool:
        last = set(words_of(phrase))
        if last & set(heads) - words.body_names and not last & set(kinds.bodies):
            return False
        return (
            row is None
            or row in words.organisation_rows
            or bool(last & set(kinds.bodies))
            or phrase in words.organisation_names
        )

    for row, articles in words.exit_articles.items():
        for phrase in articles:
            add(phrase, Name(row, None, False, article=True))
    for key, names in words.nicknames.items():
        row, _, slug = key.partition("~")
        for phrase in (full for name in names for full in unfold(name)):
            body = member(phrase, row) and slug not in words.instrument_slugs
            add(phrase, Name(row, slug or None, body, phrase if phrase in exact else None))
    for instrument in register:
        own = () if instrument.group else (instrument.name, instrument.official)
        for phrase in (*own, *instrument.aliases, *instrument.acronyms):
            kind = "-".join(words_of(phrase)) if instrument.group and phrase in instrument.acronyms else None
            name = Name(instrument.id, kind, member(phrase, instrument.id), phrase if phrase in exact else None)
            add(phrase.partition(" (")[0] if "(" in phrase else phrase, name)
    for place, names in words.organisations.items():
        for phrase in names:
            capitals = phrase in exact or phrase.isupper()
            add(phrase, Name(None, place, member(phrase, None), phrase if capitals else None))
    about = [(phrase, row) for row in words.descriptions for phrase in row.about or row.heads]
    return TreatyWords(
        Phrases(pairs.values()),
        heads,
        Phrases(about),
        Phrases((phrase, True) for phrase in words.head_stealers),
        frozenset(heads),
    )


def find_treaties(
    sentence: Sentence, finder: TreatyWords, actors: Phrases[Form], lexicon: Lexicon
) -> list[TreatyMention]:
    """Give the instruments of the sentence from left to right; the longest name wins where two begin together."""
    norms = sentence.norms
    mentions: list[TreatyMention] = []
    position = 0
    while position < len(norms):
        found = next(
            (f for f in finder.names.at(norms, position) if _written_so(sentence, f, lexicon.words.never_small)), None
        )
        if found is None or (position and any(hit.end > position for hit in actors.at(norms, position - 1))):
            position += 1  # "South African court" is no African Court
            continue
        name = found.payload
        mentions.append(
            _extend(
                sentence,
                TreatyMention(found.start, found.end, name.treaty, name.slug, name.organisation, article=name.article),
                finder,
                lexicon,
            )
        )
        position = mentions[-1].end
    taken = {i for mention in mentions for i in range(mention.start, mention.end)}
    for position, norm in enumerate(norms):
        if norm in finder.heads and position not in taken:
            mentions.append(_describe(sentence, position, finder, actors, lexicon, mentions))
    for position, norm in enumerate(norms):
        whole = (
            position + 1 < len(norms) and norms[position + 1] == lexicon.words.partitive
        )  # "the community of democracies" is no such body
        if norm in lexicon.words.instruments.bodies and position not in taken and not whole:
            start = position
            while start > 0 and norms[start - 1] in lexicon.words.instruments.body_adjectives:
                start -= 1
            if start > 0 and norms[start - 1] in lexicon.words.definite:
                mentions.append(
                    TreatyMention(start, position + 1, None, None, organisation=True, named=False, definite=True)
                )
    return sorted(mentions, key=lambda mention: mention.start)


def _written_so(sentence: Sentence, found: Found[Name], never_small: frozenset[str]) -> bool:
    exact = found.payload.exact
    if exact is None:
        return True
    written = "".join(token.text for token in sentence.tokens[found.start : found.end])
    if written == exact.replace(" ", "").replace("-", ""):
        return True
    if exact.isupper() and written.replace(".", "") == exact.replace(".", ""):
        return True
    return not sentence.cased and len(exact) >= 4 and exact not in never_small


def _extend(sentence: Sentence, mention: TreatyMention, finder: TreatyWords, lexicon: Lexicon) -> TreatyMention:
    """Take in what belongs to the name: an acronym in brackets, and the head noun of "New START arms treaty"."""
    norms, end, words = sentence.norms, mention.end, lexicon.words
    bracket = end + 2 < len(norms) and norms[end] == "(" and ")" in norms[end : end + 6]
    if bracket and (not mention.organisation or sentence.tokens[end + 1].text.isupper()):
        end = end + norms[end : end + 6].index(")") + 1
    if mention.organisation:  # "the IGAD trade bloc" is one name, "the EU trade deal" is another instrument
        if end + 1 < len(norms) and norms[end] in words.founding and norms[end + 1] in words.founding_texts:
            return replace(mention, end=end + 2, organisation=False)
        if end < len(norms) and norms[end] in words.founding_texts and mention.treaty not in ("EU", "UN", "NAT"):
            return replace(mention, end=end + 1, organisation=False)
        look = end
        while look < min(end + 3, len(norms)) and norms[look] in words.instruments.body_adjectives:
            look += 1
        if mention.treaty in words.adjectival_rows and mention.slug is None:
            return replace(mention, end=end)  # "UN tourism organisation" is another body
        if end < look < len(norms) and norms[look] in words.instruments.bodies:
            end = look + 1
        return replace(mention, end=end)
    for _ in range(2):  # "Minsk II ceasefire agreement" has two head nouns
        look = end
        while look < min(end + 4, len(norms)) and (
            norms[look] in lexicon.purpose_of or norms[look] in words.generic_adjectives
        ):
            look += 1
        if look >= len(norms) or norms[look] not in finder.heads:
            break
        end = look + 1
    return replace(mention, end=end)


def _describe(
    sentence: Sentence,
    head: int,
    finder: TreatyWords,
    actors: Phrases[Form],
    lexicon: Lexicon,
    named: list[TreatyMention],
) -> TreatyMention:
    """Read the noun phrase around a head noun that is no name: purpose, year, counterparts, what it is about."""
    words, norms = lexicon.words, sentence.norms
    start = head
    while start > 0 and head - start < _BEFORE and not _stops(norms[start - 1], lexicon):
        start -= 1
    end = head + 1
    purpose_lists = [[word] for word in lexicon.purpose_of]  # "on friendship, cooperation and partnership"
    while (
        end < len(norms)
        and end - head < _AFTER
        and norms[end] not in words.boundaries
        and (norms[end] not in ',;:.—–"()' or (norms[end] == "," and norms[end + 1 : end + 2] in purpose_lists))
        and (norms[end] not in words.relatives | words.complementizers or finder.heads[norms[head]] == "truce")
    ):
        if norms[end] in words.be or norms[end] in words.future or norms[end] in words.perfect:
            break
        end += 1
    purposes = [lexicon.purpose_of[word] for word in norms[start:head] if word in lexicon.purpose_of]
    purposes += [
        lexicon.purpose_of[two]
        for two in (" ".join(norms[i : i + 2]) for i in range(start, head))
        if two in lexicon.purpose_of
    ]
    if not purposes:
        purposes = [
            lexicon.purpose_of[word] for word in norms[head + 1 : min(end, head + 6)] if word in lexicon.purpose_of
        ]
    counterparts: list[str] = []
    for position in (*range(start, head), *range(head + 1, end)):
        for found in actors.at(norms, position):
            form = found.payload
            written = sentence.tokens[position].text
            if (
                (written[:1].isupper() or not sentence.cased)
                and not (form.exact and not written[:1].isupper())
                and form.kind in (FormKind.NAME, FormKind.DEMONYM, FormKind.SEAT)
            ):
                if (
                    position > head
                    and norms[position - 1] not in words.partners
                    and norms[position - 1] not in words.conjunctions
                    and norms[position - 1] not in words.articles
                ):
                    break
                if position > head and not any(word in words.partners for word in norms[head + 1 : position]):
                    break
                if position < head or not set(norms[found.end : found.end + 2]) & words.non_states:
                    counterparts += [code for code in form.codes if code not in counterparts]
                break
    if not counterparts and _between_the_two(norms, head + 1, end, lexicon):
        counterparts = _first_states(sentence, actors)
    treaty = None
    for position in range(start, min(end, head + _AFTER + 1)):
        rows = [hit.payload for hit in finder.about.at(norms, position)]
        row = next(
            (row for row in rows if _about(sentence, row, norms[head], counterparts, actors, words.plural_endings)),
            None,
        )
        if row is not None:
            treaty = row.treaty
            break
    partner = next(
        (
            t
            for t in named
            if t.organisation and head < t.start < end and norms[t.start - 1] in words.partners | words.definite
        ),
        None,
    )
    proper = partner and (partner.slug or (partner.treaty or "").lower())
    proper = None if proper in words.lenders or (partner and partner.treaty == "EU") else proper
    proper = proper or next(
        (norms[i] for i in range(max(start, 1), head) if _proper(sentence, i, actors, lexicon)), None
    )
    dated = any(word.isdigit() and len(word) == 4 for word in norms[start:head])
    strength = finder.heads[norms[head]]
    return TreatyMention(
        start,
        head + 1,
        treaty,
        proper if treaty is None and not counterparts else None,
        organisation=False,
        named=treaty is not None,
        strong=strength == "strong",
        purpose=purposes[0] if purposes else ("truce" if strength == "truce" else None),
        counterparts=tuple(counterparts),
        dated=dated,
        plural=norms[head].endswith(words.plural_endings),
        definite=start > 0 and norms[start - 1] in words.definite,
        partner=partner is not None and proper is not None,
    )


def _proper(sentence: Sentence, position: int, actors: Phrases[Form], lexicon: Lexicon) -> bool:
    """Tell a place or person that gives an instrument its name: "the Dagomys agreement"."""
    norm, written = sentence.norms[position], sentence.tokens[position].text
    if (
        not sentence.cased
        or sentence.titled
        or not written[:1].isupper()
        or written.isupper()
        or len(norm) <= 3
        or not norm.isalpha()
    ):
        return False
    return norm not in lexicon.purpose_of and next(actors.at(sentence.norms, position), None) is None


def _between_the_two(norms: list[str], start: int, end: int, lexicon: Lexicon) -> bool:
    for position in range(start, end):
        if norms[position] in lexicon.words.partners:
            return bool(set(norms[position + 1 : position + 4]) & lexicon.words.pair_words)
    return False


def _first_states(sentence: Sentence, actors: Phrases[Form]) -> list[str]:
    """Give the first two states that the sentence names."""
    codes: list[str] = []
    for position in range(len(sentence.norms)):
        for found in actors.at(sentence.norms, position):
            if sentence.tokens[position].text[:1].isupper() and found.payload.kind in (FormKind.NAME, FormKind.DEMONYM):
                codes += [code for code in found.payload.codes if code not in codes]
            break
    return codes[:2]


def _about(
    sentence: Sentence,
    row: Description,
    head: str,
    counterparts: list[str],
    actors: Phrases[Form],
    plurals: tuple[str, ...],
) -> bool:
    """Tell whether the states that a description asks for are there; another counterpart speaks against it."""
    if (row.heads and head not in row.heads) or (row.alone and set(counterparts) - set(row.near)):
        return False
    if row.every and not row.heads and head.endswith(plurals):
        return False  # "all military agreements with the South" are more than the one
    if not row.near:
        return True
    wanted = set(row.near)
    if counterparts and not wanted & set(counterparts):
        return False
    named = set(counterparts)
    for position in range(len(sentence.norms)):
        named |= {code for found in actors.at(sentence.norms, position) for code in found.payload.codes}
    return wanted <= named if row.every else bool(wanted & (set(counterparts) if row.treaty == "SOFA" else named))


def _stops(norm: str, lexicon: Lexicon) -> bool:
    words = lexicon.words
    return (
        norm in words.articles - {words.possessive}
        or norm in words.prepositions
        or norm in words.boundaries
        or norm in words.be
        or norm in words.perfect - {words.possessive}
        or norm in words.future
        or norm in words.relatives
        or norm in words.complementizers
        or norm in words.conjunctions
        or norm in lexicon.act_forms
        or not (norm[0].isalnum() or norm == words.possessive)
    )
