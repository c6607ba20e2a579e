"""Read the headers in which a server says when to come again. Pure; the clock is passed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=7)  # a Retry-After beyond this is a mistake, or meant to silence us

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return the moment before which we must not come again, from a Retry-After in seconds or as a date."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text), int(LONGEST_WAIT.total_seconds())))
    elif (moment := http_date(text)) is not None:
        wait = moment - now
    else:
        return None
    return now + min(wait, LONGEST_WAIT) if wait > timedelta(0) else None


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return for how many seconds the server calls its answer fresh, by Cache-Control, else Expires; none if silent."""
    control = headers.get("Cache-Control", "")
    if found := _MAX_AGE.search(control):
        return float(found[1])
    if "no-cache" in control.lower() or "no-store" in control.lower():
        return None
    expires = http_date(headers.get("Expires", ""))
    if expires is None:
        return None
    seconds = (expires - (http_date(headers.get("Date", "")) or now)).total_seconds()
    return seconds if seconds > 0 else None


def http_date(text: str) -> datetime | None:
    """Return the time of an HTTP date, or none; `Expires: 0` and its like are none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
