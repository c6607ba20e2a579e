"""Decide when a feed is due next. Pure: the clock is passed in, and jitter comes from the feed's name, not from chance.

A feed is polled more often while it brings news and less often while it does not, between two limits. What the feed
itself asks for (`ttl`, `sy:updatePeriod`, `Cache-Control`) makes it rarer, up to the upper limit; its `skipHours` and
`skipDays` are left out; a Retry-After holds whatever the limits say. Failures double the wait up to two days, and no
feed is ever given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from producers.quiet import LONGEST, Quiet, after_quiet
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


def pace(interval: float, hint: float | None, bounds: Limits) -> float:
    """Return the seconds between two polls, before jitter; `hint` is for how long the feed calls its answer fresh."""
    return max(interval, min(hint, bounds.maximum)) if hint is not None and bounds.heeds_hints else interval


def due_after_success(
    now: datetime,
    feed: str,
    interval: float,
    hint: float | None,
    hold: datetime | None,
    bounds: Limits,
    quiet: Quiet | None = None,
) -> datetime:
    """Return when a feed that answered is due."""
    due = now + timedelta(seconds=_jittered(pace(interval, hint, bounds), feed, now))
    return _allowed(hold, due, quiet, bounds)


def due_after_failure(
    now: datetime, feed: str, failures: int, hold: datetime | None, bounds: Limits, quiet: Quiet | None = None
) -> datetime:
    """Return when a feed that has failed `failures` times in a row is due: twice as long each time, at most 48 h."""
    wait = min(BACK_OFF_MAX_SECONDS, bounds.minimum * 2.0 ** min(failures - 1, 40))
    due = now + timedelta(seconds=min(BACK_OFF_MAX_SECONDS, _jittered(wait, feed, now)))
    return _allowed(hold, due, quiet, bounds)


def due_at_start(
    now: datetime,
    feed: str,
    due: datetime | None,
    hold: datetime | None,
    bounds: Limits,
    quiet: Quiet | None = None,
) -> datetime:
    """Return when a feed is due after a (re)start: when it was due before, so that each keeps its phase.

    What is overdue or was never polled is spread over a short while. A date beyond any possible wait, left by a clock
    that was wrong, is forgotten.
    """
    longest = timedelta(seconds=max(BACK_OFF_MAX_SECONDS, 1.5 * bounds.maximum)) + LONGEST
    if due is not None and now < due <= now + longest:
        return _not_before(hold, due)
    return _allowed(hold, now + timedelta(seconds=_phase(feed, bounds)), quiet, bounds)


def due_after_hold(feed: str, hold: datetime, bounds: Limits) -> datetime:
    """Return when a feed is due whose site has asked for a rest until `hold`: a little later, each feed by itself."""
    return hold + timedelta(seconds=_phase(feed, bounds))


def _allowed(hold: datetime | None, due: datetime, quiet: Quiet | None, bounds: Limits) -> datetime:
    due = _not_before(hold, due)
    return after_quiet(due, quiet) if bounds.heeds_hints else due


def _not_before(hold: datetime | None, due: datetime) -> datetime:
    return due if hold is None else max(due, hold)


def _phase(feed: str, bounds: Limits) -> float:
    return _fraction(feed, "phase") * min(bounds.minimum, SPREAD_MAX_SECONDS)


def _jittered(seconds: float, feed: str, now: datetime) -> float:
    return seconds * (1 + JITTER * (2 * _fraction(feed, now.isoformat()) - 1))


def _fraction(*parts: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the parts."""
    return int(digest(*parts)[:8], 16) / 2**32
