"""Which instrument and which states a sentence is about: names, descriptions, groups, persons by date, lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from processors.detect.pipeline import Detection, Detector, load_detector
from treatywatch.locate import config_dir
from treatywatch.model import Item

DETECTOR: Detector = load_detector(config_dir())


def read(title: str, summary: str = "", day: str = "2025-07-01") -> Detection:
    """Read an item of that day."""
    published = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return DETECTOR.read(Item(id="1", title=title, summary=summary, published=published))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Sri Lanka quits ICC", True),
        ("Sri Lanka quits ICC over cricket board row", False),
        ("Qatar withdraws from Open Skies", True),
        ("Qatar withdraws from Open Skies agreement with US airlines", False),
        ("Gambia leaves the Commonwealth", True),
        ("Gambia leaves the Commonwealth Games", False),
    ],
)
def test_name_beside_a_word_of_its_other_meaning_is_no_treaty(text: str, named: bool) -> None:
    """What an acronym collides with is told by the words beside it."""
    assert any(signal.treaty for signal in read(text).signals) is named
