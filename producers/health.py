"""Tell how the feeds stand: trouble first, in the file that the live page reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from producers.memory import FeedState
from producers.standing import FailureClass, Row, Standing, stand
from treatywatch.feed_health import FeedHealth, FeedsHealth, write_health
from treatywatch.feeds import Feed

WRITE_SECONDS = 15.0

log = structlog.get_logger()

_TROUBLE = (Standing.GONE, Standing.FAILING, Standing.HELD, Standing.NEW, Standing.OK, Standing.OFF)
_CLASSES = (FailureClass.HARD, FailureClass.SOFT, FailureClass.TEMPORARY, None)


def by_trouble(rows: Iterable[Row]) -> list[Row]:
    """Sort feeds: the one that most needs a person first, the longest failing first among its like."""

    def key(row: Row) -> tuple[int, int, int, float, str]:
        quiet = row.state.last_item.timestamp() if row.state.last_item else 0.0
        place, kind = _TROUBLE.index(row.standing), _CLASSES.index(row.failure_class)
        return place, kind, -row.state.failures, quiet, row.feed.id

    return sorted(rows, key=key)


def health(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> FeedsHealth:
    """Return how the feeds stand, trouble first. Pure."""
    rows = by_trouble(stand(feed, states.get(feed.id), now) for feed in feeds)
    return FeedsHealth(at=now, feeds=tuple(describe(row) for row in rows))


def describe(row: Row) -> FeedHealth:
    """Say how one feed stands."""
    state = row.state
    return FeedHealth(
        id=row.feed.id,
        outlet=row.feed.outlet,
        country=row.feed.country,
        language=row.feed.language,
        stands=row.standing,
        failure_class=row.failure_class,
        failure=state.failure,
        failures=state.failures,
        last_success=state.last_success,
        last_item=state.last_item,
        interval_seconds=state.pace or state.interval or None,
        due=state.due,
        items=state.items,
        duplicates=state.duplicates,
        bytes=state.bytes,
        hub=state.hub,
    )


async def keep_told(folder: Path, current: Callable[[], FeedsHealth], stop: asyncio.Event) -> None:
    """Write the file every so many seconds until `stop` is set, and once more then; `current` is called on a thread.

    A file that cannot be written is told in the log, and is no reason to stop reading feeds.
    """
    while True:
        ended = stop.is_set()
        try:
            await asyncio.to_thread(lambda: write_health(folder, current()))
        except OSError as error:
            log.warning("feed_health_not_written", error=str(error))
        if ended:
            return
        try:
            await asyncio.wait_for(stop.wait(), WRITE_SECONDS)
        except TimeoutError:
            continue
