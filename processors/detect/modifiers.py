"""Weigh what stands around a link: from the act outwards, each word that bends it is applied to what is inside it.

The order is the meaning: the clause is walked to the left (`walk.py`), the act's own form says where it starts
(`base.py`), the operators are applied one by one (`outward.py`, `right.py`, by the table of `bend.py`), and what is
left is settled (`settle.py`) and corrected by what else the sentence says (`overrides.py`).
"""

from __future__ import annotations

from datetime import date

from processors.detect.base import base, returning, staying
from processors.detect.bend import Base, Dead, State
from processors.detect.ellipsis import EXCEPTED
from processors.detect.lexicon import Lexicon
from processors.detect.outward import outward
from processors.detect.overrides import Around, organ_beside, override
from processors.detect.phrases import Phrases
from processors.detect.reading import Link, Sentence, Verdict, WordForm
from processors.detect.right import bend_right
from processors.detect.settle import Left, cues_within, settle
from processors.detect.walk import Walk, walk_left
from treatywatch.model import Action, Hedge, Institution, Reason, Stage

_DENIED = 8  # words behind the instrument in which "untrue" denies the report
_VERDICT = 14  # words behind the instrument in which "unlawful" undoes the decision
_CONDITION = 25  # words behind the instrument in which an "if" is its condition


def weigh(sentence: Sentence, link: Link, lexicon: Lexicon, cues: Phrases[str], day: date | None) -> Verdict:
    """Give the stage that the sentence reports for the link, or the reason for none; `day` is the item's date."""
    norms = sentence.norms
    start = _start(link)
    walk = walk_left(sentence, link, lexicon, start)
    state, rules = _bent(sentence, link, lexicon, walk, start)
    rules = [link.rule, *rules]
    state = _said_itself(sentence, link, lexicon, walk, state, rules)
    conditional = cues_within(cues, norms, link.after, link.after + _CONDITION, "conditional")
    if conditional and link.act.family.returns and any(o.kind == "plan" for o in walk.operators):
        state = Dead.AGAINST  # "will return to the pact if sanctions fall": nothing is undone yet
    effect = any(rule.startswith("right.effect") for rule in rules)
    behind = (o.end for o in sentence.operators if effect and o.kind == "effect" and o.start >= link.after)
    since = next(behind, 0)  # "announced in 2017, takes effect" is news, "took effect in 2016" is none
    stage, reason, how = settle(Left(sentence, link, lexicon, walk, state, day, cues, since))
    rules.append(how)
    institution = _institution(sentence, walk, link, lexicon)
    stage, reason = _nobody_decides(link, institution, stage, reason, rules)
    bare = stage is Stage.EFFECTIVE and state is Base.DONE and not _formal(sentence, link, lexicon.words.formal)
    if stage is not None:
        stage, fired = override(Around(sentence, link, lexicon, walk, state, conditional, institution), stage)
        rules += fired
        if "vote-beside" in fired:
            institution = organ_beside(sentence, link, lexicon)
    return Verdict(
        stage,
        reason,
        _hedge(sentence, cues, stage, conditional),
        institution,
        tuple(walk.operators),
        tuple(rules),
        next((o for o in walk.operators if o.kind in ("say", "declare")), None),
        walk.subjects[0] if walk.subjects else None,
        bare=bare and stage is Stage.EFFECTIVE,
        inserted=frozenset(walk.inserted),
    )


def _start(link: Link) -> int:
    """Give the place from which the walk goes left: before the owner, and before the name of a compound."""
    start = min([link.act.start, *(actor.start for actor in link.whom if actor.start < link.act.start)])
    return min(start, link.treaty.start) if link.rule.endswith(".compound") or link.passive else start


def _bent(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, start: int) -> tuple[State, list[str]]:
    """Give what the words around make of the act; staying and returning are acts of their own kind."""
    family, words = link.act.family, lexicon.words
    state = base(sentence, link, lexicon, walk)
    if family.stays:
        return staying(sentence, link, walk, lexicon), ["stays"]
    left = any(
        not act.family.returns and not act.family.stays for act in sentence.acts if act.family.action is Action.WITHDRAW
    )
    if family.admission and not left and set(sentence.norms) & words.shut_out:
        return Dead.AGAINST, ["readmitted"]  # a member that had been suspended is let in again: no exit is undone
    if family.returns:
        return returning(sentence, link, walk, state, lexicon), ["returns"]
    state, rules = outward(sentence, link, lexicon, walk, state, start)
    if _found_unlawful(sentence, link, lexicon, walk):
        state = Stage.REVERSED
        rules.append("verdict")
    drafted = state is Stage.CONSIDERED and link.act.form is WordForm.NOUN  # "the bill on the exit has been shelved"
    if state in (Base.NOUN, Base.OPEN) or drafted:
        state, right = bend_right(sentence, link, state, lexicon)
        rules += right
    return state, rules


def _found_unlawful(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk) -> bool:
    """Tell "court finds the notice to quit the treaty unlawful": the verdict stands behind the instrument."""
    decided = any(operator.kind in ("plan", "notify", "declare") for operator in walk.operators[:2])
    return decided and bool(set(sentence.norms[link.after : link.after + _VERDICT]) & lexicon.words.verdicts)


def _said_itself(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, state: State, rules: list[str]) -> State:
    """Apply what the phrase itself says: its own stage, a denial behind it, an exception ("but not the other")."""
    own = (Base.DONE, Base.OPEN, Base.NOUN) if link.rule.startswith("frame.") else (Base.DONE,)
    if link.stage is not None and state in own:
        state = link.stage
    near = range(link.after, link.after + _DENIED)
    if state is Dead.HYPOTHETICAL and any(lexicon.small_at(sentence.norms, i, "elected") for i in near):
        rules.append("if-elected")
        state = Stage.CONSIDERED  # "I would take the country out if elected"
    foreign = len({code for actor in walk.subjects for code in actor.codes}) > len(walk.subjects[:1])
    if state is Stage.REJECTED and foreign and _cannot(sentence, link, lexicon, walk):
        rules.append("told-it-cannot")
        state = Dead.AGAINST  # "Pakistan says India cannot suspend the treaty"
    without = any(o.kind in ("negate", "hypothetical") and o.start == link.after for o in sentence.operators)
    if state is Stage.REJECTED and without and _cannot(sentence, link, lexicon, walk):
        rules.append("cannot-without")
        state = Dead.HYPOTHETICAL  # "ministers cannot start to leave without a vote"
    if not isinstance(state, Dead) and lexicon.small_within(sentence.norms, link.after, link.after + _DENIED, "denial"):
        rules.append("denied")
        state = Stage.REJECTED  # "calls the report of a plan to end the pact untrue"
    if link.rule.endswith(EXCEPTED) and not isinstance(state, Dead):
        state = Stage.REJECTED
    return state


def _cannot(sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk) -> bool:
    return any(sentence.norms[o.start] in lexicon.words.unable for o in walk.operators if o.kind == "negate")


def _nobody_decides(
    link: Link, organ: Institution | None, stage: Stage | None, reason: Reason | None, rules: list[str]
) -> tuple[Stage | None, Reason | None]:
    """Refuse what no state does: an instrument that runs out, an exit that a court annuls."""
    if link.act.family.lapse and stage is not Stage.REVERSED:
        rules.append("no.lapse")
        return None, Reason.EXPIRY
    if organ is Institution.COURT and stage not in (Stage.REVERSED, Stage.REJECTED, None):
        rules.append("no.court")
        return None, Reason.ORGANISATION_ACTS
    return stage, reason


def _hedge(sentence: Sentence, cues: Phrases[str], stage: Stage | None, conditional: bool) -> Hedge:
    """Say how sure the text itself is."""
    if conditional:
        return Hedge.CONDITIONAL
    if stage is Stage.CONSIDERED:
        return Hedge.POSSIBLE
    reported = cues_within(cues, sentence.norms, 0, len(sentence.norms), "reported")
    return Hedge.REPORTED if reported else Hedge.NONE


def _institution(sentence: Sentence, walk: Walk, link: Link, lexicon: Lexicon) -> Institution | None:
    """Give the organ named nearest before the act (or before the outermost operator that is bent by an organ)."""
    for actor in walk.subjects:
        if actor.form.institution is not None:
            return actor.form.institution
    treaty = {i for mention in sentence.treaties if mention.named for i in range(mention.start, mention.end)}
    for position in range(link.act.start - 1, walk.left - 1, -1):
        if position in treaty or position in walk.inserted:
            continue
        for found in lexicon.institution_phrases.at(sentence.norms, position):
            if found.end <= link.act.start:
                return found.payload
    return None


def _formal(sentence: Sentence, link: Link, formal: frozenset[str]) -> bool:
    """Tell "formally leaves", which is meant, from a bare present tense, which may be any step."""
    near = sentence.norms[max(0, link.act.start - 2) : link.act.start]
    return link.stage is not None or bool(set(near) & formal)
