"""The fixed line of `treatywatch detect`: what one item line is answered with."""

from __future__ import annotations

from typing import Any

import msgspec

from processors.detect.pipeline import Detection
from treatywatch.model import DeadLetter, Item


def detect_line(item: Item, detection: Detection) -> dict[str, Any]:
    """Give the output line of an item: its id, the signals with their evidence, and the reason where there is none."""
    return {
        "id": item.id,
        "signals": [msgspec.to_builtins(signal) for signal in detection.signals],
        "reason": detection.reason.value if detection.reason else None,
    }


def unreadable_line(letter: DeadLetter) -> dict[str, Any]:
    """Give the output line of an input line that is no item."""
    return {"id": letter.key, "signals": [], "reason": "unreadable", "error": f"{letter.reason}: {letter.error}"}
