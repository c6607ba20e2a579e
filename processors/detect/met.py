"""What a rule about an operator looks at: the operator, as what it counts, and what stands inside it."""

from __future__ import annotations

from dataclasses import dataclass

from processors.detect.bend import Dead, State
from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Link, Operator, Sentence
from processors.detect.walk import Walk
from treatywatch.model import Stage

_UNDO_REACH = 7  # words between "revokes" and the exit that it revokes
_REVIVE = 2  # words between "says" and the "whether" that it takes
_WEIGHED = 4  # words between "draws up" and the "would" of its plan


@dataclass(frozen=True, slots=True)
class Met:
    """An operator that was met, as what kind it counts, and what stands inside it.

    `inner` is where the inside begins, `undone` the step that an inner operator has undone already.
    """

    sentence: Sentence
    link: Link
    lexicon: Lexicon
    walk: Walk
    operator: Operator
    kind: str
    state: State
    inner: int
    undone: Stage | None

    @property
    def word(self) -> str:
        """The operator's first word."""
        return self.sentence.norms[self.operator.start]

    @property
    def following(self) -> str:
        """The word behind the operator; nothing at the end of the sentence."""
        return self.sentence.norms[self.operator.end] if self.operator.end < len(self.sentence.norms) else ""

    @property
    def adjacent(self) -> bool:
        """Whether the operator stands close enough to bend what lies inside it."""
        reach = _UNDO_REACH
        if isinstance(self.state, Dead):
            reach = _WEIGHED if self.kind in ("consider", "reject") else _REVIVE
            if self.kind == "plan" and self.following in self.lexicon.words.complementizers:
                reach = _UNDO_REACH  # "pledges that a government of hers would leave"
        gap = self.sentence.norms[self.operator.end : self.inner]
        return self.inner - self.operator.end <= reach and "," not in gap

    @property
    def another(self) -> ActorMention | None:
        """The state that stands right behind the operator."""
        words, position = self.lexicon.words, self.operator.end
        while position < len(self.sentence.norms) and self.sentence.norms[position] in words.articles:
            position += 1
        return next((actor for actor in self.sentence.actors if actor.start == position and actor.state), None)
