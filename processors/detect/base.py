"""Say where an act stands before anything bends it: done, under way, open, a noun, or no step at all.

"Leaves" is done, "is leaving" is under way, "to leave" is open; "had left" is background whatever stands around it.
"""

from __future__ import annotations

from processors.detect.addressee import accompanied
from processors.detect.bend import Base, Dead, State
from processors.detect.lexicon import Lexicon
from processors.detect.reading import Link, Sentence, WordForm
from processors.detect.walk import Walk
from treatywatch.model import Stage

_LEADS_GERUND = frozenset({"advocate", "consider", "reject", "undo", "approve", "react"})
_WEIGHED = 4  # words between what is weighed and the word that weighs it
_NO_RETURN = frozenset({"hypothetical", "advocate", "negate", "reject", "talk", "consider"})
_RETURN = frozenset({"plan", "declare", "approve", "notify", "effect"})


def base(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk) -> State:
    """Give the state of the act by its own form and the word before it."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    if act.form is WordForm.NOUN:
        return Base.NOUN
    if link.passive:
        around = norms[link.treaty.end : act.start]
        return Base.PROGRESS if set(around) & words.progressive else Base.DONE
    before = act.start - 1
    while before >= 0 and (norms[before] in words.adverbs or norms[before] in words.negate_words):
        before -= 1
    if act.form is WordForm.GERUND:
        return _gerund(sentence, link, lexicon, walk, before)
    if act.form is WordForm.BASE:
        return _infinitive(sentence, link, lexicon, walk, before)
    return _finite(sentence, link, lexicon, walk, before)


def _gerund(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, before: int) -> State:
    """ "Is leaving" is under way, "considers leaving" is open, "Kenya's leaving" and "after leaving" are no step."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    previous = norms[before] if before >= 0 else ""
    if previous in words.be:
        return Base.PROGRESS
    if previous in words.joiners and any(
        one.form is WordForm.GERUND and one.end <= before and norms[one.start - 1] in words.be for one in sentence.acts
    ):
        return Base.PROGRESS  # "are withdrawing consent and revoking the agreement"
    if previous == "," and not act.family.weak:
        return Base.DONE
    if norms[act.start - 1] in words.negate_words:
        return Base.PROGRESS  # "Norway not leaving the treaty"
    owned = any(actor.end == before + 1 for actor in sentence.actors) or previous == words.possessive
    inner = walk.operators[0] if walk.operators else None
    if owned and inner is None and previous != words.possessive and _headline_participle(sentence, link, lexicon):
        return Base.PROGRESS
    if owned and (inner is None or inner.kind not in _LEADS_GERUND):
        return Dead.HYPOTHETICAL
    if any(a.end in (before, before - 1) and accompanied(sentence, a, lexicon) for a in sentence.actors):
        return Base.OPEN if inner is not None else Base.DONE  # "will follow the United States in quitting"
    reach = _WEIGHED if inner is not None and inner.kind == "consider" else 1  # "sounds out allies over leaving"
    led = inner is not None and before - inner.end <= reach
    if previous in words.prepositions and not led and previous not in words.object_prepositions:
        return Dead.HISTORICAL
    return Base.OPEN


def _headline_participle(sentence: Sentence, link: Link, lexicon: Lexicon) -> bool:
    """Tell the headline "Canada scrapping treaty with Belarus" from "Britain leaving the EU worries farmers"."""
    words, rest = lexicon.words, sentence.norms[link.after :]
    opens = any(a.end == link.act.start and a.start <= 1 for a in sentence.actors)
    closed = not rest or rest[0] in words.prepositions | words.boundaries or not rest[0].isalpha()
    verbs = words.be | words.modals | words.future | words.perfect
    return sentence.field == "title" and opens and closed and verbs.isdisjoint(rest)


def _infinitive(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, before: int) -> State:
    """ "To leave" and "will leave" are open; "the three states leave" is done; "Leave the treaty, unions say" calls."""
    if link.act.start == 0:
        return Stage.ADVOCATED
    two = link.act.end - link.act.start > 1 and link.act.own is None
    if two and _hyphened(sentence, link.act.start) and sentence.norms[link.act.start - 1] != lexicon.words.infinitive:
        return Base.NOUN  # "backs a collective pull-out"
    if any(operator.kind == "advocate" for operator in walk.operators):
        return Base.OPEN  # "demand that the government withdraw"
    to = before >= 0 and sentence.norms[before] == lexicon.words.infinitive
    led = any(operator.end in (before + 1, link.act.start) for operator in walk.operators)
    joined = before >= 0 and sentence.norms[before] in lexicon.words.contrasts & lexicon.words.joiners
    under = joined and any(operator.kind in ("plan", "consider") for operator in walk.operators)
    return Base.OPEN if to or led or under else Base.DONE  # "will follow Poland and leave"


def _hyphened(sentence: Sentence, position: int) -> bool:
    """Tell whether a hyphen joins the token with the next one."""
    first, second = sentence.tokens[position : position + 2]
    return sentence.text[first.end - sentence.start : second.start - sentence.start] == "-"


def _finite(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, before: int) -> State:
    """ "Leaves", "left", "has left" are done, "had left" is background unless somebody says so."""
    words, act = lexicon.words, link.act
    previous = sentence.norms[before] if before >= 0 else ""
    if previous in words.pluperfect:
        told = any(o.kind in ("say", "declare", "notify") for o in walk.operators)
        return Base.DONE if told else Dead.HISTORICAL  # "said that it had left"
    if previous == words.infinitive:
        return Base.OPEN
    helped = previous in words.perfect or previous in words.be
    if act.form is WordForm.PARTICIPLE and act.family.takes == "from" and not helped:
        # "troops withdrawn from": a participle that only describes, unless the word is the past tense too
        past = any(f.start == act.start and f.form is WordForm.PAST for f in sentence.acts)
        return Base.DONE if past else Dead.HISTORICAL
    return Base.DONE


def staying(sentence: Sentence, link: Link, walk: Walk, lexicon: Lexicon) -> State:
    """Say what "stays in" comes to: a refusal to leave where those who govern decide it, else a call to stay."""
    kinds = [operator.kind for operator in walk.operators]
    under_way = sentence.norms[link.act.start - 1] in lexicon.words.be and walk.subjects and not kinds
    if link.act.form is WordForm.GERUND:
        return Stage.REJECTED if under_way else Dead.AGAINST  # "New Zealand is staying in the accord"
    if "advocate" in kinds or "hypothetical" in kinds or "consider" in kinds:
        return Dead.AGAINST
    if "negate" in kinds or "reject" in kinds:
        return Stage.ANNOUNCED
    joined = walk.boundary in lexicon.words.contrasts  # "will leave the court but stay in the union"
    if (walk.subjects or joined) and ("plan" in kinds or "declare" in kinds or "approve" in kinds):
        return Stage.REJECTED
    to = sentence.norms[link.act.start - 1] == lexicon.words.infinitive
    if to and any(actor.end == link.act.start - 1 for actor in walk.subjects):
        return Stage.REJECTED  # "Slovenia to remain party to the ban"
    return Dead.AGAINST


def returning(sentence: Sentence, link: Link, walk: Walk, state: State, lexicon: Lexicon) -> State:
    """Say what "rejoins" comes to: an exit undone where it is done or decided, else a call to return."""
    act, kinds = link.act, {operator.kind for operator in walk.operators}
    if isinstance(state, Dead):
        return state
    ready = any(sentence.norms[operator.start] in lexicon.words.readiness for operator in walk.operators)
    if kinds & _NO_RETURN or ready:
        return Dead.AGAINST
    if act.form is WordForm.NOUN and act.start > 1 and sentence.norms[act.start - 1] == lexicon.words.infinitive:
        touches = any(actor.end == act.start - 1 for actor in walk.subjects)
        return Stage.REVERSED if touches or kinds & _RETURN else Dead.AGAINST  # "Russia to return to the deal"
    if act.form is WordForm.BASE and state is Base.DONE and not _plural(sentence, walk, lexicon.words.conjunctions):
        return Dead.AGAINST  # "the US return to the accord" is a noun
    if state is Base.DONE or kinds & _RETURN:
        return Stage.REVERSED
    if state is Base.OPEN and act.form is WordForm.BASE and any(actor.end == act.start - 1 for actor in walk.subjects):
        return Stage.REVERSED  # "Gabon to rejoin OPEC"
    return Stage.REVERSED if state is Base.PROGRESS else Dead.AGAINST


def _plural(sentence: Sentence, walk: Walk, conjunctions: frozenset[str]) -> bool:
    """Tell a subject of several states, after which the base form of a verb is finite."""
    if not walk.subjects:
        return False
    nearest = walk.subjects[0]
    before = sentence.norms[nearest.start - 1] if nearest.start else ""
    return len(nearest.codes) > 1 or before in conjunctions
