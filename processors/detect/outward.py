"""Go from the act outwards and apply each operator to what stands inside it.

`bend.py` says what a kind of word does; here stand the exceptions, each with the sentence that taught it: operators
that mean another kind in their place. Those that bend nothing after all are in `idle.py`, what comes out otherwise than
the table says in `corrections.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from processors.detect.bend import Base, Dead, State, bend
from processors.detect.corrections import CORRECTIONS
from processors.detect.idle import IDLE
from processors.detect.lexicon import Lexicon
from processors.detect.met import Met
from processors.detect.reading import Link, Sentence, WordForm
from processors.detect.walk import Walk, governing, told_in_past
from treatywatch.model import Action, Institution, Stage

_BILL = 6  # words between a bill and the "would" of what it does
_MOTION = 3  # words behind "files" in which the motion is named
_PROMISE = 8  # words before "would" in which a government that is to come is named
_LED = 6  # words before a call in which "allows … to" makes it no call yet


def outward(
    sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, state: State, start: int
) -> tuple[State, list[str]]:
    """Give what all operators left of `start` make of the act, and the ids of the rules that fired."""
    rules: list[str] = []
    inner, undone = start, None
    for operator in governing(sentence, walk.operators, start, lexicon):
        met = Met(sentence, link, lexicon, walk, operator, operator.kind, state, inner, undone)
        idle = next((name for name, rule in IDLE if rule(met)), None)
        if idle is not None:
            rules.append(f"idle.{idle}")
            continue
        for name, turn in _TURNS:
            turned = turn(met)
            if turned is not None:
                met = turned
                rules.append(f"turn.{name}")
        bent = bend(met.state, met.kind, link.action, met.adjacent)
        for name, correct in CORRECTIONS:
            corrected = correct(met, bent)
            if corrected is not None and corrected is not bent:
                bent = corrected
                rules.append(f"bent.{name}")
        undone = _undone(met, bent) or undone
        if bent is not met.state:
            rules.append(f"{met.kind}:{' '.join(sentence.norms[operator.start : operator.end])}")
        state, inner = bent, operator.start
        if state is Dead.HYPOTHETICAL and met.word in lexicon.words.if_words:
            break  # "options are open if X leaves": what stands before an "if" does not make it real
    return state, rules


def _undone(met: Met, bent: State) -> Stage | None:
    """Say which step an operator has undone: "urges the US to reverse its decision" tells that there was one."""
    if met.kind != "undo" or bent is not Stage.REVERSED:
        return None
    taken = met.state is Base.NOUN and met.word in met.lexicon.words.reversing
    if isinstance(met.state, Stage) or taken:
        return Stage.ANNOUNCED
    return Stage.SUSPENDED if met.link.action is Action.SUSPEND else None


# ---- operators that mean another kind in their place


def _sent_back(met: Met) -> Met | None:
    """ "The president sends the exit law back": what was decided is undone."""
    words, after = met.lexicon.words, met.link.after
    if met.word not in words.sending or not set(met.sentence.norms[after : after + 4]) & words.sent_back:
        return None
    return replace(met, kind="undo", state=Stage.APPROVED if met.state is Base.OPEN else met.state)


def _rejects_anothers(met: Met) -> Met | None:
    """ "Islamabad rejects India's suspension": it is no less suspended."""
    if met.kind != "reject" or met.link.act.form is not WordForm.NOUN:
        return None
    owners = {code for actor in met.link.whom for code in actor.codes}
    speakers = {c for actor in met.walk.subjects if actor.end <= met.operator.start for c in actor.codes}
    return replace(met, kind="react") if owners and speakers and not owners & speakers else None


def _was_told(met: Met) -> Met | None:
    """ "She was informed of the decision to leave" gives no notice to a depositary."""
    before = met.operator.start - 1
    while before > 0 and met.sentence.norms[before] in met.lexicon.words.adverbs:
        before -= 1
    told = met.kind == "notify" and met.word in met.lexicon.words.told
    passive = told and before >= 0 and met.sentence.norms[before] in met.lexicon.words.be
    return replace(met, kind="say") if passive else None


def _allowed_call(met: Met) -> Met | None:
    """ "Allows ministers to campaign for leaving" is no call yet."""
    led, words = met.sentence.norms[max(0, met.operator.start - _LED) : met.operator.start], met.lexicon.words
    if met.kind != "advocate" or not led or led[-1] != words.infinitive or not set(led) & words.causatives:
        return None
    return replace(met, state=Dead.HYPOTHETICAL)


def _wants_another(met: Met) -> Met | None:
    """ "Wants Manila to quit" is a call, "wants to quit" is none."""
    words, norms = met.lexicon.words, met.sentence.norms
    own = norms[met.operator.end : met.operator.end + 1]  # "want country to renounce"
    country = (
        bool(own)
        and own[0] in words.selves
        and norms[met.operator.end + 1 : met.operator.end + 2] == [words.infinitive]
    )
    wants = met.word in words.wanting and (met.another is not None or country)
    return replace(met, kind="advocate") if wants else None


def _tells_another(met: Met) -> Met | None:
    """ "Retired generals tell Seoul to leave" is a call, "tells Seoul that it leaves" is none."""
    told = met.another if met.word in met.lexicon.words.telling else None
    if told is None or met.sentence.norms[told.end : told.end + 1] != [met.lexicon.words.infinitive]:
        return None
    return replace(met, kind="advocate")


def _to_have(met: Met) -> Met | None:
    """ "The only state to have announced its withdrawal" is background."""
    norms, start, words = met.sentence.norms, met.operator.start, met.lexicon.words
    if start < 2 or norms[start - 1] not in words.perfect or norms[start - 2] != words.infinitive:
        return None
    return replace(met, state=Dead.HISTORICAL)


def _backshift(met: Met) -> Met | None:
    """ "Said it would leave" reports a will, "says it would leave" a condition."""
    if met.word not in met.lexicon.words.backshifted:
        return None
    return replace(met, kind="plan") if told_in_past(met.sentence, met.walk, met.operator, met.lexicon) else None


def _bill_would(met: Met) -> Met | None:
    """ "A bill before parliament would take the country out": what is before a house is weighed."""
    words, norms, start = met.lexicon.words, met.sentence.norms, met.operator.start
    if met.word not in words.backshifted or met.kind != "hypothetical":
        return None
    before = norms[max(0, start - _BILL) : start]
    drafted = not words.bills.isdisjoint(before) and not {",", ";", ":"} & set(before)
    return replace(met, kind="consider") if drafted else None


def _promised_would(met: Met) -> Met | None:
    """ "The opposition leader says a government of hers would leave": a promise."""
    if met.word not in met.lexicon.words.backshifted or met.kind != "hypothetical":
        return None
    norms, start, organs = met.sentence.norms, met.operator.start, met.lexicon.institution_phrases
    said = any(o.kind in ("say", "declare", "plan") and o.end <= start for o in met.walk.operators)
    near = range(max(0, start - _PROMISE), start)
    ruling = any(f.payload is Institution.GOVERNMENT for i in near for f in organs.at(norms, i))
    voice = met.lexicon.small_within(norms, 0, start, "voice")
    return replace(met, kind="consider") if said and ruling and voice else None


def _files_motion(met: Met) -> Met | None:
    """ "Gives notice of a motion to leave": what is put to a house notifies nobody."""
    words, behind = met.lexicon.words, met.sentence.norms[met.operator.end : met.operator.end + _MOTION]
    filed = met.kind == "notify" and not words.bills.isdisjoint(behind) and words.papers.isdisjoint(behind)
    return replace(met, kind="consider", state=Base.OPEN) if filed and met.state is not Base.DONE else None


def _warned_would(met: Met) -> Met | None:
    """ "Iran would leave the treaty, its minister warns": a threat by who can carry it out."""
    words, norms, after = met.lexicon.words, met.sentence.norms, met.link.after
    if met.word not in words.backshifted or met.kind != "hypothetical" or met.sentence.question:
        return None
    officials = words.officials | met.lexicon.institution_words
    for said in met.sentence.operators:
        speaker = norms[max(after, said.start - 3) : said.start]
        if said.kind in ("say", "consider") and said.start > after and not officials.isdisjoint(speaker):
            return replace(met, kind="consider") if "," in norms[after : said.start] else None
    return None


_TURNS: tuple[tuple[str, Callable[[Met], Met | None]], ...] = (
    ("sent-back", _sent_back),
    ("rejects-anothers", _rejects_anothers),
    ("was-told", _was_told),
    ("allowed-call", _allowed_call),
    ("wants-another", _wants_another),
    ("tells-another", _tells_another),
    ("to-have", _to_have),
    ("backshift", _backshift),
    ("bill-would", _bill_would),
    ("warned-would", _warned_would),
    ("promised-would", _promised_would),
    ("files-motion", _files_motion),
)
