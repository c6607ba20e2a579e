"""Decide when a feed is due next. Pure: the clock is passed in, and jitter comes from the feed's name, not from chance.

A feed is polled twice as often as it brings news, so that an item waits a quarter of the usual gap, and often enough
that at most half of its entries are new; all between two limits, which are closer for breaking news. What the feed
itself asks for (`ttl`, `sy:updatePeriod`, `Cache-Control`, `Expires`) makes it rarer, up to the upper limit, or allows
a breaking-news feed to be polled more often; its `skipHours` and `skipDays` are left out; a Retry-After holds whatever
the limits say. Failures double the wait up to two days, and no feed is ever given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from producers.quiet import LONGEST, Quiet, after_quiet
from treatywatch.feeds import Feed
from treatywatch.settings import Produce
from treatywatch.wire import digest

BACK_OFF_MAX_SECONDS = 48 * 3600.0
JITTER = 0.1  # of the interval, earlier and never later: the interval is what a reader is promised
SPREAD_MAX_SECONDS = 60.0  # overdue feeds are spread over this long at the start
GROWTH = 1.5  # one quiet poll does not make a feed rare
BREAKING = frozenset({"wire", "broadcaster", "newspaper"})  # kinds whose feeds carry breaking news unless they say not


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what a feed's interval may move. `probe_every`: after so many 304s in a row ask without validators.

    `allowed` is the least interval of a feed that says it may be asked sooner than `minimum`; none: its word is not
    taken for that.
    """

    minimum: float
    maximum: float
    heeds_hints: bool = True
    probe_every: int = 24
    allowed: float | None = None


def is_breaking(feed: Feed) -> bool:
    """Say whether a feed carries breaking news: by its own key, else by its kind."""
    return feed.kind in BREAKING if feed.breaking is None else feed.breaking


def limits(settings: Produce, feed: Feed) -> Limits:
    """Return a feed's limits; an interval in the feeds file is the operator's word, and only Retry-After beats it."""
    if feed.interval_seconds is not None:
        return Limits(feed.interval_seconds, feed.interval_seconds, heeds_hints=False, probe_every=settings.probe_every)
    allowed: float | None = None
    minimum, maximum = settings.min_interval_seconds, settings.max_interval_seconds
    if is_breaking(feed):
        allowed = settings.breaking_allowed_interval_seconds
        minimum, maximum = settings.breaking_min_interval_seconds, settings.breaking_max_interval_seconds
    maximum = feed.max_interval_seconds or max(minimum, maximum)
    minimum = feed.min_interval_seconds or min(minimum, maximum)
    return Limits(minimum, max(minimum, maximum), allowed=allowed, probe_every=settings.probe_every)


def allowing(bounds: Limits, hint: float | None) -> Limits:
    """Return the limits of a feed that calls its answer fresh for `hint` seconds: it may be asked again after them."""
    if bounds.allowed is None or not hint:
        return bounds
    return replace(bounds, minimum=min(bounds.minimum, max(bounds.allowed, hint)))


def interval_after(interval: float, gap: float | None, turns_over: float | None, bounds: Limits) -> float:
    """Return the next interval, before the feed's own wishes; the shortest for a feed never polled.

    `gap` is the observed time between two items, `turns_over` the time in which half the entries are new (`rhythm.py`).
    It shrinks at once and grows step by step.
    """
    if interval <= 0:
        return bounds.minimum
    known = [seconds for seconds in (gap / 2 if gap is not None else None, turns_over) if seconds is not None]
    wanted = min(known, default=bounds.maximum)
    return min(bounds.maximum, max(bounds.minimum, min(wanted, interval * GROWTH)))


def pace(interval: float, hint: float | None, bounds: Limits) -> float:
    """Return the seconds between two polls, before jitter; `hint` is for how long the feed calls its answer fresh."""
    return max(interval, _wish(hint, bounds))


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
    wait = max(_jittered(pace(interval, hint, bounds), feed, now), _wish(hint, bounds))
    due = now + timedelta(seconds=wait)
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

    What was never polled is spread over a short while, and what is overdue over as long as it is overdue, if that is
    shorter: after a restart of five seconds nobody waits a minute, and there are twice as many requests as usual for
    five seconds. A date beyond any possible wait, left by a clock that was wrong, is forgotten.
    """
    longest = timedelta(seconds=max(BACK_OFF_MAX_SECONDS, 1.5 * bounds.maximum)) + LONGEST
    if due is not None and now < due <= now + longest:
        return _not_before(hold, due)
    spread = min(bounds.minimum, SPREAD_MAX_SECONDS)
    if due is not None and due <= now:
        spread = min(spread, (now - due).total_seconds())
    return _allowed(hold, now + timedelta(seconds=_fraction(feed, "phase") * spread), quiet, bounds)


def due_after_hold(feed: str, hold: datetime, bounds: Limits) -> datetime:
    """Return when a feed is due whose site has asked for a rest until `hold`: a little later, each feed by itself."""
    return hold + timedelta(seconds=_fraction(feed, "phase") * min(bounds.minimum, SPREAD_MAX_SECONDS))


def _allowed(hold: datetime | None, due: datetime, quiet: Quiet | None, bounds: Limits) -> datetime:
    due = _not_before(hold, due)
    return after_quiet(due, quiet) if bounds.heeds_hints else due


def _not_before(hold: datetime | None, due: datetime) -> datetime:
    return due if hold is None else max(due, hold)


def _wish(hint: float | None, bounds: Limits) -> float:
    return min(hint, bounds.maximum) if hint is not None and bounds.heeds_hints else 0.0


def _jittered(seconds: float, feed: str, now: datetime) -> float:
    return seconds * (1 - JITTER * _fraction(feed, now.isoformat()))


def _fraction(*parts: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the parts."""
    return int(digest(*parts)[:8], 16) / 2**32
