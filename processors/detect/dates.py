"""Read dates in a sentence, counted from the day on which the item was published."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from processors.detect.lexicon import Lexicon
from processors.detect.reading import Sentence

_AGO = 200  # days back that a date without a year may lie before it is read as next year's


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at tokens[start:end]; `period` says that it was given as a span of time from now ("in six months"),
    `weekday` as the name of a day."""

    start: int
    end: int
    value: date
    period: bool = False
    weekday: bool = False


def find_dates(sentence: Sentence, lexicon: Lexicon, day: date | None) -> list[FoundDate]:
    """Give the dates of the sentence, left to right; without the item's date only full dates can be read."""
    norms = sentence.norms
    found: list[FoundDate] = []
    position = 0
    while position < len(norms):
        got = _calendar(norms, position, lexicon, day)
        if got is None and day is not None:
            got = _period(norms, position, lexicon, day) or _weekday(norms, position, lexicon, day)
        if got is None:
            position += 1
            continue
        found.append(got)
        position = got.end
    return found


def add_months(day: date, months: int) -> date:
    """Give the same day so many months later, the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _calendar(norms: list[str], position: int, lexicon: Lexicon, day: date | None) -> FoundDate | None:
    """Read "27 December 2025", "December 27, 2025", "27 December", "December 27"."""
    months = lexicon.month_numbers
    norm = norms[position]
    following = norms[position + 1] if position + 1 < len(norms) else ""
    if norm in months and _is_day(following, lexicon):
        month, number, end = months[norm], int(_digits(following)), position + 2
    elif _is_day(norm, lexicon) and following in months:
        month, number, end = months[following], int(_digits(norm)), position + 2
    else:
        return None
    look = end + 1 if end < len(norms) and norms[end] == "," else end
    year = None
    if look < len(norms) and len(norms[look]) == 4 and norms[look].isdigit():
        year, end = int(norms[look]), look + 1
    if year is None:
        if day is None:
            return None
        year = day.year
    value = _date(year, month, number)
    if value is None:
        return None
    if end == position + 2 and day is not None:
        if (day - value).days > _AGO:
            value = _date(year + 1, month, number) or value
        elif (value - day).days > 365 - _AGO + 100:
            value = _date(year - 1, month, number) or value
    return FoundDate(position, end, value)


def _period(norms: list[str], position: int, lexicon: Lexicon, day: date) -> FoundDate | None:
    """Read "in six months", "within 180 days", "after a year" as a date counted from the item's day."""
    words = lexicon.words
    if norms[position] in words.midnight:
        return FoundDate(position, position + 1, day)
    if norms[position] not in words.period_words or position + 2 >= len(norms):
        return None
    number = words.numbers.get(norms[position + 1]) or (
        int(norms[position + 1]) if norms[position + 1].isdigit() and len(norms[position + 1]) <= 3 else None
    )
    unit = words.units.get(norms[position + 2])
    if number is None or unit is None:
        return None
    if position + 3 < len(norms) and norms[position + 3] in words.past_words:
        return None
    if unit in ("D", "W"):
        value = day + timedelta(days=number * (7 if unit == "W" else 1))
    else:
        if number > 600:
            return None
        value = add_months(day, number * (12 if unit == "Y" else 1))
    return FoundDate(position, position + 3, value, period=True)


def _weekday(norms: list[str], position: int, lexicon: Lexicon, day: date) -> FoundDate | None:
    """Read "on Wednesday" as the last one, the item's day included; behind "next" or a future verb it says nothing."""
    words = lexicon.words
    if norms[position] not in words.weekdays:
        return None
    before = norms[max(0, position - 4) : position]
    if set(before) & (words.future | words.coming | words.modals):
        return None
    back = (day.weekday() - words.weekdays.index(norms[position])) % 7
    return FoundDate(position, position + 1, day - timedelta(days=back), weekday=True)


def _is_day(word: str, lexicon: Lexicon) -> bool:
    digits = _digits(word)
    return digits != "" and word[len(digits) :] in lexicon.words.ordinals and 1 <= int(digits) <= 31


def _digits(word: str) -> str:
    digits = word[:2] if word[:2].isdigit() else word[:1]
    return digits if digits.isascii() and digits.isdigit() else ""


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
