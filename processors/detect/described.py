"""Read an instrument that no name names, by the noun phrase around its head: "a 1956 fishing deal with Britain".

Its purpose, year and counterparts are what tells it from talk of deals, and what names it in a case id. Each question
about the noun phrase is a function of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from processors.detect.lexicon import Description, Lexicon
from processors.detect.names import TreatyWords
from processors.detect.phrases import Found, Phrases
from processors.detect.reading import Sentence, TreatyMention
from treatywatch.actors import Form, FormKind

_BEFORE = 9  # words of a noun phrase in front of its head
_AFTER = 16  # words behind it that may still describe it
_PURPOSE = 6  # words behind the head in which its purpose may stand: "agreement on military transit"
_ATTRIBUTES = 4  # words between "with" and the state that describe it
_RELATIVE = 4  # words behind the head in which a clause may say what it grants
_CLAUSE = 7  # words of a clause that says what an instrument is about
_BENEFIT = 8  # words behind that in which it says to whom
_STATES = frozenset({FormKind.NAME, FormKind.DEMONYM, FormKind.SEAT})


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The noun phrase norms[start:end] around its head noun, and all that is needed to read it."""

    sentence: Sentence
    start: int
    head: int
    end: int
    finder: TreatyWords
    actors: Phrases[Form]
    lexicon: Lexicon

    @property
    def noun(self) -> str:
        """The head noun."""
        return self.sentence.norms[self.head]


def describe(
    sentence: Sentence,
    head: int,
    finder: TreatyWords,
    actors: Phrases[Form],
    lexicon: Lexicon,
    named: list[TreatyMention],
) -> TreatyMention:
    """Read the noun phrase around a head noun that is no name: purpose, year, counterparts, what it is about."""
    norms, words = sentence.norms, lexicon.words
    truce = finder.heads[norms[head]] == "truce"
    start, end = _begin(norms, head, lexicon), _finish(norms, head, lexicon, truce)
    phrase = _Phrase(sentence, start, head, end, finder, actors, lexicon)
    partners = _counterparts(phrase)
    treaty = _row(phrase, partners)
    partner = _partner(phrase, named)
    slug = _slug_of(partner, lexicon) or _place(phrase)
    return TreatyMention(
        start,
        head + 1,
        treaty,
        slug if treaty is None and not partners else None,
        organisation=False,
        named=treaty is not None,
        strong=finder.heads[norms[head]] == "strong",
        purpose=_purpose(phrase) or ("truce" if truce else None),
        counterparts=partners,
        dated=any(word.isdigit() and len(word) == 4 for word in norms[start:head]),
        plural=norms[head].endswith(words.plural_endings),
        definite=start > 0 and norms[start - 1] in words.definite,
        partner=partner is not None and slug is not None,
    )


def with_whom(
    sentence: Sentence, start: int, head: int, finder: TreatyWords, actors: Phrases[Form], lexicon: Lexicon
) -> tuple[tuple[str, ...], str | None]:
    """Give the states that a named instrument is made with, and its purpose: "its status of forces deal with Niger"."""
    end = _finish(sentence.norms, head, lexicon, truce=False)
    phrase = _Phrase(sentence, _begin(sentence.norms, start, lexicon), head, end, finder, actors, lexicon)
    return _counterparts(phrase), _purpose(phrase)


# ---- where the noun phrase begins and ends


def _begin(norms: list[str], head: int, lexicon: Lexicon) -> int:
    start = head
    while start > 0 and head - start < _BEFORE and not _stops(norms[start - 1], lexicon):
        start -= 1
    return start


def _finish(norms: list[str], head: int, lexicon: Lexicon, truce: bool) -> int:
    end, words = head + 1, lexicon.words
    verbs = words.be | words.future | words.perfect
    joins = words.relatives | words.complementizers
    while end < len(norms) and end - head < _AFTER and norms[end] not in words.boundaries | verbs:
        listed = norms[end] == "," and norms[end + 1 : end + 2] and norms[end + 1] in lexicon.purpose_of
        if norms[end] in ',;:.—–"()' and not listed:  # "on friendship, cooperation and partnership" goes on
            break
        if norms[end] in joins and not truce:
            break
        end += 1
    return end


def _stops(norm: str, lexicon: Lexicon) -> bool:
    words = lexicon.words
    if norm == words.possessive:
        return False
    if norm in lexicon.telling_words:
        return True  # "Uganda declares 1929 Nile waters agreement void"
    stops = (words.articles, words.prepositions, words.boundaries, words.be, words.perfect, words.future)
    joins = (words.relatives, words.complementizers, words.conjunctions, lexicon.act_forms)
    return any(norm in kind for kind in (*stops, *joins)) or not norm[0].isalnum()


# ---- what it is for, and with whom it is made


def _purpose(phrase: _Phrase) -> str | None:
    """Give the first purpose: in front of the head word by word, then as two words, else behind the head."""
    norms, purpose_of = phrase.sentence.norms, phrase.lexicon.purpose_of
    front = norms[phrase.start : phrase.head]
    pairs = [" ".join(norms[i : i + 2]) for i in range(phrase.start, phrase.head)]
    behind = norms[phrase.head + 1 : min(phrase.end, phrase.head + _PURPOSE)]
    return next((purpose_of[word] for word in (*front, *pairs, *behind) if word in purpose_of), None)


def _counterparts(phrase: _Phrase) -> tuple[str, ...]:
    """Give the states that the noun phrase names: "its treaty with Ukraine", "the French accord"."""
    codes: list[str] = []
    for position in (*range(phrase.start, phrase.head), *range(phrase.head + 1, phrase.end)):
        found = _state_at(phrase, position)
        if found is not None and _is_party(phrase, found):
            codes += [code for code in found.payload.codes if code not in codes]
    if not codes and _between_the_two(phrase):
        codes = _first_states(phrase)
    return tuple(codes or _beneficiaries(phrase))


def _state_at(phrase: _Phrase, position: int) -> Found[Form] | None:
    """Give the state that is named here, with a capital where the text has capitals."""
    sentence = phrase.sentence
    capital = sentence.tokens[position].text[:1].isupper()
    for found in phrase.actors.at(sentence.norms, position):
        form = found.payload
        small = phrase.lexicon.words.small_demonyms and form.kind is FormKind.DEMONYM
        if (capital or small or not (sentence.cased or form.exact)) and form.kind in _STATES:
            return found
    return None


def _is_party(phrase: _Phrase, found: Found[Form]) -> bool:
    """Tell the state that an instrument is made with from one that only stands in the phrase."""
    norms, words, position = phrase.sentence.norms, phrase.lexicon.words, found.start
    if position < phrase.head:
        return True
    if set(norms[found.end : found.end + 2]) & words.non_states:
        return False  # "a deal with Colombian rebels"
    if found.payload.kind is FormKind.DEMONYM and _attribute(phrase, found.end) and not _governs(phrase, found.end):
        return False  # "an agreement with a Belgian supplier"
    if words.partners.isdisjoint(norms[phrase.head + 1 : position]):
        return False
    before = position - 1
    while before > max(phrase.head, position - _ATTRIBUTES) and _attribute(phrase, before):
        before -= 1  # "with former ruler France"
    return norms[before] in words.partners | words.conjunctions | words.articles


def _governs(phrase: _Phrase, position: int) -> bool:
    """Tell a noun that speaks for its state: "the Belgian government"."""
    norm, lexicon = phrase.sentence.norms[position], phrase.lexicon
    return norm in lexicon.words.officials | lexicon.words.institution_nouns | lexicon.institution_words


def _attribute(phrase: _Phrase, position: int) -> bool:
    """Tell a small word that only describes the state behind it."""
    if position >= len(phrase.sentence.norms):
        return False
    norm, lexicon = phrase.sentence.norms[position], phrase.lexicon
    grammar = lexicon.function_words | lexicon.act_forms | lexicon.words.non_states
    return norm.isalpha() and norm not in grammar and not phrase.sentence.tokens[position].text[:1].isupper()


def _beneficiaries(phrase: _Phrase) -> list[str]:
    """Give the states of "an agreement that let British boats fish in Russian waters"."""
    norms, words = phrase.sentence.norms, phrase.lexicon.words
    near = range(phrase.head + 1, min(phrase.head + _RELATIVE, len(norms)))
    granting = next((i for i in near if norms[i] in words.granting), None)
    if granting is None:
        return []
    found = [_state_at(phrase, i) for i in range(granting + 1, min(granting + _BENEFIT, len(norms)))]
    return list(dict.fromkeys(code for hit in found if hit for code in hit.payload.codes))


def _between_the_two(phrase: _Phrase) -> bool:
    """Tell "between the two countries"."""
    norms, words = phrase.sentence.norms, phrase.lexicon.words
    for position in range(phrase.head + 1, phrase.end):
        if norms[position] in words.partners:
            return bool(set(norms[position + 1 : position + 4]) & words.pair_words)
    return False


def _first_states(phrase: _Phrase) -> list[str]:
    """Give the first two states that the sentence names."""
    codes: list[str] = []
    sentence = phrase.sentence
    for position in range(len(sentence.norms)):
        found = next(phrase.actors.at(sentence.norms, position), None)
        if found is None or not sentence.tokens[position].text[:1].isupper():
            continue
        if found.payload.kind in (FormKind.NAME, FormKind.DEMONYM):
            codes += [code for code in found.payload.codes if code not in codes]
    return codes[:2]


# ---- which instrument it is


def _row(phrase: _Phrase, counterparts: tuple[str, ...]) -> str | None:
    """Give the register row that the noun phrase describes."""
    end = phrase.end if phrase.finder.heads[phrase.noun] == "truce" else _clause_end(phrase)
    for position in range(phrase.start, min(end, phrase.head + _AFTER + 1)):
        for hit in phrase.finder.about.at(phrase.sentence.norms, position):
            if _fits(phrase, hit.payload, counterparts):
                return hit.payload.treaty
    return None


def _clause_end(phrase: _Phrase) -> int:
    """Give the end of a clause that says what the instrument is about: "the treaty that prohibits nuclear tests"."""
    norms, words, end = phrase.sentence.norms, phrase.lexicon.words, phrase.end
    if end >= len(norms) or norms[end] not in words.relatives | words.complementizers:
        return end
    limit = min(end + _CLAUSE, len(norms))
    return next((i for i in range(end + 1, limit) if norms[i] in ",;:." or norms[i] in words.boundaries), limit)


def _fits(phrase: _Phrase, row: Description, counterparts: tuple[str, ...]) -> bool:
    """Tell whether the states that a description asks for are there; another counterpart speaks against it."""
    parties = set(counterparts)
    if (row.heads and phrase.noun not in row.heads) or (row.alone and parties - set(row.near)):
        return False
    if row.every and not row.heads and phrase.noun.endswith(phrase.lexicon.words.plural_endings):
        return False  # "all military agreements with the South" are more than the one
    if not row.near:
        return True
    wanted = set(row.near)
    if parties and not wanted & parties:
        return False
    named = parties | {code for hit in _forms(phrase) for code in hit.codes}
    if row.every:
        return wanted <= named
    return bool(wanted & (parties if row.treaty in phrase.lexicon.words.by_counterpart else named))


def _forms(phrase: _Phrase) -> list[Form]:
    norms = phrase.sentence.norms
    return [found.payload for position in range(len(norms)) for found in phrase.actors.at(norms, position)]


def _partner(phrase: _Phrase, named: list[TreatyMention]) -> TreatyMention | None:
    """Give the organisation that the instrument is made with: "its accord with the African Union"."""
    norms, words = phrase.sentence.norms, phrase.lexicon.words
    joins = words.partners | words.definite
    inside = (t for t in named if t.organisation and phrase.head < t.start < phrase.end)
    return next((t for t in inside if norms[t.start - 1] in joins), None)


def _slug_of(partner: TreatyMention | None, lexicon: Lexicon) -> str | None:
    if partner is None or partner.treaty in lexicon.words.actor_rows:
        return None
    slug = partner.slug or (partner.treaty or "").lower()
    return None if slug in lexicon.words.lenders else slug


def _place(phrase: _Phrase) -> str | None:
    """Give the place or person that names an instrument: "the Dagomys agreement", "the Treaty of Berlin"."""
    sentence = phrase.sentence
    if not sentence.cased or sentence.titled:
        return None
    words = phrase.lexicon.words
    for token in sentence.tokens[phrase.head + 2 : phrase.head + 3]:
        of = sentence.norms[phrase.head + 1] == words.partitive
        if of and token.text[:1].isupper() and token.norm.isalpha() and token.norm not in words.months:
            return token.norm
    for position in range(max(phrase.start, 1), phrase.head):
        norm, written = sentence.norms[position], sentence.tokens[position].text
        name = written[:1].isupper() and not written.isupper() and len(norm) > 3 and norm.isalpha()
        purpose = norm in phrase.lexicon.purpose_of or norm in phrase.lexicon.words.interstate
        hyphen = sentence.text[sentence.tokens[position].end - sentence.start :][:1] == "-"
        name = name and (hyphen or not phrase.lexicon.words.capital_nouns)
        if name and not purpose and next(phrase.actors.at(sentence.norms, position), None) is None:
            return norm
    return None
