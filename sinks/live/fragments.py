"""The pieces that pages are made of and that live updates send: row, alert, countdown line, marked sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sinks import facts, headline, words
from sinks.live.board import Alert
from sinks.live.markup import Html, h, join, link
from sinks.marks import Piece, cut, place
from sinks.names import Names
from treatywatch.model import Case, Entry, Flag, Severity, Signal, Stage, Transition

_SAME_YEAR_DAYS = 300  # within this, a day and a month can only mean one year
_LADDER = (
    (Stage.ADVOCATED, Stage.CONSIDERED),
    (Stage.ANNOUNCED,),
    (Stage.APPROVED,),
    (Stage.NOTIFIED,),
    (Stage.EFFECTIVE,),
)


@dataclass(frozen=True, slots=True)
class View:
    """What every piece needs beside its case: the names and the present."""

    names: Names
    now: datetime

    @property
    def today(self) -> date:
        """The present day."""
        return self.now.date()


def badge(stage: Stage) -> Html:
    """Show a step as a coloured word."""
    return h("span", str(stage), class_=f"badge b-{stage}")


def ladder(stage: Stage) -> Html | None:
    """Show how far an exit has come as five pips; nothing for a counter-step. Decoration: the badge says the same."""
    reached = next((number for number, rung in enumerate(_LADDER) if stage in rung), None)
    if reached is None:
        return None
    pips = [h("i", class_="on" if number <= reached else None) for number in range(len(_LADDER))]
    return h("span", pips, class_=f"ladder l-{stage}", aria_hidden="true")


def flags(case: Case, *, short: bool = True) -> Html:
    """Show the flags of a case, each with its meaning as a tooltip; `short` for a line of a list."""
    shown = [flag for flag in case.flags if flag is not Flag.CONFLICT_CLAUSE]
    labels = [
        (flag, words.short_flag(flag) if short else words.flag(flag)[0], words.flag(flag)[1])
        for flag in dict.fromkeys(shown)
    ]
    return join(h("span", label, class_=f"flag f-{flag}", title=meaning) for flag, label, meaning in labels)


def severity(value: Severity) -> Html | None:
    """Show a severity that is worth a word."""
    return None if value is Severity.NONE else h("span", str(value), class_=f"severity s-{value}")


def moment(at: datetime, now: datetime) -> Html:
    """Write when something came: the time if today, else the date, with its year only if it is long ago.

    The full instant is the tooltip.
    """
    short = f"{at:%H:%M}" if at.date() == now.date() else words.day(at.date())
    if abs((now - at).days) < _SAME_YEAR_DAYS:
        short = short.removesuffix(f" {at.year}")
    return h("time", short, datetime=at.isoformat(), title=words.instant(at))


def sentence(signal: Signal) -> Html:
    """Write a report's sentence with its evidence marked; the title where the report kept no sentence."""
    text = signal.sentence or signal.title
    return join(_piece(piece) if piece.parts else piece.text for piece in cut(text, place(text, signal.evidence)))


def _piece(piece: Piece) -> Html:
    parts = " ".join(f"m-{_token(part)}" for part in piece.parts)
    return h("mark", piece.text, class_=parts, title=", ".join(piece.parts))


def source(signal: Signal) -> Html:
    """Say where a report stands: the outlet, linked to the article."""
    return link(signal.url, signal.outlet, class_="outlet")


def sources(entry: Entry | None, names: str = "") -> Html:
    """Say how many independent sources a step has; a tooltip says how they are counted, and names them where given."""
    how = "copies of one text count once"
    return h("span", words.count(words.sources(entry), "source"), title=f"{names}; {how}" if names else how)


def alert(item: Alert, view: View) -> Html:
    """Write one alert: what happened in one line, and the sentence that proves it."""
    case, transition = item.case, item.transition
    signal = facts.proof(case, transition)
    entry = facts.entry_of(case, transition)
    return h(
        "li",
        h(
            "p",
            moment(transition.at, view.now),
            h("a", words.title(view.names, case), href=words.case_path(case.id)),
            ": ",
            h("span", _what_and_when(case, transition, view.today), class_="what"),
            class_="line",
        ),
        h("blockquote", sentence(signal), lang=signal.language)
        if signal and (signal.sentence or signal.title)
        else None,
        h(
            "p",
            severity(transition.severity),
            badge(transition.stage),
            source(signal) if signal else None,
            sources(entry) if entry else None,
            h("span", "back-filled, not sent", class_="flag") if transition.alertable_at is None else None,
            h("span", "no longer reported", class_="flag") if facts.taken_back(case, transition) else None,
            flags(case),
            class_="meta",
        ),
        class_=f"alert s-{transition.severity}",
        id=f"alert-{transition.id}",
        data_case=case.id,
    )


def row(case: Case, view: View) -> Html:
    """Write one line of the list of cases."""
    entry = facts.standing(case)
    effect = words.effect(case, view.today, basis=False)
    what = words.step(case.stage, case.action, entry.institution if entry else None)
    return h(
        "li",
        h("div", badge(case.stage), ladder(case.stage), class_="stage"),
        h(
            "div",
            h("h3", h("a", words.title(view.names, case), href=words.case_path(case.id))),
            h(
                "p",
                h("span", what + (f" on {words.day(case.since)}" if case.since else "")),
                sources(entry),
                flags(case),
                class_="meta",
            ),
            class_="about",
        ),
        h("div", h("span", effect, class_="effect") if effect else None, left(case, view.today), class_="when"),
        h(
            "div",
            moment(facts.changed_at(case), view.now) if case.history else None,
            severity(case.severity),
            class_="changed",
        ),
        class_=f"case s-{case.severity}" + (" gone" if Flag.WITHDRAWN in case.flags else ""),
        id=f"case-{case.id}",
    )


def countdown(case: Case, view: View) -> Html | None:
    """Write one line of the countdown; none where the case does not belong there."""
    if case.effective_date is None or not facts.counts_down(case, view.today):
        return None
    on = case.effective_date.value
    return h(
        "li",
        h("a", words.title(view.names, case), href=words.case_path(case.id)),
        h(
            "span",
            h("time", words.day(on), datetime=on.isoformat()),
            h("span", str(case.effective_date.basis), class_="basis"),
            flags(case),
            class_="meta",
        ),
        left(case, view.today),
        id=f"countdown-{case.id}",
        data_on=on.isoformat(),
        class_="due" if on <= view.today else None,
    )


def left(case: Case, today: date) -> Html | None:
    """Say how long until the exit takes effect; none where it is not about to."""
    if case.effective_date is None or not facts.counts_down(case, today):
        return None
    on = case.effective_date.value
    return h("span", words.countdown(on, today), class_="left", data_until=on.isoformat())


def what(case: Case, transition: Transition) -> str:
    """Say what a transition is about, as messages do, with the page's short dates."""
    return headline.what(case, transition, facts.entry_of(case, transition), words.day)


def _what_and_when(case: Case, transition: Transition, today: date) -> str:
    # The same date behind every step of an exit would drown it: it stands behind the latest and behind the notice.
    latest = case.transitions[-1].id == transition.id if case.transitions else False
    due = latest or transition.stage is Stage.NOTIFIED
    effect = headline.effect(case, transition, today, words.day) if due else ""
    return f"{what(case, transition)}; {effect}" if effect else what(case, transition)


def _token(part: str) -> str:
    """The name of a part as a class name; parts come from our detector, but a record can hold anything."""
    return "".join(character for character in part if character.isascii() and character.isalnum()) or "other"
