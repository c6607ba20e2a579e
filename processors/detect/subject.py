"""Say who leaves: the state that acts, which often is not the subject of the sentence.

After weighing, because a call names whom it calls on ("Norway urges Finland to leave") and a reaction whom it is about.
"""

from __future__ import annotations

from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Link, Sentence, Verdict, WordForm
from processors.detect.walk import subject_position
from treatywatch.actors import FormKind
from treatywatch.model import Institution, Stage


def leaving(
    sentence: Sentence, link: Link, verdict: Verdict, lexicon: Lexicon
) -> tuple[tuple[ActorMention, ...], bool]:
    """Give the actors of the link, and whether something that is no state stands in their place.

    An empty tuple means that the sentence names none; a list ("Estonia, Latvia and Lithuania") is given whole.
    """
    if link.whom:
        chosen = [actor for actor in link.whom if actor.state]
        return tuple(_listed(sentence, chosen[0], lexicon)) if chosen else (), not chosen
    act = link.act
    if act.form is WordForm.BASE and sentence.norms[act.start - 1] == lexicon.words.infinitive:
        told = next((a for a in sentence.actors if a.end == act.start - 1 and a.state), None)
        if told is not None and not (told.acts and subject_position(sentence, told, lexicon)):
            return tuple(_listed(sentence, told, lexicon)), False  # "a plan for South Africa to leave"
    if by := _agent(sentence, link, lexicon):
        return (by,), False
    left = [actor for actor in sentence.actors if actor.end <= act.start and not _within(actor, link)]
    called = next(
        (operator for operator in verdict.operators if operator.kind in ("advocate", "reject", "react")), None
    )
    if called is not None and act.form is not WordForm.NOUN:
        between = [actor for actor in left if actor.start >= called.end and actor.acts and actor.state]
        if between:
            return tuple(_listed(sentence, between[-1], lexicon)), False
    limit = act.start
    if _coordinated(sentence, link, lexicon):
        left = [a for a in left if a.acts and subject_position(sentence, a, lexicon)][:1]
    for actor in reversed(left):
        if not actor.acts or not subject_position(sentence, actor, lexicon):
            continue
        if not actor.state:
            if any(operator.kind == "advocate" for operator in verdict.operators):
                return tuple(_listed(sentence, actor, lexicon)), False
            return (), True
        if _own_thing(sentence, actor, lexicon) or not subject_position(
            sentence, _listed(sentence, actor, lexicon)[0], lexicon
        ):
            continue  # the bank of a state, or one of those "to the leaders of A, B and C"
        if _non_state_between(sentence, actor, limit, verdict, lexicon):
            if any(operator.kind == "advocate" for operator in verdict.operators):
                continue
            return (), True
        return tuple(_listed(sentence, actor, lexicon)), False
    if _non_state_between(sentence, None, limit, verdict, lexicon) and not any(
        o.kind == "advocate" for o in verdict.operators
    ):
        return (), True
    if affected := _affected(sentence, link, verdict):
        return (affected,), False
    if link.rule.endswith(".compound") and not left:
        behind = [a for a in sentence.actors if a.start >= link.after and a.acts and a.state]
        if behind:
            return (behind[0],), False  # "the withdrawal bill passes the House of Lords"
    if not left or act.form is WordForm.GERUND:
        owned = [a for a in sentence.actors if act.end <= a.start and a.end <= link.treaty.start and a.state]
        carried = [a for a in owned if set(sentence.norms[a.end : a.end + 2]) & lexicon.words.owned_carriers]
        if carried:
            return (carried[0],), False  # "an order ending US participation in the council"
    states = {code for a in sentence.actors for code in a.codes if not _within(a, link)}
    organs = [f for i in range(limit) for f in lexicon.institution_phrases.at(sentence.norms, i) if f.end <= limit]
    if len(states) == 1 and organs and not any(f.payload is Institution.DEPOSITARY for f in organs):
        return tuple(a for a in sentence.actors if not _within(a, link))[:1], False  # "uproar in Riga as MPs …"
    after = _said_by(sentence, link)
    if after is not None and not left:
        return (after,), False
    if link.passive or any(operator.kind == "advocate" for operator in verdict.operators):
        loose = [actor for actor in left if actor.acts and actor.form.kind is not FormKind.SEAT]
        if loose:
            return (loose[-1],), False
    return (), False


def _said_by(sentence: Sentence, link: Link) -> ActorMention | None:
    """Give the speaker behind the words: "We are leaving the cartel, Quito declares", "…, says the Danish minister"."""
    for operator in sentence.operators:
        if operator.kind not in ("say", "declare") or not link.after <= operator.start <= link.after + 10:
            continue
        for actor in sentence.actors:
            before = actor.start >= link.after and 0 <= operator.start - actor.end <= 3
            behind = 0 <= actor.start - operator.end <= 2
            if actor.state and (before or behind):
                return actor
    return None


def _affected(sentence: Sentence, link: Link, verdict: Verdict) -> ActorMention | None:
    """Give the state of "the exit takes effect for Lithuania"."""
    if link.act.form is not WordForm.NOUN or verdict.stage is not Stage.EFFECTIVE:
        return None
    for operator in sentence.operators:
        if operator.kind == "effect" and operator.start >= link.after:
            return next((a for a in sentence.actors if a.state and 1 <= a.start - operator.end <= 2), None)
    return None


def reacting(sentence: Sentence, position: int, code: str, lexicon: Lexicon) -> list[ActorMention]:
    """Give the states that react, the whole list left of the reaction, without the one that they react to."""
    before = [actor for actor in sentence.actors if actor.end <= position and actor.state and code not in actor.codes]
    return [actor for actor in _listed(sentence, before[-1], lexicon) if code not in actor.codes] if before else []


def _agent(sentence: Sentence, link: Link, lexicon: Lexicon) -> ActorMention | None:
    """Give the state after "by": "A and B object to the suspension of the treaty by C"."""
    if link.act.form is not WordForm.NOUN:
        return None
    for position in range(link.after, min(link.after + 7, len(sentence.norms) - 1)):
        if sentence.norms[position] in lexicon.words.agents:
            by = [actor for actor in sentence.actors if position < actor.start <= position + 3 and actor.state]
            if by:
                return by[0]
    return None


def _coordinated(sentence: Sentence, link: Link, lexicon: Lexicon) -> bool:
    """Tell "accuses A of x and suspends": a finite verb after "and" has the subject of the verb before it."""
    if link.act.form not in (WordForm.PRESENT, WordForm.PAST):
        return False
    position = link.act.start - 1
    while position > 0 and sentence.norms[position] in lexicon.words.adverbs:
        position -= 1
    return position > 0 and sentence.norms[position] in lexicon.words.joiners


def _within(actor: ActorMention, link: Link) -> bool:
    return link.treaty.named and link.treaty.start <= actor.start < link.treaty.end


def _own_thing(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    """Tell whether the actor only owns what acts: "Brazil's largest bank quits"."""
    norms = sentence.norms
    if actor.end >= len(norms) or norms[actor.end] != lexicon.words.possessive:
        return False
    for norm in norms[actor.end + 1 : actor.end + 5]:
        if (
            norm in lexicon.words.officials
            or norm in lexicon.words.institution_nouns
            or norm in lexicon.institution_words
        ):
            return False
        if norm in lexicon.words.non_states:
            return True
    return False


def _non_state_between(
    sentence: Sentence, actor: ActorMention | None, limit: int, verdict: Verdict, lexicon: Lexicon
) -> bool:
    """Tell whether the nearest noun before the act that can act is no state ("… rebels quit the accord")."""
    start = actor.end if actor else max(0, limit - 12)
    words = lexicon.words
    inside = {i for operator in sentence.operators for i in range(operator.start, operator.end)}
    inside |= {i for named in sentence.actors for i in range(named.start, named.end)}
    inside |= {i for treaty in sentence.treaties if treaty.named for i in range(treaty.start, treaty.end)}
    position = limit - 1
    while position >= start:
        norm = sentence.norms[position]
        if norm in (",", ";", ":") or norm in words.boundaries:
            return False
        told = any(
            operator.end in (position, position - 1) and operator.kind in ("notify", "say")
            for operator in verdict.operators
        )
        if norm in words.non_states and position not in inside and not told:
            before = sentence.norms[position - 1] if position else ""
            if before in words.ruling:
                return False
            return (
                before not in words.prepositions and before not in words.articles - words.plain_articles
            ) or before == words.partitive
        position -= 1
    return False


def _listed(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> list[ActorMention]:
    """Give the whole list that the actor is part of."""
    actors = [a for a in sentence.actors if a.state]
    if actor not in actors:
        return [actor]
    chosen = [actor]
    for step in (-1, 1):
        index = actors.index(actor)
        while 0 <= index + step < len(actors):
            first, second = sorted((actors[index], actors[index + step]), key=lambda a: a.start)
            between = sentence.norms[first.end : second.start]
            if (
                not between
                or len(between) > 3
                or not all(
                    norm in lexicon.words.conjunctions or norm in lexicon.words.articles - {lexicon.words.possessive}
                    for norm in between
                )
            ):
                break
            if not any(norm in lexicon.words.conjunctions for norm in between) or (
                between == [","] and not _is_list(sentence, actors, index, step, lexicon)
            ):
                break
            if between == [","] and _after_boundary(sentence, first, lexicon):
                break  # "after the United States, Israel says ..."
            index += step
            chosen.append(actors[index])
    return sorted(chosen, key=lambda a: a.start)


def _after_boundary(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    start = actor.start - 1
    while start >= 0 and sentence.norms[start] in lexicon.words.articles:
        start -= 1
    return start >= 0 and sentence.norms[start] in lexicon.words.boundaries


def _is_list(sentence: Sentence, actors: list[ActorMention], index: int, step: int, lexicon: Lexicon) -> bool:
    """Tell a list from an apposition ("Mr X of Kenya, Uganda's …"): in a list no member owns anything."""
    other = actors[index + step]
    return other.form.kind in (FormKind.NAME, FormKind.SEAT) and not (
        other.end < len(sentence.norms) and sentence.norms[other.end] == lexicon.words.possessive
    )
