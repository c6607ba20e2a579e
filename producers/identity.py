"""Decide which entry is which item: new, edited, or known. Pure.

An item is named by its feed and its guid; without a guid by its canonical link; without a link by title and date. An
entry whose guid is new but whose link and title are known is the known one: some feeds make up new guids at each poll.
The date never counts as a change of text: some feeds re-date everything at each poll.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from producers.entries import FeedEntry
from producers.links import canonical
from producers.memory import Seen
from treatywatch.feeds import Feed
from treatywatch.item_lines import FUTURE
from treatywatch.model import DateSource, Item, Text
from treatywatch.wire import digest

OLD = timedelta(hours=72)  # published longer ago than this when first seen: history, not news


class Verdict(StrEnum):
    """What an entry turned out to be."""

    NEW = "new"
    EDITED = "edited"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Named:
    """An entry under its name; `twin` is none where the entry has no link."""

    id: str
    twin: str | None
    entry: FeedEntry


def name(feed: str, entries: Sequence[FeedEntry]) -> tuple[Named, ...]:
    """Name the entries of one body; of several with one name the first stays (feeds list the newest first).

    A guid that stands for several links in one body is no guid.
    """
    links: dict[str, set[str | None]] = {}
    for entry in entries:
        if entry.guid:
            links.setdefault(entry.guid, set()).add(entry.link)
    named: dict[str, Named] = {}
    for entry in entries:
        guid = entry.guid if entry.guid and len(links[entry.guid]) == 1 else None
        link = canonical(entry.link) if entry.link else None
        key = guid or link or f"{entry.title}\n{entry.published.isoformat() if entry.published else ''}"
        item = digest(feed, key)
        twin = digest(feed, link, entry.title) if link else None
        named.setdefault(item, Named(item, twin, entry))
    shared = {twin for twin, times in Counter(n.twin for n in named.values()).items() if times > 1}
    # Two entries with one link and one title in the same body are told apart by nothing but their guids.
    return tuple(n if n.twin not in shared else Named(n.id, None, n.entry) for n in named.values())


def judge(named: Named, known: Mapping[str, Seen], twins: Mapping[str, str]) -> tuple[Verdict, Seen]:
    """Compare an entry with what is remembered; returns what it is and what to remember of it from now on."""
    entry = named.entry
    text_hash = digest(entry.title, entry.summary)
    before = known.get(named.id) or known.get(twins.get(named.twin or "", ""))
    if before is None:
        verdict, key, revision = Verdict.NEW, named.id, 1
    elif before.text_hash == text_hash:
        return Verdict.KNOWN, before
    else:
        verdict, key, revision = Verdict.EDITED, before.id, before.revision + 1
    seen = Seen(
        id=key, twin=named.twin, revision=revision, text_hash=text_hash, title=entry.title, summary=entry.summary
    )
    return verdict, seen


def item(
    feed: Feed, entry: FeedEntry, seen: Seen, before: Seen | None, fetched: datetime, first: bool, alert: bool
) -> Item:
    """Make the item of a new or edited entry.

    `backfill` is set on what a feed's first poll shows and on what is older than 72 h, unless `alert` says that people
    are to be told of that too. A publishing date more than 48 h ahead is a mistake of the feed and left out.
    """
    published = entry.published if entry.published and entry.published <= fetched + FUTURE else None
    old = published is not None and fetched - published > OLD
    return Item(
        id=seen.id,
        title=entry.title,
        summary=entry.summary,
        revision=seen.revision,
        url=entry.link,
        outlet=feed.outlet,
        owner=feed.owner_or_outlet,
        kind=feed.kind,
        country=feed.country,
        language=feed.language.partition("-")[0],
        published=published,
        date_source=_date_source(entry, published),
        fetched=fetched,
        feed=feed.id,
        backfill=(first or old) and not alert,
        illustrative=feed.illustrative,
        previous=Text(title=before.title, summary=before.summary) if before else None,
    )


def _date_source(entry: FeedEntry, published: datetime | None) -> DateSource:
    if published is None:
        return DateSource.FETCHED
    return DateSource.UPDATED if entry.changed else DateSource.PUBLISHED
