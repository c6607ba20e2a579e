"""What the commands show: the fixed line, the explanation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec

from processors.detect.explain import explain, render
from processors.detect.lines import detect_line, unreadable_line
from processors.detect.pipeline import load_detector
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir
from treatywatch.model import DeadLetter, Item, Reason

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


def test_explanation_marks_the_words_that_count() -> None:
    """The marked spans are the words of the sentence, with what each stands for."""
    item = Item(
        id="a",
        title="Rain in Riga",
        summary="It rained. Latvian lawmakers vote down withdrawal from Istanbul Convention.",
    )
    explanation = explain(item, DETECTOR.read(item))
    (finding,) = explanation.signals
    marked = {finding.sentence.text[start:end]: part for start, end, part in finding.sentence.spans}
    assert marked["Latvian"] == "actor"
    assert marked["vote down"] == "negation"
    assert marked["Istanbul Convention"] == "treaty"
    assert "reject:vote down" in finding.rules
    assert "LV withdraw ISTANBUL: rejected" in render(explanation).plain


def test_explanation_of_a_no_gives_reason_and_reading() -> None:
    """A person sees what was read and why it came to nothing."""
    item = Item(
        id="a",
        title="Washington, which quit the INF Treaty in 2019, tests missile",
        published=datetime(2025, 7, 1, tzinfo=UTC),
    )
    explanation = explain(item, DETECTOR.read(item))
    assert explanation.reason is Reason.HISTORICAL
    assert explanation.rejected
    text = render(explanation).plain
    assert "background" in text
    assert "quit[act]" in text
