"""How sure a reading is: what there is to doubt, how much each doubt weighs, and what that came to on judged texts.

A reading starts sure; each doubt multiplies. The product is then read off a monotone table that was fitted on signals
which a reader had judged (`config/confidence.yml`, `make calibrate`), so that of the signals told with 0.9 or more at
least nine in ten are right.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from processors.detect.candidate import Candidate
from processors.detect.reading import TreatyMention, WordForm
from treatywatch.config import Strict, load
from treatywatch.model import Action, Hedge

FILE = "confidence.yml"
PREFIX = "doubt."  # before the name of a doubt among the rules of a signal
_FAR, _VERY_FAR = 8, 18  # words between the state and the act


class Doubt(StrEnum):
    """What there can be to doubt in a reading."""

    DESCRIBED_PARTNER = "described-with-partner"
    DESCRIBED_PURPOSE = "described-by-purpose"
    DESCRIBED_ONLY = "only-described"
    TAKEN = "instrument-from-elsewhere"
    CONDEMNS = "verb-condemns"
    WEAK = "weak-verb"
    FAR = "state-far-from-act"
    VERY_FAR = "state-very-far-from-act"
    CARRIED = "state-from-elsewhere"
    VOICE = "other-voice"
    PRESS_TENSE = "press-tense"
    DECLARED_VOID = "declared-void"
    REPORTED = "reported"
    CONDITIONAL = "conditional"


class Weight(Strict):
    """How much one doubt weighs: `factor` multiplies; fitted on `right` of `of` judged signals that have it."""

    factor: float = Field(gt=0, le=1)
    prior: float = Field(gt=0, le=1, description="the factor before anything was judged, by reason")
    right: int = 0
    of: int = 0
    says: str = Field(description="the doubt as a sentence, for explain")


class Knot(Strict):
    """One step of the table: a product of `raw` is told as `confidence`; fitted on `right` of `of` signals."""

    raw: float = Field(ge=0, le=1)
    confidence: float = Field(ge=0, le=1)
    right: int = 0
    of: int = 0


class Confidence(Strict):
    """The whole of config/confidence.yml."""

    start: float = Field(gt=0, le=1, description="how sure a reading without any doubt is")
    fitted: dict[str, str | int] = Field(
        {}, description="on what, when and with which detector the figures were fitted"
    )
    doubts: dict[Doubt, Weight]
    table: tuple[Knot, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Confidence:
        if missing := [doubt.value for doubt in Doubt if doubt not in self.doubts]:
            raise ValueError(f"every doubt needs its weight, missing: {', '.join(missing)}")
        for before, after in zip(self.table, self.table[1:], strict=False):
            if after.raw <= before.raw or after.confidence < before.confidence:
                raise ValueError(f"the table must rise: {before.raw} -> {after.raw}")
        return self

    @property
    def version(self) -> str:
        """A hash of what decides, for the detector's version."""
        parts = [str(self.start), *(f"{d}={self.doubts[d].factor}" for d in Doubt)]
        parts += [f"{knot.raw}:{knot.confidence}" for knot in self.table]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]

    def raw(self, doubts: Iterable[Doubt]) -> float:
        """Multiply the doubts."""
        sure = self.start
        for doubt in doubts:
            sure *= self.doubts[doubt].factor
        return sure

    def told(self, raw: float) -> float:
        """Read a product off the table: straight lines between its knots, and 0 for 0; without a table as it is."""
        if not self.table:
            return round(raw, 3)
        at = bisect_right([knot.raw for knot in self.table], raw)
        if at == len(self.table):
            return round(self.table[-1].confidence, 3)
        low_raw, low = (self.table[at - 1].raw, self.table[at - 1].confidence) if at else (0.0, 0.0)
        high_raw, high = self.table[at].raw, self.table[at].confidence
        return round(low + (high - low) * (raw - low_raw) / (high_raw - low_raw), 3)


@dataclass(frozen=True, slots=True)
class Sure:
    """How sure a reading is, and what there is to doubt in it."""

    value: float
    doubts: tuple[Doubt, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The doubts as ids among the rules of a signal."""
        return tuple(f"{PREFIX}{doubt.value}" for doubt in self.doubts)


def how_sure(confidence: Confidence, doubts: tuple[Doubt, ...]) -> Sure:
    """Weigh the doubts."""
    return Sure(confidence.told(confidence.raw(doubts)), doubts)


def doubts_about(candidate: Candidate, treaty: TreatyMention) -> tuple[Doubt, ...]:
    """Find what there is to doubt in a reading; `treaty` is the instrument that was settled on."""
    link, verdict, actors = candidate.link, candidate.verdict, candidate.actors
    found = [_described(treaty)] if not treaty.named else []
    if treaty is not link.treaty:
        found.append(Doubt.TAKEN)  # "the agreement": taken from elsewhere in the item
    if link.act.family.condemns and link.act.form is not WordForm.NOUN:
        found.append(Doubt.CONDEMNS)
    if link.act.family.weak and not treaty.named:
        found.append(Doubt.WEAK)
    carried = bool(actors) and actors[0].start >= len(candidate.sentence.tokens)
    if carried:
        found.append(Doubt.CARRIED)
    elif actors and not link.whom_explicit:
        gap = link.act.start - actors[-1].end
        if gap > _FAR:
            found.append(Doubt.VERY_FAR if gap > _VERY_FAR else Doubt.FAR)
    if {operator.kind for operator in verdict.operators} & {"react", "advocate"}:
        found.append(Doubt.VOICE)
    if verdict.bare:
        found.append(Doubt.PRESS_TENSE)
    if link.stage is not None and link.act.family.action is Action.TERMINATE:
        found.append(Doubt.DECLARED_VOID)
    if verdict.hedge is Hedge.REPORTED:
        found.append(Doubt.REPORTED)
    if verdict.hedge is Hedge.CONDITIONAL:
        found.append(Doubt.CONDITIONAL)
    return tuple(found)


def _described(treaty: TreatyMention) -> Doubt:
    if treaty.counterparts:
        return Doubt.DESCRIBED_PARTNER
    return Doubt.DESCRIBED_PURPOSE if treaty.purpose or treaty.slug else Doubt.DESCRIBED_ONLY


def load_confidence(config: Path) -> Confidence:
    """Read config/confidence.yml. Raises ConfigError with file and line."""
    return load(config / FILE, Confidence)
