"""Read what a sentence leaves out: the instrument of a second verb, the act of a second state.

"Europe tries to save the accord after the US withdraws", "Estonia files its notice, Latvia to follow".
"""

from __future__ import annotations

from processors.detect.lexicon import Lexicon
from processors.detect.reading import Act, ActorMention, Sentence, TreatyMention, WordForm

EXCEPTED = "but-not"  # marks the link of an instrument that is not left: "will quit A but not B"


def bare_object(sentence: Sentence, act: Act, lexicon: Lexicon) -> TreatyMention | None:
    """Give the one register instrument named before an act that has no object of its own, where its clause ends there.

    Organisations whose name is more often an adjective are left out: "UN troops withdraw" leaves nothing.
    """
    words, norms = lexicon.words, sentence.norms
    position = act.end
    while position < len(norms) and norms[position] in words.adverbs:
        position += 1
    over = position >= len(norms) or norms[position] in words.boundaries or norms[position] in ".;:!?\"'"
    if not over or act.own is not None:
        return None
    verb = act.start
    while verb > 0 and (norms[verb - 1] in words.selves or norms[verb - 1] in words.adverbs):
        verb -= 1  # "may itself pull out"
    led = any(operator.end == verb for operator in sentence.operators)
    if act.form is WordForm.BASE and not led and norms[act.start - 1] != words.infinitive:
        return None  # "citing the US exit" is a noun
    told = any(operator.kind == "notify" for operator in sentence.operators)  # one notifies what one leaves
    before = [t for t in sentence.treaties if t.named and t.end <= act.start and (t.treaty is not None or told)]
    if len({(t.treaty, t.slug) for t in before}) != 1 or before[-1].article:
        return None
    return before[-1] if is_thing(sentence, before[-1], lexicon) else None


def is_thing(sentence: Sentence, treaty: TreatyMention, lexicon: Lexicon) -> bool:
    """Tell a name that one can leave from an adjective: "rejoined UNESCO", "a member of the ICC", not "UN troops"."""
    words, norms = lexicon.words, sentence.norms
    if treaty.treaty not in words.adjectival_rows:
        return True
    start = treaty.start - 1
    while start > 0 and norms[start] in words.articles:
        start -= 1
    following = norms[treaty.end] if treaty.end < len(norms) else "."
    if following[0].isalpha() and following not in lexicon.function_words:
        return False  # "orders a United Nations official to leave"
    member = start > 0 and norms[start] in words.of_what and norms[start - 1] in words.memberships
    return member or (start >= 0 and norms[start] in lexicon.act_forms)


def following_states(sentence: Sentence, after: int, lexicon: Lexicon) -> tuple[ActorMention, ...]:
    """Give the states that are said to take the same step later: "…, Lithuania to follow"."""
    for actor in sentence.actors:
        if actor.start > after and actor.state and lexicon.small_at(sentence.norms, actor.end, "following"):
            return (actor,)
    return ()
