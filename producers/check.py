"""Probe feeds: ask each once, as a poll would, and say what is there. Nothing is remembered.

All sites are asked at the same time, the feeds of one site one after the other; a site that asks for a rest gets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from producers.addresses import Admission, politeness_key
from producers.entries import Parsed, Unparsable
from producers.fetch import Answer, Ask, Failed, Fault, Fetcher
from producers.parse_pool import ParsePool, Parses
from producers.poll import AT_ONCE, SPACING_SECONDS, Fetches
from treatywatch.feeds import Feed
from treatywatch.settings import Produce

_BLOCKED = frozenset({401, 402, 403, 407, 429, 451})
_REST = frozenset({Fault.TOO_MANY_REQUESTS, Fault.SERVER_ERROR})


class Finding(StrEnum):
    """What is at a feed's address."""

    ALIVE = "alive"
    MOVED = "moved"  # alive, and the server says that it lives elsewhere for good
    DEAD = "dead"
    BLOCKED = "blocked"  # the server refuses us, or we may not go there
    NOT_A_FEED = "not a feed"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a probe of one feed has found; `newest` is the latest date among its entries."""

    feed: Feed
    finding: Finding
    detail: str = ""
    moved: str | None = None
    entries: int = 0
    newest: datetime | None = None
    hub: str | None = None

    @property
    def usable(self) -> bool:
        """Say whether a poll would bring anything, now or once the server lets us in."""
        return self.finding not in (Finding.DEAD, Finding.NOT_A_FEED)


def judge(feed: Feed, answer: Answer | Failed, read: Parsed | Unparsable | None) -> Checked:
    """Say what an answer and the reading of its body come to. Pure."""
    if isinstance(answer, Failed):
        blocked = answer.status in _BLOCKED or answer.fault is Fault.REFUSED_ADDRESS
        return Checked(feed, Finding.BLOCKED if blocked else Finding.DEAD, f"{answer.fault}: {answer.detail}")
    if not isinstance(read, Parsed):
        why = f"{read.reason}: {read.error}" if read is not None else "no body"
        return Checked(feed, Finding.NOT_A_FEED, why, answer.moved)
    return Checked(
        feed,
        Finding.MOVED if answer.moved else Finding.ALIVE,
        f"of its entries {len(read.bad)} cannot be read" if read.bad else "",
        answer.moved,
        len(read.entries),
        max((entry.published for entry in read.entries if entry.published is not None), default=None),
        answer.hub or read.hub,
    )


async def check_feeds(
    feeds: Sequence[Feed],
    settings: Produce,
    now: Callable[[], datetime],
    done: Callable[[Checked], None],
    *,
    allow_private: bool = False,
    holds: Mapping[str, datetime] | None = None,
    spacing: float = SPACING_SECONDS,
) -> tuple[Checked, ...]:
    """Probe the feeds and return what was found, in their order; `done` hears of each as it happens.

    `holds` are rests, by feed id, that a server has asked for before and that still run.
    """
    admission = Admission.of((feed.url for feed in feeds), allow_private)
    async with Fetcher(settings, admission, now) as fetcher, ParsePool.of(settings) as parser:
        return await probe(
            feeds, fetcher, parser, now, done, allow_private=allow_private, holds=holds or {}, spacing=spacing
        )


async def probe(
    feeds: Sequence[Feed],
    fetcher: Fetches,
    parser: Parses,
    now: Callable[[], datetime],
    done: Callable[[Checked], None],
    *,
    allow_private: bool,
    holds: Mapping[str, datetime],
    spacing: float,
) -> tuple[Checked, ...]:
    """Probe the feeds with a fetcher, as `check_feeds` does."""
    sites: dict[str, list[int]] = {}
    for n, feed in enumerate(feeds):
        sites.setdefault(politeness_key(feed.url, by_port=allow_private), []).append(n)
    at_once = asyncio.Semaphore(AT_ONCE)
    found: dict[int, Checked] = {}

    async def one_site(numbers: Sequence[int]) -> None:
        rest: datetime | None = None
        asked = False
        for n in numbers:
            feed = feeds[n]
            until = max((hold for hold in (rest, holds.get(feed.id)) if hold is not None), default=None)
            if until is not None and until > now():
                found[n] = Checked(feed, Finding.BLOCKED, f"not asked: the server wants a rest until {until:%H:%M:%SZ}")
            else:
                if asked:
                    await asyncio.sleep(spacing)
                async with at_once:
                    answer = await fetcher.fetch(Ask(feed.url))
                asked = True
                if isinstance(answer, Failed) and answer.fault in _REST:
                    rest = answer.retry_after or rest
                found[n] = judge(feed, answer, await _read(feed, answer, parser))
            done(found[n])

    await asyncio.gather(*(one_site(numbers) for numbers in sites.values()))
    return tuple(found[n] for n in range(len(feeds)))


async def _read(feed: Feed, answer: Answer | Failed, parser: Parses) -> Parsed | Unparsable | None:
    if isinstance(answer, Failed) or answer.body is None:
        return None
    return await parser.parse(answer.body, answer.url, answer.content_type, feed.language)
