"""Count how the detector does on texts: events, stage, actor, instrument, whole signals; in all and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from processors.detect.pipeline import Detection, Detector
from processors.detect.scoring.judged import Judged, Judgement
from processors.detect.scoring.labels import Text, Triple, read_text
from treatywatch.model import Signal

GROUPS = ("stage", "family", "language", "half")


class Outcome(StrEnum):
    """How one text came out, the best first."""

    RIGHT = "right"
    OPEN = "open"  # readers may differ, or nobody has looked
    PARTLY = "partly right"  # one of several signals is missing, or stands beside the right ones
    STAGE = "wrong stage"
    TREATY = "wrong treaty"
    ACTOR = "wrong actor"
    UNJUDGED = "unjudged"
    FALSE = "false alarm"
    MISSED = "missed"

    @property
    def rank(self) -> int:
        """The order from best to worst."""
        return tuple(Outcome).index(self)


@dataclass(slots=True)
class Count:
    """Right and wrong answers of one kind."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def join(self, other: Count) -> None:
        """Count what another one counted."""
        self.hits += other.hits
        self.false += other.false
        self.missed += other.missed

    @property
    def precision(self) -> float:
        """Of what was said, how much is right; 0 where nothing was said."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 0.0

    @property
    def recall(self) -> float:
        """Of what happens, how much was said; 0 where nothing happens."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True)
class Share:
    """So many right, of so many."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        """Count one answer."""
        self.right += right
        self.of += 1

    def join(self, other: Share) -> None:
        """Count what another one counted."""
        self.right += other.right
        self.of += other.of

    @property
    def rate(self) -> float:
        """The share; 0 where nothing was counted."""
        return self.right / self.of if self.of else 0.0


@dataclass(slots=True)
class Tally:
    """The figures of one group of texts. `stage`, `actor` and `treaty` are of the hits."""

    rows: int = 0
    events: Count = field(default_factory=Count)
    unjudged: int = 0
    stage: Share = field(default_factory=Share)
    actor: Share = field(default_factory=Share)
    treaty: Share = field(default_factory=Share)
    pairs: Count = field(default_factory=Count)  # actor and treaty
    full: Count = field(default_factory=Count)  # actor, treaty and stage

    def join(self, other: Tally) -> None:
        """Count what another one counted."""
        self.rows += other.rows
        self.unjudged += other.unjudged
        for count, more in ((self.events, other.events), (self.pairs, other.pairs), (self.full, other.full)):
            count.join(more)
        for share, further in ((self.stage, other.stage), (self.actor, other.actor), (self.treaty, other.treaty)):
            share.join(further)

    @property
    def false_per_100k(self) -> float:
        """False alarms per 100,000 of these texts (their base rate, not a feed's)."""
        return self.events.false * 1e5 / self.rows if self.rows else 0.0

    @property
    def upper_per_100k(self) -> float:
        """The same with every hit that nobody has judged counted as false."""
        return (self.events.false + self.unjudged) * 1e5 / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that came out wrong."""

    outcome: Outcome
    key: str
    text: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal and whether it is right in every part; none where nobody knows."""

    key: str
    signal: Signal
    right: bool | None


@dataclass(slots=True)
class Score:
    """The whole evaluation. `outcomes` is by the text's key, the worst where a text stands twice."""

    all: Tally = field(default_factory=Tally)
    groups: dict[str, dict[str, Tally]] = field(default_factory=lambda: {name: defaultdict(Tally) for name in GROUPS})
    unreadable: int = 0
    faults: list[Fault] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)


def evaluate(detector: Detector, lines: Iterable[bytes], judged: Judged | None = None) -> Score:
    """Score every line: by its label, or by what a reader said about its signals (`judged`).

    Empty lines are skipped; a line that is no item, or whose label cannot be read, counts as unreadable.
    """
    score = Score()
    for line in lines:
        if not line.strip():
            continue
        text = read_text(line)
        if text is None:
            score.unreadable += 1
        else:
            add(score, text, detector.read(text.item), judged or Judged())
    return score


def add(score: Score, text: Text, detection: Detection, judged: Judged) -> None:
    """Count one text."""
    signals = detection.signals
    judgements = [judged.of(text.key, signal) for signal in signals]
    outcome = _outcome(text, signals, judgements, judged.event(text.key))
    tallies = [score.all, score.groups["language"][text.item.language], score.groups["half"][text.half]]
    if text.labelled:
        tallies.append(score.groups["stage"][text.stage])
    if text.family:
        tallies.append(score.groups["family"][text.family])
    for tally in tallies:
        _count(tally, text, signals, outcome)
    known = score.outcomes.get(text.key, outcome)
    if text.labelled or signals:
        score.outcomes[text.key] = max(known, outcome, key=lambda o: o.rank)
    score.readings += [
        Reading(text.key, signal, right(text, signal, judgement))
        for signal, judgement in zip(signals, judgements, strict=True)
    ]
    if outcome not in (Outcome.RIGHT, Outcome.OPEN):
        said = "; ".join(f"{s.actor} {s.treaty or s.case_id.partition(':')[2]} {s.stage.value}" for s in signals)
        got = said or (detection.reason.value if detection.reason else "")
        words = f"{text.item.title} {text.item.summary}".strip()
        score.faults.append(Fault(outcome, text.key, words, _wanted(text, judged.event(text.key)), got))


def right(text: Text, signal: Signal, judgement: Judgement | None) -> bool | None:
    """Say whether a signal is right in every part: by the reader's word, else by the label; none where neither is."""
    if judgement is not None:
        return judgement.right
    if not text.labelled:
        return None
    if text.may is not None:
        return (signal.actor, signal.treaty, signal.stage.value) in text.may
    if not text.event:
        return False
    actor = not text.actors or signal.actor in text.actors
    treaty = (signal.treaty in text.treaties) if text.treaties else signal.treaty is None
    return actor and treaty and signal.stage.value in text.stages


def _outcome(
    text: Text, signals: Sequence[Signal], judgements: Sequence[Judgement | None], event: bool | None
) -> Outcome:
    if not text.labelled:
        if not signals:
            return Outcome.MISSED if event else Outcome.OPEN
        if any(one is not None and one.event for one in judgements):
            parts = [one for one in judgements if one is not None and one.event]
            return min((_of_judgement(one) for one in parts), key=lambda o: o.rank)
        if any(one is None for one in judgements):
            return Outcome.UNJUDGED
        return Outcome.FALSE
    if text.event is None:
        return Outcome.OPEN
    if bool(signals) != text.event:
        return Outcome.FALSE if signals else Outcome.MISSED
    if not signals:
        return Outcome.RIGHT
    if text.actors and not {s.actor for s in signals} & text.actors:
        return Outcome.ACTOR
    if text.treaties and not {s.treaty for s in signals} & text.treaties:
        return Outcome.TREATY
    if not {s.stage.value for s in signals} & text.stages:
        return Outcome.STAGE
    if text.must is not None and text.may is not None:
        got = {(s.actor, s.treaty, s.stage.value) for s in signals}
        return Outcome.RIGHT if text.must <= got <= text.may else Outcome.PARTLY
    return Outcome.RIGHT


def _of_judgement(one: Judgement) -> Outcome:
    if not one.actor_ok:
        return Outcome.ACTOR
    if not one.treaty_ok:
        return Outcome.TREATY
    return Outcome.RIGHT if one.stage_ok else Outcome.STAGE


def _count(tally: Tally, text: Text, signals: Sequence[Signal], outcome: Outcome) -> None:
    tally.rows += 1
    tally.unjudged += outcome is Outcome.UNJUDGED
    tally.events.false += outcome is Outcome.FALSE
    tally.events.missed += outcome is Outcome.MISSED
    if signals and outcome not in (Outcome.UNJUDGED, Outcome.FALSE, Outcome.OPEN):
        tally.events.hits += 1
        if not text.labelled:  # a reader's word: what is worse than a wrong part hides the rest
            tally.stage.add(outcome is Outcome.RIGHT)
            tally.actor.add(outcome is not Outcome.ACTOR)
            tally.treaty.add(outcome not in (Outcome.ACTOR, Outcome.TREATY))
            return
        tally.stage.add(bool({s.stage.value for s in signals} & text.stages))
        if text.actors:
            tally.actor.add(bool({s.actor for s in signals} & text.actors))
        if text.treaties:
            tally.treaty.add(bool({s.treaty for s in signals} & text.treaties))
    if text.must is not None and text.may is not None:
        got = {(s.actor, s.treaty, s.stage.value) for s in signals}
        _triples(tally.full, text.must, text.may, got)
        _triples(tally.pairs, *({(a, t, "") for a, t, _ in part} for part in (text.must, text.may, got)))


def _triples(count: Count, must: Iterable[Triple], may: Iterable[Triple], got: Iterable[Triple]) -> None:
    wanted, allowed, found = set(must), set(may), set(got)
    count.hits += len(wanted & found)
    count.missed += len(wanted - found)
    count.false += len(found - allowed)


def _wanted(text: Text, event: bool | None) -> str:
    if text.may:
        return "; ".join(f"{actor} {treaty or '~'} {stage}" for actor, treaty, stage in sorted(text.may, key=str))
    if text.labelled:
        parts = (",".join(sorted(text.actors)), ",".join(sorted(text.treaties)), text.stage)
        return " ".join(part for part in parts if part)
    return {True: "a move, by a reader's word", False: "nothing, by a reader's word", None: "nobody has said"}[event]
