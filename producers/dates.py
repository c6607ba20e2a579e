"""Read the dates of feed entries; a date that makes no sense is none, never an error."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
NEWEST = datetime(2200, 1, 1, tzinfo=UTC)


def from_parts(parts: time.struct_time | None, raw: object = None) -> datetime | None:
    """Return the time that feedparser read as a UTC `struct_time`, or that the raw text holds as epoch seconds.

    A bare number is looked at first: feedparser takes one for a day of the eighteenth century.
    """
    if isinstance(raw, str) and (number := raw.strip()).isascii() and number.isdigit() and len(number) in (10, 13):
        return _sane(int(number) / (1000 if len(number) == 13 else 1))
    if parts is None:
        return None
    try:
        return _sane(calendar.timegm(parts))
    except (OverflowError, ValueError, TypeError):
        return None


def from_iso(text: object) -> datetime | None:
    """Return the time of an RFC 3339 text; one without a zone is taken as UTC."""
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text.strip())
        return _between((read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _sane(epoch: float) -> datetime | None:
    try:
        return _between(datetime.fromtimestamp(epoch, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def _between(moment: datetime) -> datetime | None:
    return moment if OLDEST <= moment < NEWEST else None
