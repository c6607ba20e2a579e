"""Measure the detector on a folder of public texts, which stay where they are: figures go into docs/quality.md.

A file whose rows carry `lifecycle_event` is scored; any other is a haystack, of which the hits are counted. A haystack
holds true exits too, so its rate is an upper bound of the false alarms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from processors.detect.evaluate import Score, evaluate
from processors.detect.pipeline import Detector
from treatywatch.item_lines import read_line
from treatywatch.model import Item


@dataclass(frozen=True, slots=True)
class Figures:
    """What one file gave: a score where it is labelled, else the number of items with a signal."""

    name: str
    sha256: str
    rows: int
    score: Score | None
    hits: int

    @property
    def per_100k(self) -> float:
        """Hits per 100,000 items."""
        return self.hits * 1e5 / self.rows if self.rows else 0.0


def is_labelled(line: bytes) -> bool:
    """Say whether a row carries a label."""
    return b'"lifecycle_event"' in line


def count_hits(detector: Detector, lines: Iterable[bytes]) -> tuple[int, int]:
    """Return how many items there are, and how many of them give a signal."""
    rows = hits = 0
    for line in lines:
        item = read_line(line, warn=lambda text: None)
        if isinstance(item, Item):
            rows += 1
            hits += bool(detector.read(item).signals)
    return rows, hits


def figures(detector: Detector, name: str, lines: Sequence[bytes]) -> Figures:
    """Measure one file, given its lines."""
    sha256 = hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]
    if lines and is_labelled(lines[0]):
        score = evaluate(detector, lines)
        return Figures(name, sha256, score.rows, score, score.events.hits + score.events.false)
    rows, hits = count_hits(detector, lines)
    return Figures(name, sha256, rows, None, hits)


def page(found: Sequence[Figures], date: str, commit: str, detector: str) -> str:
    """Write docs/quality.md."""
    lines = [
        "# How well it detects",
        "",
        f"Measured on {date}, commit {commit}, detector {detector}, by `make measure CORPUS=DIR`. The texts are public",
        "and not part of the project; each file is named with a hash of its content. Figures move with every change of",
        "the lexicon, so they are measured, not promised.",
        "",
        "## Labelled headlines",
        "",
        "Built from near misses, so the base rate is far from a feed's; stage, actor and treaty are of the hits.",
        "",
        "| file | rows | precision | recall | F1 | stage | actor | treaty |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for f in found:
        if f.score is not None:
            e, s = f.score.events, f.score
            lines.append(
                f"| `{f.name}` ({f.sha256}) | {f.rows:,} | {e.precision:.3f} | {e.recall:.3f} | {e.f1:.3f} "
                f"| {s.stage_right}/{e.hits} | {s.actor[0]}/{s.actor[1]} | {s.treaty[0]}/{s.treaty[1]} |"
            )
    lines += [
        "",
        "## News without labels",
        "",
        "Items with a signal, before review: true exits are among them, so the rate is an upper bound of false alarms.",
        "",
        "| file | items | with a signal | per 100,000 |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| `{f.name}` ({f.sha256}) | {f.rows:,} | {f.hits:,} | {f.per_100k:.1f} |" for f in found if f.score is None
    ]
    return "\n".join(lines) + "\n"
