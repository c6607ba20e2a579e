"""Read the dates of feed entries; a date that makes no sense is none, never an error.

feedparser reads RFC 822 and ISO 8601. What it cannot read ("18 czerwca 2025", "24/11/2026") is tried by dateparser, in
the feed's language only, and only as a full date: it takes a millisecond for each, and guesses gladly, so it gets no
date without a year of four digits, none that says "yesterday", and none whose day and month could be exchanged. A
calendar that is not ours is not guessed: the Buddhist 2568 and the Persian 1404 are none. A date without a zone is UTC.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
NEWEST = datetime(2200, 1, 1, tzinfo=UTC)
MAX_FREE = 200  # dates of one body that are tried by dateparser
MAX_WRITTEN = 80  # characters of a date

_YEAR = re.compile(r"(?<!\d)(?:199\d|20\d\d)(?!\d)")
# "2025. június 18." is no ISO date, but feedparser takes its year, and the month and day from nowhere.
_YEAR_FIRST = re.compile(r"\s*\d{4}(?![\d\s-]*$|-?\d|\d*T)")
# It reads "1:55 PM" as five minutes to two at night.
_HALF_DAY = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_EITHER_WAY = re.compile(r"(?<![\d/.-])(\d{1,2})[/. -](\d{1,2})[/. -]\d{4}(?!\d)")
_MONTH_FIRST = frozenset({"", "en"})  # languages in which some write the month first, and some the day
_FILLERS = re.compile(
    r"(?<=[\s\d])(?:m\.|d\.|gada|года|г\.|року|р\.)(?=\s|$)|(?<=\d)\.(?=\s*$)"
)  # "2025 m. birželio 18 d."


@dataclass
class DateReader:
    """Reads the dates of one body, in its language; keeps count of what it tries the slow way."""

    language: str = ""
    left: int = MAX_FREE

    def of(self, raw: Mapping[str, Any]) -> tuple[datetime | None, bool]:
        """Return the time of an entry of feedparser's, and whether it is that of a change."""
        for key in ("published", "updated"):
            if key in raw:
                written = str(raw.get(key))
                if len(written) > MAX_WRITTEN:
                    continue
                misread = _YEAR_FIRST.match(written) or _HALF_DAY.search(written)
                parts = None if misread else raw.get(f"{key}_parsed")
                moment = from_parts(parts, written) or self.free(written)
                if moment is not None:
                    return moment, key == "updated"
        return None, False

    def free(self, written: object) -> datetime | None:
        """Return the time that a text means in this language, or none."""
        if not isinstance(written, str) or len(written) > MAX_WRITTEN or self.left <= 0 or not _YEAR.search(written):
            return None
        order = _EITHER_WAY.search(written)
        if order and self.language in _MONTH_FIRST and order[1] != order[2] and max(int(order[1]), int(order[2])) <= 12:
            return None
        self.left -= 1
        return from_words(written, self.language)


def from_words(written: str, language: str) -> datetime | None:
    """Return the time of a full date with the month's name in a language (by its code), or in numbers; none else."""
    parser = _free_parser(language or "en")
    if parser is None:
        return None
    try:
        found = parser.get_date_data(_FILLERS.sub(" ", written).strip()).date_obj
    except Exception:  # a foreign library on foreign text: whatever it raises, the text is no date
        return None
    return None if found is None else _between(found.astimezone(UTC))


@cache
def _free_parser(language: str) -> Any:
    from dateparser.date import DateDataParser  # takes 0.1 s and 20 MB, and most feeds never need it

    wanted = {
        "PARSERS": ["absolute-time"],
        "STRICT_PARSING": True,
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
    }
    try:
        languages = [language, "sr-Latn"] if language == "sr" else [language]
        return DateDataParser(languages=languages, settings=wanted)
    except ValueError:  # a language that it does not know
        return None


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
