"""Draw a case's steps on a line of time, as SVG.

`lay_out` decides where everything goes, `draw` writes it down; both are pure. A step without a date of its own stands
where it was first reported, drawn hollow. A computed date of effect is a hollow diamond, a reported one is filled, and
the time between notice and effect is a band. The same facts stand as a list below the drawing, for whoever cannot see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sinks import facts, words
from sinks.live.markup import Html, h
from treatywatch.model import Basis, Case, Stage

WIDTH = 960
_EDGE = 14
_LANE, _HEAD, _FOOT = 38, 6, 30
_CHARACTER = 6.3  # a generous width of one character of a label, in the drawing's units
_LANES = 9
_YEARS = range(1900, 2101)  # a date outside is a misreading and would squeeze all others into a corner
_TICK_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_MOST_TICKS = 10

Across: TypeAlias = Callable[[date], float]  # a date's place on the line


@dataclass(frozen=True, slots=True)
class Step:
    """What is drawn: a day, two lines of label, a style. `dated` is false where the day is not the step's own."""

    on: date
    label: str
    note: str
    style: str
    dated: bool

    @property
    def width(self) -> float:
        """Room for the label beside its pole."""
        return max(len(self.label), len(self.note)) * _CHARACTER + 12


@dataclass(frozen=True, slots=True)
class Point:
    """A step in its place. `lane` 0 is the closest above the line; none is a dot without a label."""

    x: float
    step: Step
    lane: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything goes. `band` is the notice period, `today` and `ticks` are places on the line."""

    points: tuple[Point, ...]
    band: tuple[float, float] | None
    today: float | None
    ticks: tuple[tuple[float, str], ...]
    height: int

    @property
    def line(self) -> int:
        """The height of the line itself."""
        return self.height - _FOOT


def lay_out(case: Case, today: date) -> Layout | None:
    """Place the steps of a case; none where nothing has a date."""
    steps = sorted(_steps(case), key=lambda step: (step.on, step.label))
    if not steps:
        return None
    dates = [step.on for step in steps]
    spread = max(30, (dates[-1] - dates[0]).days)
    if dates[0] <= today and (today - dates[-1]).days <= spread:
        dates.append(today)  # so that "today" is on the line while the story is fresh
    first, last = min(dates).toordinal(), max(max(dates).toordinal(), min(dates).toordinal() + 30)
    # The line goes on to the right of the last step as far as the widest label needs.
    right = WIDTH - max(_EDGE, *(step.width for step in steps))

    def across(on: date) -> float:
        return round(_EDGE + (right - _EDGE) * (on.toordinal() - first) / (last - first), 1)

    points = tuple(_flags(steps, across))
    lanes = max((point.lane + 1 for point in points if point.lane is not None), default=0)
    end = min(first + int((last - first) * (WIDTH - _EDGE) / (right - _EDGE)), date.max.toordinal())
    return Layout(
        points=points,
        band=_band(case, across),
        today=across(today) if first <= today.toordinal() <= end else None,
        ticks=tuple((across(on), text) for on, text in _ticks(first, end)),
        height=_HEAD + lanes * _LANE + 14 + _FOOT,
    )


def draw(case: Case, today: date, title: str) -> Html | None:
    """Draw the case's timeline; none where nothing has a date."""
    layout = lay_out(case, today)
    if layout is None:
        return None
    line = layout.line
    parts: list[Html] = [h("title", f"Timeline: {title}")]
    if layout.band:
        start, end = layout.band
        parts.append(h("rect", x=start, y=line - 5, width=round(end - start, 1), height=10, class_="t-band"))
    parts.append(h("line", x1=0, x2=WIDTH, y1=line, y2=line, class_="t-line"))
    for x, text in layout.ticks:
        parts.append(h("line", x1=x, x2=x, y1=line, y2=line + 5, class_="t-tick"))
        if layout.today is None or abs(layout.today - x) > 34:  # else the word "today" stands there
            parts.append(h("text", text, x=x, y=line + 22, text_anchor="middle", class_="t-date"))
    if layout.today is not None:
        parts += _today(layout.today, line)
    parts += [_pole(point, line) for point in layout.points if point.lane is not None]
    parts += [part for point in layout.points for part in _point(point, line)]
    return h(
        "svg",
        parts,
        class_="timeline",
        viewBox=f"0 0 {WIDTH} {layout.height}",
        role="img",
        aria_label=f"Timeline: {title}. The steps are listed below.",
    )


def _steps(case: Case) -> Iterator[Step]:
    """Every step that has a day, and the date of effect while it is still a promise."""
    for entry in case.history:
        on = facts.day_of(entry)
        if on and on.year in _YEARS:
            seen = "" if entry.event_date else "reported "
            note = f"{seen}{words.day(on)} · {words.count(words.sources(entry), 'source')}"
            label = words.step(entry.stage, entry.action, entry.institution)
            yield Step(on, label, note, str(entry.stage), entry.event_date is not None)
    effect = case.effective_date
    if effect and effect.value.year in _YEARS and not _has_effect(case, effect.value):
        computed = effect.basis is Basis.COMPUTED
        note = f"{words.day(effect.value)} · {'computed' if computed else 'as claimed'}"
        yield Step(effect.value, "takes effect", note, "expected" if computed else "claimed", False)


def _has_effect(case: Case, on: date) -> bool:
    return case.stage in {Stage.REVERSED, Stage.REJECTED} or any(
        entry.stage is Stage.EFFECTIVE and (entry.event_date is None or abs((entry.event_date - on).days) <= 3)
        for entry in case.history
    )


def _flags(steps: Sequence[Step], across: Across) -> Iterator[Point]:
    """Hang each label like a flag to the right of its pole, in the lowest lane where it covers no other.

    From the latest step to the earliest: the labels below a pole are there already and begin to its right, and those
    that come later end before it, so no pole crosses a label. Steps that find no lane stay dots; the list below the
    drawing names them.
    """
    ends = [float("inf")] * _LANES  # where each lane's free space ends
    for step in reversed(steps):
        x = across(step.on)
        lane = next((number for number, end in enumerate(ends) if x + step.width <= end), None)
        if lane is not None:
            ends[: lane + 1] = [x - 4] * (lane + 1)  # its own lane, and the lanes that its pole goes through
        yield Point(x, step, lane)


def _band(case: Case, across: Across) -> tuple[float, float] | None:
    """The notice period: from the latest notice to the date of effect."""
    notices = [day for e in case.history if e.stage is Stage.NOTIFIED and (day := facts.day_of(e))]
    if not notices or case.effective_date is None or case.stage is Stage.REVERSED:
        return None
    start, end = max(notices), case.effective_date.value
    return (across(start), across(end)) if start < end and {start.year, end.year} <= set(_YEARS) else None


def _ticks(first: int, last: int) -> Iterator[tuple[date, str]]:
    start, end = date.fromordinal(first), date.fromordinal(last)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    every = next((n for n in _TICK_MONTHS if months / n <= _MOST_TICKS), _TICK_MONTHS[-1])
    for number in range(start.year * 12, end.year * 12 + 12, every):
        on = date(number // 12, number % 12 + 1, 1)
        if start <= on <= end:
            yield on, str(on.year) if on.month == 1 or every >= 12 else words.short_month(on)


def _today(x: float, line: int) -> Iterator[Html]:
    """Mark the present below the line, where no label stands."""
    yield h("path", d=f"M{x} {line + 3}l5 8h-10z", class_="t-today")
    anchor = "start" if x < 20 else "end" if x > WIDTH - 20 else "middle"
    yield h("text", "today", x=x, y=line + 22, text_anchor=anchor, class_="t-now")


def _pole(point: Point, line: int) -> Html:
    return h("line", x1=point.x, x2=point.x, y1=_top(point.lane or 0, line) - 10, y2=line, class_="t-pole")


def _top(lane: int, line: int) -> int:
    """The baseline of a label's first line."""
    return line - 30 - lane * _LANE


def _point(point: Point, line: int) -> Iterator[Html]:
    step, x = point.step, point.x
    tooltip = h("title", f"{step.label}, {step.note}")
    style = f"t-{step.style}" + ("" if step.dated else " t-hollow")
    if step.style in {"expected", "claimed"}:
        diamond = f"M{x} {line - 7}L{x + 7} {line}L{x} {line + 7}L{x - 7} {line}Z"
        yield h("path", tooltip, d=diamond, class_=style)
    else:
        yield h("circle", tooltip, cx=x, cy=line, r=6, class_=style)
    if point.lane is not None:
        top = _top(point.lane, line)
        yield h("text", step.label, x=x + 6, y=top, class_="t-label")
        yield h("text", step.note, x=x + 6, y=top + 13, class_="t-note")
