"""When an exit takes legal effect: computed from the register's notice rule, or claimed by the text.

A computed date rests on the day of the notice. Where no text names that day, it is computed from the day of the report
and the note says so. Dates are those of the depositary's calendar; a local midnight can shift them by a day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from processors.track.dating import event_day, reported, scheduled
from processors.track.lifecycle import MERGE_WINDOW
from treatywatch.model import Basis, EffectiveDate, Signal
from treatywatch.register import Instrument, NoticeRule

# With these rules a text may rightly name another day than the period gives.
_STATE_MAY_NAME = frozenset({NoticeRule.AT_LEAST, NoticeRule.PERIOD_OR_AGREEMENT})
_ONE_DAY = timedelta(days=1)
_FAR = 9000  # no date is computed from such a year
_WORDS = {"Y": "year", "M": "month", "D": "day"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What the register says about leaving one instrument: the period that applies to this case, and the rule."""

    instrument: Instrument
    period: str | None

    @property
    def checked(self) -> bool:
        """Say whether the period rests on a source, not on general knowledge."""
        return "notice" not in self.instrument.unsourced

    def __str__(self) -> str:
        if self.instrument.notice_rule is NoticeRule.END_OF_NEXT_YEAR:
            return "end of the year after the notice"
        if self.instrument.notice_rule is NoticeRule.NEXT_CALENDAR_YEAR:
            return "next calendar year"
        if self.period is None:
            return (self.instrument.notice_rule or "no rule").replace("_", " ")
        amount, unit = int(self.period[1:-1]), _WORDS[self.period[-1]]
        return f"{amount} {unit}{'s' if amount > 1 else ''}"


def notice_for(instrument: Instrument | None, case_id: str, texts: Iterable[str] = ()) -> Notice | None:
    """Return what the register says about this case, none where it says nothing.

    A group row has a period for each instrument: the one whose name shares a word with the slug of the case id or with
    one of `texts` is taken, and none where the choice is not clear. A period can also be one actor's ("US").
    """
    if instrument is None:
        return None
    period = instrument.notice
    if instrument.notice_periods:
        actor, _, rest = case_id.partition(":")
        named = {name: set(_words(name)) for name in instrument.notice_periods}
        seen = {*_words(rest), *(word for text in texts for word in _words(text))} - set(_words(instrument.id))
        whole = [name for name, words in named.items() if words <= seen]
        fitting = [name for name, words in named.items() if any(len(word) > 2 for word in words & seen)]  # no "us"
        if actor in instrument.notice_periods:
            period = instrument.notice_periods[actor]
        elif len(whole or fitting) == 1:
            period = instrument.notice_periods[(whole or fitting)[0]]
    return Notice(instrument, period) if period or instrument.notice_rule else None


def effect_of(notice: Notice | None, given: date) -> date | None:
    """Compute when a notice received on a day takes effect, none where the register gives no rule."""
    if notice is None or given.year >= _FAR:
        return None
    rule, period = notice.instrument.notice_rule, notice.period
    match rule:
        case NoticeRule.NO_COMPUTATION:
            return None
        case NoticeRule.END_OF_NEXT_YEAR:
            return date(given.year + 1, 12, 31)
        case NoticeRule.NEXT_CALENDAR_YEAR:
            return date(given.year + 1, 1, 1)
        case NoticeRule.DRUGS_CONVENTION:
            return date(given.year + (1 if (given.month, given.day) <= (7, 1) else 2), 1, 1)
        case NoticeRule.WHALING_CONVENTION:
            return date(given.year + (0 if (given.month, given.day) == (1, 1) else 1), 6, 30)
    if period is None:
        return None
    if rule is NoticeRule.NOT_BEFORE_THREE_YEARS and notice.instrument.entry_into_force:
        given = max(given, plus(date.fromisoformat(notice.instrument.entry_into_force), "P3Y"))
    effect = plus(given, period)
    if rule is NoticeRule.FIRST_OF_NEXT_MONTH:
        return plus(effect.replace(day=1), "P1M")
    return effect


def earliest_effect(notice: Notice | None, given: date) -> date | None:
    """Compute before which day a claim of effect cannot be true; none where it may be true at any time.

    Stricter than `effect_of`: a period that rests on general knowledge, or that an agreement may shorten, refutes
    nobody.
    """
    if notice is None or not notice.checked or notice.instrument.notice_rule is NoticeRule.PERIOD_OR_AGREEMENT:
        return None
    return effect_of(notice, given)


def plus(start: date, period: str) -> date:
    """Add an ISO 8601 duration of years, months or days; a day that the month lacks becomes its last."""
    amount, unit = int(period[1:-1]), period[-1]
    if unit == "D":
        return start + timedelta(days=amount)
    months = start.year * 12 + start.month - 1 + amount * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Claim:
    """A date of effect that texts name. `immediate`: it is not after the day on which it was printed.

    `printed` are the days on which texts named it: "in six months" names another date on each.
    """

    value: date
    owners: int
    immediate: bool
    printed: tuple[date, ...] = ()

    def restates(self, notice: Notice | None) -> bool:
        """Say whether the texts only count the notice period from their own day, and so know no date of their own."""
        counted = [effect_of(notice, day) for day in self.printed]
        return bool(counted) and all(day is not None and abs(day - self.value) <= _ONE_DAY for day in counted)


def claims(signals: Iterable[Signal]) -> list[Claim]:
    """Collect the claimed dates of effect, the best supported first.

    An act dated ahead of its publication ("leaves on 27 December") is such a claim too.
    """
    owners: dict[date, set[str]] = {}
    days: dict[date, set[date]] = {}
    ahead: set[date] = set()
    for signal in signals:
        value = signal.effective_date or (signal.event_date if scheduled(signal) else None)
        if value is None:
            continue
        owners.setdefault(value, set()).add(signal.owner)
        printed = reported(signal) or event_day(signal)
        if printed is not None:
            days.setdefault(value, set()).add(printed)
        if printed is None or value - printed > _ONE_DAY:
            ahead.add(value)
    found = [
        Claim(value, len(who), value not in ahead, tuple(sorted(days.get(value, ())))) for value, who in owners.items()
    ]
    return sorted(found, key=lambda c: (-c.owners, c.immediate, c.value))


@dataclass(frozen=True, slots=True)
class Effect:
    """The date of effect of a case. `binding`: its passing can be told; `refuted`: some claim cannot be true."""

    date: EffectiveDate | None
    binding: bool
    refuted: bool


def effect(
    notice: Notice | None,
    notified: tuple[date, bool] | None,
    began: date | None,
    claimed: Sequence[Claim],
) -> Effect:
    """Choose the date of effect.

    `notified` is the day of the notice and whether a text names it; `began` the first move that is known. A date
    computed from a dated notice wins over a claim, unless the instrument lets the state name the day. A claim that the
    notice period refutes is stored with that note, and nothing follows from it.
    """
    computed = effect_of(notice, notified[0]) if notified else None
    if notified and computed:
        return _with_notice(notice, notified, computed, claimed)
    start = notified[0] if notified else began
    possible = earliest_effect(notice, start) if start else None
    refuted = [c for c in claimed if possible and possible - c.value > MERGE_WINDOW]
    good = [c for c in claimed if c not in refuted]
    if good:
        best = next((c for c in good if not c.immediate), good[0])
        return Effect(_claimed(best, None), not best.immediate, bool(refuted))
    if refuted:
        note = f"as claimed; the treaty asks for notice ({notice}), so it cannot be before {possible}"
        return Effect(_claimed(refuted[0], note), False, True)
    return Effect(None, False, False)


def as_reported(on: date, named: bool) -> Effect:
    """Date an effect that is reported and of which no notice is known: by the text, else by the first report."""
    note = None if named else "no text names the day: that of the first report"
    return Effect(EffectiveDate(value=on, basis=Basis.CLAIMED, note=note), binding=False, refuted=False)


def _with_notice(
    notice: Notice | None, notified: tuple[date, bool], computed: date, claimed: Sequence[Claim]
) -> Effect:
    given, named = notified
    assert notice is not None  # a date was computed from it
    notes = [f"{notice} from {given}"]
    if not named:
        notes.append("counted from the day of the report, the day of the notice is not known, so to within a few days")
    if not notice.checked:
        notes.append("the period is not checked against the treaty")
    if notice.instrument.conflict_clause:
        notes.append("in an armed conflict the exit waits until it ends")
    later = [c for c in claimed if not c.immediate and c.value - computed > MERGE_WINDOW]
    may_differ = notice.instrument.notice_rule in _STATE_MAY_NAME
    if later and may_differ:
        return Effect(_claimed(later[0], f"the notice names this day; {notes[0]} would be {computed}"), True, False)
    near = [
        c
        for c in claimed
        if not c.immediate and not c.restates(notice) and abs(c.value - computed) <= timedelta(days=45)
    ]
    if near and not named:
        return Effect(_claimed(near[0], f"{notes[0]} would be {computed}"), True, False)
    refuted = notice.checked and any(computed - c.value > MERGE_WINDOW for c in claimed)
    if later or refuted:
        other = (later or [c for c in claimed if computed - c.value > MERGE_WINDOW])[0]
        notes.append(f"{other.owners} of the sources say {other.value}")
    if notice.instrument.notice_rule is NoticeRule.AT_LEAST:
        notes.append("at the earliest")
    return Effect(
        EffectiveDate(value=computed, basis=Basis.COMPUTED, note="; ".join(notes)), True, bool(refuted and named)
    )


def _claimed(claim: Claim, note: str | None) -> EffectiveDate:
    return EffectiveDate(value=claim.value, basis=Basis.CLAIMED, note=note)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold())
