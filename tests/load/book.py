"""Compare what the publishers served with what Kafka holds. Pure.

Times are seconds since the epoch, by one clock: the publishers', the broker's and the scene's processes are on one
machine, and the topic's timestamps are the broker's (LogAppendTime).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.load.world import Source

KILL, AWAY = "the producer is killed", "the broker is away"

Key = tuple[str, int, int]  # feed, number of the item, version


@dataclass(frozen=True)
class Request:
    """A line of the publishers' book."""

    came: float
    answered: float
    feed: str
    status: int
    shown: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Record:
    """An item in the topic."""

    key: Key
    id: str
    revision: int
    at: float
    backfill: bool


@dataclass(frozen=True)
class Window:
    """A time in which something was down on purpose."""

    what: str
    begins: float
    ends: float

    def touches(self, begins: float, ends: float) -> bool:
        """Say whether it overlaps a span of time."""
        return begins <= self.ends and ends >= self.begins


@dataclass(frozen=True)
class Gap:
    """The time between two polls of a feed, and what it should be; `killed`: the producer was, meanwhile."""

    seconds: float
    interval: float
    killed: bool = False

    @property
    def share(self) -> float:
        """The one in terms of the other."""
        return self.seconds / self.interval


@dataclass
class Findings:
    """What the comparison says; `gaps` by their share, the largest last."""

    polls: int = 0
    not_modified: int = 0
    items: int = 0
    lost: list[Key] = field(default_factory=list)
    twice: list[Key] = field(default_factory=list)
    never_polled: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    spacing: float = float("inf")  # least seconds from an answer to the next request of one host, kills apart
    served_to_kafka: list[float] = field(default_factory=list)
    beyond_interval: list[float] = field(default_factory=list)  # from publication to Kafka, less the feed's interval
    under_fault: list[float] = field(default_factory=list)  # from served to Kafka, where something was down meanwhile


def compare(
    sources: Iterable[Source],
    requests: Sequence[Request],
    records: Sequence[Record],
    begins: float,
    ends: float,
    windows: Sequence[Window] = (),
    grace: float = 3.0,
) -> Findings:
    """Compare the book with the topic, for a producer that ran from `begins` to `ends`.

    What was served within `grace` seconds before the end, or before a kill, may not be through.
    """
    found = Findings(polls=len(requests), not_modified=sum(r.status == 304 for r in requests), items=len(records))
    by_feed: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        by_feed[request.feed].append(request)
    at: dict[Key, float] = {}
    for record in records:
        at.setdefault(record.key, record.at)
    found.twice = [key for key, n in Counter(r.key for r in records).items() if n > 1]
    found.twice += [r.key for r, n in _repeated_revisions(records) if n > 1]
    for source in sources:
        asked = by_feed.get(source.id, [])
        if not asked:
            found.never_polled.append(source.id)
            continue
        found.gaps += _gaps(source, asked, begins, ends, windows)
        found.lost += _lost(source, asked, at, ends - grace)
        _latencies(source, asked, at, windows, found)
    found.gaps.sort(key=lambda gap: gap.share)
    found.spacing = _spacing(sources, requests, windows)
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values do not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _repeated_revisions(records: Sequence[Record]) -> Iterable[tuple[Record, int]]:
    by_revision: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        by_revision[record.id, record.revision].append(record)
    # The same version twice is found by its key; here are two texts under one revision.
    return [(some[0], len(some)) for some in by_revision.values() if len({r.key for r in some}) > 1]


def _gaps(source: Source, asked: Sequence[Request], begins: float, ends: float, windows: Sequence[Window]) -> list[Gap]:
    times = [begins, *(request.came for request in asked), ends]
    return [
        Gap(after - before, source.interval, any(w.what == KILL and w.touches(before, after) for w in windows))
        for before, after in pairwise(times)
    ]


def _lost(source: Source, asked: Sequence[Request], at: dict[Key, float], until: float) -> list[Key]:
    """Return what was served and is not in the topic, and what was never served although later items were.

    Of an item that was edited the last version served counts: a kill may fall between the two.
    """
    served: dict[int, int] = {}
    for request in asked:
        if request.came <= until:
            served.update(request.shown)
    seen = [n for n in served if n >= 0]
    if not seen:
        return []
    wanted = [(source.id, n, served.get(n, 1)) for n in range(min(seen), max(seen) + 1)]
    return [key for key in wanted if key not in at]


def _latencies(
    source: Source, asked: Sequence[Request], at: dict[Key, float], windows: Sequence[Window], found: Findings
) -> None:
    first: dict[tuple[int, int], float] = {}
    for request in asked:
        for n, version in request.shown:
            first.setdefault((n, version), request.came)
    for (n, version), served in first.items():
        published = source.at[n] if version == 1 else source.edits[n]
        sent = at.get((source.id, n, version))
        if sent is None or published is None or published < asked[0].came:
            continue
        if any(window.touches(published, sent) for window in windows):
            found.under_fault.append(sent - served)
        else:
            found.served_to_kafka.append(sent - served)
            found.beyond_interval.append(sent - published - source.interval)


def _spacing(sources: Iterable[Source], requests: Sequence[Request], windows: Sequence[Window]) -> float:
    host = {source.id: source.host for source in sources}
    last: dict[str, float] = {}
    least = float("inf")
    for request in sorted(requests, key=lambda r: r.came):
        name = host[request.feed]
        if name in last and not any(w.what == KILL and w.touches(last[name], request.came) for w in windows):
            least = min(least, request.came - last[name])
        last[name] = request.answered
    return least
