"""Say who leaves: the state that acts, which often is not the subject of the sentence.

After weighing, because a call names whom it calls on ("Norway urges Finland to leave") and a reaction whom it is about.
Each rule is a function with the sentence that taught it; they are asked in order, and the first that answers decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from processors.detect.actor_lists import listed
from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Link, Sentence, Verdict, WordForm
from processors.detect.walk import subject_position
from treatywatch.actors import FormKind
from treatywatch.model import Institution, Stage

_DECISION = 6  # words between a decision and the act that is decided
_PRONOUN = 4  # words between a pronoun and its verb: "it will soon formally"
_SPEAKER = 20  # words behind the instrument in which the speaker is named: "We are leaving the cartel, Quito declares"
_TITLE = 5  # words of an office between a state and its verb: "Australia's home affairs minister says"
_AGENT = 7  # words behind the instrument in which "by" names the agent
_ALONE = 12  # words before the act in which a noun that is no state may be its subject


@dataclass(frozen=True, slots=True)
class Leaving:
    """The actors of a link and the rule that found them; `non_state` says that what acts is no state.

    No actors and no `non_state` means that the sentence names nobody.
    """

    actors: tuple[ActorMention, ...]
    non_state: bool
    rule: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the rules look at; `before` are the actors left of the act, `left` those that may be its subject."""

    sentence: Sentence
    link: Link
    verdict: Verdict
    lexicon: Lexicon
    before: tuple[ActorMention, ...]
    left: tuple[ActorMention, ...]

    @property
    def called(self) -> bool:
        """Tell a call, in which the speaker need be no state."""
        calls = any(rule.startswith("advocate:") for rule in self.verdict.rules)  # "want the country to leave" as well
        calls = calls or self.link.stage is Stage.ADVOCATED  # "the party wants the country out"
        return calls or any(operator.kind == "advocate" for operator in self.verdict.operators)

    def all_of(self, actor: ActorMention) -> tuple[ActorMention, ...]:
        """Give the list that the actor is part of."""
        return listed(self.sentence, actor, self.lexicon)


_TELLING = ("say", "declare", "plan", "notify")
_NOBODY: tuple[ActorMention, ...] = ()
_Answer = tuple[ActorMention, ...] | None  # none: the rule does not answer; empty: what acts is no state
_Rule = Callable[[_Scene], _Answer]


def leaving(sentence: Sentence, link: Link, verdict: Verdict, lexicon: Lexicon) -> Leaving:
    """Give the actors of the link; a list ("Estonia, Latvia and Lithuania") is given whole."""
    inserted = verdict.inserted  # "Manila, which closed American bases in 1992, serves notice"
    before = tuple(
        a for a in sentence.actors if a.end <= link.act.start and not _within(a, link) and a.start not in inserted
    )
    left = before
    if _coordinated(sentence, link, verdict, lexicon):
        left = tuple(a for a in left if a.acts and subject_position(sentence, a, lexicon))[:1]
    scene = _Scene(sentence, link, verdict, lexicon, before, left)
    for name, rule in _RULES:
        answer = rule(scene)
        if answer is not None:
            return Leaving(answer, not answer, f"who.{name}")
    return Leaving(_NOBODY, False, "who.nobody")


# ---- the rules, in the order in which they are asked


def _named_by_act(s: _Scene) -> _Answer:
    """ "Poland's withdrawal", "pull Iran out of": the act itself says whose it is."""
    if not s.link.whom:
        return None
    chosen = [actor for actor in s.link.whom if actor.state]
    return s.all_of(chosen[0]) if chosen else _NOBODY


def _told_to(s: _Scene) -> _Answer:
    """ "A plan for South Africa to leave": who stands before the infinitive, and is no subject."""
    act = s.link.act
    if act.form is not WordForm.BASE or s.sentence.norms[act.start - 1] != s.lexicon.words.infinitive:
        return None
    told = next((a for a in s.sentence.actors if a.end == act.start - 1 and a.state), None)
    if told is None and s.called and s.sentence.norms[act.start - 2] in s.lexicon.words.selves:
        return s.before[-1:] or None  # "Bulgarian nationalists want the country to leave"
    if told is None or (told.acts and subject_position(s.sentence, told, s.lexicon)):
        return None
    return s.all_of(told)


def _agent(s: _Scene) -> _Answer:
    """ "A and B object to the suspension of the treaty by C": C."""
    if s.link.act.form is not WordForm.NOUN:
        return None
    norms, after = s.sentence.norms, s.link.after
    for position in range(after, min(after + _AGENT, len(norms) - 1)):
        if norms[position] in s.lexicon.words.agents:
            by = [actor for actor in s.sentence.actors if position < actor.start <= position + 3 and actor.state]
            if by:
                return (by[0],)
    return None


def _called_on(s: _Scene) -> _Answer:
    """ "Norway urges Finland to leave": who stands between the call and the act."""
    call = next((o for o in s.verdict.operators if o.kind in ("advocate", "reject", "react")), None)
    if call is None or s.link.act.form is WordForm.NOUN:
        return None
    between = [actor for actor in s.before if actor.start >= call.end and actor.acts and actor.state]
    return s.all_of(between[-1]) if between else None


def _decider(s: _Scene) -> _Answer:
    """ "Paris takes note of Chad's decision to end": whose decision it is, wherever that stands."""
    norms, kinds = s.sentence.norms, ("plan", "declare", "notify", "consider", "approve")
    for actor in reversed(s.before):
        if norms[actor.end] != s.lexicon.words.possessive:
            continue
        near = range(actor.end + 1, actor.end + 4)
        noun = next((o for o in s.sentence.operators if o.start in near and o.kind in kinds), None)
        if noun is None or not 0 <= s.link.act.start - noun.end <= _DECISION:
            continue
        between = [a for a in s.before if a.start >= noun.end and a.state]
        return None if between or _own_thing(s, actor) else s.all_of(actor)
    return None


def _pronoun(s: _Scene) -> _Answer:
    """ "Russia has told the depositaries, Canada and Hungary, that it will leave": who says it of itself."""
    at = _pronoun_before(s)
    teller = next((o for o in reversed(s.sentence.operators) if o.end <= at and o.kind in _TELLING), None)
    if teller is None:
        return None
    joined = teller.start > 0 and s.sentence.norms[teller.start - 1] in s.lexicon.words.joiners
    said = [a for a in s.before if a.end <= teller.start and a.acts and subject_position(s.sentence, a, s.lexicon)]
    if not said or any(a.start >= teller.end and a.end < at and not a.acts for a in s.before):
        return None
    chosen = said[0] if joined else said[-1]
    return s.all_of(chosen) if chosen.state and not _own_thing(s, chosen) else None


def _subject(s: _Scene) -> _Answer:
    """ "Finland, says Norway's minister, leaves": the nearest actor to the left that can be a subject."""
    for actor in reversed(s.left):
        if not actor.acts or not subject_position(s.sentence, actor, s.lexicon):
            continue
        if not actor.state:
            return s.all_of(actor) if s.called else _NOBODY
        if _own_thing(s, actor) or not subject_position(s.sentence, s.all_of(actor)[0], s.lexicon):
            continue  # the bank of a state, or one of those "to the leaders of A, B and C"
        if _non_state_after(s, actor.end):
            if s.called:
                continue
            return _NOBODY  # "Chad's peace talks fail as rebels quit the accord"
        return s.all_of(actor)
    return None


def _organisation_decides(s: _Scene) -> _Answer:
    """ "The OAS resolves that Cuba is no longer a member": an organisation acts."""
    norms, words = s.sentence.norms, s.lexicon.words
    bodies = [t for t in s.sentence.treaties if t.organisation and t.named and t.treaty not in words.actor_rows]
    for operator in s.verdict.operators:
        if operator.kind not in ("plan", "approve", "declare") or norms[operator.start] in words.future:
            continue
        decides = any(0 <= operator.start - t.end <= 1 for t in bodies)
        apart = any(operator.end <= a.start for a in s.before) and not any(a.end <= operator.start for a in s.before)
        if decides and apart:
            return _NOBODY
    return None


def _without(s: _Scene) -> _Answer:
    """ "London will revive its Rwanda scheme without quitting": whose clause it is, and not what it is about."""
    norms, act = s.sentence.norms, s.link.act
    led = act.form is WordForm.GERUND and norms[act.start - 1] in s.lexicon.words.prepositions
    if not led or not any(o.kind == "negate" and o.end == act.start for o in s.verdict.operators):
        return None
    subjects = [a for a in s.left if a.acts and a.state and subject_position(s.sentence, a, s.lexicon)]
    return s.all_of(subjects[0]) if len(subjects) > 1 else None


def _non_state_alone(s: _Scene) -> _Answer:
    """ "Rebels quit the accord": no state is named, and what acts is none."""
    alone = _non_state_after(s, max(0, s.link.act.start - _ALONE))
    return _NOBODY if alone and not s.called else None


def _affected(s: _Scene) -> _Answer:
    """ "The exit takes effect for Lithuania": for whom it takes effect."""
    if s.link.act.form is not WordForm.NOUN or s.verdict.stage is not Stage.EFFECTIVE:
        return None
    effect = next((o for o in s.sentence.operators if o.kind == "effect" and o.start >= s.link.after), None)
    if effect is None:
        return None
    state = next((a for a in s.sentence.actors if a.state and 1 <= a.start - effect.end <= 2), None)
    return (state,) if state is not None else None


def _bound(s: _Scene) -> _Answer:
    """ "The treaty no longer binds Germany": the instrument is the subject, and the state stands behind."""
    if s.left or not s.link.rule.startswith("frame.") or s.link.treaty.end > s.link.act.start:
        return None
    bound = next((a for a in s.sentence.actors if a.state and 0 <= a.start - s.link.after <= 1), None)
    return s.all_of(bound) if bound is not None else None


def _organ_behind(s: _Scene) -> _Answer:
    """ "The withdrawal bill passes the House of Lords": the house behind says whose bill it is."""
    if not s.link.rule.endswith(".compound") or s.left:
        return None
    behind = [a for a in s.sentence.actors if a.start >= s.link.after and a.acts and a.state]
    return (behind[0],) if behind else None


def _owner_of_part(s: _Scene) -> _Answer:
    """ "An order ending US participation in the council": whose part it is that ends."""
    act, link = s.link.act, s.link
    if s.left and act.form is not WordForm.GERUND:
        return None
    owned = [a for a in s.sentence.actors if act.end <= a.start and a.end <= link.treaty.start and a.state]
    carriers = s.lexicon.words.owned_carriers
    carried = [a for a in owned if set(s.sentence.norms[a.end : a.end + 2]) & carriers]
    return (carried[0],) if carried else None


def _owner_of_instrument(s: _Scene) -> _Answer:
    """ "A presidential decree ends Turkey's pipeline agreement with Iraq": whose agreement an organ ends."""
    treaty, norms = s.link.treaty, s.sentence.norms
    if treaty.named or len(treaty.counterparts) < 2 or s.left:
        return None
    owner = next((a for a in s.sentence.actors if a.start == treaty.start and a.state), None)
    organs = s.lexicon.institution_words | s.lexicon.words.officials | s.lexicon.words.law_nouns
    decided = owner is not None and norms[owner.end] == s.lexicon.words.possessive
    return (owner,) if owner and decided and organs & set(norms[: s.link.act.start]) else None


def _only_state(s: _Scene) -> _Answer:
    """ "Uproar in Riga as MPs vote to leave": an organ acts, and just one state is named."""
    limit, phrases, norms = s.link.act.start, s.lexicon.institution_phrases, s.sentence.norms
    seats = s.lexicon.words.of_what  # "in Riga" stands for the state, "a visit to Tel Aviv" does not
    others = tuple(
        a for a in s.sentence.actors if not _within(a, s.link) and (a.acts or norms[max(0, a.start - 1)] in seats)
    )
    if len({code for a in others for code in a.codes}) != 1:
        return None
    organs = [f.payload for i in range(limit) for f in phrases.at(norms, i) if f.end <= limit]
    return others[:1] if organs and Institution.DEPOSITARY not in organs else None


def _speaker_behind(s: _Scene) -> _Answer:
    """ "We are leaving the cartel, Quito declares", "…, says the Danish minister"."""
    if s.left:
        return None
    after = s.link.after
    for operator in s.sentence.operators:
        if operator.kind not in ("say", "declare") or not after <= operator.start <= after + _SPEAKER:
            continue
        for actor in s.sentence.actors:
            before = actor.start >= after and 0 <= operator.start - actor.end <= _TITLE
            told = s.sentence.norms[operator.start] in s.lexicon.words.told  # "told Fiji's minister": who is told
            behind = 0 <= actor.start - operator.end <= 2 and not told
            if actor.state and (before or behind):
                return (actor,)
    return None


def _commanded(s: _Scene) -> _Answer:
    """ "Scrap the deal with Israel, Colombian unions tell government": whoever is told or speaks names the state."""
    if s.link.act.start != 0 or s.link.act.form is not WordForm.BASE:
        return None
    behind = [a for a in s.sentence.actors if a.start >= s.link.after and a.codes]
    return (behind[-1],) if behind else None


def _loose(s: _Scene) -> _Answer:
    """ "In Norway calls grow to leave": a call or a passive has no subject; the last state before it is meant."""
    if not s.link.passive and not s.called:
        return None
    loose = [actor for actor in s.left if actor.acts and actor.form.kind is not FormKind.SEAT]
    return (loose[-1],) if loose else None


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("named-by-act", _named_by_act),
    ("told-to", _told_to),
    ("agent", _agent),
    ("called-on", _called_on),
    ("decider", _decider),
    ("pronoun", _pronoun),
    ("organisation-decides", _organisation_decides),
    ("without", _without),
    ("subject", _subject),
    ("non-state", _non_state_alone),
    ("affected", _affected),
    ("bound", _bound),
    ("organ-behind", _organ_behind),
    ("owner-of-part", _owner_of_part),
    ("owner-of-instrument", _owner_of_instrument),
    ("only-state", _only_state),
    ("commanded", _commanded),
    ("speaker-behind", _speaker_behind),
    ("loose", _loose),
)


# ---- what the rules ask


def reacting(sentence: Sentence, position: int, code: str, lexicon: Lexicon) -> list[ActorMention]:
    """Give the states that react, the whole list left of the reaction, without the one that they react to."""
    before = [actor for actor in sentence.actors if actor.end <= position and actor.state and code not in actor.codes]
    return [actor for actor in listed(sentence, before[-1], lexicon) if code not in actor.codes] if before else []


def _pronoun_before(s: _Scene) -> int:
    """Give the place of the pronoun that is the subject of the act; -1 where its subject is none."""
    norms, words = s.sentence.norms, s.lexicon.words
    helping = words.be | words.future | words.perfect | words.pluperfect | words.adverbs | words.modals
    over = {i for o in s.verdict.operators for i in range(o.start, o.end)}
    for position in range(s.link.act.start - 1, max(s.link.act.start - _PRONOUN - 2, -1), -1):
        if norms[position] in words.self_pronouns:
            return position
        if norms[position] not in helping | {words.infinitive} and position not in over:
            return -1
    return -1


def _coordinated(sentence: Sentence, link: Link, verdict: Verdict, lexicon: Lexicon) -> bool:
    """Tell "accuses A of x and suspends", "… and announces the end of": after "and" the subject is that before."""
    if link.act.form not in (WordForm.PRESENT, WordForm.PAST):
        told = [o for o in verdict.operators if o.end <= link.act.start and o.kind in _TELLING]
        return any(o.start and sentence.norms[o.start - 1] in lexicon.words.joiners for o in told)
    position = link.act.start - 1
    while position > 0 and sentence.norms[position] in lexicon.words.adverbs:
        position -= 1
    return position > 0 and sentence.norms[position] in lexicon.words.joiners


def _within(actor: ActorMention, link: Link) -> bool:
    return link.treaty.named and link.treaty.start <= actor.start < link.treaty.end


def _own_thing(s: _Scene, actor: ActorMention) -> bool:
    """Tell whether the actor only owns what acts: "Brazil's largest bank quits"."""
    norms, words = s.sentence.norms, s.lexicon.words
    if actor.end >= len(norms) or norms[actor.end] != words.possessive:
        return False
    for norm in norms[actor.end + 1 : actor.end + 5]:
        if norm in words.officials or norm in words.institution_nouns or norm in s.lexicon.institution_words:
            return False
        if norm in words.non_states:
            return True
    return False


def _non_state_after(s: _Scene, start: int) -> bool:
    """Tell whether the nearest noun before the act that can act is no state ("… rebels quit the accord")."""
    sentence, words = s.sentence, s.lexicon.words
    inside = {i for operator in sentence.operators for i in range(operator.start, operator.end)}
    inside |= {i for named in sentence.actors for i in range(named.start, named.end)}
    inside |= {i for treaty in sentence.treaties if treaty.named for i in range(treaty.start, treaty.end)}
    tellers = {o.end for o in s.verdict.operators if o.kind in ("notify", "say")}
    for position in range(s.link.act.start - 1, start - 1, -1):
        norm = sentence.norms[position]
        if norm in (",", ";", ":") or norm in words.boundaries:
            return False
        if norm in words.non_states and position not in inside and not tellers & {position, position - 1}:
            before = sentence.norms[position - 1] if position else ""
            if before in words.ruling:
                return False
            plain = before not in words.prepositions and before not in words.articles - words.plain_articles
            return plain or before == words.partitive
    return False
