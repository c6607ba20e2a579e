"""Follow the register when it changes: a case of an instrument outside it moves to the row that now stands for it.

A row's `replaces` lists the slugs that it takes over. The old case is written once more with `superseded_by`, and
nobody is alerted.
"""

from __future__ import annotations

import msgspec

from processors.track.keep import of_record
from treatywatch.model import Case, Signal
from treatywatch.register import Register


def destination(case_id: str, register: Register) -> str:
    """Return the case that a case id stands for now: the same one unless a row replaces its slug."""
    actor, _, slug = case_id.partition(":")
    row = register.replaced.get(slug) or register.replaced.get(slug.removeprefix("~"))
    return f"{actor}:{row}" if row else case_id


def redirect(signal: Signal, register: Register) -> Signal:
    """Send a signal to the case that stands for its instrument now; the signal's id stays."""
    target = destination(signal.case_id, register)
    if target == signal.case_id:
        return signal
    return msgspec.structs.replace(signal, case_id=target, treaty=target.partition(":")[2])


def moved(record: Case, register: Register) -> tuple[Signal, ...]:
    """Return a superseded record's signals for the case that takes over, as back-filled: nobody is told twice."""
    return tuple(
        msgspec.structs.replace(redirect(signal, register), backfill=True)
        for signal in of_record(record)
        if destination(record.id, register) != record.id
    )
