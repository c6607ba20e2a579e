"""Whether confidence means something: of the signals told with so much confidence, how many are right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from processors.detect.scoring.score import Reading
from processors.detect.scoring.wilson import wilson

BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)  # the last one goes up to 1


@dataclass(frozen=True, slots=True)
class Band:
    """The signals told with a confidence of at least `low` and less than `high`, as far as anybody knows."""

    low: float
    high: float
    right: int
    of: int
    mean: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share of right ones lies, with 95 % confidence."""
        return wilson(self.right, self.of)


def known(readings: Iterable[Reading]) -> list[tuple[float, bool]]:
    """Give confidence and verdict of each signal that somebody knows of, each signal of a text once."""
    seen: dict[tuple[str, str, str], tuple[float, bool]] = {}
    for reading in readings:
        if reading.right is not None:
            key = (reading.key, reading.signal.case_id, reading.signal.stage.value)
            seen.setdefault(key, (reading.signal.confidence, reading.right))
    return list(seen.values())


def bands(verdicts: Sequence[tuple[float, bool]]) -> tuple[Band, ...]:
    """Count the verdicts in each band of confidence; a band with none is there too."""
    found = []
    for low, high in zip(BANDS, (*BANDS[1:], 1.0), strict=True):
        last = high == 1.0
        inside = [(c, right) for c, right in verdicts if low <= c < high or (last and c == high)]
        mean = sum(c for c, _ in inside) / len(inside) if inside else 0.0
        found.append(Band(low, high, sum(right for _, right in inside), len(inside), mean))
    return tuple(found)
