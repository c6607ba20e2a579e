"""Compare a score with an earlier one: which figures fell, and which texts came out worse or better."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from processors.detect.scoring.report import as_json
from processors.detect.scoring.score import Outcome, Score
from treatywatch.errors import TreatywatchError

_FIGURES = (
    ("events", "precision"),
    ("events", "recall"),
    ("events", "f1"),
    ("stage", "rate"),
    ("actor", "rate"),
    ("treaty", "rate"),
    ("pairs", "precision"),
    ("pairs", "recall"),
    ("full", "precision"),
    ("full", "recall"),
)
_DIGITS = 1e-4  # figures are written with four digits


class Base(msgspec.Struct, frozen=True):
    """What `eval --json` wrote earlier, as far as it is compared."""

    rows: int
    outcomes: dict[str, Outcome]
    events: dict[str, float] = {}
    stage: dict[str, float] = {}
    actor: dict[str, float] = {}
    treaty: dict[str, float] = {}
    pairs: dict[str, float] = {}
    full: dict[str, float] = {}

    def figure(self, group: str, name: str) -> float:
        """Give one figure; 0 where it was not written."""
        groups: Mapping[str, Mapping[str, float]] = {
            "events": self.events,
            "stage": self.stage,
            "actor": self.actor,
            "treaty": self.treaty,
            "pairs": self.pairs,
            "full": self.full,
        }
        return groups[group].get(name, 0.0)


@dataclass(frozen=True, slots=True)
class Moved:
    """A text that comes out otherwise than before; `text` is empty where it came out right and is not at hand."""

    key: str
    was: Outcome
    now: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became worse and better. `fell` and `rose` hold (figure, before, now)."""

    fell: tuple[tuple[str, float, float], ...]
    rose: tuple[tuple[str, float, float], ...]
    worse: tuple[Moved, ...]
    better: tuple[Moved, ...]
    gone: int
    added: int

    @property
    def regressed(self) -> bool:
        """Whether any figure fell."""
        return bool(self.fell)


def read_base(path: Path) -> Base:
    """Read a base. Raises TreatywatchError where the file is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Base)
    except (OSError, msgspec.MsgspecError) as error:
        raise TreatywatchError(f"{path}: no base to compare with, write one with eval --json: {error}") from error


def compare(score: Score, base: Base, slack: float = 0.0) -> Comparison:
    """Compare figures, and the outcome of each text that both have; a figure may fall by `slack`."""
    now = msgspec.json.decode(json.dumps(as_json(score)), type=Base)
    moved = [(name, base.figure(*name), now.figure(*name)) for name in _FIGURES]
    texts = {fault.key: fault.text for fault in score.faults}
    changed = [
        Moved(key, was, score.outcomes[key], texts.get(key, ""))
        for key, was in base.outcomes.items()
        if key in score.outcomes and score.outcomes[key] is not was
    ]
    return Comparison(
        fell=tuple((" ".join(name), old, new) for name, old, new in moved if new < old - slack - _DIGITS),
        rose=tuple((" ".join(name), old, new) for name, old, new in moved if new > old + _DIGITS),
        worse=tuple(one for one in changed if one.now.rank > one.was.rank),
        better=tuple(one for one in changed if one.now.rank < one.was.rank),
        gone=len(base.outcomes.keys() - score.outcomes.keys()),
        added=len(score.outcomes.keys() - base.outcomes.keys()),
    )


def comparison_lines(found: Comparison) -> list[str]:
    """Write the comparison for a person: what fell, in which texts, and what was won."""
    lines = [f"fell: {name} {old:.4f} -> {new:.4f}" for name, old, new in found.fell]
    lines += [f"rose: {name} {old:.4f} -> {new:.4f}" for name, old, new in found.rose]
    lines += [f"worse: {one.key} {one.was.value} -> {one.now.value}: {one.text[:200]}" for one in found.worse]
    lines += [f"better: {one.key} {one.was.value} -> {one.now.value}" for one in found.better]
    if found.gone or found.added:
        lines.append(f"{found.gone} texts of the base are not in this file, {found.added} are new")
    verdict = "regressed" if found.regressed else "no figure fell"
    return [*lines, f"compared with the base: {verdict}, {len(found.worse)} texts worse, {len(found.better)} better"]
