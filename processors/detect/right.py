"""Bend an exit that is the subject by what follows it: "the exit takes effect", "withdrawal approved by the Sejm"."""

from __future__ import annotations

from processors.detect.bend import Base, State, bend
from processors.detect.lexicon import Lexicon
from processors.detect.reading import Link, Operator, Sentence, WordForm
from treatywatch.model import Stage

_RIGHT = 5  # small words between the instrument and a verb that speaks of the exit
_KINDS = frozenset({"effect", "approve", "undo", "reject", "consider", "notify"})
_TOLD = frozenset({"declare", "notify"})
_INSERTED = 16  # words of an insertion between the instrument and its verb
_TAIL = 8  # words that describe the instrument, between it and its verb
_OPTION = 9  # words between "is" and the "option" that it is
_WON = 7  # words between "wins" and the "approval" that is won


def bend_right(sentence: Sentence, link: Link, state: State, lexicon: Lexicon) -> tuple[State, list[str]]:
    """Give what the verbs behind the instrument make of the act, and the ids of the rules that fired."""
    rules: list[str] = []
    subject = link.act.form is WordForm.GERUND and state is Base.OPEN
    if link.act.form is not WordForm.NOUN and not subject:
        return state, rules
    after = _verb_from(sentence, link, lexicon)
    for operator in sentence.operators:
        if not _speaks_of_it(sentence, operator, after, lexicon):
            continue
        gap = set(sentence.norms[after : operator.start])
        bent = bend(state, operator.kind, link.action, adjacent=True)
        if bent in (Stage.EFFECTIVE, Stage.SUSPENDED) and gap & (lexicon.words.future | lexicon.words.scheduled):
            bent = Stage.ANNOUNCED  # "the exit will take effect"
        if bent is Stage.REJECTED and any(o.kind == "negate" and after <= o.start for o in _before(sentence, operator)):
            bent = Stage.CONSIDERED  # "an exit cannot be ruled out"
        if bent is not state:
            rules.append(f"right.{operator.kind}:{' '.join(sentence.norms[operator.start : operator.end])}")
        state = bent
    announced = next((o for o in sentence.operators if o.start == link.after + 1 and o.kind in _TOLD), None)
    if state is Base.NOUN and announced is not None and sentence.norms[link.after] == ",":
        rules.append(f"right.{announced.kind}:{sentence.norms[announced.start]}")
        state = bend(state, announced.kind, link.action, adjacent=True)  # "the exit, announced on Friday, …"
    if state in (Base.OPEN, Base.NOUN) and _an_option(sentence, after, lexicon):
        rules.append("right.option")
        state = Stage.CONSIDERED  # "quitting the treaty is one of Iran's many options"
    if _won(sentence, after, lexicon):
        rules.append("right.won")
        state = bend(state, "approve", link.action, adjacent=True)
    return state, rules


def _verb_from(sentence: Sentence, link: Link, lexicon: Lexicon) -> int:
    """Give the place from which the verb is looked for: behind a draft's words, and behind an insertion."""
    norms, after = sentence.norms, _past_partners(sentence, link.after, lexicon)
    after = _past_tail(sentence, link, after)
    if link.rule.endswith(".compound"):
        drafts = lexicon.words.drafts
        while after < len(norms) and (norms[after] in drafts or norms[after] == ")" or norms[after].isdigit()):
            after += 1  # "the Withdrawal Agreement Bill receives assent"
    if after >= len(norms) or norms[after] != ",":
        return after
    if norms[link.act.start - 1] in lexicon.words.including:
        return after + 1  # "all options, including leaving the convention, are under review"
    closing = next((i for i in range(after + 3, min(after + _INSERTED, len(norms))) if norms[i] == ","), 0)
    speaks = any(o.start == closing + 1 and o.kind in ("effect", "approve") for o in sentence.operators)
    return closing + 1 if closing and speaks else after  # "the exit from X, a pact on Y, takes effect"


def _past_tail(sentence: Sentence, link: Link, after: int) -> int:
    """Give the verb behind what only describes the instrument: "the treaty banning cluster bombs takes effect"."""
    norms = sentence.norms
    if link.treaty.end != after or after >= len(norms) or not norms[after].isalpha():
        return after
    speaking = (o.start for o in sentence.operators if o.kind == "effect" and 0 < o.start - after <= _TAIL)
    verb = next(speaking, after)
    plain = not any(norm in ",;:" for norm in norms[after:verb])
    bent = any(after <= o.start < verb for o in sentence.operators)
    return verb if plain and not bent else after


def _before(sentence: Sentence, operator: Operator) -> list[Operator]:
    return [other for other in sentence.operators if other.end <= operator.start]


def _past_partners(sentence: Sentence, position: int, lexicon: Lexicon) -> int:
    """Give the place behind "with India and Nepal", where that is what follows the instrument."""
    norms, words = sentence.norms, lexicon.words
    if position >= len(norms) or norms[position] not in words.partners:
        return position
    inside = {i for actor in sentence.actors for i in range(actor.start, actor.end)}
    end = position + 1
    while end < len(norms) and (end in inside or norms[end] in words.articles or norms[end] in words.joiners):
        end += 1
    return end if end > position + 1 else position


def _speaks_of_it(sentence: Sentence, operator: Operator, after: int, lexicon: Lexicon) -> bool:
    """Tell whether an operator's subject is the exit: only small words stand between them."""
    words = lexicon.words
    gap = sentence.norms[after : operator.start]
    if operator.start < after or operator.kind not in _KINDS or len(gap) > _RIGHT:
        return False
    if sentence.norms[operator.start] in words.modals:
        return False  # "the US exit could raise emissions"
    small = frozenset("\"':") | words.be | words.future | words.perfect | words.adverbs | words.scheduled
    denied = {i for o in sentence.operators if o.kind == "negate" for i in range(o.start, o.end)}
    return all(
        norm in small or (operator.kind == "reject" and position in denied) for position, norm in enumerate(gap, after)
    )


def _an_option(sentence: Sentence, after: int, lexicon: Lexicon) -> bool:
    """Tell "is one of the options"."""
    norms, words = sentence.norms, lexicon.words
    if after >= len(norms) or not (norms[after] in words.be or norms[after] in words.remaining):
        return False
    clause = norms[after + 1 : after + _OPTION]
    clause = clause[: clause.index(",")] if "," in clause else clause
    return bool(set(clause) & words.options) and not set(clause) & words.negate_words


def _won(sentence: Sentence, after: int, lexicon: Lexicon) -> bool:
    """Tell "the exit wins approval"."""
    norms = sentence.norms
    if after >= len(norms) or norms[after] not in lexicon.words.winning:
        return False
    return lexicon.small_within(norms, after + 1, after + _WON, "won")
