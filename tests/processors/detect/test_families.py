"""Each family of hard cases has its own golden sentences, with as many near misses as rows that are a signal."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.detect.pipeline import Detector, load_detector
from tests.processors.detect.golden import FAMILIES, Golden, matches, read_golden
from treatywatch.locate import config_dir

DETECTOR: Detector = load_detector(config_dir())
FILES = sorted(FAMILIES.glob("*.txt"))
ENOUGH = 12


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{file.stem}-{row.line}") for file in FILES for row in read_golden(file)]
)
def test_family_sentence(row: Golden) -> None:
    """The signals are exactly those of the row; a row without any has a reason."""
    detection = DETECTOR.read(row.item)
    assert matches(detection.signals, row), (row.item.title, row.item.summary, detection.signals, detection.reason)
    assert (detection.reason is None) == bool(detection.signals)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_family_has_enough_of_both(file: Path) -> None:
    """At least a dozen near misses a family, and a dozen signals where it has any."""
    rows = read_golden(file)
    signals = [row for row in rows if row.expected]
    assert len(rows) - len(signals) >= ENOUGH
    assert not signals or len(signals) >= ENOUGH
