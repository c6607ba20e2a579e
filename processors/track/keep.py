"""What a case keeps of its signals: bounded, and enough to fold the case again.

The fold reads nothing but `kept(S)`, so three laws follow from this file alone:

    fold(kept(S)) == fold(S)
    kept(kept(A) + B) == kept(A + B)        any order, any repeats, any batches
    a record of 50,000 signals stays below 200 kB

The second law holds because every choice below takes signals greedily in a total order under nested limits (so many
per owner, per step, per case): what is once left out for better ones is left out for ever. It is exact as long as
nothing is withdrawn. Where a kept signal is withdrawn or replaced in a case that is already full, the runner-up that
was dropped does not come back by itself; `treatywatch replay` brings it back. Cases with up to FULL_LATEST signals
are never cut in any way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

import msgspec

from processors.track.dating import UNDATED, day, first_seen
from treatywatch import wire
from treatywatch.model import Case, Signal, Tombstone

PER_OWNER = 3  # of one owner for one step in one year
FULL_BEST = 20  # kept with sentence and spans: the best ...
FULL_LATEST = 16  # ... and the latest; the others without
TOMBSTONES = 250  # the latest withdrawn signals

Key = Callable[[Signal], Hashable]
Limits = tuple[tuple[Key, int], ...]  # nested: from the finest group to the whole case


def kept(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Return what the fold needs of these signals, by id; withdrawn ones as stubs (see `stub`)."""
    latest: dict[str, Signal] = {}
    for signal in signals:
        known = latest.get(signal.id)
        if known is None or (signal != known and _precedence(signal) > _precedence(known)):
            latest[signal.id] = signal
    live = [trimmed(s) for s in latest.values() if not s.withdrawn]
    gone = [stub(s) for s in latest.values() if s.withdrawn]
    if len(live) <= FULL_LATEST and len(gone) <= TOMBSTONES:  # what follows would take them all
        return tuple(sorted([*live, *gone], key=lambda s: s.id))
    chosen = {s.id: s for order, limits in _CHOICES for s in choose(live, order, limits)}
    full = {s.id for s in choose(live, _best, _FULL_LIMITS)}
    full |= {s.id for s in choose(live, _latest, _FULL_LATEST_LIMITS)}
    stones = choose(gone, _latest, ((_case, TOMBSTONES),))
    live_kept = [s if s.id in full else slim(s) for s in chosen.values()]
    return tuple(sorted([*live_kept, *stones], key=lambda s: s.id))


def of_record(record: Case) -> tuple[Signal, ...]:
    """Return the signals that a record holds: its evidence, and a stub for each tombstone."""
    live = [signal for entry in record.history for signal in entry.evidence]
    return (*live, *(_revive(stone, record.id, record) for stone in record.tombstones))


def tombstone(signal: Signal) -> Tombstone:
    """Turn a withdrawn signal into what is remembered of it."""
    dated = day(signal) != UNDATED  # else the dates of its article would date it the second time
    return Tombstone(
        id=signal.id,
        revision=signal.revision,
        generation=signal.generation,
        stage=signal.stage,
        action=signal.action,
        day=day(signal) if dated else None,
        institution=signal.institution,
        confidence=signal.confidence,
        published=signal.published if dated else None,
        fetched=signal.fetched if dated else None,
    )


def stub(signal: Signal) -> Signal:
    """Cut a withdrawn signal down to what its tombstone says."""
    return _revive(tombstone(signal), signal.case_id, signal)


def _revive(stone: Tombstone, case_id: str, of: Signal | Case) -> Signal:
    return Signal(
        id=stone.id,
        case_id=case_id,
        actor=of.actor,
        treaty=of.treaty,
        treaty_text="",
        action=stone.action or of.action,
        stage=stone.stage or of.stage,
        institution=stone.institution,
        confidence=stone.confidence,
        item="",
        revision=stone.revision,
        generation=stone.generation,
        published=stone.published,
        fetched=stone.fetched,
        event_date=stone.day,
        withdrawn=True,
    )


def choose(signals: Iterable[Signal], order: Key, limits: Limits) -> list[Signal]:
    """Take signals in `order` while no limit is full. `order` must be total; the limits' groups must be nested."""
    counts: Counter[tuple[int, Hashable]] = Counter()
    taken = []
    for signal in sorted(signals, key=order):  # type: ignore[arg-type]  # keys of one order are of one type
        groups = [(level, group(signal)) for level, (group, _) in enumerate(limits)]
        if all(counts[group] < limit for group, (_, limit) in zip(groups, limits, strict=True)):
            counts.update(groups)
            taken.append(signal)
    return taken


def trimmed(signal: Signal) -> Signal:
    """Cut over-long texts, so that no single signal can swell a record. Cutting twice is cutting once."""
    return msgspec.structs.replace(
        signal,
        title=_cut(signal.title, 240),
        sentence=_cut(signal.sentence, 480),
        treaty_text=_cut(signal.treaty_text, 120),
        outlet=_cut(signal.outlet, 60),
        owner=_cut(signal.owner, 60),
        url=_cut(signal.url, 400) if signal.url else signal.url,
        rules=tuple(_cut(rule, 40) for rule in signal.rules[:6]),
        evidence=tuple(msgspec.structs.replace(e, text=_cut(e.text, 60)) for e in signal.evidence[:7]),
        positions=signal.positions[:6],
        speaker=msgspec.structs.replace(signal.speaker, text=_cut(signal.speaker.text, 80)) if signal.speaker else None,
    )


def slim(signal: Signal) -> Signal:
    """Leave out what only a reader of the case page would miss."""
    return msgspec.structs.replace(
        signal,
        title=_cut(signal.title, 120),
        sentence="",
        evidence=(),
        rules=(),
        url=signal.url if signal.url and len(signal.url) <= 120 else None,
        speaker=msgspec.structs.replace(signal.speaker, text="") if signal.speaker else None,
    )


def _cut(text: str, limit: int) -> str:
    """Cut to so many bytes of UTF-8: what counts for the size of the record is bytes, and Cyrillic takes two each."""
    data = text.encode("utf-8", "ignore")
    return text if len(data) <= limit else data[:limit].decode("utf-8", "ignore")


def _precedence(signal: Signal) -> tuple[int, int, bool, bool, float, bytes]:
    """Order the versions of one signal id: the highest (revision, generation) wins.

    Below that only for repeats that differ: a withdrawal, the version with its spans, the one seen first.
    """
    seen = first_seen(signal)
    return (
        signal.revision,
        signal.generation,
        signal.withdrawn,
        bool(signal.sentence or signal.evidence),
        -seen.timestamp() if seen else float("-inf"),
        wire.encode(trimmed(signal)),
    )


def _case(signal: Signal) -> Hashable:
    return signal.case_id


def _step(signal: Signal) -> Hashable:
    return signal.action, signal.stage, signal.institution


def _step_month(signal: Signal) -> Hashable:
    return _step(signal), day(signal).year, day(signal).month


def _step_year(signal: Signal) -> Hashable:
    return _step(signal), day(signal).year


def _owner(signal: Signal) -> Hashable:
    return _step_year(signal), signal.owner


def _stand(signal: Signal) -> Hashable:
    return signal.positions


def _claim(signal: Signal) -> Hashable:
    return signal.effective_date


def _best(signal: Signal) -> tuple[int, float, float, str]:
    """By year, newest first, so that an old step never crowds out a new one; then confidence, then seen first."""
    seen = first_seen(signal)
    return -day(signal).year, -signal.confidence, seen.timestamp() if seen else float("inf"), signal.id


def _earliest(signal: Signal) -> tuple[int, float, str]:
    seen = first_seen(signal)
    return day(signal).toordinal(), seen.timestamp() if seen else float("inf"), signal.id


def _latest(signal: Signal) -> tuple[int, float, str]:
    ordinal, seen, id = _earliest(signal)
    return -ordinal, seen, id


_FULL_LIMITS: Limits = ((_step_year, 3), (_case, FULL_BEST))
_FULL_LATEST_LIMITS: Limits = ((_case, FULL_LATEST),)

_CHOICES: Sequence[tuple[Key, Limits]] = (
    # Boundaries: where each step begins and was last reported, and so where episodes open and close.
    (_earliest, ((_step_month, 1), (_step, 4), (_case, 24))),
    (_latest, ((_step_month, 1), (_step, 4), (_case, 24))),
    # Corroboration: a second owner for every step, before depth for any.
    (_best, ((_owner, 1), (_step_year, 2), (_case, 36))),
    # Depth: the best of each owner, the first owners first.
    (_best, ((_owner, 1), (_step_year, 24), (_case, 40))),
    (_best, ((_owner, PER_OWNER), (_step_year, 30), (_case, 48))),
    # Facts that few signals carry.
    (lambda s: (not s.effective_date, *_best(s)), ((_claim, 2), (_case, 6))),
    (lambda s: (not s.positions, *_best(s)), ((_stand, 1), (_case, 6))),
    # What a reader sees whole: the best of each step, and what is news.
    (_best, _FULL_LIMITS),
    (_latest, _FULL_LATEST_LIMITS),
)
