"""Operators that bend nothing after all, each with the sentence that taught it."""

from __future__ import annotations

from collections.abc import Callable

from processors.detect.met import Met
from processors.detect.walk import told_in_past
from treatywatch.actors import FormKind
from treatywatch.model import Institution, Stage

_ASKER = 6  # words before "asks" in which the government that asks is named
_PAPER = 4  # words behind "sign" in which the paper is named


def _telling(met: Met) -> bool:
    """ "Tells the UN that it is no longer bound": the phrase itself says the stage."""
    return met.link.rule.startswith("frame.") and met.link.stage is not None and met.kind == "notify"


def _since_day(met: Met) -> bool:
    """ "Since midnight Poland is no longer bound": a day, no background."""
    return met.kind == "talk" and met.following in met.lexicon.words.days


def _reported_perfect(met: Met) -> bool:
    """ "Said it had begun to leave" reports a step, and supposes nothing."""
    had = met.word in met.lexicon.words.pluperfect
    return had and told_in_past(met.sentence, met.walk, met.operator, met.lexicon)


def _negates_other(met: Met) -> bool:
    """ "Was not surprised by the announcement": what is denied is the surprise."""
    gap = met.sentence.norms[met.operator.end : met.inner]
    return met.kind == "negate" and bool(set(gap) & met.lexicon.words.agents)


def _asks_to_study(met: Met) -> bool:
    """ "The government has asked its staff to study whether to leave": it weighs, and calls on nobody."""
    if met.state is not Stage.CONSIDERED or met.word not in met.lexicon.words.asking:
        return False
    organs, norms = met.lexicon.institution_phrases, met.sentence.norms
    own = (Institution.GOVERNMENT, Institution.HEAD_OF_STATE)
    near = range(max(0, met.operator.start - _ASKER), met.operator.start)
    asker = any(f.payload in own for i in near for f in organs.at(norms, i) if f.end <= met.operator.start)
    return asker or any(a.form.kind is FormKind.HOLDER and a.end <= met.operator.start for a in met.walk.subjects)


def _side_by_side(met: Met) -> bool:
    """ "Has suspended and begun to terminate": two verbs side by side, and none undoes the other."""
    gap = met.sentence.norms[met.operator.end : met.inner]
    beside = bool(gap) and (
        met.following in met.lexicon.words.conjunctions or bool(set(gap) & met.lexicon.words.joiners)
    )
    return beside and met.kind == "undo"


def _loose_end(met: Met) -> bool:
    """ "Summit ends with a plan to leave": a verb that undoes only what stands right behind it."""
    words, gap = met.lexicon.words, met.sentence.norms[met.operator.end : met.inner]
    return met.word in words.tight and not all(norm in words.articles or norm in words.adverbs for norm in gap)


def _signs_letter(met: Met) -> bool:
    """ "Economists sign an open letter welcoming the exit": a signature that decides nothing."""
    words, behind = met.lexicon.words, met.sentence.norms[met.operator.end : met.operator.end + _PAPER]
    if any(actor.form.kind is FormKind.HOLDER for actor in met.walk.subjects):
        return False  # "the prime minister signs the letter that invokes the article"
    return met.kind == "approve" and met.word in words.signing and not words.open_papers.isdisjoint(behind)


def _expects_nobody(met: Met) -> bool:
    """ "Kenya's leaders worried" weighs nothing; "Moscow fears that the US will leave" does."""
    named = any(met.operator.end <= actor.start < met.link.act.start for actor in met.sentence.actors)
    return met.word in met.lexicon.words.expecting and met.kind == "consider" and not named


def _presses_nobody(met: Met) -> bool:
    """ "Press freedom" is no call; "press the EU to suspend" is one."""
    return met.word in met.lexicon.words.calls_with_object and not met.another


IDLE: tuple[tuple[str, Callable[[Met], bool]], ...] = (
    ("telling", _telling),
    ("since-day", _since_day),
    ("reported-perfect", _reported_perfect),
    ("negates-other", _negates_other),
    ("asks-to-study", _asks_to_study),
    ("side-by-side", _side_by_side),
    ("loose-end", _loose_end),
    ("presses-nobody", _presses_nobody),
    ("expects-nobody", _expects_nobody),
    ("signs-letter", _signs_letter),
)
