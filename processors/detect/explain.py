"""Show a person why: the sentence with its marked spans, the rules in the order in which they fired, the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from processors.detect.candidate import Candidate
from processors.detect.pipeline import Detection
from processors.detect.reading import Sentence
from treatywatch.model import Evidence, Item, Reason, Signal

_COLOURS = {
    "actor": "bold cyan",
    "treaty": "bold magenta",
    "act": "bold red",
    "stage": "yellow",
    "institution": "green",
    "negation": "bold white on red",
    "hedge": "italic yellow",
    "date": "blue",
    "speaker": "dim cyan",
}

_WHY = {
    Reason.UNREADABLE: "the line is no item",
    Reason.NO_LEXICON: "there is no lexicon for this language; add config/lexicon/<language>.yml",
    Reason.NO_CANDIDATE: "no word of leaving stands near a word for an instrument",
    Reason.NO_TREATY: "something is left or ended, but no instrument between states that the text makes out",
    Reason.NO_ACT: "an instrument is named, but nothing is done to it",
    Reason.NO_ACTOR: "the text names no state that leaves",
    Reason.OTHER_OBJECT: "what is withdrawn, suspended or ended is something else (troops, talks, a bill, an office)",
    Reason.OTHER_SENSE: "the words are used in another sense (to denounce is to condemn, a convention is a meeting)",
    Reason.ORGANISATION_ACTS: "an organisation acts, not a state",
    Reason.HISTORICAL: "the exit is mentioned as background, not reported",
    Reason.HYPOTHETICAL: "the exit is only supposed, asked about or explained",
    Reason.EXPIRY: "the instrument expires; nobody leaves it",
    Reason.AGAINST: "a call to stay, or a reaction; no move to leave is reported",
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with the spans that count; `spans` are (start, end, part) into `text`."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reading of one act: what it came to, and by which rules."""

    sentence: Marked
    outcome: str
    rules: tuple[str, ...]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that `treatywatch explain` says about an item."""

    signals: tuple[Finding, ...]
    rejected: tuple[Finding, ...]
    reason: Reason | None
    why: str


def explain(item: Item, detection: Detection) -> Explanation:
    """Explain a detection: each signal with its evidence, and each act that became none with its reason."""
    signals = tuple(_of_signal(signal) for signal in detection.signals)
    told = {signal.sentence for signal in detection.signals}
    rejected = tuple(
        _of_candidate(candidate) for candidate in detection.candidates if candidate.sentence.text not in told
    )
    why = _WHY[detection.reason] if detection.reason else ""
    return Explanation(signals, rejected, detection.reason, why)


def marks(sentence: str, start: int, evidence: Sequence[Evidence], field: str) -> tuple[tuple[int, int, str], ...]:
    """Move evidence spans from the field into the sentence that begins at `start` of it; overlaps are left out."""
    spans: list[tuple[int, int, str]] = []
    inside = (one for one in evidence if one.field == field and one.start >= start)
    for one in sorted(inside, key=lambda e: (e.start, -e.end)):
        left, right = one.start - start, one.end - start
        if right <= len(sentence) and (not spans or left >= spans[-1][1]):
            spans.append((left, right, one.part))
    return tuple(spans)


def render(explanation: Explanation) -> Text:
    """Write the explanation for a terminal; `str()` or `.plain` of it is the same without colour."""
    out = Text()
    for finding in explanation.signals:
        _finding(out, finding)
    if explanation.reason is not None:
        out.append(f"no signal: {explanation.reason.value}", style="bold")
        out.append(f": {explanation.why}\n")
    for finding in explanation.rejected:
        _finding(out, finding)
    return out


def _finding(out: Text, finding: Finding) -> None:
    out.append(finding.outcome, style="bold")
    if finding.confidence is not None:
        out.append(f"  confidence {finding.confidence:.2f}", style="dim")
    out.append("\n  ")
    position = 0
    for start, end, part in finding.sentence.spans:
        out.append(finding.sentence.text[position:start])
        out.append(finding.sentence.text[start:end], style=_COLOURS.get(part, "bold"))
        out.append(f"[{part}]", style="dim")
        position = end
    out.append(finding.sentence.text[position:])
    out.append(f"\n  rules: {' > '.join(finding.rules) or 'none'}\n")


def _of_signal(signal: Signal) -> Finding:
    field = signal.evidence[0].field if signal.evidence else "title"
    texts = {one.start: one.text for one in signal.evidence}
    start = _start_of(signal, texts)
    treaty = signal.treaty or signal.treaty_text
    where = f" ({signal.institution.value})" if signal.institution else ""
    gone = " (no longer said)" if signal.withdrawn else ""
    outcome = f"{signal.actor} {signal.action.value} {treaty}: {signal.stage.value}{where}{gone}"
    return Finding(
        Marked(signal.sentence, marks(signal.sentence, start, signal.evidence, field)),
        outcome,
        signal.rules,
        signal.confidence,
    )


def _start_of(signal: Signal, texts: dict[int, str]) -> int:
    """Find where in its field the sentence begins: the evidence says where its words stand in both."""
    for start, text in sorted(texts.items()):
        at = signal.sentence.find(text)
        while at >= 0:
            moved = start - at
            if all(signal.sentence[s - moved : s - moved + len(t)] == t for s, t in texts.items()):
                return moved
            at = signal.sentence.find(text, at + 1)
    return 0


def _of_candidate(candidate: Candidate) -> Finding:
    sentence, link, verdict = candidate.sentence, candidate.link, candidate.verdict
    parts = [(link.act.start, link.act.end, "act"), (link.treaty.start, link.treaty.end, "treaty")]
    parts += [(actor.start, actor.end, "actor") for actor in candidate.actors if actor.end <= len(sentence.tokens)]
    parts += [(operator.start, operator.end, operator.kind) for operator in verdict.operators]
    outcome = f"rejected: {candidate.reason.value}" if candidate.reason else "the step is told elsewhere in the item"
    return Finding(Marked(sentence.text, _spans(sentence, parts)), outcome, candidate.rules)


def _spans(sentence: Sentence, parts: list[tuple[int, int, str]]) -> tuple[tuple[int, int, str], ...]:
    spans: list[tuple[int, int, str]] = []
    for start, end, part in sorted(parts):
        left = sentence.tokens[start].start - sentence.start
        right = sentence.tokens[end - 1].end - sentence.start
        if not spans or left >= spans[-1][1]:
            spans.append((left, right, part))
    return tuple(spans)
