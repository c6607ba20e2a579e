"""The work of reading grows with the text and no faster; counted in steps of the interpreter, not in time."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from processors.detect.pipeline import load_detector
from tests.processors.detect.hostile import PIECES
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR = load_detector(config_dir())
BEGIN = "Poland leaves the Ottawa Convention. "  # opens the prefilter, and names what later sentences refer to
SHORT, TIMES, GROWTH = 2_000, 4, 6.5  # a quadratic reader would take 16 times the steps


def steps(text: str) -> int:
    """Count the lines of Python that reading a text runs."""
    count = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    item = Item(id="1", title=BEGIN, summary=BEGIN + text)
    before = sys.gettrace()
    sys.settrace(line)
    try:
        DETECTOR.read(item)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", PIECES)
def test_four_times_the_text_is_about_four_times_the_work(name: str) -> None:
    """Of any piece, repeated."""
    piece = PIECES[name]
    DETECTOR.read(Item(id="1", title=BEGIN, summary=piece))  # what is made once is made before
    short = steps(piece * (SHORT // len(piece)))
    long = steps(piece * (SHORT * TIMES // len(piece)))
    assert long < short * GROWTH + 2_000, (short, long)


def test_a_field_is_read_to_its_limit_only() -> None:
    """Ten times as long is not one step more."""
    piece = PIECES["whole sentences"]
    DETECTOR.read(Item(id="1", title=BEGIN, summary=BEGIN + piece * 4_000))
    assert steps(piece * 40_000) < steps(piece * 4_000) * 1.001
