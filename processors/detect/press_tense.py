"""Correct a bare press tense by the other sentences of the item.

"Kenya quits the court. The depositary has been notified; the exit takes effect in a year": a notice, no exit done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property

import msgspec

from processors.detect.dates import find_dates
from processors.detect.lexicon import Lexicon
from processors.detect.reading import Operator, Sentence, WordForm
from treatywatch.model import Institution, Signal, Stage
from treatywatch.wire import digest

_REST = 60  # sentences of an item that are asked, so that the work grows with the text and no faster
_HELPERS = 4  # words before "take effect" in which "will" or "is due to" puts it into the future
_DECIDED = 5  # words between "announced" and the exit or the "decision" that is announced
_THING = 3  # words behind an act in which another object shows that it is none ("its withdrawal of troops")
_DENYING = frozenset({"reject", "negate", "hypothetical", "consider", "undo", "talk", "advocate"})
_ORGANS = (Institution.LOWER_HOUSE, Institution.UPPER_HOUSE, Institution.HEAD_OF_STATE, Institution.REFERENDUM)


def by_other_sentences(
    signals: Sequence[Signal], bare: Collection[str], sentences: Sequence[Sentence], lexicon: Lexicon, day: date | None
) -> list[Signal]:
    """Give the signals, those in `bare` with the stage that the rest of the item tells; the others as they are.

    The same input gives the same signals; a signal that is changed gets the id of what it then states.
    """
    if not bare or len(sentences) < 2:
        return list(signals)
    rest = [_Other(sentence, lexicon, day) for sentence in sentences[:_REST]]
    told: dict[Signal, Signal] = {}  # a text that repeats itself is corrected once
    for signal in signals:
        if signal.id in bare and signal not in told:
            told[signal] = _corrected(signal, rest, lexicon, day)
    return [told.get(signal, signal) for signal in signals]


def _corrected(signal: Signal, rest: Sequence[_Other], lexicon: Lexicon, day: date | None) -> Signal:
    others = [o for o in rest if o.sentence.text != signal.sentence and _about(o.sentence, signal, lexicon, day)]
    if signal.stage is not Stage.EFFECTIVE or not others or any(other.in_force for other in others):
        return signal
    waiting = any(other.waiting for other in others)
    organ = next((found for other in others if (found := other.organ) is not None), None)
    if any(other.notified and (waiting or other.to_depositary) for other in others):
        return _with(signal, Stage.NOTIFIED, signal.institution, "told.notified")
    if organ is not None:
        return _with(signal, Stage.APPROVED, organ, "told.approved")
    if waiting or any(other.announced for other in others if other.speaks_for(signal.actor)):
        return _with(signal, Stage.ANNOUNCED, signal.institution, "told.announced")
    return signal


def _with(signal: Signal, stage: Stage, organ: Institution | None, rule: str) -> Signal:
    """Give the signal with another stage; its id is that of what it states."""
    return msgspec.structs.replace(
        signal,
        id=digest(signal.item, signal.case_id, signal.action, stage, organ),
        stage=stage,
        institution=organ,
        rules=(*signal.rules, rule),
    )


def _about(sentence: Sentence, signal: Signal, lexicon: Lexicon, day: date | None) -> bool:
    """Tell whether a sentence can speak of that exit: no other instrument, no other state alone, no earlier year."""
    named = [t for t in sentence.treaties if t.named and t.treaty not in lexicon.words.depositary_rows]
    if any(t.treaty != signal.treaty and not t.organisation for t in named):
        return False
    parties = {signal.actor.lower(), *signal.case_id.partition(":")[2].lower().split("-")}
    states = {code.lower() for actor in sentence.actors if actor.state for code in actor.codes}
    if states and parties.isdisjoint(states):
        return False
    years = (int(n) for n in sentence.norms if len(n) == 4 and n.isdigit() and n[:2] in ("19", "20"))
    old = lexicon.words.past_words - lexicon.words.boundaries
    return not any(day is not None and year < day.year for year in years) and old.isdisjoint(sentence.norms)


class _Other:
    """What one other sentence says of the step."""

    def __init__(self, sentence: Sentence, lexicon: Lexicon, day: date | None) -> None:
        self.sentence, self._words, self._lexicon = sentence, lexicon.words, lexicon
        self._day = day
        self._denied = any(operator.kind in _DENYING for operator in self._told)

    @property
    def _told(self) -> list[Operator]:
        """The operators without nouns that only look like one ("the press service")."""
        nouns = self._words.calls_with_object
        return [o for o in self.sentence.operators if self.sentence.norms[o.start] not in nouns]

    def _before(self, position: int) -> frozenset[str]:
        return frozenset(self.sentence.norms[max(0, position - _HELPERS) : position])

    def _future(self, position: int) -> bool:
        coming = self._words.future | self._words.scheduled | self._words.modals
        return not coming.isdisjoint(self._before(position))

    def _kind(self, *kinds: str) -> Iterator[Operator]:
        return (operator for operator in self.sentence.operators if operator.kind in kinds)

    @cached_property
    def _dated(self) -> bool:
        found = find_dates(self.sentence, self._lexicon, self._day)
        return any(one.period or (self._day is not None and one.value > self._day) for one in found)

    @cached_property
    def waiting(self) -> bool:
        """ "The withdrawal will take effect …", "the exit is due on 25 August"."""
        effect = list(self._kind("effect"))
        if any(self._future(operator.start) for operator in effect):
            return True
        nouns = any(act.form is WordForm.NOUN and not act.family.returns for act in self.sentence.acts)
        due = nouns and not self._words.scheduled.isdisjoint(self.sentence.norms)
        return self._dated and (bool(effect) or due)

    @cached_property
    def in_force(self) -> bool:
        """ "Its exit took effect at midnight"."""
        return not self.waiting and any(
            operator.end - operator.start > 1 and not self._future(operator.start) for operator in self._kind("effect")
        )

    def speaks_for(self, code: str) -> bool:
        """Tell whether the state itself can be who announces: no other is named before it."""
        first = next((actor for actor in self.sentence.actors if actor.state and actor.acts), None)
        return first is None or code in first.codes

    @cached_property
    def notified(self) -> bool:
        """ "The embassy has been formally notified"; "will notify" and "had notified" are none."""
        norms = self.sentence.norms
        return not self._denied and any(
            not self._words.noticing.isdisjoint(norms[max(0, operator.start - _HELPERS) : operator.end])
            and not self._future(operator.start)
            and self._words.pluperfect.isdisjoint(self._before(operator.start))
            for operator in self._kind("notify")
        )

    @cached_property
    def to_depositary(self) -> bool:
        """ "… deposited its instrument with the United Nations"."""
        organs, norms = self._lexicon.institution_phrases, self.sentence.norms
        named = any(f.payload is Institution.DEPOSITARY for i in range(len(norms)) for f in organs.at(norms, i))
        return named or any(t.treaty in self._words.depositary_rows for t in self.sentence.treaties)

    @cached_property
    def organ(self) -> Institution | None:
        """ "Parliament backed the bill on Sunday": the house, or the head of state who signed."""
        norms, papers = self.sentence.norms, self._words.law_nouns | self._words.bills | self._words.decisions
        exits = any(act.form is WordForm.NOUN and not act.family.returns for act in self.sentence.acts)
        if (self._denied and not self._only_bills()) or (papers.isdisjoint(norms) and not exits):
            return None
        approving = [o for o in self._kind("approve") if norms[o.start] not in papers and not self._future(o.start)]
        if not approving:
            return None
        organs = self._lexicon.institution_phrases
        found = (f.payload for i in range(len(norms)) for f in organs.at(norms, i) if f.payload in _ORGANS)
        return next(found, None)

    def _only_bills(self) -> bool:
        """Tell whether all that seems to weigh it is the name of the paper: "backed the bill"."""
        denying = [o for o in self._told if o.kind in _DENYING]
        papers = self._words.law_nouns | self._words.bills
        return all(not papers.isdisjoint(self.sentence.norms[o.start : o.end]) for o in denying)

    @cached_property
    def announced(self) -> bool:
        """ "Announced its withdrawal", "the decision to leave": a step that is said, and not done yet."""
        sentence, norms, words = self.sentence, self.sentence.norms, self._words
        if self._denied:
            return False
        for operator in self._kind("declare", "plan"):
            if operator.kind == "declare" and not words.decisions.isdisjoint(norms[operator.end :][:_DECIDED]):
                return True
            for act in sentence.acts:
                other = not words.other_objects.isdisjoint(norms[act.end : act.end + _THING])
                step = not (act.family.returns or act.family.stays or act.family.lapse or other)
                if step and 0 <= act.start - operator.end <= _DECIDED:
                    return True
        return False
