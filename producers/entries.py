"""What a feed said: its entries, before anybody decides which of them are news."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from producers.quiet import Quiet

Raw = TypeVar("Raw")

MAX_TITLE = 1_000  # characters of text
MAX_SUMMARY = 20_000
MAX_ENTRIES = 2_000  # of one body; feeds list the newest first
SOURCE = 4_000  # characters kept of an entry that could not be read


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: plain text, an absolute link, a time as the feed gives it. `title` is never empty in a Parsed.

    `changed` says that the time is that of a change, the only one that the feed gives.
    """

    title: str
    summary: str = ""
    guid: str | None = None
    link: str | None = None
    published: datetime | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that could not be read, with its source as far as it is known."""

    reason: str  # empty, unreadable, over_limit
    error: str
    source: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed that was read. `ttl_seconds` and `quiet` are the feed's own wishes for when it is polled."""

    entries: tuple[FeedEntry, ...]
    bad: tuple[BadEntry, ...] = ()
    ttl_seconds: float | None = None
    hub: str | None = None
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Unparsable:
    """A body that is no feed, or one in which not a single entry could be read."""

    reason: str  # not_a_feed, malformed, all_bad
    error: str


class EmptyEntryError(ValueError):
    """An entry without a single character of title or summary."""


def entry(
    title: str, summary: str, guid: str | None, link: str | None, published: datetime | None, changed: bool = False
) -> FeedEntry:
    """Make an entry from its parts, as `titled` does."""
    return titled(FeedEntry(title, summary, guid or None, link, published, changed))


def titled(entry: FeedEntry) -> FeedEntry:
    """Return an entry with a title: one without is named by the beginning of its summary.

    Raises EmptyEntryError where there is neither.
    """
    if entry.title:
        return entry
    if not (summary := entry.summary):
        raise EmptyEntryError("neither title nor summary holds a character")
    return replace(entry, title=summary if len(summary) <= 140 else summary[:140].rsplit(" ", 1)[0] + "…")


def collect(
    raw: Iterable[Raw], read: Callable[[Raw], FeedEntry], ttl_seconds: float | None = None, hub: str | None = None
) -> Parsed | Unparsable:
    """Read each raw entry by itself; those that fail are set aside. Only the first MAX_ENTRIES are read."""
    entries: list[FeedEntry] = []
    bad: list[BadEntry] = []
    for number, one in enumerate(raw):
        if number >= MAX_ENTRIES:
            bad.append(BadEntry("over_limit", f"more than {MAX_ENTRIES} entries; the rest is not read", ""))
            break
        try:
            entries.append(read(one))
        except EmptyEntryError as error:
            bad.append(BadEntry("empty", str(error), repr(one)[:SOURCE]))
        except MemoryError:
            raise  # the process is at its limit; that is no fault of this entry
        except Exception as error:  # one bad entry never spoils the feed, whatever is wrong with it
            bad.append(BadEntry("unreadable", f"{type(error).__name__}: {error}"[:300], repr(one)[:SOURCE]))
    if bad and not entries:
        return Unparsable("all_bad", f"none of {len(bad)} entries can be read; the first: {bad[0].error}")
    return Parsed(tuple(entries), tuple(bad), ttl_seconds, hub)
