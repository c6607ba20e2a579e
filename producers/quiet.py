"""When a feed asks not to be polled: `skipHours` and `skipDays` of RSS. Pure.

Both are of the channel, in UTC. They are read from the bytes, because feedparser keeps the last hour of a list only.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

LONGEST = timedelta(days=3)  # a long weekend; a feed that asks for more is polled all the same

_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")
_BLOCK = re.compile(
    rb"<skip(hours|days)>\s*((?:<(?:hour|day)>\s*[A-Za-z0-9]{1,9}\s*</(?:hour|day)>\s*){1,31})</skip", re.IGNORECASE
)
_VALUE = re.compile(rb">\s*([A-Za-z0-9]+)\s*<")


class Quiet(msgspec.Struct, frozen=True):
    """Hours (0 to 23) and days (0 is Monday) in which a feed asks to be left alone, in UTC."""

    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    def at(self, moment: datetime) -> bool:
        """Say whether a moment is one of them."""
        moment = moment.astimezone(UTC)
        return moment.hour in self.hours or moment.weekday() in self.days


def read_quiet(body: bytes) -> Quiet | None:
    """Return what a feed's body asks for; none where it asks for nothing. What is no hour and no day is passed over."""
    hours: set[int] = set()
    days: set[int] = set()
    for kind, values in _BLOCK.findall(body):
        for value in _VALUE.findall(values):
            if kind.lower() == b"hours" and value.isdigit() and int(value) <= 24:
                hours.add(int(value) % 24)  # RSS 0.91 counts from 1 to 24
            elif kind.lower() == b"days" and value.lower() in _DAYS:
                days.add(_DAYS.index(value.lower()))
    return Quiet(tuple(sorted(hours)), tuple(sorted(days))) if hours or days else None


def after_quiet(due: datetime, quiet: Quiet | None) -> datetime:
    """Return the first moment from `due` on that is not quiet; `due` itself where the quiet never ends in time.

    A feed that goes on at ten is due at as many minutes past ten as it was past its hour, so that feeds stay spread.
    """
    if quiet is None or not quiet.at(due):
        return due
    moment = due
    while moment - due < LONGEST:
        moment += timedelta(hours=1)
        if not quiet.at(moment):
            return moment
    return due
