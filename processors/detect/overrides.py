"""Correct a stage by what else the sentence says: press tense is no step, an organ, a date or a condition is.

"Finland leaves the treaty" at a vote is approved, with a date to come it is announced. Each rule is a function of its
own that gives the new stage or none; they are asked in order, and a later one sees what an earlier one changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from processors.detect.bend import Base, State
from processors.detect.lexicon import Lexicon
from processors.detect.reading import Link, Sentence, WordForm
from processors.detect.walk import Walk
from treatywatch.actors import FormKind
from treatywatch.model import Action, Institution, Stage

_DECIDING = (Institution.LOWER_HOUSE, Institution.UPPER_HOUSE, Institution.COMMITTEE)
_NOTICE = 8  # words after the instrument in which a notice explains the tense
_OPENING = 8  # words of an opening that names the organ or the decree
_BESIDE = 14  # words after the instrument in which a vote still explains the tense


@dataclass(frozen=True, slots=True)
class Around:
    """What the rules look at."""

    sentence: Sentence
    link: Link
    lexicon: Lexicon
    walk: Walk
    state: State
    conditional: bool
    institution: Institution | None


Rule = Callable[[Around, Stage], Stage | None]


def _condition(around: Around, stage: Stage) -> Stage | None:
    """A plan under a condition is a threat: "will quit the treaty if …"."""
    planned = any(o.kind in ("plan", "say", "consider") for o in around.walk.operators)
    if any(o.kind == "declare" for o in around.walk.operators):
        return None  # an announcement stands, whatever could still stop it
    real = stage in (Stage.ANNOUNCED, Stage.EFFECTIVE, Stage.APPROVED)
    return Stage.CONSIDERED if around.conditional and real and planned else None


def _unnamed_source(around: Around, stage: Stage) -> Stage | None:
    """What sources without a name tell of is at most considered."""
    before = around.sentence.norms[: around.link.act.start]
    return Stage.CONSIDERED if stage is Stage.ANNOUNCED and set(before) & around.lexicon.words.unnamed else None


def _decree(around: Around, stage: Stage) -> Stage | None:
    """ "Pulls the country out by decree": the signature is the step."""
    words = around.lexicon.words
    subject = around.sentence.norms[max(0, around.link.act.start - 1) : around.link.act.start]
    if stage is Stage.EFFECTIVE and around.state is Base.DONE and set(subject) & around.lexicon.words.law_nouns:
        return Stage.APPROVED  # "Erdogan's decree takes Turkey out"
    tail = set(around.sentence.norms[around.link.after : around.link.after + 4])
    return Stage.APPROVED if stage is Stage.EFFECTIVE and tail & words.agents and tail & words.signing else None


def _organ_acts(around: Around, stage: Stage) -> Stage | None:
    """ "Parliament revokes the agreement": a house that acts has approved."""
    bare = stage is Stage.EFFECTIVE and around.state is Base.DONE
    norms, left, act = around.sentence.norms, around.walk.left, around.link.act
    decides = any(norms[o.start] in around.lexicon.words.deciding_verbs for o in around.walk.operators[:2])
    bare = bare or (stage is Stage.ANNOUNCED and decides)
    cabinet = any(around.lexicon.small_at(norms, i, "deciding") for i in range(left, act.start))
    return Stage.APPROVED if bare and (around.institution in _DECIDING or cabinet) else None


def _confirmed(around: Around, stage: Stage) -> Stage | None:
    """ "The president confirms the withdrawal": a head of state who confirms a decided exit approves it."""
    if stage is not Stage.ANNOUNCED or around.link.act.form is not WordForm.NOUN:
        return None
    if around.institution is not Institution.HEAD_OF_STATE or not around.walk.operators:
        return None
    inner = around.walk.operators[0]
    near = around.link.act.start - inner.end <= 3
    return Stage.APPROVED if near and around.sentence.norms[inner.start] in around.lexicon.words.confirming else None


def _asks_house(around: Around, stage: Stage) -> Stage | None:
    """ "The president asks parliament to leave": those who govern put it to the house, which has not decided."""
    if stage is not Stage.ADVOCATED:
        return None
    call = next((o for o in around.walk.operators if o.kind == "advocate"), None)
    if call is None or around.sentence.norms[call.start] not in around.lexicon.words.asking:
        return None
    phrases, norms = around.lexicon.institution_phrases, around.sentence.norms
    asked = any(f.payload in _DECIDING for i in range(call.end, call.end + 3) for f in phrases.at(norms, i))
    own = any(
        f.payload in (Institution.GOVERNMENT, Institution.HEAD_OF_STATE)
        for i in range(around.walk.left, call.start)
        for f in phrases.at(norms, i)
    )
    holder = any(a.form.kind is FormKind.HOLDER and a.end <= call.start for a in around.sentence.actors)
    return Stage.CONSIDERED if asked and (own or holder) else None


def _vote_beside(around: Around, stage: Stage) -> Stage | None:
    """ "Quits the treaty after parliament vote": the vote is the step, not the tense."""
    if stage is not Stage.EFFECTIVE or around.state is not Base.DONE:
        return None
    return Stage.APPROVED if organ_beside(around.sentence, around.link, around.lexicon) else None


def _by_notice(around: Around, stage: Stage) -> Stage | None:
    """ "Begins to leave by notifying the depositary": the notice is the step."""
    norms, after = around.sentence.norms, around.link.after
    notices = [o for o in around.sentence.operators if o.kind == "notify" and after <= o.start <= after + 6]
    words, organs = around.lexicon.words, around.lexicon.institution_phrases
    by = any(o.start and norms[o.start - 1] in words.agents for o in notices)
    behind = range(after, min(after + _NOTICE, len(norms)))
    with_paper = any(norms[i] in words.with_papers and set(norms[i + 1 : i + 4]) & words.papers for i in behind)
    receivers = [f for i in behind for f in organs.at(norms, i) if f.payload is Institution.DEPOSITARY]
    received = any(set(norms[f.end : f.end + 2]) & words.receiving for f in receivers)
    by = by or with_paper or received  # "formalises its departure with a letter", "… as the UN receives its notice"
    return Stage.NOTIFIED if by and stage in (Stage.ANNOUNCED, Stage.APPROVED, Stage.EFFECTIVE) else None


def _signed_suspension(around: Around, stage: Stage) -> Stage | None:
    """A head of state who signs a suspension suspends: nothing else has to happen."""
    signer = around.institution in (Institution.HEAD_OF_STATE, None)
    ordered = stage is Stage.ANNOUNCED and around.institution is Institution.HEAD_OF_STATE
    if around.link.action is not Action.SUSPEND or not signer or not (stage is Stage.APPROVED or ordered):
        return None
    norms, signing = around.sentence.norms, around.lexicon.words.signing
    signed = any(set(norms[o.start : o.end]) & signing for o in around.walk.operators)
    return Stage.SUSPENDED if signed else None


def _court_blocks(around: Around, stage: Stage) -> Stage | None:
    """A court that blocks an exit undoes what was decided."""
    blocked = stage is Stage.REJECTED and around.institution is Institution.COURT
    return Stage.REVERSED if blocked else None


def _at_once(around: Around, stage: Stage) -> Stage | None:
    """A suspension that is announced "with immediate effect" is one."""
    if stage is not Stage.ANNOUNCED or around.link.action is not Action.SUSPEND:
        return None
    near = range(around.link.after, min(around.link.after + 4, len(around.sentence.norms)))
    phrases = around.lexicon.immediate_phrases
    at_once = any(True for i in near for _ in phrases.at(around.sentence.norms, i))
    return Stage.SUSPENDED if at_once else None


def _opening_organ(around: Around, stage: Stage) -> Stage | None:
    """ "In a referendum, the people decide to leave", "By decree, Turkey withdraws": the opening names the step."""
    words, norms = around.lexicon.words, around.sentence.norms
    bare = stage is Stage.EFFECTIVE and around.state is Base.DONE
    if not (bare or stage is Stage.ANNOUNCED) or "," not in norms[:_OPENING] or norms[0] not in words.prepositions:
        return None
    opening = norms[: norms.index(",")]
    if len(opening) > around.link.act.start:
        return None
    found = (f.payload for i in range(len(opening)) for f in around.lexicon.institution_phrases.at(opening, i))
    voted = Institution.REFERENDUM in found and stage is Stage.ANNOUNCED
    decreed = norms[0] in words.agents and not (words.law_nouns | words.signing).isdisjoint(opening)
    suspends = around.link.action is Action.SUSPEND
    return Stage.APPROVED if (voted or decreed) and not suspends else None


def _voters(around: Around, stage: Stage) -> Stage | None:
    """Voters who choose to leave have decided."""
    return Stage.APPROVED if stage is Stage.ANNOUNCED and around.institution is Institution.REFERENDUM else None


def _no_power(around: Around, stage: Stage) -> Stage | None:
    """What an opposition or a candidate promises is a call: they cannot decide."""
    if stage not in (Stage.ANNOUNCED, Stage.CONSIDERED):
        return None
    norms, link = around.sentence.norms, around.link
    promise = around.lexicon.small_within(norms, link.after, link.after + 6, "elected")
    nearest = around.walk.operators[-1].start if around.walk.operators else link.act.start
    start = 0 if around.walk.boundary == ":" else around.walk.left  # "Opposition leader: we must leave"
    voice = around.lexicon.small_within(norms, start, nearest, "voice")
    reported = any(o.kind == "react" for o in around.walk.operators)
    return Stage.ADVOCATED if promise or (voice and not reported) else None


RULES: tuple[tuple[str, Rule], ...] = (
    ("conditional", _condition),
    ("unnamed-source", _unnamed_source),
    ("by-decree", _decree),
    ("organ-acts", _organ_acts),
    ("confirmed", _confirmed),
    ("opening-organ", _opening_organ),
    ("voters", _voters),
    ("at-once", _at_once),
    ("no-power", _no_power),
    ("asks-house", _asks_house),
    ("vote-beside", _vote_beside),
    ("by-notice", _by_notice),
    ("court-blocks", _court_blocks),
    ("signed-suspension", _signed_suspension),  # last: it asks for what the organs approved
)


def override(around: Around, stage: Stage) -> tuple[Stage, list[str]]:
    """Ask every rule in order; give the stage that stands at the end and the names of the rules that changed it."""
    fired = []
    for name, rule in RULES:
        changed = rule(around, stage)
        if changed is not None and changed is not stage:
            stage = changed
            fired.append(name)
    return stage, fired


def organ_beside(sentence: Sentence, link: Link, lexicon: Lexicon) -> Institution | None:
    """Give the house that votes or the head of state who signs in the words after the instrument."""
    norms, end = sentence.norms, min(len(sentence.norms), link.after + _BESIDE)
    voting = any(norm in lexicon.words.nouns_too for norm in norms[link.after : end])
    voting = voting or any(o.kind == "approve" and link.after <= o.start < end for o in sentence.operators)
    if not voting:
        return None
    named = next(
        (a.form.institution for a in sentence.actors if link.after <= a.start < end and a.form.institution), None
    )
    if named is not None:
        return named
    for position in range(link.after, end):
        for found in lexicon.institution_phrases.at(norms, position):
            if found.payload in (*_DECIDING, Institution.HEAD_OF_STATE):
                return found.payload
    return None
