"""Find the act words of a sentence and the operators that may bend them."""

from __future__ import annotations

from processors.detect.lexicon import ActFamily, Lexicon, unfold
from processors.detect.phrases import Phrases
from processors.detect.reading import Act, Operator, Sentence, WordForm
from processors.detect.tokens import words_of
from processors.detect.verbs import forms_of
from treatywatch.actors import FormKind

_FORMS = (WordForm.BASE, WordForm.PRESENT, WordForm.PAST, WordForm.PARTICIPLE, WordForm.GERUND)
_GAP = 5  # words that may stand between a verb and its particle: "pull the United States out"


class ActWords:
    """The verbs and nouns of the lexicon's acts, ready to look up."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.verbs: dict[str, list[tuple[ActFamily, WordForm]]] = {}
        several: list[tuple[str, tuple[ActFamily, WordForm]]] = []  # "re-enter" is two words to the tokenizer
        nouns: list[tuple[str, ActFamily]] = []
        for family in lexicon.words.acts:
            for row in family.verbs:
                if lexicon.words.order is not None:
                    for read in forms_of(row):
                        self._add(read.norm, (family, _FORMS[read.column]))
                    continue
                forms = row.split()
                width = len(forms) // 5
                for index, kind in enumerate(_FORMS):
                    form = " ".join(forms[index * width : (index + 1) * width])
                    if width > 1:
                        several.append((form, (family, kind)))
                        continue
                    self._add("".join(words_of(form)), (family, kind))
            nouns += [(noun, family) for noun in family.nouns]
        self.several: Phrases[tuple[ActFamily, WordForm]] = Phrases(several)
        self.nouns: Phrases[ActFamily] = Phrases(nouns)
        self.first = self.nouns.first | self.several.first | self.verbs.keys()  # every word that an act begins with

    def _add(self, form: str, reading: tuple[ActFamily, WordForm]) -> None:
        entry = self.verbs.setdefault(form, [])
        if reading not in entry:
            entry.append(reading)


def operator_phrases(lexicon: Lexicon) -> Phrases[str]:
    """Make the dictionary of operator phrases; a phrase in two sections keeps the first."""
    seen: dict[tuple[str, ...], str] = {}
    for kind in type(lexicon.words.operators).model_fields:
        for phrase in getattr(lexicon.words.operators, kind):
            for full in unfold(phrase):
                seen.setdefault(words_of(full), kind)
    order = lexicon.words.order
    for kind, rows in order.operators.items() if order else ():
        for form in (form for row in rows for form in forms_of(row)):
            seen.setdefault(words_of(form.norm), kind)
    return Phrases(seen.items())


def find_acts(sentence: Sentence, acts: ActWords, lexicon: Lexicon) -> list[Act]:
    """Give every reading of every act word, left to right; `link` keeps those that have an instrument as object."""
    words, norms = lexicon.words, sentence.norms
    treaty_ends = {treaty.end for treaty in sentence.treaties}
    inside = {i for treaty in sentence.treaties if treaty.named for i in range(treaty.start, treaty.end)}
    inside |= {i for a in sentence.actors if a.end - a.start > 1 for i in range(a.start, a.end)}  # "Kim Jong Un signs"
    prepositions = words.prepositions - {words.infinitive}
    found: list[Act] = []
    for position, norm in enumerate(norms):
        if norm not in acts.first or position in inside:
            continue
        acting = any(actor.end == position for actor in sentence.actors)  # "the Visegrad Four withdraw"
        before = norms[position - 1] if position and not acting else ""
        phrase = norm in acts.verbs and _noun_phrase(sentence, position, lexicon)
        nominal = before in words.articles or position in treaty_ends or before in prepositions or phrase
        for noun in acts.nouns.at(norms, position) if _may_be(sentence, position, True, lexicon) else ():
            ambiguous, takes = norm in acts.verbs and not words.capital_nouns, lexicon.noun_takes(noun.payload)
            follows = noun.end < len(norms) and takes == norms[noun.end] != words.partitive
            if takes != words.partitive and not follows:
                continue
            if (
                not ambiguous
                or follows
                or (before != words.infinitive and norms[noun.end : noun.end + 1] == [takes])
                or nominal
                or position == 0
                or before == ":"
                or _after_demonym(sentence, position)
            ):
                found.append(Act(noun.start, noun.end, noun.payload, WordForm.NOUN))
        for two in acts.several.at(norms, position):
            if not _hyphened(sentence, two.start):
                continue  # "Kim Jong Un signs" unsigns nothing
            found.append(Act(two.start, two.end, *two.payload))
        if not _may_be(sentence, position, False, lexicon):
            continue
        if norm in acts.verbs and not (before in words.articles and before != words.possessive):
            for family, form in acts.verbs[norm]:
                if phrase and form is WordForm.BASE and norm in family.nouns:
                    continue
                if family.particle is None:
                    found.append(Act(position, position + 1, family, form))
                else:
                    end = _particle(sentence, position + 1, family.particle, lexicon)
                    if end:
                        own = (position + 1, end - 1) if end > position + 2 else None
                        found.append(Act(position, end, family, form, own))
    return found


def find_operators(sentence: Sentence, phrases: Phrases[str], lexicon: Lexicon) -> list[Operator]:
    """Give the operators left to right, the longest at each place."""
    inside = {i for treaty in sentence.treaties if treaty.named for i in range(treaty.start, treaty.end)}
    inside |= {i for actor in sentence.actors for i in range(actor.start, actor.end)}  # "Baltic states" states nothing
    months = set(lexicon.words.months)
    operators = []
    for found in phrases.longest(sentence.tokens, sentence.norms):
        if found.start in inside:
            continue
        if (
            found.end == found.start + 1
            and sentence.norms[found.start] in months
            and (_is_month(sentence, found.start, lexicon) or _is_name(sentence, found.start, lexicon))
        ):
            continue
        operators.append(_counted(sentence, Operator(found.start, found.end, found.payload), lexicon))
    return operators


def _hyphened(sentence: Sentence, position: int) -> bool:
    first, second = sentence.tokens[position], sentence.tokens[position + 1]
    return second.start == first.end + 1 and not sentence.text[first.end - sentence.start].isspace()


def _counted(sentence: Sentence, operator: Operator, lexicon: Lexicon) -> Operator:
    """Read "votes 180-12 against": the count stands between the verb and what turns it round."""
    words, norms = lexicon.words, sentence.norms
    if norms[operator.start] not in words.ballots:
        return operator
    end = operator.end
    while end < len(norms) and (norms[end].isdigit() or norms[end] in "–-," or norms[end] == words.infinitive):
        end += 1
    against = end > operator.end and end < len(norms) and norms[end] in words.contra
    return Operator(operator.start, end + 1, "reject") if against else operator


def _may_be(sentence: Sentence, position: int, noun: bool, lexicon: Lexicon) -> bool:
    """Tell by the capital whether a word may be a noun, or a verb, in a language that writes its nouns so."""
    if not lexicon.words.capital_nouns or not sentence.cased:
        return True
    capital = sentence.tokens[position].text[:1].isupper()
    opens = position == 0 or not sentence.norms[position - 1][-1:].isalnum()
    return capital if noun else not capital or opens


_SINGULAR = (FormKind.NAME, FormKind.SEAT, FormKind.HOLDER)
_TAKES_NOUN = frozenset({"undo", "approve", "notify", "declare", "react", "reject"})


def _noun_phrase(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell a noun that could be a verb: "their immediate exit", "cancels exit"."""
    words, norms = lexicon.words, sentence.norms
    governed = (o for o in sentence.operators if o.end == position and o.kind in _TAKES_NOUN)
    if any(norms[o.end - 1] not in words.carrier_prepositions and o.end - o.start == 1 for o in governed):
        return True
    actor = next((a for a in sentence.actors if a.end == position), None)
    if actor is not None and len(actor.codes) == 1 and actor.form.kind in _SINGULAR:
        joined = actor.start > 0 and norms[actor.start - 1] in words.conjunctions
        return not joined  # "announces US exit": a single state exits
    if position < 2 or norms[position - 2] not in words.articles:
        return False
    before = norms[position - 1]
    acting = any(actor.end == position for actor in sentence.actors)
    return before.isalnum() and not acting and before not in lexicon.function_words and before not in lexicon.act_forms


def _is_month(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    near = sentence.norms[max(0, position - 1) : position] + sentence.norms[position + 1 : position + 2]
    return sentence.tokens[position].text[:1].isupper() and any(
        word.isdigit() or word in lexicon.words.date_prepositions for word in near
    )


def _is_name(sentence: Sentence, position: int, lexicon: Lexicon) -> bool:
    """Tell "May says", "May to pull out", "May's plan", where it is a name, from a "may" before its verb."""
    words = lexicon.words
    following = sentence.norms[position + 1] if position + 1 < len(sentence.norms) else ""
    finite = following in words.be | words.perfect | words.future | {words.infinitive, words.possessive}
    told = following in lexicon.telling_words and following.endswith(words.plural_endings)
    return sentence.tokens[position].text[:1].isupper() and following != "" and (finite or told)


def _after_demonym(sentence: Sentence, position: int) -> bool:
    return any(actor.end == position and actor.form.kind == "demonym" for actor in sentence.actors)


def _particle(sentence: Sentence, start: int, particle: str, lexicon: Lexicon) -> int:
    words, norms = lexicon.words, sentence.norms
    states = {i for actor in sentence.actors for i in range(actor.start, actor.end)}
    for position in range(start, min(start + _GAP + 1, len(norms))):
        if norms[position] == particle:
            return position + 1
        if not (
            position in states
            or norms[position] in words.articles
            or norms[position] in words.selves
            or norms[position] in words.adverbs
            or norms[position] in words.conjunctions
        ):
            return 0
    return 0
