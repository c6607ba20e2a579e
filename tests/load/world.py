"""Who publishes what when, in the load run. Pure: everything follows from the plan and the clock.

Every text is invented and carries nothing but its feed, its number and its version. Each fourth item is edited once.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

SHOWN = 12  # entries in a feed's body
EDITED_EVERY = 4
FORMS = ("rss", "rss", "rss", "atom", "json")
FILLER = "It says the same in other words, at the usual length of a summary in a feed of short news. " * 3


@dataclass(frozen=True)
class Plan:
    """The size of a run. Times in seconds; the world begins at `begins`, seconds since the epoch."""

    feeds: int
    hosts: int
    least: float
    most: float
    lasts: float
    begins: float = 0.0
    seed: int = 5


@dataclass(frozen=True)
class Source:
    """One feed of the world. `at` holds when each item is published, `edits` when it is edited, if ever."""

    number: int
    host: str
    interval: float
    pinned: bool  # polled at its interval; else by its rhythm, at least that often
    form: str
    validator: str  # etag, date or none
    fresh: int | None  # what its Cache-Control says, in seconds
    at: tuple[float, ...] = field(repr=False)
    edits: tuple[float | None, ...] = field(repr=False)

    @property
    def id(self) -> str:
        """Its name in the feeds file."""
        return f"feed-{self.number:05}"

    @property
    def path(self) -> str:
        """Its path on its host."""
        return f"/{self.id}.{self.form}"

    def versions(self, now: float) -> list[tuple[int, int]]:
        """Return what the feed shows at a moment: (number of the item, its version), the newest first."""
        newest = bisect_right(self.at, now)
        return [(n, self._version(n, now)) for n in range(newest - 1, max(-1, newest - 1 - SHOWN), -1)]

    def changed(self, now: float) -> float:
        """Return when that was last another."""
        shown = self.versions(now)
        times = [self.at[n] for n, _ in shown] + [e for n, v in shown if v == 2 and (e := self.edits[n]) is not None]
        return max(times)

    def _version(self, n: int, now: float) -> int:
        edited = self.edits[n]
        return 2 if edited is not None and edited <= now else 1

    def body(self, now: float) -> bytes:
        """Return the feed's body at a moment."""
        entries = [(n, f"{self.id} item {n} version {v}", self.at[n]) for n, v in self.versions(now)]
        return _WRITERS[self.form](self, entries).encode()


def world(plan: Plan) -> list[Source]:
    """Return every feed of a run."""
    return [_source(plan, n) for n in range(plan.feeds)]


def _source(plan: Plan, n: int) -> Source:
    chance = random.Random(f"{plan.seed}/{n}")
    interval = round(chance.uniform(plan.least, plan.most), 2)
    gap = interval * chance.uniform(0.7, 3)
    at = [plan.begins - gap * (SHOWN - k) for k in range(SHOWN)]  # the past, known at the first poll
    moment = plan.begins + chance.uniform(0, gap)
    while moment < plan.begins + plan.lasts:
        at.append(moment)
        moment += gap * chance.uniform(0.5, 1.5)
    edits = [
        time + chance.uniform(0.5, 3) * interval if k >= SHOWN and k % EDITED_EVERY == 0 else None
        for k, time in enumerate(at)
    ]
    validator = chance.choice(("etag", "date", "none"))
    if validator == "date":  # its Last-Modified is to the second, so that must be enough to tell two bodies apart
        at, edits = [float(int(time)) for time in at], [e and float(int(e)) for e in edits]
    return Source(
        number=n,
        host=f"desk.outlet-{n % plan.hosts:03}.example",
        interval=interval,
        pinned=chance.random() < 0.7,
        form=chance.choice(FORMS),
        validator=validator,
        fresh=chance.choice((None, int(plan.least / 2))),
        at=tuple(at),
        edits=tuple(edits),
    )


def _rss(source: Source, entries: list[tuple[int, str, float]]) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><title>{title}</title><link>/{source.id}/{n}</link>"
        f"<description>{FILLER}</description><pubDate>{_mail_date(at)}</pubDate></item>"
        for n, title, at in entries
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{source.id}</title>{items}</channel></rss>"


def _atom(source: Source, entries: list[tuple[int, str, float]]) -> str:
    items = "".join(
        f"<entry><id>tag:{source.host},2026:{source.id}/{n}</id><title>{title}</title>"
        f"<link href='/{source.id}/{n}'/><summary>{FILLER}</summary>"
        f"<published>{datetime.fromtimestamp(at, UTC).isoformat()}</published></entry>"
        for n, title, at in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{source.id}</title><id>{source.id}</id>{items}</feed>"


def _json(source: Source, entries: list[tuple[int, str, float]]) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": source.id,
            "items": [
                {
                    "id": str(n),
                    "url": f"http://{source.host}/{source.id}/{n}",
                    "title": title,
                    "content_text": FILLER,
                    "date_published": datetime.fromtimestamp(at, UTC).isoformat(),
                }
                for n, title, at in entries
            ],
        }
    )


_WRITERS = {"rss": _rss, "atom": _atom, "json": _json}


def _mail_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)
