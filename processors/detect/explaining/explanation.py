"""Everything that is told about why an item gives its signals, or none: the data behind `treatywatch explain`."""

from __future__ import annotations

from dataclasses import dataclass

from processors.detect.candidate import Candidate
from processors.detect.confidence import PREFIX, Confidence, Doubt
from processors.detect.explaining.changes import Change, Examples, Read, changes, nearest, said
from processors.detect.explaining.marks import Marked, Span, marked, of_candidate, of_evidence, of_refused
from processors.detect.explaining.rules import because
from processors.detect.pipeline import Detection
from processors.detect.reading import Refused, Sentence
from treatywatch.model import Hedge, Item, Reason, Signal, SpeakerKind

WHY = {
    Reason.UNREADABLE: "the line is no item",
    Reason.NO_LEXICON: "there is no lexicon for this language; add config/lexicon/<language>.yml",
    Reason.NO_CANDIDATE: "no word of leaving stands near a word for an instrument",
    Reason.NO_TREATY: "something is left or ended, but the text makes out no instrument between states",
    Reason.NO_ACT: "an instrument is named, but nothing is done to it",
    Reason.NO_ACTOR: "no state is named that leaves",
    Reason.OTHER_OBJECT: "what is withdrawn, suspended or ended is something else (troops, talks, a bill, an office)",
    Reason.OTHER_SENSE: "the words are used in another sense (to denounce is to condemn, a convention is a meeting)",
    Reason.ORGANISATION_ACTS: "an organisation acts, not a state",
    Reason.HISTORICAL: "the exit is mentioned as background, not reported",
    Reason.HYPOTHETICAL: "the exit is only supposed, asked about or explained",
    Reason.EXPIRY: "the instrument expires; nobody leaves it",
    Reason.AGAINST: "a call to stay, or a reaction; no move to leave is reported",
}
_HEDGES = {
    Hedge.REPORTED: "it only reports that somebody says so",
    Hedge.POSSIBLE: "it tells it as possible",
    Hedge.CONDITIONAL: "it hangs on a condition",
}
_SPEAKERS = {
    SpeakerKind.STATE: "a state",
    SpeakerKind.INSTITUTION: "an institution",
    SpeakerKind.OFFICIAL: "who holds an office",
    SpeakerKind.OPPOSITION: "who cannot decide",
    SpeakerKind.THIRD_STATE: "another state",
    SpeakerKind.NGO: "an organisation of citizens",
    SpeakerKind.MEDIA: "the press",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A rule that fired, and what it said."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class Part:
    """One doubt and what it weighs."""

    doubt: str
    factor: float
    says: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """A confidence and how it came about: `start` times each doubt is `product`, which is told as `value`.

    `right` of `of` judged signals near that product were right; both 0 where the table was never fitted.
    """

    value: float
    start: float
    parts: tuple[Part, ...]
    product: float
    right: int
    of: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal, or one act that became none (`reason`); `facts` are name and value of what else the text says."""

    answer: str
    steps: tuple[Step, ...]
    reason: str | None = None
    why: str = ""
    case: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    confidence: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer to "why". `refused` begins with the reading that came nearest to a signal."""

    fields: tuple[Marked, ...]
    signals: tuple[Reading, ...]
    refused: tuple[Reading, ...]
    reason: str | None
    why: str
    changes: tuple[Change, ...]


def explain(
    item: Item, detection: Detection, read: Read, look: tuple[Sentence, ...], confidence: Confidence, examples: Examples
) -> Explanation:
    """Explain what the detector said of an item. `look` is what is found in its sentences before anything is judged."""
    near = nearest(detection) if not detection.signals else None
    reason = detection.reason
    return Explanation(
        fields=marked(item, _spans(detection, near, look)),
        signals=tuple(_of_signal(signal, confidence) for signal in detection.signals),
        refused=_refusals(detection, near),
        reason=reason.value if reason else None,
        why=_why(reason, look) if reason else "",
        changes=changes(item, detection, read, examples),
    )


def _spans(detection: Detection, near: Candidate | Refused | None, look: tuple[Sentence, ...]) -> list[Span]:
    if detection.signals:
        return [span for signal in detection.signals for span in of_evidence(signal.evidence)]
    if isinstance(near, Candidate):
        return list(of_candidate(near))
    if near is not None:
        return list(of_refused(near))
    spans = []
    for sentence in look:
        for act in sentence.acts:
            spans.append((sentence, act.start, act.end, "act"))
        spans += [(sentence, t.start, t.end, "treaty") for t in sentence.treaties]
    return [Span(s.field, s.tokens[a].start, s.tokens[b - 1].end, part) for s, a, b, part in spans]


def _why(reason: Reason, look: tuple[Sentence, ...]) -> str:
    if reason is not Reason.NO_CANDIDATE:
        return WHY[reason]
    acts = any(sentence.acts for sentence in look)
    things = any(treaty.named for sentence in look for treaty in sentence.treaties)
    if things and not acts:
        return "an instrument is named, but there is no word of leaving, ending or suspending near it"
    if acts and not things:
        return "there is a word that can mean leaving, but no word for an instrument or an organisation near it"
    return WHY[reason]


def _of_signal(signal: Signal, confidence: Confidence) -> Reading:
    act = next((one.text for one in signal.evidence if one.part == "act"), "")
    rules = [rule for rule in signal.rules if not rule.startswith(PREFIX)]
    gone = " (a later revision no longer says it)" if signal.withdrawn else ""
    return Reading(
        answer=f"{said(signal)}{gone}",
        steps=tuple(Step(rule, because(rule, act)) for rule in rules),
        case=signal.case_id,
        facts=tuple(_facts(signal)),
        confidence=_certainty(signal, confidence),
    )


def _facts(signal: Signal) -> list[tuple[str, str]]:
    facts = []
    if signal.event_date:
        facts.append(("day of the step", signal.event_date.isoformat()))
    if signal.effective_date:
        facts.append(("takes effect, by the text", signal.effective_date.isoformat()))
    if signal.speaker:
        facts.append(("speaker", f'"{signal.speaker.text}", {_SPEAKERS[signal.speaker.kind]}'))
    if signal.hedge is not Hedge.NONE:
        facts.append(("certainty of the text", _HEDGES[signal.hedge]))
    facts += [("position", f"{one.state} {one.stance.value.replace('_', ' ')}") for one in signal.positions]
    return facts


def _certainty(signal: Signal, confidence: Confidence) -> Certainty:
    doubts = [Doubt(rule.removeprefix(PREFIX)) for rule in signal.rules if rule.startswith(PREFIX)]
    weights = [(doubt, confidence.doubts[doubt]) for doubt in doubts]
    product = confidence.raw(doubts)
    knot = min(confidence.table, key=lambda one: abs(one.raw - product), default=None)
    return Certainty(
        value=signal.confidence,
        start=confidence.start,
        parts=tuple(Part(doubt.value, weight.factor, weight.says) for doubt, weight in weights),
        product=round(product, 3),
        right=knot.right if knot else 0,
        of=knot.of if knot else 0,
    )


def _refusals(detection: Detection, near: Candidate | Refused | None) -> tuple[Reading, ...]:
    failed = [one for one in detection.candidates if one.reason is not None]
    acts = [] if failed or detection.signals else list(detection.refused)
    ordered = [one for one in (near, *failed, *acts) if one is not None and one.reason is not None]
    unique: list[Candidate | Refused] = []
    for one in ordered:
        if not any(one is other for other in unique):
            unique.append(one)
    return tuple(_of_candidate(one) if isinstance(one, Candidate) else _of_refused(one) for one in unique)


def _of_candidate(candidate: Candidate) -> Reading:
    sentence, link = candidate.sentence, candidate.link
    act, treaty = _words(sentence, link.act.start, link.act.end), _words(sentence, link.treaty.start, link.treaty.end)
    reason = candidate.reason or Reason.NO_ACT
    return Reading(
        answer=f'"{act}" and "{treaty}"',
        steps=tuple(Step(rule, because(rule, act)) for rule in candidate.rules),
        reason=reason.value,
        why=WHY[reason],
    )


def _of_refused(refused: Refused) -> Reading:
    act = _words(refused.sentence, refused.act.start, refused.act.end)
    return Reading(f'"{act}" alone', (), refused.reason.value, WHY[refused.reason])


def _words(sentence: Sentence, start: int, end: int) -> str:
    if end > len(sentence.tokens):
        return ""
    left, right = sentence.tokens[start].start, sentence.tokens[end - 1].end
    return sentence.text[left - sentence.start : right - sentence.start]
