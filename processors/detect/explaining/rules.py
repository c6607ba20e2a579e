"""Every rule of the detector as a plain sentence: the id says which rule fired, the sentence what it said.

A new rule needs its sentence here; a test names those that have none. Ids are made of a table's prefix and a name
("no.old"), of an operator's kind and the words that stand in the text ("approve:votes"), or of a word family and how
the instrument stands to it ("withdraw.from").
"""

from __future__ import annotations

from collections.abc import Mapping

from processors.detect.confidence import PREFIX, Doubt

_SENTENCES: Mapping[str, str] = {
    # what the words around the act make of it
    "stays": "the word means to stay: an exit that is ruled out, or a call to stay",
    "returns": "the word means to come back: an exit that is undone",
    "readmit.back": "an organisation takes back who had left",
    "readmitted": "a member that had been shut out is let in again, so no exit of its own is undone",
    "verdict": "a verdict behind the instrument finds the decision unlawful",
    "denied": "words behind the instrument deny the report",
    "to-follow": "another state is said to follow with the same step",
    "future-date": "it carries a date still to come, so the exit is announced and not done",
    "told-it-cannot": "another state says that it cannot be done",
    "cannot-without": "what must come first is named, so nothing is refused",
    "if-elected": "a promise for the case of an election",
    "right.option": "behind the instrument, the exit is called an option",
    "right.won": "behind the instrument, approval is won",
    "idle.telling": "the depositary is told, but the phrase itself already says the step",
    "idle.since-day": "the word only dates the step",
    "idle.negates-other": "what is denied is not the act",
    "idle.asks-to-study": "a government asks for advice: it weighs",
    "idle.reported-perfect": 'after a verb of saying, "had" reports the step as done',
    "idle.side-by-side": "two verbs stand side by side, so neither undoes the other",
    "idle.loose-end": "this verb undoes only what stands right behind it",
    "idle.presses-nobody": "the word calls on no state, so it is no call",
    "turn.bill-would": "a bill or a motion would do it: what is before a house is weighed",
    "turn.warned-would": "who can do it warns that it would be done: a threat",
    "turn.sent-back": "the law is sent back, so what was decided is undone",
    "turn.rejects-anothers": "who rejects the exit is not the state that leaves, so this is a reaction",
    "turn.was-told": "the state was told, and tells nobody",
    "turn.allowed-call": "a call is only allowed, not made",
    "turn.wants-another": "another state is wanted to do it, so this is a call",
    "turn.tells-another": "another state is told to do it, so this is a call",
    "turn.to-have": '"to have done it" describes who did it once: background',
    "turn.backshift": 'after a verb in the past, "would" reports a will',
    "bent.undo-open": "what is undone is a step not taken yet, so it is called off",
    "bent.call-to-undo": "a call to undo the step says that the step is under way",
    "bent.regrets-past": "what is regretted is long done",
    # corrections by what else the sentence says
    "conditional": "a plan under a condition is a threat",
    "unnamed-source": "only sources without a name say so, so it is considered at most",
    "by-decree": "a decree is the step: it is approved, not in force",
    "organ-acts": "a house or cabinet that acts has approved",
    "confirmed": "a head of state who confirms a decided exit approves it",
    "voters": "voters who choose to leave have decided",
    "at-once": "a suspension announced with immediate effect is one",
    "no-power": "an opposition or a candidate cannot decide, so this is a call",
    "asks-house": "those who govern put it to a house that has not decided",
    "vote-beside": "a vote beside it is the step, not the tense",
    "by-notice": "the notice is the step",
    "court-blocks": "a court blocks what was decided",
    "signed-suspension": "a head of state who signs a suspension suspends: nothing else has to happen",
    # what is left of the act
    "told.notified": "another sentence tells of the notice, and the exit is not in force yet",
    "told.approved": "another sentence tells of the vote or the signature, which is the step",
    "told.announced": "another sentence tells that it is announced or still to take effect",
    "settled.live-clause": "a headline's clause of time tells of an exit under way",
    "no.corrected": "the text corrects what it said before",
    "idle.expects-nobody": "no other state is expected to do it",
    "bent.reacts-to-plan": "others react to a plan, so it is weighed and not announced",
    "bent.notice-to-come": "the notice is still to come",
    "bent.rejects-for-another": "who rules it out cannot decide for the state that would leave",
    "bent.agrees-that-should": "who decides that it should be done has decided",
    "idle.signs-letter": "a letter or a petition is signed, which decides nothing",
    "turn.promised-would": "who does not govern says what a government of theirs would do: a promise",
    "turn.files-motion": "a motion or a bill is handed in, and no notice",
    "bent.makes-sure": "it is to be made sure that the state does it, so this is a call",
    "bent.nobody-can": "that nobody can do it is a claim about others",
    "bent.approves-recommendation": "an organ has made the recommendation its decision",
    "opening-organ": "the sentence opens with the vote or the decree, which is the step",
    "who.organisation-decides": "an organisation decides about a state, so no state leaves",
    "who.without": "the state is the subject of the clause, not the one that the plan is about",
    "settled.leading-if": "a threat under a condition that stands in front",
    "settled.order-title": "the title of an order is the order",
    "settled.headline-future": "a state and a bare infinitive: the future of headlines, so it is announced",
    "settled.progress": "it is under way",
    "settled.done": "the tense of the verb says that it is done",
    "settled.stage": "that is the step: nothing makes it background or supposed",
    "no.founding": "no organisation is named whose founding treaty it could be",
    "no.of-others": "the nickname names an instrument that this state is no party to",
    "no.partial": "the text counts the states that act and names none of them",
    "no.bent-away": "a word around the act makes it no step",
    "no.relative": "it stands in a relative clause, which only says who somebody is: background",
    "no.inversion": "the sentence opens with an inversion that only supposes",
    "no.leading-if": "it stands behind a condition, and nobody says that it will be done",
    "no.gerund-would": "the exit is the subject of what it would or could do: supposed, not reported",
    "no.opening-background": "the sentence opens with it as background to something else",
    "no.background-clause": "it stands in a clause of time or reason, as background to something else",
    "no.answering": "it is what somebody was asked about",
    "no.no-news": "a question, a quiz or a game, and no report",
    "no.opening-cue": "the sentence opens with words that look back",
    "no.old": "a year or a word of age dates it before the item",
    "no.other-month": "the month that is named has passed: the step is told again",
    "no.standing": "a state of things that lasts, and no step",
    "no.plain-noun": "the exit is only mentioned; nothing says that it is happening",
    "no.open": "nothing says that anybody does it",
    "no.lapse": "the instrument runs out by itself, so nobody leaves it",
    "no.court": "a court annuls it, so no state leaves",
    # who leaves
    "who.bound": "the instrument is the subject, and the state that it no longer binds stands behind",
    "who.named-by-act": "the act itself says whose it is",
    "who.told-to": "the state stands before the infinitive",
    "who.agent": 'the state is the one behind "by"',
    "who.decider": "the state is the one whose decision it is",
    "who.pronoun": "the pronoun stands for the state that says it of itself",
    "who.owner-of-instrument": "an organ ends it, and the state is the one whose agreement it is",
    "who.called-on": "the state is the one that the call or reaction is about",
    "who.subject": "the state is the nearest one before the act that can be its subject",
    "who.non-state": "what acts is no state",
    "who.affected": "the state is the one for which it takes effect",
    "who.organ-behind": "the house behind the bill says whose bill it is",
    "who.owner-of-part": "the state is the one whose part it is",
    "who.only-state": "an organ acts, and just one state is named",
    "who.commanded": "whoever is told, or speaks, names the state",
    "who.speaker-behind": "the speaker behind the sentence names the state",
    "who.loose": "a call or a passive has no subject, so the last state before it is meant",
    "who.nobody": "the sentence names nobody who could leave",
    "who.carried": "the state is the one that an earlier sentence is about",
    "no.organisation-acts": "an organisation is the subject, and not a state",
    # which instrument
    "instrument.founding": "the founding treaty is that of the organisation that the item names before",
    "instrument.of-others": "the nickname is used by a state that is no party to the instrument it usually names",
    "instrument.by-name": "the instrument is named",
    "instrument.its-charter": "the founding text is that of the one body that the sentence names",
    "instrument.pronoun": "the pronoun stands for the one instrument named before",
    "instrument.the-body": "the word stands for the one organisation named before",
    "instrument.described-before": "it is the instrument that an earlier sentence describes",
    "instrument.described-after": "it is the instrument that a later sentence describes",
    "instrument.the-only-one": "it stands for the one instrument that the item names",
    "instrument.by-place": "the instrument is named by a place",
    "instrument.told-partner": "who is told of the end is the other party",
    "instrument.mirrored": "the instrument is named from the side of the other party",
    "instrument.with-addressee": "whom the end is told is the other party",
    "instrument.with-partner": "the instrument is described with the other party",
    "instrument.with-purpose": "the instrument is described by what it is for",
    "instrument.with-year": "the instrument is described by its year",
    "instrument.between-states": "the instrument is described as one between states",
    "instrument.with-speaker": "the state that reacts is whom it is made with",
    "instrument.official-act": "a house ends it, or a depositary is told of its end: so it is between states",
    "instrument.by-reference": "the instrument is named only by reference, so this is told with low confidence",
    "no.condemned": "the verb condemns here; nothing legal is done",
    "no.pronoun": "the pronoun could stand for several things, or for none",
    "no.the-body": "the word could stand for several organisations, or for none",
    "no.truce": "a ceasefire ends because fighting resumes; no instrument is left",
    "no.instrument": "nothing shows that this is an instrument between states",
}

_OPERATORS: Mapping[str, str] = {
    "say": "reports what somebody says",
    "plan": "tells of a will to do it",
    "declare": "declares it",
    "consider": "only weighs it",
    "approve": "is the decision of an organ",
    "notify": "says that notice was given",
    "effect": "says that it is in force",
    "advocate": "calls for it",
    "reject": "rules it out",
    "negate": "turns what it stands before round",
    "undo": "undoes the step that it stands before",
    "react": "reacts to an exit that is under way",
    "hypothetical": "only supposes it",
    "talk": "speaks of it as background",
}

_LINKS: Mapping[str, str] = {
    "from": 'is done to what stands behind "from"',
    "direct": "has the instrument or the organisation as its object",
    "instrument": "has the instrument as its object",
    "carrier": "has cooperation, compliance or the like under the instrument as its object",
    "to": 'leads to the instrument, behind "to"',
    "in": 'keeps to the instrument, behind "in"',
    "article": "has the exit clause as its object",
    "noun": "is a noun with the instrument as its complement",
    "passive": "is done to the instrument, which stands before it",
    "ends": "ends the membership that stands before it",
    "declaration": "is done to the declaration that binds the state",
    "bare": "has no object of its own; what is left is named before it",
}

_SUFFIXES: Mapping[str, str] = {
    "bare": ", left out here and named before",
    "compound": ", right behind the name",
    "handed": ", named as the one that is handed the notice",
    "told": ", named before as the one that is told",
    "but-not": ", and this one is excepted: it is not left",
}


def because(rule: str, act: str = "") -> str:
    """Say in one sentence what a rule said, of the words `act`; a rule without a sentence is named as it is."""
    return sentence(rule, act) or f'the rule "{rule}" fired'


def sentence(rule: str, act: str = "") -> str | None:
    """Give the sentence of a rule; none where it has none."""
    if rule in _SENTENCES:
        return _SENTENCES[rule]
    kind, colon, words = rule.partition(":")
    if colon:
        right = kind.removeprefix("right.")
        if right not in _OPERATORS:
            return None
        behind = "behind the instrument, " if right != kind else ""
        return f'{behind}"{words}" {_OPERATORS[right]}'
    if rule.startswith(PREFIX):
        name = rule.removeprefix(PREFIX)
        return f"doubt: {name.replace('-', ' ')}" if name in set(Doubt) else None
    return _link(rule, act)


def _link(rule: str, act: str) -> str | None:
    family, *parts = rule.split(".")
    if family == "frame" and parts:
        tail = _tail(parts[1:])
        words = act or parts[0].replace("-", " ")
        return None if tail is None else f'"{words}" is a set phrase that says it of the instrument{tail}'
    if not parts or parts[0] not in _LINKS:
        return None
    tail = _tail(parts[1:])
    return None if tail is None else f'"{act or family}" {_LINKS[parts[0]]}{tail}'


def _tail(suffixes: list[str]) -> str | None:
    if any(suffix not in _SUFFIXES for suffix in suffixes):
        return None
    return "".join(_SUFFIXES[suffix] for suffix in suffixes)
