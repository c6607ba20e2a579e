"""Weigh what stands around a link: from the act outwards, each word that bends it is applied to what is inside it.

The order is the meaning, so the words are walked from the act to the left (`walk.py`), applied one by one (`bend.py`)
and settled (`settle.py`); a noun that is the subject ("the exit takes effect") is bent from the right as well.
"""

from __future__ import annotations

from datetime import date

from processors.detect.bend import Base, Dead, State, bend
from processors.detect.ellipsis import EXCEPTED
from processors.detect.lexicon import Lexicon
from processors.detect.overrides import Around, organ_beside, override
from processors.detect.phrases import Phrases
from processors.detect.reading import Link, Operator, Sentence, Verdict, WordForm
from processors.detect.settle import cues_within, settle
from processors.detect.walk import Walk, governing, told_in_past, walk_left
from treatywatch.model import Action, Hedge, Institution, Reason, Stage

_RIGHT = 5  # small words between the instrument and a verb that speaks of the exit
_RIGHT_KINDS = frozenset({"effect", "approve", "undo", "reject", "consider", "notify"})
_UNDO_REACH = 7  # words between "revokes" and the exit that it revokes
_REVIVE = 2  # words between "considers" and the "whether" that it takes


def weigh(sentence: Sentence, link: Link, lexicon: Lexicon, cues: Phrases[str], day: date | None) -> Verdict:
    """Give the stage that the sentence reports for the link, or the reason for none; `day` is the item's date."""
    words, norms, act = lexicon.words, sentence.norms, link.act
    rules = [link.rule]
    start = min([act.start, *(actor.start for actor in link.whom if actor.start < act.start)])
    if link.rule.endswith(".compound") or link.passive:
        start = min(start, link.treaty.start)
    walk = walk_left(sentence, link, lexicon, start)
    state = _base(sentence, link, lexicon, walk)
    family = act.family
    if family.stays:
        state = _staying(link, walk)
        rules.append("stays")
    elif family.admission and set(norms) & words.shut_out:
        state = Dead.AGAINST  # a member that had been suspended is let in again: no exit is undone
    elif family.returns:
        state = _returning(sentence, state, walk, link, words.conjunctions)
        rules.append("returns")
    else:
        inner = start
        undone: Stage | None = None
        for operator in governing(sentence, walk.operators, start, lexicon):
            reach = _REVIVE if isinstance(state, Dead) else _UNDO_REACH
            adjacent = inner - operator.end <= reach and "," not in norms[operator.end : inner]
            kind = operator.kind
            if link.rule.startswith("frame.") and link.stage is not None and kind == "notify":
                continue  # "tells the UN that it is no longer bound"
            if kind == "talk" and norms[operator.end : operator.end + 1] and norms[operator.end] in words.days:
                continue  # "since midnight"
            if operator.end < inner and norms[operator.end] in words.conjunctions and kind == "undo":
                continue  # "has suspended and begun to terminate": two verbs side by side
            if norms[operator.start] in words.sending and set(norms[link.after : link.after + 4]) & words.sent_back:
                kind, state = "undo", Stage.APPROVED if state is Base.OPEN else state
            if kind == "reject" and act.form is WordForm.NOUN and _of_another(link, walk, operator):
                kind = "react"  # "Islamabad rejects India's suspension": it is no less suspended
            led = norms[max(0, operator.start - 6) : operator.start]
            if kind == "advocate" and led and led[-1] == words.infinitive and set(led) & words.causatives:
                state = Dead.HYPOTHETICAL  # "allows ministers to campaign for leaving" is no call yet
            if norms[operator.start] in words.wanting and _calls(sentence, operator, lexicon):
                kind = "advocate"
            if (
                operator.start > 1
                and norms[operator.start - 1] in words.perfect
                and (norms[operator.start - 2] == words.infinitive)
            ):
                state = Dead.HISTORICAL  # "the only state to have announced its withdrawal"
            if norms[operator.start] in words.backshifted and told_in_past(sentence, walk, operator, lexicon):
                kind = "plan"
            bent = bend(state, kind, link.action, adjacent)
            bill = inner - operator.end <= 2 and norms[inner - 1] in words.law_nouns
            if (
                kind == "undo"
                and state is Base.OPEN
                and act.form is WordForm.GERUND
                and (inner == operator.end or bill)
            ):
                bent = Stage.REVERSED  # "reconsider leaving"
            if kind == "advocate" and bent is Dead.AGAINST and undone is not None:
                bent = undone  # "urges the US to reverse its decision": the exit is under way
            if kind == "react" and state is Base.OPEN and act.form is WordForm.GERUND and inner == operator.end:
                bent = Dead.HISTORICAL  # "Britons regret leaving"
            taken = state is Base.NOUN and norms[operator.start] in words.reversing
            if kind == "undo" and bent is Stage.REVERSED and (isinstance(state, Stage) or taken):
                undone = Stage.ANNOUNCED
            elif kind == "undo" and bent is Stage.REVERSED and link.action is Action.SUSPEND:
                undone = Stage.SUSPENDED
            if bent is not state:
                rules.append(f"{operator.kind}:{' '.join(norms[operator.start : operator.end])}")
            state = bent
            inner = operator.start
            if state is Dead.HYPOTHETICAL and norms[operator.start] in words.if_words:
                break  # "options are open if X leaves": what stands before an "if" does not make it real
        if (
            any(operator.kind in ("plan", "notify", "declare") for operator in walk.operators[:2])
            and set(norms[link.after : link.after + 14]) & words.verdicts
        ):
            state = Stage.REVERSED
            rules.append("verdict")
        if state in (Base.NOUN, Base.OPEN) or (act.form is WordForm.NOUN and isinstance(state, Base)):
            state, right = _bend_right(sentence, link, state, lexicon)
            rules += right
    said = (Base.DONE, Base.OPEN, Base.NOUN) if link.rule.startswith("frame.") else (Base.DONE,)
    if link.stage is not None and state in said:
        state = link.stage
    if not isinstance(state, Dead) and lexicon.small_within(norms, link.after, link.after + 8, "denial"):
        state = Stage.REJECTED  # "calls the report of a plan to end the pact untrue"
    if link.rule.endswith(EXCEPTED) and not isinstance(state, Dead):
        state = Stage.REJECTED
    conditional = cues_within(cues, norms, link.after, link.after + 25, "conditional")
    dated = None if any(rule.startswith("right.effect") for rule in rules) else day  # "announced in 2017, takes effect"
    stage, reason = settle(sentence, link, lexicon, walk, state, dated, cues, conditional)
    if family.lapse and stage is not Stage.REVERSED:
        stage, reason = None, Reason.EXPIRY
    institution = _institution(sentence, walk, link, lexicon)
    bare = stage is Stage.EFFECTIVE and state is Base.DONE and not _formal(sentence, link, words.formal)
    if institution is Institution.COURT and stage not in (Stage.REVERSED, Stage.REJECTED, None):
        stage, reason = None, Reason.ORGANISATION_ACTS  # a court annuls; no state leaves
    if stage is not None:
        around = Around(sentence, link, lexicon, walk, state, conditional, institution)
        stage, fired = override(around, stage)
        rules += fired
        if "vote-beside" in fired:
            institution = organ_beside(sentence, link, lexicon)
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
        bare=bare and stage is Stage.EFFECTIVE,
    )


def _base(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk) -> State:
    words, norms, act = lexicon.words, sentence.norms, link.act
    if act.form is WordForm.NOUN:
        return Base.NOUN
    before = act.start - 1
    while before >= 0 and (norms[before] in words.adverbs or norms[before] in words.negate_words):
        before -= 1
    previous = norms[before] if before >= 0 else ""
    if link.passive:
        around = norms[link.treaty.end : act.start]
        return Base.PROGRESS if set(around) & words.progressive else Base.DONE
    if act.form is WordForm.GERUND:
        if previous in words.be:
            return Base.PROGRESS
        if previous == "," and not act.family.weak:
            return Base.DONE
        if norms[act.start - 1] in words.negate_words:
            return Base.PROGRESS  # "Norway not leaving the treaty"
        owned = any(actor.end == before + 1 for actor in sentence.actors) or previous == words.possessive
        inner = walk.operators[0] if walk.operators else None
        if owned and (
            inner is None or inner.kind not in ("advocate", "consider", "reject", "undo", "approve", "react")
        ):
            return Dead.HYPOTHETICAL
        if (
            previous in words.prepositions
            and (inner is None or before - inner.end > 1)
            and previous not in words.object_prepositions
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


def _of_another(link: Link, walk: Walk, operator: Operator) -> bool:
    """Tell whether who rejects the exit is another state than the one whose exit it is."""
    owners = {code for actor in link.whom for code in actor.codes}
    speakers = {code for actor in walk.subjects if actor.end <= operator.start for code in actor.codes}
    return bool(owners and speakers) and not owners & speakers


def _calls(sentence: Sentence, operator: Operator, lexicon: Lexicon) -> bool:
    """Tell "wants Manila to quit", which is a call, from "wants to quit"."""
    position = operator.end
    while position < len(sentence.norms) and sentence.norms[position] in lexicon.words.articles:
        position += 1
    return any(actor.start == position and actor.state for actor in sentence.actors)


def _staying(link: Link, walk: Walk) -> State:
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


def _returning(sentence: Sentence, state: State, walk: Walk, link: Link, conjunctions: frozenset[str]) -> State:
    kinds = [operator.kind for operator in walk.operators]
    if isinstance(state, Dead):
        return state
    if any(kind in kinds for kind in ("hypothetical", "advocate", "negate", "reject", "talk", "consider")):
        return Dead.AGAINST
    if link.act.form is WordForm.BASE and state is Base.DONE and not _plural(sentence, walk, conjunctions):
        return Dead.AGAINST  # "the US return to the accord" is a noun
    if state is Base.DONE or any(kind in kinds for kind in ("plan", "declare", "approve", "notify", "effect")):
        return Stage.REVERSED
    act = link.act
    if state is Base.OPEN and act.form is WordForm.BASE and any(actor.end == act.start - 1 for actor in walk.subjects):
        return Stage.REVERSED  # "Gabon to rejoin OPEC"
    return Stage.REVERSED if state is Base.PROGRESS else Dead.AGAINST


def _plural(sentence: Sentence, walk: Walk, conjunctions: frozenset[str]) -> bool:
    """Tell a subject of several states, after which the base form of a verb is finite."""
    if not walk.subjects:
        return False
    nearest = walk.subjects[0]
    before = sentence.norms[nearest.start - 1] if nearest.start else ""
    return len(nearest.codes) > 1 or before in conjunctions


def _bend_right(sentence: Sentence, link: Link, state: State, lexicon: Lexicon) -> tuple[State, list[str]]:
    rules: list[str] = []
    subject = link.act.form is WordForm.GERUND and state is Base.OPEN
    if link.act.form is not WordForm.NOUN and not subject:
        return state, rules
    words, norms = lexicon.words, sentence.norms
    small = frozenset("\"':") | words.be | words.future | words.perfect | words.adverbs
    after = link.after
    if link.rule.endswith(".compound"):
        while after < len(norms) and (norms[after] in words.drafts or norms[after] == ")" or norms[after].isdigit()):
            after += 1  # "the Withdrawal Agreement Bill receives assent"
    if after < len(norms) and norms[after] == ",":
        closing = next((i for i in range(after + 3, min(after + 16, len(norms))) if norms[i] == ","), 0)
        speaks = any(o.start == closing + 1 and o.kind in ("effect", "approve") for o in sentence.operators)
        after = closing + 1 if closing and speaks else after  # "the exit from X, a pact on Y, takes effect"
    for operator in sentence.operators:
        gap = norms[after : operator.start]
        if operator.start < after or operator.kind not in _RIGHT_KINDS or len(gap) > _RIGHT:
            continue
        if any(norm not in small and norm not in words.scheduled for norm in gap):
            continue
        if norms[operator.start] in words.modals:
            continue  # "the US exit could raise emissions"
        bent = bend(state, operator.kind, link.action, adjacent=True)
        if bent in (Stage.EFFECTIVE, Stage.SUSPENDED) and set(gap) & (words.future | words.scheduled):
            bent = Stage.ANNOUNCED  # "the exit will take effect"
        if bent is not state:
            rules.append(f"right.{operator.kind}:{' '.join(norms[operator.start : operator.end])}")
        state = bent
    if after < len(norms) and norms[after] in words.winning:
        won = [i for i in range(after + 1, after + 7) if lexicon.small_at(norms, i, "won")]
        if won:
            rules.append("right.won")
            state = bend(state, "approve", link.action, adjacent=True)
    return state, rules


def _institution(sentence: Sentence, walk: Walk, link: Link, lexicon: Lexicon) -> Institution | None:
    """Give the organ named nearest before the act (or before the outermost operator that is bent by an organ)."""
    for actor in walk.subjects:
        if actor.form.institution is not None:
            return actor.form.institution
    norms = sentence.norms
    treaty = {i for mention in sentence.treaties if mention.named for i in range(mention.start, mention.end)}
    for position in range(link.act.start - 1, walk.left - 1, -1):
        if position in treaty or position in walk.inserted:
            continue
        for found in lexicon.institution_phrases.at(norms, position):
            if found.end <= link.act.start:
                return found.payload
    return None


def _formal(sentence: Sentence, link: Link, formal: frozenset[str]) -> bool:
    """Tell "formally leaves", which is meant, from a bare present tense, which may be any step."""
    near = sentence.norms[max(0, link.act.start - 2) : link.act.start]
    return link.stage is not None or bool(set(near) & formal)
