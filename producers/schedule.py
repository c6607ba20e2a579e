"""Decide when a feed is due next. Pure: the clock is passed in, and jitter comes from the feed's name, not from chance.

A feed is polled more often while it brings news and less often while it does not, between two limits. What the feed
itself asks for (`ttl`, `Cache-Control`) makes it rarer, up to the upper limit; a Retry-After holds whatever the limits
say. Failures double the wait up to two days, and no feed is ever given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from treatywatch.feeds import Feed
from treatywatch.settings import Produce
from treatywatch.wire import digest

BACK_OFF_MAX_SECONDS = 48 * 3600.0
JITTER = 0.1  # of the interval, to either side
SPREAD_MAX_SECONDS = 60.0  # overdue feeds are spread over this long at the start


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what a feed's interval may move. `probe_every`: after so many 304s in a row ask without validators."""

    minimum: float
    maximum: float
    heeds_hints: bool = True
    probe_every: int = 24


def limits(settings: Produce, feed: Feed) -> Limits:
    """Return a feed's limits; an interval in the feeds file is the operator's word, and only Retry-After beats it."""
    if feed.interval_seconds is not None:
        return Limits(feed.interval_seconds, feed.interval_seconds, heeds_hints=False)
    return Limits(settings.min_interval_seconds, max(settings.min_interval_seconds, settings.max_interval_seconds))


def interval_after(interval: float, news: bool, bounds: Limits) -> float:
    """Return the next interval: shorter after news, longer after none, the shortest for a feed never polled."""
    if interval <= 0:
        return bounds.minimum
    return min(bounds.maximum, max(bounds.minimum, interval * (0.6 if news else 1.2)))


def due_after_success(
    now: datetime, feed: str, interval: float, hint: float | None, hold: datetime | None, bounds: Limits
) -> datetime:
    """Return when a feed that answered is due; `hint` is the number of seconds it calls its answer fresh."""
    if hint is not None and bounds.heeds_hints:
        interval = max(interval, min(hint, bounds.maximum))
    return _not_before(hold, now + timedelta(seconds=_jittered(interval, feed, now)))


def due_after_failure(now: datetime, feed: str, failures: int, hold: datetime | None, bounds: Limits) -> datetime:
    """Return when a feed that has failed `failures` times in a row is due: twice as long each time, at most 48 h."""
    wait = min(BACK_OFF_MAX_SECONDS, bounds.minimum * 2.0 ** min(failures - 1, 40))
    return _not_before(hold, now + timedelta(seconds=min(BACK_OFF_MAX_SECONDS, _jittered(wait, feed, now))))


def due_at_start(now: datetime, feed: str, due: datetime | None, hold: datetime | None, bounds: Limits) -> datetime:
    """Return when a feed is due after a (re)start: when it was due before, so that each keeps its phase.

    What is overdue or was never polled is spread over a short while. A date beyond any possible wait, left by a clock
    that was wrong, is forgotten.
    """
    if due is not None and now < due <= now + timedelta(seconds=max(BACK_OFF_MAX_SECONDS, 1.5 * bounds.maximum)):
        return _not_before(hold, due)
    phase = _fraction(feed, "phase") * min(bounds.minimum, SPREAD_MAX_SECONDS)
    return _not_before(hold, now + timedelta(seconds=phase))


def _not_before(hold: datetime | None, due: datetime) -> datetime:
    return due if hold is None else max(due, hold)


def _jittered(seconds: float, feed: str, now: datetime) -> float:
    return seconds * (1 + JITTER * (2 * _fraction(feed, now.isoformat()) - 1))


def _fraction(*parts: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the parts."""
    return int(digest(*parts)[:8], 16) / 2**32
