"""Say where other states stand on the move: who reacts for or against it, and who is no party to the instrument."""

from __future__ import annotations

from collections.abc import Iterable

from processors.detect.lexicon import Lexicon
from processors.detect.reading import Sentence, Verdict
from processors.detect.subject import reacting
from treatywatch.model import Position, Stance

_NEAR = 8  # words between a state and the words that tell it is no party


def stands(sentence: Sentence, verdict: Verdict, code: str, lexicon: Lexicon) -> tuple[Position, ...]:
    """Give the states that react to the move of `code`: "France regrets", "Israel welcomes"."""
    reaction = next((o for o in verdict.operators if o.kind == "react"), None)
    if reaction is None:
        return ()
    for_it = sentence.norms[reaction.start] in lexicon.words.supporting
    stance = Stance.SUPPORTS if for_it else Stance.OPPOSES
    speakers = reacting(sentence, reaction.start, code, lexicon)
    return tuple(Position(state=c, stance=stance) for a in speakers for c in a.codes)


def outsiders(sentences: Iterable[Sentence], code: str, lexicon: Lexicon) -> tuple[Position, ...]:
    """Give the states other than `code` that the item calls no party: "Russia, which is not a party to the treaty"."""
    found: dict[str, Position] = {}
    for sentence in sentences:
        for position in range(len(sentence.norms)):
            if not lexicon.small_at(sentence.norms, position, "outsider"):
                continue
            named = [s for s in reacting(sentence, position, code, lexicon) if position - s.end <= _NEAR * 2]
            if not named or position - named[-1].end > _NEAR:
                continue
            for state in named:
                found |= {c: Position(state=c, stance=Stance.NOT_A_PARTY) for c in state.codes if c != code}
    return tuple(found.values())
