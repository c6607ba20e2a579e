"""What comes out of an operator otherwise than the table of `bend.py` says, each with its sentence."""

from __future__ import annotations

from collections.abc import Callable

from processors.detect.bend import Base, Dead, State
from processors.detect.met import Met
from processors.detect.reading import WordForm
from treatywatch.model import Stage

_ANOTHER = 3  # words between "excludes" and the state whose exit it excludes
_COMING = 3  # words between a notice and the "will" of what it does


def _undo_open(met: Met, bent: State) -> State | None:
    """ "Reconsiders leaving", "drops a bill leaving": the step that is undone is no noun."""
    bill = met.inner - met.operator.end <= 2 and met.sentence.norms[met.inner - 1] in met.lexicon.words.law_nouns
    touches = met.inner == met.operator.end or bill
    open_gerund = met.state is Base.OPEN and met.link.act.form is WordForm.GERUND
    return Stage.REVERSED if met.kind == "undo" and open_gerund and touches else None


def _call_to_undo(met: Met, bent: State) -> State | None:
    """ "Urges the US to reverse its decision": the call is against, and the exit is under way."""
    return met.undone if met.kind == "advocate" and bent is Dead.AGAINST else None


def _reacts_to_plan(met: Met, bent: State) -> State | None:
    """ "Criticises Kenya's plan to leave": a plan that others react to is weighed, and not announced by them."""
    planned = met.kind == "react" and bent is Stage.ANNOUNCED
    noun = met.sentence.norms[met.inner] in met.lexicon.words.plan_nouns
    return Stage.CONSIDERED if planned and noun else None


def _notice_to_come(met: Met, bent: State) -> State | None:
    """ "Norway's notification tomorrow will begin its exit": the notice is still to come."""
    gap = met.sentence.norms[met.operator.end : min(met.operator.end + _COMING, met.link.act.start)]
    coming = met.kind == "notify" and bent is Stage.NOTIFIED and not met.lexicon.words.future.isdisjoint(gap)
    words, before = met.lexicon.words, met.sentence.norms[max(0, met.operator.start - 1) : met.operator.start]
    owned = not (words.owning_articles | {words.possessive}).isdisjoint(before)
    return Stage.ANNOUNCED if coming and owned else None


def _rejects_for_another(met: Met, bent: State) -> State | None:
    """ "A German politician excludes Greece leaving": who cannot decide for a state rejects nothing."""
    if met.kind != "reject" or bent is not Stage.REJECTED or met.link.act.form is WordForm.NOUN:
        return None
    between = [a for a in met.sentence.actors if met.operator.end <= a.start and a.end <= met.link.act.start]
    before = [a for a in met.sentence.actors if a.end <= met.operator.start]
    if not between or not before or met.operator.end < between[-1].start - _ANOTHER:
        return None
    same = {c for a in before for c in a.codes} & {c for a in between for c in a.codes}
    return None if same else Dead.AGAINST


def _makes_sure(met: Met, bent: State) -> State | None:
    """ "Urges ministers to make sure Kenya leaves": what is to be ensured is called for."""
    ensured = met.kind == "advocate" and met.word in met.lexicon.words.ensuring and met.state is Base.DONE
    return Stage.ADVOCATED if ensured else None


def _nobody_can(met: Met, bent: State) -> State | None:
    """ "No one can suspend the treaty": a claim about others."""
    nobody = met.kind == "negate" and bent is Stage.REJECTED and met.following in met.lexicon.words.nobodies
    return Dead.AGAINST if nobody else None


def _approves_recommendation(met: Met, bent: State) -> State | None:
    """ "The cabinet approves a recommendation to leave": the call has become a decision."""
    called = met.sentence.norms[met.inner] in met.lexicon.words.recommendations
    return Stage.APPROVED if met.kind == "approve" and bent is Stage.ADVOCATED and called else None


def _agrees_that_should(met: Met, bent: State) -> State | None:
    """ "The house has agreed that Latvia should leave" decides, and calls on nobody."""
    decides = met.kind == "plan" and met.word in met.lexicon.words.deciding_verbs
    gap = met.sentence.norms[met.operator.start : met.inner]
    should = met.sentence.norms[met.inner] in met.lexicon.words.obliging
    that = not met.lexicon.words.complementizers.isdisjoint(gap)
    return Stage.ANNOUNCED if decides and bent is Stage.ADVOCATED and should and that else None


def _regrets_past(met: Met, bent: State) -> State | None:
    """ "Britons regret leaving": long done."""
    touches = met.state is Base.OPEN and met.inner == met.operator.end
    gerund = met.link.act.form is WordForm.GERUND
    return Dead.HISTORICAL if met.kind == "react" and touches and gerund else None


CORRECTIONS: tuple[tuple[str, Callable[[Met, State], State | None]], ...] = (
    ("undo-open", _undo_open),
    ("call-to-undo", _call_to_undo),
    ("regrets-past", _regrets_past),
    ("reacts-to-plan", _reacts_to_plan),
    ("notice-to-come", _notice_to_come),
    ("rejects-for-another", _rejects_for_another),
    ("agrees-that-should", _agrees_that_should),
    ("makes-sure", _makes_sure),
    ("nobody-can", _nobody_can),
    ("approves-recommendation", _approves_recommendation),
)
