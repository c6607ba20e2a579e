"""On feedparser's own test feeds we read what feedparser reads by default, though we switch most of it off."""

from __future__ import annotations

import calendar
import io
import os
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml

from producers.entries import FeedEntry, Parsed, Unparsable
from producers.parse import parse, read_fields
from tests.producers.feedparser_suite import SuiteFeed, SuiteMissing, suite, text_of

URL = "http://127.0.0.1:8097/feed.xml"  # what feedparser's own tests serve the feeds as
DIFFERENCES = Path(__file__).with_name("feedparser_differences.yml")
AT_LEAST = 2_000  # feeds; the suite only grows

Difference = tuple[str, str]  # (feed, field)


@pytest.fixture(scope="module")
def feeds() -> list[SuiteFeed]:
    """All feeds of the suite; where they cannot be had the tests are skipped, and in CI fail."""
    try:
        found = list(suite())
    except SuiteMissing as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    assert len(found) >= AT_LEAST
    return found


def test_every_feed_of_the_suite_is_read_as_feedparser_reads_it_by_default(feeds: list[SuiteFeed]) -> None:
    """Id, link, text of title and summary, and date, entry by entry; each exception is listed with its reason."""
    listed = {(row["feed"], row["field"]) for row in yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser's own, about mapped names
        found = {difference for feed in feeds for difference in _differences(feed)}

    assert sorted(found - listed) == []
    assert sorted(listed - found) == [], "these are the same now: take them off the list"


def test_every_difference_is_argued() -> None:
    """Once each, and in a sentence."""
    rows = yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))

    assert len({(row["feed"], row["field"]) for row in rows}) == len(rows)
    assert all(len(row["why"].split()) >= 3 for row in rows)


def test_only_entries_without_a_text_are_set_aside(feeds: list[SuiteFeed]) -> None:
    """Most entries of the suite have neither title nor summary, and no other entry is missing from what is published.

    An entry that holds nothing to read becomes a dead letter; a feed of nothing else is a failure.
    """
    told = 0
    for feed in feeds:
        every = read_fields(feed.body, URL, feed.content_type)
        with_text = [] if isinstance(every, Unparsable) else [e for e in every if e.title or e.summary]
        parsed = parse(feed.body, URL, feed.content_type)
        read = parsed.entries if isinstance(parsed, Parsed) else ()
        assert [(e.guid, e.link, e.summary) for e in read] == [(e.guid, e.link, e.summary) for e in with_text], (
            feed.name
        )
        told += len(read)

    assert told > 400


def _differences(feed: SuiteFeed) -> Iterator[Difference]:
    headers = {"content-location": URL, "content-type": feed.content_type}
    theirs = feedparser.parse(io.BytesIO(feed.body), response_headers=headers).entries
    ours = read_fields(feed.body, URL, feed.content_type)
    entries = () if isinstance(ours, Unparsable) else ours
    if len(entries) != len(theirs):
        yield feed.name, "number of entries"
        return
    for raw, entry in zip(theirs, entries, strict=True):
        yield from ((feed.name, field) for field, said, read in _fields(raw, entry) if said != read)


def _fields(raw: Any, entry: FeedEntry) -> Iterator[tuple[str, object, object]]:
    content: Any = next((c for c in raw.get("content") or () if c.get("value")), {})
    summary, detail = (
        (raw.summary, raw.get("summary_detail")) if raw.get("summary") else (content.get("value", ""), content)
    )
    yield "id", raw.get("id") or None, entry.guid
    yield "link", raw.get("link") or None, entry.link
    yield "title", text_of(raw.get("title") or "", _kind(raw.get("title_detail"))), entry.title
    yield "summary", text_of(summary, _kind(detail)), entry.summary
    yield "date", _date(raw), entry.published


def _kind(detail: Any) -> str:
    return str((detail or {}).get("type") or "")


def _date(raw: Any) -> datetime | None:
    for key in ("published", "updated"):
        if key in raw and (parts := raw.get(f"{key}_parsed")):
            return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    return None
