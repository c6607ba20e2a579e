"""When a signal is dated: the one place that chooses between what the text says, the published and the fetched date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from treatywatch.model import Signal

UNDATED = date.min  # sorts before every date, so that a signal without any date never stands over one that has a date
_ONE_DAY = timedelta(days=1)


def reported(signal: Signal) -> date | None:
    """Return the UTC day of publication, else of the fetch.

    A published date more than a day after the fetch is a wrong clock at the source; the fetch is taken then.
    """
    published, fetched = signal.published, signal.fetched
    if published and fetched and published - fetched > _ONE_DAY:
        published = None
    moment = published or fetched
    return moment.astimezone(UTC).date() if moment else None


def scheduled(signal: Signal) -> bool:
    """Say whether the text dates the act after its own publication: "leaves on 27 December", printed on the 1st."""
    day = reported(signal)
    return signal.event_date is not None and day is not None and signal.event_date - day > _ONE_DAY


def event_day(signal: Signal) -> date | None:
    """Return the day that the text gives to an act that has happened, none where it gives none."""
    return None if scheduled(signal) else signal.event_date


def day(signal: Signal) -> date:
    """Date a signal: by the act, else by publication, else by the fetch, else UNDATED."""
    return event_day(signal) or reported(signal) or UNDATED


def shift(on: date, by: timedelta) -> date:
    """Move a day, at most to the ends of the calendar: sources print dates of the years 1 and 9999."""
    if by < timedelta(0):
        return on + by if on - date.min >= -by else date.min
    return on + by if date.max - on >= by else date.max


def first_seen(signal: Signal) -> datetime | None:
    """Return when we could first know of it: the fetch, else publication."""
    return signal.fetched or signal.published
