"""Measure the detector on files of public texts, which stay where they are: only figures and hashes leave them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from processors.detect.pipeline import Detector
from processors.detect.scoring.judged import Judged, Judgement
from processors.detect.scoring.labels import Text, read_text
from processors.detect.scoring.score import Outcome, Score, Tally, add


@dataclass(frozen=True, slots=True)
class Figures:
    """What the texts of one language in one file gave. `labelled` says that the file brings its own labels."""

    name: str
    language: str
    sha256: str
    labelled: bool
    score: Score

    @property
    def tally(self) -> Tally:
        """The figures of all its texts."""
        return self.score.all

    @property
    def hits(self) -> int:
        """How many items give a signal, right or not."""
        return self.tally.events.hits + self.tally.events.false + self.tally.unjudged


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A signal that nobody has judged, with the text for the reader who is to judge it."""

    text: str
    judgement: Judgement
    says: str


def figures(detector: Detector, name: str, lines: Sequence[bytes], judged: Judged) -> tuple[Figures, ...]:
    """Measure one file, given its lines: one result for each language that the detector reads."""
    sha256 = hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]
    scores: dict[str, Score] = defaultdict(Score)
    labelled = False
    for text in _texts(lines):
        if text.item.language not in detector.languages:
            continue
        labelled = labelled or text.labelled
        add(scores[text.item.language], text, detector.read(text.item), judged)
    return tuple(Figures(name, language, sha256, labelled, score) for language, score in sorted(scores.items()))


def unjudged(detector: Detector, lines: Sequence[bytes], judged: Judged) -> Iterator[Unjudged]:
    """Give each signal without a judgement, with a judgement to be filled in by a reader."""
    for text in _texts(lines):
        for signal in detector.read(text.item).signals:
            if judged.of(text.key, signal) is None:
                blank = Judgement(text=text.key, event=True, case=signal.case_id, stage=signal.stage.value)
                says = (
                    f"{signal.actor} {signal.action.value} {signal.treaty or signal.treaty_text} {signal.stage.value}"
                )
                yield Unjudged(f"{text.item.title} {text.item.summary}".strip(), blank, says)


def outcomes(found: Sequence[Figures], outcome: Outcome) -> int:
    """Count the texts of all files that came out so."""
    return sum(list(one.score.outcomes.values()).count(outcome) for one in found)


def _texts(lines: Sequence[bytes]) -> Iterator[Text]:
    for line in lines:
        text = read_text(line) if line.strip() else None
        if text is not None:
            yield text
