"""What is remembered of a feed between two polls, and of each entry ever seen."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from producers.quiet import Quiet
from producers.rhythm import Rhythm


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """The polling state of one feed.

    `url` is the address in the feeds file when this was written, `moved_url` the one that a permanent redirect, seen
    often enough, has put in its place. `validators_url` is the address that gave `etag` and `last_modified`.
    `hold_until` is a Retry-After that still runs, `held_by` the address that asked for it where that is another, `gone`
    that the server said 410, `in_doubt` that it said "not modified" after a failure. `day` and the two after it are
    what the feed has brought on one day (`flood.py`).
    """

    feed: str
    url: str
    moved_url: str | None = None
    moving_to: str | None = None
    moving_seen: int = 0
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    body_hash: str | None = None
    due: datetime | None = None
    interval: float = 0.0
    rhythm: Rhythm = Rhythm()
    pace: float = 0.0  # seconds that were planned at the last success between it and the next poll
    ttl_seconds: float | None = None  # this and the two below: the feed's own word, from its last body that was read
    quiet: Quiet | None = None
    hub: str | None = None
    failures: int = 0
    failure: str | None = None
    hold_until: datetime | None = None
    held_by: str | None = None
    gone: bool = False
    in_doubt: bool = False
    unchanged_in_a_row: int = 0
    suspect: bool = False  # the last probe found another body than the "not modified" before it let expect
    lies: bool = False  # said "not modified" of a body that was
    last_success: datetime | None = None
    last_item: datetime | None = None
    items: int = 0  # this and the two below: since the feed was first read
    duplicates: int = 0  # entries that were known
    bytes: int = 0  # of bodies, decompressed
    day: date | None = None
    day_items: int = 0
    day_characters: int = 0

    @property
    def current_url(self) -> str:
        """Where the feed is fetched now."""
        return self.moved_url or self.url


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The latest revision of an item that a feed has shown. `twin` finds it again under another guid."""

    id: str
    twin: str | None
    revision: int
    text_hash: str
    title: str
    summary: str = ""
