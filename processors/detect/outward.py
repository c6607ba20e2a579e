"""Go from the act outwards and apply each operator to what stands inside it.

`bend.py` says what a kind of word does; here stand the exceptions, each with the sentence that taught it: operators
that bend nothing after all, operators that mean another kind in their place, and what comes out otherwise than the
table says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from processors.detect.bend import Base, Dead, State, bend
from processors.detect.lexicon import Lexicon
from processors.detect.reading import ActorMention, Link, Operator, Sentence, WordForm
from processors.detect.walk import Walk, governing, told_in_past
from treatywatch.actors import FormKind
from treatywatch.model import Action, Institution, Stage

_UNDO_REACH = 7  # words between "revokes" and the exit that it revokes
_REVIVE = 2  # words between "says" and the "whether" that it takes
_WEIGHED = 4  # words between "draws up" and the "would" of its plan
_BILL = 6  # words between a bill and the "would" of what it does
_ASKER = 6  # words before "asks" in which the government that asks is named
_ANOTHER = 3  # words between "excludes" and the state whose exit it excludes
_MOTION = 3  # words behind "files" in which the motion is named
_PAPER = 4  # words behind "sign" in which the paper is named
_PROMISE = 8  # words before "would" in which a government that is to come is named
_COMING = 3  # words between a notice and the "will" of what it does
_LED = 6  # words before a call in which "allows … to" makes it no call yet


@dataclass(frozen=True, slots=True)
class _Met:
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


def outward(
    sentence: Sentence, link: Link, lexicon: Lexicon, walk: Walk, state: State, start: int
) -> tuple[State, list[str]]:
    """Give what all operators left of `start` make of the act, and the ids of the rules that fired."""
    rules: list[str] = []
    inner, undone = start, None
    for operator in governing(sentence, walk.operators, start, lexicon):
        met = _Met(sentence, link, lexicon, walk, operator, operator.kind, state, inner, undone)
        idle = next((name for name, rule in _IDLE if rule(met)), None)
        if idle is not None:
            rules.append(f"idle.{idle}")
            continue
        for name, turn in _TURNS:
            turned = turn(met)
            if turned is not None:
                met = turned
                rules.append(f"turn.{name}")
        bent = bend(met.state, met.kind, link.action, met.adjacent)
        for name, correct in _CORRECTIONS:
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


def _undone(met: _Met, bent: State) -> Stage | None:
    """Say which step an operator has undone: "urges the US to reverse its decision" tells that there was one."""
    if met.kind != "undo" or bent is not Stage.REVERSED:
        return None
    taken = met.state is Base.NOUN and met.word in met.lexicon.words.reversing
    if isinstance(met.state, Stage) or taken:
        return Stage.ANNOUNCED
    return Stage.SUSPENDED if met.link.action is Action.SUSPEND else None


# ---- operators that bend nothing


def _telling(met: _Met) -> bool:
    """ "Tells the UN that it is no longer bound": the phrase itself says the stage."""
    return met.link.rule.startswith("frame.") and met.link.stage is not None and met.kind == "notify"


def _since_day(met: _Met) -> bool:
    """ "Since midnight Poland is no longer bound": a day, no background."""
    return met.kind == "talk" and met.following in met.lexicon.words.days


def _reported_perfect(met: _Met) -> bool:
    """ "Said it had begun to leave" reports a step, and supposes nothing."""
    had = met.word in met.lexicon.words.pluperfect
    return had and told_in_past(met.sentence, met.walk, met.operator, met.lexicon)


def _negates_other(met: _Met) -> bool:
    """ "Was not surprised by the announcement": what is denied is the surprise."""
    gap = met.sentence.norms[met.operator.end : met.inner]
    return met.kind == "negate" and bool(set(gap) & met.lexicon.words.agents)


def _asks_to_study(met: _Met) -> bool:
    """ "The government has asked its staff to study whether to leave": it weighs, and calls on nobody."""
    if met.state is not Stage.CONSIDERED or met.word not in met.lexicon.words.asking:
        return False
    organs, norms = met.lexicon.institution_phrases, met.sentence.norms
    own = (Institution.GOVERNMENT, Institution.HEAD_OF_STATE)
    near = range(max(0, met.operator.start - _ASKER), met.operator.start)
    asker = any(f.payload in own for i in near for f in organs.at(norms, i) if f.end <= met.operator.start)
    return asker or any(a.form.kind is FormKind.HOLDER and a.end <= met.operator.start for a in met.walk.subjects)


def _side_by_side(met: _Met) -> bool:
    """ "Has suspended and begun to terminate": two verbs side by side, and none undoes the other."""
    gap = met.sentence.norms[met.operator.end : met.inner]
    beside = bool(gap) and (
        met.following in met.lexicon.words.conjunctions or bool(set(gap) & met.lexicon.words.joiners)
    )
    return beside and met.kind == "undo"


def _loose_end(met: _Met) -> bool:
    """ "Summit ends with a plan to leave": a verb that undoes only what stands right behind it."""
    words, gap = met.lexicon.words, met.sentence.norms[met.operator.end : met.inner]
    return met.word in words.tight and not all(norm in words.articles or norm in words.adverbs for norm in gap)


def _signs_letter(met: _Met) -> bool:
    """ "Economists sign an open letter welcoming the exit": a signature that decides nothing."""
    words, behind = met.lexicon.words, met.sentence.norms[met.operator.end : met.operator.end + _PAPER]
    if any(actor.form.kind is FormKind.HOLDER for actor in met.walk.subjects):
        return False  # "the prime minister signs the letter that invokes the article"
    return met.kind == "approve" and met.word in words.signing and not words.open_papers.isdisjoint(behind)


def _expects_nobody(met: _Met) -> bool:
    """ "Kenya's leaders worried" weighs nothing; "Moscow fears that the US will leave" does."""
    named = any(met.operator.end <= actor.start < met.link.act.start for actor in met.sentence.actors)
    return met.word in met.lexicon.words.expecting and met.kind == "consider" and not named


def _presses_nobody(met: _Met) -> bool:
    """ "Press freedom" is no call; "press the EU to suspend" is one."""
    return met.word in met.lexicon.words.calls_with_object and not _another(met)


# ---- operators that mean another kind in their place


def _sent_back(met: _Met) -> _Met | None:
    """ "The president sends the exit law back": what was decided is undone."""
    words, after = met.lexicon.words, met.link.after
    if met.word not in words.sending or not set(met.sentence.norms[after : after + 4]) & words.sent_back:
        return None
    return replace(met, kind="undo", state=Stage.APPROVED if met.state is Base.OPEN else met.state)


def _rejects_anothers(met: _Met) -> _Met | None:
    """ "Islamabad rejects India's suspension": it is no less suspended."""
    if met.kind != "reject" or met.link.act.form is not WordForm.NOUN:
        return None
    owners = {code for actor in met.link.whom for code in actor.codes}
    speakers = {c for actor in met.walk.subjects if actor.end <= met.operator.start for c in actor.codes}
    return replace(met, kind="react") if owners and speakers and not owners & speakers else None


def _was_told(met: _Met) -> _Met | None:
    """ "She was informed of the decision to leave" gives no notice to a depositary."""
    before = met.operator.start - 1
    while before > 0 and met.sentence.norms[before] in met.lexicon.words.adverbs:
        before -= 1
    told = met.kind == "notify" and met.word in met.lexicon.words.told
    passive = told and before >= 0 and met.sentence.norms[before] in met.lexicon.words.be
    return replace(met, kind="say") if passive else None


def _allowed_call(met: _Met) -> _Met | None:
    """ "Allows ministers to campaign for leaving" is no call yet."""
    led, words = met.sentence.norms[max(0, met.operator.start - _LED) : met.operator.start], met.lexicon.words
    if met.kind != "advocate" or not led or led[-1] != words.infinitive or not set(led) & words.causatives:
        return None
    return replace(met, state=Dead.HYPOTHETICAL)


def _wants_another(met: _Met) -> _Met | None:
    """ "Wants Manila to quit" is a call, "wants to quit" is none."""
    words, norms = met.lexicon.words, met.sentence.norms
    own = norms[met.operator.end : met.operator.end + 1]  # "want country to renounce"
    country = (
        bool(own)
        and own[0] in words.selves
        and norms[met.operator.end + 1 : met.operator.end + 2] == [words.infinitive]
    )
    wants = met.word in words.wanting and (_another(met) is not None or country)
    return replace(met, kind="advocate") if wants else None


def _tells_another(met: _Met) -> _Met | None:
    """ "Retired generals tell Seoul to leave" is a call, "tells Seoul that it leaves" is none."""
    told = _another(met) if met.word in met.lexicon.words.telling else None
    if told is None or met.sentence.norms[told.end : told.end + 1] != [met.lexicon.words.infinitive]:
        return None
    return replace(met, kind="advocate")


def _another(met: _Met) -> ActorMention | None:
    """Give the state that stands right behind the operator."""
    words, position = met.lexicon.words, met.operator.end
    while position < len(met.sentence.norms) and met.sentence.norms[position] in words.articles:
        position += 1
    return next((actor for actor in met.sentence.actors if actor.start == position and actor.state), None)


def _to_have(met: _Met) -> _Met | None:
    """ "The only state to have announced its withdrawal" is background."""
    norms, start, words = met.sentence.norms, met.operator.start, met.lexicon.words
    if start < 2 or norms[start - 1] not in words.perfect or norms[start - 2] != words.infinitive:
        return None
    return replace(met, state=Dead.HISTORICAL)


def _backshift(met: _Met) -> _Met | None:
    """ "Said it would leave" reports a will, "says it would leave" a condition."""
    if met.word not in met.lexicon.words.backshifted:
        return None
    return replace(met, kind="plan") if told_in_past(met.sentence, met.walk, met.operator, met.lexicon) else None


def _bill_would(met: _Met) -> _Met | None:
    """ "A bill before parliament would take the country out": what is before a house is weighed."""
    words, norms, start = met.lexicon.words, met.sentence.norms, met.operator.start
    if met.word not in words.backshifted or met.kind != "hypothetical":
        return None
    before = norms[max(0, start - _BILL) : start]
    drafted = not words.bills.isdisjoint(before) and not {",", ";", ":"} & set(before)
    return replace(met, kind="consider") if drafted else None


def _promised_would(met: _Met) -> _Met | None:
    """ "The opposition leader says a government of hers would leave": a promise."""
    if met.word not in met.lexicon.words.backshifted or met.kind != "hypothetical":
        return None
    norms, start, organs = met.sentence.norms, met.operator.start, met.lexicon.institution_phrases
    said = any(o.kind in ("say", "declare", "plan") and o.end <= start for o in met.walk.operators)
    near = range(max(0, start - _PROMISE), start)
    ruling = any(f.payload is Institution.GOVERNMENT for i in near for f in organs.at(norms, i))
    voice = met.lexicon.small_within(norms, 0, start, "voice")
    return replace(met, kind="consider") if said and ruling and voice else None


def _files_motion(met: _Met) -> _Met | None:
    """ "Gives notice of a motion to leave": what is put to a house notifies nobody."""
    words, behind = met.lexicon.words, met.sentence.norms[met.operator.end : met.operator.end + _MOTION]
    filed = met.kind == "notify" and not words.bills.isdisjoint(behind) and words.papers.isdisjoint(behind)
    return replace(met, kind="consider", state=Base.OPEN) if filed and met.state is not Base.DONE else None


def _warned_would(met: _Met) -> _Met | None:
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


# ---- what comes out otherwise than the table says


def _undo_open(met: _Met, bent: State) -> State | None:
    """ "Reconsiders leaving", "drops a bill leaving": the step that is undone is no noun."""
    bill = met.inner - met.operator.end <= 2 and met.sentence.norms[met.inner - 1] in met.lexicon.words.law_nouns
    touches = met.inner == met.operator.end or bill
    open_gerund = met.state is Base.OPEN and met.link.act.form is WordForm.GERUND
    return Stage.REVERSED if met.kind == "undo" and open_gerund and touches else None


def _call_to_undo(met: _Met, bent: State) -> State | None:
    """ "Urges the US to reverse its decision": the call is against, and the exit is under way."""
    return met.undone if met.kind == "advocate" and bent is Dead.AGAINST else None


def _reacts_to_plan(met: _Met, bent: State) -> State | None:
    """ "Criticises Kenya's plan to leave": a plan that others react to is weighed, and not announced by them."""
    planned = met.kind == "react" and bent is Stage.ANNOUNCED
    noun = met.sentence.norms[met.inner] in met.lexicon.words.plan_nouns
    return Stage.CONSIDERED if planned and noun else None


def _notice_to_come(met: _Met, bent: State) -> State | None:
    """ "Norway's notification tomorrow will begin its exit": the notice is still to come."""
    gap = met.sentence.norms[met.operator.end : min(met.operator.end + _COMING, met.link.act.start)]
    coming = met.kind == "notify" and bent is Stage.NOTIFIED and not met.lexicon.words.future.isdisjoint(gap)
    words, before = met.lexicon.words, met.sentence.norms[max(0, met.operator.start - 1) : met.operator.start]
    owned = not (words.owning_articles | {words.possessive}).isdisjoint(before)
    return Stage.ANNOUNCED if coming and owned else None


def _rejects_for_another(met: _Met, bent: State) -> State | None:
    """ "A German politician excludes Greece leaving": who cannot decide for a state rejects nothing."""
    if met.kind != "reject" or bent is not Stage.REJECTED or met.link.act.form is WordForm.NOUN:
        return None
    between = [a for a in met.sentence.actors if met.operator.end <= a.start and a.end <= met.link.act.start]
    before = [a for a in met.sentence.actors if a.end <= met.operator.start]
    if not between or not before or met.operator.end < between[-1].start - _ANOTHER:
        return None
    same = {c for a in before for c in a.codes} & {c for a in between for c in a.codes}
    return None if same else Dead.AGAINST


def _makes_sure(met: _Met, bent: State) -> State | None:
    """ "Urges ministers to make sure Kenya leaves": what is to be ensured is called for."""
    ensured = met.kind == "advocate" and met.word in met.lexicon.words.ensuring and met.state is Base.DONE
    return Stage.ADVOCATED if ensured else None


def _nobody_can(met: _Met, bent: State) -> State | None:
    """ "No one can suspend the treaty": a claim about others."""
    nobody = met.kind == "negate" and bent is Stage.REJECTED and met.following in met.lexicon.words.nobodies
    return Dead.AGAINST if nobody else None


def _approves_recommendation(met: _Met, bent: State) -> State | None:
    """ "The cabinet approves a recommendation to leave": the call has become a decision."""
    called = met.sentence.norms[met.inner] in met.lexicon.words.recommendations
    return Stage.APPROVED if met.kind == "approve" and bent is Stage.ADVOCATED and called else None


def _agrees_that_should(met: _Met, bent: State) -> State | None:
    """ "The house has agreed that Latvia should leave" decides, and calls on nobody."""
    decides = met.kind == "plan" and met.word in met.lexicon.words.deciding_verbs
    gap = met.sentence.norms[met.operator.start : met.inner]
    should = met.sentence.norms[met.inner] in met.lexicon.words.obliging
    that = not met.lexicon.words.complementizers.isdisjoint(gap)
    return Stage.ANNOUNCED if decides and bent is Stage.ADVOCATED and should and that else None


def _regrets_past(met: _Met, bent: State) -> State | None:
    """ "Britons regret leaving": long done."""
    touches = met.state is Base.OPEN and met.inner == met.operator.end
    gerund = met.link.act.form is WordForm.GERUND
    return Dead.HISTORICAL if met.kind == "react" and touches and gerund else None


_IDLE: tuple[tuple[str, Callable[[_Met], bool]], ...] = (
    ("telling", _telling),
    ("since-day", _since_day),
    ("reported-perfect", _reported_perfect),
    ("negates-other", _negates_other),
    ("asks-to-study", _asks_to_study),
    ("side-by-side", _side_by_side),
    ("loose-end", _loose_end),
    ("presses-nobody", _presses_nobody),
    ("expects-nobody", _expects_nobody),
    ("signs-letter", _signs_letter),
)

_TURNS: tuple[tuple[str, Callable[[_Met], _Met | None]], ...] = (
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

_CORRECTIONS: tuple[tuple[str, Callable[[_Met, State], State | None]], ...] = (
    ("undo-open", _undo_open),
    ("call-to-undo", _call_to_undo),
    ("regrets-past", _regrets_past),
    ("reacts-to-plan", _reacts_to_plan),
    ("notice-to-come", _notice_to_come),
    ("rejects-for-another", _rejects_for_another),
    ("agrees-that-should", _agrees_that_should),
    ("makes-sure", _makes_sure),
    ("nobody-can", _nobody_can),
    ("approves-recommendation", _approves_recommendation),
)
