"""The fixed line of `treatywatch detect`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec

from processors.detect.lines import detect_line, unreadable_line
from processors.detect.pipeline import load_detector
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir
from treatywatch.model import DeadLetter, Item

DETECTOR = load_detector(config_dir())


def test_detect_line_has_the_fixed_keys() -> None:
    """The keys of the contract are there, as plain values that JSON can hold."""
    item = Item(id="a", title="Poland withdraws from Ottawa Convention", published=datetime(2025, 7, 1, tzinfo=UTC))
    answer = json.loads(msgspec.json.encode(detect_line(item, DETECTOR.read(item))))
    assert (answer["id"], answer["reason"]) == ("a", None)
    (signal,) = answer["signals"]
    assert signal["actor"] == "PL"
    assert signal["treaty"] == "APMBC"
    assert signal["treaty_text"] == "Ottawa Convention"
    assert signal["action"] == "withdraw"
    assert signal["stage"] == "effective"
    assert 0 <= signal["confidence"] <= 1
    assert signal["evidence"]


def test_detect_line_without_a_signal_says_why() -> None:
    """A no has its reason."""
    item = Item(id="a", title="Poland withdraws amendment to mine treaty law")
    assert detect_line(item, DETECTOR.read(item)) == {"id": "a", "signals": [], "reason": "other_object"}


def test_unreadable_line_is_answered() -> None:
    """A line that is no item is answered with its id where it has one."""
    letter = read_line(b'{"id": "x", "title": 5}')
    assert isinstance(letter, DeadLetter)
    answer = unreadable_line(letter)
    assert (answer["id"], answer["signals"], answer["reason"]) == ("x", [], "unreadable")
    assert answer["error"].startswith("invalid: ")
