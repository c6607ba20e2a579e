"""The page of one case: what happened, drawn and listed, each step with the sentences that prove it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from urllib.parse import urlencode

from sinks import background, facts, words
from sinks.live import fragments
from sinks.live.fragments import View
from sinks.live.markup import Child, Html, h, join, web_address
from sinks.live.pages import Frame, document
from sinks.live.timeline import draw
from treatywatch.history import Known
from treatywatch.model import Basis, Case, Entry, Flag, Severity, Signal, Stance, Transition

SHOWN = 3  # reports of a step before the rest is folded away
_PARTS = ("actor", "treaty", "act", "stage", "institution", "speaker", "date", "negation", "hedge")


def case_page(case: Case, view: View, frame: Frame, others: Sequence[Case] = (), as_of: str | None = None) -> Html:
    """Write the page of a case, `others` being the cases of its treaty; with `as_of`, as it was known on that day."""
    title = words.title(view.names, case)
    main = h(
        "main",
        _head(case, title, view),
        _past(case, as_of),
        _drawing(case, title, view),
        h("div", _steps(case, view), h("aside", _side(case, view, others)), class_="columns two"),
        id="main",
        class_="one-case",
    )
    stream = None if as_of else "/events?" + urlencode({"case": case.id}, errors="replace")
    return document(title, main, frame, stream=stream, demo=Flag.ILLUSTRATIVE in case.flags)


def _head(case: Case, title: str, view: View) -> Html:
    entry = facts.standing(case)
    what = words.step(case.stage, case.action, entry.institution if entry else None)
    effect = words.effect(case, view.today)
    path = words.case_path(case.id)
    return h(
        "header",
        h("p", h("a", "Now", href="/"), " / ", h("span", case.id), class_="crumbs"),
        h("h1", title),
        h(
            "p",
            fragments.badge(case.stage),
            fragments.ladder(case.stage),
            h("span", what + (f" on {words.day(case.since)}" if case.since else ""), class_="what"),
            h("span", effect, class_="effect") if effect else None,
            fragments.left(case, view.today),
            fragments.severity(case.severity),
            fragments.flags(case, short=False),
            class_="meta",
        ),
        _notes(case),
        h(
            "p",
            h("a", "Permanent link", href=path, rel="bookmark"),
            h("a", "JSON", href=f"{path}.json", type="application/json"),
            class_="links",
        ),
        class_="head",
    )


def _notes(case: Case) -> Html:
    """What a reader must know before quoting the case."""
    notes: list[Child] = [h("li", words.flag(flag)[1]) for flag in dict.fromkeys(case.flags)]
    if case.effective_date and case.effective_date.note:
        notes.append(h("li", case.effective_date.note))
    if case.superseded_by:
        other = h("a", case.superseded_by, href=words.case_path(case.superseded_by))
        notes.append(h("li", "This case is now kept as ", other, "."))
    return h("ul", notes, class_="notes") if notes else Html()


def _drawing(case: Case, title: str, view: View) -> Html | None:
    drawing = draw(case, view.today, title)
    if drawing is None:
        return None
    # The frame scrolls where the screen is narrow, and can be reached by keyboard to do so.
    return h("div", drawing, class_="drawing", tabindex="0", role="group", aria_label="Timeline, scrolls sideways")


def _steps(case: Case, view: View) -> Html:
    newest_first = list(reversed(case.history))
    return h(
        "section",
        h("div", h("h2", "Steps", id="steps-title"), _legend(case), class_="bar"),
        h("ol", (_step(entry, view) for entry in newest_first), class_="history")
        if newest_first
        else h("p", "No report of a step is left.", class_="empty"),
        aria_labelledby="steps-title",
    )


def _legend(case: Case) -> Html | None:
    parts = {span.part for signal in facts.reports(case) for span in signal.evidence}
    shown = [part for part in _PARTS if part in parts]
    return h("p", (h("mark", part, class_=f"m-{part}") for part in shown), class_="legend") if shown else None


def _step(entry: Entry, view: View) -> Html:
    reports = sorted(entry.evidence, key=lambda signal: (-signal.confidence, signal.id))
    more = reports[SHOWN:]
    reported = facts.first_reported(entry)
    on = words.day(entry.event_date) if entry.event_date else "date not reported"
    return h(
        "li",
        h(
            "div",
            fragments.badge(entry.stage),
            h("h3", words.step(entry.stage, entry.action, entry.institution)),
            h("span", on, class_="on"),
            class_="step-head",
        ),
        h(
            "p",
            fragments.sources(entry, ", ".join(entry.owners)),
            h("span", f"confidence {entry.confidence:.0%}"),
            h("span", "first reported ", fragments.moment(reported, view.now)) if reported else None,
            fragments.severity(entry.severity),
            class_="meta",
        ),
        (_report(signal, view) for signal in reports[:SHOWN]),
        h("details", h("summary", words.count(len(more), "more report")), (_report(signal, view) for signal in more))
        if more
        else None,
        class_=f"step k-{entry.stage}",
    )


def _report(signal: Signal, view: View) -> Html:
    speaker = signal.speaker
    doubt = words.hedge(signal.hedge)
    claims = [f"event {words.day(signal.event_date)}"] if signal.event_date else []
    claims += [f"effect {words.day(signal.effective_date)}"] if signal.effective_date else []
    return h(
        "article",
        h("blockquote", fragments.sentence(signal), lang=signal.language, cite=web_address(signal.url)),
        h(
            "p",
            fragments.source(signal),
            h("span", f"owner: {signal.owner}") if signal.owner not in {signal.outlet, "unknown"} else None,
            fragments.moment(signal.published, view.now) if signal.published else None,
            h("span", f"said by {words.speaker(speaker.kind)}: {speaker.text}") if speaker else None,
            h("span", doubt) if doubt else None,
            h("span", "the report gives: " + ", ".join(claims)) if claims else None,
            h("span", f"confidence {signal.confidence:.0%}"),
            h("span", f"revision {signal.revision}") if signal.revision > 1 else None,
            class_="meta",
        ),
        h(
            "details",
            h("summary", "Why this counts"),
            h("p", "Rules that fired: ", join((h("code", rule) for rule in signal.rules), " "))
            if signal.rules
            else h("p", "No rule is recorded."),
            h("p", f"Title: {signal.title}") if signal.title and signal.title != signal.sentence else None,
            h("p", f"Detector {signal.detector_version or '?'}, register {signal.register_version or '?'}."),
            class_="why",
        ),
        class_="report",
    )


def _past(case: Case, as_of: str | None) -> Html:
    """The choice of a past day, and on which one the page stands."""
    path = words.case_path(case.id)
    label = h("label", "As known on ", h("input", type="date", name="as-of", value=as_of, required=True))
    form = h("form", label, h("button", "Show", type="submit"), method="get", action=path, class_="past")
    if as_of is None:
        return form
    return h(
        "div",
        form,
        h(
            "p",
            f"This is the case as it was known at the end of {as_of} UTC. ",
            h("a", "See it as it is now", href=path),
        ),
        role="note",
        class_="past",
    )


def _side(case: Case, view: View, others: Sequence[Case]) -> Iterator[Html | None]:
    yield _background(case, view, others)
    yield _why(case)
    yield _voices(case, view)
    yield _transitions(case, view)
    yield _treaty(case, view)


def _background(case: Case, view: View, others: Sequence[Case]) -> Html | None:
    """Where the exit stands among those of its treaty, and what is known of the state and of the treaty from before."""
    sentence = background.of_step(case, case.stage, case.since or view.today, view.names, others)
    known = [row for row in view.names.history if case.treaty and row.treaty == case.treaty]
    known = sorted(known, key=lambda row: (case.actor not in row.states, [s.on for s in row.told][-1:]))
    lines = [
        h("li", f"{', '.join(map(view.names.actor, row.states)) or row.group}: {row.outcome}, {_span(row)}")
        for row in known
    ]
    if not sentence and not lines:
        return None
    more = h("details", h("summary", words.count(len(lines), "known case")), h("ul", lines)) if lines else None
    return _panel("Background", h("p", f"{sentence}.") if sentence else None, more)


def _span(row: Known) -> str:
    years = sorted({step.written[:4] for step in row.told})
    return "–".join(dict.fromkeys((years[0], years[-1]))) if years else "undated"


def _why(case: Case) -> Html | None:
    if not case.reasons:
        return None
    return _panel(
        "How sure, how loud",
        h("p", h("b", f"{case.confidence:.0%}"), " confidence, severity ", h("b", str(case.severity))),
        h("ul", (h("li", reason) for reason in case.reasons)),
    )


def _voices(case: Case, view: View) -> Html | None:
    said: list[Child] = []
    for stance in Stance:
        states = sorted({view.names.actor(p.state) for p in case.positions if p.stance is stance})
        if states:
            said.append(h("dt", words.stance(stance)))
            said.append(h("dd", ", ".join(states)))
    speakers = sorted({(str(s.speaker.kind), s.speaker.text, s.outlet) for s in facts.reports(case) if s.speaker})
    for kind, spoken in groupby(speakers, key=lambda row: row[0]):
        names = dict.fromkeys(text for _, text, _ in spoken)
        said.append(h("dt", f"Speaking: {kind.replace('_', ' ')}"))
        said.append(h("dd", ", ".join(names)))
    return _panel("Voices", h("dl", said)) if said else None


def _transitions(case: Case, view: View) -> Html | None:
    if not case.transitions:
        return None
    newest: Sequence[Transition] = sorted(case.transitions, key=facts.told_at, reverse=True)
    return _panel(
        "What people were told",
        h("ol", (_transition(case, transition, view) for transition in newest), class_="told"),
    )


def _transition(case: Case, transition: Transition, view: View) -> Html:
    if transition.alertable_at:
        told = h(
            "span",
            [
                "alerted ",
                h("time", words.instant(transition.alertable_at), datetime=transition.alertable_at.isoformat()),
            ],
        )
    elif transition.severity is Severity.NONE:
        told = h("span", "held back: not weighty enough by itself")
    else:
        told = h("span", "not alerted: back-filled")
    return h(
        "li",
        fragments.moment(transition.at, view.now),
        h("span", fragments.what(case, transition), class_="what"),
        h("span", fragments.severity(transition.severity), told, class_="meta"),
        id=f"transition-{transition.id}",
    )


def _treaty(case: Case, view: View) -> Html:
    instrument = view.names.register.get(case.treaty)
    if instrument is None:
        return _panel("The treaty", h("p", f"“{case.treaty_text}” is not in the register: no notice period is known."))
    rows: list[tuple[str, str | None]] = [
        ("Name", instrument.official),
        ("Kind", instrument.kind),
        ("Depositary", instrument.depositary),
        ("Exit", instrument.exit_article),
        ("Notice", _period(instrument.notice)),
        ("During a conflict", "exit waits for its end" if instrument.conflict_clause else None),
    ]
    effect = case.effective_date
    if effect:
        basis = "computed from the notice period" if effect.basis is Basis.COMPUTED else "as claimed in a report"
        rows.append(("Date of effect", f"{words.day(effect.value)}, {basis}"))
    return _panel("The treaty", h("dl", ((h("dt", name), h("dd", text)) for name, text in rows if text)))


def _period(period: str | None) -> str | None:
    """Say an ISO 8601 duration of one unit in words: P6M is "6 months"."""
    if not period:
        return None
    unit = {"Y": "year", "M": "month", "D": "day"}[period[-1]]
    return words.count(int(period[1:-1]), unit)


def _panel(title: str, *children: Child) -> Html:
    return h("section", h("h2", title), *children, class_="panel")
