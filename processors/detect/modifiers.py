"""Weigh what stands around a link: from the act outwards, each word that bends it is applied to what is inside it.

"Suspends the termination of the pact" is undo(noun), "does not rule out leaving" is negate(reject(open)), "parliament
votes to leave" is approve(open). The order is the meaning, so the words are walked from the act to the left until the
clause ends; a noun that is the subject ("the exit takes effect") is bent from the right as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from processors.detect.lexicon import Lexicon
from processors.detect.phrases import Phrases
from processors.detect.reading import ActorMention, Link, Operator, Sentence, Verdict, WordForm
from treatywatch.model import Action, Hedge, Institution, Reason, Stage

_RIGHT = 5  # small words between the instrument and a verb that speaks of the exit
_RIGHT_KINDS = frozenset({"effect", "approve", "undo", "reject", "consider", "notify"})
_UNDO_REACH = 7  # words between "revokes" and the exit that it revokes
_REVIVE = 2  # words between "considers" and the "whether" that it takes
_PAST_FORMS = (WordForm.PAST, WordForm.PARTICIPLE)


class Base(StrEnum):
    """Where an act stands before anything bends it."""

    OPEN = "open"  # not done: "to leave", "leaving"
    NOUN = "noun"  # "the withdrawal from"
    DONE = "done"  # "leaves", "has left"
    PROGRESS = "progress"  # "is leaving"


class Dead(StrEnum):
    """What an act has become when it is no step any more, with the reason that it gives."""

    HYPOTHETICAL = "hypothetical"
    AGAINST = "against"
    HISTORICAL = "historical"


State = Base | Stage | Dead
_POSITIVE = (
    Stage.ADVOCATED,
    Stage.CONSIDERED,
    Stage.ANNOUNCED,
    Stage.APPROVED,
    Stage.NOTIFIED,
    Stage.EFFECTIVE,
    Stage.SUSPENDED,
)


def bend(state: State, kind: str, action: Action, adjacent: bool) -> State:
    """Apply one operator to what stands inside it; unknown pairs leave it as it is.

    `adjacent` says that nothing but determiners and nouns stands between the operator and what it bends.
    """
    if isinstance(state, Dead):
        if state is Dead.HYPOTHETICAL and adjacent and kind in ("consider", "plan", "approve", "say", "declare"):
            return Stage.CONSIDERED
        return state
    unrealised = state in (Base.OPEN, Base.NOUN)
    match kind:
        case "plan":
            return (
                state
                if state in (Stage.REJECTED, Stage.REVERSED, Stage.CONSIDERED, Stage.ADVOCATED, Base.DONE)
                else Stage.ANNOUNCED
            )
        case "declare":
            if unrealised:
                return Stage.SUSPENDED if action is Action.SUSPEND and state is Base.NOUN else Stage.ANNOUNCED
            return state
        case "consider":
            return state if state in (Stage.REJECTED, Stage.REVERSED, Stage.ADVOCATED) else Stage.CONSIDERED
        case "approve":
            if state in (Base.OPEN, Base.NOUN, Base.PROGRESS, Stage.CONSIDERED, Stage.ANNOUNCED):
                return Stage.APPROVED
            return state
        case "notify":
            return Stage.NOTIFIED if unrealised or state in (Base.PROGRESS, Stage.ANNOUNCED, Stage.APPROVED) else state
        case "effect":
            if unrealised:
                return Stage.SUSPENDED if action is Action.SUSPEND else Stage.EFFECTIVE
            return state
        case "advocate":
            if state in (Stage.REJECTED, Stage.REVERSED):
                return Dead.AGAINST
            return Stage.ADVOCATED if state is not Base.DONE else state
        case "reject":
            if state is Stage.REJECTED:
                return Stage.CONSIDERED
            return state if state in (Base.DONE, Stage.REVERSED) else Stage.REJECTED
        case "negate":
            if state is Stage.REJECTED:
                return Stage.CONSIDERED
            if state is Stage.REVERSED:
                return Dead.AGAINST
            return Stage.REJECTED
        case "undo":
            if adjacent and state in (Base.NOUN, Stage.ANNOUNCED, Stage.NOTIFIED, Stage.CONSIDERED, Stage.APPROVED):
                return Stage.REVERSED
            return state
        case "react":
            return Stage.ANNOUNCED if unrealised else state
        case "hypothetical" if state in (Stage.ADVOCATED, Stage.REJECTED):
            return Dead.HYPOTHETICAL
        case "hypothetical":
            return (
                Dead.HYPOTHETICAL
                if state in (Base.OPEN, Base.NOUN, Base.DONE, Base.PROGRESS, Stage.ANNOUNCED, Stage.EFFECTIVE)
                else state
            )
        case "talk" if adjacent:
            return Dead.HISTORICAL
        case "talk":
            return Dead.HISTORICAL if state in (Base.OPEN, Base.NOUN, Base.PROGRESS) else state
        case _:
            return state


@dataclass
class _Walk:
    """What the walk to the left met."""

    operators: list[Operator] = field(default_factory=list)
    subjects: list[ActorMention] = field(default_factory=list)
    past_boundary: bool = False
    relative: bool = False
    boundary: str = ""
    leading_if: bool = False
    left: int = 0


def weigh(sentence: Sentence, link: Link, lexicon: Lexicon, cues: Phrases[str], day: date | None) -> Verdict:
    """Give the stage that the sentence reports for the link, or the reason for none; `day` is the item's date."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    rules = [link.rule]
    start = min([act.start, *(actor.start for actor in link.whom if actor.start < act.start)])
    if link.rule.endswith(".compound") or link.passive:
        start = min(start, link.treaty.start)
    walk = _walk_left(sentence, link, lexicon, start)
    state = _base(sentence, link, lexicon, walk)
    family = act.family
    if family.stays:
        state = _staying(sentence, link, walk, words.negate_words)
        rules.append("stays")
    elif family.returns:
        state = _returning(sentence, state, walk, link)
        rules.append("returns")
    else:
        inner = start
        for operator in _governing(sentence, walk.operators, start, lexicon):
            reach = _REVIVE if isinstance(state, Dead) else _UNDO_REACH
            adjacent = inner - operator.end <= reach and "," not in norms[operator.end : inner]
            kind = operator.kind
            if norms[operator.start] in words.backshifted and _told_in_past(sentence, walk, operator, lexicon):
                kind = "plan"
            bent = bend(state, kind, link.action, adjacent)
            if bent is not state:
                rules.append(f"{operator.kind}:{' '.join(norms[operator.start : operator.end])}")
            state = bent
            inner = operator.start
            if state is Dead.HYPOTHETICAL and norms[operator.start] in words.if_words:
                break  # "options are open if X leaves": what stands before an "if" does not make it real
        if (
            any(operator.kind == "plan" for operator in walk.operators[:2])
            and set(norms[link.after : link.after + 14]) & words.verdicts
        ):
            state = Stage.REVERSED
            rules.append("verdict")
        if state in (Base.NOUN, Base.OPEN) or (act.form is WordForm.NOUN and isinstance(state, Base)):
            state, right = _bend_right(sentence, link, state, lexicon)
            rules += right
    if link.stage is not None and state in (Base.DONE, Base.OPEN, Base.NOUN):
        state = link.stage
    conditional = cues_within(cues, norms, link.after, link.after + 25, "conditional")
    stage, reason = _settle(sentence, link, lexicon, walk, state, day, cues, conditional)
    if (
        conditional
        and stage in (Stage.ANNOUNCED, Stage.EFFECTIVE, Stage.APPROVED)
        and any(o.kind in ("plan", "say", "consider") for o in walk.operators)
    ):
        stage = Stage.CONSIDERED
        rules.append("conditional")
    if stage is Stage.ANNOUNCED and set(norms[: link.act.start]) & words.unnamed:
        stage = Stage.CONSIDERED
        rules.append("unnamed-source")
    tail = norms[link.after : link.after + 4]
    if stage is Stage.EFFECTIVE and set(tail) & words.agents and set(tail) & words.signing:
        stage = Stage.APPROVED
        rules.append("by-decree")
    institution = _institution(sentence, walk, link, lexicon)
    if (
        stage is Stage.EFFECTIVE
        and state is Base.DONE
        and institution in (Institution.LOWER_HOUSE, Institution.UPPER_HOUSE, Institution.COMMITTEE)
    ):
        stage = Stage.APPROVED
        rules.append("institution")
    if (
        stage is Stage.APPROVED
        and link.action is Action.SUSPEND
        and institution in (Institution.HEAD_OF_STATE, None)
        and _signs(sentence, walk, words.signing)
    ):
        stage = Stage.SUSPENDED
        rules.append("signed-suspension")
    hedge = Hedge.NONE
    if conditional:
        hedge = Hedge.CONDITIONAL
    elif stage is Stage.CONSIDERED:
        hedge = Hedge.POSSIBLE
    elif cues_within(cues, norms, 0, len(norms), "reported"):
        hedge = Hedge.REPORTED
    speech = next((o for o in walk.operators if o.kind in ("say", "declare")), None)
    return Verdict(
        stage,
        reason,
        hedge,
        institution,
        tuple(walk.operators),
        tuple(rules),
        speech,
        walk.subjects[0] if walk.subjects else None,
    )


def _told_in_past(sentence: Sentence, walk: _Walk, would: Operator, lexicon: Lexicon) -> bool:
    """Tell "said it would leave", which reports a will, from "says it would leave", which is a condition."""
    tellers = [o for o in walk.operators if o.kind in ("say", "declare", "plan") and o.end <= would.start]
    return any(sentence.norms[o.start].endswith(lexicon.words.past_endings) for o in tellers)


def _governing(sentence: Sentence, operators: list[Operator], start: int, lexicon: Lexicon) -> list[Operator]:
    """Leave out operators that govern another verb ("the plan to refer Iran or face …"); "a vote" is a noun."""
    words, norms = lexicon.words, sentence.norms
    kept: list[Operator] = []
    inner = start
    for operator in operators:
        gap = norms[operator.end : inner]
        other = any(
            word == words.infinitive
            and following.isalpha()
            and following not in words.articles
            and following not in words.adverbs
            and following not in lexicon.institution_words
            and following not in words.officials
            and not any(actor.start == operator.end + i + 1 for actor in sentence.actors)
            for i, (word, following) in enumerate(pairwise(gap))
        )
        if (
            other
            and operator.kind in ("plan", "declare", "approve", "consider", "undo")
            and not set(gap) & words.complementizers
        ):
            continue
        if norms[operator.start] in words.near_only and operator.end - operator.start == 1 and len(gap) > 2:
            continue
        before = norms[operator.start - 1] if operator.start else ""
        if operator.kind == "approve" and before in words.articles and norms[operator.start] in words.nouns_too:
            operator = Operator(operator.start, operator.end, "consider")
        kept.append(operator)
        inner = operator.start
    return kept


def cues_within(cues: Phrases[str], norms: list[str], start: int, end: int, kind: str) -> bool:
    """Tell whether a cue of that kind stands in norms[start:end]."""
    return any(
        found.payload == kind and found.end <= end
        for position in range(start, min(end, len(norms)))
        for found in cues.at(norms, position)
    )


def _walk_left(sentence: Sentence, link: Link, lexicon: Lexicon, start: int) -> _Walk:
    words, norms, act = lexicon.words, sentence.norms, link.act
    walk = _Walk()
    ends = {operator.end: operator for operator in sentence.operators}
    actors = {actor.end: actor for actor in sentence.actors}
    finite = act.form in (WordForm.PRESENT, WordForm.PAST, WordForm.PARTICIPLE)
    coordinated = False
    position = start
    while position > 0:
        operator = ends.get(position)
        if operator is not None and operator.end <= start:
            if not coordinated:
                walk.operators.append(operator)
            position = operator.start
            continue
        actor = actors.get(position)
        if actor is not None and actor.acts:
            walk.subjects.append(actor)
            position = actor.start
            continue
        norm = norms[position - 1]
        if norm == "," and _closes_insertion(sentence, link, position, lexicon):
            position = _opening(norms, position - 1)  # "votes, 52 to 48, to leave"
            continue
        if norm in (";", ":", "—", "–", "|", "-") or (
            norm == ","
            and _subject(sentence, walk, lexicon) is not None
            and not _apposed(sentence, position - 1, lexicon)
        ):
            walk.boundary = norm
            break
        if norm in words.relatives:
            walk.relative = True
            break
        if norm in words.complementizers and act.form in _PAST_FORMS and not _reports(sentence, position - 1):
            walk.relative = True
            break
        if norm in words.boundaries:
            walk.boundary = norm
            walk.past_boundary = norm in words.past_boundaries
            break
        if norm in words.conjunctions and norm != "," and finite and position >= act.start - 1:
            coordinated = True
        position -= 1
    walk.left = position
    walk.leading_if = norms[0] in words.if_words and start > 0 and "," in norms[:start]
    return walk


def _closes_insertion(sentence: Sentence, link: Link, position: int, lexicon: Lexicon) -> bool:
    """Tell the second comma of an insertion before "to": what lies between the commas bends nothing."""
    norms = sentence.norms
    return (
        position < len(norms)
        and norms[position] == lexicon.words.infinitive
        and position >= link.act.start - 3
        and _opening(norms, position - 1) > 0
    )


def _opening(norms: list[str], comma: int) -> int:
    """Give the place of the comma that opens the insertion which `comma` closes; 0 where there is none near."""
    return next((i for i in range(comma - 1, max(comma - 16, 0), -1) if norms[i] == ","), 0)


def _reports(sentence: Sentence, that: int) -> bool:
    """Tell whether a "that" belongs to a verb of saying before it, and is no relative."""
    kinds = ("say", "declare", "react", "notify", "reject", "plan", "consider", "advocate")
    return any(operator.kind in kinds and operator.end <= that for operator in sentence.operators)


def _apposed(sentence: Sentence, comma: int, lexicon: Lexicon) -> bool:
    """Tell a comma of a list of actors from one that ends a clause: "Estonia, Latvia and Lithuania leave"."""
    before = any(actor.end == comma for actor in sentence.actors)
    after = any(actor.start in (comma + 1, comma + 2) for actor in sentence.actors)
    return before and after


def _subject(sentence: Sentence, walk: _Walk, lexicon: Lexicon) -> ActorMention | None:
    return next((actor for actor in walk.subjects if subject_position(sentence, actor, lexicon)), None)


def subject_position(sentence: Sentence, actor: ActorMention, lexicon: Lexicon) -> bool:
    """Tell whether an actor can be who acts: not the object of a preposition, unless of "the government of"."""
    words, norms = lexicon.words, sentence.norms
    position = actor.start - 1
    while position >= 0 and (norms[position] in words.articles - {"'s"} or norms[position] in words.adverbs):
        position -= 1
    if position < 0:
        return True
    norm = norms[position]
    over = next((o for o in sentence.operators if o.start <= position < o.end), None)
    if over is not None:
        told = over.kind == "notify" or norms[over.start] in words.told
        return not (told and over.end == position + 1)  # "notifies the European Council of": whom one tells
    if norm not in words.prepositions:
        return True
    if norm not in ("of", "in") or position == 0:
        return False
    if norms[position - 1] not in words.officials and norms[position - 1] not in words.institution_nouns:
        return False
    before = next(
        (n for n in reversed(norms[max(0, position - 6) : position - 1]) if n in words.prepositions or n in ",;:"), ""
    )
    return before not in words.prepositions or before in ("of", "in", "on", "for")


def _base(sentence: Sentence, link: Link, lexicon: Lexicon, walk: _Walk) -> State:
    words, norms, act = lexicon.words, sentence.norms, link.act
    if act.form is WordForm.NOUN:
        return Base.NOUN
    before = act.start - 1
    while before >= 0 and (norms[before] in words.adverbs or norms[before] == "not"):
        before -= 1
    previous = norms[before] if before >= 0 else ""
    if link.passive:
        around = norms[link.treaty.end : act.start]
        return Base.PROGRESS if "being" in around else Base.DONE
    if act.form is WordForm.GERUND:
        if previous in words.be:
            return Base.PROGRESS
        if previous == "," and not act.family.weak:
            return Base.DONE
        owned = any(actor.end == before + 1 for actor in sentence.actors) or previous == "'s"
        inner = walk.operators[0] if walk.operators else None
        if owned and (
            inner is None or inner.kind not in ("advocate", "consider", "reject", "undo", "approve", "react")
        ):
            return Dead.HYPOTHETICAL
        if (
            previous in words.prepositions
            and (inner is None or before - inner.end > 1)
            and previous not in ("of", "from", "for", "on")
        ):
            return Dead.HISTORICAL
        return Base.OPEN
    if act.form is WordForm.BASE:
        if any(operator.kind == "advocate" for operator in walk.operators):
            return Base.OPEN  # "demand that the government withdraw"
        if previous == words.infinitive or any(operator.end in (before + 1, act.start) for operator in walk.operators):
            return Base.OPEN
        return Base.DONE
    if previous in words.pluperfect:
        return Dead.HISTORICAL
    if previous == words.infinitive:
        return Base.OPEN
    if (
        act.form is WordForm.PARTICIPLE
        and act.family.takes == "from"
        and not (previous in words.perfect or previous in words.be)
    ):
        # "troops withdrawn from": a participle that only describes, unless the word is the past tense too
        return (
            Base.DONE
            if any(True for f in sentence.acts if f.start == act.start and f.form is WordForm.PAST)
            else Dead.HISTORICAL
        )
    return Base.DONE


def _staying(sentence: Sentence, link: Link, walk: _Walk, negations: frozenset[str]) -> State:
    kinds = [operator.kind for operator in walk.operators]
    if link.act.form is WordForm.GERUND:
        return Dead.AGAINST
    if "advocate" in kinds or "hypothetical" in kinds or "consider" in kinds:
        return Dead.AGAINST
    if "negate" in kinds or "reject" in kinds:
        return Stage.ANNOUNCED
    if walk.subjects and ("plan" in kinds or "declare" in kinds or "approve" in kinds):
        return Stage.REJECTED
    return Dead.AGAINST


def _returning(sentence: Sentence, state: State, walk: _Walk, link: Link) -> State:
    kinds = [operator.kind for operator in walk.operators]
    if isinstance(state, Dead):
        return state
    if any(kind in kinds for kind in ("hypothetical", "advocate", "negate", "reject", "talk", "consider")):
        return Dead.AGAINST
    if state is Base.DONE or any(kind in kinds for kind in ("plan", "declare", "approve", "notify", "effect")):
        return Stage.REVERSED
    act = link.act
    if state is Base.OPEN and act.form is WordForm.BASE and any(actor.end == act.start - 1 for actor in walk.subjects):
        return Stage.REVERSED  # "Gabon to rejoin OPEC"
    return Stage.REVERSED if state is Base.PROGRESS else Dead.AGAINST


def _bend_right(sentence: Sentence, link: Link, state: State, lexicon: Lexicon) -> tuple[State, list[str]]:
    rules: list[str] = []
    subject = link.act.form is WordForm.GERUND and state is Base.OPEN
    if link.act.form is not WordForm.NOUN and not subject:
        return state, rules
    words, norms = lexicon.words, sentence.norms
    small = words.be | words.future | words.perfect | words.adverbs
    for operator in sentence.operators:
        gap = norms[link.after : operator.start]
        if operator.start < link.after or operator.kind not in _RIGHT_KINDS or len(gap) > _RIGHT:
            continue
        if any(norm not in small and norm not in words.future for norm in gap):
            continue
        bent = bend(state, operator.kind, link.action, adjacent=True)
        if bent is Stage.EFFECTIVE and set(gap) & words.future:
            bent = Stage.ANNOUNCED  # "the exit will take effect"
        if bent is not state:
            rules.append(f"right.{operator.kind}:{' '.join(norms[operator.start : operator.end])}")
        state = bent
    return state, rules


def _settle(
    sentence: Sentence,
    link: Link,
    lexicon: Lexicon,
    walk: _Walk,
    state: State,
    day: date | None,
    cues: Phrases[str],
    conditional: bool,
) -> tuple[Stage | None, Reason | None]:
    """Turn what is left into a stage or a reason."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    if isinstance(state, Dead):
        return None, Reason(state.value)
    past = act.form in _PAST_FORMS
    if walk.relative:
        return None, Reason.HISTORICAL
    if walk.leading_if or (
        act.form is WordForm.GERUND and state is Base.OPEN and _modal_after(sentence, link, lexicon)
    ):
        return None, Reason.HYPOTHETICAL
    if walk.left <= 1 and walk.boundary in words.initial_background:
        return None, Reason.HISTORICAL
    if walk.past_boundary and not (_headline(sentence) and _live(sentence, link, walk, lexicon)):
        return None, Reason.HISTORICAL
    if walk.past_boundary and (
        past or act.form in (WordForm.NOUN, WordForm.GERUND) or walk.boundary in words.never_live
    ):
        return None, Reason.HISTORICAL
    if sentence.question or cues_within(cues, norms, 0, 2, "no_news"):
        return None, Reason.HYPOTHETICAL
    if (past or act.form is WordForm.NOUN) and (
        _old_year(sentence, link, walk, lexicon, day)
        or cues_within(cues, norms, walk.left, min(len(norms), link.after + 8), "old")
    ):
        return None, Reason.HISTORICAL
    if state is Base.NOUN:
        return None, Reason.HISTORICAL
    if (
        state is Base.OPEN
        and act.start == 0
        and act.form is WordForm.GERUND
        and link.whom_explicit
        and sentence.field == "title"
    ):
        return Stage.APPROVED, None  # the title of an order: "Withdrawing the United States from ..."
    if state is Base.OPEN:
        # "Poland to leave the treaty": a headline's future is the bare infinitive after its subject
        if (
            act.form is WordForm.BASE
            and walk.subjects
            and norms[act.start - 1] == words.infinitive
            and _touches(sentence, walk.subjects[0], act.start - 1, lexicon)
        ):
            return Stage.ANNOUNCED, None
        return None, Reason.HYPOTHETICAL
    if state is Base.PROGRESS:
        return (Stage.SUSPENDED if link.action is Action.SUSPEND else Stage.ANNOUNCED), None
    if state is Base.DONE:
        return (Stage.SUSPENDED if link.action is Action.SUSPEND else Stage.EFFECTIVE), None
    assert isinstance(state, Stage)
    return state, None


def _modal_after(sentence: Sentence, link: Link, lexicon: Lexicon) -> bool:
    return any(
        norm in lexicon.words.future or norm in ("would", "could", "may", "might")
        for norm in sentence.norms[link.after : link.after + 3]
    )


def _headline(sentence: Sentence) -> bool:
    """Tell a headline from a sentence of running text: short, and without a full stop."""
    return len(sentence.tokens) <= 16 and sentence.norms[-1] not in (".", "!")


def _live(sentence: Sentence, link: Link, walk: _Walk, lexicon: Lexicon) -> bool:
    """Tell whether a clause after "after" is in the present: "markets fall after Britain votes to leave"."""
    words = lexicon.words
    verbs = [sentence.norms[operator.start] for operator in walk.operators]
    if any(verb.endswith(words.past_endings) for verb in verbs):
        return False
    return link.act.form is WordForm.PRESENT or (link.act.form is not WordForm.NOUN and bool(verbs))


def _touches(sentence: Sentence, actor: ActorMention, position: int, lexicon: Lexicon) -> bool:
    between = sentence.norms[actor.end : position]
    return len(between) <= 3 and all(
        norm in lexicon.words.officials or norm in lexicon.words.adverbs or norm == "'s" for norm in between
    )


def _old_year(sentence: Sentence, link: Link, walk: _Walk, lexicon: Lexicon, day: date | None) -> bool:
    norms = sentence.norms
    inside = {i for treaty in sentence.treaties for i in range(treaty.start, treaty.end)}
    for position in range(walk.left, min(len(norms), link.after + 9)):
        norm = norms[position]
        if not (len(norm) == 4 and norm.isdigit() and norm[:2] in ("19", "20")) or position in inside:
            continue
        if link.act.start < position < link.after:
            continue
        if day is not None and int(norm) < day.year:
            return True
        if day is None and link.act.form in _PAST_FORMS and norms[position - 1] in lexicon.words.year_prepositions:
            return True
    return False


def _institution(sentence: Sentence, walk: _Walk, link: Link, lexicon: Lexicon) -> Institution | None:
    """Give the organ named nearest before the act (or before the outermost operator that is bent by an organ)."""
    for actor in walk.subjects:
        if actor.form.institution is not None:
            return actor.form.institution
    norms = sentence.norms
    treaty = {i for mention in sentence.treaties if mention.named for i in range(mention.start, mention.end)}
    for position in range(link.act.start - 1, walk.left - 1, -1):
        if position in treaty:
            continue
        for found in lexicon.institution_phrases.at(norms, position):
            if found.end <= link.act.start:
                return found.payload
    return None


def _signs(sentence: Sentence, walk: _Walk, signing: frozenset[str]) -> bool:
    return any(norm in signing for operator in walk.operators for norm in sentence.norms[operator.start : operator.end])
