"""What one input becomes: bytes in, records out, and the reason. Pure; the agents send, acknowledge and count.

An input never raises: what cannot be read, and what our own code stumbles over, becomes a dead letter with the
original bytes, and the rest goes on.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from processors.detect.pipeline import Detection
from processors.track.advance import Rules, advance, records
from processors.track.supersede import redirect
from treatywatch import wire
from treatywatch.account import Outcome
from treatywatch.deadletters import dead_letter
from treatywatch.errors import WireError
from treatywatch.model import Case, DeadLetter, Item, Signal
from treatywatch.register import Register


class Reads(Protocol):
    """What `handle_item` needs of a detector."""

    def read(self, item: Item) -> Detection:
        """Judge one item; see processors/detect/pipeline.py."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input stands."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    at: datetime  # when it is handled


@dataclass(frozen=True, slots=True)
class Handled:
    """The result for one input: exactly one outcome; outputs only where it passed, a dead letter only where it died."""

    outcome: Outcome
    reason: str = ""
    signals: tuple[Signal, ...] = ()
    records: tuple[Case, ...] = ()
    dead: DeadLetter | None = None
    fetched: datetime | None = None  # of a live item, for the latency


def handle_item(value: bytes, source: Source, detector: Reads, register: Register) -> Handled:
    """Read one item from `items`: passed with its signals, rejected with its reason, or dead."""
    try:
        item = wire.decode(value, Item)
    except WireError as error:
        return _dead("detect", error.reason, str(error), source, value)
    try:
        detection = detector.read(item)
        signals = tuple(redirect(signal, register) for signal in detection.signals)
    except Exception:  # a fault of ours must cost one item, not the pipeline
        return _dead("detect", "detector_error", traceback.format_exc(limit=-3), source, value)
    fetched = None if item.backfill else item.fetched
    if signals:
        return Handled(Outcome.PASSED, signals=signals, fetched=fetched)
    return Handled(Outcome.REJECTED, str(detection.reason or ""), fetched=fetched)


def handle_signal(
    value: bytes, source: Source, cases: Mapping[str, Case], now: datetime, wall: datetime, rules: Rules
) -> Handled:
    """Fold one signal from `signals` into its case: passed with the records to write, unchanged, or dead."""
    try:
        signal = wire.decode(value, Signal)
    except WireError as error:
        return _dead("track", error.reason, str(error), source, value)
    try:
        step = advance(cases.get(signal.case_id), (signal,), now, wall, rules)
        written = records(step) if step.changed else ()
    except Exception:  # as above
        return _dead("track", "tracker_error", traceback.format_exc(limit=-3), source, value)
    fetched = None if signal.backfill else signal.fetched
    if not written:
        return Handled(Outcome.UNCHANGED, fetched=fetched)
    return Handled(Outcome.PASSED, records=written, fetched=fetched)


def _dead(stage: str, reason: str, error: str, source: Source, value: bytes) -> Handled:
    letter = dead_letter(
        stage=stage,
        reason=reason,
        error=error,
        source=source.topic,
        value=value,
        at=source.at,
        key=source.key.decode("utf-8", "replace") if source.key is not None else None,
        partition=source.partition,
        offset=source.offset,
    )
    return Handled(Outcome.DEAD, reason, dead=letter)
