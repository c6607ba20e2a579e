"""Score the detector on labelled lines: precision, recall, false alarms per 100,000, per stage and per language.

A labelled line is an item line with `lifecycle_event`, and where that is true `stage`, `actors` and `treaty_id`. An
item is right when it gives a signal exactly where the label says that something happens; stage, actor and treaty are
scored on those hits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from processors.detect.pipeline import Detector
from treatywatch.item_lines import read_line
from treatywatch.model import DeadLetter, Signal


class _Label(msgspec.Struct, frozen=True):
    lifecycle_event: bool
    stage: str | None = None
    actors: list[str] = []
    treaty_id: str | None = None


@dataclass
class Count:
    """Right and wrong answers of one kind."""

    hits: int = 0
    false: int = 0
    missed: int = 0

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


@dataclass(frozen=True)
class Miss:
    """A row that the detector got wrong."""

    kind: str  # false alarm, missed, stage
    text: str
    wanted: str
    got: str


@dataclass
class Score:
    """The whole evaluation."""

    events: Count = field(default_factory=Count)
    stages: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    languages: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    stage_right: int = 0
    actor: tuple[int, int] = (0, 0)  # right, of
    treaty: tuple[int, int] = (0, 0)
    rows: int = 0
    unreadable: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def false_per_100k(self) -> float:
        """False alarms per 100,000 items of this file (its base rate, not a feed's)."""
        return self.events.false * 1e5 / self.rows if self.rows else 0.0


def evaluate(detector: Detector, lines: Iterable[bytes]) -> Score:
    """Score every labelled line; a line that is no item or has no label counts as unreadable."""
    score = Score()
    decode = msgspec.json.Decoder(_Label).decode
    for line in lines:
        if not line.strip():
            continue
        item = read_line(line)
        try:
            label = decode(line)
        except msgspec.MsgspecError:
            label = None
        if isinstance(item, DeadLetter) or label is None:
            score.unreadable += 1
            continue
        score.rows += 1
        detection = detector.read(item)
        said = ", ".join(f"{s.actor} {s.treaty or s.treaty_text} {s.stage.value}" for s in detection.signals)
        got = said or str(detection.reason.value if detection.reason else "")
        _count(score, label, detection.signals, item.language, f"{item.title} {item.summary}".strip(), got)
    return score


def _count(score: Score, label: _Label, signals: tuple[Signal, ...], language: str, text: str, got: str) -> None:
    stage = label.stage or "none"
    hit = bool(signals)
    for count in (score.events, score.stages[stage], score.languages[language]):
        count.hits += hit and label.lifecycle_event
        count.false += hit and not label.lifecycle_event
        count.missed += label.lifecycle_event and not hit
    if hit != label.lifecycle_event:
        score.misses.append(Miss("false alarm" if hit else "missed", text, stage, got))
    if not (hit and label.lifecycle_event):
        return
    if any(signal.stage == label.stage for signal in signals):
        score.stage_right += 1
    else:
        score.misses.append(Miss("stage", text, stage, got))
    if label.actors:
        score.actor = (score.actor[0] + any(s.actor in label.actors for s in signals), score.actor[1] + 1)
    if label.treaty_id:
        score.treaty = (score.treaty[0] + any(s.treaty == label.treaty_id for s in signals), score.treaty[1] + 1)


def report(score: Score, misses: int = 0) -> str:
    """Write the evaluation for a terminal, with the first `misses` rows that are wrong."""
    e = score.events
    lines = [
        f"{score.rows} rows, {score.unreadable} unreadable",
        f"events     P {e.precision:.3f}  R {e.recall:.3f}  F1 {e.f1:.3f}"
        f"  ({e.hits} hits, {e.false} false, {e.missed} missed)",
        f"of hits    stage {score.stage_right}/{e.hits}  actor {score.actor[0]}/{score.actor[1]}"
        f"  treaty {score.treaty[0]}/{score.treaty[1]}",
        f"false alarms per 100,000 of these rows: {score.false_per_100k:.1f}",
    ]
    for title, counts in (("stage", score.stages), ("language", score.languages)):
        for name, count in sorted(counts.items()):
            lines.append(
                f"  {title} {name:<12} P {count.precision:.3f}  R {count.recall:.3f}  "
                f"({count.hits} hits, {count.false} false, {count.missed} missed)"
            )
    lines += [f"{m.kind}: {m.text[:240]}\n    wanted {m.wanted}, got {m.got}" for m in score.misses[:misses]]
    return "\n".join(lines)


def as_json(score: Score) -> dict[str, object]:
    """Write the evaluation for a script."""

    def figures(count: Count) -> dict[str, float]:
        return {
            "hits": count.hits,
            "false": count.false,
            "missed": count.missed,
            "precision": round(count.precision, 4),
            "recall": round(count.recall, 4),
            "f1": round(count.f1, 4),
        }

    return {
        "rows": score.rows,
        "unreadable": score.unreadable,
        "false_alarms_per_100k": round(score.false_per_100k, 1),
        "events": figures(score.events),
        "stages": {stage: figures(count) for stage, count in sorted(score.stages.items())},
        "languages": {language: figures(count) for language, count in sorted(score.languages.items())},
        "stage_right": score.stage_right,
        "actor": score.actor,
        "treaty": score.treaty,
    }
