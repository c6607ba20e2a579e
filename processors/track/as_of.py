"""A case as it was known at a past moment: the fold of what we had seen by then.

Seen is when an item was fetched, else when it was published; the day of the act plays no part. Of a signal only the
last version is kept, so what was withdrawn later is told from that version: it carries what the report said, was known
since it was published, and is gone since the revision that took it back was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from processors.track.dating import first_seen
from processors.track.fold import fold
from processors.track.keep import of_record
from processors.track.policy import Rules
from treatywatch.model import Case, Signal

Seen = Callable[[Signal], datetime | None]


def published(signal: Signal) -> datetime | None:
    """Say when a signal was known where the past is replayed: when it was published, else when it was fetched."""
    return signal.published or signal.fetched


def known_at(signals: Iterable[Signal], moment: datetime, rules: Rules, seen: Seen = first_seen) -> Case | None:
    """Fold the signals of one case that were known at a moment; none where none was.

    `signals` may hold several versions of one, in any order. One without any date was never known at any moment.
    """
    return fold((s for s in versions(signals) if (at := seen(s)) is not None and at <= moment), moment, rules)


def record_at(record: Case, moment: datetime, rules: Rules, seen: Seen = first_seen) -> Case | None:
    """Give a case as it was known at a moment, from its record of now; none where nothing was known.

    Exact while the record keeps every signal (see keep.py); of a case with hundreds of reports the steps and their
    first reports are right, the numbers of owners are those of the reports that are kept.
    """
    return known_at(of_record(record), moment, rules, seen)


def versions(signals: Iterable[Signal]) -> Iterator[Signal]:
    """Yield the signals, and before one that was withdrawn the version that it took back, where that is not there."""
    given = list(signals)
    told = {signal.id for signal in given if not signal.withdrawn}
    for signal in given:
        if signal.withdrawn and signal.id not in told:
            yield msgspec.structs.replace(
                signal,
                withdrawn=False,
                revision=max(0, signal.revision - 1),
                generation=0,  # below any that was sent
                fetched=signal.published,
            )
        yield signal
