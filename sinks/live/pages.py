"""The pages Now and "not here", and the frame around every page. Pure: data in, HTML out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sinks import words
from sinks.live import fragments
from sinks.live.board import Alert
from sinks.live.filters import Choice, Filter
from sinks.live.fragments import View
from sinks.live.markup import Child, Html, h
from treatywatch.model import Case, Flag, Severity, Stage

PAGE = 40  # cases on one page
ALERTS = 20  # alerts on the page


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of a page shows: how the program is, where in the stream the page was made, file versions."""

    wall: datetime
    started: datetime
    last_record: datetime | None
    caught_up: bool
    cases: int
    unreadable: int
    story_day: str | None  # the day a replay has come to; none when the story is today's
    position: str
    assets: str


@dataclass(frozen=True, slots=True)
class Now:
    """What Now shows: `cases` of `matching` stand on this page; `steps` counts what the other filters let through."""

    alerts: Sequence[Alert]
    cases: Sequence[Case]
    countdown: Sequence[Case]
    matching: int
    page: int
    filter: Filter
    choices: dict[str, list[Choice]]
    steps: Counter[Stage]


def now_page(now: Now, view: View, frame: Frame) -> Html:
    """Write the page that a desk leaves open."""
    main = h(
        "main",
        h("h1", "Treaty exits, now", class_="hidden"),
        _steps(now),
        _jumps(),
        h("div", _alerts(now, view, frame), _cases(now, view, frame), _countdown(now, view), class_="columns"),
        id="main",
        data_page=now.page,
        data_most=PAGE,
        data_alerts=ALERTS,
    )
    demo = any(Flag.ILLUSTRATIVE in case.flags for case in now.cases)
    return document("Now", main, frame, stream="/events" + now.filter.query(), demo=demo)


def missing_page(frame: Frame, what: str, hint: str) -> Html:
    """Write the page for an address that leads nowhere."""
    main = h(
        "main",
        h("h1", what),
        h("p", hint),
        h("p", h("a", "See what is happening now", href="/", class_="button")),
        id="main",
        class_="message",
    )
    return document(what, main, frame)


def document(title: str, main: Html, frame: Frame, stream: str | None = None, *, demo: bool = False) -> Html:
    """Put the frame round a page. `stream` is the address of its live updates."""
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("title", f"{title} · treatywatch"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="color-scheme", content="light dark"),
        h("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        h("link", rel="stylesheet", href=f"/static/style.css?v={frame.assets}"),
        h("script", src=f"/static/app.js?v={frame.assets}", type="module"),
        # Without a script the page looks for news by itself once a minute.
        h("noscript", h("meta", http_equiv="refresh", content="60")) if stream else None,
    )
    body = h(
        "body",
        h("a", "Skip to content", href="#main", class_="skip"),
        h("header", h("a", h("b", "treaty"), "watch", href="/", class_="brand"), status(frame), class_="top"),
        h(
            "p",
            "Illustrative demo data: outlets and headlines are made up, the events and dates are true.",
            class_="demo",
        )
        if demo
        else None,
        main,
        h(
            "footer",
            h("p", "treatywatch reads public news and shows what is reported, with the sentence that says so."),
            h("p", h("a", "Feeds", href="/feeds"), f" · Running since {words.instant(frame.started)}."),
        ),
        h("p", id="announcer", class_="hidden", aria_live="polite", role="status"),
        data_stream=stream,
        data_position=frame.position,
    )
    return Html("<!doctype html>" + h("html", head, body, lang="en"))


def status(frame: Frame) -> Html:
    """Show that the program is alive, also when there is no news."""
    if frame.caught_up:
        state = h("b", f"Up to date at {frame.wall:%H:%M} UTC", id="connection")
    else:
        state = h("b", "Reading earlier records …", id="connection")
    last = frame.last_record
    return h(
        "div",
        h("span", class_="dot " + ("ok" if frame.caught_up else "busy"), id="dot"),
        state,
        h("span", "story day ", h("b", frame.story_day, id="story-day"), class_="story") if frame.story_day else None,
        h(
            "span",
            "last record ",
            h("time", words.instant(last), datetime=last.isoformat(), data_relative=True, id="last-record")
            if last
            else h("time", "none yet", id="last-record"),
        ),
        h("span", h("b", f"{frame.cases:,}", id="case-count"), " cases"),
        h("span", words.count(frame.unreadable, "unreadable record"), class_="trouble") if frame.unreadable else None,
        class_="status",
        id="status",
        data_caught_up="true" if frame.caught_up else "false",
    )


def _jumps() -> Html:
    """Ways down the page, for screens that are too narrow to show its parts side by side."""
    parts = (("alerts", "Alerts"), ("cases", "Cases"), ("countdown", "About to take effect"))
    links = (h("a", name, href=f"#{id}-title") for id, name in parts)
    return h("nav", links, class_="jumps", aria_label="Parts of the page")


def _steps(now: Now) -> Html:
    """The steps as a row of links: counts, and a filter in one click."""
    every = sum(now.steps.values())
    links: list[Child] = [_step_link(now.filter, None, "all", every)]
    links += [_step_link(now.filter, stage, str(stage), now.steps[stage]) for stage in Stage]
    return h("nav", h("ul", links), class_="steps", aria_label="Filter by step")


def _step_link(chosen: Filter, stage: Stage | None, label: str, cases: int) -> Html:
    here = chosen.stage == (stage or "")
    link = h(
        "a",
        h("span", label, class_=f"badge b-{stage}" if stage else "badge"),
        h("b", f"{cases:,}", id=f"step-{label}"),
        href="/" + chosen.query(stage=stage or ""),
        aria_current="true" if here else None,
    )
    return h("li", link, hidden=not cases and not here and stage is not None)  # there for the script to fill


def _alerts(now: Now, view: View, frame: Frame) -> Html:
    alerts = (fragments.alert(alert, view) for alert in now.alerts)
    return _listed("alerts", "Alerts", alerts, _quiet(now, frame))


def _quiet(now: Now, frame: Frame) -> Html:
    """What stands where no alert is: shown by the style sheet only while the list is empty."""
    if not frame.caught_up:
        text = "Reading what was recorded earlier. Alerts appear here in a moment."
    elif now.filter.active:
        text = "No alert passes the filter. New ones appear here by themselves."
    else:
        text = "Quiet: no state has been reported to move. New alerts appear here by themselves."
    return h("p", text, class_="empty")


def _cases(now: Now, view: View, frame: Frame) -> Html:
    empty = "No case passes the filter." if now.filter.active else "No case yet."
    if not frame.caught_up:
        empty = "Reading what was recorded earlier."
    return h(
        "section",
        h(
            "div",
            h("h2", "Cases ", h("span", f"{now.matching:,}", class_="count", id="matching"), id="cases-title"),
            _form(now),
            class_="bar",
        ),
        h("ol", (fragments.row(case, view) for case in now.cases), id="cases", aria_labelledby="cases-title"),
        h("p", empty, class_="empty"),
        _pager(now),
        class_="cases",
        aria_labelledby="cases-title",
    )


def _countdown(now: Now, view: View) -> Html:
    dates = (fragments.countdown(case, view) for case in now.countdown)
    return _listed("countdown", "About to take effect", dates, h("p", "No exit has a date ahead.", class_="empty"))


def _listed(name: str, title: str, lines: Iterable[Html | None], empty: Html) -> Html:
    """Write a section that the script adds to: a list by its name, and what stands there while it is empty."""
    heading = f"{name}-title"
    return h(
        "section",
        h("h2", title, id=heading),
        h("ol", lines, id=name, aria_labelledby=heading),
        empty,
        class_=name,
        aria_labelledby=heading,
    )


def _form(now: Now) -> Html:
    chosen = now.filter
    severities = [Choice(str(value), f"{value} or more", 0) for value in (Severity.NOTICE, Severity.URGENT)]
    severities[-1] = Choice(str(Severity.URGENT), "urgent only", 0)
    return h(
        "form",
        h("input", type="hidden", name="stage", value=chosen.stage) if chosen.stage else None,
        _select("treaty", "Treaty", "All treaties", now.choices["treaty"], chosen.treaty),
        _select("actor", "State", "All states", now.choices["actor"], chosen.actor),
        _select("kind", "Kind", "All kinds", now.choices["kind"], chosen.kind),
        _select("severity", "Severity", "Any severity", severities, chosen.severity),
        h("button", "Apply", type="submit"),
        h("a", "Clear", href="/", class_="clear") if chosen.active else None,
        method="get",
        action="/",
        id="filters",
        aria_label="Filter cases",
    )


def _select(name: str, label: str, everything: str, options: Sequence[Choice], chosen: str) -> Html:
    known = {option.value for option in options}
    more = [Choice(chosen, chosen, 0)] if chosen and chosen not in known else []
    return h(
        "label",
        h("span", label, class_="hidden"),
        h(
            "select",
            h("option", everything, value=""),
            (
                h(
                    "option",
                    option.label + (f" ({option.cases:,})" if option.cases else ""),
                    value=option.value,
                    selected=option.value == chosen,
                )
                for option in [*options, *more]
            ),
            name=name,
            class_="set" if chosen else None,
        ),
    )


def _pager(now: Now) -> Html | None:
    last = max(1, -(-now.matching // PAGE))
    if last == 1:
        return None
    before = h("a", "Newer", href="/" + now.filter.query(page=now.page - 1), rel="prev") if now.page > 1 else None
    after = h("a", "Older", href="/" + now.filter.query(page=now.page + 1), rel="next") if now.page < last else None
    return h("nav", before, h("span", f"Page {now.page:,} of {last:,}"), after, class_="pager", aria_label="Pages")
