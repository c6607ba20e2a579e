"""The fixed line of `treatywatch detect`: what one item line is answered with."""

from __future__ import annotations

from typing import Any

import msgspec

from processors.detect.pipeline import Detection, Detector
from treatywatch.model import DeadLetter, Item
from treatywatch.wire import to_json


def answer(line: Item | DeadLetter, detector: Detector) -> bytes:
    """Read what an item line holds and write its output line, without a line end."""
    return to_json(detect_line(line, detector.read(line)) if isinstance(line, Item) else unreadable_line(line))


def detect_line(item: Item, detection: Detection) -> dict[str, Any]:
    """Give the output line of an item: its id, the signals with their evidence, and the reason where there is none.

    `unresolved` is there only where states act that the text counts and does not name, with its words.
    """
    line: dict[str, Any] = {
        "id": item.id,
        "signals": [msgspec.to_builtins(signal) for signal in detection.signals],
        "reason": detection.reason.value if detection.reason else None,
    }
    return line | {"unresolved": list(detection.unresolved)} if detection.unresolved else line


def unreadable_line(letter: DeadLetter) -> dict[str, Any]:
    """Give the output line of an input line that is no item."""
    return {"id": letter.key, "signals": [], "reason": "unreadable", "error": f"{letter.reason}: {letter.error}"}
