"""Read the pages of new items, where the operator wants it and the publisher does not object; off by default.

The item goes out at once with the feed's own words, and the page's text follows as its next revision, behind the feed's
summary: an alert never waits for a page, and what the page said stays with the revision that says it. The feed's own
text stays what the next poll is compared with, or the page's text would look like an edit. It is done on the terms of a
poll: one request at a time per site, with the same pause, through the same guarded client, in the same limited
processes. It is a help, no promise: a page that cannot be had, or that waits when the program ends, is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from urllib.parse import urlsplit

import msgspec
import structlog

from producers.entries import Parsed
from producers.fetch import Answer, Ask, Failed
from producers.pages import RESERVED, SiteRules, read_tdmrep
from producers.parse_pool import Parses
from producers.poll import Fetches
from producers.text import one_line
from treatywatch.errors import ConfigError
from treatywatch.feeds import Feed
from treatywatch.metrics import Metrics
from treatywatch.model import Item, Text
from treatywatch.settings import Produce

WAITING = 1_000  # pages; beyond that new ones are left
READERS = 4
RULES_HOLD = timedelta(hours=24)
CLOSED_HOLD = timedelta(hours=1)  # a site that could not be asked is asked again after this
MAX_SITES = 2_000

log = structlog.get_logger("fulltext")


def wants(settings: Produce, feed: Feed) -> bool:
    """Say whether the pages of a feed are read: as its row says, else as the settings do."""
    return settings.full_text if feed.full_text is None else feed.full_text


def check_installed() -> None:
    """Raise ConfigError where the libraries are missing."""
    if missing := [name for name in ("trafilatura", "protego") if find_spec(name) is None]:
        raise ConfigError(
            [f"full text is on, but {' and '.join(missing)} missing: pip install 'treatywatch[fulltext]'"]
        )


def enriched(item: Item, text: str, limit: int) -> Item | None:
    """Return the item's next revision with a page's text behind its summary; none where that says nothing new. Pure."""
    text = one_line(text, limit)
    if not text or text in item.summary:
        return None
    summary = text if text.startswith(item.summary.rstrip("….")) else f"{item.summary} {text}"
    before = Text(title=item.title, summary=item.summary)
    return msgspec.structs.replace(item, revision=item.revision + 1, summary=summary, previous=before)


@dataclass
class FullText:
    """The queue of pages and its readers. `at_site` gives a site to one request at a time.

    `commit` makes a revision safe; it returns false where the feed has brought a later one meanwhile.
    """

    settings: Produce
    fetcher: Fetches
    parser: Parses
    at_site: Callable[[str], AbstractAsyncContextManager[bool]]
    commit: Callable[[Item], Awaitable[bool]]
    now: Callable[[], datetime]
    metrics: Metrics
    _queue: asyncio.Queue[Item] = field(default_factory=lambda: asyncio.Queue(WAITING), init=False)
    _rules: dict[str, tuple[datetime, SiteRules]] = field(default_factory=dict, init=False)

    def offer(self, feed: Feed, item: Item) -> None:
        """Put a new item in the queue, if its page is wanted; history and edits are not."""
        if item.url is None or item.revision > 1 or item.backfill or not wants(self.settings, feed):
            return
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self._count("dropped")

    async def run(self, stop: asyncio.Event) -> None:
        """Read pages until `stop` is set."""
        readers = [asyncio.create_task(self._read_on()) for _ in range(READERS)]
        await stop.wait()
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def read(self, item: Item) -> str:
        """Read one item's page and publish its text; returns the outcome, which is counted too."""
        outcome = await self._read(item)
        self._count(outcome)
        return outcome

    async def _read_on(self) -> None:
        while True:
            item = await self._queue.get()
            try:
                await self.read(item)
            except Exception:  # whatever a page does, the next one is read
                log.exception("page_reader_error", item=item.id)
                self._count("error")

    async def _read(self, item: Item) -> str:
        assert item.url is not None
        if (await self._rules_of(item.url)).objection(item.url) is not None:
            return "forbidden"
        answer = await self._fetch(item.url)
        if answer is None or isinstance(answer, Failed) or answer.body is None:
            return "unreachable"
        if answer.tdm_reserved or (await self._rules_of(answer.url)).objection(answer.url) is not None:
            return "forbidden"
        page = await self.parser.parse(answer.body, answer.url, answer.content_type, page=True)
        if not isinstance(page, Parsed):
            return "forbidden" if page.reason == RESERVED else "no_text"
        after = enriched(item, page.entries[0].summary, self.settings.full_text_characters)
        if after is None:
            return "nothing_new"
        return "read" if await self.commit(after) else "outdated"

    async def _rules_of(self, url: str) -> SiteRules:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        kept = self._rules.get(origin)
        if kept is not None and kept[0] > self.now():
            return kept[1]
        robots = await self._rule_file(f"{origin}/robots.txt")
        reserved = await self._rule_file(f"{origin}/.well-known/tdmrep.json") if robots is not None else None
        closed = robots is None or reserved is None
        rules = SiteRules(
            robots=(robots or b"")[:500_000].decode("utf-8", errors="replace"),
            reserved=read_tdmrep(reserved) if reserved else (),
            closed=closed,
        )
        if len(self._rules) >= MAX_SITES:
            self._rules.clear()
        self._rules[origin] = (self.now() + (CLOSED_HOLD if closed else RULES_HOLD), rules)
        return rules

    async def _rule_file(self, url: str) -> bytes | None:
        """Return a site's file, empty where it has none; none where the site could not be asked."""
        answer = await self._fetch(url)
        if answer is None:
            return None
        if isinstance(answer, Failed):
            return b"" if answer.status is not None and 400 <= answer.status < 500 and answer.status != 429 else None
        return answer.body or b""

    async def _fetch(self, url: str) -> Answer | Failed | None:
        async with self.at_site(url) as free:
            return await self.fetcher.fetch(Ask(url)) if free else None

    def _count(self, outcome: str) -> None:
        self.metrics.pages.labels(outcome).inc()
